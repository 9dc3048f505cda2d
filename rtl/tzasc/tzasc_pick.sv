// SPDX-License-Identifier: Apache-2.0
// Round-robin pick from a bitmap: the lowest set bit above the last one taken, else the lowest.
// Combinational from `req_i`; `take_i` moves the turn on at the clock edge.

`include "assert.svh"

module tzasc_pick #(
  parameter  int unsigned N    = 64,
  localparam int unsigned IdxW = $clog2(N)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [N-1:0]    req_i,
  input  logic            take_i,
  output logic            any_o,
  output logic [IdxW-1:0] idx_o
);

  logic [N-1:0] above_q;
  logic [N-1:0] preferred;
  logic [N-1:0] candidates;
  logic [N-1:0] onehot;

  assign preferred  = req_i & above_q;
  assign candidates = (preferred != '0) ? preferred : req_i;

  tzasc_lowest #(
    .N(N)
  ) u_lowest (
    .req_i   (candidates),
    .any_o   (any_o),
    .onehot_o(onehot),
    .idx_o   (idx_o)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      above_q <= '0;
    end else if (take_i) begin
      above_q <= ~(onehot | (onehot - N'(1)));
    end
  end

  // Assertions //

  `RF_ASSERT(TakeOnlyWhatIsThere_A, !take_i || any_o, clk_i, rst_ni)

endmodule
