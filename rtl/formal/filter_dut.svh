// SPDX-License-Identifier: Apache-2.0
// Reset, the outputs and the real tzasc_filter, for the proofs of a filter. Included by
// read_props.sv, write_props.sv and log_props.sv.

  // Reset in the first cycle only.
  logic rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  logic               gate_status, idle;
  logic               fail_status, fail_overrun, fail_overlap;
  logic               fail_write, fail_nonsecure, fail_privileged;
  logic [AddrW-1:0]   fail_addr;
  logic [IdW-1:0]     fail_id;
  logic               s_axi_awready, s_axi_wready, s_axi_bvalid;
  logic [IdW-1:0]     s_axi_bid;
  logic [1:0]         s_axi_bresp;
  logic               s_axi_arready, s_axi_rlast, s_axi_rvalid;
  logic [IdW-1:0]     s_axi_rid;
  logic [DataW-1:0]   s_axi_rdata;
  logic [1:0]         s_axi_rresp;
  logic               m_axi_awlock, m_axi_awvalid, m_axi_wlast, m_axi_wvalid, m_axi_bready;
  logic [IdW-1:0]     m_axi_awid;
  logic [AddrW-1:0]   m_axi_awaddr;
  logic [7:0]         m_axi_awlen;
  logic [2:0]         m_axi_awsize, m_axi_awprot;
  logic [1:0]         m_axi_awburst;
  logic [DataW-1:0]   m_axi_wdata;
  logic [DataW/8-1:0] m_axi_wstrb;
  logic               m_axi_arlock, m_axi_arvalid, m_axi_rready;
  logic [IdW-1:0]     m_axi_arid;
  logic [AddrW-1:0]   m_axi_araddr;
  logic [7:0]         m_axi_arlen;
  logic [2:0]         m_axi_arsize, m_axi_arprot;
  logic [1:0]         m_axi_arburst;

  tzasc_filter #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW),
    .IdW       (IdW),
    .RdOutst   (Outst),
    .WrOutst   (Outst),
    .CheckLat  (CheckLat)
  ) u_filter (
    .clk_i,
    .rst_ni           (rst_n),
    .idle_o           (idle),
    .gate_open_i, .decerr_i, .rd_spec_disable_i, .wr_spec_disable_i,
    .region_en_i, .region_base_i, .region_top_i, .secure_rd_en_i, .secure_wr_en_i,
    .nsaid_rd_en_i, .nsaid_wr_en_i,
    .gate_status_o    (gate_status),
    .clear_i,
    .fail_status_o    (fail_status),
    .fail_overrun_o   (fail_overrun),
    .fail_overlap_o   (fail_overlap),
    .fail_addr_o      (fail_addr),
    .fail_id_o        (fail_id),
    .fail_write_o     (fail_write),
    .fail_nonsecure_o (fail_nonsecure),
    .fail_privileged_o(fail_privileged),
    .s_axi_awid, .s_axi_awaddr, .s_axi_awlen, .s_axi_awsize, .s_axi_awburst, .s_axi_awlock,
    .s_axi_awprot, .s_axi_awnsaid, .s_axi_awvalid, .s_axi_awready,
    .s_axi_wdata, .s_axi_wstrb, .s_axi_wvalid, .s_axi_wready,
    .s_axi_bid, .s_axi_bresp, .s_axi_bvalid, .s_axi_bready,
    .s_axi_arid, .s_axi_araddr, .s_axi_arlen, .s_axi_arsize, .s_axi_arburst, .s_axi_arlock,
    .s_axi_arprot, .s_axi_arnsaid, .s_axi_arvalid, .s_axi_arready,
    .s_axi_rid, .s_axi_rdata, .s_axi_rresp, .s_axi_rlast, .s_axi_rvalid, .s_axi_rready,
    .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awlock,
    .m_axi_awprot, .m_axi_awvalid, .m_axi_awready,
    .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready,
    .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready,
    .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arlock,
    .m_axi_arprot, .m_axi_arvalid, .m_axi_arready,
    .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready
  );
