// SPDX-License-Identifier: Apache-2.0
// The firewall alone, in any shape: slave sides, memory sides and register bus are all driven from
// the test bench. What it drives is taken at the rising edge of load_i. Observed ports 0 to 3 are
// the filters' slave sides, 4 to 7 their memory sides. Narrower data, addresses and IDs are the low
// bits of the fields.
module pins import board_pkg::*; #(
  parameter int unsigned NumFilters = 1,
  parameter int unsigned NumRegions = 9,
  parameter int unsigned PinAddrW   = 40,
  parameter int unsigned PinDataW   = 128,
  parameter int unsigned PinIdW     = 7,
  parameter int unsigned Outst      = 64,
  parameter int unsigned CheckLat   = 0,
  parameter int unsigned Ext        = 1,
  localparam int unsigned MemorySide = 4,
  localparam int unsigned NumPorts   = 2 * MemorySide
) (
  input  logic        clk_f_i [NumFilters],
  input  logic        clk_reg_i,
  input  logic        load_i,
`ifdef RF_FAULTS
  input  logic [7:0]  fault_i,
`endif
  input  logic        rst_ni,
  input  raw_flags_t  raw_flags_i [NumFilters],
  input  ax_t         raw_ar_i    [NumFilters],
  input  ax_t         raw_aw_i    [NumFilters],
  input  w_t          raw_w_i     [NumFilters],
  input  mem_flags_t  mem_flags_i [NumFilters],
  input  r_t          mem_r_i     [NumFilters],
  input  b_t          mem_b_i     [NumFilters],
  input  apb_t        apb_i,
  output logic        arvalid_o [NumPorts],
  output logic        arready_o [NumPorts],
  output logic        awvalid_o [NumPorts],
  output logic        awready_o [NumPorts],
  output logic        wvalid_o [NumPorts],
  output logic        wready_o [NumPorts],
  output logic        rvalid_o [NumPorts],
  output logic        rready_o [NumPorts],
  output logic        bvalid_o [NumPorts],
  output logic        bready_o [NumPorts],
  output ax_t         ar_o [NumPorts],
  output ax_t         aw_o [NumPorts],
  output w_t          w_o [NumPorts],
  output r_t          r_o [NumPorts],
  output b_t          b_o [NumPorts],
  output logic        pready_o,
  output logic        pslverr_o,
  output logic [31:0] prdata_o,
  output logic        tzcint_o,
  output logic        idle_f_o [NumFilters],
  output logic        idle_reg_o,
  output logic        run_f_o  [NumFilters],
  output logic        run_reg_o
);

  apb_t apb_q;
  always_ff @(posedge load_i) apb_q <= apb_i;
