// SPDX-License-Identifier: Apache-2.0
// AXI fabric from the masters to the filters. Wiring only: fabric_master on each master's clock,
// fabric_filter on each filter's clock, every master to every filter.
//
// Latency: 1 cycle a channel and direction; full rate a channel a filter. Every address goes to a
// filter, addr[ChanLsb +: log2(NumFilters)], and passes whole. Order rules and who can hold up
// whom: see fabric_master and fabric_filter.
// Held clocks: clk_m_i[m] must run while idle_m_o[m] is low or a VALID of master m or rsp_m_o[m] is
// high; clk_f_i[f] while idle_f_o[f] is low or req_f_o[f] or an answer at filter f is high.

module fabric #(
  parameter int unsigned NumMasters = 8,
  parameter int unsigned NumFilters = 1,
  parameter int unsigned AddrW      = 40,
  parameter int unsigned DataW      = 128,
  parameter int unsigned IdW        = 4,
  parameter int unsigned ChanLsb    = 12,
  localparam int unsigned PrefixW   = $clog2(NumMasters)
) (
  input  logic                   clk_m_i [NumMasters],
  input  logic                   clk_f_i [NumFilters],
  input  logic                   rst_ni,

  input  logic [IdW-1:0]         s_axi_awid [NumMasters],
  input  logic [AddrW-1:0]       s_axi_awaddr [NumMasters],
  input  logic [7:0]             s_axi_awlen [NumMasters],
  input  logic [2:0]             s_axi_awsize [NumMasters],
  input  logic [1:0]             s_axi_awburst [NumMasters],
  input  logic                   s_axi_awlock [NumMasters],
  input  logic [2:0]             s_axi_awprot [NumMasters],
  input  logic [3:0]             s_axi_awnsaid [NumMasters],
  input  logic                   s_axi_awvalid [NumMasters],
  output logic                   s_axi_awready [NumMasters],
  input  logic [DataW-1:0]       s_axi_wdata [NumMasters],
  input  logic [DataW/8-1:0]     s_axi_wstrb [NumMasters],
  input  logic                   s_axi_wlast [NumMasters],
  input  logic                   s_axi_wvalid [NumMasters],
  output logic                   s_axi_wready [NumMasters],
  output logic [IdW-1:0]         s_axi_bid [NumMasters],
  output logic [1:0]             s_axi_bresp [NumMasters],
  output logic                   s_axi_bvalid [NumMasters],
  input  logic                   s_axi_bready [NumMasters],
  input  logic [IdW-1:0]         s_axi_arid [NumMasters],
  input  logic [AddrW-1:0]       s_axi_araddr [NumMasters],
  input  logic [7:0]             s_axi_arlen [NumMasters],
  input  logic [2:0]             s_axi_arsize [NumMasters],
  input  logic [1:0]             s_axi_arburst [NumMasters],
  input  logic                   s_axi_arlock [NumMasters],
  input  logic [2:0]             s_axi_arprot [NumMasters],
  input  logic [3:0]             s_axi_arnsaid [NumMasters],
  input  logic                   s_axi_arvalid [NumMasters],
  output logic                   s_axi_arready [NumMasters],
  output logic [IdW-1:0]         s_axi_rid [NumMasters],
  output logic [DataW-1:0]       s_axi_rdata [NumMasters],
  output logic [1:0]             s_axi_rresp [NumMasters],
  output logic                   s_axi_rlast [NumMasters],
  output logic                   s_axi_rvalid [NumMasters],
  input  logic                   s_axi_rready [NumMasters],

  output logic [PrefixW+IdW-1:0] m_axi_awid [NumFilters],
  output logic [AddrW-1:0]       m_axi_awaddr [NumFilters],
  output logic [7:0]             m_axi_awlen [NumFilters],
  output logic [2:0]             m_axi_awsize [NumFilters],
  output logic [1:0]             m_axi_awburst [NumFilters],
  output logic                   m_axi_awlock [NumFilters],
  output logic [2:0]             m_axi_awprot [NumFilters],
  output logic [3:0]             m_axi_awnsaid [NumFilters],
  output logic                   m_axi_awvalid [NumFilters],
  input  logic                   m_axi_awready [NumFilters],
  output logic [DataW-1:0]       m_axi_wdata [NumFilters],
  output logic [DataW/8-1:0]     m_axi_wstrb [NumFilters],
  output logic                   m_axi_wlast [NumFilters],
  output logic                   m_axi_wvalid [NumFilters],
  input  logic                   m_axi_wready [NumFilters],
  input  logic [PrefixW+IdW-1:0] m_axi_bid [NumFilters],
  input  logic [1:0]             m_axi_bresp [NumFilters],
  input  logic                   m_axi_bvalid [NumFilters],
  output logic                   m_axi_bready [NumFilters],
  output logic [PrefixW+IdW-1:0] m_axi_arid [NumFilters],
  output logic [AddrW-1:0]       m_axi_araddr [NumFilters],
  output logic [7:0]             m_axi_arlen [NumFilters],
  output logic [2:0]             m_axi_arsize [NumFilters],
  output logic [1:0]             m_axi_arburst [NumFilters],
  output logic                   m_axi_arlock [NumFilters],
  output logic [2:0]             m_axi_arprot [NumFilters],
  output logic [3:0]             m_axi_arnsaid [NumFilters],
  output logic                   m_axi_arvalid [NumFilters],
  input  logic                   m_axi_arready [NumFilters],
  input  logic [PrefixW+IdW-1:0] m_axi_rid [NumFilters],
  input  logic [DataW-1:0]       m_axi_rdata [NumFilters],
  input  logic [1:0]             m_axi_rresp [NumFilters],
  input  logic                   m_axi_rlast [NumFilters],
  input  logic                   m_axi_rvalid [NumFilters],
  output logic                   m_axi_rready [NumFilters],

  output logic                   idle_m_o [NumMasters],
  output logic                   idle_f_o [NumFilters],
  output logic                   rsp_m_o [NumMasters],
  output logic                   req_f_o [NumFilters]
);

  logic [NumFilters-1:0] m_aw_valid [NumMasters];
  logic [NumFilters-1:0] m_aw_ready [NumMasters];
  logic [NumMasters-1:0] f_aw_valid [NumFilters];
  logic [NumMasters-1:0] f_aw_ready [NumFilters];
  logic [NumFilters-1:0] m_w_valid [NumMasters];
  logic [NumFilters-1:0] m_w_ready [NumMasters];
  logic [NumMasters-1:0] f_w_valid [NumFilters];
  logic [NumMasters-1:0] f_w_ready [NumFilters];
  logic [NumFilters-1:0] m_ar_valid [NumMasters];
  logic [NumFilters-1:0] m_ar_ready [NumMasters];
  logic [NumMasters-1:0] f_ar_valid [NumFilters];
  logic [NumMasters-1:0] f_ar_ready [NumFilters];
  logic [NumFilters-1:0] m_b_valid [NumMasters];
  logic [NumFilters-1:0] m_b_ready [NumMasters];
  logic [NumMasters-1:0] f_b_valid [NumFilters];
  logic [NumMasters-1:0] f_b_ready [NumFilters];
  logic [NumFilters-1:0] m_r_valid [NumMasters];
  logic [NumFilters-1:0] m_r_ready [NumMasters];
  logic [NumMasters-1:0] f_r_valid [NumFilters];
  logic [NumMasters-1:0] f_r_ready [NumFilters];
  logic [NumFilters-1:0] w_end;
  logic [IdW-1:0]        b_id   [NumFilters];
  logic [1:0]            b_resp [NumFilters];
  logic [IdW-1:0]        r_id   [NumFilters];
  logic [DataW-1:0]      r_data [NumFilters];
  logic [1:0]            r_resp [NumFilters];
  logic                  r_last [NumFilters];

  for (genvar f = 0; f < NumFilters; f++) begin : g_cross
    for (genvar m = 0; m < NumMasters; m++) begin : g_bit
      assign f_aw_valid[f][m] = m_aw_valid[m][f];
      assign m_aw_ready[m][f] = f_aw_ready[f][m];
      assign f_w_valid[f][m] = m_w_valid[m][f];
      assign m_w_ready[m][f] = f_w_ready[f][m];
      assign f_ar_valid[f][m] = m_ar_valid[m][f];
      assign m_ar_ready[m][f] = f_ar_ready[f][m];
      assign m_b_valid[m][f] = f_b_valid[f][m];
      assign f_b_ready[f][m] = m_b_ready[m][f];
      assign m_r_valid[m][f] = f_r_valid[f][m];
      assign f_r_ready[f][m] = m_r_ready[m][f];
    end
  end

  for (genvar m = 0; m < NumMasters; m++) begin : g_master
    fabric_master #(
      .NumFilters (NumFilters),
      .AddrW      (AddrW),
      .DataW      (DataW),
      .IdW        (IdW),
      .ChanLsb    (ChanLsb)
    ) u_master (
      .clk_i         (clk_m_i[m]),
      .rst_ni,
      .s_axi_awid    (s_axi_awid[m]),
      .s_axi_awaddr  (s_axi_awaddr[m]),
      .s_axi_awvalid (s_axi_awvalid[m]),
      .s_axi_awready (s_axi_awready[m]),
      .s_axi_wvalid  (s_axi_wvalid[m]),
      .s_axi_wready  (s_axi_wready[m]),
      .s_axi_bid     (s_axi_bid[m]),
      .s_axi_bresp   (s_axi_bresp[m]),
      .s_axi_bvalid  (s_axi_bvalid[m]),
      .s_axi_bready  (s_axi_bready[m]),
      .s_axi_arid    (s_axi_arid[m]),
      .s_axi_araddr  (s_axi_araddr[m]),
      .s_axi_arvalid (s_axi_arvalid[m]),
      .s_axi_arready (s_axi_arready[m]),
      .s_axi_rid     (s_axi_rid[m]),
      .s_axi_rdata   (s_axi_rdata[m]),
      .s_axi_rresp   (s_axi_rresp[m]),
      .s_axi_rlast   (s_axi_rlast[m]),
      .s_axi_rvalid  (s_axi_rvalid[m]),
      .s_axi_rready  (s_axi_rready[m]),
      .aw_valid_o    (m_aw_valid[m]),
      .aw_ready_i    (m_aw_ready[m]),
      .w_valid_o     (m_w_valid[m]),
      .w_ready_i     (m_w_ready[m]),
      .w_end_i       (w_end),
      .ar_valid_o    (m_ar_valid[m]),
      .ar_ready_i    (m_ar_ready[m]),
      .b_valid_i     (m_b_valid[m]),
      .b_ready_o     (m_b_ready[m]),
      .b_id_i        (b_id),
      .b_resp_i      (b_resp),
      .r_valid_i     (m_r_valid[m]),
      .r_ready_o     (m_r_ready[m]),
      .r_id_i        (r_id),
      .r_data_i      (r_data),
      .r_resp_i      (r_resp),
      .r_last_i      (r_last),
      .idle_o        (idle_m_o[m]),
      .rsp_o         (rsp_m_o[m])
    );
  end

  for (genvar f = 0; f < NumFilters; f++) begin : g_filter
    fabric_filter #(
      .NumMasters (NumMasters),
      .AddrW      (AddrW),
      .DataW      (DataW),
      .IdW        (IdW)
    ) u_filter (
      .clk_i         (clk_f_i[f]),
      .rst_ni,
      .aw_valid_i    (f_aw_valid[f]),
      .aw_ready_o    (f_aw_ready[f]),
      .s_axi_awid,
      .s_axi_awaddr,
      .s_axi_awlen,
      .s_axi_awsize,
      .s_axi_awburst,
      .s_axi_awlock,
      .s_axi_awprot,
      .s_axi_awnsaid,
      .w_valid_i     (f_w_valid[f]),
      .w_ready_o     (f_w_ready[f]),
      .w_end_o       (w_end[f]),
      .s_axi_wdata,
      .s_axi_wstrb,
      .s_axi_wlast,
      .ar_valid_i    (f_ar_valid[f]),
      .ar_ready_o    (f_ar_ready[f]),
      .s_axi_arid,
      .s_axi_araddr,
      .s_axi_arlen,
      .s_axi_arsize,
      .s_axi_arburst,
      .s_axi_arlock,
      .s_axi_arprot,
      .s_axi_arnsaid,
      .b_valid_o     (f_b_valid[f]),
      .b_ready_i     (f_b_ready[f]),
      .b_id_o        (b_id[f]),
      .b_resp_o      (b_resp[f]),
      .r_valid_o     (f_r_valid[f]),
      .r_ready_i     (f_r_ready[f]),
      .r_id_o        (r_id[f]),
      .r_data_o      (r_data[f]),
      .r_resp_o      (r_resp[f]),
      .r_last_o      (r_last[f]),
      .m_axi_awid    (m_axi_awid[f]),
      .m_axi_awaddr  (m_axi_awaddr[f]),
      .m_axi_awlen   (m_axi_awlen[f]),
      .m_axi_awsize  (m_axi_awsize[f]),
      .m_axi_awburst (m_axi_awburst[f]),
      .m_axi_awlock  (m_axi_awlock[f]),
      .m_axi_awprot  (m_axi_awprot[f]),
      .m_axi_awnsaid (m_axi_awnsaid[f]),
      .m_axi_awvalid (m_axi_awvalid[f]),
      .m_axi_awready (m_axi_awready[f]),
      .m_axi_wdata   (m_axi_wdata[f]),
      .m_axi_wstrb   (m_axi_wstrb[f]),
      .m_axi_wlast   (m_axi_wlast[f]),
      .m_axi_wvalid  (m_axi_wvalid[f]),
      .m_axi_wready  (m_axi_wready[f]),
      .m_axi_bid     (m_axi_bid[f]),
      .m_axi_bresp   (m_axi_bresp[f]),
      .m_axi_bvalid  (m_axi_bvalid[f]),
      .m_axi_bready  (m_axi_bready[f]),
      .m_axi_arid    (m_axi_arid[f]),
      .m_axi_araddr  (m_axi_araddr[f]),
      .m_axi_arlen   (m_axi_arlen[f]),
      .m_axi_arsize  (m_axi_arsize[f]),
      .m_axi_arburst (m_axi_arburst[f]),
      .m_axi_arlock  (m_axi_arlock[f]),
      .m_axi_arprot  (m_axi_arprot[f]),
      .m_axi_arnsaid (m_axi_arnsaid[f]),
      .m_axi_arvalid (m_axi_arvalid[f]),
      .m_axi_arready (m_axi_arready[f]),
      .m_axi_rid     (m_axi_rid[f]),
      .m_axi_rdata   (m_axi_rdata[f]),
      .m_axi_rresp   (m_axi_rresp[f]),
      .m_axi_rlast   (m_axi_rlast[f]),
      .m_axi_rvalid  (m_axi_rvalid[f]),
      .m_axi_rready  (m_axi_rready[f]),
      .idle_o        (idle_f_o[f]),
      .req_o         (req_f_o[f])
    );
  end

endmodule
