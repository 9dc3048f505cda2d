// SPDX-License-Identifier: Apache-2.0
// Round-robin arbiter. The grant is combinational; with take_i the granted requester becomes the
// last in line. Without take_i the line does not move, but a grant may pass to another requester
// that comes nearer in line: users who show the grant to a VALID must hold it themselves.
//
// Latency: 0 cycles. Bound: a requester that stays is granted after at most N - 1 other takes.
`include "assert.svh"

module rr_arbiter #(
  parameter int unsigned N = 2,
  localparam int unsigned IdxW = (N > 1) ? $clog2(N) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [N-1:0]    req_i,
  input  logic            take_i,
  output logic [N-1:0]    gnt_o,
  output logic [IdxW-1:0] idx_o,
  output logic            any_o
);

  // Requesters behind the last one granted; they go first.
  logic [N-1:0] behind_q, pick;

  // Requesters whose number has bit b set.
  function automatic logic [N-1:0] with_bit(int unsigned b);
    logic [N-1:0] mask;
    for (int unsigned i = 0; i < N; i++) mask[i] = 1'(i >> b);
    return mask;
  endfunction

  assign any_o = (req_i != '0);

  always_comb begin
    pick  = '0;
    gnt_o = '0;
    idx_o = '0;
    if (any_o) begin
      pick  = ((req_i & behind_q) != '0) ? (req_i & behind_q) : req_i;
      gnt_o = pick & (~pick + 1'b1);
      for (int unsigned b = 0; b < IdxW; b++) idx_o[b] = ((gnt_o & with_bit(b)) != '0);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) behind_q <= '0;
    else if (take_i) behind_q <= ~(gnt_o | (gnt_o - 1'b1));
  end

  // Assertions //
  `RF_ASSERT(GrantOneHot_A, $onehot0(gnt_o), clk_i, rst_ni)
  `RF_ASSERT(GrantAsked_A, (gnt_o & ~req_i) == '0, clk_i, rst_ni)
  `RF_ASSERT(TakeGranted_A, !take_i || any_o, clk_i, rst_ni)

endmodule
