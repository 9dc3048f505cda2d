// SPDX-License-Identifier: Apache-2.0
// Merges one response channel of several filters towards one master, beat by beat, round robin.
//
// What is shown stays until taken. The payload stays with the user: `payload[sel_o]`.
// Latency: 0. Bound: a beat waits for at most NumFilters - 1 others. Refuses nothing.
`include "assert.svh"

module fabric_merge #(
  parameter int unsigned NumFilters = 1,
  localparam int unsigned ChanW     = (NumFilters > 1) ? $clog2(NumFilters) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [NumFilters-1:0] valid_i,
  output logic [NumFilters-1:0] ready_o,
  output logic                  valid_o,
  input  logic                  ready_i,
  output logic [ChanW-1:0]      sel_o
);

  if (NumFilters > 1) begin : g_merge
    logic                  hold_q;
    logic [NumFilters-1:0] gnt, held_q;
    logic [ChanW-1:0]      idx, held_idx_q;

    rr_arbiter #(
      .N (NumFilters)
    ) u_arbiter (
      .clk_i,
      .rst_ni,
      .req_i  (valid_i),
      .take_i (valid_o && !hold_q),
      .gnt_o  (gnt),
      .idx_o  (idx),
      .any_o  (valid_o)
    );

    assign sel_o   = hold_q ? held_idx_q : idx;
    assign ready_o = ready_i ? (hold_q ? held_q : gnt) : '0;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) hold_q <= 1'b0;
      else hold_q <= valid_o && !ready_i;
    end

    always_ff @(posedge clk_i) begin
      if (valid_o && !hold_q) begin
        held_q     <= gnt;
        held_idx_q <= idx;
      end
    end

    // Assertions //
    `RF_ASSERT(HeldStays_A, !hold_q || (held_q & valid_i) != '0, clk_i, rst_ni)
  end else begin : g_wire
    logic unused_clk;
    assign unused_clk = ^{clk_i, rst_ni};
    assign valid_o    = valid_i[0];
    assign ready_o[0] = ready_i;
    assign sel_o      = '0;
  end

endmodule
