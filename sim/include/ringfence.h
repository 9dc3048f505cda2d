/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a TZC-400 driver written for the chip against the ringfence board in RTL.
 *
 * A driver reaches its registers through accessors that take an address. Replace those by a shim
 * that maps the address to a board; the driver itself stays as it is:
 *
 *     static rf_board *board;
 *     #define BASE ((uintptr_t)0x2a4a0000)
 *     uint32_t mmio_read_32(uintptr_t a) { return rf_mmio_read32(board, a - BASE, RF_SECURE); }
 *     void mmio_write_32(uintptr_t a, uint32_t v) { rf_mmio_write32(board, a - BASE, RF_SECURE, v); }
 *
 * docs/c-driver.md has a whole program and how to link it.
 *
 * Any number of boards may exist. A board belongs to one thread at a time. Every call ends: a load
 * or a store after 2000 cycles at most, an access after 4000, rf_step after the cycles that it is
 * told. A call with a null board does nothing but say so where it has an error to return. A board
 * that was freed, or a pointer that did not come from rf_board_new, must not be used.
 */
#ifndef RINGFENCE_H
#define RINGFENCE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The firewall, its masters and a memory behind it. */
typedef struct rf_board rf_board;

/* What rf_take_error, rf_access and rf_interrupt return when something is wrong. */
enum {
  RF_OK = 0,
  RF_ERROR_NULL = -1,     /* the board or the data pointer is null */
  RF_ERROR_ARGUMENT = -2, /* a master, an address, an NSAID or a protection that does not exist */
  RF_ERROR_OFFSET = -3,   /* outside the window of 4096 bytes, or a word that is not aligned */
  RF_ERROR_RESPONSE = -4, /* the register bus answered with an error (PSLVERR) */
  RF_ERROR_TIMEOUT = -5,  /* no answer in 2000 cycles */
  RF_ERROR_MODEL = -6,    /* the RTL broke one of its assertions or an AXI rule; stays so */
  RF_ERROR_INTERNAL = -7  /* a fault of ringfence itself; the board answers nothing else any more */
};

/* Protection of an access, as PPROT and AxPROT: 1 privileged, 2 non-secure, 4 instruction. */
enum {
  RF_SECURE = 1,    /* firmware, the secure OS */
  RF_NONSECURE = 3  /* the kernel; the registers refuse it */
};

/* AXI responses that rf_access returns. */
enum {
  RF_OKAY = 0,
  RF_EXOKAY = 1,
  RF_SLVERR = 2, /* memory's; a denial is never one */
  RF_DECERR = 3
};

/*
 * A board after reset, all gates closed. Shapes: "f1" has one filter, "f4" four, of which a page
 * of 4096 bytes each takes its turn: filter (address / 4096) % 4. Null when the shape is null or
 * another one.
 */
rf_board *rf_board_new(const char *shape);

/* Frees a board. Null does nothing. */
void rf_board_free(rf_board *board);

/*
 * Loads and stores of the registers, by byte offset; a word's offset is a multiple of 4. Each takes
 * three cycles of the board. A byte is read by a 32-bit transfer and written by a 32-bit transfer
 * with one strobe, as a bus adapter does it. A failed load gives 0, a failed store does nothing;
 * rf_take_error says why.
 */
uint32_t rf_mmio_read32(rf_board *board, uintptr_t offset, uint8_t prot);
uint8_t rf_mmio_read8(rf_board *board, uintptr_t offset, uint8_t prot);
void rf_mmio_write32(rf_board *board, uintptr_t offset, uint8_t prot, uint32_t value);
void rf_mmio_write8(rf_board *board, uintptr_t offset, uint8_t prot, uint8_t value);

/*
 * The first error of a load or store since the last call, else RF_OK; so one call behind a driver
 * that knows no errors says whether all its accesses were right.
 */
int rf_take_error(rf_board *board);

/* Lets cycles of the board pass. */
void rf_step(rf_board *board, uint32_t cycles);

/* The interrupt line of the firewall: 1 high, 0 low, or a negative error. */
int rf_interrupt(rf_board *board);

/*
 * One access of four bytes by a master of the board, through the firewall to memory and back: what
 * it takes to see the firewall deny and to provoke its interrupt. master is 0 to 7 and shows in
 * FAIL_ID as master * 16; address is a multiple of 4 below 2^40; nsaid is 0 to 15; write is 0 to
 * read. data is what is written, or takes what is read. Memory that was never written reads
 * 0xeeeeeeee.
 *
 * Returns the AXI response, or a negative error. With RF_ERROR_TIMEOUT (its gate is closed) the
 * access stays on the bus, as AXI demands: it goes through when the gate opens, and the master's
 * next access waits for it.
 */
int rf_access(rf_board *board, uint32_t master, uint64_t address, uint8_t nsaid, uint8_t prot,
              int write, uint32_t *data);

#ifdef __cplusplus
}
#endif

#endif
