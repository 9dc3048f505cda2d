// SPDX-License-Identifier: Apache-2.0
// Lowest set bit of a bitmap, as one-hot and as index. Combinational; `idx_o` is 0 when there is
// none.

module tzasc_lowest #(
  parameter  int unsigned N    = 64,
  localparam int unsigned IdxW = $clog2(N)
) (
  input  logic [N-1:0]    req_i,
  output logic            any_o,
  output logic [N-1:0]    onehot_o,
  output logic [IdxW-1:0] idx_o
);

  // Ones at the positions whose number has bit `b` set.
  function automatic logic [N-1:0] positions(input int unsigned b);
    for (int unsigned i = 0; i < N; i++) positions[i] = 1'(i >> b);
  endfunction

  assign any_o    = |req_i;
  assign onehot_o = req_i & (~req_i + N'(1));

  for (genvar b = 0; b < int'(IdxW); b++) begin : gen_idx
    localparam logic [N-1:0] Positions = positions(b);
    assign idx_o[b] = |(onehot_o & Positions);
  end

endmodule
