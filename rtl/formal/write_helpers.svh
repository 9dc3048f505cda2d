// SPDX-License-Identifier: Apache-2.0
// Inductive invariants of the write side: what the scoreboard of write_props.sv (ports only) says
// of the registers inside. Included there.

`define T u_filter.u_write.u_table
`define I u_filter.u_write.u_issue
`define D u_filter.u_write.u_deny
`define W u_filter.u_write.u_data
`define O u_filter.u_write.u_data.u_order

  logic            g_check;
  logic [IdxW-1:0] g_check_idx;

  if (CheckLat == 1) begin : gen_g
    assign g_check     = `I.gen_check.check_valid_q;
    assign g_check_idx = `I.gen_check.check_tag_q;
    `RF_HELPER(HCheckData_H, !g_check || `I.gen_check.check_data_q == pay_q[g_check_idx],
               clk_i, rst_n)
  end else begin : gen_g
    assign g_check     = 1'b0;
    assign g_check_idx = '0;
  end

  logic [Outst-1:0][IdW-1:0] rules_id;
  assign rules_id = u_rules.id_q;

  logic [Outst-1:0] waiting;  // sent on its way and not yet taken downstream
  logic [Outst-1:0] awaits;   // response of downstream outstanding
  logic [Outst-1:0] held;     // with the responder
  assign waiting = live_q & goes_q & ~sent_q;
  assign awaits  = live_q & goes_q & ~done_q;
  always_comb begin
    for (int unsigned i = 0; i < Outst; i++) held[i] = `D.valid_o && `D.idx_o == IdxW'(i);
  end

  `RF_HELPER(HLive_H, `T.valid_q == live_q, clk_i, rst_n)
  `RF_HELPER(HVerdict_H,
             u_filter.wr_allow == (s_axi_awvalid && v_allow) &&
             u_filter.wr_speculative == (s_axi_awvalid && v_speculative), clk_i, rst_n)
  `RF_HELPER(HAwait_H, `T.await_q == awaits, clk_i, rst_n)
  `RF_HELPER(HAllowed_H, (live_q & allow_q & ~goes_q) == '0 &&
             (live_q & (sent_q | done_q) & ~goes_q) == '0, clk_i, rst_n)
  `RF_HELPER(HReadyLive_H, (`T.ready_q & ~live_q) == '0, clk_i, rst_n)

  `RF_HELPER(HSlot_H, !`I.slot_valid_q ||
             (waiting[`I.slot_tag_q] && `I.slot_data_q == pay_q[`I.slot_tag_q]), clk_i, rst_n)
  `RF_HELPER(HCheck_H, !g_check || waiting[g_check_idx], clk_i, rst_n)
  `RF_HELPER(HApart_H, !(`I.slot_valid_q && g_check) || `I.slot_tag_q != g_check_idx, clk_i, rst_n)
  `RF_HELPER(HHold_H, !`D.valid_o ||
             (live_q[`D.idx_o] && !awaits[`D.idx_o] && !open[`D.idx_o] &&
              ahead[`D.idx_o] == '0 && `D.id_o == id_q[`D.idx_o] &&
              `D.resp_o == resp_q[`D.idx_o]), clk_i, rst_n)

  // The order of the data, and the beat in the slot.
  `RF_HELPER(HOrder_H, 32'(`O.cnt_q) == $countones(open) &&
             `O.wp_q == IdxW'(`O.rp_q + IdxW'(`O.cnt_q)), clk_i, rst_n)
  `RF_HELPER(HBeat_H, open != '0 || `W.beat_q == '0, clk_i, rst_n)
  `RF_HELPER(HKept_H, `W.slot_valid_q == kept_q && (!kept_q || to != '0), clk_i, rst_n)
  `RF_HELPER(HKeptData_H, !kept_q ||
             ({`W.slot_data_q, `W.slot_strb_q} == ((to & allow_q) != '0 ? beat_q : '0) &&
              `W.slot_last_q == w_last), clk_i, rst_n)
  `RF_HELPER(HWaits_H, 32'(u_rules.waits_q) == $countones(due & sent_q), clk_i, rst_n)

  // Progress: who has been idle for a cycle acts in the next one.
  `RF_HELPER(HStall_H, stall_q == '0 ||
             (`D.valid_o || waiting != '0 || open != '0 || due != '0 || owed != '0), clk_i, rst_n)

  // The responder's round robin: each load of another brings a waiting entry one place nearer.
  localparam int unsigned DistW = IdxW + 1;
  logic [Outst-1:0]            above;
  logic [Outst-1:0][DistW-1:0] loads_q, turns;
  assign above = `D.u_pick.above_q;
  `RF_HELPER(HAbove_H, ((~above) & (~above + 1'b1)) == '0 && !above[0], clk_i, rst_n)

  for (genvar i = 0; i < int'(Outst); i++) begin : gen_h
    always_comb begin
      turns[i] = DistW'($countones(above)) + DistW'(i);
      if (above[i]) turns[i] = turns[i] - DistW'(Outst);
    end
    always_ff @(posedge clk_i or negedge rst_n) begin
      if (!rst_n) begin
        loads_q[i] <= '0;
      end else begin
        if (!`T.eligible_o[i]) loads_q[i] <= '0;
        else if (`D.load_o && `D.load_idx_o != IdxW'(i)) loads_q[i] <= loads_q[i] + 1'b1;
      end
    end
    `RF_HELPER(HLoads_H, !`T.eligible_o[i] || 32'(loads_q[i]) + 32'(turns[i]) < Outst,
               clk_i, rst_n)
    `RF_HELPER(HPassed_H, !(live_q[i] && `T.eligible_o[i]) ||
               32'(passed_q[i]) + 32'(`D.valid_o) <= 32'(loads_q[i]) + 1, clk_i, rst_n)

    logic [Outst-1:0] open_before, due_before, await_before;
    logic [IdxW-1:0]  place, due_place;
    assign open_before  = older_q[i] & open;
    assign due_before   = older_q[i] & due;
    assign await_before = ahead[i] & awaits;
    assign place        = IdxW'(`O.rp_q + IdxW'($countones(open_before)));
    assign due_place    = IdxW'($countones(due_before));

    `RF_HELPER(HIndex_H, !live_q[i] ||
               (`T.id_q[i] == id_q[i] && `T.replace_q[i] == !allow_q[i] &&
                (awaits[i] && allow_q[i] || `T.resp_q[i] == resp_q[i])), clk_i, rst_n)
    `RF_HELPER(HDeniedResp_H, !live_q[i] || allow_q[i] || resp_q[i] inside {2'd0, 2'd3},
               clk_i, rst_n)
    `RF_HELPER(HPay_H, !live_q[i] ||
               (pay_q[i][PayW-1-:IdW] == id_q[i] && pay_q[i][9+:8] == len_q[i]), clk_i, rst_n)
    `RF_HELPER(HWaiting_H, !waiting[i] || (`I.slot_valid_q && `I.slot_tag_q == IdxW'(i)) ||
               (g_check && g_check_idx == IdxW'(i)), clk_i, rst_n)
    `RF_HELPER(HReady_H, !live_q[i] ||
               `T.ready_q[i] == (!held[i] && (goes_q[i] ? done_q[i] : !open[i])), clk_i, rst_n)
    `RF_HELPER(HFront_H, !live_q[i] || `T.front_q[i] == ((ahead[i] & ~held) == '0), clk_i, rst_n)
    `RF_HELPER(HPass_H, !(live_q[i] && goes_q[i] && done_q[i]) || !due[i], clk_i, rst_n)
    `RF_HELPER(HKeptBehind_H, !(live_q[i] && goes_q[i] && done_q[i]) || await_before == '0,
               clk_i, rst_n)

    // Ages are a strict order.
    `RF_HELPER(HAgeSelf_H, !live_q[i] || ((older_q[i] & ~live_q) == '0 && !older_q[i][i]),
               clk_i, rst_n)
    // The youngest of all is in the check register.
    `RF_HELPER(HYoungest_H, !(live_q[i] && g_check) || !older_q[i][g_check_idx], clk_i, rst_n)
    `RF_HELPER(HSentOrder_H, !(live_q[i] && sent_q[i]) ||
               (older_q[i] & goes_q & ~sent_q) == '0, clk_i, rst_n)

    // Lists.
    `RF_HELPER(HHead_H, !live_q[i] || ahead[i] != '0 || `T.head_q[id_q[i]] == IdxW'(i),
               clk_i, rst_n)
    `RF_HELPER(HTailId_H, !live_q[i] ||
               (of_id[id_q[i]][`T.tail_q[id_q[i]]] &&
                (`T.tail_q[id_q[i]] == IdxW'(i) || ahead[`T.tail_q[id_q[i]]][i])), clk_i, rst_n)
    `RF_HELPER(HNext_H, !live_q[i] || `T.tail_q[id_q[i]] == IdxW'(i) ||
               (of_id[id_q[i]][`T.next_q[i]] &&
                ahead[`T.next_q[i]] == (ahead[i] | Outst'(1) << i)), clk_i, rst_n)
    `RF_HELPER(HAwaitHead_H, !awaits[i] || await_before != '0 || `T.ahead_q[id_q[i]] == IdxW'(i),
               clk_i, rst_n)
    `RF_HELPER(HAwaitTail_H, !awaits[i] ||
               (of_id[id_q[i]][`T.atail_q[id_q[i]]] && awaits[`T.atail_q[id_q[i]]] &&
                (`T.atail_q[id_q[i]] == IdxW'(i) || ahead[`T.atail_q[id_q[i]]][i])), clk_i, rst_n)
    `RF_HELPER(HAwaitNext_H, !awaits[i] || `T.atail_q[id_q[i]] == IdxW'(i) ||
               (of_id[id_q[i]][`T.anext_q[i]] && awaits[`T.anext_q[i]] &&
                (ahead[`T.anext_q[i]] & awaits) == (await_before | Outst'(1) << i)), clk_i, rst_n)

    // Data: the oldest incomplete one first; downstream lags by the beat that is kept.
    `RF_HELPER(HGot_H, !live_q[i] ||
               (got_q[i] <= 9'(len_q[i]) + 9'd1 && (got_q[i] == '0 || open_before == '0) &&
                (got_q[i] == '0 || !goes_q[i] || sent_q[i])), clk_i, rst_n)
    `RF_HELPER(HDown_H, !live_q[i] ||
               down_q[i] == (!goes_q[i] ? 9'd0 : got_q[i] - 9'(kept_q && to[i])), clk_i, rst_n)
    `RF_HELPER(HDownFits_H, !(live_q[i] && kept_q && to[i]) || got_q[i] != '0, clk_i, rst_n)
    `RF_HELPER(HDueOrder_H, !(live_q[i] && goes_q[i] && got_q[i] != '0) || due_before == '0,
               clk_i, rst_n)
    `RF_HELPER(HPlace_H, !open[i] || `O.mem_q[place] ==
               {IdxW'(i), (allow_q[i] ? 2'd0 : goes_q[i] ? 2'd1 : 2'd2), len_q[i]}, clk_i, rst_n)
    `RF_HELPER(HBeatOf_H, !from[i] || 9'(`W.beat_q) == got_q[i], clk_i, rst_n)

    // What downstream waits for.
    `RF_HELPER(HWaitsFor_H, !(due[i] && sent_q[i]) ||
               rules_id[due_place] == id_q[i], clk_i, rst_n)
    for (genvar j = 0; j < int'(Outst); j++) begin : gen_j
      `RF_HELPER(HAgeTotal_H, i == j || !(live_q[i] && live_q[j]) ||
                 (older_q[i][j] ^ older_q[j][i]), clk_i, rst_n)
      `RF_HELPER(HAgeTransitive_H, !(live_q[i] && live_q[j] && older_q[i][j]) ||
                 (older_q[j] & ~older_q[i]) == '0, clk_i, rst_n)
    end
  end

  for (genvar k = 0; k < int'(NumIds); k++) begin : gen_k
    `RF_HELPER(HOwed_H, 32'(u_rules.owed_q[k]) == $countones(of_id[k] & awaits & ~due),
               clk_i, rst_n)
  end

`undef T
`undef I
`undef D
`undef W
`undef O
