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
  logic [Outst-1:0] valid_q;
  logic [Outst-1:0] denied_q;
  logic [Outst-1:0] deferred_q;
  logic [Outst-1:0] deny_elig_q;
  logic [Outst-1:0] issue_elig_q;

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

  // Look-ups. An index that was never written may name an entry that does not exist, when Outst is
  // no power of two: that one is never valid.
  logic [(1<<IdxW)-1:0] valid_all;

  assign valid_all = (1 << IdxW)'(valid_q);

  logic [IdxW-1:0] push_tail;
  logic            push_listed;  // the ID has an entry, by the registers

  assign push_tail    = tail_q[push_id_i];
  assign push_listed  = valid_all[push_tail] && id_q[push_tail] == push_id_i;
  assign push_wait_o  = push_listed && (denied_q[push_tail] || deferred_q[push_tail]);

  assign beat_idx_o   = head_q[beat_id_i];
  assign beat_known_o = valid_all[beat_idx_o] && id_q[beat_idx_o] == beat_id_i &&
                        !denied_q[beat_idx_o] && !deferred_q[beat_idx_o];
  assign beat_zero_o  = zero_q[beat_idx_o];
  assign beat_resp_o  = resp_q[beat_idx_o];

  assign load_id_o    = id_q[load_idx_i];
  assign load_len_o   = len_q[load_idx_i];
  assign load_resp_o  = resp_q[load_idx_i];
  assign issue_pay_o  = pay_q[issue_idx_i];

  // Functions, so that they are evaluated only where something happens.
  function automatic logic is_tail(input logic [IdxW-1:0] idx);
    return tail_q[id_q[idx]] == idx;
  endfunction

  // The new entry will be the first one of its ID from the next cycle on.
  function automatic logic is_first();
    return !push_listed || (pop_i && pop_idx_i == push_tail);
  endfunction

  // Later assignments win: a new entry's bits are set after those of what happens to the old ones.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q      <= '0;
      denied_q     <= '0;
      deferred_q   <= '0;
      deny_elig_q  <= '0;
      issue_elig_q <= '0;
    end else begin
      if (pop_i) begin
        valid_q[pop_idx_i]  <= 1'b0;
        denied_q[pop_idx_i] <= 1'b0;
        // After a local answer a denied successor is eligible already (see load).
        if (!is_tail(pop_idx_i)) begin
          if (pop_local_i && deferred_q[next_q[pop_idx_i]]) begin
            issue_elig_q[next_q[pop_idx_i]] <= 1'b1;
          end
          if (!pop_local_i && denied_q[next_q[pop_idx_i]]) begin
            deny_elig_q[next_q[pop_idx_i]] <= 1'b1;
          end
        end
      end
      // The responder is serial: what follows the entry that it takes may be next, without a gap.
      if (load_i) begin
        deny_elig_q[load_idx_i] <= 1'b0;
        if (!is_tail(load_idx_i) && denied_q[next_q[load_idx_i]]) begin
          deny_elig_q[next_q[load_idx_i]] <= 1'b1;
        end
      end
      if (issued_i) begin
        deferred_q[issue_idx_i]   <= 1'b0;
        issue_elig_q[issue_idx_i] <= 1'b0;
        if (!is_tail(issue_idx_i) && deferred_q[next_q[issue_idx_i]]) begin
          issue_elig_q[next_q[issue_idx_i]] <= 1'b1;
        end
      end
      if (push_i) begin
        valid_q[new_idx]      <= 1'b1;
        denied_q[new_idx]     <= !push_forward_i;
        deferred_q[new_idx]   <= push_forward_i && push_wait_o;
        deny_elig_q[new_idx]  <= !push_forward_i &&
                                 (is_first() || (load_i && load_idx_i == push_tail) ||
                                  (hold_valid_i && hold_idx_i == push_tail));
        issue_elig_q[new_idx] <= push_forward_i && push_wait_o &&
                                 (is_first() || (issued_i && issue_idx_i == push_tail));
      end
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
      if (!is_first()) next_q[push_tail] <= new_idx;
    end
  end

  // A new first entry of an ID and a successor of a popped one never meet on one ID.
  always_ff @(posedge clk_i) begin
    if (pop_i && !is_tail(pop_idx_i)) head_q[id_q[pop_idx_i]] <= next_q[pop_idx_i];
    if (push_i && is_first()) head_q[push_id_i] <= new_idx;
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
  `RF_ASSERT(PopIsHead_A, !pop_i || head_q[id_q[pop_idx_i]] == pop_idx_i, clk_i, rst_ni)
  `RF_ASSERT(LoadOnlyEligible_A, !load_i || deny_elig_q[load_idx_i], clk_i, rst_ni)
  `RF_ASSERT(IssueOnlyEligible_A, !issued_i || issue_elig_q[issue_idx_i], clk_i, rst_ni)
  `RF_ASSERT(KindsApart_A, (denied_q & deferred_q) == '0, clk_i, rst_ni)
  `RF_ASSERT(EligibleAreDenied_A, (deny_elig_q & ~(valid_q & denied_q)) == '0, clk_i, rst_ni)
  `RF_ASSERT(EligibleAreDeferred_A, (issue_elig_q & ~(valid_q & deferred_q)) == '0, clk_i, rst_ni)

endmodule
