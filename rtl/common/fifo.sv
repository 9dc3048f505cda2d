// SPDX-License-Identifier: Apache-2.0
// First-word-fall-through FIFO. A word pushed in one cycle is at the head in the next one.
//
// Latency: 1 cycle. Full rate: push and pop in the same cycle at any fill level but full.
// Refuses nothing: pushing when full or popping when empty is a caller's fault and asserted.
// data_o means something only while empty_o is low. An unused cycle changes no register.
`include "assert.svh"

module fifo #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  input  logic             pop_i,
  output logic [Width-1:0] data_o,
  output logic             full_o,
  output logic             empty_o
);

  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CntW = $clog2(Depth + 1);

  logic [Width-1:0] mem_q [Depth];
  logic [PtrW-1:0]  wp_q, rp_q;
  logic [CntW-1:0]  cnt_q;

  // Wraps at Depth, which need not be a power of two.
  function automatic logic [PtrW-1:0] next(logic [PtrW-1:0] ptr);
    return (32'(ptr) == Depth - 1) ? '0 : ptr + 1'b1;
  endfunction

  always_ff @(posedge clk_i) begin
    if (push_i) mem_q[wp_q] <= data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wp_q  <= '0;
      rp_q  <= '0;
      cnt_q <= '0;
    end else begin
      if (push_i) wp_q <= next(wp_q);
      if (pop_i) rp_q <= next(rp_q);
      if (push_i != pop_i) cnt_q <= push_i ? cnt_q + 1'b1 : cnt_q - 1'b1;
    end
  end

  assign data_o  = mem_q[rp_q];
  assign full_o  = (32'(cnt_q) == Depth);
  assign empty_o = (cnt_q == '0);

  // Assertions //
  `RF_ASSERT(NoOverflow_A, !(push_i && full_o), clk_i, rst_ni)
  `RF_ASSERT(NoUnderflow_A, !(pop_i && empty_o), clk_i, rst_ni)
  // A counter that can hold no more than Depth needs no range.
  if (2 ** CntW - 1 != Depth) begin : gen_range
    `RF_ASSERT(CountInRange_A, 32'(cnt_q) <= Depth, clk_i, rst_ni)
  end

endmodule
