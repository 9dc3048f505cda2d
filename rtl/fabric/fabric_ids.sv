// SPDX-License-Identifier: Apache-2.0
// Transactions of one master and direction that still owe an answer, in a table indexed by ID. Used
// where there are several filters.
//
// ok_o: the transaction offered may go, because its ID owes nothing or owes it at the same filter;
// so answers of one ID never come from two filters and keep their order. Once high it stays until
// the transaction is taken. Latency: 0 to ok_o; take and done count in the next cycle.
// Refuses (holds back, never overflows): more than 2^CntW - 1 transactions of one ID.
`include "assert.svh"

module fabric_ids #(
  parameter int unsigned NumFilters = 2,
  parameter int unsigned IdW        = 4,
  parameter int unsigned CntW       = 7,
  localparam int unsigned ChanW     = $clog2(NumFilters)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [IdW-1:0]   id_i,
  input  logic [ChanW-1:0] chan_i,
  output logic             ok_o,
  input  logic             take_i,
  input  logic             done_i,
  input  logic [IdW-1:0]   done_id_i
);

  localparam int unsigned NumIds = 2 ** IdW;

  logic [CntW-1:0]  cnt_q  [NumIds];
  logic [ChanW-1:0] chan_q [NumIds];

  assign ok_o = (cnt_q[id_i] == '0) || (chan_q[id_i] == chan_i && cnt_q[id_i] != '1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < NumIds; i++) cnt_q[i] <= '0;
    end else if (!(take_i && done_i && id_i == done_id_i)) begin
      if (take_i) cnt_q[id_i] <= cnt_q[id_i] + 1'b1;
      if (done_i) cnt_q[done_id_i] <= cnt_q[done_id_i] - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_i) chan_q[id_i] <= chan_i;
  end

  // Assertions //
  `RF_ASSERT(TakeAllowed_A, !take_i || ok_o, clk_i, rst_ni)
  `RF_ASSERT(AnswerOwed_A, !done_i || cnt_q[done_id_i] != '0, clk_i, rst_ni)

endmodule
