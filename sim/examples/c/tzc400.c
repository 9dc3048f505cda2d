/* SPDX-License-Identifier: Apache-2.0 */
#include "tzc400.h"

enum {
  BUILD_CONFIG = 0x000,
  ACTION = 0x004,
  GATE_KEEPER = 0x008,
  INT_STATUS = 0x010,
  INT_CLEAR = 0x014,
  FAIL_ADDRESS_LOW = 0x020,
  FAIL_ADDRESS_HIGH = 0x024,
  FAIL_CONTROL = 0x028,
  FAIL_ID = 0x02c,
  FAIL_STRIDE = 0x10,
  REGION_BASE_LOW = 0x100,
  REGION_BASE_HIGH = 0x104,
  REGION_TOP_LOW = 0x108,
  REGION_TOP_HIGH = 0x10c,
  REGION_ATTRIBUTES = 0x110,
  REGION_ID_ACCESS = 0x114,
  REGION_STRIDE = 0x20,
  PID0 = 0xfe0,
  PID1 = 0xfe4,
  CID0 = 0xff0
};

#define PART 0x460u
#define COMPONENT 0xb105f00du
#define STATUS_SHIFT 16
#define SECURE_SHIFT 30

static uint32_t get(const struct tzc400 *tzc, uintptr_t offset) {
  return mmio_read_32(tzc->base + offset);
}

static void put(const struct tzc400 *tzc, uintptr_t offset, uint32_t value) {
  mmio_write_32(tzc->base + offset, value);
}

static uint32_t all_filters(const struct tzc400 *tzc) {
  return (1u << tzc->filters) - 1;
}

static void check_part(const struct tzc400 *tzc) {
  uint32_t part = get(tzc, PID0) & 0xff;
  part |= (get(tzc, PID1) & 0xf) << 8;
  if (part != PART)
    platform_panic("no TZC-400 by its part number");
}

static void check_component(const struct tzc400 *tzc) {
  uint32_t component = 0;
  for (unsigned byte = 0; byte < 4; byte++)
    component |= (uint32_t)mmio_read_8(tzc->base + CID0 + 4 * byte) << (8 * byte);
  if (component != COMPONENT)
    platform_panic("no TZC-400 by its component number");
}

void tzc400_init(struct tzc400 *tzc, uintptr_t base, enum tzc400_style style) {
  tzc->base = base;
  tzc->style = style;
  if (style == TZC400_FIRMWARE_DEBUG)
    check_part(tzc);
  if (style == TZC400_SECURE_OS)
    check_component(tzc);
  uint32_t build = get(tzc, BUILD_CONFIG);
  tzc->filters = (build >> 24 & 3) + 1;
  tzc->regions = (build & 0x1f) + 1;
}

static void write_bounds(const struct tzc400 *tzc, uintptr_t at, uint64_t base, uint64_t top) {
  put(tzc, at + REGION_BASE_LOW, (uint32_t)base);
  put(tzc, at + REGION_BASE_HIGH, (uint32_t)(base >> 32));
  put(tzc, at + REGION_TOP_LOW, (uint32_t)top);
  put(tzc, at + REGION_TOP_HIGH, (uint32_t)(top >> 32));
}

void tzc400_region0(const struct tzc400 *tzc, unsigned secure, uint32_t id_access) {
  if (tzc->style == TZC400_SECURE_OS)
    write_bounds(tzc, 0, 0, UINT32_MAX); /* read-only; the device is to take no notice */
  put(tzc, REGION_ATTRIBUTES, (uint32_t)secure << SECURE_SHIFT);
  put(tzc, REGION_ID_ACCESS, id_access);
}

void tzc400_region(const struct tzc400 *tzc, unsigned index, uint32_t filters, uint64_t base,
                   uint64_t top, unsigned secure, uint32_t id_access) {
  uintptr_t at = REGION_STRIDE * (uintptr_t)index;
  write_bounds(tzc, at, base, top);
  put(tzc, at + REGION_ATTRIBUTES, (uint32_t)secure << SECURE_SHIFT | filters);
  put(tzc, at + REGION_ID_ACCESS, id_access);
}

void tzc400_update_filters(const struct tzc400 *tzc, unsigned index, uint32_t filters) {
  uintptr_t at = REGION_STRIDE * (uintptr_t)index + REGION_ATTRIBUTES;
  put(tzc, at, (get(tzc, at) & ~all_filters(tzc)) | (filters & all_filters(tzc)));
}