`ifdef RF_FAULTS
  assign rf_fault_pkg::sel       = fault_i;
  assign rf_fault_pkg::reg_write = apb_q.sel && apb_q.enable && apb_q.write;
`endif

  logic [PinIdW-1:0] s_awid [NumFilters], s_bid [NumFilters], s_arid [NumFilters], s_rid [NumFilters];
  logic [PinAddrW-1:0] s_awaddr [NumFilters], s_araddr [NumFilters];
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
  logic [PinDataW-1:0] s_wdata [NumFilters], s_rdata [NumFilters];
  logic [PinDataW/8-1:0] s_wstrb [NumFilters];
  logic [PinIdW-1:0] d_awid [NumFilters], d_bid [NumFilters], d_arid [NumFilters], d_rid [NumFilters];
  logic [PinAddrW-1:0] d_awaddr [NumFilters], d_araddr [NumFilters];
  logic [7:0] d_awlen [NumFilters], d_arlen [NumFilters];
  logic [2:0] d_awsize [NumFilters], d_awprot [NumFilters], d_arsize [NumFilters],
      d_arprot [NumFilters];
  logic [1:0] d_awburst [NumFilters], d_bresp [NumFilters], d_arburst [NumFilters],
      d_rresp [NumFilters];
  logic d_awlock [NumFilters], d_awvalid [NumFilters], d_awready [NumFilters],
      d_wlast [NumFilters], d_wvalid [NumFilters], d_wready [NumFilters], d_bvalid [NumFilters],
      d_bready [NumFilters], d_arlock [NumFilters], d_arvalid [NumFilters], d_arready [NumFilters],
      d_rlast [NumFilters], d_rvalid [NumFilters], d_rready [NumFilters];
  logic [PinDataW-1:0] d_wdata [NumFilters], d_rdata [NumFilters];
  logic [PinDataW/8-1:0] d_wstrb [NumFilters];

  function automatic ax_t pack_address(logic [PinAddrW-1:0] addr, logic [PinIdW-1:0] id,
                                       logic [7:0] len, logic [2:0] size, logic [1:0] burst,
                                       logic lock, logic [2:0] prot, logic [3:0] nsaid);
    return '{pad: '0, nsaid: 8'(nsaid), prot: 8'(prot), lock: 8'(lock), burst: 8'(burst),
             size: 8'(size), len: len, id: 8'(id), addr: 64'(addr)};
  endfunction

  tzasc #(
    .NumFilters (NumFilters),
    .NumRegions (NumRegions),
    .AddrW      (PinAddrW),
    .DataW      (PinDataW),
    .IdW        (PinIdW),
    .RdOutst    (Outst),
    .WrOutst    (Outst),
    .CheckLat   (CheckLat),
    .Ext        (Ext)
  ) dut (
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
    .tzcint_o, .idle_reg_o, .idle_f_o
  );

  logic [NumFilters-1:0] run_f;
  assign run_reg_o = run_f != '0 || apb_q.sel || !idle_reg_o;

  for (genvar g = 0; g < int'(NumFilters); g++) begin : g_filter
    raw_flags_t raw_q;
    mem_flags_t mem_q;
    ax_t        ar_q, aw_q;
    w_t         w_q;
    r_t         r_q;
    b_t         b_q;

    always_ff @(posedge load_i) begin
      raw_q <= raw_flags_i[g];
      mem_q <= mem_flags_i[g];
      ar_q  <= raw_ar_i[g];
      aw_q  <= raw_aw_i[g];
      w_q   <= raw_w_i[g];
      r_q   <= mem_r_i[g];
      b_q   <= mem_b_i[g];
    end

    assign s_arid[g] = ar_q.id[PinIdW-1:0];
    assign s_araddr[g] = ar_q.addr[PinAddrW-1:0];
    assign s_arlen[g] = ar_q.len;
    assign s_arsize[g] = ar_q.size[2:0];
    assign s_arburst[g] = ar_q.burst[1:0];
    assign s_arlock[g] = ar_q.lock[0];
    assign s_arprot[g] = ar_q.prot[2:0];
    assign s_arnsaid[g] = ar_q.nsaid[3:0];
    assign s_arvalid[g] = raw_q.ar_valid;
    assign s_awid[g] = aw_q.id[PinIdW-1:0];
    assign s_awaddr[g] = aw_q.addr[PinAddrW-1:0];
    assign s_awlen[g] = aw_q.len;
    assign s_awsize[g] = aw_q.size[2:0];
    assign s_awburst[g] = aw_q.burst[1:0];
    assign s_awlock[g] = aw_q.lock[0];
    assign s_awprot[g] = aw_q.prot[2:0];
    assign s_awnsaid[g] = aw_q.nsaid[3:0];
    assign s_awvalid[g] = raw_q.aw_valid;
    assign s_wdata[g] = w_q.data[PinDataW-1:0];
    assign s_wstrb[g] = w_q.strb[PinDataW/8-1:0];
    assign s_wlast[g] = w_q.last[0];
    assign s_wvalid[g] = raw_q.w_valid;
    assign s_rready[g] = raw_q.r_ready;
    assign s_bready[g] = raw_q.b_ready;

    assign d_arready[g] = mem_q.ar_ready;
    assign d_awready[g] = mem_q.aw_ready;
    assign d_wready[g] = mem_q.w_ready;
    assign d_rvalid[g] = mem_q.r_valid;
    assign d_rid[g] = r_q.id[PinIdW-1:0];
    assign d_rdata[g] = r_q.data[PinDataW-1:0];
    assign d_rresp[g] = r_q.resp[1:0];
    assign d_rlast[g] = r_q.last[0];
    assign d_bvalid[g] = mem_q.b_valid;
    assign d_bid[g] = b_q.id[PinIdW-1:0];
    assign d_bresp[g] = b_q.resp[1:0];

    assign run_f[g] = !idle_f_o[g] || raw_q.ar_valid || raw_q.aw_valid || raw_q.w_valid
                      || mem_q.r_valid || mem_q.b_valid || apb_q.sel;
    assign run_f_o[g] = run_f[g];

    assign arvalid_o[g] = s_arvalid[g];
    assign arready_o[g] = s_arready[g];
    assign awvalid_o[g] = s_awvalid[g];
    assign awready_o[g] = s_awready[g];
    assign wvalid_o[g] = s_wvalid[g];
    assign wready_o[g] = s_wready[g];
    assign rvalid_o[g] = s_rvalid[g];
    assign rready_o[g] = s_rready[g];
    assign bvalid_o[g] = s_bvalid[g];
    assign bready_o[g] = s_bready[g];
    assign ar_o[g] = pack_address(s_araddr[g], s_arid[g], s_arlen[g],
        s_arsize[g], s_arburst[g], s_arlock[g], s_arprot[g], s_arnsaid[g]);
    assign aw_o[g] = pack_address(s_awaddr[g], s_awid[g], s_awlen[g],
        s_awsize[g], s_awburst[g], s_awlock[g], s_awprot[g], s_awnsaid[g]);
    assign w_o[g] = '{pad: '0, last: 8'(s_wlast[g]), strb: 16'(s_wstrb[g]),
        data: 128'(s_wdata[g])};
    assign r_o[g] = '{pad: '0, last: 8'(s_rlast[g]), resp: 8'(s_rresp[g]),
        id: 8'(s_rid[g]), data: 128'(s_rdata[g])};
    assign b_o[g] = '{resp: 8'(s_bresp[g]), id: 8'(s_bid[g])};

    assign arvalid_o[MemorySide + g] = d_arvalid[g];
    assign arready_o[MemorySide + g] = d_arready[g];
    assign awvalid_o[MemorySide + g] = d_awvalid[g];
    assign awready_o[MemorySide + g] = d_awready[g];
    assign wvalid_o[MemorySide + g] = d_wvalid[g];
    assign wready_o[MemorySide + g] = d_wready[g];
    assign rvalid_o[MemorySide + g] = d_rvalid[g];
    assign rready_o[MemorySide + g] = d_rready[g];
    assign bvalid_o[MemorySide + g] = d_bvalid[g];
    assign bready_o[MemorySide + g] = d_bready[g];
    assign ar_o[MemorySide + g] = pack_address(d_araddr[g], d_arid[g], d_arlen[g],
        d_arsize[g], d_arburst[g], d_arlock[g], d_arprot[g], '0);
    assign aw_o[MemorySide + g] = pack_address(d_awaddr[g], d_awid[g], d_awlen[g],
        d_awsize[g], d_awburst[g], d_awlock[g], d_awprot[g], '0);
    assign w_o[MemorySide + g] = '{pad: '0, last: 8'(d_wlast[g]), strb: 16'(d_wstrb[g]),
        data: 128'(d_wdata[g])};
    assign r_o[MemorySide + g] = '{pad: '0, last: 8'(d_rlast[g]), resp: 8'(d_rresp[g]),
        id: 8'(d_rid[g]), data: 128'(d_rdata[g])};
    assign b_o[MemorySide + g] = '{resp: 8'(d_bresp[g]), id: 8'(d_bid[g])};

    logic unused_fields;
    assign unused_fields = ^{ar_q, aw_q, w_q, r_q, b_q};
  end

  // Ports of filters that are not there.
  for (genvar g = int'(NumFilters); g < int'(MemorySide); g++) begin : g_absent
    for (genvar s = 0; s < 2; s++) begin : g_side
      assign arvalid_o[s * MemorySide + g] = 1'b0;
      assign arready_o[s * MemorySide + g] = 1'b0;
      assign awvalid_o[s * MemorySide + g] = 1'b0;
      assign awready_o[s * MemorySide + g] = 1'b0;
      assign wvalid_o[s * MemorySide + g] = 1'b0;
      assign wready_o[s * MemorySide + g] = 1'b0;
      assign rvalid_o[s * MemorySide + g] = 1'b0;
      assign rready_o[s * MemorySide + g] = 1'b0;
      assign bvalid_o[s * MemorySide + g] = 1'b0;
      assign bready_o[s * MemorySide + g] = 1'b0;
      assign ar_o[s * MemorySide + g] = '0;
      assign aw_o[s * MemorySide + g] = '0;
      assign w_o[s * MemorySide + g] = '0;
      assign r_o[s * MemorySide + g] = '0;
      assign b_o[s * MemorySide + g] = '0;
    end
  end

endmodule
