// SPDX-License-Identifier: Apache-2.0
// A filter's failure log: the first denied access since the last clear, and the status, overrun and
// overlap bits. Loaded at the end of the cycle of the address handshake, whatever ACTION says. Of a
// read and a write that fail in one cycle the write is logged and overrun set. A clear in the cycle
// of a failure comes first, so that the failure stays visible; it leaves the logged fields.

`include "assert.svh"

module tzasc_fail_log #(
  parameter int unsigned AddrW = 40,
  parameter int unsigned IdW   = 7
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,

  input  logic             rd_fail_i,
  input  logic             rd_overlap_i,
  input  logic [AddrW-1:0] rd_addr_i,
  input  logic [IdW-1:0]   rd_id_i,
  input  logic             rd_nonsecure_i,
  input  logic             rd_privileged_i,
  input  logic [3:0]       rd_nsaid_i,

  input  logic             wr_fail_i,
  input  logic             wr_overlap_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [IdW-1:0]   wr_id_i,
  input  logic             wr_nonsecure_i,
  input  logic             wr_privileged_i,
  input  logic [3:0]       wr_nsaid_i,

  output logic             status_o,
  output logic             overrun_o,
  output logic             overlap_o,
  output logic [AddrW-1:0] addr_o,
  output logic [IdW-1:0]   id_o,
  output logic             write_o,
  output logic             nonsecure_o,
  output logic             privileged_o,
  output logic [3:0]       nsaid_o
);

  logic any_fail;
  logic kept;  // a failure logged earlier and not cleared now

  assign any_fail = rd_fail_i | wr_fail_i;
  assign kept     = status_o & ~clear_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_o  <= 1'b0;
      overrun_o <= 1'b0;
      overlap_o <= 1'b0;
    end else if (clear_i || any_fail) begin
      status_o  <= kept | any_fail;
      overrun_o <= (overrun_o & ~clear_i) | (any_fail & kept) | (rd_fail_i & wr_fail_i);
      overlap_o <= (overlap_o & ~clear_i) | (rd_fail_i & rd_overlap_i) |
                   (wr_fail_i & wr_overlap_i);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      addr_o       <= '0;
      id_o         <= '0;
      write_o      <= 1'b0;
      nonsecure_o  <= 1'b0;
      privileged_o <= 1'b0;
      nsaid_o      <= '0;
    end else if (any_fail && !kept) begin
      addr_o       <= wr_fail_i ? wr_addr_i : rd_addr_i;
      id_o         <= wr_fail_i ? wr_id_i : rd_id_i;
      write_o      <= wr_fail_i;
      nonsecure_o  <= wr_fail_i ? wr_nonsecure_i : rd_nonsecure_i;
      privileged_o <= wr_fail_i ? wr_privileged_i : rd_privileged_i;
      nsaid_o      <= wr_fail_i ? wr_nsaid_i : rd_nsaid_i;
    end
  end

  // Assertions //

  `RF_ASSERT(OverrunHasStatus_A, !overrun_o || status_o, clk_i, rst_ni)
  `RF_ASSERT(OverlapHasStatus_A, !overlap_o || status_o, clk_i, rst_ni)

endmodule
