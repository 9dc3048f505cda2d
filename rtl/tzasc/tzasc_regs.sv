// SPDX-License-Identifier: Apache-2.0
// The register file behind one APB4 port, shared by all filters. Zero wait states. Secure only: a
// non-secure access gets PSLVERR, has no effect and reads 0, at every offset. Reserved offsets read
// 0, writes to them and to read-only registers are ignored, without an error. PSTRB is honoured.
// A write takes effect from the cycle after PREADY. The failure logs and the gate status belong to
// the filters and are only read here; INT_CLEAR reaches them in the cycle of the write.

`include "assert.svh"

module tzasc_regs
  import tzasc_pkg::*;
#(
  parameter  int unsigned NumFilters = 4,
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned IdW        = 7,
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
  input  logic [NumFilters-1:0] fail_privileged_i
);

  localparam int unsigned RegionW = $clog2(NumRegions);
  localparam int unsigned FilterW = (NumFilters > 1) ? $clog2(NumFilters) : 1;

  localparam logic [31:0] BuildConfig = {6'd0, 2'(NumFilters - 1), 10'd0, 6'(AddrW - 1), 3'd0,
                                         5'(NumRegions - 1)};

  function automatic logic [31:0] merge(input logic [31:0] stored, input logic [31:0] wdata,
                                        input logic [3:0] strb);
    for (int unsigned b = 0; b < 4; b++) begin
      merge[8*b+:8] = strb[b] ? wdata[8*b+:8] : stored[8*b+:8];
    end
  endfunction

  // Decode.
  logic               access, write;
  logic [11:0]        offset;
  logic               in_regions, in_fails, in_ids;
  logic [RegionW-1:0] region;
  logic [FilterW-1:0] filter;

  assign access     = s_apb_psel & ~s_apb_pprot[1];
  assign write      = access & s_apb_penable & s_apb_pwrite;
  assign offset     = {s_apb_paddr[11:2], 2'b00};
  assign in_regions = offset >= RegionOffset && offset < RegionOffset + 12'(32 * NumRegions);
  assign in_fails   = offset >= FailOffset && offset < FailOffset + 12'(16 * NumFilters);
  assign in_ids     = offset >= IdOffset;
  assign region     = RegionW'((offset - RegionOffset) >> 5);
  assign filter     = FilterW'((offset - FailOffset) >> 4);

  // Region registers. Region 0 covers everything on every filter; only its permissions can change.
  // A page number is kept as wide as the registers that show it, 52 bits, before it is cut to size.
  logic [PageW-1:0]      base_q [NumRegions];
  logic [PageW-1:0]      top_q  [NumRegions];
  logic [NumFilters-1:0] en_q   [NumRegions];
  logic [NumRegions-1:0] secure_rd_q, secure_wr_q;
  logic [15:0]           nsaid_rd_q [NumRegions];
  logic [15:0]           nsaid_wr_q [NumRegions];

  logic [51:0] base, top;
  logic [NumFilters-1:0] en;
  logic [31:0] region_word, region_new;

  always_comb begin
    base        = '0;
    top         = '0;
    en          = '0;
    region_word = '0;
    if (access && in_regions) begin
      base = (region == '0) ? '0 : 52'(base_q[region]);
      top  = (region == '0) ? 52'({PageW{1'b1}}) : 52'(top_q[region]);
      en   = (region == '0) ? {NumFilters{1'b1}} : en_q[region];
      unique case (offset[4:2])
        RegionBaseLow:    region_word = {base[19:0], 12'h000};
        RegionBaseHigh:   region_word = base[51:20];
        RegionTopLow:     region_word = {top[19:0], 12'hFFF};
        RegionTopHigh:    region_word = top[51:20];
        RegionAttributes: region_word = {secure_wr_q[region], secure_rd_q[region], 30'(en)};
        RegionIdAccess:   region_word = {nsaid_wr_q[region], nsaid_rd_q[region]};
        default:          region_word = '0;
      endcase
    end
  end

  assign region_new = merge(region_word, s_apb_pwdata, s_apb_pstrb);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      secure_rd_q <= '0;
      secure_wr_q <= '0;
      for (int unsigned n = 0; n < NumRegions; n++) begin
        base_q[n]     <= '0;
        top_q[n]      <= '0;
        en_q[n]       <= '0;
        nsaid_rd_q[n] <= '0;
        nsaid_wr_q[n] <= '0;
      end
    end else if (write && in_regions) begin
      unique case (offset[4:2])
        RegionBaseLow:  base_q[region] <= PageW'({base[51:20], region_new[31:12]});
        RegionBaseHigh: base_q[region] <= PageW'({region_new, base[19:0]});
        RegionTopLow:   top_q[region]  <= PageW'({top[51:20], region_new[31:12]});
        RegionTopHigh:  top_q[region]  <= PageW'({region_new, top[19:0]});
        RegionAttributes: begin
          secure_wr_q[region] <= region_new[31];
          secure_rd_q[region] <= region_new[30];
          en_q[region]        <= region_new[NumFilters-1:0];
        end
        RegionIdAccess: begin
          nsaid_wr_q[region] <= region_new[31:16];
          nsaid_rd_q[region] <= region_new[15:0];
        end
        default: ;
      endcase
    end
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

  // Outputs to the filters.
  always_comb begin
    for (int unsigned f = 0; f < NumFilters; f++) begin
      region_en_o[f] = '0;
      for (int unsigned n = 0; n < NumRegions; n++) begin
        region_en_o[f][n] = (n == 0) || en_q[n][f];
      end
    end
  end

  assign region_base_o  = base_q;
  assign region_top_o   = top_q;
  assign secure_rd_en_o = secure_rd_q;
  assign secure_wr_en_o = secure_wr_q;
  assign nsaid_rd_en_o  = nsaid_rd_q;
  assign nsaid_wr_en_o  = nsaid_wr_q;

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
