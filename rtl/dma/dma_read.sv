// SPDX-License-Identifier: Apache-2.0
// Read engine: descriptors in, AR bursts out, R beats to a stream that always takes.
//
// IDs rotate 0..15 with one burst an ID; a table by ID holds descriptor and next byte address, so
// answers may come out of order and interleaved. RREADY is constant 1.
// Latency: descriptor to ARVALID 4 cycles, R beat to stream 0, last beat to status 2. One AR a
// cycle, one beat a cycle. Refusals: see dma_desc. With `stop`, no ARVALID rises after the cycle in
// which an error was taken; a burst already on AR still goes. Straps are sampled when a burst is
// put on AR.
`include "assert.svh"

module dma_read #(
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

  output logic                    rs_valid_o,
  output logic [DataW-1:0]        rs_data_o,
  output logic [AddrW-1:0]        rs_addr_o,
  output logic [15:0]             rs_tag_o,
  output logic [1:0]              rs_resp_o,

  input  logic [4*NumStreams-1:0] strap_nsaid_i,
  input  logic [3*NumStreams-1:0] strap_prot_i,

  output logic [IdW-1:0]          m_axi_arid,
  output logic [AddrW-1:0]        m_axi_araddr,
  output logic [7:0]              m_axi_arlen,
  output logic [2:0]              m_axi_arsize,
  output logic [1:0]              m_axi_arburst,
  output logic                    m_axi_arlock,
  output logic [2:0]              m_axi_arprot,
  output logic [3:0]              m_axi_arnsaid,
  output logic                    m_axi_arvalid,
  input  logic                    m_axi_arready,
  input  logic [IdW-1:0]          m_axi_rid,
  input  logic [DataW-1:0]        m_axi_rdata,
  input  logic [1:0]              m_axi_rresp,
  input  logic                    m_axi_rlast,
  input  logic                    m_axi_rvalid,
  output logic                    m_axi_rready,

  output logic                    idle_o
);

  localparam int unsigned NumIds = 2 ** IdW;
  localparam int unsigned SlotW  = $clog2(DescDepth);

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

  // By ID: whose burst it is, and the byte address of its next beat.
  typedef struct packed {
    logic [15:0]      tag;
    logic [SlotW-1:0] slot;
    logic [AddrW-1:0] addr;
  } track_t;

  logic [NumIds-1:0] busy_q;
  logic [IdW-1:0]    id_q;
  track_t            track_q [NumIds];
  track_t            beat;

  assign bst_go = bst_valid && (!m_axi_arvalid || m_axi_arready) && !busy_q[id_q];

  dma_desc #(
    .AddrW     (AddrW),
    .MaxBurst  (MaxBurst),
    .DescDepth (DescDepth),
    .DropAll   (1'b1),
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
    .rsp_valid_i  (m_axi_rvalid),
    .rsp_last_i   (m_axi_rlast),
    .rsp_slot_i   (beat.slot),
    .rsp_resp_i   (m_axi_rresp),
    .rsp_addr_i   (beat.addr),
    .sts_valid_o,
    .sts_tag_o,
    .sts_code_o,
    .sts_resp_o,
    .sts_fail_addr_o,
    .idle_o
  );

  // AR.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      m_axi_arvalid <= 1'b0;
      id_q          <= '0;
      busy_q        <= '0;
    end else begin
      if (issue) begin
        m_axi_arvalid <= 1'b1;
        id_q          <= id_q + 1'b1;
        busy_q[id_q]  <= 1'b1;
      end else if (m_axi_arready) begin
        m_axi_arvalid <= 1'b0;
      end
      if (m_axi_rvalid && m_axi_rlast) busy_q[m_axi_rid] <= 1'b0;
    end
  end

  // An ID is never issued while beats are owed for it, so the two writes to track_q do not meet.
  always_ff @(posedge clk_i) begin
    if (issue) begin
      m_axi_arid    <= id_q;
      m_axi_araddr  <= bst.addr;
      m_axi_arlen   <= {1'b0, bst.beats} - 8'd1;
      m_axi_arprot  <= strap_prot_i[3*bst.stream +: 3];
      m_axi_arnsaid <= strap_nsaid_i[4*bst.stream +: 4];
      track_q[id_q] <= '{tag: bst_tag, slot: bst.slot, addr: bst.addr};
    end
    if (m_axi_rvalid) begin
      track_q[m_axi_rid] <= '{
        tag: beat.tag, slot: beat.slot, addr: {beat.addr[AddrW-1:4] + 1'b1, 4'b0}
      };
    end
  end

  assign m_axi_arsize  = dma_pkg::Size16Bytes;
  assign m_axi_arburst = dma_pkg::BurstIncr;
  assign m_axi_arlock  = 1'b0;

  // R.
  assign beat         = track_q[m_axi_rid];
  assign m_axi_rready = 1'b1;
  assign rs_valid_o   = m_axi_rvalid;
  assign rs_data_o    = m_axi_rdata;
  assign rs_addr_o    = beat.addr;
  assign rs_tag_o     = beat.tag;
  assign rs_resp_o    = m_axi_rresp;

  logic unused_burst;
  assign unused_burst = ^{drop, bst};

  // Assertions //
  `RF_ASSERT_STABLE(ArStable_A, m_axi_arvalid, m_axi_arready,
                    ({m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arprot, m_axi_arnsaid}),
                    IdW + AddrW + 15, clk_i, rst_ni)
  `RF_ASSERT(BeatOwed_A, !m_axi_rvalid || busy_q[m_axi_rid], clk_i, rst_ni)

endmodule
