// SPDX-License-Identifier: Apache-2.0
// The register file behind one APB4 port, shared by all filters. Zero wait states. Secure only: a
// non-secure access gets PSLVERR, has no effect and reads 0, at every offset. Reserved offsets read
// 0, writes to them and to read-only registers are ignored, without an error. PSTRB is honoured.
// A write takes effect from the cycle after PREADY. The failure logs and the gate status belong to
// the filters and are only read here; INT_CLEAR reaches them in the cycle of the write. Regions and
// the extension block (Ext = 1) have modules of their own.

`include "assert.svh"

module tzasc_regs
  import tzasc_pkg::*;
#(
  parameter  int unsigned NumFilters = 4,
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned IdW        = 7,
  parameter  int unsigned Ext        = 1,
  localparam int unsigned PageW      = AddrW - 12
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic                  s_apb_psel,
  input  logic                  s_apb_penable,
  input  logic                  s_apb_pwrite,
  input  logic [11:0]           s_apb_paddr,
  input  logic [31:0]           s_apb_pwdata,
  input  logic [3:0]            s_apb_pstrb,
  input  logic [2:0]            s_apb_pprot,
  output logic                  s_apb_pready,
  output logic [31:0]           s_apb_prdata,
  output logic                  s_apb_pslverr,

  output logic [1:0]            action_o,
  output logic [1:0]            spec_disable_o,  // {write, read}
  output logic [NumFilters-1:0] gate_open_o,
  output logic [NumFilters-1:0] clear_o,
  output logic [NumRegions-1:0] region_en_o    [NumFilters],
  output logic [PageW-1:0]      region_base_o  [NumRegions],
  output logic [PageW-1:0]      region_top_o   [NumRegions],
  output logic [NumRegions-1:0] secure_rd_en_o,
  output logic [NumRegions-1:0] secure_wr_en_o,
  output logic [15:0]           nsaid_rd_en_o  [NumRegions],
  output logic [15:0]           nsaid_wr_en_o  [NumRegions],

  input  logic [NumFilters-1:0] gate_status_i,
  input  logic [NumFilters-1:0] fail_status_i,
  input  logic [NumFilters-1:0] fail_overrun_i,
  input  logic [NumFilters-1:0] fail_overlap_i,
  input  logic [AddrW-1:0]      fail_addr_i    [NumFilters],
  input  logic [IdW-1:0]        fail_id_i      [NumFilters],
  input  logic [NumFilters-1:0] fail_write_i,
  input  logic [NumFilters-1:0] fail_nonsecure_i,
  input  logic [NumFilters-1:0] fail_privileged_i,
  input  logic [3:0]            fail_nsaid_i   [NumFilters],

  // What the extension block counts, by filter.
  input  logic [NumFilters-1:0] ext_rd_deny_i,
  input  logic [NumFilters-1:0] ext_wr_deny_i,
  input  logic [NumFilters-1:0] ext_rd_allow_i,
  input  logic [NumFilters-1:0] ext_wr_allow_i,
  input  logic [NumFilters-1:0] ext_stall_i,
  input  logic [NumFilters-1:0] ext_wlast_wrong_i,
  input  logic [NumFilters-1:0] ext_crossing_i
);

  localparam int unsigned RegionW = $clog2(NumRegions);
  localparam int unsigned FilterW = (NumFilters > 1) ? $clog2(NumFilters) : 1;

  localparam logic [31:0] BuildConfig = {6'd0, 2'(NumFilters - 1), 10'd0, 6'(AddrW - 1), 3'd0,
                                         5'(NumRegions - 1)};

  // Decode.
  logic               access, write;
  logic [11:0]        offset;
  logic               in_regions, in_fails, in_ids, in_ext;
  logic [RegionW-1:0] region;
  logic [FilterW-1:0] filter;

  assign access     = s_apb_psel & ~s_apb_pprot[1];
  assign write      = access & s_apb_penable & s_apb_pwrite;
  assign offset     = {s_apb_paddr[11:2], 2'b00};
  assign in_regions = offset >= RegionOffset && offset < RegionOffset + 12'(32 * NumRegions);
  assign in_fails   = offset >= FailOffset && offset < FailOffset + 12'(16 * NumFilters);
  assign in_ext     = offset[11:8] == ExtOffset[11:8];
  assign in_ids     = offset >= IdOffset;
  assign region     = RegionW'((offset - RegionOffset) >> 5);
  assign filter     = FilterW'((offset - FailOffset) >> 4);

  logic [31:0]           region_word, ext_word;
  logic [NumRegions-1:0] lock;
  logic                  shadow, enter, commit, leave, pending;

  tzasc_regions #(
    .NumFilters(NumFilters),
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .Shadow    (Ext)
  ) u_regions (
    .clk_i,
    .rst_ni,
    .access_i (access && in_regions),
    .write_i  (write && in_regions),
    .region_i (region),
    .word_i   (offset[4:2]),
    .wdata_i  (s_apb_pwdata),
    .strb_i   (s_apb_pstrb),
    .word_o   (region_word),
    .lock_i   (lock),
    .shadow_i (shadow),
    .enter_i  (enter),
    .commit_i (commit),
    .leave_i  (leave),
    .pending_o(pending),
    .region_en_o, .region_base_o, .region_top_o, .secure_rd_en_o, .secure_wr_en_o,
    .nsaid_rd_en_o, .nsaid_wr_en_o
  );

  if (Ext == 0) begin : gen_no_ext
    assign ext_word = '0;
    assign lock     = '0;
    assign shadow   = 1'b0;
    assign enter    = 1'b0;
    assign commit   = 1'b0;
    assign leave    = 1'b0;

    logic unused_ext;
    always_comb begin
      unused_ext = ^{in_ext, pending, ext_rd_deny_i, ext_wr_deny_i, ext_rd_allow_i, ext_wr_allow_i,
                     ext_stall_i, ext_wlast_wrong_i, ext_crossing_i};
      for (int unsigned f = 0; f < NumFilters; f++) begin
        unused_ext ^= ^fail_nsaid_i[f];
      end
    end
  end else begin : gen_ext
    tzasc_ext #(
      .NumFilters(NumFilters),
      .NumRegions(NumRegions)
    ) u_ext (
      .clk_i,
      .rst_ni,
      .access_i     (access && in_ext),
      .write_i      (write && in_ext),
      .offset_i     (offset[7:0]),
      .wdata_i      (s_apb_pwdata),
      .strb_i       (s_apb_pstrb),
      .word_o       (ext_word),
      .lock_o       (lock),
      .shadow_o     (shadow),
      .enter_o      (enter),
      .commit_o     (commit),
      .leave_o      (leave),
      .pending_i    (pending),
      .rd_deny_i    (ext_rd_deny_i),
      .wr_deny_i    (ext_wr_deny_i),
      .rd_allow_i   (ext_rd_allow_i),
      .wr_allow_i   (ext_wr_allow_i),
      .stall_i      (ext_stall_i),
      .wlast_wrong_i(ext_wlast_wrong_i),
      .crossing_i   (ext_crossing_i),
      .fail_nsaid_i
    );
  end

  // Control registers: all of their writable bits are in the lowest byte.
  logic low_write;

  assign low_write = write & s_apb_pstrb[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      action_o       <= '0;
      gate_open_o    <= '0;
      spec_disable_o <= '0;
    end else if (low_write) begin
      unique case (offset)
        ActionOffset:      action_o       <= s_apb_pwdata[1:0];
        GateKeeperOffset:  gate_open_o    <= s_apb_pwdata[NumFilters-1:0];
        SpecControlOffset: spec_disable_o <= s_apb_pwdata[1:0];
        default: ;
      endcase
    end
  end

  assign clear_o = (low_write && offset == IntClearOffset) ? s_apb_pwdata[NumFilters-1:0] : '0;

  // Reads.
  logic [63:0] fail_addr;
  logic [31:0] fail_word;

  always_comb begin
    fail_addr = '0;
    fail_word = '0;
    if (access && in_fails) begin
      fail_addr = 64'(fail_addr_i[filter]);
      unique case (offset[3:2])
        FailAddressLow:  fail_word = fail_addr[31:0];
        FailAddressHigh: fail_word = fail_addr[63:32];
        FailControl:     fail_word = {7'd0, fail_write_i[filter], 2'd0, fail_nonsecure_i[filter],
                                      fail_privileged_i[filter], 20'd0};
        FailId:          fail_word = 32'(fail_id_i[filter]);
        default:         fail_word = '0;
      endcase
    end
  end

  always_comb begin
    s_apb_prdata = '0;
    if (access && !s_apb_pwrite) begin
      if (in_regions) begin
        s_apb_prdata = region_word;
      end else if (in_ext) begin
        s_apb_prdata = ext_word;
      end else if (in_fails) begin
        s_apb_prdata = fail_word;
      end else if (in_ids) begin
        s_apb_prdata = 32'(id_byte(4'((offset - IdOffset) >> 2)));
      end else begin
        unique case (offset)
          BuildConfigOffset: s_apb_prdata = BuildConfig;
          ActionOffset:      s_apb_prdata = 32'(action_o);
          GateKeeperOffset:  s_apb_prdata = {16'(gate_status_i), 16'(gate_open_o)};
          SpecControlOffset: s_apb_prdata = 32'(spec_disable_o);
          IntStatusOffset:   s_apb_prdata = {8'd0, 8'(fail_overlap_i), 8'(fail_overrun_i),
                                             8'(fail_status_i)};
          default:           s_apb_prdata = '0;
        endcase
      end
    end
  end

  assign s_apb_pready  = 1'b1;
  assign s_apb_pslverr = s_apb_psel & s_apb_penable & s_apb_pprot[1];

  logic unused_apb;
  assign unused_apb = ^{s_apb_paddr[1:0], s_apb_pprot[2], s_apb_pprot[0]};

  // Assertions //

  `RF_ASSERT(NonsecureReadsZero_A, !s_apb_pslverr || s_apb_prdata == '0, clk_i, rst_ni)
  `RF_ASSERT(NonsecureWritesNothing_A, !s_apb_pslverr || (!write && clear_o == '0), clk_i, rst_ni)

endmodule
