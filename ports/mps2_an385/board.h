/* SPDX-License-Identifier: Apache-2.0 */
/* Boards as data: geometry of the flash, and where everything lies in it and in RAM. Read by the linker scripts
 * (through the C preprocessor) and by layout.hpp, so that there is one truth. Numbers only, no types.
 *
 * TAILOR_BOARD picks one: TAILOR_BOARD_CC2538 (2 KiB pages, 4-byte words, as a CC2538 has) or TAILOR_BOARD_NRF52 (4 KiB
 * pages, 4-byte words, as an nRF52840 has).
 *
 * Address space: flash starts at 0 with the boot program, which QEMU loads as -kernel. Behind it stands the recovery
 * program, which QEMU loads with -device loader; a board may be without. What follows is the device that the flash
 * driver writes: journal, two manifests, progress, scratch, records, slot A, slot B. RAM starts at
 * 0x20000000.
 */
#ifndef TAILOR_PORTS_MPS2_AN385_BOARD_H
#define TAILOR_PORTS_MPS2_AN385_BOARD_H

#define TAILOR_BOARD_CC2538 1
#define TAILOR_BOARD_NRF52 2
#ifndef TAILOR_BOARD
#define TAILOR_BOARD TAILOR_BOARD_CC2538
#endif

#if TAILOR_BOARD == TAILOR_BOARD_CC2538
#define TAILOR_PAGE_BYTES 2048
#define TAILOR_RECORD_PAGES 12
#elif TAILOR_BOARD == TAILOR_BOARD_NRF52
#define TAILOR_PAGE_BYTES 4096
#define TAILOR_RECORD_PAGES 6
#endif
#define TAILOR_WORD_BYTES 4
/* The watchdog's first expiry interrupts, the second resets. */
#define TAILOR_WATCHDOG_MS 20000

/* Regions of flash and RAM, and the stack in the latter: the boot program, and an application of each flavour. They are
 * the limit that the linker holds: what is there today, and a little room; the goals are smaller
 * (docs/ports/mps2_an385.md). A slot holds the larger flavour. Boot program and application never run together: they
 * share the RAM. */
#define TAILOR_BOOT_BYTES 0x4800
#define TAILOR_BOOT_RAM_BYTES 0x1400
#define TAILOR_BOOT_STACK_BYTES 0x1200
#define TAILOR_RECOVERY_AT TAILOR_BOOT_BYTES
#define TAILOR_RECOVERY_BYTES 0xd800
#define TAILOR_RECOVERY_RAM_BYTES 0x4000
#define TAILOR_RECOVERY_STACK_BYTES 0x1800
#define TAILOR_DTLS_BYTES 0x28000
#define TAILOR_DTLS_RAM_BYTES 0x7800
#define TAILOR_DTLS_STACK_BYTES 0x1a00
#define TAILOR_PLAIN_BYTES 0x16800
#define TAILOR_PLAIN_RAM_BYTES 0x4c00
#define TAILOR_PLAIN_STACK_BYTES 0x1600
#define TAILOR_SLOT_BYTES TAILOR_DTLS_BYTES
#define TAILOR_RAM_AT 0x20000000

/* The device that the flash driver writes, and offsets in it. */
#define TAILOR_DEVICE_AT (TAILOR_RECOVERY_AT + TAILOR_RECOVERY_BYTES)
#define TAILOR_JOURNAL_AT 0
#define TAILOR_JOURNAL_BYTES (2 * TAILOR_PAGE_BYTES)
#define TAILOR_MANIFESTS_AT (TAILOR_JOURNAL_AT + TAILOR_JOURNAL_BYTES)
#define TAILOR_MANIFEST_AREA_BYTES 4096
#define TAILOR_PROGRESS_AT (TAILOR_MANIFESTS_AT + 2 * TAILOR_MANIFEST_AREA_BYTES)
#define TAILOR_PROGRESS_BYTES 4096
#define TAILOR_SCRATCH_AT (TAILOR_PROGRESS_AT + TAILOR_PROGRESS_BYTES)
#define TAILOR_SCRATCH_BYTES TAILOR_PAGE_BYTES
#define TAILOR_RECORDS_AT (TAILOR_SCRATCH_AT + TAILOR_SCRATCH_BYTES)
#define TAILOR_RECORDS_BYTES (TAILOR_RECORD_PAGES * TAILOR_PAGE_BYTES)
#define TAILOR_SLOT_A_AT (TAILOR_RECORDS_AT + TAILOR_RECORDS_BYTES)
#define TAILOR_SLOT_B_AT (TAILOR_SLOT_A_AT + TAILOR_SLOT_BYTES)
#define TAILOR_DEVICE_BYTES (TAILOR_SLOT_B_AT + TAILOR_SLOT_BYTES)

#endif
