// SPDX-License-Identifier: Apache-2.0
// A filter's write path. The verdict is sampled with the address handshake and holds for the whole
// burst. Allowed (and speculative) addresses go downstream, with 0 or CheckLat cycles, and are
// never held back. Denied writes that were not forwarded have their LEN + 1 data beats swallowed
// and one response given here. Downstream responses pass with no added latency, replaced where the
// verdict was a denial, unless an older denied write of the ID is unanswered: then they follow it.
//
// Refuses addresses while the gate is closed, the table is full, or the slot behind the check is
// taken; refuses data ahead of its address. AWREADY and WREADY depend on registers only.

`include "assert.svh"

module tzasc_write
  import tzasc_pkg::RespOkay;
  import tzasc_pkg::RespExokay;
  import tzasc_pkg::RespDecerr;
  import tzasc_pkg::write_kind_e;
  import tzasc_pkg::WritePass;
  import tzasc_pkg::WriteBlank;
  import tzasc_pkg::WriteSwallow;
#(
  parameter int unsigned AddrW    = 40,
  parameter int unsigned DataW    = 128,
  parameter int unsigned IdW      = 7,
  parameter int unsigned Outst    = 64,
  parameter int unsigned CheckLat = 0
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               gate_open_i,
  input  logic               allow_i,        // the verdict on the address at s_axi_aw*
  input  logic               speculative_i,
  input  logic               decerr_i,       // ACTION[0]
  output logic               accept_o,
  output logic               empty_o,
  output logic               wlast_wrong_o,

  input  logic [IdW-1:0]     s_axi_awid,
  input  logic [AddrW-1:0]   s_axi_awaddr,
  input  logic [7:0]         s_axi_awlen,
  input  logic [2:0]         s_axi_awsize,
  input  logic [1:0]         s_axi_awburst,
  input  logic               s_axi_awlock,
  input  logic [2:0]         s_axi_awprot,
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

  output logic [IdW-1:0]     m_axi_awid,
  output logic [AddrW-1:0]   m_axi_awaddr,
  output logic [7:0]         m_axi_awlen,
  output logic [2:0]         m_axi_awsize,
  output logic [1:0]         m_axi_awburst,
  output logic               m_axi_awlock,
  output logic [2:0]         m_axi_awprot,
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
  output logic               m_axi_bready
);

  localparam int unsigned IdxW = $clog2(Outst);
  localparam int unsigned PayW = IdW + AddrW + 8 + 3 + 2 + 1 + 3;

  logic             room, slot_empty, forward;
  write_kind_e      kind;
  logic [1:0]       deny_resp;
  logic [PayW-1:0]  out_pay;
  logic [IdxW-1:0]  new_idx, head_idx;
  logic             head_waits, swallowed;

  logic [Outst-1:0] eligible;
  logic             load;
  logic [IdxW-1:0]  load_idx;
  logic [IdW-1:0]   load_id;
  logic [1:0]       load_resp;

  logic             local_valid, local_taken, sel_local;
  logic [IdxW-1:0]  local_idx;
  logic [IdW-1:0]   local_id;
  logic [1:0]       local_resp;

  logic             down_valid, down_known, down_pass, down_taken;
  logic [IdxW-1:0]  down_idx;
  logic [1:0]       down_resp;

  // Addresses.
  assign s_axi_awready = gate_open_i & room & slot_empty;
  assign accept_o      = s_axi_awvalid & s_axi_awready;
  assign forward       = allow_i | speculative_i;
  assign deny_resp     = decerr_i ? RespDecerr : RespOkay;

  always_comb begin
    kind = WriteSwallow;
    if (allow_i) begin
      kind = WritePass;
    end else if (speculative_i) begin
      kind = WriteBlank;
    end
  end

  assign {m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst,
          m_axi_awlock, m_axi_awprot} = out_pay;

  tzasc_issue #(
    .Width   (PayW),
    .TagW    (IdxW),
    .CheckLat(CheckLat)
  ) u_issue (
    .clk_i,
    .rst_ni,
    .in_valid_i   (accept_o & forward),
    .in_now_i     (speculative_i),
    .in_data_i    ({s_axi_awid, s_axi_awaddr, s_axi_awlen, s_axi_awsize, s_axi_awburst,
                    s_axi_awlock, s_axi_awprot}),
    .in_tag_i     (new_idx),
    .defer_valid_i(1'b0),
    .defer_data_i ('0),
    .defer_tag_i  ('0),
    .slot_empty_o (slot_empty),
    .query_tag_i  (head_idx),
    .query_waits_o(head_waits),
    .out_valid_o  (m_axi_awvalid),
    .out_ready_i  (m_axi_awready),
    .out_data_o   (out_pay)
  );

  tzasc_write_table #(
    .IdW  (IdW),
    .Outst(Outst)
  ) u_table (
    .clk_i,
    .rst_ni,
    .room_o        (room),
    .empty_o       (empty_o),
    .push_i        (accept_o),
    .push_id_i     (s_axi_awid),
    .push_forward_i(forward),
    .push_replace_i(~allow_i),
    .push_resp_i   (deny_resp),
    .push_idx_o    (new_idx),
    .done_i        (swallowed),
    .done_idx_i    (head_idx),
    .eligible_o    (eligible),
    .load_i        (load),
    .load_idx_i    (load_idx),
    .load_id_o     (load_id),
    .load_resp_o   (load_resp),
    .hold_valid_i  (local_valid),
    .hold_idx_i    (local_idx),
    .resp_id_i     (m_axi_bid),
    .resp_i        (m_axi_bresp),
    .resp_known_o  (down_known),
    .resp_pass_o   (down_pass),
    .resp_idx_o    (down_idx),
    .resp_o        (down_resp),
    .take_i        (down_taken),
    .pop_i         (s_axi_bvalid & s_axi_bready),
    .pop_idx_i     (sel_local ? local_idx : down_idx)
  );

  // Data.
  tzasc_write_data #(
    .DataW(DataW),
    .Outst(Outst)
  ) u_data (
    .clk_i,
    .rst_ni,
    .push_i      (accept_o),
    .push_idx_i  (new_idx),
    .push_kind_i (kind),
    .push_len_i  (s_axi_awlen),
    .head_idx_o  (head_idx),
    .head_waits_i(head_waits),
    .swallowed_o (swallowed),
    .wlast_wrong_o,
    .s_axi_wdata,
    .s_axi_wstrb,
    .s_axi_wlast,
    .s_axi_wvalid,
    .s_axi_wready,
    .m_axi_wdata,
    .m_axi_wstrb,
    .m_axi_wlast,
    .m_axi_wvalid,
    .m_axi_wready
  );

  // Responses.
  tzasc_write_deny #(
    .IdW  (IdW),
    .Outst(Outst)
  ) u_deny (
    .clk_i,
    .rst_ni,
    .eligible_i (eligible),
    .load_o     (load),
    .load_idx_o (load_idx),
    .load_id_i  (load_id),
    .load_resp_i(load_resp),
    .valid_o    (local_valid),
    .taken_i    (local_taken),
    .idx_o      (local_idx),
    .id_o       (local_id),
    .resp_o     (local_resp)
  );

  assign down_valid = m_axi_bvalid & down_pass;

  tzasc_share u_share (
    .clk_i,
    .rst_ni,
    .local_valid_i(local_valid),
    .down_valid_i (down_valid),
    .ready_i      (s_axi_bready),
    .valid_o      (s_axi_bvalid),
    .sel_local_o  (sel_local)
  );

  // One that may not pass is kept in its entry at once; one that no request explains is not taken.
  assign m_axi_bready = down_pass ? s_axi_bready & ~sel_local : down_known;
  assign down_taken   = m_axi_bvalid & m_axi_bready;
  assign local_taken  = s_axi_bready & sel_local;
  assign s_axi_bid    = sel_local ? local_id : m_axi_bid;
  assign s_axi_bresp  = sel_local ? local_resp : down_resp;

  // Assertions //

  `RF_ASSERT_STABLE(ResponseStays_A, s_axi_bvalid, s_axi_bready,
                    ({s_axi_bid, s_axi_bresp}), IdW + 2, clk_i, rst_ni)
  `RF_ASSERT(ClosedGateTakesNothing_A, gate_open_i || !accept_o, clk_i, rst_ni)
  `RF_ASSERT(DeniedStaysHere_A,
             !m_axi_awvalid || !slot_empty || !accept_o || forward || CheckLat != 0, clk_i, rst_ni)
  `RF_ASSERT(ResponseIsExplained_A, !m_axi_bvalid || down_known, clk_i, rst_ni)

endmodule
