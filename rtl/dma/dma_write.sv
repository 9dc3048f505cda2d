// SPDX-License-Identifier: Apache-2.0
// Write engine: descriptors and a data stream in, AW and W bursts out.
//
// The stream carries one beat, lanes as on the bus, for each beat of each accepted descriptor, in
// order; a refused descriptor takes none. AW goes out only when all beats of its burst are here, W
// follows in AW order. IDs rotate 0..15 with one burst an ID. BREADY is constant 1.
// Latency: descriptor to AWVALID 3 cycles, WVALID with AWVALID, last answer to status 2. One AW a
// cycle, one beat a cycle. Refusals: see dma_desc. With `stop`, no AWVALID rises after the cycle in
// which an error was taken; the beats of the withheld bursts are still taken from the stream and
// thrown away. Straps are sampled when a burst is put on AW.
`include "assert.svh"

module dma_write #(
  parameter int unsigned AddrW      = 40,
  parameter int unsigned DataW      = 128,
  parameter int unsigned IdW        = 4,
  parameter int unsigned NumStreams = 4,
  parameter int unsigned MaxBurst   = 64,
  parameter int unsigned DescDepth  = 4
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    desc_valid_i,
  output logic                    desc_ready_o,
  input  logic [AddrW-1:0]        desc_addr_i,
  input  logic [31:0]             desc_len_i,
  input  logic [15:0]             desc_rows_i,
  input  logic [31:0]             desc_stride_i,
  input  logic [6:0]              desc_burst_i,
  input  logic [4:0]              desc_outst_i,
  input  logic [1:0]              desc_stream_i,
  input  logic                    desc_stop_i,
  input  logic [15:0]             desc_tag_i,

  output logic                    sts_valid_o,
  output logic [15:0]             sts_tag_o,
  output logic [2:0]              sts_code_o,
  output logic [1:0]              sts_resp_o,
  output logic [AddrW-1:0]        sts_fail_addr_o,

  input  logic                    ws_valid_i,
  output logic                    ws_ready_o,
  input  logic [DataW-1:0]        ws_data_i,

  input  logic [4*NumStreams-1:0] strap_nsaid_i,
  input  logic [3*NumStreams-1:0] strap_prot_i,

  output logic [IdW-1:0]          m_axi_awid,
  output logic [AddrW-1:0]        m_axi_awaddr,
  output logic [7:0]              m_axi_awlen,
  output logic [2:0]              m_axi_awsize,
  output logic [1:0]              m_axi_awburst,
  output logic                    m_axi_awlock,
  output logic [2:0]              m_axi_awprot,
  output logic [3:0]              m_axi_awnsaid,
  output logic                    m_axi_awvalid,
  input  logic                    m_axi_awready,
  output logic [DataW-1:0]        m_axi_wdata,
  output logic [DataW/8-1:0]      m_axi_wstrb,
  output logic                    m_axi_wlast,
  output logic                    m_axi_wvalid,
  input  logic                    m_axi_wready,
  input  logic [IdW-1:0]          m_axi_bid,
  input  logic [1:0]              m_axi_bresp,
  input  logic                    m_axi_bvalid,
  output logic                    m_axi_bready,

  output logic                    idle_o
);

  localparam int unsigned NumIds = 2 ** IdW;
  localparam int unsigned SlotW  = $clog2(DescDepth);
  // A whole longest burst, and a few beats of the one before: else W would pause at each change.
  localparam int unsigned FifoDepth = MaxBurst + 8;
  localparam int unsigned FillW     = $clog2(FifoDepth + 1);

  typedef struct packed {
    logic       drop;
    logic [5:0] last;  // number of the last beat
    logic [3:0] head;  // first byte lane of the first beat
    logic [3:0] tail;  // last byte lane of the last beat
  } wburst_t;

  logic              bst_valid, bst_room, bst_stop, bst_take, issue;
  logic [AddrW-1:0]  bst_addr;
  logic [6:0]        bst_beats;
  logic [3:0]        bst_tail;
  logic [1:0]        bst_stream;
  logic [SlotW-1:0]  bst_slot;
  logic [15:0]       rsp_tag;
  logic              desc_idle;

  logic [NumIds-1:0] busy_q;
  logic [IdW-1:0]    id_q;
  logic [SlotW-1:0]  slot_q [NumIds];
  logic [AddrW-1:0]  addr_q [NumIds];

  // Beats in the FIFO that no burst has claimed yet.
  logic [FillW-1:0]  free_q;
  logic              fifo_full, fifo_empty, ws_push, beat_pop;
  logic              wq_full, wq_empty, wq_pop;
  wburst_t           wq_in, wq_out;
  logic [5:0]        beat_q;

  assign bst_take = bst_valid && (7'(free_q) >= bst_beats) && !wq_full && (bst_stop || issue);
  assign issue    = bst_valid && (7'(free_q) >= bst_beats) && !wq_full && !bst_stop && bst_room &&
                    !busy_q[id_q] && (!m_axi_awvalid || m_axi_awready);

  dma_desc #(
    .AddrW     (AddrW),
    .MaxBurst  (MaxBurst),
    .DescDepth (DescDepth),
    .DropAll   (1'b0)
  ) u_desc (
    .clk_i,
    .rst_ni,
    .desc_valid_i,
    .desc_ready_o,
    .desc_addr_i,
    .desc_len_i,
    .desc_rows_i,
    .desc_stride_i,
    .desc_burst_i,
    .desc_outst_i,
    .desc_stream_i,
    .desc_stop_i,
    .desc_tag_i,
    .bst_valid_o  (bst_valid),
    .bst_room_o   (bst_room),
    .bst_stop_o   (bst_stop),
    .bst_addr_o   (bst_addr),
    .bst_beats_o  (bst_beats),
    .bst_tail_o   (bst_tail),
    .bst_stream_o (bst_stream),
    .bst_slot_o   (bst_slot),
    .bst_take_i   (bst_take),
    .bst_drop_i   (bst_stop),
    .rsp_valid_i  (m_axi_bvalid),
    .rsp_last_i   (1'b1),
    .rsp_slot_i   (slot_q[m_axi_bid]),
    .rsp_resp_i   (m_axi_bresp),
    .rsp_addr_i   (addr_q[m_axi_bid]),
    .rsp_tag_o    (rsp_tag),
    .sts_valid_o,
    .sts_tag_o,
    .sts_code_o,
    .sts_resp_o,
    .sts_fail_addr_o,
    .idle_o       (desc_idle)
  );

  // AW.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      m_axi_awvalid <= 1'b0;
      id_q          <= '0;
      busy_q        <= '0;
    end else begin
      if (issue) begin
        m_axi_awvalid <= 1'b1;
        id_q          <= id_q + 1'b1;
        busy_q[id_q]  <= 1'b1;
      end else if (m_axi_awready) begin
        m_axi_awvalid <= 1'b0;
      end
      if (m_axi_bvalid) busy_q[m_axi_bid] <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue) begin
      m_axi_awid    <= id_q;
      m_axi_awaddr  <= bst_addr;
      m_axi_awlen   <= {1'b0, bst_beats} - 8'd1;
      m_axi_awprot  <= strap_prot_i[3*bst_stream +: 3];
      m_axi_awnsaid <= strap_nsaid_i[4*bst_stream +: 4];
      slot_q[id_q]  <= bst_slot;
      addr_q[id_q]  <= bst_addr;
    end
  end

  assign m_axi_awsize  = dma_pkg::Size16Bytes;
  assign m_axi_awburst = dma_pkg::BurstIncr;
  assign m_axi_awlock  = 1'b0;
  assign m_axi_bready  = 1'b1;

  // Data: the FIFO's head is the W beat.
  fifo #(
    .Width (DataW),
    .Depth (FifoDepth)
  ) u_data (
    .clk_i,
    .rst_ni,
    .push_i  (ws_push),
    .data_i  (ws_data_i),
    .pop_i   (beat_pop),
    .data_o  (m_axi_wdata),
    .full_o  (fifo_full),
    .empty_o (fifo_empty)
  );

  assign ws_ready_o = !fifo_full;
  assign ws_push    = ws_valid_i && !fifo_full;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) free_q <= '0;
    else if (ws_push || bst_take) begin
      free_q <= free_q + FillW'(ws_push) - (bst_take ? FillW'(bst_beats) : '0);
    end
  end

  // Bursts whose beats are to go, in AW order.
  assign wq_in.drop = bst_stop;
  assign wq_in.last = 6'(bst_beats - 7'd1);
  assign wq_in.head = bst_addr[3:0];
  assign wq_in.tail = bst_tail;

  fifo #(
    .Width ($bits(wburst_t)),
    .Depth (NumIds)
  ) u_order (
    .clk_i,
    .rst_ni,
    .push_i  (bst_take),
    .data_i  (wq_in),
    .pop_i   (wq_pop),
    .data_o  (wq_out),
    .full_o  (wq_full),
    .empty_o (wq_empty)
  );

  assign m_axi_wvalid = !wq_empty && !wq_out.drop;
  assign m_axi_wlast  = (beat_q == wq_out.last);
  assign m_axi_wstrb  = ((beat_q == '0) ? (16'hffff << wq_out.head) : 16'hffff) &
                        (m_axi_wlast ? (16'hffff >> ~wq_out.tail) : 16'hffff);
  assign beat_pop     = !wq_empty && (wq_out.drop || m_axi_wready);
  assign wq_pop       = beat_pop && m_axi_wlast;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beat_q <= '0;
    else if (beat_pop) beat_q <= m_axi_wlast ? '0 : beat_q + 6'd1;
  end

  logic unused_tag;
  assign unused_tag = ^rsp_tag;

  assign idle_o = desc_idle && fifo_empty && wq_empty;

  // Assertions //
  `RF_ASSERT_STABLE(AwStable_A, m_axi_awvalid, m_axi_awready,
                    ({m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awprot, m_axi_awnsaid}),
                    IdW + AddrW + 15, clk_i, rst_ni)
  `RF_ASSERT_STABLE(WStable_A, m_axi_wvalid, m_axi_wready,
                    ({m_axi_wlast, m_axi_wstrb, m_axi_wdata}), DataW + DataW / 8 + 1,
                    clk_i, rst_ni)
  `RF_ASSERT(AnswerOwed_A, !m_axi_bvalid || busy_q[m_axi_bid], clk_i, rst_ni)
  `RF_ASSERT(BeatsThere_A, wq_empty || !fifo_empty, clk_i, rst_ni)
  `RF_ASSERT(FillInRange_A, 32'(free_q) <= FifoDepth, clk_i, rst_ni)

endmodule
