// SPDX-License-Identifier: Apache-2.0
// The writes a filter has accepted and not answered: a pool of entries and, for each ID, a list of
// its entries in order of acceptance and a second one of those that wait for a downstream response
// (tables indexed by the ID, no search). A downstream response that would overtake an older denied
// write of its ID is kept in its entry. Entries that can be answered locally are a bitmap.
// Everything that happens in a cycle counts from the next one.

`include "assert.svh"

module tzasc_write_table #(
  parameter  int unsigned IdW   = 7,
  parameter  int unsigned Outst = 64,
  localparam int unsigned IdxW  = $clog2(Outst)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  output logic             room_o,
  output logic             empty_o,

  // A new write.
  input  logic             push_i,
  input  logic [IdW-1:0]   push_id_i,
  input  logic             push_forward_i,
  input  logic             push_replace_i,  // forwarded, but its response must not be seen
  input  logic [1:0]       push_resp_i,     // response if denied or replaced
  output logic [IdxW-1:0]  push_idx_o,

  // All beats of a denied write were swallowed.
  input  logic             done_i,
  input  logic [IdxW-1:0]  done_idx_i,

  // The local responder: `hold` is what it is answering, `load` what it takes next.
  output logic [Outst-1:0] eligible_o,
  input  logic             load_i,
  input  logic [IdxW-1:0]  load_idx_i,
  output logic [IdW-1:0]   load_id_o,
  output logic [1:0]       load_resp_o,
  input  logic             hold_valid_i,
  input  logic [IdxW-1:0]  hold_idx_i,

  // A downstream response: whose, and whether it may pass; `take_i` when it is taken.
  input  logic [IdW-1:0]   resp_id_i,
  input  logic [1:0]       resp_i,
  output logic             resp_known_o,
  output logic             resp_pass_o,
  output logic [IdxW-1:0]  resp_idx_o,
  output logic [1:0]       resp_o,
  input  logic             take_i,

  // The response of an entry was taken by the master.
  input  logic             pop_i,
  input  logic [IdxW-1:0]  pop_idx_i
);

  localparam int unsigned NumIds = 1 << IdW;

  // State of the entries.
  logic [Outst-1:0] valid_q;
  logic [Outst-1:0] await_q;  // downstream response outstanding
  logic [Outst-1:0] ready_q;  // can be answered locally, when its turn comes
  logic [Outst-1:0] front_q;  // nothing older of its ID but what the responder holds

  logic [IdW-1:0]   id_q      [Outst];
  logic             replace_q [Outst];
  logic [1:0]       resp_q    [Outst];
  logic [IdxW-1:0]  next_q    [Outst];
  logic [IdxW-1:0]  anext_q   [Outst];

  // Meaningful only while the ID has an entry (that awaits a response).
  logic [IdxW-1:0]  head_q  [NumIds];
  logic [IdxW-1:0]  tail_q  [NumIds];
  logic [IdxW-1:0]  ahead_q [NumIds];
  logic [IdxW-1:0]  atail_q [NumIds];

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

  assign room_o     = ~&valid_q;
  assign empty_o    = ~|valid_q;
  assign eligible_o = ready_q & front_q;
  assign push_idx_o = new_idx;

  // Look-ups. An index that was never written may name an entry that does not exist, when Outst is
  // no power of two: that one is never valid and awaits nothing.
  logic [(1<<IdxW)-1:0] valid_all, await_all;

  assign valid_all = (1 << IdxW)'(valid_q);
  assign await_all = (1 << IdxW)'(await_q);

  logic keep;

  assign resp_idx_o   = ahead_q[resp_id_i];
  assign resp_known_o = await_all[resp_idx_o] && id_q[resp_idx_o] == resp_id_i;
  assign resp_pass_o  = resp_known_o && head_q[resp_id_i] == resp_idx_o;
  assign resp_o       = replace_q[resp_idx_o] ? resp_q[resp_idx_o] : resp_i;
  assign keep         = take_i & ~resp_pass_o;

  assign load_id_o    = id_q[load_idx_i];
  assign load_resp_o  = resp_q[load_idx_i];

  // Functions, so that they are evaluated only where something happens.
  function automatic logic is_tail(input logic [IdxW-1:0] idx);
    return tail_q[id_q[idx]] == idx;
  endfunction

  // The new entry will be the first one of its ID from the next cycle on, in either list.
  function automatic logic is_first();
    return !(valid_all[tail_q[push_id_i]] && id_q[tail_q[push_id_i]] == push_id_i) ||
           (pop_i && pop_idx_i == tail_q[push_id_i]);
  endfunction

  function automatic logic is_first_awaiting();
    return !(await_all[atail_q[push_id_i]] && id_q[atail_q[push_id_i]] == push_id_i) ||
           (take_i && resp_idx_o == atail_q[push_id_i]);
  endfunction

  // Later assignments win: a new entry's bits are set after those of what happens to the old ones.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      await_q <= '0;
      ready_q <= '0;
      front_q <= '0;
    end else begin
      if (take_i) await_q[resp_idx_o] <= 1'b0;
      if (keep) ready_q[resp_idx_o] <= 1'b1;
      if (done_i) ready_q[done_idx_i] <= 1'b1;
      if (pop_i) begin
        valid_q[pop_idx_i] <= 1'b0;
        if (!is_tail(pop_idx_i)) front_q[next_q[pop_idx_i]] <= 1'b1;
      end
      // The responder is serial: what follows the entry that it takes may be next, without a gap.
      if (load_i) begin
        ready_q[load_idx_i] <= 1'b0;
        if (!is_tail(load_idx_i)) front_q[next_q[load_idx_i]] <= 1'b1;
      end
      if (push_i) begin
        valid_q[new_idx] <= 1'b1;
        await_q[new_idx] <= push_forward_i;
        front_q[new_idx] <= is_first() || (load_i && load_idx_i == tail_q[push_id_i]) ||
                            (hold_valid_i && hold_idx_i == tail_q[push_id_i]);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (keep) resp_q[resp_idx_o] <= resp_o;
    if (push_i) begin
      id_q[new_idx]      <= push_id_i;
      replace_q[new_idx] <= push_replace_i;
      resp_q[new_idx]    <= push_resp_i;
      tail_q[push_id_i]  <= new_idx;
      if (!is_first()) next_q[tail_q[push_id_i]] <= new_idx;
    end
  end

  // A new first entry of an ID and a successor of an answered one never meet on one ID.
  always_ff @(posedge clk_i) begin
    if (pop_i && !is_tail(pop_idx_i)) head_q[id_q[pop_idx_i]] <= next_q[pop_idx_i];
    if (push_i && is_first()) head_q[push_id_i] <= new_idx;
  end

  always_ff @(posedge clk_i) begin
    if (take_i && atail_q[resp_id_i] != resp_idx_o) ahead_q[resp_id_i] <= anext_q[resp_idx_o];
    if (push_i && push_forward_i) begin
      atail_q[push_id_i] <= new_idx;
      if (is_first_awaiting()) ahead_q[push_id_i] <= new_idx;
      else anext_q[atail_q[push_id_i]] <= new_idx;
    end
  end

  // Assertions //

  `RF_ASSERT(PushOnlyWithRoom_A, !push_i || room_o, clk_i, rst_ni)
  `RF_ASSERT(PopOnlyValid_A, !pop_i || valid_q[pop_idx_i], clk_i, rst_ni)
  `RF_ASSERT(PopIsHead_A, !pop_i || head_q[id_q[pop_idx_i]] == pop_idx_i, clk_i, rst_ni)
  `RF_ASSERT(PopIsAnswered_A,
             !pop_i || !await_q[pop_idx_i] || (take_i && resp_idx_o == pop_idx_i), clk_i, rst_ni)
  `RF_ASSERT(LoadOnlyEligible_A, !load_i || eligible_o[load_idx_i], clk_i, rst_ni)
  `RF_ASSERT(NoResponseWithoutRequest_A, !take_i || resp_known_o, clk_i, rst_ni)
  `RF_ASSERT(ReadyIsNotAwaiting_A, (ready_q & await_q) == '0, clk_i, rst_ni)
  `RF_ASSERT(AwaitingIsValid_A, ((await_q | ready_q) & ~valid_q) == '0, clk_i, rst_ni)

endmodule
