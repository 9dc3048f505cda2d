// SPDX-License-Identifier: Apache-2.0
// The fabric's half at one filter: arbitrates the masters, prefixes IDs, keeps W in AW order, sends
// each answer to the master that its ID's prefix names. Payloads pass unchanged.
//
// Latency: 1 cycle a channel and direction (a register slice each), one beat a cycle a channel. A W
// beat leaves at the earliest in the cycle after its AW was taken outside, hence the slave outside
// must not make AWREADY wait for WVALID.
// W bursts are counted by AWLEN, not by WLAST, so that a master with a wrong WLAST misplaces no
// beat of another. With OrderDepth bursts whose W beats are owed, AW waits.
// Who can hold up whom: a master that withholds RREADY (BREADY) stops this filter's R (B) from its
// own next answer on, one that withholds W beats stops this filter's W; for as long as it does, and
// no other channel and no other filter. A waiting address goes after at most NumMasters - 1 others.
// Clock: runs whenever idle_o is low, req_o is high or an answer from outside is offered.
`include "assert.svh"

module fabric_filter #(
  parameter int unsigned NumMasters = 8,
  parameter int unsigned AddrW      = 40,
  parameter int unsigned DataW      = 128,
  parameter int unsigned IdW        = 4,
  parameter int unsigned OrderDepth = 64,
  localparam int unsigned PrefixW   = $clog2(NumMasters)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // From and to the masters, one bit or element a master. Responses carry one payload for all.
  input  logic [NumMasters-1:0]  aw_valid_i,
  output logic [NumMasters-1:0]  aw_ready_o,
  input  logic [IdW-1:0]         s_axi_awid [NumMasters],
  input  logic [AddrW-1:0]       s_axi_awaddr [NumMasters],
  input  logic [7:0]             s_axi_awlen [NumMasters],
  input  logic [2:0]             s_axi_awsize [NumMasters],
  input  logic [1:0]             s_axi_awburst [NumMasters],
  input  logic                   s_axi_awlock [NumMasters],
  input  logic [2:0]             s_axi_awprot [NumMasters],
  input  logic [3:0]             s_axi_awnsaid [NumMasters],
  input  logic [NumMasters-1:0]  w_valid_i,
  output logic [NumMasters-1:0]  w_ready_o,
  output logic                   w_end_o,
  input  logic [DataW-1:0]       s_axi_wdata [NumMasters],
  input  logic [DataW/8-1:0]     s_axi_wstrb [NumMasters],
  input  logic                   s_axi_wlast [NumMasters],
  input  logic [NumMasters-1:0]  ar_valid_i,
  output logic [NumMasters-1:0]  ar_ready_o,
  input  logic [IdW-1:0]         s_axi_arid [NumMasters],
  input  logic [AddrW-1:0]       s_axi_araddr [NumMasters],
  input  logic [7:0]             s_axi_arlen [NumMasters],
  input  logic [2:0]             s_axi_arsize [NumMasters],
  input  logic [1:0]             s_axi_arburst [NumMasters],
  input  logic                   s_axi_arlock [NumMasters],
  input  logic [2:0]             s_axi_arprot [NumMasters],
  input  logic [3:0]             s_axi_arnsaid [NumMasters],
  output logic [NumMasters-1:0]  b_valid_o,
  input  logic [NumMasters-1:0]  b_ready_i,
  output logic [IdW-1:0]         b_id_o,
  output logic [1:0]             b_resp_o,
  output logic [NumMasters-1:0]  r_valid_o,
  input  logic [NumMasters-1:0]  r_ready_i,
  output logic [IdW-1:0]         r_id_o,
  output logic [DataW-1:0]       r_data_o,
  output logic [1:0]             r_resp_o,
  output logic                   r_last_o,

  output logic [PrefixW+IdW-1:0] m_axi_awid,
  output logic [AddrW-1:0]       m_axi_awaddr,
  output logic [7:0]             m_axi_awlen,
  output logic [2:0]             m_axi_awsize,
  output logic [1:0]             m_axi_awburst,
  output logic                   m_axi_awlock,
  output logic [2:0]             m_axi_awprot,
  output logic [3:0]             m_axi_awnsaid,
  output logic                   m_axi_awvalid,
  input  logic                   m_axi_awready,
  output logic [DataW-1:0]       m_axi_wdata,
  output logic [DataW/8-1:0]     m_axi_wstrb,
  output logic                   m_axi_wlast,
  output logic                   m_axi_wvalid,
  input  logic                   m_axi_wready,
  input  logic [PrefixW+IdW-1:0] m_axi_bid,
  input  logic [1:0]             m_axi_bresp,
  input  logic                   m_axi_bvalid,
  output logic                   m_axi_bready,
  output logic [PrefixW+IdW-1:0] m_axi_arid,
  output logic [AddrW-1:0]       m_axi_araddr,
  output logic [7:0]             m_axi_arlen,
  output logic [2:0]             m_axi_arsize,
  output logic [1:0]             m_axi_arburst,
  output logic                   m_axi_arlock,
  output logic [2:0]             m_axi_arprot,
  output logic [3:0]             m_axi_arnsaid,
  output logic                   m_axi_arvalid,
  input  logic                   m_axi_arready,
  input  logic [PrefixW+IdW-1:0] m_axi_rid,
  input  logic [DataW-1:0]       m_axi_rdata,
  input  logic [1:0]             m_axi_rresp,
  input  logic                   m_axi_rlast,
  input  logic                   m_axi_rvalid,
  output logic                   m_axi_rready,

  output logic                   idle_o,
  output logic                   req_o
);

  localparam int unsigned CreditW = $clog2(OrderDepth + 4);

  // AR.
  logic               ar_take;
  logic [PrefixW-1:0] ar_idx;
  logic               unused_ar;

  assign unused_ar = ^{ar_take, ar_idx};

  fabric_addr #(
    .NumMasters (NumMasters),
    .AddrW      (AddrW),
    .IdW        (IdW)
  ) u_ar (
    .clk_i,
    .rst_ni,
    .block_i (1'b0),
    .valid_i (ar_valid_i),
    .ready_o (ar_ready_o),
    .id_i    (s_axi_arid),
    .addr_i  (s_axi_araddr),
    .len_i   (s_axi_arlen),
    .size_i  (s_axi_arsize),
    .burst_i (s_axi_arburst),
    .lock_i  (s_axi_arlock),
    .prot_i  (s_axi_arprot),
    .nsaid_i (s_axi_arnsaid),
    .take_o  (ar_take),
    .idx_o   (ar_idx),
    .id_o    (m_axi_arid),
    .addr_o  (m_axi_araddr),
    .len_o   (m_axi_arlen),
    .size_o  (m_axi_arsize),
    .burst_o (m_axi_arburst),
    .lock_o  (m_axi_arlock),
    .prot_o  (m_axi_arprot),
    .nsaid_o (m_axi_arnsaid),
    .valid_o (m_axi_arvalid),
    .ready_i (m_axi_arready)
  );

  // AW; whose W beats come next, and how many of them.
  logic               aw_take, order_full, order_empty, w_push, w_wr, w_rd, w_ready, w_valid;
  logic [PrefixW-1:0] aw_idx, w_from;
  logic [7:0]         w_len, beat_q;

  fabric_addr #(
    .NumMasters (NumMasters),
    .AddrW      (AddrW),
    .IdW        (IdW)
  ) u_aw (
    .clk_i,
    .rst_ni,
    .block_i (order_full),
    .valid_i (aw_valid_i),
    .ready_o (aw_ready_o),
    .id_i    (s_axi_awid),
    .addr_i  (s_axi_awaddr),
    .len_i   (s_axi_awlen),
    .size_i  (s_axi_awsize),
    .burst_i (s_axi_awburst),
    .lock_i  (s_axi_awlock),
    .prot_i  (s_axi_awprot),
    .nsaid_i (s_axi_awnsaid),
    .take_o  (aw_take),
    .idx_o   (aw_idx),
    .id_o    (m_axi_awid),
    .addr_o  (m_axi_awaddr),
    .len_o   (m_axi_awlen),
    .size_o  (m_axi_awsize),
    .burst_o (m_axi_awburst),
    .lock_o  (m_axi_awlock),
    .prot_o  (m_axi_awprot),
    .nsaid_o (m_axi_awnsaid),
    .valid_o (m_axi_awvalid),
    .ready_i (m_axi_awready)
  );

  fifo #(
    .Width (PrefixW + 8),
    .Depth (OrderDepth)
  ) u_order (
    .clk_i,
    .rst_ni,
    .push_i  (aw_take),
    .data_i  ({aw_idx, s_axi_awlen[aw_idx]}),
    .pop_i   (w_push && w_end_o),
    .data_o  ({w_from, w_len}),
    .full_o  (order_full),
    .empty_o (order_empty)
  );

  // W.
  logic [DataW-1:0]   w_data_q [2];
  logic [DataW/8-1:0] w_strb_q [2];
  logic               w_last_q [2];
  logic               w_end_q  [2];
  logic [CreditW-1:0] credit_q;
  logic               aw_gone, w_gone;

  slice_ctrl u_w (
    .clk_i,
    .rst_ni,
    .valid_i (!order_empty && w_valid_i[w_from]),
    .ready_o (w_ready),
    .valid_o (w_valid),
    .ready_i (m_axi_wready && credit_q != '0),
    .push_o  (w_push),
    .wr_o    (w_wr),
    .rd_o    (w_rd)
  );

  assign w_end_o   = (beat_q == w_len);
  assign w_ready_o = NumMasters'(!order_empty && w_ready) << w_from;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beat_q <= '0;
    else if (w_push) beat_q <= w_end_o ? '0 : beat_q + 8'd1;
  end

  always_ff @(posedge clk_i) begin
    if (w_push) begin
      w_data_q[w_wr] <= s_axi_wdata[w_from];
      w_strb_q[w_wr] <= s_axi_wstrb[w_from];
      w_last_q[w_wr] <= s_axi_wlast[w_from];
      w_end_q[w_wr]  <= w_end_o;
    end
  end

  assign m_axi_wdata  = w_data_q[w_rd];
  assign m_axi_wstrb  = w_strb_q[w_rd];
  assign m_axi_wlast  = w_last_q[w_rd];
  assign m_axi_wvalid = w_valid && credit_q != '0;

  // Bursts whose AW is outside and whose last W beat is not.
  assign aw_gone = m_axi_awvalid && m_axi_awready;
  assign w_gone  = m_axi_wvalid && m_axi_wready && w_end_q[w_rd];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) credit_q <= '0;
    else if (aw_gone != w_gone) credit_q <= aw_gone ? credit_q + 1'b1 : credit_q - 1'b1;
  end

  // R.
  logic                   r_push, r_wr, r_rd, r_valid;
  logic [PrefixW+IdW-1:0] r_id_q   [2];
  logic [DataW-1:0]       r_data_q [2];
  logic [1:0]             r_resp_q [2];
  logic                   r_last_q [2];
  logic [PrefixW-1:0]     r_to;

  slice_ctrl u_r (
    .clk_i,
    .rst_ni,
    .valid_i (m_axi_rvalid),
    .ready_o (m_axi_rready),
    .valid_o (r_valid),
    .ready_i (r_ready_i[r_to]),
    .push_o  (r_push),
    .wr_o    (r_wr),
    .rd_o    (r_rd)
  );

  always_ff @(posedge clk_i) begin
    if (r_push) begin
      r_id_q[r_wr]   <= m_axi_rid;
      r_data_q[r_wr] <= m_axi_rdata;
      r_resp_q[r_wr] <= m_axi_rresp;
      r_last_q[r_wr] <= m_axi_rlast;
    end
  end

  assign {r_to, r_id_o} = r_id_q[r_rd];
  assign r_data_o       = r_data_q[r_rd];
  assign r_resp_o       = r_resp_q[r_rd];
  assign r_last_o       = r_last_q[r_rd];
  assign r_valid_o      = NumMasters'(r_valid) << r_to;

  // B.
  logic                   b_push, b_wr, b_rd, b_valid;
  logic [PrefixW+IdW-1:0] b_id_q   [2];
  logic [1:0]             b_resp_q [2];
  logic [PrefixW-1:0]     b_to;

  slice_ctrl u_b (
    .clk_i,
    .rst_ni,
    .valid_i (m_axi_bvalid),
    .ready_o (m_axi_bready),
    .valid_o (b_valid),
    .ready_i (b_ready_i[b_to]),
    .push_o  (b_push),
    .wr_o    (b_wr),
    .rd_o    (b_rd)
  );

  always_ff @(posedge clk_i) begin
    if (b_push) begin
      b_id_q[b_wr]   <= m_axi_bid;
      b_resp_q[b_wr] <= m_axi_bresp;
    end
  end

  assign {b_to, b_id_o} = b_id_q[b_rd];
  assign b_resp_o       = b_resp_q[b_rd];
  assign b_valid_o      = NumMasters'(b_valid) << b_to;

  assign req_o  = (aw_valid_i | ar_valid_i | w_valid_i) != '0;
  assign idle_o = !m_axi_awvalid && !m_axi_arvalid && !w_valid && !r_valid && !b_valid &&
                  order_empty && (credit_q == '0);

  // Assertions //
  `RF_ASSERT_STABLE(WStable_A, m_axi_wvalid, m_axi_wready,
                    ({m_axi_wlast, m_axi_wstrb, m_axi_wdata}), DataW + DataW / 8 + 1,
                    clk_i, rst_ni)
  `RF_ASSERT_STABLE(RStable_A, r_valid, r_ready_i[r_to],
                    ({r_id_q[r_rd], r_data_o, r_resp_o, r_last_o}), PrefixW + IdW + DataW + 3,
                    clk_i, rst_ni)
  `RF_ASSERT_STABLE(BStable_A, b_valid, b_ready_i[b_to], ({b_id_q[b_rd], b_resp_o}),
                    PrefixW + IdW + 2, clk_i, rst_ni)
  `RF_ASSERT(CreditNoOverflow_A, !(aw_gone && !w_gone) || credit_q != '1, clk_i, rst_ni)
  `RF_ASSERT(CreditCoversW_A, !w_gone || credit_q != '0, clk_i, rst_ni)

endmodule
