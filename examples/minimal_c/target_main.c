/* SPDX-License-Identifier: Apache-2.0 */
/* The example on a bare Cortex-M in QEMU: one update is installed, a changed one refused. */
#include <string.h>

#include "examples/minimal_c/minimal.h"
#include "examples/minimal_c/target.h"

int target_main(void) {
  static minimal_device_t device;
  static uint8_t changed[512];
  if (minimal_update(&device, minimal_envelope, minimal_envelope_size) != TAILOR_OK) return 1;
  if (minimal_envelope_size > sizeof changed) return 1;
  memcpy(changed, minimal_envelope, minimal_envelope_size);
  changed[minimal_envelope_size - 1] ^= 1;
  if (minimal_update(&device, changed, minimal_envelope_size) == TAILOR_OK) return 1;
  target_print("minimal: installed one update, refused a changed one\n");
  return 0;
}
