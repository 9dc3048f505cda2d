// SPDX-License-Identifier: Apache-2.0
// The one assertion macro of the house: a clocked immediate assertion, so that Verilator 5.006 and
// newer and the formal flow read the same text. Live under `--assert`, and in proofs. The property
// is tested before the assertion is entered: what a simulator does around one, its own enable
// check above all, is then paid for breaches only.
`ifndef RF_ASSERT_SVH
`define RF_ASSERT_SVH

`define RF_ASSERT(NAME, EXPR, CLK, RST_N)                                  \
  always_ff @(posedge CLK or negedge RST_N) begin                          \
    if (!RST_N) begin                                                      \
    end else if (!(EXPR)) begin                                            \
      NAME : assert (1'b0) else $error("%m");                              \
    end                                                                    \
  end

// A source that has raised VALID keeps VALID and its PAYLOAD (W bits) until READY. The shadow
// registers serve the assertion alone and vanish with it; the payload is kept from the first
// cycle of a wait and compared in the later ones.
`define RF_ASSERT_STABLE(NAME, VALID, READY, PAYLOAD, W, CLK, RST_N)       \
  logic           NAME``_wait_q;                                           \
  logic [(W)-1:0] NAME``_data_q;                                           \
  always_ff @(posedge CLK or negedge RST_N) begin                          \
    if (!RST_N) NAME``_wait_q <= 1'b0;                                     \
    else        NAME``_wait_q <= (VALID) && !(READY);                      \
  end                                                                      \
  always_ff @(posedge CLK) begin                                           \
    if (!NAME``_wait_q && (VALID) && !(READY)) NAME``_data_q <= (PAYLOAD); \
  end                                                                      \
  `RF_ASSERT(NAME, !NAME``_wait_q || ((VALID) && ((PAYLOAD) == NAME``_data_q)), CLK, RST_N)

`endif
