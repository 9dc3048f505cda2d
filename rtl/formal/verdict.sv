// SPDX-License-Identifier: Apache-2.0
// The verdict on one address, written from the specification (rules N2, N3, N4, N13, N14) and not
// from tzasc_check: whole byte addresses, a hit for each region, a count of the hits. Combinational.

module verdict #(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned DataW      = 128,
  localparam int unsigned PageW      = AddrW - 12
) (
  input  logic [AddrW-1:0]      addr_i,
  input  logic [7:0]            len_i,
  input  logic [2:0]            size_i,
  input  logic [1:0]            burst_i,
  input  logic                  lock_i,
  input  logic                  nonsecure_i,
  input  logic [3:0]            nsaid_i,
  input  logic [NumRegions-1:0] region_en_i,
  input  logic [PageW-1:0]      region_base_i [NumRegions],
  input  logic [PageW-1:0]      region_top_i  [NumRegions],
  input  logic [NumRegions-1:0] secure_en_i,
  input  logic [15:0]           nsaid_en_i    [NumRegions],
  input  logic                  spec_disable_i,

  output logic                  malformed_o,
  output logic                  overlap_o,
  output logic                  allow_o,
  output logic                  speculative_o  // may be seen downstream although denied
);

  // N14. In 32 bits: a burst has at most 256 * 128 bytes.
  logic [31:0] beat_bytes, total, offset, first, past;

  assign beat_bytes = 32'd1 << size_i;
  assign total      = (32'(len_i) + 32'd1) << size_i;
  assign offset     = 32'(addr_i[11:0]);
  assign first      = (offset >> size_i) << size_i;
  assign past       = first + total;

  always_comb begin
    malformed_o = 1'b0;
    if (beat_bytes > 32'(DataW / 8)) malformed_o = 1'b1;
    case (burst_i)
      2'd0: if (len_i >= 8'd16) malformed_o = 1'b1;
      2'd1: if (past > 32'd4096) malformed_o = 1'b1;
      2'd2: begin
        if (len_i != 8'd1 && len_i != 8'd3 && len_i != 8'd7 && len_i != 8'd15) malformed_o = 1'b1;
        if (first != offset) malformed_o = 1'b1;
      end
      default: malformed_o = 1'b1;
    endcase
    if (lock_i) begin
      if (len_i >= 8'd16) malformed_o = 1'b1;  // IHI 0022, A7.2.4
      case (total)
        32'd1, 32'd2, 32'd4, 32'd8, 32'd16, 32'd32, 32'd64, 32'd128:
          if ((offset & (total - 32'd1)) != 32'd0) malformed_o = 1'b1;
        default: malformed_o = 1'b1;
      endcase
    end
  end

  // N2, N3, N13.
  logic [NumRegions-1:0] hit, grant;
  logic [3:0]            hits;

  always_comb begin
    hit  = '0;
    hits = '0;
    for (int unsigned n = 0; n < NumRegions; n++) begin
      grant[n] = nonsecure_i ? nsaid_en_i[n][nsaid_i] : secure_en_i[n];
      if (n != 0) begin
        hit[n] = region_en_i[n] && {region_base_i[n], 12'h000} <= addr_i &&
                 addr_i <= {region_top_i[n], 12'hFFF};
        hits   = hits + 4'(hit[n]);
      end
    end
  end

  always_comb begin
    allow_o = 1'b0;
    if (!malformed_o) begin
      if (hits == 4'd0) allow_o = grant[0];
      if (hits == 4'd1) allow_o = |(hit & grant);
    end
  end

  assign overlap_o     = !malformed_o && hits >= 4'd2;
  assign speculative_o = !spec_disable_i && !lock_i && !malformed_o;

endmodule
