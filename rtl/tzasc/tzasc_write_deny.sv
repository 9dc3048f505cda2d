// SPDX-License-Identifier: Apache-2.0
// Gives the write responses that are not passed through: those of denied writes, and those of
// allowed ones that had to wait for an older denied one. Takes one eligible entry after another,
// round robin; two cycles after the last data beat at the earliest, then one response a cycle.

`include "assert.svh"

module tzasc_write_deny #(
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
  input  logic [1:0]       load_resp_i,

  output logic             valid_o,
  input  logic             taken_i,
  output logic [IdxW-1:0]  idx_o,
  output logic [IdW-1:0]   id_o,
  output logic [1:0]       resp_o
);

  logic any;

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

  assign load_o = any & (~valid_o | taken_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
    end else if (load_o) begin
      valid_o <= 1'b1;
    end else if (taken_i) begin
      valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_o) begin
      idx_o  <= load_idx_o;
      id_o   <= load_id_i;
      resp_o <= load_resp_i;
    end
  end

  // Assertions //

  `RF_ASSERT(TakenOnlyValid_A, !taken_i || valid_o, clk_i, rst_ni)

endmodule
