// SPDX-License-Identifier: Apache-2.0
// The one assertion macro of the house: a clocked immediate assertion, so that Verilator 5.006 and
// newer and the formal flow read the same text. Live under `--assert`, and in proofs.
`ifndef RF_ASSERT_SVH
`define RF_ASSERT_SVH

`define RF_ASSERT(NAME, EXPR, CLK, RST_N)                                  \
  always_ff @(posedge CLK) begin                                           \
    if (RST_N) begin                                                       \
      NAME : assert (EXPR) else $error("%m");     \
    end                                                                    \
  end

`endif
