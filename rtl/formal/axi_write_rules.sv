// SPDX-License-Identifier: Apache-2.0
// A write response only for a write whose address and last data beat were taken, stable. The ID
// decides whose it is: the oldest one's of the ID.
//
// A rule for the downstream neighbour of a filter, as AXI4 has it: assumed in proofs, asserted in
// simulation. There are no rules for the master: the proofs hold for every master. Watches one
// direction of one AXI port with an account of its own; Depth is the most transactions outstanding.

`include "prove.svh"

module axi_write_rules #(
  parameter  int unsigned IdW    = 1,
  parameter  int unsigned Depth  = 4,
  localparam int unsigned NumIds = 1 << IdW,
  localparam int unsigned CntW   = $clog2(Depth + 1)
) (
  input logic           clk_i,
  input logic           rst_ni,
  input logic [IdW-1:0] axi_awid,
  input logic           axi_awvalid,
  input logic           axi_awready,
  input logic           axi_wlast,
  input logic           axi_wvalid,
  input logic           axi_wready,
  input logic [IdW-1:0] axi_bid,
  input logic [1:0]     axi_bresp,
  input logic           axi_bvalid,
  input logic           axi_bready
);

  logic [CntW-1:0]           waits_q;          // addresses taken whose data are not complete
  logic [Depth-1:0][IdW-1:0] id_q;             // their IDs, the oldest at 0
  logic [CntW-1:0]           owed_q [NumIds];  // complete and not answered
  logic                      aw, w_done, b;

  assign aw         = axi_awvalid && axi_awready;
  assign w_done     = axi_wvalid && axi_wready && axi_wlast;
  assign b          = axi_bvalid && axi_bready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) waits_q <= '0;
    else         waits_q <= waits_q + CntW'(aw) - CntW'(w_done);
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Depth; i++) begin
      if (w_done && i + 1 < Depth) id_q[i] <= id_q[(i + 1) % Depth];
      if (aw && waits_q - CntW'(w_done) == CntW'(i)) id_q[i] <= axi_awid;
    end
  end

  for (genvar k = 0; k < int'(NumIds); k++) begin : gen_id
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        owed_q[k] <= '0;
      end else begin
        owed_q[k] <= owed_q[k] + CntW'(w_done && id_q[0] == IdW'(k)) -
                     CntW'(b && axi_bid == IdW'(k));
      end
    end
  end

  `RF_RULE(ResponseIsAsked_R, !axi_bvalid || owed_q[axi_bid] != '0, clk_i, rst_ni)
  `RF_STABLE(RF_RULE, ResponseStays_R, axi_bvalid, axi_bready, ({axi_bid, axi_bresp}), IdW + 2,
             clk_i, rst_ni)

endmodule
