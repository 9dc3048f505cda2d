/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests put under the driver: accessors that find the board of an address and keep a trace,
 * a panic that comes back, and calls by number. All state is a thread's own, as tests run side by
 * side.
 */
#include <setjmp.h>
#include <stddef.h>

#include "ringfence.h"
#include "tzc400.h"

#define DEVICES 2
#define BASE ((uintptr_t)0x2a4a0000)
#define STRIDE ((uintptr_t)0x10000)
#define TRACE 1024
#define PANICKED (-100)

struct shim_access {
  uint32_t write; /* 0 read */
  uint32_t bits;
  uint32_t offset;
  uint32_t value;
};

enum operation {
  INIT,
  REGION0,
  REGION,
  UPDATE_FILTERS,
  SET_ACTION,
  ENABLE_FILTERS,
  DISABLE_FILTERS,
  INTERRUPT,
  FAIL_DUMP,
  INT_CLEAR,
  GET_CONFIG
};

static _Thread_local rf_board *boards[DEVICES];
static _Thread_local struct tzc400 devices[DEVICES];
static _Thread_local struct shim_access trace[TRACE];
static _Thread_local size_t traced;
static _Thread_local jmp_buf caught;

void shim_bind(uint32_t device, rf_board *board);
size_t shim_trace(const struct shim_access **first);
int shim_call(uint32_t device, int operation, const uint64_t *in, uint64_t *out);

static rf_board *at(uintptr_t address) {
  return boards[(address - BASE) / STRIDE];
}

static void keep(uint32_t write, uint32_t bits, uintptr_t address, uint32_t value) {
  struct shim_access access = {write, bits, (uint32_t)((address - BASE) % STRIDE), value};
  if (traced == TRACE)
    longjmp(caught, 2); /* a poll that does not end */
  trace[traced++] = access;
}

uint32_t mmio_read_32(uintptr_t address) {
  uint32_t value = rf_mmio_read32(at(address), (address - BASE) % STRIDE, RF_SECURE);
  keep(0, 32, address, value);
  return value;
}

uint8_t mmio_read_8(uintptr_t address) {
  uint8_t value = rf_mmio_read8(at(address), (address - BASE) % STRIDE, RF_SECURE);
  keep(0, 8, address, value);
  return value;
}

void mmio_write_32(uintptr_t address, uint32_t value) {
  rf_mmio_write32(at(address), (address - BASE) % STRIDE, RF_SECURE, value);
  keep(1, 32, address, value);
}

void platform_panic(const char *why) {
  (void)why;
  longjmp(caught, 1);
}

/* Gives device 0 or 1 its board. */
void shim_bind(uint32_t device, rf_board *board) {
  boards[device] = board;
}

/* How many accesses there were since the last time, and where they are until the next call. */
size_t shim_trace(const struct shim_access **first) {
  size_t count = traced;
  *first = trace;
  traced = 0;
  return count;
}

static int dispatch(struct tzc400 *tzc, uint32_t device, int operation, const uint64_t *in,
                    uint64_t *out) {
  struct tzc400_failure failures[4] = {{0, 0, 0}};
  struct tzc400_region region;
  int result = 0;
  switch (operation) {
  case INIT:
    tzc400_init(tzc, BASE + STRIDE * device, (enum tzc400_style)in[0]);
    break;
  case REGION0:
    tzc400_region0(tzc, (unsigned)in[0], (uint32_t)in[1]);
    break;
  case REGION:
    tzc400_region(tzc, (unsigned)in[0], (uint32_t)in[1], in[2], in[3], (unsigned)in[4],
                  (uint32_t)in[5]);
    break;
  case UPDATE_FILTERS:
    tzc400_update_filters(tzc, (unsigned)in[0], (uint32_t)in[1]);
    break;
  case SET_ACTION:
    tzc400_set_action(tzc, (uint32_t)in[0]);
    break;
  case ENABLE_FILTERS:
    tzc400_enable_filters(tzc);
    break;
  case DISABLE_FILTERS:
    tzc400_disable_filters(tzc);
    break;
  case INTERRUPT:
    result = tzc400_interrupt(tzc, failures);
    break;
  case FAIL_DUMP:
    result = (int)tzc400_fail_dump(tzc, failures);
    break;
  case INT_CLEAR:
    tzc400_int_clear(tzc);
    break;
  case GET_CONFIG:
    region = tzc400_get_config(tzc, (unsigned)in[0]);
    out[0] = region.base;
    out[1] = region.top;
    out[2] = region.attributes;
    out[3] = region.id_access;
    return 0;
  default:
    return PANICKED - 1;
  }
  for (size_t filter = 0; filter < 4; filter++) {
    out[3 * filter] = failures[filter].address;
    out[3 * filter + 1] = failures[filter].control;
    out[3 * filter + 2] = failures[filter].id;
  }
  return result;
}

/* Calls the driver: in has six words, out has room for twelve. A panic gives PANICKED. */
int shim_call(uint32_t device, int operation, const uint64_t *in, uint64_t *out) {
  if (setjmp(caught))
    return PANICKED;
  return dispatch(&devices[device], device, operation, in, out);
}
