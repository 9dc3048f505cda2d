// SPDX-License-Identifier: Apache-2.0
// Two sources, one response channel: beats alternate while both have one, and the source of a beat
// that was offered and not taken is kept, so the channel's VALID and payload stay. Combinational
// select, no added latency.

`include "assert.svh"

module tzasc_share (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic local_valid_i,
  input  logic down_valid_i,
  input  logic ready_i,
  output logic valid_o,
  output logic sel_local_o
);

  logic prefer_local_q;

  assign valid_o     = local_valid_i | down_valid_i;
  assign sel_local_o = local_valid_i & (prefer_local_q | ~down_valid_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      prefer_local_q <= 1'b0;
    end else if (valid_o) begin
      prefer_local_q <= ready_i ? ~sel_local_o : sel_local_o;
    end
  end

  // Assertions //

  `RF_ASSERT_STABLE(SourceStays_A, valid_o, ready_i, sel_local_o, 1, clk_i, rst_ni)

endmodule
