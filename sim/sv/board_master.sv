// SPDX-License-Identifier: Apache-2.0
// One master of the board: its DMA engine, the raw port, and the registers that hold what the test
// bench drives. Inputs are taken at a rising edge of load_i, which the wrapper raises only when
// something changed, so an idle master's logic is not evaluated at all.
//
// run_o: the clock must run in this cycle (engine busy, or something offered to it).
`include "assert.svh"

module board_master import board_pkg::*; (
  input  logic               clk_i,
  input  logic               load_i,
  input  logic               rst_ni,

  input  logic               raw_enable_i,
  input  raw_flags_t         raw_flags_i,
  input  ax_t                raw_ar_i,
  input  ax_t                raw_aw_i,
  input  w_t                 raw_w_i,
  input  logic               rd_desc_valid_i,
  input  logic               wr_desc_valid_i,
  input  logic               ws_valid_i,
  input  desc_t              rd_desc_i,
  input  desc_t              wr_desc_i,
  input  logic [DataW-1:0]   ws_data_i,
  input  logic [15:0]        strap_nsaid_i,
  input  logic [11:0]        strap_prot_i,

  output logic               rd_desc_ready_o,
  output logic               wr_desc_ready_o,
  output logic               ws_ready_o,
  output logic               rd_sts_valid_o,
  output logic               wr_sts_valid_o,
  output logic               rs_valid_o,
  output status_t            rd_sts_o,
  output status_t            wr_sts_o,
  output read_beat_t         rs_o,
  output logic               idle_o,
  output logic               run_o,

  output logic [IdW-1:0]     m_axi_awid,
  output logic [AddrW-1:0]   m_axi_awaddr,
  output logic [7:0]         m_axi_awlen,
  output logic [2:0]         m_axi_awsize,
  output logic [1:0]         m_axi_awburst,
  output logic               m_axi_awlock,
  output logic [2:0]         m_axi_awprot,
  output logic [3:0]         m_axi_awnsaid,
  output logic               m_axi_awvalid,
  input  logic               m_axi_awready,
  output logic [DataW-1:0]   m_axi_wdata,
  output logic [DataW/8-1:0] m_axi_wstrb,
  output logic               m_axi_wlast,
  output logic               m_axi_wvalid,
  input  logic               m_axi_wready,
  input  logic [IdW-1:0]     m_axi_bid,
  input  logic [1:0]         m_axi_bresp,
  input  logic               m_axi_bvalid,
  output logic               m_axi_bready,
  output logic [IdW-1:0]     m_axi_arid,
  output logic [AddrW-1:0]   m_axi_araddr,
  output logic [7:0]         m_axi_arlen,
  output logic [2:0]         m_axi_arsize,
  output logic [1:0]         m_axi_arburst,
  output logic               m_axi_arlock,
  output logic [2:0]         m_axi_arprot,
  output logic [3:0]         m_axi_arnsaid,
  output logic               m_axi_arvalid,
  input  logic               m_axi_arready,
  input  logic [IdW-1:0]     m_axi_rid,
  input  logic [DataW-1:0]   m_axi_rdata,
  input  logic [1:0]         m_axi_rresp,
  input  logic               m_axi_rlast,
  input  logic               m_axi_rvalid,
  output logic               m_axi_rready
);

  // What the test bench drives //
  logic             raw_enable_q, rd_desc_valid_q, wr_desc_valid_q, ws_valid_q;
  raw_flags_t       raw_flags_q;
  ax_t              raw_ar_q, raw_aw_q;
  w_t               raw_w_q;
  desc_t            rd_desc_q, wr_desc_q;
  logic [DataW-1:0] ws_data_q;
  logic [15:0]      strap_nsaid_q;
  logic [11:0]      strap_prot_q;

  always_ff @(posedge load_i) begin
    raw_enable_q    <= raw_enable_i;
    rd_desc_valid_q <= rd_desc_valid_i;
    wr_desc_valid_q <= wr_desc_valid_i;
    ws_valid_q      <= ws_valid_i;
    raw_flags_q     <= raw_flags_i;
    strap_nsaid_q   <= strap_nsaid_i;
    strap_prot_q    <= strap_prot_i;
    if (rd_desc_valid_i) rd_desc_q <= rd_desc_i;
    if (wr_desc_valid_i) wr_desc_q <= wr_desc_i;
    if (ws_valid_i) ws_data_q <= ws_data_i;
    if (raw_flags_i.ar_valid) raw_ar_q <= raw_ar_i;
    if (raw_flags_i.aw_valid) raw_aw_q <= raw_aw_i;
    if (raw_flags_i.w_valid) raw_w_q <= raw_w_i;
  end

  logic [IdW-1:0] dma_awid, dma_bid, dma_arid, dma_rid;
  logic [AddrW-1:0] dma_awaddr, dma_araddr;
  logic [7:0] dma_awlen, dma_arlen;
  logic [2:0] dma_awsize, dma_awprot, dma_arsize, dma_arprot;
  logic [1:0] dma_awburst, dma_bresp, dma_arburst, dma_rresp;
  logic dma_awlock, dma_awvalid, dma_awready, dma_wlast, dma_wvalid, dma_wready, dma_bvalid,
      dma_bready, dma_arlock, dma_arvalid, dma_arready, dma_rlast, dma_rvalid, dma_rready;
  logic [3:0] dma_awnsaid, dma_arnsaid;
  logic [DataW-1:0] dma_wdata, dma_rdata;
  logic [DataW/8-1:0] dma_wstrb;
  logic [15:0]      rd_sts_tag, wr_sts_tag, rs_tag;
  logic [2:0]       rd_sts_code, wr_sts_code;
  logic [1:0]       rd_sts_resp, wr_sts_resp, rs_resp;
  logic [AddrW-1:0] rd_sts_fail_addr, wr_sts_fail_addr, rs_addr;
  logic [DataW-1:0] rs_data;


  dma_master #(
    .AddrW (AddrW),
    .DataW (DataW),
    .IdW   (IdW)
  ) u_dma (
    .clk_i,
    .rst_ni,
    .rd_desc_valid_i (rd_desc_valid_q), .rd_desc_ready_o,
    .rd_desc_addr_i (rd_desc_q.addr[AddrW-1:0]), .rd_desc_len_i (rd_desc_q.len),
    .rd_desc_rows_i (rd_desc_q.rows), .rd_desc_stride_i (rd_desc_q.stride),
    .rd_desc_burst_i (rd_desc_q.burst[6:0]), .rd_desc_outst_i (rd_desc_q.outstanding[4:0]),
    .rd_desc_stream_i (rd_desc_q.stream[1:0]), .rd_desc_stop_i (rd_desc_q.stop_on_error[0]),
    .rd_desc_tag_i (rd_desc_q.tag),
    .wr_desc_valid_i (wr_desc_valid_q), .wr_desc_ready_o,
    .wr_desc_addr_i (wr_desc_q.addr[AddrW-1:0]), .wr_desc_len_i (wr_desc_q.len),
    .wr_desc_rows_i (wr_desc_q.rows), .wr_desc_stride_i (wr_desc_q.stride),
    .wr_desc_burst_i (wr_desc_q.burst[6:0]), .wr_desc_outst_i (wr_desc_q.outstanding[4:0]),
    .wr_desc_stream_i (wr_desc_q.stream[1:0]), .wr_desc_stop_i (wr_desc_q.stop_on_error[0]),
    .wr_desc_tag_i (wr_desc_q.tag),
    .rd_sts_valid_o, .rd_sts_tag_o (rd_sts_tag), .rd_sts_code_o (rd_sts_code),
    .rd_sts_resp_o (rd_sts_resp), .rd_sts_fail_addr_o (rd_sts_fail_addr),
    .wr_sts_valid_o, .wr_sts_tag_o (wr_sts_tag), .wr_sts_code_o (wr_sts_code),
    .wr_sts_resp_o (wr_sts_resp), .wr_sts_fail_addr_o (wr_sts_fail_addr),
    .ws_valid_i (ws_valid_q), .ws_ready_o, .ws_data_i (ws_data_q),
    .rs_valid_o, .rs_data_o (rs_data), .rs_addr_o (rs_addr), .rs_tag_o (rs_tag),
    .rs_resp_o (rs_resp),
    .strap_nsaid_i (strap_nsaid_q), .strap_prot_i (strap_prot_q),
    .m_axi_awid (dma_awid), .m_axi_awaddr (dma_awaddr), .m_axi_awlen (dma_awlen),
    .m_axi_awsize (dma_awsize), .m_axi_awburst (dma_awburst), .m_axi_awlock (dma_awlock),
    .m_axi_awprot (dma_awprot), .m_axi_awnsaid (dma_awnsaid), .m_axi_awvalid (dma_awvalid),
    .m_axi_awready (dma_awready), .m_axi_wdata (dma_wdata), .m_axi_wstrb (dma_wstrb),
    .m_axi_wlast (dma_wlast), .m_axi_wvalid (dma_wvalid), .m_axi_wready (dma_wready),
    .m_axi_bid (dma_bid), .m_axi_bresp (dma_bresp), .m_axi_bvalid (dma_bvalid),
    .m_axi_bready (dma_bready), .m_axi_arid (dma_arid), .m_axi_araddr (dma_araddr),
    .m_axi_arlen (dma_arlen), .m_axi_arsize (dma_arsize), .m_axi_arburst (dma_arburst),
    .m_axi_arlock (dma_arlock), .m_axi_arprot (dma_arprot), .m_axi_arnsaid (dma_arnsaid),
    .m_axi_arvalid (dma_arvalid), .m_axi_arready (dma_arready), .m_axi_rid (dma_rid),
    .m_axi_rdata (dma_rdata), .m_axi_rresp (dma_rresp), .m_axi_rlast (dma_rlast),
    .m_axi_rvalid (dma_rvalid), .m_axi_rready (dma_rready),
    .idle_o
  );

  raw_mux u_mux (
    .raw_enable_i (raw_enable_q), .raw_flags_i (raw_flags_q),
    .raw_ar_i (raw_ar_q), .raw_aw_i (raw_aw_q), .raw_w_i (raw_w_q),
    .s_axi_awid (dma_awid), .s_axi_awaddr (dma_awaddr), .s_axi_awlen (dma_awlen),
    .s_axi_awsize (dma_awsize), .s_axi_awburst (dma_awburst), .s_axi_awlock (dma_awlock),
    .s_axi_awprot (dma_awprot), .s_axi_awnsaid (dma_awnsaid), .s_axi_awvalid (dma_awvalid),
    .s_axi_awready (dma_awready), .s_axi_wdata (dma_wdata), .s_axi_wstrb (dma_wstrb),
    .s_axi_wlast (dma_wlast), .s_axi_wvalid (dma_wvalid), .s_axi_wready (dma_wready),
    .s_axi_bid (dma_bid), .s_axi_bresp (dma_bresp), .s_axi_bvalid (dma_bvalid),
    .s_axi_bready (dma_bready), .s_axi_arid (dma_arid), .s_axi_araddr (dma_araddr),
    .s_axi_arlen (dma_arlen), .s_axi_arsize (dma_arsize), .s_axi_arburst (dma_arburst),
    .s_axi_arlock (dma_arlock), .s_axi_arprot (dma_arprot), .s_axi_arnsaid (dma_arnsaid),
    .s_axi_arvalid (dma_arvalid), .s_axi_arready (dma_arready), .s_axi_rid (dma_rid),
    .s_axi_rdata (dma_rdata), .s_axi_rresp (dma_rresp), .s_axi_rlast (dma_rlast),
    .s_axi_rvalid (dma_rvalid), .s_axi_rready (dma_rready),
    .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awlock,
    .m_axi_awprot, .m_axi_awnsaid, .m_axi_awvalid, .m_axi_awready, .m_axi_wdata, .m_axi_wstrb,
    .m_axi_wlast, .m_axi_wvalid, .m_axi_wready, .m_axi_bid, .m_axi_bresp, .m_axi_bvalid,
    .m_axi_bready, .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst,
    .m_axi_arlock, .m_axi_arprot, .m_axi_arnsaid, .m_axi_arvalid, .m_axi_arready, .m_axi_rid,
    .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready
  );

  assign rd_sts_o = '{pad: '0, resp: 8'(rd_sts_resp), code: 8'(rd_sts_code), tag: rd_sts_tag,
                      fail_addr: 64'(rd_sts_fail_addr)};
  assign wr_sts_o = '{pad: '0, resp: 8'(wr_sts_resp), code: 8'(wr_sts_code), tag: wr_sts_tag,
                      fail_addr: 64'(wr_sts_fail_addr)};
  assign rs_o     = '{pad: '0, resp: 8'(rs_resp), tag: rs_tag, addr: 64'(rs_addr)};

  assign run_o = !idle_o || rd_desc_valid_q || wr_desc_valid_q || ws_valid_q
                 || (raw_enable_q && (raw_flags_q.ar_valid || raw_flags_q.aw_valid
                                      || raw_flags_q.w_valid));

  logic unused_desc;
  assign unused_desc = ^{rd_desc_q, wr_desc_q};

  // Assertions //
  // The wrapper takes a read beat's data from the port's R channel of the same cycle.
  `RF_ASSERT(StreamIsPort_A,
             !rs_valid_o || (m_axi_rvalid && m_axi_rready && rs_data == m_axi_rdata),
             clk_i, rst_ni)

endmodule
