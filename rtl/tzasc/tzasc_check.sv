// SPDX-License-Identifier: Apache-2.0
// The verdict on one address of one direction. Denied unless exactly one region decides, that
// region grants the access, and the burst is well formed. Combinational; denies while `valid_i` is
// low. The caller samples it on the cycle of the address handshake and never again.

module tzasc_check
  import tzasc_pkg::burst_e;
  import tzasc_pkg::BurstFixed;
  import tzasc_pkg::BurstIncr;
  import tzasc_pkg::BurstWrap;
#(
  parameter  int unsigned NumRegions = 9,
  parameter  int unsigned AddrW      = 40,
  parameter  int unsigned DataW      = 128,
  localparam int unsigned PageW      = AddrW - 12,
  localparam int unsigned RegionW    = $clog2(NumRegions)
) (
  input  logic                  valid_i,
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
  input  logic [NumRegions-1:0] secure_en_i,               // s_rd_en or s_wr_en
  input  logic [15:0]           nsaid_en_i    [NumRegions],  // nsaid_rd_en or nsaid_wr_en
  input  logic                  spec_disable_i,

  output logic                  allow_o,
  output logic                  overlap_o,     // denied because several regions claim the address
  output logic                  speculative_o, // the address may go on whatever the verdict
  output logic                  crossing_o     // an INCR that leaves its page
);

  localparam logic [2:0] BusSize = 3'($clog2(DataW / 8));

  // Bytes from the size-aligned start to the end of the burst, at most 128 * 256.
  function automatic logic [15:0] burst_bytes(input logic [7:0] len, input logic [2:0] size);
    return (16'(len) + 16'd1) << size;
  endfunction

  function automatic logic is_aligned(input logic [11:0] offset, input logic [2:0] size);
    return (offset & ((12'd1 << size) - 12'd1)) == '0;
  endfunction

  function automatic logic is_power_of_two(input logic [7:0] len);
    return (len & (len + 8'd1)) == '0;
  endfunction

  function automatic logic leaves_page(input logic [11:0] offset, input logic [7:0] len,
                                       input logic [2:0] size);
    logic [11:0] start;
    start = offset & ~((12'd1 << size) - 12'd1);
    return 17'(start) + 17'(burst_bytes(len, size)) > 17'h1000;
  endfunction

  // The shape of the burst, by its type alone.
  function automatic logic is_bad_burst(input logic [11:0] offset, input logic [7:0] len,
                                        input logic [2:0] size, input burst_e burst);
    unique case (burst)
      BurstFixed: return len > 8'd15;
      BurstIncr:  return leaves_page(offset, len, size);
      BurstWrap:  return len == 8'd0 || len > 8'd15 || !is_power_of_two(len) ||
                         !is_aligned(offset, size);
      default:    return 1'b1;
    endcase
  endfunction

  // Exclusive: at most 128 bytes and 16 beats, a power of two, aligned to the whole (IHI 0022,
  // A7.2.4).
  function automatic logic is_bad_exclusive(input logic [11:0] offset, input logic [7:0] len,
                                            input logic [2:0] size);
    logic [15:0] total;
    total = burst_bytes(len, size);
    return total > 16'd128 || len > 8'd15 || !is_power_of_two(len) ||
           (offset & 12'(total - 16'd1)) != '0;
  endfunction

  logic [RegionW-1:0] region;
  logic               overlap;
  logic               granted;
  logic               malformed;

  tzasc_match #(
    .NumRegions(NumRegions),
    .AddrW     (AddrW)
  ) u_match (
    .valid_i,
    .page_i       (addr_i[AddrW-1:12]),
    .region_en_i,
    .region_base_i,
    .region_top_i,
    .region_o     (region),
    .overlap_o    (overlap)
  );

  assign granted   = nonsecure_i ? nsaid_en_i[region][nsaid_i] : secure_en_i[region];
  assign malformed = size_i > BusSize ||
                     is_bad_burst(addr_i[11:0], len_i, size_i, burst_e'(burst_i)) ||
                     (lock_i && is_bad_exclusive(addr_i[11:0], len_i, size_i));

  // A malformed burst is a permission failure, whatever regions its start address meets.
  assign allow_o       = valid_i & ~malformed & ~overlap & granted;
  assign overlap_o     = valid_i & ~malformed & overlap;
  assign speculative_o = valid_i & ~malformed & ~lock_i & ~spec_disable_i;
  assign crossing_o    = valid_i && burst_e'(burst_i) == BurstIncr &&
                         leaves_page(addr_i[11:0], len_i, size_i);

endmodule
