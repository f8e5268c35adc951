/* SPDX-License-Identifier: Apache-2.0 */
/* Port: NOR flash, or anything that keeps its rules. One object is one linear address space that starts at offset 0;
 * the core divides it into regions (docs/formats/flash.md). The port knows nothing of records, slots or images.
 *
 * Call sequence:
 *   1. The board fills a tailor_flash_t, once, before anything else of Tailor runs. Its geometry never changes.
 *   2. read() at any time: any offset, any length inside the device.
 *   3. erase() a sector: afterwards every byte of it reads as erased_value.
 *   4. write() to granules that were erased since they were last written. A granule is written once between erases:
 * parts with error-correcting codes forbid to clear further bits.
 *   5. No call overlaps another: Tailor calls from one thread, and a boot program and the application never run
 * together.
 *
 * Power may fail inside erase() and write(). Afterwards the sector or the granules of that one call may read as
 * anything; all others must be as before. Nothing else is asked: no atomic write, no order between calls other than
 * that of the calls.
 *
 * What the caller does on a failure:
 *   read   FAILED    the record or image counts as absent (kFlashReadFailed); nothing is tried again in a loop.
 *   write  FAILED    the granules count as lost until the next erase (kFlashWriteFailed); logs go on in a fresh sector.
 *   erase  FAILED    the sector is not used (kFlashEraseFailed); the operation that needed it is refused.
 *   any    CONTRACT  a programmer's error on Tailor's side (kFlashContract); the operation is refused.
 *   any    WAIT      is not allowed here and is treated as FAILED.
 */
#ifndef TAILOR_PORT_FLASH_H
#define TAILOR_PORT_FLASH_H

#include <stdint.h>

#include "tailor/port/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tailor_flash_geometry {
  uint32_t size_bytes;          /* of the whole device; a multiple of sector_bytes */
  uint32_t sector_bytes;        /* the unit of erase(); a power of two, at least 256 */
  uint32_t write_granule_bytes; /* the unit of write(); a power of two, 1 to 32 */
  uint8_t erased_value;         /* 0xff nearly everywhere; 0x00 on some parts */
} tailor_flash_geometry_t;

typedef struct tailor_flash {
  void* context; /* handed to each function, never looked at */
  tailor_flash_geometry_t geometry;

  /* Copies `length` bytes from `offset` to `bytes`.
   * Returns OK; CONTRACT beyond the end of the device; FAILED for a fault such as an uncorrectable error. */
  tailor_port_status_t (*read)(void* context, uint32_t offset, uint8_t* bytes, uint32_t length);

  /* Programs `length` bytes. offset and length are multiples of the write granule; the granules are erased.
   * Returns OK once the bytes are where a power cut cannot take them; CONTRACT when a rule above does not hold;
   * FAILED otherwise. */
  tailor_port_status_t (*write)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t length);

  /* Erases the sector that starts at `offset`, a multiple of the sector size.
   * Returns OK once the erase would survive a power cut; CONTRACT; FAILED. Typical cost: 20 to 400 ms. */
  tailor_port_status_t (*erase)(void* context, uint32_t offset);
} tailor_flash_t;

#ifdef __cplusplus
}
#endif

#endif
