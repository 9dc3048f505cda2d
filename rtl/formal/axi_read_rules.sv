// SPDX-License-Identifier: Apache-2.0
// Read data only for a read that was taken, in order inside an ID, LEN + 1 beats, stable.
//
// A rule for the downstream neighbour of a filter, as AXI4 has it: assumed in proofs, asserted in
// simulation. There are no rules for the master: the proofs hold for every master. Watches one
// direction of one AXI port with an account of its own; Depth is the most transactions outstanding.

`include "prove.svh"

module axi_read_rules #(
  parameter  int unsigned IdW    = 1,
  parameter  int unsigned DataW  = 32,
  parameter  int unsigned Depth  = 4,
  localparam int unsigned NumIds = 1 << IdW,
  localparam int unsigned CntW   = $clog2(Depth + 1)
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic [IdW-1:0]   axi_arid,
  input logic [7:0]       axi_arlen,
  input logic             axi_arvalid,
  input logic             axi_arready,
  input logic [IdW-1:0]   axi_rid,
  input logic [DataW-1:0] axi_rdata,
  input logic [1:0]       axi_rresp,
  input logic             axi_rlast,
  input logic             axi_rvalid,
  input logic             axi_rready
);

  logic [CntW-1:0]       count_q [NumIds];  // reads taken and not fully answered
  logic [Depth-1:0][7:0] len_q   [NumIds];  // their lengths, the oldest at 0
  logic [7:0]            beat_q  [NumIds];  // beats of the oldest one so far
  logic                  ar, r, done;

  assign ar   = axi_arvalid && axi_arready;
  assign r    = axi_rvalid && axi_rready;
  assign done = r && axi_rlast;

  for (genvar k = 0; k < int'(NumIds); k++) begin : gen_id
    logic push, pop;
    assign push = ar && axi_arid == IdW'(k);
    assign pop  = done && axi_rid == IdW'(k);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        count_q[k] <= '0;
        beat_q[k]  <= '0;
      end else begin
        count_q[k] <= count_q[k] + CntW'(push) - CntW'(pop);
        if (r && axi_rid == IdW'(k)) beat_q[k] <= axi_rlast ? 8'd0 : beat_q[k] + 8'd1;
      end
    end

    always_ff @(posedge clk_i) begin
      for (int unsigned i = 0; i < Depth; i++) begin
        if (pop && i + 1 < Depth) len_q[k][i] <= len_q[k][(i + 1) % Depth];
        if (push && count_q[k] - CntW'(pop) == CntW'(i)) len_q[k][i] <= axi_arlen;
      end
    end
  end

  `RF_RULE(ReadDataIsAsked_R, !axi_rvalid || count_q[axi_rid] != '0, clk_i, rst_ni)
  `RF_RULE(ReadLastByLen_R, !axi_rvalid || axi_rlast == (beat_q[axi_rid] == len_q[axi_rid][0]),
           clk_i, rst_ni)
  `RF_STABLE(RF_RULE, ReadDataStays_R, axi_rvalid, axi_rready,
             ({axi_rid, axi_rdata, axi_rresp, axi_rlast}), IdW + DataW + 3, clk_i, rst_ni)

endmodule
