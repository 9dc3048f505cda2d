// SPDX-License-Identifier: Apache-2.0
// Types at the board's boundary. Each is laid out, byte for byte, as the Rust type of the same name
// in sim/src/pins.rs (little-endian, lowest byte last here), so that the wrapper copies a payload
// in one move; sim/cpp/layout.h asserts the layout.
package board_pkg;

  localparam int unsigned AddrW = 40;
  localparam int unsigned DataW = 128;
  localparam int unsigned IdW   = 4;
  localparam int unsigned FIdW  = IdW + 3;

  typedef struct packed {
    logic [7:0]  pad;
    logic [7:0]  nsaid;
    logic [7:0]  prot;
    logic [7:0]  lock;
    logic [7:0]  burst;
    logic [7:0]  size;
    logic [7:0]  len;
    logic [7:0]  id;
    logic [63:0] addr;
  } ax_t;

  typedef struct packed {
    logic [39:0]  pad;
    logic [7:0]   last;
    logic [15:0]  strb;
    logic [127:0] data;
  } w_t;

  typedef struct packed {
    logic [39:0]  pad;
    logic [7:0]   last;
    logic [7:0]   resp;
    logic [7:0]   id;
    logic [127:0] data;
  } r_t;

  typedef struct packed {
    logic [7:0] resp;
    logic [7:0] id;
  } b_t;

  typedef struct packed {
    logic [7:0]  stop_on_error;
    logic [7:0]  stream;
    logic [7:0]  outstanding;
    logic [7:0]  burst;
    logic [15:0] tag;
    logic [15:0] rows;
    logic [31:0] stride;
    logic [31:0] len;
    logic [63:0] addr;
  } desc_t;

  typedef struct packed {
    logic [31:0] pad;
    logic [7:0]  resp;
    logic [7:0]  code;
    logic [15:0] tag;
    logic [63:0] fail_addr;
  } status_t;

  typedef struct packed {
    logic [39:0] pad;
    logic [7:0]  resp;
    logic [15:0] tag;
    logic [63:0] addr;
  } read_beat_t;

  // Input-only groups; the wrapper composes them, so they need no byte layout.
  typedef struct packed {
    logic b_ready;
    logic r_ready;
    logic w_valid;
    logic aw_valid;
    logic ar_valid;
  } raw_flags_t;

  typedef struct packed {
    logic b_valid;
    logic r_valid;
    logic w_ready;
    logic aw_ready;
    logic ar_ready;
  } mem_flags_t;

  typedef struct packed {
    logic [2:0]  prot;
    logic [3:0]  strb;
    logic        write;
    logic        enable;
    logic        sel;
    logic [11:0] addr;
    logic [31:0] wdata;
  } apb_t;

  function automatic ax_t pack_ax(logic [AddrW-1:0] addr, logic [FIdW-1:0] id, logic [7:0] len,
                                  logic [2:0] size, logic [1:0] burst, logic lock,
                                  logic [2:0] prot, logic [3:0] nsaid);
    return '{pad: '0, nsaid: 8'(nsaid), prot: 8'(prot), lock: 8'(lock), burst: 8'(burst),
             size: 8'(size), len: len, id: 8'(id), addr: 64'(addr)};
  endfunction

  function automatic w_t pack_w(logic [DataW-1:0] data, logic [DataW/8-1:0] strb, logic last);
    return '{pad: '0, last: 8'(last), strb: strb, data: data};
  endfunction

  function automatic r_t pack_r(logic [DataW-1:0] data, logic [FIdW-1:0] id, logic [1:0] resp,
                                logic last);
    return '{pad: '0, last: 8'(last), resp: 8'(resp), id: 8'(id), data: data};
  endfunction

  function automatic b_t pack_b(logic [FIdW-1:0] id, logic [1:0] resp);
    return '{resp: 8'(resp), id: 8'(id)};
  endfunction

endpackage
