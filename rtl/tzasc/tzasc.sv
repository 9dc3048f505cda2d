// SPDX-License-Identifier: Apache-2.0
// TZC-400-compatible address space controller: one register file, NumFilters filters of equal
// build. Wiring only. Every clock input is the same clock; that of a part may be held while its
// idle output is high and none of its inputs is valid (a filter's runs with PSEL as well, the
// register file's with PSEL or with any filter's).
//
// Added latency: AR and AW 0 cycles, or CheckLat where speculation is disabled; W 0 from the cycle
// after its address was taken downstream; R and B 0. One address and one beat a cycle.
// Refuses: WLAST of the master decides nothing, beats are counted by AxLEN. An ID has tables of its own,
// so IdW is limited to 12.

`include "assert.svh"

module tzasc #(
  parameter int unsigned NumFilters = 4,   // 1, 2 or 4
  parameter int unsigned NumRegions = 9,   // 2 to 9, region 0 included
  parameter int unsigned AddrW      = 40,  // 32 to 48
  parameter int unsigned DataW      = 128, // 32, 64 or 128
  parameter int unsigned IdW        = 7,   // 1 to 12
  parameter int unsigned RdOutst    = 64,  // 2 to 256, a filter
  parameter int unsigned WrOutst    = 64,  // 2 to 256, a filter
  parameter int unsigned CheckLat   = 0,   // 0 or 1
  parameter int unsigned Ext        = 1    // 1: the extension block at 0xE00
) (
  input  logic                     clk_reg_i,
  input  logic                     clk_f_i       [NumFilters],
  input  logic                     rst_ni,

  input  logic                     s_apb_psel,
  input  logic                     s_apb_penable,
  input  logic                     s_apb_pwrite,
  input  logic [11:0]              s_apb_paddr,
  input  logic [31:0]              s_apb_pwdata,
  input  logic [3:0]               s_apb_pstrb,
  input  logic [2:0]               s_apb_pprot,
  output logic                     s_apb_pready,
  output logic [31:0]              s_apb_prdata,
  output logic                     s_apb_pslverr,

  input  logic [IdW-1:0]           s_axi_awid    [NumFilters],
  input  logic [AddrW-1:0]         s_axi_awaddr  [NumFilters],
  input  logic [7:0]               s_axi_awlen   [NumFilters],
  input  logic [2:0]               s_axi_awsize  [NumFilters],
  input  logic [1:0]               s_axi_awburst [NumFilters],
  input  logic                     s_axi_awlock  [NumFilters],
  input  logic [2:0]               s_axi_awprot  [NumFilters],
  input  logic [3:0]               s_axi_awnsaid [NumFilters],
  input  logic                     s_axi_awvalid [NumFilters],
  output logic                     s_axi_awready [NumFilters],
  input  logic [DataW-1:0]         s_axi_wdata   [NumFilters],
  input  logic [DataW/8-1:0]       s_axi_wstrb   [NumFilters],
  input  logic                     s_axi_wlast   [NumFilters],
  input  logic                     s_axi_wvalid  [NumFilters],
  output logic                     s_axi_wready  [NumFilters],
  output logic [IdW-1:0]           s_axi_bid     [NumFilters],
  output logic [1:0]               s_axi_bresp   [NumFilters],
  output logic                     s_axi_bvalid  [NumFilters],
  input  logic                     s_axi_bready  [NumFilters],
  input  logic [IdW-1:0]           s_axi_arid    [NumFilters],
  input  logic [AddrW-1:0]         s_axi_araddr  [NumFilters],
  input  logic [7:0]               s_axi_arlen   [NumFilters],
  input  logic [2:0]               s_axi_arsize  [NumFilters],
  input  logic [1:0]               s_axi_arburst [NumFilters],
  input  logic                     s_axi_arlock  [NumFilters],
  input  logic [2:0]               s_axi_arprot  [NumFilters],
  input  logic [3:0]               s_axi_arnsaid [NumFilters],
  input  logic                     s_axi_arvalid [NumFilters],
  output logic                     s_axi_arready [NumFilters],
  output logic [IdW-1:0]           s_axi_rid     [NumFilters],
  output logic [DataW-1:0]         s_axi_rdata   [NumFilters],
  output logic [1:0]               s_axi_rresp   [NumFilters],
  output logic                     s_axi_rlast   [NumFilters],
  output logic                     s_axi_rvalid  [NumFilters],
  input  logic                     s_axi_rready  [NumFilters],

  output logic [IdW-1:0]           m_axi_awid    [NumFilters],
  output logic [AddrW-1:0]         m_axi_awaddr  [NumFilters],
  output logic [7:0]               m_axi_awlen   [NumFilters],
  output logic [2:0]               m_axi_awsize  [NumFilters],
  output logic [1:0]               m_axi_awburst [NumFilters],
  output logic                     m_axi_awlock  [NumFilters],
  output logic [2:0]               m_axi_awprot  [NumFilters],
  output logic                     m_axi_awvalid [NumFilters],
  input  logic                     m_axi_awready [NumFilters],
  output logic [DataW-1:0]         m_axi_wdata   [NumFilters],
  output logic [DataW/8-1:0]       m_axi_wstrb   [NumFilters],
  output logic                     m_axi_wlast   [NumFilters],
  output logic                     m_axi_wvalid  [NumFilters],
  input  logic                     m_axi_wready  [NumFilters],
  input  logic [IdW-1:0]           m_axi_bid     [NumFilters],
  input  logic [1:0]               m_axi_bresp   [NumFilters],
  input  logic                     m_axi_bvalid  [NumFilters],
  output logic                     m_axi_bready  [NumFilters],
  output logic [IdW-1:0]           m_axi_arid    [NumFilters],
  output logic [AddrW-1:0]         m_axi_araddr  [NumFilters],
  output logic [7:0]               m_axi_arlen   [NumFilters],
  output logic [2:0]               m_axi_arsize  [NumFilters],
  output logic [1:0]               m_axi_arburst [NumFilters],
  output logic                     m_axi_arlock  [NumFilters],
  output logic [2:0]               m_axi_arprot  [NumFilters],
  output logic                     m_axi_arvalid [NumFilters],
  input  logic                     m_axi_arready [NumFilters],
  input  logic [IdW-1:0]           m_axi_rid     [NumFilters],
  input  logic [DataW-1:0]         m_axi_rdata   [NumFilters],
  input  logic [1:0]               m_axi_rresp   [NumFilters],
  input  logic                     m_axi_rlast   [NumFilters],
  input  logic                     m_axi_rvalid  [NumFilters],
  output logic                     m_axi_rready  [NumFilters],

  output logic                     tzcint_o,
  output logic                     idle_reg_o,
  output logic                     idle_f_o      [NumFilters]
);

  localparam int unsigned PageW = AddrW - 12;

  logic [1:0]            action;
  logic [1:0]            spec_disable;
  logic [NumFilters-1:0] gate_open, gate_status, clear;
  logic [NumRegions-1:0] region_en    [NumFilters];
  logic [PageW-1:0]      region_base  [NumRegions];
  logic [PageW-1:0]      region_top   [NumRegions];
  logic [NumRegions-1:0] secure_rd_en, secure_wr_en;
  logic [15:0]           nsaid_rd_en  [NumRegions];
  logic [15:0]           nsaid_wr_en  [NumRegions];
  logic [NumFilters-1:0] fail_status, fail_overrun, fail_overlap;
  logic [NumFilters-1:0] fail_write, fail_nonsecure, fail_privileged;
  logic [AddrW-1:0]      fail_addr    [NumFilters];
  logic [IdW-1:0]        fail_id      [NumFilters];
  logic [3:0]            fail_nsaid   [NumFilters];
  logic [NumFilters-1:0] rd_deny, wr_deny, rd_allow, wr_allow, stall, wlast_wrong, crossing;

  // The register file changes in cycles with PSEL only.
  assign idle_reg_o = 1'b1;
  assign tzcint_o   = action[1] & |fail_status;

  tzasc_regs #(
    .NumFilters(NumFilters),
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .IdW       (IdW),
    .Ext       (Ext)
  ) u_regs (
    .clk_i            (clk_reg_i),
    .rst_ni,
    .s_apb_psel,
    .s_apb_penable,
    .s_apb_pwrite,
    .s_apb_paddr,
    .s_apb_pwdata,
    .s_apb_pstrb,
    .s_apb_pprot,
    .s_apb_pready,
    .s_apb_prdata,
    .s_apb_pslverr,
    .action_o         (action),
    .spec_disable_o   (spec_disable),
    .gate_open_o      (gate_open),
    .clear_o          (clear),
    .region_en_o      (region_en),
    .region_base_o    (region_base),
    .region_top_o     (region_top),
    .secure_rd_en_o   (secure_rd_en),
    .secure_wr_en_o   (secure_wr_en),
    .nsaid_rd_en_o    (nsaid_rd_en),
    .nsaid_wr_en_o    (nsaid_wr_en),
    .gate_status_i    (gate_status),
    .fail_status_i    (fail_status),
    .fail_overrun_i   (fail_overrun),
    .fail_overlap_i   (fail_overlap),
    .fail_addr_i      (fail_addr),
    .fail_id_i        (fail_id),
    .fail_write_i     (fail_write),
    .fail_nonsecure_i (fail_nonsecure),
    .fail_privileged_i(fail_privileged),
    .fail_nsaid_i     (fail_nsaid),
    .ext_rd_deny_i    (rd_deny),
    .ext_wr_deny_i    (wr_deny),
    .ext_rd_allow_i   (rd_allow),
    .ext_wr_allow_i   (wr_allow),
    .ext_stall_i      (stall),
    .ext_wlast_wrong_i(wlast_wrong),
    .ext_crossing_i   (crossing)
  );

  for (genvar f = 0; f < int'(NumFilters); f++) begin : gen_filter
    tzasc_filter #(
      .NumRegions(NumRegions),
      .AddrW     (AddrW),
      .DataW     (DataW),
      .IdW       (IdW),
      .RdOutst   (RdOutst),
      .WrOutst   (WrOutst),
      .CheckLat  (CheckLat)
    ) u_filter (
      .clk_i            (clk_f_i[f]),
      .rst_ni,
      .idle_o           (idle_f_o[f]),
      .gate_open_i      (gate_open[f]),
      .decerr_i         (action[0]),
      .rd_spec_disable_i(spec_disable[0]),
      .wr_spec_disable_i(spec_disable[1]),
      .region_en_i      (region_en[f]),
      .region_base_i    (region_base),
      .region_top_i     (region_top),
      .secure_rd_en_i   (secure_rd_en),
      .secure_wr_en_i   (secure_wr_en),
      .nsaid_rd_en_i    (nsaid_rd_en),
      .nsaid_wr_en_i    (nsaid_wr_en),
      .gate_status_o    (gate_status[f]),
      .clear_i          (clear[f]),
      .fail_status_o    (fail_status[f]),
      .fail_overrun_o   (fail_overrun[f]),
      .fail_overlap_o   (fail_overlap[f]),
      .fail_addr_o      (fail_addr[f]),
      .fail_id_o        (fail_id[f]),
      .fail_write_o     (fail_write[f]),
      .fail_nonsecure_o (fail_nonsecure[f]),
      .fail_privileged_o(fail_privileged[f]),
      .fail_nsaid_o     (fail_nsaid[f]),
      .rd_deny_o        (rd_deny[f]),
      .wr_deny_o        (wr_deny[f]),
      .rd_allow_o       (rd_allow[f]),
      .wr_allow_o       (wr_allow[f]),
      .stall_o          (stall[f]),
      .wlast_wrong_o    (wlast_wrong[f]),
      .crossing_o       (crossing[f]),
      .s_axi_awid   (s_axi_awid[f]),
      .s_axi_awaddr (s_axi_awaddr[f]),
      .s_axi_awlen  (s_axi_awlen[f]),
      .s_axi_awsize (s_axi_awsize[f]),
      .s_axi_awburst(s_axi_awburst[f]),
      .s_axi_awlock (s_axi_awlock[f]),
      .s_axi_awprot (s_axi_awprot[f]),
      .s_axi_awnsaid(s_axi_awnsaid[f]),
      .s_axi_awvalid(s_axi_awvalid[f]),
      .s_axi_awready(s_axi_awready[f]),
      .s_axi_wdata  (s_axi_wdata[f]),
      .s_axi_wstrb  (s_axi_wstrb[f]),
      .s_axi_wlast  (s_axi_wlast[f]),
      .s_axi_wvalid (s_axi_wvalid[f]),
      .s_axi_wready (s_axi_wready[f]),
      .s_axi_bid    (s_axi_bid[f]),
      .s_axi_bresp  (s_axi_bresp[f]),
      .s_axi_bvalid (s_axi_bvalid[f]),
      .s_axi_bready (s_axi_bready[f]),
      .s_axi_arid   (s_axi_arid[f]),
      .s_axi_araddr (s_axi_araddr[f]),
      .s_axi_arlen  (s_axi_arlen[f]),
      .s_axi_arsize (s_axi_arsize[f]),
      .s_axi_arburst(s_axi_arburst[f]),
      .s_axi_arlock (s_axi_arlock[f]),
      .s_axi_arprot (s_axi_arprot[f]),
      .s_axi_arnsaid(s_axi_arnsaid[f]),
      .s_axi_arvalid(s_axi_arvalid[f]),
      .s_axi_arready(s_axi_arready[f]),
      .s_axi_rid    (s_axi_rid[f]),
      .s_axi_rdata  (s_axi_rdata[f]),
      .s_axi_rresp  (s_axi_rresp[f]),
      .s_axi_rlast  (s_axi_rlast[f]),
      .s_axi_rvalid (s_axi_rvalid[f]),
      .s_axi_rready (s_axi_rready[f]),
      .m_axi_awid   (m_axi_awid[f]),
      .m_axi_awaddr (m_axi_awaddr[f]),
      .m_axi_awlen  (m_axi_awlen[f]),
      .m_axi_awsize (m_axi_awsize[f]),
      .m_axi_awburst(m_axi_awburst[f]),
      .m_axi_awlock (m_axi_awlock[f]),
      .m_axi_awprot (m_axi_awprot[f]),
      .m_axi_awvalid(m_axi_awvalid[f]),
      .m_axi_awready(m_axi_awready[f]),
      .m_axi_wdata  (m_axi_wdata[f]),
      .m_axi_wstrb  (m_axi_wstrb[f]),
      .m_axi_wlast  (m_axi_wlast[f]),
      .m_axi_wvalid (m_axi_wvalid[f]),
      .m_axi_wready (m_axi_wready[f]),
      .m_axi_bid    (m_axi_bid[f]),
      .m_axi_bresp  (m_axi_bresp[f]),
      .m_axi_bvalid (m_axi_bvalid[f]),
      .m_axi_bready (m_axi_bready[f]),
      .m_axi_arid   (m_axi_arid[f]),
      .m_axi_araddr (m_axi_araddr[f]),
      .m_axi_arlen  (m_axi_arlen[f]),
      .m_axi_arsize (m_axi_arsize[f]),
      .m_axi_arburst(m_axi_arburst[f]),
      .m_axi_arlock (m_axi_arlock[f]),
      .m_axi_arprot (m_axi_arprot[f]),
      .m_axi_arvalid(m_axi_arvalid[f]),
      .m_axi_arready(m_axi_arready[f]),
      .m_axi_rid    (m_axi_rid[f]),
      .m_axi_rdata  (m_axi_rdata[f]),
      .m_axi_rresp  (m_axi_rresp[f]),
      .m_axi_rlast  (m_axi_rlast[f]),
      .m_axi_rvalid (m_axi_rvalid[f]),
      .m_axi_rready (m_axi_rready[f])
    );
  end

  // Parameters the tables and registers are not built for.
  if (NumFilters != 1 && NumFilters != 2 && NumFilters != 4) begin : gen_bad_filters
    $error("NumFilters must be 1, 2 or 4");
  end
  if (NumRegions < 2 || NumRegions > 9) begin : gen_bad_regions
    $error("NumRegions must be 2 to 9");
  end
  if (AddrW < 32 || AddrW > 48) begin : gen_bad_addr
    $error("AddrW must be 32 to 48");
  end
  if (DataW != 32 && DataW != 64 && DataW != 128) begin : gen_bad_data
    $error("DataW must be 32, 64 or 128");
  end
  if (IdW < 1 || IdW > 12) begin : gen_bad_id
    $error("IdW must be 1 to 12");
  end
  if (RdOutst < 2 || RdOutst > 256 || WrOutst < 2 || WrOutst > 256) begin : gen_bad_outst
    $error("RdOutst and WrOutst must be 2 to 256");
  end
  if (CheckLat > 1 || Ext > 1) begin : gen_bad_flag
    $error("CheckLat and Ext must be 0 or 1");
  end

  // Assertions //

  for (genvar f = 0; f < int'(NumFilters); f++) begin : gen_assert
    `RF_ASSERT(StatusOnlyWhenDrained_A, gate_status[f] || (!gate_open[f] && idle_f_o[f]),
               clk_f_i[f], rst_ni)
  end

endmodule
