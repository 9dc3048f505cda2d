// SPDX-License-Identifier: Apache-2.0
// Chooses who drives a master port: its DMA engine, or raw AXI from the test bench with every field
// of every channel free. The side not chosen sees no READY and no response.
//
// Latency: 0 cycles. The selection is wiring for a run: changing it with transfers open breaks AXI.
module raw_mux import board_pkg::*; (
  input  logic               raw_enable_i,
  input  raw_flags_t         raw_flags_i,
  input  ax_t                raw_ar_i,
  input  ax_t                raw_aw_i,
  input  w_t                 raw_w_i,
  input  logic [IdW-1:0]     s_axi_awid,
  input  logic [AddrW-1:0]   s_axi_awaddr,
  input  logic [7:0]         s_axi_awlen,
  input  logic [2:0]         s_axi_awsize,
  input  logic [1:0]         s_axi_awburst,
  input  logic               s_axi_awlock,
  input  logic [2:0]         s_axi_awprot,
  input  logic [3:0]         s_axi_awnsaid,
  input  logic               s_axi_awvalid,
  output logic               s_axi_awready,
  input  logic [DataW-1:0]   s_axi_wdata,
  input  logic [DataW/8-1:0] s_axi_wstrb,
  input  logic               s_axi_wlast,
  input  logic               s_axi_wvalid,
  output logic               s_axi_wready,
  output logic [IdW-1:0]     s_axi_bid,
  output logic [1:0]         s_axi_bresp,
  output logic               s_axi_bvalid,
  input  logic               s_axi_bready,
  input  logic [IdW-1:0]     s_axi_arid,
  input  logic [AddrW-1:0]   s_axi_araddr,
  input  logic [7:0]         s_axi_arlen,
  input  logic [2:0]         s_axi_arsize,
  input  logic [1:0]         s_axi_arburst,
  input  logic               s_axi_arlock,
  input  logic [2:0]         s_axi_arprot,
  input  logic [3:0]         s_axi_arnsaid,
  input  logic               s_axi_arvalid,
  output logic               s_axi_arready,
  output logic [IdW-1:0]     s_axi_rid,
  output logic [DataW-1:0]   s_axi_rdata,
  output logic [1:0]         s_axi_rresp,
  output logic               s_axi_rlast,
  output logic               s_axi_rvalid,
  input  logic               s_axi_rready,
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

  logic unused_raw;
  assign unused_raw = ^{raw_ar_i, raw_aw_i, raw_w_i};

  assign m_axi_awid = raw_enable_i ? raw_aw_i.id[IdW-1:0] : s_axi_awid;
  assign m_axi_awaddr = raw_enable_i ? raw_aw_i.addr[AddrW-1:0] : s_axi_awaddr;
  assign m_axi_awlen = raw_enable_i ? raw_aw_i.len : s_axi_awlen;
  assign m_axi_awsize = raw_enable_i ? raw_aw_i.size[2:0] : s_axi_awsize;
  assign m_axi_awburst = raw_enable_i ? raw_aw_i.burst[1:0] : s_axi_awburst;
  assign m_axi_awlock = raw_enable_i ? raw_aw_i.lock[0] : s_axi_awlock;
  assign m_axi_awprot = raw_enable_i ? raw_aw_i.prot[2:0] : s_axi_awprot;
  assign m_axi_awnsaid = raw_enable_i ? raw_aw_i.nsaid[3:0] : s_axi_awnsaid;
  assign m_axi_awvalid = raw_enable_i ? raw_flags_i.aw_valid : s_axi_awvalid;
  assign s_axi_awready = !raw_enable_i && m_axi_awready;

  assign m_axi_arid = raw_enable_i ? raw_ar_i.id[IdW-1:0] : s_axi_arid;
  assign m_axi_araddr = raw_enable_i ? raw_ar_i.addr[AddrW-1:0] : s_axi_araddr;
  assign m_axi_arlen = raw_enable_i ? raw_ar_i.len : s_axi_arlen;
  assign m_axi_arsize = raw_enable_i ? raw_ar_i.size[2:0] : s_axi_arsize;
  assign m_axi_arburst = raw_enable_i ? raw_ar_i.burst[1:0] : s_axi_arburst;
  assign m_axi_arlock = raw_enable_i ? raw_ar_i.lock[0] : s_axi_arlock;
  assign m_axi_arprot = raw_enable_i ? raw_ar_i.prot[2:0] : s_axi_arprot;
  assign m_axi_arnsaid = raw_enable_i ? raw_ar_i.nsaid[3:0] : s_axi_arnsaid;
  assign m_axi_arvalid = raw_enable_i ? raw_flags_i.ar_valid : s_axi_arvalid;
  assign s_axi_arready = !raw_enable_i && m_axi_arready;

  assign m_axi_wdata = raw_enable_i ? raw_w_i.data : s_axi_wdata;
  assign m_axi_wstrb = raw_enable_i ? raw_w_i.strb : s_axi_wstrb;
  assign m_axi_wlast = raw_enable_i ? raw_w_i.last[0] : s_axi_wlast;
  assign m_axi_wvalid = raw_enable_i ? raw_flags_i.w_valid : s_axi_wvalid;
  assign s_axi_wready = !raw_enable_i && m_axi_wready;

  assign s_axi_bid = m_axi_bid;
  assign s_axi_bresp = m_axi_bresp;
  assign s_axi_bvalid = !raw_enable_i && m_axi_bvalid;
  assign m_axi_bready = raw_enable_i ? raw_flags_i.b_ready : s_axi_bready;

  assign s_axi_rid = m_axi_rid;
  assign s_axi_rdata = m_axi_rdata;
  assign s_axi_rresp = m_axi_rresp;
  assign s_axi_rlast = m_axi_rlast;
  assign s_axi_rvalid = !raw_enable_i && m_axi_rvalid;
  assign m_axi_rready = raw_enable_i ? raw_flags_i.r_ready : s_axi_rready;

endmodule
