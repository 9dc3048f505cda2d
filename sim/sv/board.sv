// SPDX-License-Identifier: Apache-2.0
// The board: eight masters, the fabric, the firewall; memory and the register bus are driven from
// outside. Every AXI port is observed at *_o, indexed as in sim/src/pins.rs. One clock a unit, so
// that the wrapper need not toggle that of an idle one: run_*_o says which must tick this cycle.
//
// What the test bench drives is taken at the rising edges of load_*_i, so a unit whose inputs did
// not change costs nothing. With RF_SINGLE_CLOCK all of these are one clock (the bare flavour).
module board import board_pkg::*; #(
  parameter int unsigned NumFilters = 1,
  parameter int unsigned CheckLat   = 0,
  localparam int unsigned NumMasters = 8,
  localparam int unsigned MaxFilters = 4,
  // Observed ports: masters, filter slave sides, filter memory sides.
  localparam int unsigned FilterSide = NumMasters,
  localparam int unsigned MemorySide = FilterSide + MaxFilters,
  localparam int unsigned NumPorts   = MemorySide + MaxFilters
) (
`ifdef RF_SINGLE_CLOCK
  input  logic             clk_i,
`else
  input  logic             clk_m_i         [NumMasters],
  input  logic             clk_f_i         [NumFilters],
  input  logic             clk_reg_i,
  input  logic             load_m_i        [NumMasters],
  input  logic             load_f_i        [NumFilters],
  input  logic             load_apb_i,
`endif
`ifdef RF_FAULTS
  input  logic [7:0]       fault_i,
`endif
  input  logic             rst_ni,

  // Driven by the test bench //
  input  logic [7:0]       raw_enable_i,
  input  logic [7:0]       rd_desc_valid_i,
  input  logic [7:0]       wr_desc_valid_i,
  input  logic [7:0]       ws_valid_i,
  input  raw_flags_t       raw_flags_i     [NumMasters],
  input  ax_t              raw_ar_i        [NumMasters],
  input  ax_t              raw_aw_i        [NumMasters],
  input  w_t               raw_w_i         [NumMasters],
  input  desc_t            rd_desc_i       [NumMasters],
  input  desc_t            wr_desc_i       [NumMasters],
  input  logic [DataW-1:0] ws_data_i       [NumMasters],
  input  logic [15:0]      strap_nsaid_i   [NumMasters],
  input  logic [11:0]      strap_prot_i    [NumMasters],
  input  mem_flags_t       mem_flags_i     [NumFilters],
  input  r_t               mem_r_i         [NumFilters],
  input  b_t               mem_b_i         [NumFilters],
  input  apb_t             apb_i,

  // Observed: every AXI port //
  output logic             arvalid_o       [NumPorts],
  output logic             arready_o       [NumPorts],
  output logic             awvalid_o       [NumPorts],
  output logic             awready_o       [NumPorts],
  output logic             wvalid_o        [NumPorts],
  output logic             wready_o        [NumPorts],
  output logic             rvalid_o        [NumPorts],
  output logic             rready_o        [NumPorts],
  output logic             bvalid_o        [NumPorts],
  output logic             bready_o        [NumPorts],
  output ax_t              ar_o            [NumPorts],
  output ax_t              aw_o            [NumPorts],
  output w_t               w_o             [NumPorts],
  output r_t               r_o             [NumPorts],
  output b_t               b_o             [NumPorts],

  // Observed: masters, register bus, idleness //
  output logic             rd_desc_ready_o [NumMasters],
  output logic             wr_desc_ready_o [NumMasters],
  output logic             ws_ready_o      [NumMasters],
  output logic             rd_sts_valid_o  [NumMasters],
  output logic             wr_sts_valid_o  [NumMasters],
  output logic             rs_valid_o      [NumMasters],
  output status_t          rd_sts_o        [NumMasters],
  output status_t          wr_sts_o        [NumMasters],
  output read_beat_t       rs_o            [NumMasters],
  output logic             pready_o,
  output logic             pslverr_o,
  output logic [31:0]      prdata_o,
  output logic             tzcint_o,
  output logic             idle_m_o        [NumMasters],
  output logic             idle_f_o        [NumFilters],
  output logic             idle_reg_o,
  output logic             run_m_o         [NumMasters],
  output logic             run_f_o         [NumFilters],
  output logic             run_reg_o
);

`ifdef RF_SINGLE_CLOCK
  // The build takes the indices from these names, here and in the RTL.
  logic clk_m_i, clk_f_i, clk_reg_i, load_m_i, load_f_i, load_apb_i;
  assign clk_m_i    = clk_i;
  assign clk_f_i    = clk_i;
  assign clk_reg_i  = clk_i;
  assign load_m_i   = clk_i;
  assign load_f_i   = clk_i;
  assign load_apb_i = clk_i;
`endif
  apb_t apb_q;
`ifdef RF_FAULTS
  assign rf_fault_pkg::sel       = fault_i;
  assign rf_fault_pkg::reg_write = apb_q.sel && apb_q.enable && apb_q.write;
`endif

  // Masters -> fabric, fabric -> firewall, firewall -> memory.
  logic [IdW-1:0] m_awid [NumMasters], m_bid [NumMasters], m_arid [NumMasters], m_rid [NumMasters];
  logic [AddrW-1:0] m_awaddr [NumMasters], m_araddr [NumMasters];
  logic [7:0] m_awlen [NumMasters], m_arlen [NumMasters];
  logic [2:0] m_awsize [NumMasters], m_awprot [NumMasters], m_arsize [NumMasters],
      m_arprot [NumMasters];
  logic [1:0] m_awburst [NumMasters], m_bresp [NumMasters], m_arburst [NumMasters],
      m_rresp [NumMasters];
  logic m_awlock [NumMasters], m_awvalid [NumMasters], m_awready [NumMasters],
      m_wlast [NumMasters], m_wvalid [NumMasters], m_wready [NumMasters], m_bvalid [NumMasters],
      m_bready [NumMasters], m_arlock [NumMasters], m_arvalid [NumMasters], m_arready [NumMasters],
      m_rlast [NumMasters], m_rvalid [NumMasters], m_rready [NumMasters];
  logic [3:0] m_awnsaid [NumMasters], m_arnsaid [NumMasters];
  logic [DataW-1:0] m_wdata [NumMasters], m_rdata [NumMasters];
  logic [DataW/8-1:0] m_wstrb [NumMasters];
  logic [FIdW-1:0] s_awid [NumFilters], s_bid [NumFilters], s_arid [NumFilters], s_rid [NumFilters];
  logic [AddrW-1:0] s_awaddr [NumFilters], s_araddr [NumFilters];
  logic [7:0] s_awlen [NumFilters], s_arlen [NumFilters];
  logic [2:0] s_awsize [NumFilters], s_awprot [NumFilters], s_arsize [NumFilters],
      s_arprot [NumFilters];
  logic [1:0] s_awburst [NumFilters], s_bresp [NumFilters], s_arburst [NumFilters],
      s_rresp [NumFilters];
  logic s_awlock [NumFilters], s_awvalid [NumFilters], s_awready [NumFilters],
      s_wlast [NumFilters], s_wvalid [NumFilters], s_wready [NumFilters], s_bvalid [NumFilters],
      s_bready [NumFilters], s_arlock [NumFilters], s_arvalid [NumFilters], s_arready [NumFilters],
      s_rlast [NumFilters], s_rvalid [NumFilters], s_rready [NumFilters];
  logic [3:0] s_awnsaid [NumFilters], s_arnsaid [NumFilters];
  logic [DataW-1:0] s_wdata [NumFilters], s_rdata [NumFilters];
  logic [DataW/8-1:0] s_wstrb [NumFilters];
  logic [FIdW-1:0] d_awid [NumFilters], d_bid [NumFilters], d_arid [NumFilters], d_rid [NumFilters];
  logic [AddrW-1:0] d_awaddr [NumFilters], d_araddr [NumFilters];
  logic [7:0] d_awlen [NumFilters], d_arlen [NumFilters];
  logic [2:0] d_awsize [NumFilters], d_awprot [NumFilters], d_arsize [NumFilters],
      d_arprot [NumFilters];
  logic [1:0] d_awburst [NumFilters], d_bresp [NumFilters], d_arburst [NumFilters],
      d_rresp [NumFilters];
  logic d_awlock [NumFilters], d_awvalid [NumFilters], d_awready [NumFilters],
      d_wlast [NumFilters], d_wvalid [NumFilters], d_wready [NumFilters], d_bvalid [NumFilters],
      d_bready [NumFilters], d_arlock [NumFilters], d_arvalid [NumFilters], d_arready [NumFilters],
      d_rlast [NumFilters], d_rvalid [NumFilters], d_rready [NumFilters];
  logic [DataW-1:0] d_wdata [NumFilters], d_rdata [NumFilters];
  logic [DataW/8-1:0] d_wstrb [NumFilters];

  logic dma_idle [NumMasters];
  logic dma_run  [NumMasters];
  logic fab_idle_m [NumMasters];
  logic fab_rsp_m  [NumMasters];
  logic fab_idle_f [NumFilters];
  logic fab_req_f  [NumFilters];
  logic tz_idle_f  [NumFilters];

  always_ff @(posedge load_apb_i) apb_q <= apb_i;

  for (genvar g = 0; g < NumMasters; g++) begin : g_master
    board_master u_master (
      .clk_i (clk_m_i[g]), .load_i (load_m_i[g]), .rst_ni,
      .raw_enable_i (raw_enable_i[g]), .raw_flags_i (raw_flags_i[g]),
      .raw_ar_i (raw_ar_i[g]), .raw_aw_i (raw_aw_i[g]), .raw_w_i (raw_w_i[g]),
      .rd_desc_valid_i (rd_desc_valid_i[g]), .wr_desc_valid_i (wr_desc_valid_i[g]),
      .ws_valid_i (ws_valid_i[g]), .rd_desc_i (rd_desc_i[g]), .wr_desc_i (wr_desc_i[g]),
      .ws_data_i (ws_data_i[g]), .strap_nsaid_i (strap_nsaid_i[g]),
      .strap_prot_i (strap_prot_i[g]),
      .rd_desc_ready_o (rd_desc_ready_o[g]), .wr_desc_ready_o (wr_desc_ready_o[g]),
      .ws_ready_o (ws_ready_o[g]), .rd_sts_valid_o (rd_sts_valid_o[g]),
      .wr_sts_valid_o (wr_sts_valid_o[g]), .rs_valid_o (rs_valid_o[g]),
      .rd_sts_o (rd_sts_o[g]), .wr_sts_o (wr_sts_o[g]), .rs_o (rs_o[g]),
      .idle_o (dma_idle[g]), .run_o (dma_run[g]),
      .m_axi_awid (m_awid[g]), .m_axi_awaddr (m_awaddr[g]), .m_axi_awlen (m_awlen[g]),
      .m_axi_awsize (m_awsize[g]), .m_axi_awburst (m_awburst[g]), .m_axi_awlock (m_awlock[g]),
      .m_axi_awprot (m_awprot[g]), .m_axi_awnsaid (m_awnsaid[g]), .m_axi_awvalid (m_awvalid[g]),
      .m_axi_awready (m_awready[g]), .m_axi_wdata (m_wdata[g]), .m_axi_wstrb (m_wstrb[g]),
      .m_axi_wlast (m_wlast[g]), .m_axi_wvalid (m_wvalid[g]), .m_axi_wready (m_wready[g]),
      .m_axi_bid (m_bid[g]), .m_axi_bresp (m_bresp[g]), .m_axi_bvalid (m_bvalid[g]),
      .m_axi_bready (m_bready[g]), .m_axi_arid (m_arid[g]), .m_axi_araddr (m_araddr[g]),
      .m_axi_arlen (m_arlen[g]), .m_axi_arsize (m_arsize[g]), .m_axi_arburst (m_arburst[g]),
      .m_axi_arlock (m_arlock[g]), .m_axi_arprot (m_arprot[g]), .m_axi_arnsaid (m_arnsaid[g]),
      .m_axi_arvalid (m_arvalid[g]), .m_axi_arready (m_arready[g]), .m_axi_rid (m_rid[g]),
      .m_axi_rdata (m_rdata[g]), .m_axi_rresp (m_rresp[g]), .m_axi_rlast (m_rlast[g]),
      .m_axi_rvalid (m_rvalid[g]), .m_axi_rready (m_rready[g])
    );
    assign idle_m_o[g] = dma_idle[g] && fab_idle_m[g];
    assign run_m_o[g]  = dma_run[g] || !fab_idle_m[g] || fab_rsp_m[g];
  end

  fabric #(
    .NumMasters (NumMasters),
    .NumFilters (NumFilters),
    .AddrW      (AddrW),
    .DataW      (DataW),
    .IdW        (IdW)
  ) u_fabric (
    .clk_m_i, .clk_f_i, .rst_ni,
    .s_axi_awid (m_awid), .s_axi_awaddr (m_awaddr), .s_axi_awlen (m_awlen),
    .s_axi_awsize (m_awsize), .s_axi_awburst (m_awburst), .s_axi_awlock (m_awlock),
    .s_axi_awprot (m_awprot), .s_axi_awnsaid (m_awnsaid), .s_axi_awvalid (m_awvalid),
    .s_axi_awready (m_awready), .s_axi_wdata (m_wdata), .s_axi_wstrb (m_wstrb),
    .s_axi_wlast (m_wlast), .s_axi_wvalid (m_wvalid), .s_axi_wready (m_wready), .s_axi_bid (m_bid),
    .s_axi_bresp (m_bresp), .s_axi_bvalid (m_bvalid), .s_axi_bready (m_bready),
    .s_axi_arid (m_arid), .s_axi_araddr (m_araddr), .s_axi_arlen (m_arlen),
    .s_axi_arsize (m_arsize), .s_axi_arburst (m_arburst), .s_axi_arlock (m_arlock),
    .s_axi_arprot (m_arprot), .s_axi_arnsaid (m_arnsaid), .s_axi_arvalid (m_arvalid),
    .s_axi_arready (m_arready), .s_axi_rid (m_rid), .s_axi_rdata (m_rdata), .s_axi_rresp (m_rresp),
    .s_axi_rlast (m_rlast), .s_axi_rvalid (m_rvalid), .s_axi_rready (m_rready),
    .m_axi_awid (s_awid), .m_axi_awaddr (s_awaddr), .m_axi_awlen (s_awlen),
    .m_axi_awsize (s_awsize), .m_axi_awburst (s_awburst), .m_axi_awlock (s_awlock),
    .m_axi_awprot (s_awprot), .m_axi_awnsaid (s_awnsaid), .m_axi_awvalid (s_awvalid),
    .m_axi_awready (s_awready), .m_axi_wdata (s_wdata), .m_axi_wstrb (s_wstrb),
    .m_axi_wlast (s_wlast), .m_axi_wvalid (s_wvalid), .m_axi_wready (s_wready), .m_axi_bid (s_bid),
    .m_axi_bresp (s_bresp), .m_axi_bvalid (s_bvalid), .m_axi_bready (s_bready),
    .m_axi_arid (s_arid), .m_axi_araddr (s_araddr), .m_axi_arlen (s_arlen),
    .m_axi_arsize (s_arsize), .m_axi_arburst (s_arburst), .m_axi_arlock (s_arlock),
    .m_axi_arprot (s_arprot), .m_axi_arnsaid (s_arnsaid), .m_axi_arvalid (s_arvalid),
    .m_axi_arready (s_arready), .m_axi_rid (s_rid), .m_axi_rdata (s_rdata), .m_axi_rresp (s_rresp),
    .m_axi_rlast (s_rlast), .m_axi_rvalid (s_rvalid), .m_axi_rready (s_rready),
    .idle_m_o (fab_idle_m), .idle_f_o (fab_idle_f), .rsp_m_o (fab_rsp_m), .req_f_o (fab_req_f)
  );

  tzasc #(
    .NumFilters (NumFilters),
    .AddrW      (AddrW),
    .DataW      (DataW),
    .IdW        (FIdW),
    .CheckLat   (CheckLat)
  ) u_tzasc (
    .clk_reg_i, .clk_f_i, .rst_ni,
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
    .tzcint_o, .idle_reg_o, .idle_f_o (tz_idle_f)
  );

  // What is observed //
  for (genvar g = 0; g < NumMasters; g++) begin : g_see_master
    assign arvalid_o[g] = m_arvalid[g];
    assign arready_o[g] = m_arready[g];
    assign awvalid_o[g] = m_awvalid[g];
    assign awready_o[g] = m_awready[g];
    assign wvalid_o[g] = m_wvalid[g];
    assign wready_o[g] = m_wready[g];
    assign rvalid_o[g] = m_rvalid[g];
    assign rready_o[g] = m_rready[g];
    assign bvalid_o[g] = m_bvalid[g];
    assign bready_o[g] = m_bready[g];
    assign ar_o[g] = pack_ax(m_araddr[g], FIdW'(m_arid[g]), m_arlen[g],
        m_arsize[g], m_arburst[g], m_arlock[g], m_arprot[g], m_arnsaid[g]);
    assign aw_o[g] = pack_ax(m_awaddr[g], FIdW'(m_awid[g]), m_awlen[g],
        m_awsize[g], m_awburst[g], m_awlock[g], m_awprot[g], m_awnsaid[g]);
    assign w_o[g] = pack_w(m_wdata[g], m_wstrb[g], m_wlast[g]);
    assign r_o[g] = pack_r(m_rdata[g], FIdW'(m_rid[g]), m_rresp[g], m_rlast[g]);
    assign b_o[g] = pack_b(FIdW'(m_bid[g]), m_bresp[g]);
  end

  logic [NumFilters-1:0] run_f;
  for (genvar g = 0; g < NumFilters; g++) begin : g_filter
    mem_flags_t flags_q;
    r_t         r_q;
    b_t         b_q;
    always_ff @(posedge load_f_i[g]) begin
      flags_q <= mem_flags_i[g];
      if (mem_flags_i[g].r_valid) r_q <= mem_r_i[g];
      if (mem_flags_i[g].b_valid) b_q <= mem_b_i[g];
    end
    assign d_arready[g] = flags_q.ar_ready;
    assign d_awready[g] = flags_q.aw_ready;
    assign d_wready[g]  = flags_q.w_ready;
    assign d_rvalid[g]  = flags_q.r_valid;
    assign d_bvalid[g]  = flags_q.b_valid;
    assign d_rid[g]     = r_q.id[FIdW-1:0];
    assign d_rdata[g]   = r_q.data;
    assign d_rresp[g]   = r_q.resp[1:0];
    assign d_rlast[g]   = r_q.last[0];
    assign d_bid[g]     = b_q.id[FIdW-1:0];
    assign d_bresp[g]   = b_q.resp[1:0];

    assign idle_f_o[g] = tz_idle_f[g] && fab_idle_f[g];
    assign run_f[g] = !idle_f_o[g] || fab_req_f[g] || s_arvalid[g] || s_awvalid[g] || s_wvalid[g]
                      || flags_q.r_valid || flags_q.b_valid || apb_q.sel;
    assign run_f_o[g] = run_f[g];

    logic unused_resp;
    assign unused_resp = ^{r_q, b_q};

    assign arvalid_o[FilterSide+g] = s_arvalid[g];
    assign arready_o[FilterSide+g] = s_arready[g];
    assign awvalid_o[FilterSide+g] = s_awvalid[g];
    assign awready_o[FilterSide+g] = s_awready[g];
    assign wvalid_o[FilterSide+g] = s_wvalid[g];
    assign wready_o[FilterSide+g] = s_wready[g];
    assign rvalid_o[FilterSide+g] = s_rvalid[g];
    assign rready_o[FilterSide+g] = s_rready[g];
    assign bvalid_o[FilterSide+g] = s_bvalid[g];
    assign bready_o[FilterSide+g] = s_bready[g];
    assign ar_o[FilterSide+g] = pack_ax(s_araddr[g], s_arid[g], s_arlen[g],
        s_arsize[g], s_arburst[g], s_arlock[g], s_arprot[g], s_arnsaid[g]);
    assign aw_o[FilterSide+g] = pack_ax(s_awaddr[g], s_awid[g], s_awlen[g],
        s_awsize[g], s_awburst[g], s_awlock[g], s_awprot[g], s_awnsaid[g]);
    assign w_o[FilterSide+g] = pack_w(s_wdata[g], s_wstrb[g], s_wlast[g]);
    assign r_o[FilterSide+g] = pack_r(s_rdata[g], s_rid[g], s_rresp[g], s_rlast[g]);
    assign b_o[FilterSide+g] = pack_b(s_bid[g], s_bresp[g]);

    assign arvalid_o[MemorySide+g] = d_arvalid[g];
    assign arready_o[MemorySide+g] = d_arready[g];
    assign awvalid_o[MemorySide+g] = d_awvalid[g];
    assign awready_o[MemorySide+g] = d_awready[g];
    assign wvalid_o[MemorySide+g] = d_wvalid[g];
    assign wready_o[MemorySide+g] = d_wready[g];
    assign rvalid_o[MemorySide+g] = d_rvalid[g];
    assign rready_o[MemorySide+g] = d_rready[g];
    assign bvalid_o[MemorySide+g] = d_bvalid[g];
    assign bready_o[MemorySide+g] = d_bready[g];
    assign ar_o[MemorySide+g] = pack_ax(d_araddr[g], d_arid[g], d_arlen[g],
        d_arsize[g], d_arburst[g], d_arlock[g], d_arprot[g], '0);
    assign aw_o[MemorySide+g] = pack_ax(d_awaddr[g], d_awid[g], d_awlen[g],
        d_awsize[g], d_awburst[g], d_awlock[g], d_awprot[g], '0);
    assign w_o[MemorySide+g] = pack_w(d_wdata[g], d_wstrb[g], d_wlast[g]);
    assign r_o[MemorySide+g] = pack_r(d_rdata[g], d_rid[g], d_rresp[g], d_rlast[g]);
    assign b_o[MemorySide+g] = pack_b(d_bid[g], d_bresp[g]);
  end
  assign run_reg_o = apb_q.sel || !idle_reg_o || (run_f != '0);

  // Ports of filters that this shape does not have.
  for (genvar g = NumFilters; g < MaxFilters; g++) begin : g_absent
    for (genvar s = 0; s < 2; s++) begin : g_side
      localparam int unsigned P = FilterSide + s * MaxFilters + g;
      assign {arvalid_o[P], arready_o[P], awvalid_o[P], awready_o[P], wvalid_o[P]} = '0;
      assign {wready_o[P], rvalid_o[P], rready_o[P], bvalid_o[P], bready_o[P]} = '0;
      assign {ar_o[P], aw_o[P], w_o[P], r_o[P], b_o[P]} = '0;
    end
  end

endmodule
