// SPDX-License-Identifier: Apache-2.0
// Inductive invariants of the read side: what the scoreboard of read_props.sv (ports only) says of
// the registers inside. Included there.

`define T u_filter.u_read.u_table
`define I u_filter.u_read.u_issue
`define D u_filter.u_read.u_deny

  // Who is in the check register and in the slot behind it.
  logic [IdxW-1:0] g_new, g_check_q, g_slot_q;
  logic            g_check;

  always_comb begin
    g_new = '0;
    for (int unsigned i = 0; i < Outst; i++) if (slot[i]) g_new = IdxW'(i);
  end

  if (CheckLat == 1) begin : gen_g
    assign g_check = `I.gen_check.check_valid_q;
    always_ff @(posedge clk_i) if (`I.gen_check.in_check) g_check_q <= g_new;
    `RF_HELPER(HCheckData_H, !g_check || `I.gen_check.check_data_q == pay_q[g_check_q], clk_i, rst_n)
  end else begin : gen_g
    assign g_check   = 1'b0;
    assign g_check_q = '0;
  end

  always_ff @(posedge clk_i) begin
    if (`I.to_slot) begin
      g_slot_q <= u_filter.u_read.turn_q ? u_filter.u_read.turn_idx_q : g_check ? g_check_q : g_new;
    end
  end

  logic [Outst-1:0] waiting;  // sent on its way and not yet taken downstream
  assign waiting = live_q & goes_q & ~`T.deferred_q & ~sent_q;

  `RF_HELPER(HLive_H, `T.valid_q == live_q, clk_i, rst_n)
  `RF_HELPER(HVerdict_H,
             u_filter.rd_allow == (s_axi_arvalid && v_allow) &&
             u_filter.rd_speculative == (s_axi_arvalid && v_speculative), clk_i, rst_n)
  `RF_HELPER(HDenied_H, (`T.denied_q ^ (live_q & ~goes_q)) == '0, clk_i, rst_n)
  `RF_HELPER(HDeferred_H, (`T.deferred_q & ~(live_q & goes_q & ~sent_q)) == '0, clk_i, rst_n)
  `RF_HELPER(HAllowed_H, (live_q & allow_q & ~goes_q) == '0 && (live_q & sent_q & ~goes_q) == '0,
             clk_i, rst_n)

  `RF_HELPER(HSlot_H, !`I.slot_valid_q ||
             (waiting[g_slot_q] && `I.slot_data_q == pay_q[g_slot_q]), clk_i, rst_n)
  `RF_HELPER(HCheck_H, !g_check || waiting[g_check_q], clk_i, rst_n)
  `RF_HELPER(HApart_H, !(`I.slot_valid_q && g_check) || g_slot_q != g_check_q, clk_i, rst_n)
  `RF_HELPER(HTurn_H, !u_filter.u_read.turn_q || `T.issue_elig_q[u_filter.u_read.turn_idx_q],
             clk_i, rst_n)
  `RF_HELPER(HHold_H, !`D.valid_o ||
             (live_q[`D.idx_o] && !goes_q[`D.idx_o] && ahead[`D.idx_o] == '0 &&
              `D.id_o == id_q[`D.idx_o] && `D.resp_o == resp_q[`D.idx_o] &&
              `D.left_q == len_q[`D.idx_o] - seen_q[`D.idx_o]), clk_i, rst_n)
  `RF_HELPER(HHoldApart_H, !`D.valid_o || !`T.deny_elig_q[`D.idx_o], clk_i, rst_n)

  logic [Outst-1:0] held;
  always_comb begin
    for (int unsigned i = 0; i < Outst; i++) held[i] = `D.valid_o && `D.idx_o == IdxW'(i);
  end

  // Progress: who has been idle for a cycle acts in the next one.
  `RF_HELPER(HStall_H, stall_q == '0 ||
             (`D.valid_o || u_filter.u_read.turn_q || waiting != '0 ||
              (live_q & goes_q & sent_q) != '0), clk_i, rst_n)
  `RF_HELPER(HRun_H, (down_run_q == '0 || u_filter.u_read.u_share.prefer_local_q) &&
             (local_run_q == '0 || !u_filter.u_read.u_share.prefer_local_q), clk_i, rst_n)

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
        if (!`T.deny_elig_q[i]) loads_q[i] <= '0;
        else if (`D.load_o && `D.load_idx_o != IdxW'(i)) loads_q[i] <= loads_q[i] + 1'b1;
      end
    end
    `RF_HELPER(HLoads_H, !`T.deny_elig_q[i] || 32'(loads_q[i]) + 32'(turns[i]) < Outst,
               clk_i, rst_n)
    `RF_HELPER(HPassed_H, !(live_q[i] && `T.deny_elig_q[i]) ||
               32'(passed_q[i]) + 32'(`D.valid_o) <= 32'(loads_q[i]) + 1, clk_i, rst_n)

    logic [Outst-1:0] rank_mask;
    assign rank_mask = ahead[i];

    `RF_HELPER(HIndex_H, !live_q[i] ||
               (`T.id_q[i] == id_q[i] && `T.zero_q[i] == !allow_q[i] && `T.resp_q[i] == resp_q[i] &&
                `T.len_q[i] == len_q[i] && resp_q[i] inside {2'd0, 2'd3}), clk_i, rst_n)
    `RF_HELPER(HPay_H, !live_q[i] ||
               (pay_q[i][PayW-1-:IdW] == id_q[i] && pay_q[i][9+:8] == len_q[i]), clk_i, rst_n)
    `RF_HELPER(HDeferPay_H, !`T.deferred_q[i] || `T.pay_q[i] == pay_q[i], clk_i, rst_n)
    `RF_HELPER(HWaiting_H, !waiting[i] || (`I.slot_valid_q && g_slot_q == IdxW'(i)) ||
               (g_check && g_check_q == IdxW'(i)), clk_i, rst_n)
    `RF_HELPER(HSeen_H, !live_q[i] ||
               (seen_q[i] <= len_q[i] && (sent_q[i] || held[i] || seen_q[i] == '0) &&
                (!sent_q[i] || ahead[i] == '0 || seen_q[i] == '0)), clk_i, rst_n)
    `RF_HELPER(HBeats_H, !(live_q[i] && goes_q[i]) || `T.beats_q[i] == seen_q[i], clk_i, rst_n)

    // Ages are a strict order.
    `RF_HELPER(HAgeSelf_H, !live_q[i] || ((older_q[i] & ~live_q) == '0 && !older_q[i][i]),
               clk_i, rst_n)
    // The youngest of all is in the check register.
    `RF_HELPER(HYoungest_H, !(live_q[i] && g_check) || !older_q[i][g_check_q], clk_i, rst_n)
    // Forwarded ones first, then the rest; sent in order.
    `RF_HELPER(HKinds_H, !live_q[i] || `T.denied_q[i] || `T.deferred_q[i] ||
               (ahead[i] & (`T.denied_q | `T.deferred_q)) == '0, clk_i, rst_n)
    `RF_HELPER(HSentOrder_H, !(live_q[i] && sent_q[i]) || (ahead[i] & ~sent_q) == '0, clk_i, rst_n)
    `RF_HELPER(HDeferOrder_H, !(live_q[i] && `T.deferred_q[i]) ||
               (ahead[i] & waiting & ~(`I.slot_valid_q ? Outst'(1) << g_slot_q : '0)) == '0,
               clk_i, rst_n)
    // Eligible: first of its ID, but for what the responder holds.
    `RF_HELPER(HDenyElig_H, !live_q[i] ||
               `T.deny_elig_q[i] == (`T.denied_q[i] && !held[i] && (ahead[i] & ~held) == '0),
               clk_i, rst_n)
    `RF_HELPER(HIssueElig_H, !live_q[i] ||
               `T.issue_elig_q[i] == (`T.deferred_q[i] &&
                                      (ahead[i] & (`T.denied_q | `T.deferred_q)) == '0),
               clk_i, rst_n)
    // Lists.
    `RF_HELPER(HHead_H, !live_q[i] || ahead[i] != '0 || `T.head_q[id_q[i]] == IdxW'(i),
               clk_i, rst_n)
    `RF_HELPER(HTailId_H, !live_q[i] ||
               (of_id[id_q[i]][`T.tail_q[id_q[i]]] &&
                (`T.tail_q[id_q[i]] == IdxW'(i) || ahead[`T.tail_q[id_q[i]]][i])), clk_i, rst_n)
    `RF_HELPER(HNext_H, !live_q[i] || `T.tail_q[id_q[i]] == IdxW'(i) ||
               (of_id[id_q[i]][`T.next_q[i]] &&
                ahead[`T.next_q[i]] == (ahead[i] | Outst'(1) << i)), clk_i, rst_n)
    // What downstream owes.
    `RF_HELPER(HOwed_H, !(live_q[i] && sent_q[i]) ||
               (u_rules.len_q[id_q[i]][$countones(rank_mask)] == len_q[i] &&
                (rank_mask != '0 || u_rules.beat_q[id_q[i]] == seen_q[i])), clk_i, rst_n)
    for (genvar j = 0; j < int'(Outst); j++) begin : gen_j
      `RF_HELPER(HAgeTotal_H, i == j || !(live_q[i] && live_q[j]) ||
                 (older_q[i][j] ^ older_q[j][i]), clk_i, rst_n)
      `RF_HELPER(HAgeTransitive_H, !(live_q[i] && live_q[j] && older_q[i][j]) ||
                 (older_q[j] & ~older_q[i]) == '0, clk_i, rst_n)
    end
  end

  for (genvar k = 0; k < int'(NumIds); k++) begin : gen_k
    `RF_HELPER(HCount_H, 32'(u_rules.count_q[k]) == $countones(of_id[k] & sent_q), clk_i, rst_n)
    `RF_HELPER(HNoBeat_H, (of_id[k] & sent_q) != '0 || u_rules.beat_q[k] == '0, clk_i, rst_n)
  end

`undef T
`undef I
`undef D
