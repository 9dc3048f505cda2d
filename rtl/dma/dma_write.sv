// SPDX-License-Identifier: Apache-2.0
// Write engine: descriptors and a data stream in, AW and W bursts out.
//
// The stream carries one beat, lanes as on the bus, for each beat of each accepted descriptor, in
// order; a refused descriptor takes none. AW goes out only when all beats of its burst are here, W
// follows in AW order. IDs rotate 0..15 with one burst an ID. BREADY is constant 1.
// Latency: descriptor to AWVALID 4 cycles, WVALID 1 after AWVALID, last answer to status 2. One AW
// a cycle, one beat a cycle. Refusals: see dma_desc. With `stop`, no AWVALID rises after the cycle
// in which an error was taken; the beats of the withheld bursts are still taken from the stream and
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
  // Two longest bursts: one goes out while the next one fills. A power of two.
  localparam int unsigned FifoDepth = 2 * MaxBurst;
  localparam int unsigned PtrW      = $clog2(FifoDepth);

  typedef struct packed {
    logic       drop;
    logic [5:0] last;  // number of the last beat
    logic [3:0] head;  // first byte lane of the first beat
    logic [3:0] tail;  // last byte lane of the last beat
  } wburst_t;

  typedef struct packed {
    logic             stop;
    logic [1:0]       stream;
    logic [4:0]       outst;
    logic [SlotW-1:0] slot;
    logic [6:0]       beats;
    logic [3:0]       tail;
    logic [AddrW-1:0] addr;
  } burst_t;

  logic              bst_valid, bst_go, issue, drop;
  burst_t            bst;
  logic [15:0]       bst_tag;
  logic              desc_idle;

  // By ID: whose burst it is, and its address.
  typedef struct packed {
    logic [SlotW-1:0] slot;
    logic [AddrW-1:0] addr;
  } track_t;

  logic [NumIds-1:0] busy_q;
  logic [IdW-1:0]    id_q;
  track_t            track_q [NumIds];
  track_t            answer;

  // Stream beats. Pointers have a bit more than an index: beats from rd_q up to claim_q belong to
  // bursts, those up to wr_q are free for the next burst.
  logic [DataW-1:0]  beat_q [FifoDepth];
  logic [PtrW:0]     wr_q, claim_q, rd_q, fill, unclaimed;

  // Bursts whose beats are to go, in AW order, and the one that is going.
  wburst_t           order_q [NumIds];
  logic [IdW:0]      order_wr_q, order_rd_q;
  wburst_t           next;
  logic              w_drop_q, w_move, w_end, w_load;
  logic [5:0]        w_left_q;
  logic [3:0]        w_tail_q;

  assign fill      = wr_q - rd_q;
  assign unclaimed = wr_q - claim_q;

  always_comb begin
    bst_go = 1'b0;
    if (bst_valid && (!m_axi_awvalid || m_axi_awready)) begin
      bst_go = !busy_q[id_q] && 32'(unclaimed) >= 32'(bst.beats) &&
               32'((IdW + 1)'(order_wr_q - order_rd_q)) != NumIds;
    end
  end

  dma_desc #(
    .AddrW     (AddrW),
    .MaxBurst  (MaxBurst),
    .DescDepth (DescDepth),
    .DropAll   (1'b0),
    .burst_t   (burst_t)
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
    .bst_go_i     (bst_go),
    .bst_issue_o  (issue),
    .bst_drop_o   (drop),
    .bst_o        (bst),
    .bst_tag_o    (bst_tag),
    .rsp_valid_i  (m_axi_bvalid),
    .rsp_last_i   (1'b1),
    .rsp_slot_i   (answer.slot),
    .rsp_resp_i   (m_axi_bresp),
    .rsp_addr_i   (answer.addr),
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
      m_axi_awaddr  <= bst.addr;
      m_axi_awlen   <= {1'b0, bst.beats} - 8'd1;
      m_axi_awprot  <= strap_prot_i[3*bst.stream +: 3];
      m_axi_awnsaid <= strap_nsaid_i[4*bst.stream +: 4];
      track_q[id_q] <= '{slot: bst.slot, addr: bst.addr};
    end
  end

  assign m_axi_awsize  = dma_pkg::Size16Bytes;
  assign m_axi_awburst = dma_pkg::BurstIncr;
  assign m_axi_awlock  = 1'b0;

  // B.
  assign answer       = track_q[m_axi_bid];
  assign m_axi_bready = 1'b1;

  // Data in.
  assign ws_ready_o = (32'(fill) != FifoDepth);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q       <= '0;
      claim_q    <= '0;
      order_wr_q <= '0;
    end else begin
      if (ws_valid_i && ws_ready_o) wr_q <= wr_q + 1'b1;
      if (issue || drop) begin
        claim_q    <= claim_q + (PtrW + 1)'(bst.beats);
        order_wr_q <= order_wr_q + 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (ws_valid_i && ws_ready_o) beat_q[wr_q[PtrW-1:0]] <= ws_data_i;
    if (issue || drop) begin
      order_q[order_wr_q[IdW-1:0]] <= '{
        drop: drop, last: 6'(bst.beats - 7'd1), head: bst.addr[3:0], tail: bst.tail
      };
    end
  end

  // Data out. Strobes are made when a beat moves, for the next one.
  assign m_axi_wdata = beat_q[rd_q[PtrW-1:0]];
  assign next        = order_q[order_rd_q[IdW-1:0]];
  assign w_move      = w_drop_q || (m_axi_wvalid && m_axi_wready);
  assign w_end       = w_move ? m_axi_wlast : !m_axi_wvalid;
  assign w_load      = w_end && (order_wr_q != order_rd_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_q         <= '0;
      order_rd_q   <= '0;
      w_drop_q     <= 1'b0;
      w_left_q     <= '0;
      w_tail_q     <= '0;
      m_axi_wvalid <= 1'b0;
      m_axi_wlast  <= 1'b0;
      m_axi_wstrb  <= '0;
    end else begin
      if (w_load) begin
        order_rd_q   <= order_rd_q + 1'b1;
        w_drop_q     <= next.drop;
        w_left_q     <= next.last;
        w_tail_q     <= next.tail;
        m_axi_wvalid <= !next.drop;
        m_axi_wlast  <= (next.last == '0);
        m_axi_wstrb  <= (16'hffff << next.head) &
                        ((next.last == '0) ? (16'hffff >> ~next.tail) : 16'hffff);
      end
      if (w_move) begin
        rd_q <= rd_q + 1'b1;
        if (!m_axi_wlast) begin
          w_left_q    <= w_left_q - 6'd1;
          m_axi_wlast <= (w_left_q == 6'd1);
          m_axi_wstrb <= (w_left_q == 6'd1) ? (16'hffff >> ~w_tail_q) : 16'hffff;
        end else if (!w_load) begin
          w_drop_q     <= 1'b0;
          m_axi_wvalid <= 1'b0;
        end
      end
    end
  end

  logic unused_burst;
  assign unused_burst = ^{bst_tag, bst};

  // A beat of a burst stays in beat_q until it is out, so the pointers tell it all.
  assign idle_o = desc_idle && (wr_q == rd_q);

  // Assertions //
  `RF_ASSERT_STABLE(AwStable_A, m_axi_awvalid, m_axi_awready,
                    ({m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awprot, m_axi_awnsaid}),
                    IdW + AddrW + 15, clk_i, rst_ni)
  `RF_ASSERT_STABLE(WStable_A, m_axi_wvalid, m_axi_wready,
                    ({m_axi_wlast, m_axi_wstrb, m_axi_wdata}), DataW + DataW / 8 + 1,
                    clk_i, rst_ni)
  `RF_ASSERT(AnswerOwed_A, !m_axi_bvalid || busy_q[m_axi_bid], clk_i, rst_ni)
  `RF_ASSERT(BeatsThere_A, !w_move || rd_q != claim_q, clk_i, rst_ni)
  `RF_ASSERT(FillInRange_A, 32'(fill) <= FifoDepth && unclaimed <= fill, clk_i, rst_ni)
  `RF_ASSERT(IdleIsQuiet_A, !idle_o || (!m_axi_awvalid && !m_axi_wvalid && !w_drop_q &&
             order_wr_q == order_rd_q), clk_i, rst_ni)

endmodule
