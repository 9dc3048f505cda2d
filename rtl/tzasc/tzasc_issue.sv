// SPDX-License-Identifier: Apache-2.0
// The way of an address to the downstream side: an optional check register (CheckLat = 1) and the
// one-entry slot behind it. An address handed over is offered downstream in the same cycle if it
// may go `now` (always with CheckLat = 0) and nothing is ahead of it, else one cycle later; what
// downstream does not take waits in the slot, so an address once offered stays. The caller hands
// over only while `slot_empty_o` is high and `defer_valid_i` is low. A deferred address (from the
// caller's table) comes before the check register and leaves whenever the slot is empty.
// Throughput: one address a cycle. `tag` names an address that has not yet been taken.

`include "assert.svh"

module tzasc_issue #(
  parameter int unsigned Width    = 64,
  parameter int unsigned TagW     = 6,
  parameter int unsigned CheckLat = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             in_valid_i,
  input  logic             in_now_i,
  input  logic [Width-1:0] in_data_i,
  input  logic [TagW-1:0]  in_tag_i,

  input  logic             defer_valid_i,
  input  logic [Width-1:0] defer_data_i,
  input  logic [TagW-1:0]  defer_tag_i,

  output logic             slot_empty_o,
  input  logic [TagW-1:0]  query_tag_i,
  output logic             query_waits_o,  // the address with this tag has not been taken yet

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);

  logic             slot_valid_q;
  logic [Width-1:0] slot_data_q;
  logic [TagW-1:0]  slot_tag_q;
  logic             check_valid;
  logic [Width-1:0] check_data;
  logic [TagW-1:0]  check_tag;
  logic             in_direct;
  logic [TagW-1:0]  out_tag;
  logic             to_slot;

  if (CheckLat == 0) begin : gen_direct
    assign check_valid = 1'b0;
    assign check_data  = '0;
    assign check_tag   = '0;
    assign in_direct   = in_valid_i;

    logic unused_now;
    assign unused_now = in_now_i;
  end else begin : gen_check
    logic             check_valid_q;
    logic [Width-1:0] check_data_q;
    logic [TagW-1:0]  check_tag_q;
    logic             in_check;

    assign in_direct   = in_valid_i & in_now_i & ~check_valid_q;
    assign in_check    = in_valid_i & ~in_direct;
    assign check_valid = check_valid_q;
    assign check_data  = check_data_q;
    assign check_tag   = check_tag_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        check_valid_q <= 1'b0;
      end else if (in_check) begin
        check_valid_q <= 1'b1;
      end else if (!slot_valid_q && !defer_valid_i) begin
        check_valid_q <= 1'b0;
      end
    end

    always_ff @(posedge clk_i) begin
      if (in_check) begin
        check_data_q <= in_data_i;
        check_tag_q  <= in_tag_i;
      end
    end
  end

  always_comb begin
    out_data_o = in_data_i;
    out_tag    = in_tag_i;
    if (slot_valid_q) begin
      out_data_o = slot_data_q;
      out_tag    = slot_tag_q;
    end else if (defer_valid_i) begin
      out_data_o = defer_data_i;
      out_tag    = defer_tag_i;
    end else if (check_valid) begin
      out_data_o = check_data;
      out_tag    = check_tag;
    end
  end

  assign out_valid_o   = slot_valid_q | defer_valid_i | check_valid | in_direct;
  assign slot_empty_o  = ~slot_valid_q;
  assign query_waits_o = (slot_valid_q && slot_tag_q == query_tag_i) ||
                         (check_valid && check_tag == query_tag_i);
  assign to_slot       = out_valid_o & ~out_ready_i & ~slot_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_valid_q <= 1'b0;
    end else if (out_valid_o) begin
      slot_valid_q <= ~out_ready_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (to_slot) begin
      slot_data_q <= out_data_o;
      slot_tag_q  <= out_tag;
    end
  end

  // Assertions //

  `RF_ASSERT(InOnlyWhenFree_A, !in_valid_i || (slot_empty_o && !defer_valid_i), clk_i, rst_ni)

  `RF_ASSERT_STABLE(OfferedStays_A, out_valid_o, out_ready_i, out_data_o, Width, clk_i, rst_ni)

endmodule
