// SPDX-License-Identifier: Apache-2.0
// A filter's read path. The verdict is sampled with the address handshake and holds for the whole
// burst. Allowed (and speculative) addresses go downstream, with 0 or CheckLat cycles; an allowed
// one behind a denied one of its ID that is not answered yet is kept in the table and goes later,
// so that it holds back nobody else. Downstream beats pass with no added latency, data zeroed and
// response replaced where the verdict was a denial. Denied reads that were not forwarded are
// answered here: LEN + 1 zero beats.
//
// Refuses addresses while the gate is closed, the table is full, the slot behind the check is
// taken, or for the one cycle in which a deferred address has its turn. ARREADY depends on
// registers only. A beat that no request explains is shown without its data, as DECERR.

`include "assert.svh"

module tzasc_read
  import tzasc_pkg::RespOkay;
  import tzasc_pkg::RespExokay;
  import tzasc_pkg::RespDecerr;
#(
  parameter int unsigned AddrW    = 40,
  parameter int unsigned DataW    = 128,
  parameter int unsigned IdW      = 7,
  parameter int unsigned Outst    = 64,
  parameter int unsigned CheckLat = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             gate_open_i,
  input  logic             allow_i,        // the verdict on the address at s_axi_ar*
  input  logic             speculative_i,
  input  logic             decerr_i,       // ACTION[0]
  output logic             accept_o,
  output logic             empty_o,

  input  logic [IdW-1:0]   s_axi_arid,
  input  logic [AddrW-1:0] s_axi_araddr,
  input  logic [7:0]       s_axi_arlen,
  input  logic [2:0]       s_axi_arsize,
  input  logic [1:0]       s_axi_arburst,
  input  logic             s_axi_arlock,
  input  logic [2:0]       s_axi_arprot,
  input  logic             s_axi_arvalid,
  output logic             s_axi_arready,
  output logic [IdW-1:0]   s_axi_rid,
  output logic [DataW-1:0] s_axi_rdata,
  output logic [1:0]       s_axi_rresp,
  output logic             s_axi_rlast,
  output logic             s_axi_rvalid,
  input  logic             s_axi_rready,

  output logic [IdW-1:0]   m_axi_arid,
  output logic [AddrW-1:0] m_axi_araddr,
  output logic [7:0]       m_axi_arlen,
  output logic [2:0]       m_axi_arsize,
  output logic [1:0]       m_axi_arburst,
  output logic             m_axi_arlock,
  output logic [2:0]       m_axi_arprot,
  output logic             m_axi_arvalid,
  input  logic             m_axi_arready,
  input  logic [IdW-1:0]   m_axi_rid,
  input  logic [DataW-1:0] m_axi_rdata,
  input  logic [1:0]       m_axi_rresp,
  input  logic             m_axi_rlast,
  input  logic             m_axi_rvalid,
  output logic             m_axi_rready
);

  localparam int unsigned IdxW = $clog2(Outst);
  localparam int unsigned PayW = IdW + AddrW + 8 + 3 + 2 + 1 + 3;

  logic             room, slot_empty;
  logic             forward, zero, must_wait;
  logic [1:0]       deny_resp;
  logic [PayW-1:0]  new_pay, defer_pay, out_pay;

  logic             turn_q;  // the next address downstream is a deferred one
  logic [IdxW-1:0]  turn_idx_q;
  logic             turn_set, issued, defer_any;
  logic [IdxW-1:0]  defer_idx;
  logic [Outst-1:0] defer_eligible, deny_eligible;

  logic             load;
  logic [IdxW-1:0]  load_idx;
  logic [IdW-1:0]   load_id;
  logic [7:0]       load_len;
  logic [1:0]       load_resp;

  logic             local_valid, local_last, local_taken, sel_local;
  logic [IdxW-1:0]  local_idx;
  logic [IdW-1:0]   local_id;
  logic [1:0]       local_resp;

  logic             beat, beat_known, beat_zero;
  logic [IdxW-1:0]  beat_idx;
  logic [1:0]       beat_resp;
  logic             pop;

  // Addresses.
  assign s_axi_arready = gate_open_i & room & slot_empty & ~turn_q;
  assign accept_o      = s_axi_arvalid & s_axi_arready;
  assign forward       = allow_i | speculative_i;
  assign zero          = ~allow_i;
  assign deny_resp     = decerr_i ? RespDecerr : RespOkay;
  assign new_pay = {s_axi_arid, s_axi_araddr, s_axi_arlen, s_axi_arsize, s_axi_arburst,
                    s_axi_arlock, s_axi_arprot};
  assign {m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst,
          m_axi_arlock, m_axi_arprot} = out_pay;

  // A deferred address takes a turn only from a cycle in which a new one had its chance.
  assign turn_set = defer_any & slot_empty & ~turn_q;
  assign issued   = turn_q & slot_empty;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q     <= 1'b0;
      turn_idx_q <= '0;
    end else if (turn_set) begin
      turn_q     <= 1'b1;
      turn_idx_q <= defer_idx;
    end else if (issued) begin
      turn_q     <= 1'b0;
    end
  end

  tzasc_pick #(
    .N(Outst)
  ) u_turn (
    .clk_i,
    .rst_ni,
    .req_i (defer_eligible),
    .take_i(turn_set),
    .any_o (defer_any),
    .idx_o (defer_idx)
  );

  logic unused_waits;

  tzasc_issue #(
    .Width   (PayW),
    .TagW    (1),
    .CheckLat(CheckLat)
  ) u_issue (
    .clk_i,
    .rst_ni,
    .in_valid_i   (accept_o & forward & ~must_wait),
    .in_now_i     (speculative_i),
    .in_data_i    (new_pay),
    .in_tag_i     (1'b0),
    .defer_valid_i(turn_q),
    .defer_data_i (defer_pay),
    .defer_tag_i  (1'b0),
    .slot_empty_o (slot_empty),
    .query_tag_i  (1'b0),
    .query_waits_o(unused_waits),
    .out_valid_o  (m_axi_arvalid),
    .out_ready_i  (m_axi_arready),
    .out_data_o   (out_pay)
  );

  tzasc_read_table #(
    .IdW  (IdW),
    .PayW (PayW),
    .Outst(Outst)
  ) u_table (
    .clk_i,
    .rst_ni,
    .room_o          (room),
    .empty_o         (empty_o),
    .push_i          (accept_o),
    .push_id_i       (s_axi_arid),
    .push_forward_i  (forward),
    .push_zero_i     (zero),
    .push_resp_i     (deny_resp),
    .push_len_i      (s_axi_arlen),
    .push_pay_i      (new_pay),
    .push_wait_o     (must_wait),
    .issue_eligible_o(defer_eligible),
    .issue_idx_i     (turn_idx_q),
    .issued_i        (issued),
    .issue_pay_o     (defer_pay),
    .deny_eligible_o (deny_eligible),
    .load_i          (load),
    .load_idx_i      (load_idx),
    .load_id_o       (load_id),
    .load_len_o      (load_len),
    .load_resp_o     (load_resp),
    .hold_valid_i    (local_valid),
    .hold_idx_i      (local_idx),
    .beat_i          (beat),
    .beat_last_i     (m_axi_rlast),
    .beat_id_i       (m_axi_rid),
    .beat_known_o    (beat_known),
    .beat_idx_o      (beat_idx),
    .beat_zero_o     (beat_zero),
    .beat_resp_o     (beat_resp),
    .pop_i           (pop),
    .pop_local_i     (sel_local),
    .pop_idx_i       (sel_local ? local_idx : beat_idx)
  );

  tzasc_read_deny #(
    .IdW  (IdW),
    .Outst(Outst)
  ) u_deny (
    .clk_i,
    .rst_ni,
    .eligible_i (deny_eligible),
    .load_o     (load),
    .load_idx_o (load_idx),
    .load_id_i  (load_id),
    .load_len_i (load_len),
    .load_resp_i(load_resp),
    .valid_o    (local_valid),
    .taken_i    (local_taken),
    .idx_o      (local_idx),
    .id_o       (local_id),
    .resp_o     (local_resp),
    .last_o     (local_last)
  );

  // Data.
  tzasc_share u_share (
    .clk_i,
    .rst_ni,
    .local_valid_i(local_valid),
    .down_valid_i (m_axi_rvalid),
    .ready_i      (s_axi_rready),
    .valid_o      (s_axi_rvalid),
    .sel_local_o  (sel_local)
  );

  assign m_axi_rready = s_axi_rready & ~sel_local;
  assign local_taken  = s_axi_rready & sel_local;
  assign beat         = m_axi_rvalid & m_axi_rready;
  assign pop          = (local_taken & local_last) | (beat & m_axi_rlast & beat_known);

  // Zero and DECERR first; only a beat of an allowed read brings its own.
  always_comb begin
    s_axi_rid   = m_axi_rid;
    s_axi_rdata = '0;
    s_axi_rresp = RespDecerr;
    s_axi_rlast = m_axi_rlast;
    if (sel_local) begin
      s_axi_rid   = local_id;
      s_axi_rresp = local_resp;
      s_axi_rlast = local_last;
    end else if (m_axi_rvalid && beat_known) begin
      s_axi_rresp = beat_zero ? beat_resp : m_axi_rresp;
      if (!beat_zero) s_axi_rdata = m_axi_rdata;
    end
  end

  // Assertions //

  `RF_ASSERT_STABLE(BeatStays_A, s_axi_rvalid, s_axi_rready,
                    ({s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast}), IdW + DataW + 3,
                    clk_i, rst_ni)
  `RF_ASSERT(ClosedGateTakesNothing_A, gate_open_i || !accept_o, clk_i, rst_ni)
  `RF_ASSERT(DeniedStaysHere_A,
             !m_axi_arvalid || !slot_empty || turn_q || !accept_o || forward || CheckLat != 0,
             clk_i, rst_ni)
  `RF_ASSERT(DeniedHasNoExokay_A,
             !s_axi_rvalid || !(sel_local || beat_zero) || s_axi_rresp != RespExokay, clk_i, rst_ni)
  `RF_ASSERT(DeniedHasNoData_A,
             !s_axi_rvalid || !(sel_local || beat_zero) || s_axi_rdata == '0, clk_i, rst_ni)

endmodule
