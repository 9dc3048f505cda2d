// SPDX-License-Identifier: Apache-2.0
// The reads a filter has accepted and not fully answered: a pool of entries and, for each ID, a
// list of its entries in order of acceptance (tables indexed by the ID, no search). An entry is
//   forwarded     its address went downstream; the next downstream beats of the ID are its own,
//   denied        answered locally once nothing older of its ID is left,
//   deferred      to be forwarded once no denied one of its ID is before it.
// A list is forwarded entries first, then the rest, so that its tail tells what a new one must be.
// Eligible entries are bitmaps. Everything that happens in a cycle counts from the next one.

`include "assert.svh"

module tzasc_read_table #(
  parameter  int unsigned IdW   = 7,
  parameter  int unsigned PayW  = 64,
  parameter  int unsigned Outst = 64,
  localparam int unsigned IdxW  = $clog2(Outst)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic             room_o,
  output logic             empty_o,

  // A new read; `push_wait_o` says that an older one of its ID is denied or deferred.
  input  logic             push_i,
  input  logic [IdW-1:0]   push_id_i,
  input  logic             push_forward_i,
  input  logic             push_zero_i,     // forwarded, but its data must not be seen
  input  logic [1:0]       push_resp_i,     // response if denied or zeroed
  input  logic [7:0]       push_len_i,
  input  logic [PayW-1:0]  push_pay_i,
  output logic             push_wait_o,

  // Deferred addresses.
  output logic [Outst-1:0] issue_eligible_o,
  input  logic [IdxW-1:0]  issue_idx_i,
  input  logic             issued_i,
  output logic [PayW-1:0]  issue_pay_o,

  // The local responder: `hold` is what it is answering, `load` what it takes next.
  output logic [Outst-1:0] deny_eligible_o,
  input  logic             load_i,
  input  logic [IdxW-1:0]  load_idx_i,
  output logic [IdW-1:0]   load_id_o,
  output logic [7:0]       load_len_o,
  output logic [1:0]       load_resp_o,
  input  logic             hold_valid_i,
  input  logic [IdxW-1:0]  hold_idx_i,

  // Whose a downstream beat is; `beat_i` when it is taken, `beat_last_i` its RLAST.
  input  logic             beat_i,
  input  logic             beat_last_i,
  input  logic [IdW-1:0]   beat_id_i,
  output logic             beat_known_o,
  output logic [IdxW-1:0]  beat_idx_o,
  output logic             beat_zero_o,
  output logic [1:0]       beat_resp_o,

  // The last beat of an entry was taken.
  input  logic             pop_i,
  input  logic             pop_local_i,
  input  logic [IdxW-1:0]  pop_idx_i
);

  localparam int unsigned NumIds = 1 << IdW;

  // State of the entries.
  logic [Outst-1:0] valid_d, valid_q;
  logic [Outst-1:0] denied_d, denied_q;
  logic [Outst-1:0] deferred_d, deferred_q;
  logic [Outst-1:0] deny_elig_d, deny_elig_q;
  logic [Outst-1:0] issue_elig_d, issue_elig_q;

  logic [IdW-1:0]   id_q   [Outst];
  logic             zero_q [Outst];
  logic [1:0]       resp_q [Outst];
  logic [7:0]       len_q  [Outst];
  logic [PayW-1:0]  pay_q  [Outst];
  logic [IdxW-1:0]  next_q [Outst];

  // Meaningful only while the ID has an entry: then the tail entry is valid and carries the ID.
  logic [IdxW-1:0]  head_q [NumIds];
  logic [IdxW-1:0]  tail_q [NumIds];

  logic [IdxW-1:0]  new_idx;
  logic [Outst-1:0] unused_onehot;
  logic             unused_any;

  tzasc_lowest #(
    .N(Outst)
  ) u_free (
    .req_i   (~valid_q),
    .any_o   (unused_any),
    .onehot_o(unused_onehot),
    .idx_o   (new_idx)
  );

  assign room_o           = ~&valid_q;
  assign empty_o          = ~|valid_q;
  assign issue_eligible_o = issue_elig_q;
  assign deny_eligible_o  = deny_elig_q;

  // Look-ups.
  logic [IdxW-1:0] push_tail;
  logic            push_listed;  // the ID has an entry, by the registers
  logic            push_first;   // and none will be before this one from the next cycle on

  assign push_tail   = tail_q[push_id_i];
  assign push_listed = valid_q[push_tail] && id_q[push_tail] == push_id_i;
  assign push_first  = !push_listed || (pop_i && pop_idx_i == push_tail);
  assign push_wait_o = push_listed && (denied_q[push_tail] || deferred_q[push_tail]);

  assign beat_idx_o   = head_q[beat_id_i];
  assign beat_known_o = valid_q[beat_idx_o] && id_q[beat_idx_o] == beat_id_i &&
                        !denied_q[beat_idx_o] && !deferred_q[beat_idx_o];
  assign beat_zero_o  = zero_q[beat_idx_o];
  assign beat_resp_o  = resp_q[beat_idx_o];

  assign load_id_o    = id_q[load_idx_i];
  assign load_len_o   = len_q[load_idx_i];
  assign load_resp_o  = resp_q[load_idx_i];
  assign issue_pay_o  = pay_q[issue_idx_i];

  // Successors of what happens in this cycle.
  logic [IdW-1:0]  pop_id;
  logic [IdW-1:0]  issue_id;
  logic            pop_more, load_more, issue_more;
  logic [IdxW-1:0] pop_next, load_next, issue_next;

  assign pop_id     = id_q[pop_idx_i];
  assign pop_more   = tail_q[pop_id] != pop_idx_i;
  assign pop_next   = next_q[pop_idx_i];
  assign load_more  = tail_q[load_id_o] != load_idx_i;
  assign load_next  = next_q[load_idx_i];
  assign issue_id   = id_q[issue_idx_i];
  assign issue_more = tail_q[issue_id] != issue_idx_i;
  assign issue_next = next_q[issue_idx_i];

  always_comb begin
    valid_d      = valid_q;
    denied_d     = denied_q;
    deferred_d   = deferred_q;
    deny_elig_d  = deny_elig_q;
    issue_elig_d = issue_elig_q;

    if (pop_i) begin
      valid_d[pop_idx_i]  = 1'b0;
      denied_d[pop_idx_i] = 1'b0;
      // After a local answer a denied successor is eligible already (see load).
      if (pop_more && pop_local_i && deferred_q[pop_next]) issue_elig_d[pop_next] = 1'b1;
      if (pop_more && !pop_local_i && denied_q[pop_next]) deny_elig_d[pop_next] = 1'b1;
    end
    // The responder is serial: what follows the entry that it takes may be next, without a gap.
    if (load_i) begin
      deny_elig_d[load_idx_i] = 1'b0;
      if (load_more && denied_q[load_next]) deny_elig_d[load_next] = 1'b1;
    end
    if (issued_i) begin
      deferred_d[issue_idx_i]   = 1'b0;
      issue_elig_d[issue_idx_i] = 1'b0;
      if (issue_more && deferred_q[issue_next]) issue_elig_d[issue_next] = 1'b1;
    end
    if (push_i) begin
      valid_d[new_idx]      = 1'b1;
      denied_d[new_idx]     = !push_forward_i;
      deferred_d[new_idx]   = push_forward_i && push_wait_o;
      deny_elig_d[new_idx]  = !push_forward_i &&
                              (push_first || (load_i && load_idx_i == push_tail) ||
                               (hold_valid_i && hold_idx_i == push_tail));
      issue_elig_d[new_idx] = push_forward_i && push_wait_o &&
                              (push_first || (issued_i && issue_idx_i == push_tail));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q      <= '0;
      denied_q     <= '0;
      deferred_q   <= '0;
      deny_elig_q  <= '0;
      issue_elig_q <= '0;
    end else if (push_i || pop_i || load_i || issued_i) begin
      valid_q      <= valid_d;
      denied_q     <= denied_d;
      deferred_q   <= deferred_d;
      deny_elig_q  <= deny_elig_d;
      issue_elig_q <= issue_elig_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_i) begin
      id_q[new_idx]   <= push_id_i;
      zero_q[new_idx] <= push_zero_i;
      resp_q[new_idx] <= push_resp_i;
      len_q[new_idx]  <= push_len_i;
      if (push_wait_o) pay_q[new_idx] <= push_pay_i;
      tail_q[push_id_i] <= new_idx;
      if (!push_first) next_q[push_tail] <= new_idx;
    end
  end

  // A new first entry of an ID and a successor of a popped one never meet on one ID.
  always_ff @(posedge clk_i) begin
    if (pop_i && pop_more) head_q[pop_id] <= pop_next;
    if (push_i && push_first) head_q[push_id_i] <= new_idx;
  end

  // Assertions //

  logic [7:0] beats_q [Outst];

  always_ff @(posedge clk_i) begin
    if (beat_i) beats_q[beat_idx_o] <= beats_q[beat_idx_o] + 8'd1;
    if (push_i) beats_q[new_idx] <= '0;
  end

  `RF_ASSERT(NoBeatWithoutRequest_A, !beat_i || beat_known_o, clk_i, rst_ni)
  `RF_ASSERT(LastBeatByLen_A,
             !beat_i || beat_last_i == (beats_q[beat_idx_o] == len_q[beat_idx_o]), clk_i, rst_ni)

  `RF_ASSERT(PushOnlyWithRoom_A, !push_i || room_o, clk_i, rst_ni)
  `RF_ASSERT(PopOnlyValid_A, !pop_i || valid_q[pop_idx_i], clk_i, rst_ni)
  `RF_ASSERT(PopKind_A, !pop_i || pop_local_i == denied_q[pop_idx_i], clk_i, rst_ni)
  `RF_ASSERT(PopIsHead_A, !pop_i || head_q[pop_id] == pop_idx_i, clk_i, rst_ni)
  `RF_ASSERT(LoadOnlyEligible_A, !load_i || deny_elig_q[load_idx_i], clk_i, rst_ni)
  `RF_ASSERT(IssueOnlyEligible_A, !issued_i || issue_elig_q[issue_idx_i], clk_i, rst_ni)
  `RF_ASSERT(KindsApart_A, (denied_q & deferred_q) == '0, clk_i, rst_ni)
  `RF_ASSERT(EligibleAreDenied_A, (deny_elig_q & ~(valid_q & denied_q)) == '0, clk_i, rst_ni)
  `RF_ASSERT(EligibleAreDeferred_A, (issue_elig_q & ~(valid_q & deferred_q)) == '0, clk_i, rst_ni)

endmodule
