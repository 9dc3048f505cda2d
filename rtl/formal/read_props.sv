// SPDX-License-Identifier: Apache-2.0
// Proof of a filter's read side: the real tzasc_filter, every configuration input free in every
// cycle (as if every register could change at any time), a master without any rule, a downstream
// neighbour that keeps axi_read_rules.sv. The properties see ports only: the scoreboard records each
// accepted read with the verdict of the specification on the cycle of its handshake.
//
// Reductions: 4 regions, 32-bit addresses, 32-bit data, 2 IDs, Outst reads outstanding (the
// defaults below). Lengths, gate, ACTION and SPECULATION_CTRL are free. The write side's own
// assertions are left to write_props.sv.

`include "prove.svh"

module read_props #(
  parameter  int unsigned Outst      = 4,
  parameter  int unsigned CheckLat   = 0,
  parameter  int unsigned Within     = 0,  // 0, or the bound of ReadAnsweredWithin_P
  parameter  int unsigned NumRegions = 4,
  parameter  int unsigned AddrW      = 32,
  parameter  int unsigned DataW      = 32,
  parameter  int unsigned IdW        = 1,
  localparam int unsigned PageW      = AddrW - 12,
  localparam int unsigned NumIds     = 1 << IdW,
  localparam int unsigned IdxW       = $clog2(Outst),
  localparam int unsigned PayW       = IdW + AddrW + 8 + 3 + 2 + 1 + 3
) (
`include "filter_ports.svh"
);

