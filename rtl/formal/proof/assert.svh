// SPDX-License-Identifier: Apache-2.0
// Stands in for common/assert.svh in proofs: the same macros, checked in the cycle itself, so that
// the RTL's own assertions take one step of induction and are invariants like the others.
`ifndef RF_ASSERT_SVH
`define RF_ASSERT_SVH

`define RF_ASSERT(NAME, EXPR, CLK, RST_N) \
  always_comb begin if (RST_N) NAME : assert (EXPR); end

`define RF_ASSERT_STABLE(NAME, VALID, READY, PAYLOAD, W, CLK, RST_N)    \
  logic           NAME``_wait_q;                                        \
  logic [(W)-1:0] NAME``_data_q;                                        \
  always_ff @(posedge CLK or negedge RST_N) begin                       \
    if (!RST_N) NAME``_wait_q <= 1'b0;                                  \
    else        NAME``_wait_q <= (VALID) && !(READY);                   \
  end                                                                   \
  always_ff @(posedge CLK) NAME``_data_q <= (PAYLOAD);                  \
  `RF_ASSERT(NAME, !NAME``_wait_q || ((VALID) && ((PAYLOAD) == NAME``_data_q)), CLK, RST_N)

`endif
