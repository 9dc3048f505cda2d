// SPDX-License-Identifier: Apache-2.0
// One address channel of a filter: round-robin arbiter over the masters, ID prefix, register slice.
//
// Latency: 1 cycle, one address a cycle. block_i holds back grants. Bound: an address that is not
// blocked goes after at most NumMasters - 1 others. Refuses nothing.
`include "assert.svh"

module fabric_addr #(
  parameter int unsigned NumMasters = 8,
  parameter int unsigned AddrW      = 40,
  parameter int unsigned IdW        = 4,
  localparam int unsigned PrefixW   = $clog2(NumMasters)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic                   block_i,
  input  logic [NumMasters-1:0]  valid_i,
  output logic [NumMasters-1:0]  ready_o,
  input  logic [IdW-1:0]         id_i    [NumMasters],
  input  logic [AddrW-1:0]       addr_i  [NumMasters],
  input  logic [7:0]             len_i   [NumMasters],
  input  logic [2:0]             size_i  [NumMasters],
  input  logic [1:0]             burst_i [NumMasters],
  input  logic                   lock_i  [NumMasters],
  input  logic [2:0]             prot_i  [NumMasters],
  input  logic [3:0]             nsaid_i [NumMasters],

  // The master whose address is taken.
  output logic                   take_o,
  output logic [PrefixW-1:0]     idx_o,

  output logic [PrefixW+IdW-1:0] id_o,
  output logic [AddrW-1:0]       addr_o,
  output logic [7:0]             len_o,
  output logic [2:0]             size_o,
  output logic [1:0]             burst_o,
  output logic                   lock_o,
  output logic [2:0]             prot_o,
  output logic [3:0]             nsaid_o,
  output logic                   valid_o,
  input  logic                   ready_i
);

  localparam int unsigned HeadW = PrefixW + IdW + 21;

  logic                  any, ready, wr, rd;
  logic [NumMasters-1:0] req, gnt;
  logic [HeadW-1:0]      head_q [2];
  logic [AddrW-1:0]      addr_q [2];

  rr_arbiter #(
    .N (NumMasters)
  ) u_arbiter (
    .clk_i,
    .rst_ni,
    .req_i  (req),
    .take_i (take_o),
    .gnt_o  (gnt),
    .idx_o,
    .any_o  (any)
  );

  slice_ctrl u_slice (
    .clk_i,
    .rst_ni,
    .valid_i (any),
    .ready_o (ready),
    .valid_o,
    .ready_i,
    .push_o  (take_o),
    .wr_o    (wr),
    .rd_o    (rd)
  );

  // No slot, no request: nothing is arbitrated in vain.
  assign req     = (ready && !block_i) ? valid_i : '0;
  assign ready_o = gnt;

  always_ff @(posedge clk_i) begin
    if (take_o) begin
      head_q[wr] <= {idx_o, id_i[idx_o], len_i[idx_o], size_i[idx_o], burst_i[idx_o],
                     lock_i[idx_o], prot_i[idx_o], nsaid_i[idx_o]};
      addr_q[wr] <= addr_i[idx_o];
    end
  end

  assign {id_o, len_o, size_o, burst_o, lock_o, prot_o, nsaid_o} = head_q[rd];
  assign addr_o = addr_q[rd];

  // Assertions //
  `RF_ASSERT_STABLE(OutputStable_A, valid_o, ready_i, ({head_q[rd], addr_q[rd]}), HeadW + AddrW,
                    clk_i, rst_ni)

endmodule
