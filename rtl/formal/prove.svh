// SPDX-License-Identifier: Apache-2.0
// The macros of the proofs. All are checked in the cycle itself, out of reset.
//   RF_PROVE   a property: a row of docs/proofs.md.
//   RF_HELPER  an inductive invariant over internal registers: proved with the properties, and
//              left out (RF_NO_HELPERS) where a mutant is to be caught by a property alone.
//   RF_RULE    a rule for a neighbour: assumed in proofs, asserted in simulation.
//   RF_COVER   a situation that must be reached under the rules.
`ifndef RF_PROVE_SVH
`define RF_PROVE_SVH

`include "assert.svh"

`ifdef FORMAL
  `define RF_PROVE(NAME, EXPR, CLK, RST_N) \
    always_comb begin if (RST_N) NAME : assert (EXPR); end
  `define RF_RULE(NAME, EXPR, CLK, RST_N) \
    always_comb begin if (RST_N) NAME : assume (EXPR); end
  `define RF_COVER(NAME, EXPR, CLK, RST_N) \
    always_comb begin if (RST_N) NAME : cover (EXPR); end
`else
  `define RF_PROVE(NAME, EXPR, CLK, RST_N) `RF_ASSERT(NAME, EXPR, CLK, RST_N)
  `define RF_RULE(NAME, EXPR, CLK, RST_N) `RF_ASSERT(NAME, EXPR, CLK, RST_N)
  `define RF_COVER(NAME, EXPR, CLK, RST_N)
`endif

// A source that has raised VALID keeps VALID and its PAYLOAD (W bits) until READY, as a property
// (KIND = RF_PROVE) or as a rule (KIND = RF_RULE).
`define RF_STABLE(KIND, NAME, VALID, READY, PAYLOAD, W, CLK, RST_N)     \
  logic           NAME``_wait_q;                                        \
  logic [(W)-1:0] NAME``_data_q;                                        \
  always_ff @(posedge CLK or negedge RST_N) begin                       \
    if (!RST_N) NAME``_wait_q <= 1'b0;                                  \
    else        NAME``_wait_q <= (VALID) && !(READY);                   \
  end                                                                   \
  always_ff @(posedge CLK) NAME``_data_q <= (PAYLOAD);                  \
  `KIND(NAME, !NAME``_wait_q || ((VALID) && ((PAYLOAD) == NAME``_data_q)), CLK, RST_N)

`ifdef RF_NO_HELPERS
  `define RF_HELPER(NAME, EXPR, CLK, RST_N)
`else
  `define RF_HELPER(NAME, EXPR, CLK, RST_N) `RF_PROVE(NAME, EXPR, CLK, RST_N)
`endif

`endif
