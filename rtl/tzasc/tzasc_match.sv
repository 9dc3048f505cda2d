// SPDX-License-Identifier: Apache-2.0
// The region that decides on one address on one filter, and whether more than one of regions 1 and
// up claims it. Region 0 decides where no other does. TOP is inclusive, both bounds are 4 KiB
// pages, and a region whose base is above its top never matches. Combinational; region 0 while
// `valid_i` is low.

module tzasc_match #(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  localparam int unsigned PageW      = AddrW - 12,
  localparam int unsigned RegionW    = $clog2(NumRegions)
) (
  input  logic                  valid_i,
  input  logic [PageW-1:0]      page_i,
  input  logic [NumRegions-1:0] region_en_i,
  input  logic [PageW-1:0]      region_base_i [NumRegions],
  input  logic [PageW-1:0]      region_top_i  [NumRegions],
  output logic [RegionW-1:0]    region_o,
  output logic                  overlap_o
);

  always_comb begin
    region_o  = '0;
    overlap_o = 1'b0;
    if (valid_i) begin
      for (int unsigned n = 1; n < NumRegions; n++) begin
        if (region_en_i[n] && region_base_i[n] <= page_i && page_i <= region_top_i[n]) begin
          overlap_o = overlap_o | (region_o != '0);
          region_o  = RegionW'(n);
        end
      end
    end
  end

endmodule
