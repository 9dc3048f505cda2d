// SPDX-License-Identifier: Apache-2.0
// Constants of a TZC-400-compatible address space controller: register offsets, AXI codes, field
// positions. Offsets are byte offsets into the 4 KiB APB window.

package tzasc_pkg;

  // AXI4 response and burst codes.
  typedef enum logic [1:0] {
    RespOkay   = 2'd0,
    RespExokay = 2'd1,
    RespSlverr = 2'd2,
    RespDecerr = 2'd3
  } resp_e;

  typedef enum logic [1:0] {
    BurstFixed    = 2'd0,
    BurstIncr     = 2'd1,
    BurstWrap     = 2'd2,
    BurstReserved = 2'd3
  } burst_e;

  // What the W stream does with the beats of one accepted write.
  typedef enum logic [1:0] {
    WritePass    = 2'd0,  // to the downstream side, unchanged
    WriteBlank   = 2'd1,  // to the downstream side, data and strobes zero (speculative denial)
    WriteSwallow = 2'd2   // nowhere
  } write_kind_e;

  // Control and interrupt registers.
  localparam logic [11:0] BuildConfigOffset  = 12'h000;
  localparam logic [11:0] ActionOffset       = 12'h004;
  localparam logic [11:0] GateKeeperOffset   = 12'h008;
  localparam logic [11:0] SpecControlOffset  = 12'h00C;
  localparam logic [11:0] IntStatusOffset    = 12'h010;
  localparam logic [11:0] IntClearOffset     = 12'h014;

  // Fail log of filter f at FailOffset + 0x10 * f; word numbers inside it.
  localparam logic [11:0] FailOffset         = 12'h020;
  localparam logic [1:0]  FailAddressLow     = 2'd0;
  localparam logic [1:0]  FailAddressHigh    = 2'd1;
  localparam logic [1:0]  FailControl        = 2'd2;
  localparam logic [1:0]  FailId             = 2'd3;

  // Region n at RegionOffset + 0x20 * n; word numbers inside it.
  localparam logic [11:0] RegionOffset       = 12'h100;
  localparam logic [2:0]  RegionBaseLow      = 3'd0;
  localparam logic [2:0]  RegionBaseHigh     = 3'd1;
  localparam logic [2:0]  RegionTopLow       = 3'd2;
  localparam logic [2:0]  RegionTopHigh      = 3'd3;
  localparam logic [2:0]  RegionAttributes   = 3'd4;
  localparam logic [2:0]  RegionIdAccess     = 3'd5;

  // The extension block, inside which offsets have 8 bits.
  localparam logic [11:0] ExtOffset          = 12'hE00;
  localparam logic [7:0]  ExtEnable          = 8'h00;
  localparam logic [7:0]  ExtId              = 8'h04;
  localparam logic [7:0]  ExtLock            = 8'h08;
  localparam logic [7:0]  ExtCommit          = 8'h0C;
  localparam logic [7:0]  ExtFlags           = 8'h10;
  localparam logic [31:0] ExtIdValue         = 32'h5246_0001;

  // Filter f at ExtFilter + 0x20 * f; word numbers inside it.
  localparam logic [7:0]  ExtFilter          = 8'h40;
  localparam logic [2:0]  ExtFailNsaid       = 3'd0;
  localparam logic [2:0]  ExtDenyRead        = 3'd1;
  localparam logic [2:0]  ExtDenyWrite       = 3'd2;
  localparam logic [2:0]  ExtAllow           = 3'd3;
  localparam logic [2:0]  ExtStall           = 3'd4;

  // Identification registers, one byte a word from IdOffset: PID4..7, PID0..3, CID0..3.
  localparam logic [11:0] IdOffset           = 12'hFD0;

  // The identification byte at word `index` from IdOffset (part 0x460, r0p1 class).
  function automatic logic [7:0] id_byte(input logic [3:0] index);
    unique case (index)
      4'd0:    return 8'h04;
      4'd4:    return 8'h60;
      4'd5:    return 8'hB4;
      4'd6:    return 8'h2B;
      4'd8:    return 8'h0D;
      4'd9:    return 8'hF0;
      4'd10:   return 8'h05;
      4'd11:   return 8'hB1;
      default: return 8'h00;
    endcase
  endfunction

endpackage
