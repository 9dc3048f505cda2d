// SPDX-License-Identifier: Apache-2.0
// Register slice for a valid/ready channel: two entries, both directions registered.
//
// Latency: 1 cycle, full rate; ready_o and valid_o come from registers alone. Refuses nothing: it
// takes a word in every cycle in which ready_o is high. An unused cycle changes no register.
`include "assert.svh"

module skid_buffer #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);

  logic             push, wr, rd;
  logic [Width-1:0] slot_q [2];

  slice_ctrl u_ctrl (
    .clk_i,
    .rst_ni,
    .valid_i,
    .ready_o,
    .valid_o,
    .ready_i,
    .push_o (push),
    .wr_o   (wr),
    .rd_o   (rd)
  );

  always_ff @(posedge clk_i) begin
    if (push) slot_q[wr] <= data_i;
  end

  assign data_o = slot_q[rd];

  // Assertions //
  `RF_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, data_o, Width, clk_i, rst_ni)

endmodule
