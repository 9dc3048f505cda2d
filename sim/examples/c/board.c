/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "ringfence.h"
#include "tzc400.h"

/* The shim: what the platform gave to the driver, now given by the board. */
#define BASE ((uintptr_t)0x2a4a0000)
static rf_board *board;

uint32_t mmio_read_32(uintptr_t a) { return rf_mmio_read32(board, a - BASE, RF_SECURE); }
uint8_t mmio_read_8(uintptr_t a) { return rf_mmio_read8(board, a - BASE, RF_SECURE); }
void mmio_write_32(uintptr_t a, uint32_t v) { rf_mmio_write32(board, a - BASE, RF_SECURE, v); }

void platform_panic(const char *why) {
  fprintf(stderr, "panic: %s\n", why);
  exit(1);
}

/* A protected region on all four filters for identity 7; identity 9 has the memory above it. */
static void set_up(struct tzc400 *tzc) {
  tzc400_init(tzc, BASE, TZC400_FIRMWARE_DEBUG);
  tzc400_disable_filters(tzc);
  tzc400_region0(tzc, 0, 0);
  tzc400_region(tzc, 1, 0xf, 0x80000000, 0x80ffffff, 0, 0x00800080);
  tzc400_region(tzc, 2, 0xf, 0x81000000, 0x8fffffff, 0, 0x02000200);
  tzc400_set_action(tzc, 3);
  tzc400_enable_filters(tzc);
}

int main(void) {
  struct tzc400 tzc;
  struct tzc400_failure failure;
  uint32_t word = 0x600df00d;

  board = rf_board_new("f4");
  if (!board)
    return 2;
  set_up(&tzc);

  /* Master 3 may, master 5 may not: each page is behind another filter. */
  if (rf_access(board, 3, 0x80001000, 7, RF_NONSECURE, 1, &word) != RF_OKAY)
    return 3;
  for (uint64_t page = 0; page < 4; page++)
    if (rf_access(board, 5, 0x80000000 + 4096 * page, 9, RF_NONSECURE, 0, &word) != RF_DECERR)
      return 4;

  /* One failed filter a call, until the line falls. */
  while (rf_interrupt(board) == 1 && tzc400_interrupt(&tzc, &failure) == 0)
    printf("denied: %#llx, control %#x, id %#x\n", (unsigned long long)failure.address,
           failure.control, failure.id);

  int error = rf_take_error(board);
  rf_board_free(board);
  return error == RF_OK ? 0 : 5;
}
