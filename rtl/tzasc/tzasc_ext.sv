// SPDX-License-Identifier: Apache-2.0
// The extension block, offsets 0xE00 to 0xEFF, which a TZC-400 reserves: it reads 0 and ignores all
// writes but those to EXT_ENABLE until that is set. Locks and shadow mode for the regions, sticky
// flags for what AXI forbids, and a count of what each filter allowed, denied and kept waiting.
// Counters saturate; a write of any value to one clears it, after which an event of the same cycle
// counts. A flag that is cleared in the cycle of its event stays. Everything counts from the cycle
// after it happened. Switching the block off stops nothing and unlocks nothing, but ends shadow mode.

`include "assert.svh"

module tzasc_ext
  import tzasc_pkg::*;
#(
  parameter int unsigned NumFilters = 4,
  parameter int unsigned NumRegions = 9
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic                  access_i,
  input  logic                  write_i,
  input  logic [7:0]            offset_i,     // from ExtOffset, a multiple of 4
  input  logic [31:0]           wdata_i,
  input  logic [3:0]            strb_i,
  output logic [31:0]           word_o,

  output logic [NumRegions-1:0] lock_o,
  output logic                  shadow_o,
  output logic                  enter_o,
  output logic                  commit_o,
  output logic                  leave_o,
  input  logic                  pending_i,

  input  logic [NumFilters-1:0] rd_deny_i,
  input  logic [NumFilters-1:0] wr_deny_i,
  input  logic [NumFilters-1:0] rd_allow_i,
  input  logic [NumFilters-1:0] wr_allow_i,
  input  logic [NumFilters-1:0] stall_i,      // an address waits at the slave side
  input  logic [NumFilters-1:0] wlast_wrong_i,
  input  logic [NumFilters-1:0] crossing_i,   // an INCR that leaves its page was taken
  input  logic [3:0]            fail_nsaid_i [NumFilters]
);

  localparam int unsigned FilterW = (NumFilters > 1) ? $clog2(NumFilters) : 1;

  logic                  enable_q, enable_lock_q, shadow_q;
  logic [NumRegions-1:0] lock_q;
  logic [NumFilters-1:0] wlast_q, crossing_q;
  logic [31:0]           rd_deny_q [NumFilters];
  logic [31:0]           wr_deny_q [NumFilters];
  logic [31:0]           allow_q   [NumFilters];
  logic [31:0]           stall_q   [NumFilters];

  logic                  active, in_filters, control;
  logic [FilterW-1:0]    filter;
  logic [NumFilters-1:0] clear_wlast, clear_crossing;
  logic [NumFilters-1:0] clear_rd_deny, clear_wr_deny, clear_allow, clear_stall;
  logic                  shadow_d;

  function automatic logic [31:0] count(input logic [31:0] value, input logic clear,
                                        input logic [1:0] events);
    logic [31:0] kept;
    logic [32:0] sum;
    kept = clear ? '0 : value;
    sum  = 33'(kept) + 33'(events);
    return sum[32] ? '1 : sum[31:0];
  endfunction

  assign active     = write_i & enable_q;
  assign in_filters = offset_i >= ExtFilter && offset_i < ExtFilter + 8'(32 * NumFilters);
  assign filter     = FilterW'((offset_i - ExtFilter) >> 5);

  // Enable and lock.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q      <= 1'b0;
      enable_lock_q <= 1'b0;
      lock_q        <= '0;
    end else if (write_i && offset_i == ExtEnable && !enable_lock_q) begin
      if (strb_i[0]) enable_q <= wdata_i[0];
      if (strb_i[3]) enable_lock_q <= wdata_i[31];
    end else if (active && offset_i == ExtLock) begin
      lock_q <= lock_q | (NumRegions'(wdata_i) & NumRegions'({{8{strb_i[1]}}, {8{strb_i[0]}}}));
    end
  end

  // Shadow mode.
  assign control  = active && offset_i == ExtCommit && strb_i[0];
  assign commit_o = control && wdata_i[1] && shadow_q;
  assign enter_o  = shadow_d & ~shadow_q;
  assign leave_o  = ~shadow_d & shadow_q;

  always_comb begin
    shadow_d = shadow_q;
    if (control) begin
      shadow_d = wdata_i[0];
    end else if (write_i && offset_i == ExtEnable && !enable_lock_q && strb_i[0] && !wdata_i[0])
    begin
      shadow_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      shadow_q <= 1'b0;
    end else if (write_i) begin
      shadow_q <= shadow_d;
    end
  end

  // Clears, by filter.
  always_comb begin
    clear_wlast    = '0;
    clear_crossing = '0;
    clear_rd_deny  = '0;
    clear_wr_deny  = '0;
    clear_allow    = '0;
    clear_stall    = '0;
    if (active && offset_i == ExtFlags) begin
      if (strb_i[0]) clear_wlast = NumFilters'(wdata_i[3:0]);
      if (strb_i[2]) clear_crossing = NumFilters'(wdata_i[19:16]);
    end
    if (active && in_filters) begin
      unique case (offset_i[4:2])
        ExtDenyRead:  clear_rd_deny[filter] = 1'b1;
        ExtDenyWrite: clear_wr_deny[filter] = 1'b1;
        ExtAllow:     clear_allow[filter]   = 1'b1;
        ExtStall:     clear_stall[filter]   = 1'b1;
        default: ;
      endcase
    end
  end

  for (genvar f = 0; f < int'(NumFilters); f++) begin : gen_filter
    logic happens, cleared;

    assign happens = rd_deny_i[f] | wr_deny_i[f] | rd_allow_i[f] | wr_allow_i[f] | stall_i[f] |
                     wlast_wrong_i[f] | crossing_i[f];
    assign cleared = clear_wlast[f] | clear_crossing[f] | clear_rd_deny[f] | clear_wr_deny[f] |
                     clear_allow[f] | clear_stall[f];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        wlast_q[f]    <= 1'b0;
        crossing_q[f] <= 1'b0;
        rd_deny_q[f]  <= '0;
        wr_deny_q[f]  <= '0;
        allow_q[f]    <= '0;
        stall_q[f]    <= '0;
      end else if (happens || cleared) begin
        wlast_q[f]    <= (wlast_q[f] & ~clear_wlast[f]) | wlast_wrong_i[f];
        crossing_q[f] <= (crossing_q[f] & ~clear_crossing[f]) | crossing_i[f];
        rd_deny_q[f]  <= count(rd_deny_q[f], clear_rd_deny[f], 2'(rd_deny_i[f]));
        wr_deny_q[f]  <= count(wr_deny_q[f], clear_wr_deny[f], 2'(wr_deny_i[f]));
        allow_q[f]    <= count(allow_q[f], clear_allow[f],
                               2'(rd_allow_i[f]) + 2'(wr_allow_i[f]));
        stall_q[f]    <= count(stall_q[f], clear_stall[f], 2'(stall_i[f]));
      end
    end
  end

  // Reads.
  always_comb begin
    word_o = '0;
    if (access_i && enable_q) begin
      if (in_filters) begin
        unique case (offset_i[4:2])
          ExtFailNsaid: word_o = 32'(fail_nsaid_i[filter]);
          ExtDenyRead:  word_o = rd_deny_q[filter];
          ExtDenyWrite: word_o = wr_deny_q[filter];
          ExtAllow:     word_o = allow_q[filter];
          ExtStall:     word_o = stall_q[filter];
          default:      word_o = '0;
        endcase
      end else begin
        unique case (offset_i)
          ExtEnable: word_o = {enable_lock_q, 31'd1};
          ExtId:     word_o = ExtIdValue;
          ExtLock:   word_o = 32'(lock_q);
          ExtCommit: word_o = {23'd0, pending_i, 7'd0, shadow_q};
          ExtFlags:  word_o = {12'd0, 4'(crossing_q), 12'd0, 4'(wlast_q)};
          default:   word_o = '0;
        endcase
      end
    end
  end

  assign lock_o   = lock_q;
  assign shadow_o = shadow_q;

  logic unused_bits;
  assign unused_bits = ^{wdata_i, strb_i};

  // Assertions //

  `RF_ASSERT(ShadowOnlyWhenEnabled_A, !shadow_q || enable_q, clk_i, rst_ni)

endmodule