`include "filter_dut.svh"

  axi_read_rules #(
    .IdW  (IdW),
    .DataW(DataW),
    .Depth(Outst)
  ) u_rules (
    .clk_i,
    .rst_ni     (rst_n),
    .axi_arid   (m_axi_arid),
    .axi_arlen  (m_axi_arlen),
    .axi_arvalid(m_axi_arvalid),
    .axi_arready(m_axi_arready),
    .axi_rid    (m_axi_rid),
    .axi_rdata  (m_axi_rdata),
    .axi_rresp  (m_axi_rresp),
    .axi_rlast  (m_axi_rlast),
    .axi_rvalid (m_axi_rvalid),
    .axi_rready (m_axi_rready)
  );

  // The verdict of the specification on the address that is offered.
  logic v_malformed, v_overlap, v_allow, v_speculative;

  verdict #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_verdict (
    .addr_i        (s_axi_araddr),
    .len_i         (s_axi_arlen),
    .size_i        (s_axi_arsize),
    .burst_i       (s_axi_arburst),
    .lock_i        (s_axi_arlock),
    .nonsecure_i   (s_axi_arprot[1]),
    .nsaid_i       (s_axi_arnsaid),
    .region_en_i, .region_base_i, .region_top_i,
    .secure_en_i   (secure_rd_en_i),
    .nsaid_en_i    (nsaid_rd_en_i),
    .spec_disable_i(rd_spec_disable_i),
    .malformed_o   (v_malformed),
    .overlap_o     (v_overlap),
    .allow_o       (v_allow),
    .speculative_o (v_speculative)
  );

  // The scoreboard: a slot for each read accepted and not fully answered.
  logic [Outst-1:0]             live_q, sent_q;
  logic [Outst-1:0]             allow_q, goes_q;  // verdict; may be seen downstream
  logic [Outst-1:0][PayW-1:0]   pay_q;
  logic [Outst-1:0][IdW-1:0]    id_q;
  logic [Outst-1:0][7:0]        len_q, seen_q;    // beats the master has got
  logic [Outst-1:0][1:0]        resp_q;           // the answer if denied
  logic [Outst-1:0][Outst-1:0]  older_q;          // [i][j]: j was accepted before i

  logic             accept, ar_sent, r_taken, r_done;
  logic [PayW-1:0]  s_pay, m_pay;
  logic [Outst-1:0] slot;    // where the next one goes, one-hot
  logic [Outst-1:0] owner;   // whose the beat offered to the master is
  logic [Outst-1:0] source;  // whose the address offered downstream is, if not the new one's

  assign accept  = s_axi_arvalid && s_axi_arready;
  assign ar_sent = m_axi_arvalid && m_axi_arready;
  assign r_taken = s_axi_rvalid && s_axi_rready;
  assign r_done  = r_taken && s_axi_rlast;
  assign s_pay   = {s_axi_arid, s_axi_araddr, s_axi_arlen, s_axi_arsize, s_axi_arburst,
                    s_axi_arlock, s_axi_arprot};
  assign m_pay   = {m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst,
                    m_axi_arlock, m_axi_arprot};
  assign slot    = ~live_q & (live_q + Outst'(1));

  // The live ones of an ID; the older live ones of a slot's ID.
  logic [NumIds-1:0][Outst-1:0] of_id;
  logic [Outst-1:0][Outst-1:0]  ahead;

  always_comb begin
    for (int unsigned k = 0; k < NumIds; k++) begin
      for (int unsigned i = 0; i < Outst; i++) of_id[k][i] = live_q[i] && id_q[i] == IdW'(k);
    end
    for (int unsigned i = 0; i < Outst; i++) ahead[i] = older_q[i] & of_id[id_q[i]];
  end

  always_comb begin
    for (int unsigned i = 0; i < Outst; i++) begin
      owner[i]  = of_id[s_axi_rid][i] && ahead[i] == '0;
      source[i] = of_id[m_axi_arid][i] && goes_q[i] && !sent_q[i] &&
                  (ahead[i] & goes_q & ~sent_q) == '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      live_q  <= '0;
      sent_q  <= '0;
      allow_q <= '0;
      goes_q  <= '0;
      pay_q   <= '0;
      id_q    <= '0;
      len_q   <= '0;
      seen_q  <= '0;
      resp_q  <= '0;
      older_q <= '0;
    end else begin
      for (int unsigned i = 0; i < Outst; i++) begin
        if (r_taken && owner[i]) begin
          seen_q[i] <= seen_q[i] + 8'd1;
          if (s_axi_rlast) begin
            live_q[i] <= 1'b0;
            for (int unsigned j = 0; j < Outst; j++) older_q[j][i] <= 1'b0;
          end
        end
        if (ar_sent && source[i]) sent_q[i] <= 1'b1;
      end
      for (int unsigned i = 0; i < Outst; i++) begin
        if (accept && slot[i]) begin
          live_q[i]  <= 1'b1;
          sent_q[i]  <= ar_sent && source == '0;
          allow_q[i] <= v_allow;
          goes_q[i]  <= v_allow || v_speculative;
          pay_q[i]   <= s_pay;
          id_q[i]    <= s_axi_arid;
          len_q[i]   <= s_axi_arlen;
          seen_q[i]  <= '0;
          resp_q[i]  <= decerr_i ? 2'd3 : 2'd0;
          older_q[i] <= r_done ? live_q & ~owner : live_q;
        end
      end
    end
  end

  // What is known of the owner of the beat.
  logic             o_allow, o_sent, o_last;
  logic [1:0]       o_resp;
  always_comb begin
    o_allow = |(owner & allow_q);
    o_sent  = |(owner & sent_q & goes_q);
    o_last  = 1'b0;
    o_resp  = '0;
    for (int unsigned i = 0; i < Outst; i++) begin
      if (owner[i]) begin
        o_last = seen_q[i] == len_q[i];
        o_resp = resp_q[i];
      end
    end
  end

  logic s_matches;  // the address offered downstream is the one that has to come next of its ID
  always_comb begin
    s_matches = source == '0 && accept && (v_allow || v_speculative) && m_pay == s_pay;
    for (int unsigned i = 0; i < Outst; i++) begin
      if (source[i]) s_matches = m_pay == pay_q[i];
    end
  end

  // Properties.
  `RF_PROVE(ReadAddressHasVerdict_P, !m_axi_arvalid || s_matches, clk_i, rst_n)
  `RF_PROVE(ReadDeniedIsZero_P, !s_axi_rvalid || o_allow || s_axi_rdata == '0, clk_i, rst_n)
  `RF_PROVE(ReadDeniedAnswer_P, !s_axi_rvalid || o_allow || s_axi_rresp == o_resp, clk_i, rst_n)
  `RF_PROVE(ReadAllowedPasses_P,
            !s_axi_rvalid || !o_allow ||
            (m_axi_rvalid && o_sent && {s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast} ==
             {m_axi_rid, m_axi_rdata, m_axi_rresp, m_axi_rlast}), clk_i, rst_n)
  `RF_PROVE(ReadBeatIsPassed_P,
            !(m_axi_rvalid && m_axi_rready) ||
            (s_axi_rvalid && s_axi_rready && o_sent && s_axi_rid == m_axi_rid), clk_i, rst_n)
  `RF_PROVE(ReadAnswerIsAsked_P, !s_axi_rvalid || owner != '0, clk_i, rst_n)
  `RF_PROVE(ReadBeatsByLen_P, !s_axi_rvalid || s_axi_rlast == o_last, clk_i, rst_n)
  `RF_PROVE(ReadTableHasRoom_P, !accept || slot != '0, clk_i, rst_n)
  `RF_PROVE(ReadGateClosed_P, gate_open_i || !s_axi_arready, clk_i, rst_n)
  `RF_PROVE(ReadDrained_P, gate_status || (!gate_open_i && live_q == '0), clk_i, rst_n)
  `RF_PROVE(ReadNothingLeft_P, !idle || live_q == '0, clk_i, rst_n)
  `RF_STABLE(RF_PROVE, ReadAddressStays_P, m_axi_arvalid, m_axi_arready, m_pay, PayW, clk_i, rst_n)
  `RF_STABLE(RF_PROVE, ReadDataStays_P, s_axi_rvalid, s_axi_rready,
             ({s_axi_rid, s_axi_rdata, s_axi_rresp, s_axi_rlast}), IdW + DataW + 3, clk_i, rst_n)

  // Added latency: with everything older of its ID on its way, an address is offered in the cycle of
  // its handshake (or waits for one offered already); where the check is registered, a cycle later.
  logic             free_run, free_run_q;
  logic [Outst-1:0] first_q;  // the slot of that address
  assign free_run = accept && (v_allow || v_speculative) &&
                    (of_id[s_axi_arid] & ~(goes_q & sent_q)) == '0;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      free_run_q <= 1'b0;
      first_q    <= '0;
    end else begin
      free_run_q <= free_run;
      first_q    <= slot;
    end
  end
  `RF_PROVE(ReadAddressDelay_P,
            (!(free_run && (CheckLat == 0 || v_speculative)) || m_axi_arvalid) &&
            (!free_run_q || m_axi_arvalid || (live_q & goes_q & ~sent_q & first_q) == '0),
            clk_i, rst_n)

  // Progress. A ready cycle: both neighbours take what is offered, and downstream offers what it
  // owes. Of two ready cycles with a read outstanding one brings an address or a beat on its way,
  // so a table with B beats in it is empty after 2 * (B + Outst) ready cycles once the gate closed.
  logic       ready, step;
  logic [1:0] stall_q;
  assign ready = s_axi_rready && m_axi_arready &&
                 (m_axi_rvalid || (live_q & goes_q & sent_q) == '0);
  assign step  = ar_sent || r_taken;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n)                      stall_q <= '0;
    else if (live_q == '0 || step)   stall_q <= '0;
    else if (ready && stall_q < 2'd3) stall_q <= stall_q + 2'd1;
  end
  `RF_PROVE(ReadMovesOn_P, stall_q <= 2'd1, clk_i, rst_n)

  // No starvation: while a denied read is the first of its ID, at most Outst other denied ones are
  // answered before it; local and downstream beats alternate while both are there.
  localparam int unsigned TurnW = $clog2(Outst + 2);
  logic [Outst-1:0][TurnW-1:0] passed_q;
  logic [1:0]                  down_run_q, local_run_q;
  logic                        local_busy;  // a denied read is being answered
  always_comb begin
    local_busy = 1'b0;
    for (int unsigned i = 0; i < Outst; i++) begin
      local_busy = local_busy || (live_q[i] && !goes_q[i] && seen_q[i] != '0);
    end
  end
  for (genvar i = 0; i < int'(Outst); i++) begin : gen_turn
    always_ff @(posedge clk_i or negedge rst_n) begin
      if (!rst_n) begin
        passed_q[i] <= '0;
      end else if (!live_q[i] || goes_q[i] || ahead[i] != '0 || seen_q[i] != '0) begin
        passed_q[i] <= '0;
      end else if (r_done && |(owner & ~goes_q) && !owner[i] && 32'(passed_q[i]) <= Outst) begin
        passed_q[i] <= passed_q[i] + 1'b1;
      end
    end
  end
  logic [Outst-1:0] late;
  always_comb for (int unsigned i = 0; i < Outst; i++) late[i] = 32'(passed_q[i]) > Outst;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      down_run_q  <= '0;
      local_run_q <= '0;
    end else begin
      if (!local_busy) down_run_q <= '0;
      else if (r_taken) down_run_q <= |(owner & ~goes_q) ? 2'd0 : {|down_run_q, 1'b1};
      if (!m_axi_rvalid || m_axi_rready) local_run_q <= '0;
      else if (r_taken) local_run_q <= {|local_run_q, 1'b1};
    end
  end
  `RF_PROVE(ReadDeniedTurn_P, late == '0, clk_i, rst_n)
  `RF_PROVE(ReadShareTurn_P, !down_run_q[1] && !local_run_q[1], clk_i, rst_n)

  // The same as a number of cycles, for neighbours that are always ready, a memory that answers in
  // order, and bursts of one or two beats.
  if (Within != 0) begin : gen_within
    logic [Outst-1:0] sent, first;
    logic [Outst-1:0][7:0] age_q;
    assign sent = live_q & goes_q & sent_q;
    always_comb begin
      for (int unsigned i = 0; i < Outst; i++) first[i] = sent[i] && (older_q[i] & sent) == '0;
    end
    `RF_RULE(AlwaysReady_R, s_axi_rready && m_axi_arready && s_axi_arlen <= 8'd1, clk_i, rst_n)
    `RF_RULE(AnswersInOrder_R, m_axi_rvalid == (sent != '0) &&
             (!m_axi_rvalid || (of_id[m_axi_rid] & first) != '0), clk_i, rst_n)
    for (genvar i = 0; i < int'(Outst); i++) begin : gen_age
      always_ff @(posedge clk_i or negedge rst_n) begin
        if (!rst_n)          age_q[i] <= '0;
        else if (!live_q[i]) age_q[i] <= '0;
        else                 age_q[i] <= age_q[i] + 8'd1;
      end
    end
    logic [Outst-1:0] slow;
    always_comb for (int unsigned i = 0; i < Outst; i++) slow[i] = 32'(age_q[i]) >= Within;
    `RF_PROVE(ReadAnsweredWithin_P, (slow & live_q) == '0, clk_i, rst_n)
  end

  // Situations that must be reached.
  logic was_open_q;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) was_open_q <= 1'b0;
    else        was_open_q <= gate_open_i || (was_open_q && live_q != '0);
  end
  logic drained_q;  // closed with a read under way, which was then answered
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) drained_q <= 1'b0;
    else        drained_q <= !gate_open_i && was_open_q && r_done && o_allow;
  end
  logic           r_open_q;  // a burst was interrupted after a beat
  logic [IdW-1:0] r_id_q;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      r_open_q <= 1'b0;
      r_id_q   <= '0;
    end else if (r_taken) begin
      r_open_q <= !s_axi_rlast;
      r_id_q   <= s_axi_rid;
    end
  end
  logic deferred;  // an allowed read that waits behind a denied one of its ID
  always_comb begin
    deferred = 1'b0;
    for (int unsigned i = 0; i < Outst; i++) begin
      deferred = deferred || (live_q[i] && allow_q[i] && !sent_q[i] &&
                              (ahead[i] & ~goes_q) != '0);
    end
  end
  logic deferred_q, deferred_sent_q;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      deferred_q      <= 1'b0;
      deferred_sent_q <= 1'b0;
    end else begin
      deferred_q      <= deferred_q || deferred;
      deferred_sent_q <= deferred_q && ar_sent && |source;
    end
  end

  `RF_COVER(AllowedRead_C, r_done && o_allow && s_axi_rdata != '0 && s_axi_rresp == 2'd0,
            clk_i, rst_n)
  `RF_COVER(DeniedRead_C, r_done && !o_allow && |(owner & ~goes_q) && o_resp == 2'd3, clk_i, rst_n)
  `RF_COVER(SpeculativeDeniedRead_C,
            r_done && !o_allow && |(owner & goes_q) && m_axi_rvalid && m_axi_rdata != '0,
            clk_i, rst_n)
  `RF_COVER(DeferredReadSent_C, deferred_sent_q, clk_i, rst_n)
  `RF_COVER(FullTable_C, &live_q && s_axi_arvalid, clk_i, rst_n)
  `RF_COVER(GateDrains_C, drained_q && !gate_status, clk_i, rst_n)
  `RF_COVER(InterleavedReads_C, r_taken && r_open_q && r_id_q != s_axi_rid && o_allow, clk_i, rst_n)
  `RF_COVER(ReadExokayPasses_C, r_done && s_axi_rresp == 2'd1, clk_i, rst_n)
  `RF_COVER(TwoRegionsHit_C, accept && v_overlap, clk_i, rst_n)
  `RF_COVER(Malformed_C, accept && v_malformed, clk_i, rst_n)

`include "read_helpers.svh"

endmodule
