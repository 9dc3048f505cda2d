// SPDX-License-Identifier: Apache-2.0
// What the DMA engines and their users agree on.
package dma_pkg;

  // How a descriptor ended. A refused descriptor has made no bus access and takes no data from the
  // write stream. Stopped: an error was seen and bursts of the descriptor were withheld for it.
  typedef enum logic [2:0] {
    Done           = 3'd0,
    Stopped        = 3'd1,
    RefusedZero    = 3'd2,
    RefusedWrap    = 3'd3,
    RefusedOverlap = 3'd4,
    RefusedBurst   = 3'd5
  } code_e;

  // AXI4 encodings that every burst of an engine carries.
  localparam logic [1:0] BurstIncr   = 2'b01;
  localparam logic [2:0] Size16Bytes = 3'd4;

  // Most bursts an engine has outstanding: one an ID.
  localparam int unsigned NumIds = 16;

  // Beats that one 4 KiB page holds; no burst crosses its end (AXI4, A3.4.1).
  localparam int unsigned PageBeats = 256;

endpackage
