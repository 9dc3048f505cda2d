// SPDX-License-Identifier: Apache-2.0
// The firewall alone, one filter: slave side, memory side and register bus are all driven from the
// test bench. What it drives is taken at the rising edge of load_i; port 0 is the slave side and
// port 1 the memory side.
module pins import board_pkg::*; #(
  parameter int unsigned CheckLat = 0
) (
  input  logic        clk_f_i,
  input  logic        clk_reg_i,
  input  logic        load_i,
  input  logic        rst_ni,
  input  raw_flags_t  raw_flags_i,
  input  ax_t         raw_ar_i,
  input  ax_t         raw_aw_i,
  input  w_t          raw_w_i,
  input  mem_flags_t  mem_flags_i,
  input  r_t          mem_r_i,
  input  b_t          mem_b_i,
  input  apb_t        apb_i,
  output logic        arvalid_o [2],
  output logic        arready_o [2],
  output logic        awvalid_o [2],
  output logic        awready_o [2],
  output logic        wvalid_o [2],
  output logic        wready_o [2],
  output logic        rvalid_o [2],
  output logic        rready_o [2],
  output logic        bvalid_o [2],
  output logic        bready_o [2],
  output ax_t         ar_o [2],
  output ax_t         aw_o [2],
  output w_t          w_o [2],
  output r_t          r_o [2],
  output b_t          b_o [2],
  output logic        pready_o,
  output logic        pslverr_o,
  output logic [31:0] prdata_o,
  output logic        tzcint_o,
  output logic        idle_f_o,
  output logic        idle_reg_o,
  output logic        run_f_o,
  output logic        run_reg_o
);

  raw_flags_t raw_q;
  mem_flags_t mem_q;
  ax_t        ar_q, aw_q;
  w_t         w_q;
  r_t         r_q;
  b_t         b_q;
  apb_t       apb_q;

  always_ff @(posedge load_i) begin
    raw_q <= raw_flags_i;
    mem_q <= mem_flags_i;
    ar_q  <= raw_ar_i;
    aw_q  <= raw_aw_i;
    w_q   <= raw_w_i;
    r_q   <= mem_r_i;
    b_q   <= mem_b_i;
    apb_q <= apb_i;
  end

  logic [FIdW-1:0] s_awid [1], s_bid [1], s_arid [1], s_rid [1];
  logic [AddrW-1:0] s_awaddr [1], s_araddr [1];
  logic [7:0] s_awlen [1], s_arlen [1];
  logic [2:0] s_awsize [1], s_awprot [1], s_arsize [1], s_arprot [1];
  logic [1:0] s_awburst [1], s_bresp [1], s_arburst [1], s_rresp [1];
  logic s_awlock [1], s_awvalid [1], s_awready [1], s_wlast [1], s_wvalid [1], s_wready [1],
      s_bvalid [1], s_bready [1], s_arlock [1], s_arvalid [1], s_arready [1], s_rlast [1],
      s_rvalid [1], s_rready [1];
  logic [3:0] s_awnsaid [1], s_arnsaid [1];
  logic [DataW-1:0] s_wdata [1], s_rdata [1];
  logic [DataW/8-1:0] s_wstrb [1];
  logic [FIdW-1:0] d_awid [1], d_bid [1], d_arid [1], d_rid [1];
  logic [AddrW-1:0] d_awaddr [1], d_araddr [1];
  logic [7:0] d_awlen [1], d_arlen [1];
  logic [2:0] d_awsize [1], d_awprot [1], d_arsize [1], d_arprot [1];
  logic [1:0] d_awburst [1], d_bresp [1], d_arburst [1], d_rresp [1];
  logic d_awlock [1], d_awvalid [1], d_awready [1], d_wlast [1], d_wvalid [1], d_wready [1],
      d_bvalid [1], d_bready [1], d_arlock [1], d_arvalid [1], d_arready [1], d_rlast [1],
      d_rvalid [1], d_rready [1];
  logic [DataW-1:0] d_wdata [1], d_rdata [1];
  logic [DataW/8-1:0] d_wstrb [1];
  logic clk_f [1];
  logic idle_f [1];

  assign clk_f[0] = clk_f_i;
  assign s_arid[0] = ar_q.id[FIdW-1:0];
  assign s_araddr[0] = ar_q.addr[AddrW-1:0];
  assign s_arlen[0] = ar_q.len;
  assign s_arsize[0] = ar_q.size[2:0];
  assign s_arburst[0] = ar_q.burst[1:0];
  assign s_arlock[0] = ar_q.lock[0];
  assign s_arprot[0] = ar_q.prot[2:0];
  assign s_arnsaid[0] = ar_q.nsaid[3:0];
  assign s_arvalid[0] = raw_q.ar_valid;
  assign s_awid[0] = aw_q.id[FIdW-1:0];
  assign s_awaddr[0] = aw_q.addr[AddrW-1:0];
  assign s_awlen[0] = aw_q.len;
  assign s_awsize[0] = aw_q.size[2:0];
  assign s_awburst[0] = aw_q.burst[1:0];
  assign s_awlock[0] = aw_q.lock[0];
  assign s_awprot[0] = aw_q.prot[2:0];
  assign s_awnsaid[0] = aw_q.nsaid[3:0];
  assign s_awvalid[0] = raw_q.aw_valid;
  assign s_wdata[0] = w_q.data;
  assign s_wstrb[0] = w_q.strb;
  assign s_wlast[0] = w_q.last[0];
  assign s_wvalid[0] = raw_q.w_valid;
  assign s_rready[0] = raw_q.r_ready;
  assign s_bready[0] = raw_q.b_ready;

  assign d_arready[0] = mem_q.ar_ready;
  assign d_awready[0] = mem_q.aw_ready;
  assign d_wready[0] = mem_q.w_ready;
  assign d_rvalid[0] = mem_q.r_valid;
  assign d_rid[0] = r_q.id[FIdW-1:0];
  assign d_rdata[0] = r_q.data;
  assign d_rresp[0] = r_q.resp[1:0];
  assign d_rlast[0] = r_q.last[0];
  assign d_bvalid[0] = mem_q.b_valid;
  assign d_bid[0] = b_q.id[FIdW-1:0];
  assign d_bresp[0] = b_q.resp[1:0];

  tzasc #(
    .NumFilters (1),
    .AddrW      (AddrW),
    .DataW      (DataW),
    .IdW        (FIdW),
    .CheckLat   (CheckLat)
  ) dut (
    .clk_reg_i, .clk_f_i (clk_f), .rst_ni,
    .s_apb_psel (apb_q.sel), .s_apb_penable (apb_q.enable), .s_apb_pwrite (apb_q.write),
    .s_apb_paddr (apb_q.addr), .s_apb_pwdata (apb_q.wdata), .s_apb_pstrb (apb_q.strb),
    .s_apb_pprot (apb_q.prot), .s_apb_pready (pready_o), .s_apb_prdata (prdata_o),
    .s_apb_pslverr (pslverr_o),
    .s_axi_awid (s_awid), .s_axi_awaddr (s_awaddr), .s_axi_awlen (s_awlen),
    .s_axi_awsize (s_awsize), .s_axi_awburst (s_awburst), .s_axi_awlock (s_awlock),
    .s_axi_awprot (s_awprot), .s_axi_awnsaid (s_awnsaid), .s_axi_awvalid (s_awvalid),
    .s_axi_awready (s_awready), .s_axi_wdata (s_wdata), .s_axi_wstrb (s_wstrb),
    .s_axi_wlast (s_wlast), .s_axi_wvalid (s_wvalid), .s_axi_wready (s_wready), .s_axi_bid (s_bid),
    .s_axi_bresp (s_bresp), .s_axi_bvalid (s_bvalid), .s_axi_bready (s_bready),
    .s_axi_arid (s_arid), .s_axi_araddr (s_araddr), .s_axi_arlen (s_arlen),
    .s_axi_arsize (s_arsize), .s_axi_arburst (s_arburst), .s_axi_arlock (s_arlock),
    .s_axi_arprot (s_arprot), .s_axi_arnsaid (s_arnsaid), .s_axi_arvalid (s_arvalid),
    .s_axi_arready (s_arready), .s_axi_rid (s_rid), .s_axi_rdata (s_rdata), .s_axi_rresp (s_rresp),
    .s_axi_rlast (s_rlast), .s_axi_rvalid (s_rvalid), .s_axi_rready (s_rready),
    .m_axi_awid (d_awid), .m_axi_awaddr (d_awaddr), .m_axi_awlen (d_awlen),
    .m_axi_awsize (d_awsize), .m_axi_awburst (d_awburst), .m_axi_awlock (d_awlock),
    .m_axi_awprot (d_awprot), .m_axi_awvalid (d_awvalid), .m_axi_awready (d_awready),
    .m_axi_wdata (d_wdata), .m_axi_wstrb (d_wstrb), .m_axi_wlast (d_wlast),
    .m_axi_wvalid (d_wvalid), .m_axi_wready (d_wready), .m_axi_bid (d_bid), .m_axi_bresp (d_bresp),
    .m_axi_bvalid (d_bvalid), .m_axi_bready (d_bready), .m_axi_arid (d_arid),
    .m_axi_araddr (d_araddr), .m_axi_arlen (d_arlen), .m_axi_arsize (d_arsize),
    .m_axi_arburst (d_arburst), .m_axi_arlock (d_arlock), .m_axi_arprot (d_arprot),
    .m_axi_arvalid (d_arvalid), .m_axi_arready (d_arready), .m_axi_rid (d_rid),
    .m_axi_rdata (d_rdata), .m_axi_rresp (d_rresp), .m_axi_rlast (d_rlast),
    .m_axi_rvalid (d_rvalid), .m_axi_rready (d_rready),
    .tzcint_o, .idle_reg_o, .idle_f_o (idle_f)
  );

  assign idle_f_o  = idle_f[0];
  assign run_f_o   = !idle_f[0] || raw_q.ar_valid || raw_q.aw_valid || raw_q.w_valid
                     || mem_q.r_valid || mem_q.b_valid || apb_q.sel;
  assign run_reg_o = run_f_o || !idle_reg_o;

  assign arvalid_o[0] = s_arvalid[0];
  assign arready_o[0] = s_arready[0];
  assign awvalid_o[0] = s_awvalid[0];
  assign awready_o[0] = s_awready[0];
  assign wvalid_o[0] = s_wvalid[0];
  assign wready_o[0] = s_wready[0];
  assign rvalid_o[0] = s_rvalid[0];
  assign rready_o[0] = s_rready[0];
  assign bvalid_o[0] = s_bvalid[0];
  assign bready_o[0] = s_bready[0];
  assign ar_o[0] = pack_ax(s_araddr[0], s_arid[0], s_arlen[0], s_arsize[0],
      s_arburst[0], s_arlock[0], s_arprot[0], s_arnsaid[0]);
  assign aw_o[0] = pack_ax(s_awaddr[0], s_awid[0], s_awlen[0], s_awsize[0],
      s_awburst[0], s_awlock[0], s_awprot[0], s_awnsaid[0]);
  assign w_o[0] = pack_w(s_wdata[0], s_wstrb[0], s_wlast[0]);
  assign r_o[0] = pack_r(s_rdata[0], s_rid[0], s_rresp[0], s_rlast[0]);
  assign b_o[0] = pack_b(s_bid[0], s_bresp[0]);

  assign arvalid_o[1] = d_arvalid[0];
  assign arready_o[1] = d_arready[0];
  assign awvalid_o[1] = d_awvalid[0];
  assign awready_o[1] = d_awready[0];
  assign wvalid_o[1] = d_wvalid[0];
  assign wready_o[1] = d_wready[0];
  assign rvalid_o[1] = d_rvalid[0];
  assign rready_o[1] = d_rready[0];
  assign bvalid_o[1] = d_bvalid[0];
  assign bready_o[1] = d_bready[0];
  assign ar_o[1] = pack_ax(d_araddr[0], d_arid[0], d_arlen[0], d_arsize[0],
      d_arburst[0], d_arlock[0], d_arprot[0], '0);
  assign aw_o[1] = pack_ax(d_awaddr[0], d_awid[0], d_awlen[0], d_awsize[0],
      d_awburst[0], d_awlock[0], d_awprot[0], '0);
  assign w_o[1] = pack_w(d_wdata[0], d_wstrb[0], d_wlast[0]);
  assign r_o[1] = pack_r(d_rdata[0], d_rid[0], d_rresp[0], d_rlast[0]);
  assign b_o[1] = pack_b(d_bid[0], d_bresp[0]);

  logic unused_fields;
  assign unused_fields = ^{ar_q, aw_q, w_q, r_q, b_q};

endmodule
