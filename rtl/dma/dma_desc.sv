// SPDX-License-Identifier: Apache-2.0
// Descriptor queue of one DMA engine: takes descriptors, refuses bad ones, cuts the good ones into
// bursts and reports each in order when the last of its answers is in.
//
// A burst is INCR, never crosses 4 KiB, never exceeds the descriptor's burst length or a row's end;
// only the first of a row may start unaligned. Rows, hence bursts, ascend in address: the lowest
// failing address is the first in issue order.
// Latency: a descriptor's first burst is offered 3 cycles after intake; then one burst a cycle,
// also over rows, and one cycle more between descriptors. The status comes 2 cycles after the last
// answer.
// Refuses (first that holds): zero length or rows; end beyond 2^AddrW; overlapping rows; burst not
// 1..MaxBurst or outst not 1..16. DescDepth is a power of two.
// An error with `stop` set turns every burst that has not been issued into a dropped one.
`include "assert.svh"

module dma_desc #(
  parameter int unsigned AddrW     = 40,
  parameter int unsigned MaxBurst  = 64,
  parameter int unsigned DescDepth = 4,
  // A dropped burst takes the rest of its descriptor with it (no data has to be drained).
  parameter bit          DropAll   = 1'b0,
  // Fields: stop, stream, outst, slot, beats, tail (last byte lane of the last beat), addr.
  parameter type         burst_t   = logic,
  localparam int unsigned SlotW    = $clog2(DescDepth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             desc_valid_i,
  output logic             desc_ready_o,
  input  logic [AddrW-1:0] desc_addr_i,
  input  logic [31:0]      desc_len_i,
  input  logic [15:0]      desc_rows_i,
  input  logic [31:0]      desc_stride_i,
  input  logic [6:0]       desc_burst_i,
  input  logic [4:0]       desc_outst_i,
  input  logic [1:0]       desc_stream_i,
  input  logic             desc_stop_i,
  input  logic [15:0]      desc_tag_i,

  // The next burst; it stays until it is issued or dropped, which needs bst_go_i.
  output logic             bst_valid_o,
  input  logic             bst_go_i,
  output logic             bst_issue_o,
  output logic             bst_drop_o,
  output burst_t           bst_o,
  output logic [15:0]      bst_tag_o,

  // Answers, by the slot that the burst carried.
  input  logic             rsp_valid_i,
  input  logic             rsp_last_i,
  input  logic [SlotW-1:0] rsp_slot_i,
  input  logic [1:0]       rsp_resp_i,
  input  logic [AddrW-1:0] rsp_addr_i,

  output logic             sts_valid_o,
  output logic [15:0]      sts_tag_o,
  output logic [2:0]       sts_code_o,
  output logic [1:0]       sts_resp_o,
  output logic [AddrW-1:0] sts_fail_addr_o,

  output logic             idle_o
);
  import dma_pkg::*;

  localparam int unsigned EndW = (AddrW > 48) ? AddrW + 2 : 50;

  typedef struct packed {
    code_e            code;
    logic             stop;
    logic [1:0]       stream;
    logic [4:0]       outst;
    logic [6:0]       burst;
    logic [15:0]      rows;
    logic [31:0]      stride;
    logic [31:0]      len;
    logic [AddrW-1:0] addr;
    logic [15:0]      tag;
  } desc_t;

  function automatic code_e refusal(logic [AddrW-1:0] addr, logic [31:0] len, logic [15:0] rows,
                                    logic [31:0] stride, logic [6:0] burst, logic [4:0] outst);
    logic [15:0]     steps;
    logic [EndW-1:0] past_end;
    steps    = rows - 16'd1;
    past_end = EndW'(addr) + EndW'(len) + EndW'(48'(steps) * 48'(stride));
    if (len == '0 || rows == '0) return RefusedZero;
    if (past_end > (EndW'(1) << AddrW)) return RefusedWrap;
    if (rows > 16'd1 && stride < len) return RefusedOverlap;
    if (burst == '0 || 32'(burst) > MaxBurst || outst == '0 || 32'(outst) > NumIds) begin
      return RefusedBurst;
    end
    return Done;
  endfunction

  // Bytes from the start of a row's first beat to the row's end.
  function automatic logic [32:0] row_bytes(logic [3:0] lane, logic [31:0] len);
    return 33'(lane) + 33'(len);
  endfunction

  // Beats up to the limit or the 4 KiB line.
  function automatic logic [6:0] cap(logic [7:0] page_beat, logic [6:0] limit);
    logic [8:0] room;
    room = 9'(PageBeats) - {1'b0, page_beat};
    return (room < {2'b0, limit}) ? room[6:0] : limit;
  endfunction

  // tail_q takes, cur_q is cut, head_q is reported. One bit more than a slot number: equal means
  // none between, DescDepth apart means full.
  desc_t            desc_q [DescDepth];
  logic [SlotW:0]   tail_q, cur_q, head_q, used;
  logic [SlotW-1:0] tail, cur, head;

  // What became of the bursts, a slot. owed_q: issued and not answered.
  logic [DescDepth-1:0]      stopped_q;
  logic [DescDepth-1:0][1:0] resp_q;
  logic [DescDepth-1:0][4:0] owed_q;
  logic [AddrW-1:0]          fail_addr_q [DescDepth];

  // The row being cut (of slot cur, while act_q), and up to two bursts cut.
  logic             act_q;
  logic [AddrW-1:0] at_q, row_q;
  logic [28:0]      beats_q;
  logic [3:0]       lane_q;
  logic [15:0]      rows_q;
  logic [6:0]       limit_q;
  burst_t           burst_q [2];
  logic [1:0]       cut_wr_q, cut_rd_q;
  logic             cut, fetch, issue, drop, answered;

  assign tail = tail_q[SlotW-1:0];
  assign cur  = cur_q[SlotW-1:0];
  assign head = head_q[SlotW-1:0];
  assign used = tail_q - head_q;

  // Intake.
  assign desc_ready_o = (32'(used) != DescDepth);

  always_ff @(posedge clk_i) begin
    if (desc_valid_i && desc_ready_o) begin
      desc_q[tail] <= '{
        code: refusal(desc_addr_i, desc_len_i, desc_rows_i, desc_stride_i, desc_burst_i,
                      desc_outst_i),
        stop: desc_stop_i, stream: desc_stream_i, outst: desc_outst_i, burst: desc_burst_i,
        rows: desc_rows_i, stride: desc_stride_i, len: desc_len_i, addr: desc_addr_i,
        tag: desc_tag_i
      };
    end
  end

  // Fetch a descriptor, then cut a burst a cycle: up to the 4 KiB line, the limit or the row's end.
  // The arithmetic is written where it is used, so that it costs only when a burst is cut.
  assign fetch = !act_q && cur_q != tail_q;
  assign cut   = act_q && (cut_wr_q != (cut_rd_q ^ 2'b10));

  always_ff @(posedge clk_i) begin
    if (fetch) begin
      at_q    <= desc_q[cur].addr;
      row_q   <= desc_q[cur].addr;
      rows_q  <= desc_q[cur].rows;
      limit_q <= desc_q[cur].burst;
      beats_q <= 29'((row_bytes(desc_q[cur].addr[3:0], desc_q[cur].len) + 33'd15) >> 4);
      lane_q  <= 4'(row_bytes(desc_q[cur].addr[3:0], desc_q[cur].len) - 33'd1);
    end
    if (cut) begin
      if (beats_q <= 29'(cap(at_q[11:4], limit_q))) begin
        burst_q[cut_wr_q[0]] <= '{
          stop: desc_q[cur].stop, stream: desc_q[cur].stream, outst: desc_q[cur].outst,
          slot: cur, beats: beats_q[6:0], tail: lane_q, addr: at_q
        };
        at_q    <= row_q + AddrW'(desc_q[cur].stride);
        row_q   <= row_q + AddrW'(desc_q[cur].stride);
        rows_q  <= rows_q - 16'd1;
        beats_q <= 29'((row_bytes(row_q[3:0] + desc_q[cur].stride[3:0], desc_q[cur].len) +
                        33'd15) >> 4);
        lane_q  <= 4'(row_bytes(row_q[3:0] + desc_q[cur].stride[3:0], desc_q[cur].len) - 33'd1);
      end else begin
        burst_q[cut_wr_q[0]] <= '{
          stop: desc_q[cur].stop, stream: desc_q[cur].stream, outst: desc_q[cur].outst,
          slot: cur, beats: cap(at_q[11:4], limit_q), tail: 4'd15, addr: at_q
        };
        at_q    <= {at_q[AddrW-1:4] + (AddrW - 4)'(cap(at_q[11:4], limit_q)), 4'b0};
        beats_q <= beats_q - 29'(cap(at_q[11:4], limit_q));
      end
    end
  end

  // Issue or drop the oldest burst.
  always_comb begin
    issue = 1'b0;
    drop  = 1'b0;
    if (bst_go_i) begin
      drop  = bst_o.stop && (resp_q[bst_o.slot][1] ||
              (rsp_valid_i && rsp_resp_i[1] && rsp_slot_i == bst_o.slot));
      issue = !drop && (owed_q[bst_o.slot] < bst_o.outst);
    end
  end

  assign bst_valid_o = (cut_wr_q != cut_rd_q);
  assign bst_issue_o = issue;
  assign bst_drop_o  = drop;
  assign bst_o       = burst_q[cut_rd_q[0]];
  assign bst_tag_o   = desc_q[bst_o.slot].tag;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q   <= '0;
      cur_q    <= '0;
      act_q    <= 1'b0;
      cut_wr_q <= '0;
      cut_rd_q <= '0;
    end else begin
      if (desc_valid_i && desc_ready_o) tail_q <= tail_q + 1'b1;
      // A refused descriptor is passed over.
      if (fetch) begin
        if (desc_q[cur].code == Done) act_q <= 1'b1;
        else cur_q <= cur_q + 1'b1;
      end
      if (cut) begin
        cut_wr_q <= cut_wr_q + 2'd1;
        if (rows_q == 16'd1 && beats_q <= 29'(cap(at_q[11:4], limit_q))) begin
          act_q <= 1'b0;
          cur_q <= cur_q + 1'b1;
        end
      end
      if (issue || drop) cut_rd_q <= cut_rd_q + 2'd1;
      if (DropAll && drop && act_q && bst_o.slot == cur) begin
        act_q <= 1'b0;
        cur_q <= cur_q + 1'b1;
      end
    end
  end

  // Answers. DECERR (3) outweighs SLVERR (2), so the codes merge by OR.
  assign answered = rsp_valid_i && rsp_last_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      owed_q <= '0;
    end else if (issue || answered) begin
      if (!(issue && answered && bst_o.slot == rsp_slot_i)) begin
        if (issue) owed_q[bst_o.slot] <= owed_q[bst_o.slot] + 5'd1;
        if (answered) owed_q[rsp_slot_i] <= owed_q[rsp_slot_i] - 5'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i && rsp_resp_i[1]) begin
      if (!resp_q[rsp_slot_i][1] || rsp_addr_i < fail_addr_q[rsp_slot_i]) begin
        fail_addr_q[rsp_slot_i] <= rsp_addr_i;
      end
    end
  end

  // Report: the oldest descriptor, when it is cut, issued and answered to the end.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q          <= '0;
      stopped_q       <= '0;
      resp_q          <= '0;
      sts_valid_o     <= 1'b0;
      sts_tag_o       <= '0;
      sts_code_o      <= '0;
      sts_resp_o      <= '0;
      sts_fail_addr_o <= '0;
    end else begin
      if (rsp_valid_i && rsp_resp_i[1]) resp_q[rsp_slot_i] <= resp_q[rsp_slot_i] | rsp_resp_i;
      if (drop) stopped_q[bst_o.slot] <= 1'b1;
      sts_valid_o <= 1'b0;
      if (head_q != cur_q) begin
        if (owed_q[head] == '0 && !(bst_valid_o && bst_o.slot == head)) begin
          head_q          <= head_q + 1'b1;
          stopped_q[head] <= 1'b0;
          resp_q[head]    <= 2'b00;
          sts_valid_o     <= 1'b1;
          sts_tag_o       <= desc_q[head].tag;
          sts_code_o      <= stopped_q[head] ? Stopped : desc_q[head].code;
          sts_resp_o      <= resp_q[head];
          sts_fail_addr_o <= resp_q[head][1] ? fail_addr_q[head] : '0;
        end
      end
    end
  end

  assign idle_o = (used == '0) && !sts_valid_o;

  // Assertions //
  `RF_ASSERT(AnswerOwed_A, !rsp_valid_i || owed_q[rsp_slot_i] != '0, clk_i, rst_ni)
  `RF_ASSERT(WithinLimit_A, 32'(owed_q[head]) <= NumIds, clk_i, rst_ni)
  `RF_ASSERT(QueueInRange_A, 32'(used) <= DescDepth && (SlotW + 1)'(cur_q - head_q) <= used,
             clk_i, rst_ni)
  `RF_ASSERT(ActiveIsTaken_A, !act_q || cur_q != tail_q, clk_i, rst_ni)
  `RF_ASSERT(CutCount_A, 2'(cut_wr_q - cut_rd_q) != 2'd3, clk_i, rst_ni)
  `RF_ASSERT(BurstLength_A, !bst_valid_o || (bst_o.beats >= 7'd1 &&
             32'(bst_o.beats) <= MaxBurst), clk_i, rst_ni)
  `RF_ASSERT(BurstInPage_A, !bst_valid_o || 9'(bst_o.addr[11:4]) + 9'(bst_o.beats) <=
             9'(PageBeats), clk_i, rst_ni)

endmodule
