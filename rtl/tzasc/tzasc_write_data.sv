// SPDX-License-Identifier: Apache-2.0
// A filter's W stream, in the order of the accepted addresses: beats of allowed writes pass, those
// of speculative denials pass with data and strobes zero, those of denied writes are swallowed.
// Bursts are counted by AxLEN; WLAST of the master decides nothing and is made anew downstream.
// No beat is taken before the verdict is registered and its address was taken downstream (the
// downstream side must not wait for WVALID with AWREADY); then 0 cycles, one beat a cycle. WREADY
// depends on registers only: a beat that downstream does not take waits in a one-entry slot.

`include "assert.svh"

module tzasc_write_data
  import tzasc_pkg::write_kind_e;
  import tzasc_pkg::WritePass;
  import tzasc_pkg::WriteSwallow;
#(
  parameter  int unsigned DataW = 128,
  parameter  int unsigned Outst = 64,
  localparam int unsigned IdxW  = $clog2(Outst)
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               push_i,
  input  logic [IdxW-1:0]    push_idx_i,
  input  write_kind_e        push_kind_i,
  input  logic [7:0]         push_len_i,

  output logic [IdxW-1:0]    head_idx_o,
  input  logic               head_waits_i,  // its address was not taken downstream yet
  output logic               swallowed_o,   // the last beat of the denied head was swallowed
  output logic               wlast_wrong_o, // a beat was taken whose WLAST is not what AxLEN says

  input  logic [DataW-1:0]   s_axi_wdata,
  input  logic [DataW/8-1:0] s_axi_wstrb,
  input  logic               s_axi_wlast,
  input  logic               s_axi_wvalid,
  output logic               s_axi_wready,
  output logic [DataW-1:0]   m_axi_wdata,
  output logic [DataW/8-1:0] m_axi_wstrb,
  output logic               m_axi_wlast,
  output logic               m_axi_wvalid,
  input  logic               m_axi_wready
);

  logic               empty, unused_full;
  write_kind_e        kind;
  logic [1:0]         kind_bits;
  logic [7:0]         len;
  logic [7:0]         beat_q;

  logic               slot_valid_q;
  logic [DataW-1:0]   slot_data_q;
  logic [DataW/8-1:0] slot_strb_q;
  logic               slot_last_q;

  logic               taken, last, pop, passes, to_slot;

  // Order of the accepted writes; as deep as the table, so it never overflows.
  fifo #(
    .Width(IdxW + 2 + 8),
    .Depth(Outst)
  ) u_order (
    .clk_i,
    .rst_ni,
    .push_i,
    .data_i ({push_idx_i, push_kind_i, push_len_i}),
    .pop_i  (pop),
    .data_o ({head_idx_o, kind_bits, len}),
    .full_o (unused_full),
    .empty_o(empty)
  );

  assign kind         = write_kind_e'(kind_bits);
  assign s_axi_wready = !empty && (kind == WriteSwallow || (!slot_valid_q && !head_waits_i));
  assign taken        = s_axi_wvalid & s_axi_wready;
  assign last         = beat_q == len;
  assign pop          = taken & last;
  assign passes       = taken && kind != WriteSwallow;
  assign swallowed_o  = pop && kind == WriteSwallow;
  assign wlast_wrong_o = taken && s_axi_wlast != last;

  always_comb begin
    m_axi_wdata = '0;
    m_axi_wstrb = '0;
    m_axi_wlast = last;
    if (slot_valid_q) begin
      m_axi_wdata = slot_data_q;
      m_axi_wstrb = slot_strb_q;
      m_axi_wlast = slot_last_q;
    end else if (passes && kind == WritePass) begin
      m_axi_wdata = s_axi_wdata;
      m_axi_wstrb = s_axi_wstrb;
    end
  end

  assign m_axi_wvalid = slot_valid_q | passes;
  assign to_slot      = passes & ~m_axi_wready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
    end else if (taken) begin
      beat_q <= last ? '0 : beat_q + 8'd1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_valid_q <= 1'b0;
    end else if (m_axi_wvalid) begin
      slot_valid_q <= ~m_axi_wready;
    end
  end

  always_ff @(posedge clk_i) begin
    if (to_slot) begin
      slot_data_q <= m_axi_wdata;
      slot_strb_q <= m_axi_wstrb;
      slot_last_q <= m_axi_wlast;
    end
  end

  // Assertions //

  `RF_ASSERT(OnlyAllowedWrites_A,
             slot_valid_q || !m_axi_wvalid || kind == WritePass || m_axi_wstrb == '0,
             clk_i, rst_ni)
  `RF_ASSERT_STABLE(BeatStays_A, m_axi_wvalid, m_axi_wready,
                    ({m_axi_wdata, m_axi_wstrb, m_axi_wlast}), DataW + DataW / 8 + 1,
                    clk_i, rst_ni)

endmodule
