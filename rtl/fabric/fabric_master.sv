// SPDX-License-Identifier: Apache-2.0
// The fabric's half at one master: chooses the filter, keeps the order rules, merges the answers.
// Address and W payloads go past it straight to the filters; it handles their VALID and READY.
//
// Filter of a transaction: addr[ChanLsb +: log2(NumFilters)]; no legal burst spans two.
// Held back: a read or write whose ID owes answers at another filter (fabric_ids); an AW for
// another filter while W beats of earlier AWs are still to be delivered (else two masters that
// cross on two filters would wait for each other); a W beat whose AW has not been taken.
// Latency: 0 cycles, all paths combinational; the registers are in fabric_filter.
// Clock: runs whenever idle_o is low, a VALID of the master is high or rsp_o is high. idle_o: no W
// beat is owed; it says nothing about answers that are owed, since only their arrival counts here.
`include "assert.svh"

module fabric_master #(
  parameter int unsigned NumFilters = 1,
  parameter int unsigned AddrW      = 40,
  parameter int unsigned DataW      = 128,
  parameter int unsigned IdW        = 4,
  parameter int unsigned ChanLsb    = 12
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic [IdW-1:0]        s_axi_awid,
  input  logic [AddrW-1:0]      s_axi_awaddr,
  input  logic                  s_axi_awvalid,
  output logic                  s_axi_awready,
  input  logic                  s_axi_wvalid,
  output logic                  s_axi_wready,
  output logic [IdW-1:0]        s_axi_bid,
  output logic [1:0]            s_axi_bresp,
  output logic                  s_axi_bvalid,
  input  logic                  s_axi_bready,
  input  logic [IdW-1:0]        s_axi_arid,
  input  logic [AddrW-1:0]      s_axi_araddr,
  input  logic                  s_axi_arvalid,
  output logic                  s_axi_arready,
  output logic [IdW-1:0]        s_axi_rid,
  output logic [DataW-1:0]      s_axi_rdata,
  output logic [1:0]            s_axi_rresp,
  output logic                  s_axi_rlast,
  output logic                  s_axi_rvalid,
  input  logic                  s_axi_rready,

  // To and from the filters, one bit a filter. w_end_i: the beat ends its burst.
  output logic [NumFilters-1:0] aw_valid_o,
  input  logic [NumFilters-1:0] aw_ready_i,
  output logic [NumFilters-1:0] w_valid_o,
  input  logic [NumFilters-1:0] w_ready_i,
  input  logic [NumFilters-1:0] w_end_i,
  output logic [NumFilters-1:0] ar_valid_o,
  input  logic [NumFilters-1:0] ar_ready_i,
  input  logic [NumFilters-1:0] b_valid_i,
  output logic [NumFilters-1:0] b_ready_o,
  input  logic [IdW-1:0]        b_id_i   [NumFilters],
  input  logic [1:0]            b_resp_i [NumFilters],
  input  logic [NumFilters-1:0] r_valid_i,
  output logic [NumFilters-1:0] r_ready_o,
  input  logic [IdW-1:0]        r_id_i   [NumFilters],
  input  logic [DataW-1:0]      r_data_i [NumFilters],
  input  logic [1:0]            r_resp_i [NumFilters],
  input  logic                  r_last_i [NumFilters],

  output logic                  idle_o,
  output logic                  rsp_o
);

  localparam int unsigned ChanW = (NumFilters > 1) ? $clog2(NumFilters) : 1;
  localparam int unsigned OwedW = 8;

  logic [ChanW-1:0] r_sel, b_sel;

  if (NumFilters > 1) begin : g_choose
    logic [ChanW-1:0] ar_chan, aw_chan, w_chan_q;
    logic [OwedW-1:0] owed_q;
    logic             ar_ok, aw_id_ok, aw_ok, aw_take, w_end;

    assign ar_chan = s_axi_araddr[ChanLsb +: ChanW];
    assign aw_chan = s_axi_awaddr[ChanLsb +: ChanW];
    assign aw_ok   = aw_id_ok && (owed_q == '0 || (w_chan_q == aw_chan && owed_q != '1));

    assign ar_valid_o    = NumFilters'(s_axi_arvalid && ar_ok) << ar_chan;
    assign aw_valid_o    = NumFilters'(s_axi_awvalid && aw_ok) << aw_chan;
    assign s_axi_arready = ar_ok && ar_ready_i[ar_chan];
    assign s_axi_awready = aw_ok && aw_ready_i[aw_chan];
    assign aw_take       = s_axi_awvalid && s_axi_awready;

    fabric_ids #(
      .NumFilters (NumFilters),
      .IdW        (IdW)
    ) u_rd_ids (
      .clk_i,
      .rst_ni,
      .id_i      (s_axi_arid),
      .chan_i    (ar_chan),
      .ok_o      (ar_ok),
      .take_i    (s_axi_arvalid && s_axi_arready),
      .done_i    (s_axi_rvalid && s_axi_rready && s_axi_rlast),
      .done_id_i (s_axi_rid)
    );

    fabric_ids #(
      .NumFilters (NumFilters),
      .IdW        (IdW)
    ) u_wr_ids (
      .clk_i,
      .rst_ni,
      .id_i      (s_axi_awid),
      .chan_i    (aw_chan),
      .ok_o      (aw_id_ok),
      .take_i    (aw_take),
      .done_i    (s_axi_bvalid && s_axi_bready),
      .done_id_i (s_axi_bid)
    );

    // Bursts whose W beats are owed: all to one filter, which takes them in AW order.
    assign w_valid_o    = NumFilters'(s_axi_wvalid && owed_q != '0) << w_chan_q;
    assign s_axi_wready = w_ready_i[w_chan_q];
    assign w_end        = s_axi_wvalid && s_axi_wready && w_end_i[w_chan_q];
    assign idle_o       = (owed_q == '0);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        owed_q   <= '0;
        w_chan_q <= '0;
      end else begin
        if (aw_take) w_chan_q <= aw_chan;
        if (aw_take != w_end) owed_q <= aw_take ? owed_q + 1'b1 : owed_q - 1'b1;
      end
    end

    // Assertions //
    `RF_ASSERT(WAfterAw_A, !(s_axi_wvalid && s_axi_wready) || owed_q != '0, clk_i, rst_ni)
    `RF_ASSERT_STABLE(ArStaysOk_A, |ar_valid_o, s_axi_arready, ar_valid_o, NumFilters,
                      clk_i, rst_ni)
    `RF_ASSERT_STABLE(AwStaysOk_A, |aw_valid_o, s_axi_awready, aw_valid_o, NumFilters,
                      clk_i, rst_ni)
  end else begin : g_only
    // One filter: it keeps the order by itself.
    logic unused_order;
    assign unused_order  = ^{w_end_i, s_axi_arid, s_axi_awid};
    assign ar_valid_o    = s_axi_arvalid;
    assign aw_valid_o    = s_axi_awvalid;
    assign w_valid_o     = s_axi_wvalid;
    assign s_axi_arready = ar_ready_i[0];
    assign s_axi_awready = aw_ready_i[0];
    assign s_axi_wready  = w_ready_i[0];
    assign idle_o        = 1'b1;
  end

  logic unused_addr;
  assign unused_addr = ^{s_axi_araddr, s_axi_awaddr};

  // Answers.
  fabric_merge #(
    .NumFilters (NumFilters)
  ) u_r (
    .clk_i,
    .rst_ni,
    .valid_i (r_valid_i),
    .ready_o (r_ready_o),
    .valid_o (s_axi_rvalid),
    .ready_i (s_axi_rready),
    .sel_o   (r_sel)
  );

  fabric_merge #(
    .NumFilters (NumFilters)
  ) u_b (
    .clk_i,
    .rst_ni,
    .valid_i (b_valid_i),
    .ready_o (b_ready_o),
    .valid_o (s_axi_bvalid),
    .ready_i (s_axi_bready),
    .sel_o   (b_sel)
  );

  assign s_axi_rid   = r_id_i[r_sel];
  assign s_axi_rdata = r_data_i[r_sel];
  assign s_axi_rresp = r_resp_i[r_sel];
  assign s_axi_rlast = r_last_i[r_sel];
  assign s_axi_bid   = b_id_i[b_sel];
  assign s_axi_bresp = b_resp_i[b_sel];

  assign rsp_o = (r_valid_i != '0) || (b_valid_i != '0);

  // Assertions //
  `RF_ASSERT_STABLE(RStable_A, s_axi_rvalid, s_axi_rready,
                    ({s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast}), IdW + DataW + 3,
                    clk_i, rst_ni)
  `RF_ASSERT_STABLE(BStable_A, s_axi_bvalid, s_axi_bready, ({s_axi_bid, s_axi_bresp}), IdW + 2,
                    clk_i, rst_ni)

endmodule
