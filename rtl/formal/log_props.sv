// SPDX-License-Identifier: Apache-2.0
// Proof of a filter's failure log: the outputs of the real tzasc_filter equal, in every cycle, a log
// written from the specification (N8) and fed with the verdict of the specification on both address
// handshakes. No rules for any neighbour.
//
// Reductions: 4 regions, 32-bit addresses, 32-bit data, 2 IDs, Outst reads and writes outstanding.
// The assertions of the read and the write side are left to their own proofs.

`include "prove.svh"

module log_props #(
  parameter  int unsigned Outst      = 4,
  parameter  int unsigned CheckLat   = 0,
  parameter  int unsigned NumRegions = 4,
  parameter  int unsigned AddrW      = 32,
  parameter  int unsigned DataW      = 32,
  parameter  int unsigned IdW        = 1,
  localparam int unsigned PageW      = AddrW - 12
) (
`include "filter_ports.svh"
);

`include "filter_dut.svh"

  logic [1:0] fail, hits, allow;  // {write, read}
  logic [1:0] unused_malformed, unused_speculative;

  verdict #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_read_verdict (
    .addr_i        (s_axi_araddr),
    .len_i         (s_axi_arlen),
    .size_i        (s_axi_arsize),
    .burst_i       (s_axi_arburst),
    .lock_i        (s_axi_arlock),
    .nonsecure_i   (s_axi_arprot[1]),
    .nsaid_i       (s_axi_arnsaid),
    .region_en_i, .region_base_i, .region_top_i,
    .secure_en_i   (secure_rd_en_i),
    .nsaid_en_i    (nsaid_rd_en_i),
    .spec_disable_i(rd_spec_disable_i),
    .malformed_o   (unused_malformed[0]),
    .overlap_o     (hits[0]),
    .allow_o       (allow[0]),
    .speculative_o (unused_speculative[0])
  );

  verdict #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_write_verdict (
    .addr_i        (s_axi_awaddr),
    .len_i         (s_axi_awlen),
    .size_i        (s_axi_awsize),
    .burst_i       (s_axi_awburst),
    .lock_i        (s_axi_awlock),
    .nonsecure_i   (s_axi_awprot[1]),
    .nsaid_i       (s_axi_awnsaid),
    .region_en_i, .region_base_i, .region_top_i,
    .secure_en_i   (secure_wr_en_i),
    .nsaid_en_i    (nsaid_wr_en_i),
    .spec_disable_i(wr_spec_disable_i),
    .malformed_o   (unused_malformed[1]),
    .overlap_o     (hits[1]),
    .allow_o       (allow[1]),
    .speculative_o (unused_speculative[1])
  );

  assign fail[0] = s_axi_arvalid && s_axi_arready && !allow[0];
  assign fail[1] = s_axi_awvalid && s_axi_awready && !allow[1];

  // The log: clear first, then the write, then the read.
  localparam int unsigned EntryW = AddrW + IdW + 3;
  logic              status_q, overrun_q, overlap_q, status, overrun, overlap;
  logic [EntryW-1:0] entry_q, entry;

  always_comb begin
    status  = status_q && !clear_i;
    overrun = overrun_q && !clear_i;
    overlap = overlap_q && !clear_i;
    entry   = entry_q;
    if (fail[1]) begin
      if (status) overrun = 1'b1;
      else        entry = {s_axi_awaddr, s_axi_awid, 1'b1, s_axi_awprot[1], s_axi_awprot[0]};
      status  = 1'b1;
      overlap = overlap || hits[1];
    end
    if (fail[0]) begin
      if (status) overrun = 1'b1;
      else        entry = {s_axi_araddr, s_axi_arid, 1'b0, s_axi_arprot[1], s_axi_arprot[0]};
      status  = 1'b1;
      overlap = overlap || hits[0];
    end
  end

  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      status_q  <= 1'b0;
      overrun_q <= 1'b0;
      overlap_q <= 1'b0;
      entry_q   <= '0;
    end else begin
      status_q  <= status;
      overrun_q <= overrun;
      overlap_q <= overlap;
      entry_q   <= entry;
    end
  end

  `RF_PROVE(LogStatus_P, fail_status == status_q, clk_i, rst_n)
  `RF_PROVE(LogOverrun_P, fail_overrun == overrun_q, clk_i, rst_n)
  `RF_PROVE(LogOverlap_P, fail_overlap == overlap_q, clk_i, rst_n)
  `RF_PROVE(LogEntry_P,
            {fail_addr, fail_id, fail_write, fail_nonsecure, fail_privileged} == entry_q,
            clk_i, rst_n)

  `RF_COVER(Overrun_C, fail_overrun, clk_i, rst_n)
  `RF_COVER(BothFail_C, fail == 2'b11 && !status_q, clk_i, rst_n)
  `RF_COVER(ClearAndFail_C, clear_i && status_q && fail[0], clk_i, rst_n)
  `RF_COVER(OverlapLogged_C, fail_overlap, clk_i, rst_n)

endmodule
