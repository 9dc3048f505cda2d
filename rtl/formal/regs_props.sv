// SPDX-License-Identifier: Apache-2.0
// Proof of the register file: the real tzasc_regs against the register table of the specification.
// One region (symbolic: any of the nine, fixed for the run) and the control registers are kept in a
// model of words; every read of every offset, and every output, is compared with it in every cycle.
// A write is in the model from the next cycle on, so an output that moved earlier would differ.
// Rules for the APB master: none. Reductions: without the extension block; else none (4 filters, 9
// regions, 40-bit addresses).

`include "prove.svh"

module regs_props #(
  localparam int unsigned NumFilters = 4,
  localparam int unsigned NumRegions = 9,
  localparam int unsigned AddrW      = 40,
  localparam int unsigned IdW        = 7,
  localparam int unsigned PageW      = AddrW - 12
) (
  input logic                  clk_i,
  input logic                  s_apb_psel,
  input logic                  s_apb_penable,
  input logic                  s_apb_pwrite,
  input logic [11:0]           s_apb_paddr,
  input logic [31:0]           s_apb_pwdata,
  input logic [3:0]            s_apb_pstrb,
  input logic [2:0]            s_apb_pprot,
  input logic [NumFilters-1:0] gate_status_i,
  input logic [NumFilters-1:0] fail_status_i,
  input logic [NumFilters-1:0] fail_overrun_i,
  input logic [NumFilters-1:0] fail_overlap_i,
  input logic [AddrW-1:0]      fail_addr_i    [NumFilters],
  input logic [IdW-1:0]        fail_id_i      [NumFilters],
  input logic [NumFilters-1:0] fail_write_i,
  input logic [NumFilters-1:0] fail_nonsecure_i,
  input logic [NumFilters-1:0] fail_privileged_i,
  input logic [3:0]            region_i  // the symbolic region, taken in the first cycle
);

  logic rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  logic                  pready, pslverr;
  logic [31:0]           prdata;
  logic [1:0]            action, spec_disable;
  logic [NumFilters-1:0] gate_open, clear;
  logic [NumRegions-1:0] region_en   [NumFilters];
  logic [PageW-1:0]      region_base [NumRegions];
  logic [PageW-1:0]      region_top  [NumRegions];
  logic [NumRegions-1:0] secure_rd_en, secure_wr_en;
  logic [15:0]           nsaid_rd_en [NumRegions];
  logic [15:0]           nsaid_wr_en [NumRegions];

  tzasc_regs #(
    .NumFilters(NumFilters),
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .IdW       (IdW),
    .Ext       (0)
  ) u_dut (
    .clk_i,
    .rst_ni        (rst_n),
    .s_apb_psel, .s_apb_penable, .s_apb_pwrite, .s_apb_paddr, .s_apb_pwdata, .s_apb_pstrb,
    .s_apb_pprot,
    .s_apb_pready  (pready),
    .s_apb_prdata  (prdata),
    .s_apb_pslverr (pslverr),
    .action_o      (action),
    .spec_disable_o(spec_disable),
    .gate_open_o   (gate_open),
    .clear_o       (clear),
    .region_en_o   (region_en),
    .region_base_o (region_base),
    .region_top_o  (region_top),
    .secure_rd_en_o(secure_rd_en),
    .secure_wr_en_o(secure_wr_en),
    .nsaid_rd_en_o (nsaid_rd_en),
    .nsaid_wr_en_o (nsaid_wr_en),
    .gate_status_i, .fail_status_i, .fail_overrun_i, .fail_overlap_i, .fail_addr_i, .fail_id_i,
    .fail_write_i, .fail_nonsecure_i, .fail_privileged_i
  );

  // The symbolic region.
  logic [3:0] n_q;
  always_ff @(posedge clk_i) if (!rst_n) n_q <= region_i;
  `RF_HELPER(HRegion_H, n_q < 4'd9, clk_i, rst_n)
  `RF_RULE(RegionExists_R, rst_n || region_i < 4'd9, clk_i, 1'b1)

  // The model: words as they are read, and which of their bits can be written.
  logic [31:0] action_q, gate_q, spec_q;
  logic [31:0] word_q [6];
  logic [31:0] writable [6];
  logic [31:0] strobes;
  logic [11:0] word;
  logic        secure, write;

  always_comb begin
    for (int unsigned b = 0; b < 32; b++) strobes[b] = s_apb_pstrb[b / 8];
    writable[0] = 32'hFFFF_F000;
    writable[1] = 32'h0000_00FF;
    writable[2] = 32'hFFFF_F000;
    writable[3] = 32'h0000_00FF;
    writable[4] = 32'hC000_000F;
    writable[5] = 32'hFFFF_FFFF;
    if (n_q == 4'd0) begin
      for (int unsigned w = 0; w < 4; w++) writable[w] = '0;
      writable[4] = 32'hC000_0000;
    end
  end

  assign secure = !s_apb_pprot[1];
  assign write  = s_apb_psel && s_apb_penable && s_apb_pwrite && secure;
  assign word   = {s_apb_paddr[11:2], 2'b00};

  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      action_q  <= '0;
      gate_q    <= '0;
      spec_q    <= '0;
      word_q[0] <= '0;
      word_q[1] <= '0;
      word_q[2] <= region_i == 4'd0 ? 32'hFFFF_FFFF : 32'h0000_0FFF;
      word_q[3] <= region_i == 4'd0 ? 32'h0000_00FF : 32'h0000_0000;
      word_q[4] <= region_i == 4'd0 ? 32'h0000_000F : 32'h0000_0000;
      word_q[5] <= '0;
    end else if (write) begin
      if (word == 12'h004) action_q <= (action_q & ~strobes) | (s_apb_pwdata & strobes & 32'h3);
      if (word == 12'h008) gate_q <= (gate_q & ~strobes) | (s_apb_pwdata & strobes & 32'hF);
      if (word == 12'h00C) spec_q <= (spec_q & ~strobes) | (s_apb_pwdata & strobes & 32'h3);
      for (int unsigned w = 0; w < 6; w++) begin
        if (word == 12'h100 + 12'(n_q) * 12'h020 + 12'(4 * w)) begin
          word_q[w] <= (word_q[w] & ~(strobes & writable[w])) |
                       (s_apb_pwdata & strobes & writable[w]);
        end
      end
    end
  end

  // What a secure read has to give; words of other regions are not in the model.
  logic [31:0] want;
  logic        known;
  logic [1:0]  f;
  logic [11:0] in_region;

  assign f         = word[5:4] - 2'd2;
  assign in_region = word - (12'h100 + 12'(n_q) * 12'h020);

  always_comb begin
    want  = '0;
    known = 1'b1;
    case (word)
      12'h000: want = 32'h0300_2708;
      12'h004: want = action_q;
      12'h008: want = {12'd0, gate_status_i, 16'd0} | gate_q;
      12'h00C: want = spec_q;
      12'h010: want = {12'd0, fail_overlap_i, 4'd0, fail_overrun_i, 4'd0, fail_status_i};
      12'hFD0: want = 32'h04;
      12'hFE0: want = 32'h60;
      12'hFE4: want = 32'hB4;
      12'hFE8: want = 32'h2B;
      12'hFF0: want = 32'h0D;
      12'hFF4: want = 32'hF0;
      12'hFF8: want = 32'h05;
      12'hFFC: want = 32'hB1;
      default: begin
        if (word >= 12'h020 && word < 12'h060) begin
          case (word[3:2])
            2'd0: want = fail_addr_i[f][31:0];
            2'd1: want = {24'd0, fail_addr_i[f][39:32]};
            2'd2: want = {7'd0, fail_write_i[f], 2'd0, fail_nonsecure_i[f], fail_privileged_i[f],
                          20'd0};
            default: want = {25'd0, fail_id_i[f]};
          endcase
        end else if (word >= 12'h100 && word < 12'h220) begin
          known = in_region < 12'h020;
          if (in_region < 12'h018) want = word_q[in_region[4:2]];
        end
      end
    endcase
  end

  logic [3:0] en_n;
  always_comb for (int unsigned i = 0; i < NumFilters; i++) en_n[i] = region_en[i][n_q];

  `RF_PROVE(RegsRead_P, !(s_apb_psel && secure && !s_apb_pwrite && known) || prdata == want,
            clk_i, rst_n)
  `RF_PROVE(RegsNonsecure_P,
            secure || (prdata == '0 && clear == '0 && pslverr == (s_apb_psel && s_apb_penable)),
            clk_i, rst_n)
  `RF_PROVE(RegsNoError_P, pready && (!secure || !pslverr), clk_i, rst_n)
  `RF_PROVE(RegsControl_P,
            32'(action) == action_q && 32'(gate_open) == gate_q && 32'(spec_disable) == spec_q,
            clk_i, rst_n)
  `RF_PROVE(RegsClear_P,
            clear == ((write && word == 12'h014) ? s_apb_pwdata[3:0] & {4{s_apb_pstrb[0]}} : 4'd0),
            clk_i, rst_n)
  // Region 0 has no bounds: it decides where no other one does.
  `RF_PROVE(RegsBounds_P, n_q == 4'd0 ||
            ({word_q[1][7:0], word_q[0][31:12]} == region_base[n_q] &&
             {word_q[3][7:0], word_q[2][31:12]} == region_top[n_q] && en_n == word_q[4][3:0]),
            clk_i, rst_n)
  `RF_PROVE(RegsGrants_P,
            secure_wr_en[n_q] == word_q[4][31] && secure_rd_en[n_q] == word_q[4][30] &&
            nsaid_wr_en[n_q] == word_q[5][31:16] && nsaid_rd_en[n_q] == word_q[5][15:0],
            clk_i, rst_n)

  `RF_HELPER(HModel_H,
             word_q[0][11:0] == 12'h000 && word_q[1][31:8] == '0 && word_q[2][11:0] == 12'hFFF &&
             word_q[3][31:8] == '0 && word_q[4][29:4] == '0 &&
             (n_q != 4'd0 || (word_q[0] == '0 && word_q[1] == '0 && word_q[2] == '1 &&
              word_q[3] == 32'h0000_00FF && word_q[4][3:0] == 4'hF)), clk_i, rst_n)

  `RF_COVER(RegionWritten_C, n_q == 4'd8 && word_q[4] == 32'hC000_0005, clk_i, rst_n)
  `RF_COVER(NonsecureWrite_C, pslverr && s_apb_pwrite, clk_i, rst_n)
  `RF_COVER(GateOpen_C, gate_open == 4'hF, clk_i, rst_n)

endmodule
