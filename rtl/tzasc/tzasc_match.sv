// SPDX-License-Identifier: Apache-2.0
// Region hits of one address on one filter: which region decides, and whether more than one of
// regions 1 and up claims it. Region 0 decides where no other does. TOP is inclusive, both bounds
// are 4 KiB pages, and a region whose base is above its top never hits. Combinational; all zero
// while `valid_i` is low.

module tzasc_match #(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  localparam int unsigned PageW      = AddrW - 12
) (
  input  logic                  valid_i,
  input  logic [PageW-1:0]      page_i,
  input  logic [NumRegions-1:0] region_en_i,
  input  logic [PageW-1:0]      region_base_i [NumRegions],
  input  logic [PageW-1:0]      region_top_i  [NumRegions],
  output logic [NumRegions-1:0] hit_o,
  output logic                  overlap_o
);

  logic [NumRegions-1:1] above_zero;

  always_comb begin
    above_zero = '0;
    if (valid_i) begin
      for (int unsigned n = 1; n < NumRegions; n++) begin
        above_zero[n] = region_en_i[n] && region_base_i[n] <= page_i && page_i <= region_top_i[n];
      end
    end
  end

  assign hit_o     = {above_zero, valid_i & region_en_i[0] & (above_zero == '0)};
  assign overlap_o = |(above_zero & (above_zero - (NumRegions - 1)'(1)));

endmodule
