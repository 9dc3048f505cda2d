// SPDX-License-Identifier: Apache-2.0
// Answers denied reads: takes one eligible entry after another, round robin, and gives LEN + 1
// beats with its ID and response (the data is zero, by the read path). First beat two cycles after
// the address handshake at the earliest, then one beat a cycle without gaps between bursts.

`include "assert.svh"

module tzasc_read_deny #(
  parameter  int unsigned IdW   = 7,
  parameter  int unsigned Outst = 64,
  localparam int unsigned IdxW  = $clog2(Outst)
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic [Outst-1:0] eligible_i,
  output logic             load_o,
  output logic [IdxW-1:0]  load_idx_o,
  input  logic [IdW-1:0]   load_id_i,
  input  logic [7:0]       load_len_i,
  input  logic [1:0]       load_resp_i,

  output logic             valid_o,
  input  logic             taken_i,
  output logic [IdxW-1:0]  idx_o,
  output logic [IdW-1:0]   id_o,
  output logic [1:0]       resp_o,
  output logic             last_o
);

  logic       any;
  logic [7:0] left_q;

  tzasc_pick #(
    .N(Outst)
  ) u_pick (
    .clk_i,
    .rst_ni,
    .req_i (eligible_i),
    .take_i(load_o),
    .any_o (any),
    .idx_o (load_idx_o)
  );

  assign last_o = left_q == 8'd0;
  assign load_o = any & (~valid_o | (taken_i & last_o));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
    end else if (load_o) begin
      valid_o <= 1'b1;
    end else if (taken_i && last_o) begin
      valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_o) begin
      idx_o  <= load_idx_o;
      id_o   <= load_id_i;
      resp_o <= load_resp_i;
      left_q <= load_len_i;
    end else if (taken_i) begin
      left_q <= left_q - 8'd1;
    end
  end

  // Assertions //

  `RF_ASSERT(TakenOnlyValid_A, !taken_i || valid_o, clk_i, rst_ni)

endmodule
