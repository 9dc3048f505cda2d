// SPDX-License-Identifier: Apache-2.0
// Descriptor queue of one DMA engine: takes descriptors, refuses bad ones, cuts the good ones into
// bursts and reports each in order when the last of its answers is in.
//
// A burst is INCR, never crosses 4 KiB, never exceeds the descriptor's burst length or a row's end;
// only the first of a row may start unaligned. Rows, hence bursts, ascend in address: the lowest
// failing address is the first in issue order.
// Latency: a descriptor's first burst is offered 2 cycles after intake; then one burst a cycle,
// also over rows and descriptors. The status comes 2 cycles after the last answer.
// Refuses (first that holds): zero length or rows; end beyond 2^AddrW; overlapping rows; burst not
// 1..MaxBurst or outst not 1..16. DescDepth is a power of two.
// An error with `stop` set turns every burst not yet taken into a dropped one (bst_stop_o).
`include "assert.svh"

module dma_desc #(
  parameter int unsigned AddrW     = 40,
  parameter int unsigned MaxBurst  = 64,
  parameter int unsigned DescDepth = 4,
  // A dropped burst takes the rest of its descriptor with it (no data has to be drained).
  parameter bit          DropAll   = 1'b0,
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

  // The next burst; it stays until taken. bst_room_o: the outstanding limit allows it.
  output logic             bst_valid_o,
  output logic             bst_room_o,
  output logic             bst_stop_o,
  output logic [AddrW-1:0] bst_addr_o,
  output logic [6:0]       bst_beats_o,
  output logic [3:0]       bst_tail_o,   // last byte lane wanted in the last beat
  output logic [1:0]       bst_stream_o,
  output logic [SlotW-1:0] bst_slot_o,
  input  logic             bst_take_i,
  input  logic             bst_drop_i,   // with take: not issued, nothing will answer

  // Answers, by the slot that the burst carried.
  input  logic             rsp_valid_i,
  input  logic             rsp_last_i,
  input  logic [SlotW-1:0] rsp_slot_i,
  input  logic [1:0]       rsp_resp_i,
  input  logic [AddrW-1:0] rsp_addr_i,
  output logic [15:0]      rsp_tag_o,

  output logic             sts_valid_o,
  output logic [15:0]      sts_tag_o,
  output logic [2:0]       sts_code_o,
  output logic [1:0]       sts_resp_o,
  output logic [AddrW-1:0] sts_fail_addr_o,

  output logic             idle_o
);
  import dma_pkg::*;

  localparam int unsigned EndW = (AddrW > 48) ? AddrW + 2 : 50;

  // Slots: what came in, and how it goes. tail_q takes, next_q is to be cut, head_q is to report.
  logic [SlotW-1:0]     tail_q, next_q, head_q;
  logic [DescDepth-1:0] used_q, pend_q, cut_q, stopped_q;
  logic [AddrW-1:0]     addr_q      [DescDepth];
  logic [31:0]          len_q       [DescDepth];
  logic [15:0]          rows_q      [DescDepth];
  logic [31:0]          stride_q    [DescDepth];
  logic [6:0]           burst_q     [DescDepth];
  logic [4:0]           outst_q     [DescDepth];
  logic [1:0]           stream_q    [DescDepth];
  logic                 stop_q      [DescDepth];
  logic [15:0]          tag_q       [DescDepth];
  code_e                code_q      [DescDepth];
  logic [1:0]           resp_q      [DescDepth];
  logic [AddrW-1:0]     fail_addr_q [DescDepth];
  logic [4:0]           cnt_q       [DescDepth];

  logic take, skip, load, retire, rsp_err, issue, cut_end;

  assign desc_ready_o = !used_q[tail_q];
  assign take         = desc_valid_i && desc_ready_o;
  assign skip         = pend_q[next_q] && (code_q[next_q] != Done);
  assign rsp_err      = rsp_valid_i && rsp_resp_i[1];
  assign retire       = used_q[head_q] && cut_q[head_q] && (cnt_q[head_q] == '0);

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

  always_ff @(posedge clk_i) begin
    if (take) begin
      addr_q[tail_q]   <= desc_addr_i;
      len_q[tail_q]    <= desc_len_i;
      rows_q[tail_q]   <= desc_rows_i;
      stride_q[tail_q] <= desc_stride_i;
      burst_q[tail_q]  <= desc_burst_i;
      outst_q[tail_q]  <= desc_outst_i;
      stream_q[tail_q] <= desc_stream_i;
      stop_q[tail_q]   <= desc_stop_i;
      tag_q[tail_q]    <= desc_tag_i;
      code_q[tail_q]   <= refusal(desc_addr_i, desc_len_i, desc_rows_i, desc_stride_i,
                                  desc_burst_i, desc_outst_i);
    end
  end

  // The descriptor being cut.
  logic             act_q, row_end, last;
  logic [SlotW-1:0] slot_q;
  logic [AddrW-1:0] cur_q, row_q, row_next;
  logic [31:0]      rem_q;
  logic [15:0]      left_q;
  logic [8:0]       room4k;
  logic [6:0]       cap, burst_act_q;
  logic [4:0]       outst_act_q;
  logic             stop_act_q;
  logic [32:0]      need;

  assign load     = pend_q[next_q] && !skip && (!act_q || cut_end);
  assign issue    = bst_take_i && !bst_drop_i;
  assign cut_end  = bst_take_i && (last || (DropAll && bst_drop_i));
  assign room4k   = 9'(PageBeats) - {1'b0, cur_q[11:4]};
  assign cap      = (room4k < {2'b0, burst_act_q}) ? room4k[6:0] : burst_act_q;
  assign need     = 33'(rem_q) + 33'(cur_q[3:0]);
  assign row_end  = (need <= {22'b0, cap, 4'b0});
  assign last     = row_end && (left_q == 16'd1);
  assign row_next = row_q + AddrW'(stride_q[slot_q]);

  assign bst_valid_o  = act_q;
  assign bst_room_o   = cnt_q[slot_q] < outst_act_q;
  assign bst_stop_o   = stop_act_q && (resp_q[slot_q][1] || (rsp_err && rsp_slot_i == slot_q));
  assign bst_addr_o   = cur_q;
  assign bst_beats_o  = row_end ? (need[10:4] + 7'(need[3:0] != '0)) : cap;
  assign bst_tail_o   = row_end ? (need[3:0] - 4'd1) : 4'd15;
  assign bst_stream_o = stream_q[slot_q];
  assign bst_slot_o   = slot_q;

  always_ff @(posedge clk_i) begin
    if (load) begin
      slot_q      <= next_q;
      cur_q       <= addr_q[next_q];
      row_q       <= addr_q[next_q];
      rem_q       <= len_q[next_q];
      left_q      <= rows_q[next_q];
      burst_act_q <= burst_q[next_q];
      outst_act_q <= outst_q[next_q];
      stop_act_q  <= stop_q[next_q];
    end else if (bst_take_i && row_end) begin
      cur_q  <= row_next;
      row_q  <= row_next;
      rem_q  <= len_q[slot_q];
      left_q <= left_q - 16'd1;
    end else if (bst_take_i) begin
      cur_q <= {cur_q[AddrW-1:4] + (AddrW - 4)'(cap), 4'b0};
      rem_q <= rem_q - ({21'b0, cap, 4'b0} - 32'(cur_q[3:0]));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q    <= '0;
      next_q    <= '0;
      head_q    <= '0;
      used_q    <= '0;
      pend_q    <= '0;
      cut_q     <= '0;
      stopped_q <= '0;
      act_q     <= 1'b0;
    end else begin
      if (take) begin
        tail_q            <= tail_q + 1'b1;
        used_q[tail_q]    <= 1'b1;
        pend_q[tail_q]    <= 1'b1;
        cut_q[tail_q]     <= 1'b0;
        stopped_q[tail_q] <= 1'b0;
      end
      if (skip || load) begin
        next_q         <= next_q + 1'b1;
        pend_q[next_q] <= 1'b0;
      end
      if (skip) cut_q[next_q] <= 1'b1;
      if (cut_end) cut_q[slot_q] <= 1'b1;
      if (bst_take_i && bst_drop_i) stopped_q[slot_q] <= 1'b1;
      if (load) act_q <= 1'b1;
      else if (cut_end) act_q <= 1'b0;
      if (retire) begin
        head_q         <= head_q + 1'b1;
        used_q[head_q] <= 1'b0;
      end
    end
  end

  // Bursts outstanding, a slot.
  logic rsp_done;
  assign rsp_done = rsp_valid_i && rsp_last_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < DescDepth; i++) cnt_q[i] <= '0;
    end else if (!(issue && rsp_done && slot_q == rsp_slot_i)) begin
      if (issue) cnt_q[slot_q] <= cnt_q[slot_q] + 5'd1;
      if (rsp_done) cnt_q[rsp_slot_i] <= cnt_q[rsp_slot_i] - 5'd1;
    end
  end

  // Errors: DECERR (3) outweighs SLVERR (2), so the codes merge by OR.
  always_ff @(posedge clk_i) begin
    if (take) resp_q[tail_q] <= 2'b00;
    if (rsp_err) begin
      resp_q[rsp_slot_i] <= resp_q[rsp_slot_i] | rsp_resp_i;
      if (!resp_q[rsp_slot_i][1] || rsp_addr_i < fail_addr_q[rsp_slot_i]) begin
        fail_addr_q[rsp_slot_i] <= rsp_addr_i;
      end
    end
  end

  // Status.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sts_valid_o <= 1'b0;
    else sts_valid_o <= retire;
  end

  always_ff @(posedge clk_i) begin
    if (retire) begin
      sts_tag_o       <= tag_q[head_q];
      sts_code_o      <= stopped_q[head_q] ? Stopped : code_q[head_q];
      sts_resp_o      <= resp_q[head_q];
      sts_fail_addr_o <= resp_q[head_q][1] ? fail_addr_q[head_q] : '0;
    end
  end

  assign rsp_tag_o = tag_q[rsp_slot_i];
  assign idle_o    = (used_q == '0) && !sts_valid_o;

  // Assertions //
  `RF_ASSERT(TakeValid_A, !bst_take_i || act_q, clk_i, rst_ni)
  `RF_ASSERT(WithinLimit_A, !issue || bst_room_o, clk_i, rst_ni)
  `RF_ASSERT(AnswerOwed_A, !rsp_valid_i || cnt_q[rsp_slot_i] != '0, clk_i, rst_ni)
  `RF_ASSERT(CutWithinUsed_A, !act_q || (used_q[slot_q] && !cut_q[slot_q]), clk_i, rst_ni)
  `RF_ASSERT(BurstLength_A, !act_q || (bst_beats_o >= 7'd1 && 32'(bst_beats_o) <= MaxBurst),
             clk_i, rst_ni)
  `RF_ASSERT(BurstInPage_A, !act_q || 9'(cur_q[11:4]) + 9'(bst_beats_o) <= 9'(PageBeats),
             clk_i, rst_ni)

endmodule
