/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of the TZC-400, as one is written for a chip. It makes the register accesses of existing
 * drivers in their order: of one kind in firmware, of another in a secure OS.
 */
#ifndef TZC400_H
#define TZC400_H

#include <stdbool.h>
#include <stdint.h>

/* What a platform gives to its drivers. */
uint32_t mmio_read_32(uintptr_t address);
uint8_t mmio_read_8(uintptr_t address);
void mmio_write_32(uintptr_t address, uint32_t value);
void platform_panic(const char *why); /* does not return */

/* Whose habits the driver has. */
enum tzc400_style {
  TZC400_FIRMWARE,       /* never closes filter 0, behind which its own code is */
  TZC400_FIRMWARE_DEBUG, /* the same; looks at the part number and reads what failed */
  TZC400_SECURE_OS
};

struct tzc400 {
  uintptr_t base;
  enum tzc400_style style;
  unsigned filters;
  unsigned regions;
};

/* A region's registers as they are read back. */
struct tzc400_region {
  uint64_t base;
  uint64_t top; /* inclusive */
  uint32_t attributes;
  uint32_t id_access;
};

/* The first failure of a filter. */
struct tzc400_failure {
  uint64_t address;
  uint32_t control;
  uint32_t id;
};

/* Finds the device; panics where it is another one. */
void tzc400_init(struct tzc400 *tzc, uintptr_t base, enum tzc400_style style);

/* Region 0: everything that no other region has. secure: bit 0 read, bit 1 write. */
void tzc400_region0(const struct tzc400 *tzc, unsigned secure, uint32_t id_access);

/* A region of 1 to 8, from base to top, both inclusive, on the filters of the mask. */
void tzc400_region(const struct tzc400 *tzc, unsigned index, uint32_t filters, uint64_t base,
                   uint64_t top, unsigned secure, uint32_t id_access);

/* Changes the filters of a region. */
void tzc400_update_filters(const struct tzc400 *tzc, unsigned index, uint32_t filters);

/* What denied accesses come to: bit 0 an error response, bit 1 the interrupt. */
void tzc400_set_action(const struct tzc400 *tzc, uint32_t action);

/* Opens every filter; panics when one is open that must not be. */
void tzc400_enable_filters(const struct tzc400 *tzc);

/* Closes the filters, in firmware all but an open filter 0. */
void tzc400_disable_filters(const struct tzc400 *tzc);

/* Firmware: handles one failed filter; 0, or -1 when none has failed. */
int tzc400_interrupt(const struct tzc400 *tzc, struct tzc400_failure *failure);

/* Secure OS: reads what failed, an entry a filter; gives the mask of filters that did. */
uint32_t tzc400_fail_dump(const struct tzc400 *tzc, struct tzc400_failure failures[4]);

/* Secure OS: clears the failures of all filters. */
void tzc400_int_clear(const struct tzc400 *tzc);

/* Reads a region back. */
struct tzc400_region tzc400_get_config(const struct tzc400 *tzc, unsigned index);

#endif
