// SPDX-License-Identifier: Apache-2.0
// The region registers. A read or a write of one word is answered and taken in the cycle it is
// presented; a write decides from the next cycle on. Region 0 covers everything on every filter;
// only its permissions can change. Writes to a locked region are ignored.
//
// With Shadow = 1 and shadow mode on, the bus reads and writes staged values and the filters see
// those that were in force before; `commit_i` puts all staged ones in force at once, `leave_i` ends
// the mode and drops what was not committed. A locked region is never committed.

`include "assert.svh"

module tzasc_regions
  import tzasc_pkg::*;
#(
  parameter  int unsigned NumFilters = 4,
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned Shadow     = 1,
  localparam int unsigned PageW      = AddrW - 12,
  localparam int unsigned RegionW    = $clog2(NumRegions)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic                  access_i,
  input  logic                  write_i,
  input  logic [RegionW-1:0]    region_i,
  input  logic [2:0]            word_i,
  input  logic [31:0]           wdata_i,
  input  logic [3:0]            strb_i,
  output logic [31:0]           word_o,

  input  logic [NumRegions-1:0] lock_i,
  input  logic                  shadow_i,
  input  logic                  enter_i,   // shadow mode begins
  input  logic                  commit_i,
  input  logic                  leave_i,   // shadow mode ends
  output logic                  pending_o, // something is staged

  output logic [NumRegions-1:0] region_en_o    [NumFilters],
  output logic [PageW-1:0]      region_base_o  [NumRegions],
  output logic [PageW-1:0]      region_top_o   [NumRegions],
  output logic [NumRegions-1:0] secure_rd_en_o,
  output logic [NumRegions-1:0] secure_wr_en_o,
  output logic [15:0]           nsaid_rd_en_o  [NumRegions],
  output logic [15:0]           nsaid_wr_en_o  [NumRegions]
);

  function automatic logic [31:0] merge(input logic [31:0] stored, input logic [31:0] wdata,
                                        input logic [3:0] strb);
    for (int unsigned b = 0; b < 4; b++) begin
      merge[8*b+:8] = strb[b] ? wdata[8*b+:8] : stored[8*b+:8];
    end
  endfunction

  // What the bus sees. A page number is kept as wide as the registers that show it, 52 bits, before
  // it is cut to size.
  logic [PageW-1:0]      base_q [NumRegions];
  logic [PageW-1:0]      top_q  [NumRegions];
  logic [NumFilters-1:0] en_q   [NumRegions];
  logic [NumRegions-1:0] secure_rd_q, secure_wr_q;
  logic [15:0]           nsaid_rd_q [NumRegions];
  logic [15:0]           nsaid_wr_q [NumRegions];

  // What decides.
  logic [NumFilters-1:0] en_live [NumRegions];

  logic [51:0]           base, top;
  logic [NumFilters-1:0] en;
  logic [31:0]           region_new;
  logic                  takes;

  always_comb begin
    base   = '0;
    top    = '0;
    en     = '0;
    word_o = '0;
    if (access_i) begin
      base = (region_i == '0) ? '0 : 52'(base_q[region_i]);
      top  = (region_i == '0) ? 52'({PageW{1'b1}}) : 52'(top_q[region_i]);
      en   = (region_i == '0) ? {NumFilters{1'b1}} : en_q[region_i];
      unique case (word_i)
        RegionBaseLow:    word_o = {base[19:0], 12'h000};
        RegionBaseHigh:   word_o = base[51:20];
        RegionTopLow:     word_o = {top[19:0], 12'hFFF};
        RegionTopHigh:    word_o = top[51:20];
        RegionAttributes: word_o = {secure_wr_q[region_i], secure_rd_q[region_i], 30'(en)};
        RegionIdAccess:   word_o = {nsaid_wr_q[region_i], nsaid_rd_q[region_i]};
        default:          word_o = '0;
      endcase
    end
  end

  assign region_new = merge(word_o, wdata_i, strb_i);
  assign takes      = write_i && !lock_i[region_i];

  if (Shadow == 0) begin : gen_plain
    assign region_base_o  = base_q;
    assign region_top_o   = top_q;
    assign en_live        = en_q;
    assign secure_rd_en_o = secure_rd_q;
    assign secure_wr_en_o = secure_wr_q;
    assign nsaid_rd_en_o  = nsaid_rd_q;
    assign nsaid_wr_en_o  = nsaid_wr_q;
    assign pending_o      = 1'b0;

    logic unused_shadow;
    assign unused_shadow = ^{shadow_i, enter_i, commit_i, leave_i};
  end else begin : gen_shadow
    // In force while the mode is on; taken over from what the bus sees as it begins.
    logic [PageW-1:0]      base_live_q [NumRegions];
    logic [PageW-1:0]      top_live_q  [NumRegions];
    logic [NumFilters-1:0] en_live_q   [NumRegions];
    logic [NumRegions-1:0] secure_rd_live_q, secure_wr_live_q;
    logic [15:0]           nsaid_rd_live_q [NumRegions];
    logic [15:0]           nsaid_wr_live_q [NumRegions];
    logic                  pending_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        secure_rd_live_q <= '0;
        secure_wr_live_q <= '0;
        for (int unsigned n = 0; n < NumRegions; n++) begin
          base_live_q[n]     <= '0;
          top_live_q[n]      <= '0;
          en_live_q[n]       <= '0;
          nsaid_rd_live_q[n] <= '0;
          nsaid_wr_live_q[n] <= '0;
        end
      end else if (enter_i || commit_i) begin
        for (int unsigned n = 0; n < NumRegions; n++) begin
          if (enter_i || !lock_i[n]) begin
            base_live_q[n]      <= base_q[n];
            top_live_q[n]       <= top_q[n];
            en_live_q[n]        <= en_q[n];
            secure_rd_live_q[n] <= secure_rd_q[n];
            secure_wr_live_q[n] <= secure_wr_q[n];
            nsaid_rd_live_q[n]  <= nsaid_rd_q[n];
            nsaid_wr_live_q[n]  <= nsaid_wr_q[n];
          end
        end
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        pending_q <= 1'b0;
      end else if (enter_i || commit_i || leave_i) begin
        pending_q <= 1'b0;
      end else if (takes && shadow_i) begin
        pending_q <= 1'b1;
      end
    end

    assign pending_o      = pending_q;
    assign region_base_o  = shadow_i ? base_live_q : base_q;
    assign region_top_o   = shadow_i ? top_live_q : top_q;
    assign en_live        = shadow_i ? en_live_q : en_q;
    assign secure_rd_en_o = shadow_i ? secure_rd_live_q : secure_rd_q;
    assign secure_wr_en_o = shadow_i ? secure_wr_live_q : secure_wr_q;
    assign nsaid_rd_en_o  = shadow_i ? nsaid_rd_live_q : nsaid_rd_q;
    assign nsaid_wr_en_o  = shadow_i ? nsaid_wr_live_q : nsaid_wr_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      secure_rd_q <= '0;
      secure_wr_q <= '0;
      for (int unsigned n = 0; n < NumRegions; n++) begin
        base_q[n]     <= '0;
        top_q[n]      <= '0;
        en_q[n]       <= '0;
        nsaid_rd_q[n] <= '0;
        nsaid_wr_q[n] <= '0;
      end
    end else if (leave_i) begin
      // What was not committed, or is not now, is dropped.
      for (int unsigned n = 0; n < NumRegions; n++) begin
        if (!commit_i || lock_i[n]) begin
          base_q[n]      <= region_base_o[n];
          top_q[n]       <= region_top_o[n];
          en_q[n]        <= en_live[n];
          secure_rd_q[n] <= secure_rd_en_o[n];
          secure_wr_q[n] <= secure_wr_en_o[n];
          nsaid_rd_q[n]  <= nsaid_rd_en_o[n];
          nsaid_wr_q[n]  <= nsaid_wr_en_o[n];
        end
      end
    end else if (takes) begin
      unique case (word_i)
        RegionBaseLow:  base_q[region_i] <= PageW'({base[51:20], region_new[31:12]});
        RegionBaseHigh: base_q[region_i] <= PageW'({region_new, base[19:0]});
        RegionTopLow:   top_q[region_i]  <= PageW'({top[51:20], region_new[31:12]});
        RegionTopHigh:  top_q[region_i]  <= PageW'({region_new, top[19:0]});
        RegionAttributes: begin
          secure_wr_q[region_i] <= region_new[31];
          secure_rd_q[region_i] <= region_new[30];
          en_q[region_i]        <= region_new[NumFilters-1:0];
        end
        RegionIdAccess: begin
          nsaid_wr_q[region_i] <= region_new[31:16];
          nsaid_rd_q[region_i] <= region_new[15:0];
        end
        default: ;
      endcase
    end
  end

  always_comb begin
    for (int unsigned f = 0; f < NumFilters; f++) begin
      region_en_o[f] = '0;
      for (int unsigned n = 0; n < NumRegions; n++) begin
        region_en_o[f][n] = (n == 0) || en_live[n][f];
      end
    end
  end

  // Assertions //

  `RF_ASSERT(ModeChangesFromTheOther_A, !(enter_i && shadow_i) && !(leave_i && !shadow_i),
             clk_i, rst_ni)

endmodule
