// SPDX-License-Identifier: Apache-2.0
// Proof of a filter's write side: the real tzasc_filter, every configuration input free in every
// cycle (as if every register could change at any time), a master without any rule, a downstream
// neighbour that keeps axi_write_rules.sv. The properties see ports only: the scoreboard records each
// accepted write with the verdict of the specification on the cycle of its handshake.
//
// Reductions: 4 regions, 32-bit addresses, 32-bit data, 2 IDs, Outst writes outstanding (the
// defaults below). Lengths, gate, ACTION and SPECULATION_CTRL are free. The read side's own
// assertions are left to read_props.sv.

`include "prove.svh"

module write_props #(
  parameter  int unsigned Outst      = 4,
  parameter  int unsigned CheckLat   = 0,
  parameter  int unsigned Within     = 0,  // 0, or the bound of WriteAnsweredWithin_P
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

  axi_write_rules #(
    .IdW  (IdW),
    .Depth(Outst)
  ) u_rules (
    .clk_i,
    .rst_ni     (rst_n),
    .axi_awid   (m_axi_awid),
    .axi_awvalid(m_axi_awvalid),
    .axi_awready(m_axi_awready),
    .axi_wlast  (m_axi_wlast),
    .axi_wvalid (m_axi_wvalid),
    .axi_wready (m_axi_wready),
    .axi_bid    (m_axi_bid),
    .axi_bresp  (m_axi_bresp),
    .axi_bvalid (m_axi_bvalid),
    .axi_bready (m_axi_bready)
  );

  // The verdict of the specification on the address that is offered.
  logic v_malformed, v_overlap, v_allow, v_speculative;

  verdict #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_verdict (
    .addr_i        (s_axi_awaddr),
    .len_i         (s_axi_awlen),
    .size_i        (s_axi_awsize),
    .burst_i       (s_axi_awburst),
    .lock_i        (s_axi_awlock),
    .nonsecure_i   (s_axi_awprot[1]),
    .nsaid_i       (s_axi_awnsaid),
    .region_en_i, .region_base_i, .region_top_i,
    .secure_en_i   (secure_wr_en_i),
    .nsaid_en_i    (nsaid_wr_en_i),
    .spec_disable_i(wr_spec_disable_i),
    .malformed_o   (v_malformed),
    .overlap_o     (v_overlap),
    .allow_o       (v_allow),
    .speculative_o (v_speculative)
  );

  localparam int unsigned BeatW = DataW + DataW / 8;

  // The scoreboard: a slot for each write accepted and not answered.
  logic [Outst-1:0]             live_q, sent_q;
  logic [Outst-1:0]             allow_q, goes_q;  // verdict; may be seen downstream
  logic [Outst-1:0][PayW-1:0]   pay_q;
  logic [Outst-1:0][IdW-1:0]    id_q;
  logic [Outst-1:0][7:0]        len_q;
  logic [Outst-1:0][8:0]        got_q, down_q;    // beats taken from the master, and downstream
  logic [Outst-1:0][1:0]        resp_q;           // the answer if denied, then what came
  logic [Outst-1:0]             done_q;           // answered by downstream
  logic [Outst-1:0][Outst-1:0]  older_q;          // [i][j]: j was accepted before i
  logic                         kept_q;           // a beat was taken and not yet passed on
  logic [BeatW-1:0]             beat_q;           // that beat

  logic             accept, aw_sent, w_got, w_down, b_got, b_taken;
  logic [PayW-1:0]  s_pay, m_pay;
  logic [Outst-1:0] slot;      // where the next one goes, one-hot
  logic [Outst-1:0] open, due; // data not complete, at the master's side and downstream
  logic [Outst-1:0] from, to;  // whose the next data beat is, at the master's side and downstream
  logic [Outst-1:0] source;    // whose the address offered downstream is, if not the new one's
  logic [Outst-1:0] answered;  // whose the response of downstream is
  logic [Outst-1:0] owner;     // whose the response to the master is

  assign accept  = s_axi_awvalid && s_axi_awready;
  assign aw_sent = m_axi_awvalid && m_axi_awready;
  assign w_got   = s_axi_wvalid && s_axi_wready;
  assign w_down  = m_axi_wvalid && m_axi_wready;
  assign b_got   = m_axi_bvalid && m_axi_bready;
  assign b_taken = s_axi_bvalid && s_axi_bready;
  assign s_pay   = {s_axi_awid, s_axi_awaddr, s_axi_awlen, s_axi_awsize, s_axi_awburst,
                    s_axi_awlock, s_axi_awprot};
  assign m_pay   = {m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst,
                    m_axi_awlock, m_axi_awprot};
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

  // Addresses and data keep the order of acceptance, across IDs; responses that of their ID.
  always_comb begin
    for (int unsigned i = 0; i < Outst; i++) begin
      open[i] = live_q[i] && got_q[i] <= 9'(len_q[i]);
      due[i]  = live_q[i] && goes_q[i] && down_q[i] <= 9'(len_q[i]);
    end
    for (int unsigned i = 0; i < Outst; i++) begin
      from[i]     = open[i] && (older_q[i] & open) == '0;
      to[i]       = due[i] && (older_q[i] & due) == '0;
      source[i]   = live_q[i] && goes_q[i] && !sent_q[i] &&
                    (older_q[i] & live_q & goes_q & ~sent_q) == '0;
      answered[i] = of_id[m_axi_bid][i] && goes_q[i] && !done_q[i] &&
                    (ahead[i] & goes_q & ~done_q) == '0;
      owner[i]    = of_id[s_axi_bid][i] && ahead[i] == '0;
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
      got_q   <= '0;
      down_q  <= '0;
      resp_q  <= '0;
      done_q  <= '0;
      older_q <= '0;
      kept_q  <= 1'b0;
      beat_q  <= '0;
    end else begin
      for (int unsigned i = 0; i < Outst; i++) begin
        if (aw_sent && source[i]) sent_q[i] <= 1'b1;
        if (w_got && from[i]) got_q[i] <= got_q[i] + 9'd1;
        if (w_down && to[i]) down_q[i] <= down_q[i] + 9'd1;
        if (b_got && answered[i]) begin
          done_q[i] <= 1'b1;
          if (allow_q[i]) resp_q[i] <= m_axi_bresp;
        end
        if (b_taken && owner[i]) begin
          live_q[i] <= 1'b0;
          for (int unsigned j = 0; j < Outst; j++) older_q[j][i] <= 1'b0;
        end
      end
      kept_q <= (kept_q || (w_got && |(from & goes_q))) && !w_down;
      if (w_got && |(from & goes_q)) beat_q <= {s_axi_wdata, s_axi_wstrb};
      for (int unsigned i = 0; i < Outst; i++) begin
        if (accept && slot[i]) begin
          live_q[i]  <= 1'b1;
          sent_q[i]  <= aw_sent && source == '0;
          allow_q[i] <= v_allow;
          goes_q[i]  <= v_allow || v_speculative;
          pay_q[i]   <= s_pay;
          id_q[i]    <= s_axi_awid;
          len_q[i]   <= s_axi_awlen;
          got_q[i]   <= '0;
          down_q[i]  <= '0;
          resp_q[i]  <= decerr_i ? 2'd3 : 2'd0;
          done_q[i]  <= 1'b0;
          older_q[i] <= b_taken ? live_q & ~owner : live_q;
        end
      end
    end
  end

  // The beat that has to go downstream now, and whose it is.
  logic             beat_there;
  logic [BeatW-1:0] beat;
  assign beat_there = kept_q || (w_got && (from & to) != '0);
  assign beat       = kept_q ? beat_q : {s_axi_wdata, s_axi_wstrb};

  logic w_last, s_matches, o_complete, o_allow, o_goes, o_answered, a_waits;
  logic [1:0] o_resp;
  always_comb begin
    w_last     = 1'b0;
    s_matches  = source == '0 && accept && (v_allow || v_speculative) && m_pay == s_pay;
    o_complete = 1'b0;
    o_allow    = |(owner & allow_q);
    o_goes     = |(owner & goes_q);
    o_resp     = '0;
    // By an earlier response of downstream, or by the one that is there.
    o_answered = |(owner & done_q) || (m_axi_bvalid && (owner & answered) != '0);
    a_waits    = 1'b0;
    for (int unsigned i = 0; i < Outst; i++) begin
      if (answered[i]) a_waits = ahead[i] != '0;
      if (to[i]) w_last = down_q[i] == 9'(len_q[i]);
      if (source[i]) s_matches = m_pay == pay_q[i];
      if (owner[i]) begin
        o_complete = !open[i] && !due[i];
        o_resp     = (allow_q[i] && !done_q[i]) ? m_axi_bresp : resp_q[i];
      end
    end
  end

  // Properties.
  `RF_PROVE(WriteAddressHasVerdict_P, !m_axi_awvalid || s_matches, clk_i, rst_n)
  `RF_PROVE(WriteDeniedHasNoByte_P,
            !m_axi_wvalid || (to & allow_q) != '0 || (m_axi_wstrb == '0 && m_axi_wdata == '0),
            clk_i, rst_n)
  `RF_PROVE(WriteAllowedPasses_P,
            !m_axi_wvalid || (to & allow_q) == '0 ||
            (beat_there && {m_axi_wdata, m_axi_wstrb} == beat), clk_i, rst_n)
  `RF_PROVE(WriteDataIsAsked_P, !m_axi_wvalid || (to & sent_q) != '0, clk_i, rst_n)
  `RF_PROVE(WriteBeatsByLen_P, !m_axi_wvalid || m_axi_wlast == w_last, clk_i, rst_n)
  `RF_PROVE(WriteDataHasVerdict_P, !s_axi_wready || from != '0, clk_i, rst_n)
  `RF_PROVE(WriteBeatIsKept_P,
            m_axi_wvalid == (kept_q || (w_got && |(from & goes_q))) && !(kept_q && w_got &&
            |(from & goes_q)), clk_i, rst_n)
  `RF_PROVE(WriteAnswerIsAsked_P, !s_axi_bvalid || (owner != '0 && o_complete), clk_i, rst_n)
  `RF_PROVE(WriteDeniedAnswer_P, !s_axi_bvalid || o_allow || s_axi_bresp == o_resp, clk_i, rst_n)
  `RF_PROVE(WriteAllowedAnswer_P,
            !s_axi_bvalid || !o_goes || (o_answered && (!o_allow || s_axi_bresp == o_resp)),
            clk_i, rst_n)
  // A response of downstream goes to the master at once, or waits for an older write of its ID.
  `RF_PROVE(WriteAnswerIsTaken_P,
            !b_got || (answered != '0 && (a_waits || (b_taken && owner == answered))), clk_i, rst_n)
  `RF_PROVE(WriteTableHasRoom_P, !accept || slot != '0, clk_i, rst_n)
  `RF_PROVE(WriteGateClosed_P, gate_open_i || !s_axi_awready, clk_i, rst_n)
  `RF_PROVE(WriteDrained_P, gate_status || (!gate_open_i && live_q == '0), clk_i, rst_n)
  `RF_PROVE(WriteNothingLeft_P, !idle || live_q == '0, clk_i, rst_n)
  `RF_STABLE(RF_PROVE, WriteAddressStays_P, m_axi_awvalid, m_axi_awready, m_pay, PayW, clk_i, rst_n)
  `RF_STABLE(RF_PROVE, WriteDataStays_P, m_axi_wvalid, m_axi_wready,
             ({m_axi_wdata, m_axi_wstrb, m_axi_wlast}), BeatW + 1, clk_i, rst_n)
  `RF_STABLE(RF_PROVE, WriteAnswerStays_P, s_axi_bvalid, s_axi_bready,
             ({s_axi_bid, s_axi_bresp}), IdW + 2, clk_i, rst_n)

  // Added latency: an address is offered in the cycle of its handshake (or waits for one offered
  // already); where the check is registered, a cycle later.
  logic             free_run, free_run_q;
  logic [Outst-1:0] first_q;  // the slot of that address
  assign free_run = accept && (v_allow || v_speculative);
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      free_run_q <= 1'b0;
      first_q    <= '0;
    end else begin
      free_run_q <= free_run;
      first_q    <= slot;
    end
  end
  `RF_PROVE(WriteAddressDelay_P,
            (!(free_run && (CheckLat == 0 || v_speculative)) || m_axi_awvalid) &&
            (!free_run_q || m_axi_awvalid || (live_q & goes_q & ~sent_q & first_q) == '0),
            clk_i, rst_n)

  // Progress. A ready cycle: both neighbours take what is offered, the master offers the data it
  // owes and downstream the responses. Of two ready cycles with a write outstanding one brings an
  // address, a beat or a response on its way.
  logic             ready, step;
  logic [1:0]       stall_q;
  logic [Outst-1:0] owed;
  assign owed  = live_q & goes_q & ~due & ~done_q;
  assign ready = m_axi_awready && m_axi_wready && s_axi_bready && (s_axi_wvalid || open == '0) &&
                 (m_axi_bvalid || owed == '0);
  assign step  = aw_sent || w_got || w_down || b_got || b_taken;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n)                      stall_q <= '0;
    else if (live_q == '0 || step)   stall_q <= '0;
    else if (ready && stall_q < 2'd3) stall_q <= stall_q + 2'd1;
  end
  `RF_PROVE(WriteMovesOn_P, stall_q <= 2'd1, clk_i, rst_n)

  // No starvation: while a write with nothing outstanding is the first of its ID, at most Outst
  // other responses are given locally before its own.
  localparam int unsigned TurnW = $clog2(Outst + 2);
  logic [Outst-1:0][TurnW-1:0] passed_q;
  logic [Outst-1:0]            own;  // answered here
  assign own = live_q & (~goes_q | done_q) & ~open;
  for (genvar i = 0; i < int'(Outst); i++) begin : gen_turn
    always_ff @(posedge clk_i or negedge rst_n) begin
      if (!rst_n) begin
        passed_q[i] <= '0;
      end else if (!own[i] || ahead[i] != '0) begin
        passed_q[i] <= '0;
      end else if (b_taken && |(owner & own) && !owner[i] && 32'(passed_q[i]) <= Outst) begin
        passed_q[i] <= passed_q[i] + 1'b1;
      end
    end
  end
  logic [Outst-1:0] late;
  always_comb for (int unsigned i = 0; i < Outst; i++) late[i] = 32'(passed_q[i]) > Outst;
  `RF_PROVE(WriteDeniedTurn_P, late == '0, clk_i, rst_n)

  // The same as a number of cycles, for neighbours that are always ready, a memory that answers in
  // order, and bursts of one or two beats.
  if (Within != 0) begin : gen_within
    logic [Outst-1:0] first;
    logic [Outst-1:0][7:0] age_q;
    always_comb begin
      for (int unsigned i = 0; i < Outst; i++) first[i] = owed[i] && (older_q[i] & owed) == '0;
    end
    `RF_RULE(AlwaysReady_R, m_axi_awready && m_axi_wready && s_axi_bready &&
             (s_axi_wvalid || open == '0) && s_axi_awlen <= 8'd1, clk_i, rst_n)
    `RF_RULE(AnswersInOrder_R, m_axi_bvalid == (owed != '0) &&
             (!m_axi_bvalid || (of_id[m_axi_bid] & first) != '0), clk_i, rst_n)
    for (genvar i = 0; i < int'(Outst); i++) begin : gen_age
      always_ff @(posedge clk_i or negedge rst_n) begin
        if (!rst_n)          age_q[i] <= '0;
        else if (!live_q[i]) age_q[i] <= '0;
        else                 age_q[i] <= age_q[i] + 8'd1;
      end
    end
    logic [Outst-1:0] slow;
    always_comb for (int unsigned i = 0; i < Outst; i++) slow[i] = 32'(age_q[i]) >= Within;
    `RF_PROVE(WriteAnsweredWithin_P, (slow & live_q) == '0, clk_i, rst_n)
  end

  // Situations that must be reached.
  logic was_open_q, drained_q;
  always_ff @(posedge clk_i or negedge rst_n) begin
    if (!rst_n) begin
      was_open_q <= 1'b0;
      drained_q  <= 1'b0;
    end else begin
      was_open_q <= gate_open_i || (was_open_q && live_q != '0);
      drained_q  <= !gate_open_i && was_open_q && b_taken && o_allow;
    end
  end

  `RF_COVER(AllowedWrite_C, b_taken && o_allow && s_axi_bresp == 2'd0, clk_i, rst_n)
  `RF_COVER(AllowedByte_C, w_down && |(to & allow_q) && m_axi_wstrb != '0, clk_i, rst_n)
  `RF_COVER(DeniedWrite_C, b_taken && !o_goes && s_axi_bresp == 2'd3, clk_i, rst_n)
  `RF_COVER(SpeculativeDeniedWrite_C,
            w_down && w_got && (to & from & ~allow_q) != '0 && s_axi_wstrb != '0, clk_i, rst_n)
  `RF_COVER(SpeculativeDeniedAnswer_C,
            b_taken && !o_allow && o_goes && m_axi_bvalid && m_axi_bresp == 2'd1, clk_i, rst_n)
  `RF_COVER(KeptAnswer_C, b_taken && o_allow && |(owner & done_q), clk_i, rst_n)
  `RF_COVER(FullTable_C, &live_q && s_axi_awvalid, clk_i, rst_n)
  `RF_COVER(GateDrains_C, drained_q && !gate_status, clk_i, rst_n)
  `RF_COVER(OvertakingAnswer_C, b_taken && (live_q & ~owner & sent_q & ~due) != '0, clk_i, rst_n)
  `RF_COVER(WriteExokayPasses_C, b_taken && s_axi_bresp == 2'd1, clk_i, rst_n)
  `RF_COVER(TwoRegionsHit_C, accept && v_overlap, clk_i, rst_n)
  `RF_COVER(Malformed_C, accept && v_malformed, clk_i, rst_n)

`include "write_helpers.svh"

endmodule
