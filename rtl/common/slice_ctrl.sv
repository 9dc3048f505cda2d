// SPDX-License-Identifier: Apache-2.0
// Control of a register slice with two entries; the storage stays with the user, who writes
// `if (push_o) slot_q[wr_o] <= field;` for each field and reads `slot_q[rd_o]`. So a wide payload
// is moved once, only when it moves, and needs no concatenation.
//
// Latency: 1 cycle, full rate. valid_o and ready_o come from registers alone: no combinational path
// from one side to the other. Empty means valid_o low; an unused cycle changes no register.
`include "assert.svh"

module slice_ctrl (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic valid_i,
  output logic ready_o,
  output logic valid_o,
  input  logic ready_i,
  output logic push_o,
  output logic wr_o,
  output logic rd_o
);

  logic pop;
  logic full_q, valid_q, wr_q, rd_q;

  assign ready_o = !full_q;
  assign valid_o = valid_q;
  assign push_o  = valid_i && !full_q;
  assign pop     = valid_q && ready_i;
  assign wr_o    = wr_q;
  assign rd_o    = rd_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q  <= 1'b0;
      valid_q <= 1'b0;
      wr_q    <= 1'b0;
      rd_q    <= 1'b0;
    end else begin
      if (push_o) wr_q <= !wr_q;
      if (pop) rd_q <= !rd_q;
      if (push_o != pop) begin
        valid_q <= push_o || full_q;
        full_q  <= push_o && valid_q;
      end
    end
  end

  // Assertions //
  `RF_ASSERT(FullIsValid_A, !full_q || valid_q, clk_i, rst_ni)
  `RF_ASSERT(PointersAgree_A, (wr_q == rd_q) == (full_q || !valid_q), clk_i, rst_ni)

endmodule
