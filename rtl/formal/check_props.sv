// SPDX-License-Identifier: Apache-2.0
// Proof of the check function alone: tzasc_check against the verdict of the specification, for all
// inputs (combinational), and byte by byte: a symbolic byte of a symbolic beat of an allowed burst,
// addressed by the AXI4 rules, lies in the page of the address, and at every byte of that page
// exactly one region, or region 0 alone, grants the access.
// Reductions: none (9 regions, 40-bit addresses, 128-bit data).

`include "prove.svh"

module check_props #(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned DataW      = 128,
  localparam int unsigned PageW      = AddrW - 12
) (
  input logic                  clk_i,
  input logic                  valid_i,
  input logic [AddrW-1:0]      addr_i,
  input logic [7:0]            len_i,
  input logic [2:0]            size_i,
  input logic [1:0]            burst_i,
  input logic                  lock_i,
  input logic                  nonsecure_i,
  input logic [3:0]            nsaid_i,
  input logic [NumRegions-1:0] region_en_i,
  input logic [PageW-1:0]      region_base_i [NumRegions],
  input logic [PageW-1:0]      region_top_i  [NumRegions],
  input logic [NumRegions-1:0] secure_en_i,
  input logic [15:0]           nsaid_en_i    [NumRegions],
  input logic                  spec_disable_i,
  input logic [7:0]            beat_i,  // symbolic beat
  input logic [6:0]            byte_i,  // symbolic byte of it
  input logic [11:0]           free_offset_i  // symbolic byte of the page
);

  logic allow, overlap, speculative;
  logic malformed, spec_allow, spec_overlap, spec_speculative;

  tzasc_check #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_dut (
    .valid_i, .addr_i, .len_i, .size_i, .burst_i, .lock_i, .nonsecure_i, .nsaid_i,
    .region_en_i, .region_base_i, .region_top_i, .secure_en_i, .nsaid_en_i, .spec_disable_i,
    .allow_o      (allow),
    .overlap_o    (overlap),
    .speculative_o(speculative)
  );

  verdict #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW),
    .DataW     (DataW)
  ) u_verdict (
    .addr_i, .len_i, .size_i, .burst_i, .lock_i, .nonsecure_i, .nsaid_i,
    .region_en_i, .region_base_i, .region_top_i, .secure_en_i, .nsaid_en_i, .spec_disable_i,
    .malformed_o  (malformed),
    .overlap_o    (spec_overlap),
    .allow_o      (spec_allow),
    .speculative_o(spec_speculative)
  );

  // The symbolic byte, as its distance from the start of the 4 KiB page of the address. A WRAP
  // container is at most 2 KiB and aligned, so its lower bound is in that page.
  logic [16:0] start, container, beat_start, byte_offset;
  logic        byte_exists;

  assign start     = 17'(addr_i[11:0]);
  assign container = (17'(len_i) + 17'd1) << size_i;

  always_comb begin
    beat_start = (start >> size_i) << size_i;
    if (burst_i == 2'd1) beat_start = beat_start + (17'(beat_i) << size_i);
    if (burst_i == 2'd2) begin
      beat_start = (start & ~(container - 17'd1)) |
                   ((start + (17'(beat_i) << size_i)) & (container - 17'd1));
    end
    byte_offset = beat_start + 17'(byte_i);
  end

  assign byte_exists = beat_i <= len_i && 8'(byte_i) < (8'd1 << size_i);

  // The regions at a byte of the page.
  logic [AddrW-1:0]      byte_addr;
  logic [NumRegions-1:0] hit, grant;
  logic                  byte_granted;

  assign byte_addr = {addr_i[AddrW-1:12], free_offset_i};

  always_comb begin
    for (int unsigned n = 0; n < NumRegions; n++) begin
      grant[n] = nonsecure_i ? nsaid_en_i[n][nsaid_i] : secure_en_i[n];
      hit[n]   = n != 0 && region_en_i[n] && {region_base_i[n], 12'h000} <= byte_addr &&
                 byte_addr <= {region_top_i[n], 12'hFFF};
    end
  end

  assign byte_granted = hit == '0 ? grant[0] : ($onehot(hit) && (hit & grant) != '0);

  logic live;
  assign live = 1'b1;

  `RF_PROVE(CheckAllow_P, allow == (valid_i && spec_allow), clk_i, live)
  `RF_PROVE(CheckOverlap_P, overlap == (valid_i && spec_overlap), clk_i, live)
  `RF_PROVE(CheckSpeculative_P, speculative == (valid_i && spec_speculative), clk_i, live)
  `RF_PROVE(AllowedByteIsInPage_P, !(allow && byte_exists) || byte_offset < 17'h1000, clk_i, live)
  `RF_PROVE(PageByteIsGranted_P, !allow || byte_granted, clk_i, live)

  `RF_COVER(Allowed_C, allow && burst_i == 2'd2 && hit[NumRegions-1], clk_i, live)
  `RF_COVER(Denied_C, valid_i && !allow && !malformed, clk_i, live)
  `RF_COVER(Overlap_C, overlap, clk_i, live)
  `RF_COVER(EndsOnEdge_C, allow && burst_i == 2'd1 && len_i == 8'd255 && addr_i[11:0] == 12'hC00,
            clk_i, live)

endmodule