void tzc400_set_action(const struct tzc400 *tzc, uint32_t action) {
  put(tzc, ACTION, action);
}

static uint32_t open_filters(const struct tzc400 *tzc) {
  return get(tzc, GATE_KEEPER) >> STATUS_SHIFT & all_filters(tzc);
}

/* Asks for the gates and waits until they are so. The hardware promises an end; no driver has one. */
static void set_gates(const struct tzc400 *tzc, uint32_t open) {
  put(tzc, GATE_KEEPER, open);
  while (open_filters(tzc) != open) {
  }
}

void tzc400_enable_filters(const struct tzc400 *tzc) {
  for (unsigned filter = 0; filter < tzc->filters; filter++) {
    if (open_filters(tzc) >> filter & 1) {
      if (filter == 0 && tzc->style != TZC400_SECURE_OS)
        continue;
      platform_panic("a filter is open already");
    }
    set_gates(tzc, open_filters(tzc) | 1u << filter);
  }
}

void tzc400_disable_filters(const struct tzc400 *tzc) {
  unsigned filter = 0;
  if (tzc->style != TZC400_SECURE_OS)
    filter = open_filters(tzc) & 1;
  for (; filter < tzc->filters; filter++)
    set_gates(tzc, open_filters(tzc) & ~(1u << filter));
}

static uint64_t failed_address(const struct tzc400 *tzc, uintptr_t at) {
  uint64_t low = get(tzc, at + FAIL_ADDRESS_LOW);
  return low | (uint64_t)get(tzc, at + FAIL_ADDRESS_HIGH) << 32;
}

int tzc400_interrupt(const struct tzc400 *tzc, struct tzc400_failure *failure) {
  unsigned filter = 0;
  while (filter < tzc->filters && !(get(tzc, INT_STATUS) >> filter & 1))
    filter++;
  if (filter == tzc->filters)
    return -1;
  if (tzc->style == TZC400_FIRMWARE_DEBUG) {
    uintptr_t at = FAIL_STRIDE * (uintptr_t)filter;
    failure->address = failed_address(tzc, at);
    failure->id = get(tzc, at + FAIL_ID);
    failure->control = get(tzc, at + FAIL_CONTROL);
  }
  put(tzc, INT_CLEAR, 1u << filter);
  return 0;
}

/* Reads FAIL_CONTROL once for each of its fields. */
static uint32_t failed_control(const struct tzc400 *tzc, uintptr_t at) {
  uint32_t control = 0;
  control |= get(tzc, at + FAIL_CONTROL) & 1u << 24; /* write */
  control |= get(tzc, at + FAIL_CONTROL) & 1u << 21; /* non-secure */
  control |= get(tzc, at + FAIL_CONTROL) & 1u << 20; /* privileged */
  return control;
}

uint32_t tzc400_fail_dump(const struct tzc400 *tzc, struct tzc400_failure failures[4]) {
  uint32_t failed = 0;
  for (unsigned filter = 0; filter < tzc->filters; filter++) {
    uintptr_t at = FAIL_STRIDE * (uintptr_t)filter;
    if (!(get(tzc, INT_STATUS) >> filter & 1))
      continue;
    failures[filter].address = failed_address(tzc, at);
    failures[filter].id = get(tzc, at + FAIL_ID);
    failures[filter].control = failed_control(tzc, at);
    failed |= 1u << filter;
  }
  return failed;
}

void tzc400_int_clear(const struct tzc400 *tzc) {
  put(tzc, INT_CLEAR, get(tzc, INT_CLEAR) | all_filters(tzc));
}

struct tzc400_region tzc400_get_config(const struct tzc400 *tzc, unsigned index) {
  uintptr_t at = REGION_STRIDE * (uintptr_t)index;
  struct tzc400_region region;
  region.base = get(tzc, at + REGION_BASE_LOW);
  region.base |= (uint64_t)get(tzc, at + REGION_BASE_HIGH) << 32;
  region.top = get(tzc, at + REGION_TOP_LOW);
  region.top |= (uint64_t)get(tzc, at + REGION_TOP_HIGH) << 32;
  region.id_access = get(tzc, at + REGION_ID_ACCESS);
  region.attributes = get(tzc, at + REGION_ATTRIBUTES);
  return region;
}
