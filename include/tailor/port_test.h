/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a port's drivers against their contracts (tailor/port/flash.h, tailor/port/time.h), on the target itself,
 * before Tailor runs over them. Needs no heap and prints nothing; docs/porting.md has a program around it. */
#ifndef TAILOR_PORT_TEST_H
#define TAILOR_PORT_TEST_H

#include <stddef.h>

#include "tailor/port/flash.h"
#include "tailor/port/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a region of the flash is checked with: bytes at least tailor_flash_geometry_t.write_granule_bytes * 4 and 256.
 */
#define TAILOR_PORT_TEST_SCRATCH_BYTES 256

/* Erases and writes two neighbouring sectors, whose content is lost: `offset` is the first one's.
 *
 * Returns null when the driver keeps the contract, else what it breaks, in words. Checked: the geometry; that an erased
 * sector reads as erased and its neighbour is left alone; that what is written is read back, byte by byte, at every
 * granule and in one call over several; that other granules stay erased; that odd offsets and lengths, a write to what
 * is written, and everything beyond the end are refused with CONTRACT and change nothing.
 * Not checked, because it cannot be from inside: what a power cut leaves behind.
 * Cost: 6 erases, and each granule of one sector written twice. */
const char* tailor_port_test_flash(const tailor_flash_t* flash, uint32_t offset);

/* Watches the clock until it has moved `steps` times, or was read `reads` times without moving. Returns null when it
 * never went back and moved, else what it did. */
const char* tailor_port_test_time(const tailor_time_t* time, unsigned steps, unsigned long reads);

#ifdef __cplusplus
}
#endif

#endif
