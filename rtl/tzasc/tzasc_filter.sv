// SPDX-License-Identifier: Apache-2.0
// One filter: a check for each direction, the read and the write path, the failure log, and the
// gate status. Wiring only. The gate is open as long as it is requested; its status is low once it
// is not and everything accepted was fully answered, with no delay of its own.

module tzasc_filter #(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned DataW      = 128,
  parameter  int unsigned IdW        = 7,
  parameter  int unsigned RdOutst    = 64,
  parameter  int unsigned WrOutst    = 64,
  parameter  int unsigned CheckLat   = 0,
  localparam int unsigned PageW      = AddrW - 12
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  output logic                  idle_o,

  // Configuration, from the register file.
  input  logic                  gate_open_i,
  input  logic                  decerr_i,
  input  logic                  rd_spec_disable_i,
  input  logic                  wr_spec_disable_i,
  input  logic [NumRegions-1:0] region_en_i,
  input  logic [PageW-1:0]      region_base_i  [NumRegions],
  input  logic [PageW-1:0]      region_top_i   [NumRegions],
  input  logic [NumRegions-1:0] secure_rd_en_i,
  input  logic [NumRegions-1:0] secure_wr_en_i,
  input  logic [15:0]           nsaid_rd_en_i  [NumRegions],
  input  logic [15:0]           nsaid_wr_en_i  [NumRegions],

  // Status, to the register file.
  output logic                  gate_status_o,
  input  logic                  clear_i,
  output logic                  fail_status_o,
  output logic                  fail_overrun_o,
  output logic                  fail_overlap_o,
  output logic [AddrW-1:0]      fail_addr_o,
  output logic [IdW-1:0]        fail_id_o,
  output logic                  fail_write_o,
  output logic                  fail_nonsecure_o,
  output logic                  fail_privileged_o,
  output logic [3:0]            fail_nsaid_o,

  // For the extension block.
  output logic                  rd_deny_o,
  output logic                  wr_deny_o,
  output logic                  rd_allow_o,
  output logic                  wr_allow_o,
  output logic                  stall_o,
  output logic                  wlast_wrong_o,
  output logic                  crossing_o,

  input  logic [IdW-1:0]        s_axi_awid,
  input  logic [AddrW-1:0]      s_axi_awaddr,
  input  logic [7:0]            s_axi_awlen,
  input  logic [2:0]            s_axi_awsize,
  input  logic [1:0]            s_axi_awburst,
  input  logic                  s_axi_awlock,
  input  logic [2:0]            s_axi_awprot,
  input  logic [3:0]            s_axi_awnsaid,
  input  logic                  s_axi_awvalid,
  output logic                  s_axi_awready,
  input  logic [DataW-1:0]      s_axi_wdata,
  input  logic [DataW/8-1:0]    s_axi_wstrb,
  input  logic                  s_axi_wlast,
  input  logic                  s_axi_wvalid,
  output logic                  s_axi_wready,
  output logic [IdW-1:0]        s_axi_bid,
  output logic [1:0]            s_axi_bresp,
  output logic                  s_axi_bvalid,
  input  logic                  s_axi_bready,
  input  logic [IdW-1:0]        s_axi_arid,
  input  logic [AddrW-1:0]      s_axi_araddr,
  input  logic [7:0]            s_axi_arlen,
  input  logic [2:0]            s_axi_arsize,
  input  logic [1:0]            s_axi_arburst,
  input  logic                  s_axi_arlock,
  input  logic [2:0]            s_axi_arprot,
  input  logic [3:0]            s_axi_arnsaid,
  input  logic                  s_axi_arvalid,
  output logic                  s_axi_arready,
  output logic [IdW-1:0]        s_axi_rid,
  output logic [DataW-1:0]      s_axi_rdata,
  output logic [1:0]            s_axi_rresp,
  output logic                  s_axi_rlast,
  output logic                  s_axi_rvalid,
  input  logic                  s_axi_rready,

  output logic [IdW-1:0]        m_axi_awid,
  output logic [AddrW-1:0]      m_axi_awaddr,
  output logic [7:0]            m_axi_awlen,
  output logic [2:0]            m_axi_awsize,
  output logic [1:0]            m_axi_awburst,
  output logic                  m_axi_awlock,
  output logic [2:0]            m_axi_awprot,
  output logic                  m_axi_awvalid,
  input  logic                  m_axi_awready,
  output logic [DataW-1:0]      m_axi_wdata,
  output logic [DataW/8-1:0]    m_axi_wstrb,
  output logic                  m_axi_wlast,
  output logic                  m_axi_wvalid,
  input  logic                  m_axi_wready,
  input  logic [IdW-1:0]        m_axi_bid,
  input  logic [1:0]            m_axi_bresp,
  input  logic                  m_axi_bvalid,
  output logic                  m_axi_bready,
  output logic [IdW-1:0]        m_axi_arid,
  output logic [AddrW-1:0]      m_axi_araddr,
  output logic [7:0]            m_axi_arlen,
  output logic [2:0]            m_axi_arsize,
  output logic [1:0]            m_axi_arburst,
  output logic                  m_axi_arlock,
  output logic [2:0]            m_axi_arprot,
  output logic                  m_axi_arvalid,
  input  logic                  m_axi_arready,
  input  logic [IdW-1:0]        m_axi_rid,
  input  logic [DataW-1:0]      m_axi_rdata,
  input  logic [1:0]            m_axi_rresp,
  input  logic                  m_axi_rlast,
  input  logic                  m_axi_rvalid,
  output logic                  m_axi_rready
);

  logic rd_allow, rd_overlap, rd_speculative, rd_accept, rd_empty;
  logic wr_allow, wr_overlap, wr_speculative, wr_accept, wr_empty;
  logic rd_crossing, wr_crossing;

  assign idle_o        = rd_empty & wr_empty;
  assign gate_status_o = gate_open_i | ~idle_o;
  assign rd_deny_o     = rd_accept & ~rd_allow;
  assign wr_deny_o     = wr_accept & ~wr_allow;
  assign rd_allow_o    = rd_accept & rd_allow;
  assign wr_allow_o    = wr_accept & wr_allow;
  assign stall_o       = (s_axi_arvalid & ~s_axi_arready) | (s_axi_awvalid & ~s_axi_awready);
  assign crossing_o    = (rd_accept & rd_crossing) | (wr_accept & wr_crossing);

  tzasc_check #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_rd_check (
    .valid_i       (s_axi_arvalid),
    .addr_i        (s_axi_araddr),
    .len_i         (s_axi_arlen),
    .size_i        (s_axi_arsize),
    .burst_i       (s_axi_arburst),
    .lock_i        (s_axi_arlock),
    .nonsecure_i   (s_axi_arprot[1]),
    .nsaid_i       (s_axi_arnsaid),
    .region_en_i,
    .region_base_i,
    .region_top_i,
    .secure_en_i   (secure_rd_en_i),
    .nsaid_en_i    (nsaid_rd_en_i),
    .spec_disable_i(rd_spec_disable_i),
    .allow_o       (rd_allow),
    .overlap_o     (rd_overlap),
    .speculative_o (rd_speculative),
    .crossing_o    (rd_crossing)
  );

  tzasc_check #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_wr_check (
    .valid_i       (s_axi_awvalid),
    .addr_i        (s_axi_awaddr),
    .len_i         (s_axi_awlen),
    .size_i        (s_axi_awsize),
    .burst_i       (s_axi_awburst),
    .lock_i        (s_axi_awlock),
    .nonsecure_i   (s_axi_awprot[1]),
    .nsaid_i       (s_axi_awnsaid),
    .region_en_i,
    .region_base_i,
    .region_top_i,
    .secure_en_i   (secure_wr_en_i),
    .nsaid_en_i    (nsaid_wr_en_i),
    .spec_disable_i(wr_spec_disable_i),
    .allow_o       (wr_allow),
    .overlap_o     (wr_overlap),
    .speculative_o (wr_speculative),
    .crossing_o    (wr_crossing)
  );

  tzasc_fail_log #(
    .AddrW(AddrW),
    .IdW  (IdW)
  ) u_fail_log (
    .clk_i,
    .rst_ni,
    .clear_i,
    .rd_fail_i      (rd_deny_o),
    .rd_overlap_i   (rd_overlap),
    .rd_addr_i      (s_axi_araddr),
    .rd_id_i        (s_axi_arid),
    .rd_nonsecure_i (s_axi_arprot[1]),
    .rd_privileged_i(s_axi_arprot[0]),
    .rd_nsaid_i     (s_axi_arnsaid),
    .wr_fail_i      (wr_deny_o),
    .wr_overlap_i   (wr_overlap),
    .wr_addr_i      (s_axi_awaddr),
    .wr_id_i        (s_axi_awid),
    .wr_nonsecure_i (s_axi_awprot[1]),
    .wr_privileged_i(s_axi_awprot[0]),
    .wr_nsaid_i     (s_axi_awnsaid),
    .status_o       (fail_status_o),
    .overrun_o      (fail_overrun_o),
    .overlap_o      (fail_overlap_o),
    .addr_o         (fail_addr_o),
    .id_o           (fail_id_o),
    .write_o        (fail_write_o),
    .nonsecure_o    (fail_nonsecure_o),
    .privileged_o   (fail_privileged_o),
    .nsaid_o        (fail_nsaid_o)
  );

  tzasc_read #(
    .AddrW   (AddrW),
    .DataW   (DataW),
    .IdW     (IdW),
    .Outst   (RdOutst),
    .CheckLat(CheckLat)
  ) u_read (
    .clk_i,
    .rst_ni,
    .gate_open_i,
    .allow_i      (rd_allow),
    .speculative_i(rd_speculative),
    .decerr_i,
    .accept_o     (rd_accept),
    .empty_o      (rd_empty),
    .s_axi_arid, .s_axi_araddr, .s_axi_arlen, .s_axi_arsize, .s_axi_arburst, .s_axi_arlock,
    .s_axi_arprot, .s_axi_arvalid, .s_axi_arready,
    .s_axi_rid, .s_axi_rdata, .s_axi_rresp, .s_axi_rlast, .s_axi_rvalid, .s_axi_rready,
    .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst, .m_axi_arlock,
    .m_axi_arprot, .m_axi_arvalid, .m_axi_arready,
    .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready
  );

  tzasc_write #(
    .AddrW   (AddrW),
    .DataW   (DataW),
    .IdW     (IdW),
    .Outst   (WrOutst),
    .CheckLat(CheckLat)
  ) u_write (
    .clk_i,
    .rst_ni,
    .gate_open_i,
    .allow_i      (wr_allow),
    .speculative_i(wr_speculative),
    .decerr_i,
    .accept_o     (wr_accept),
    .empty_o      (wr_empty),
    .wlast_wrong_o,
    .s_axi_awid, .s_axi_awaddr, .s_axi_awlen, .s_axi_awsize, .s_axi_awburst, .s_axi_awlock,
    .s_axi_awprot, .s_axi_awvalid, .s_axi_awready,
    .s_axi_wdata, .s_axi_wstrb, .s_axi_wlast, .s_axi_wvalid, .s_axi_wready,
    .s_axi_bid, .s_axi_bresp, .s_axi_bvalid, .s_axi_bready,
    .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst, .m_axi_awlock,
    .m_axi_awprot, .m_axi_awvalid, .m_axi_awready,
    .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready,
    .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
  );

endmodule
