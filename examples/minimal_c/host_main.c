/* SPDX-License-Identifier: Apache-2.0 */
/* The example on this machine: takes the update, refuses it when any bit of it is another, and refuses an older one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/minimal_c/minimal.h"

int main(void) {
  static minimal_device_t device;
  tailor_error_t error = minimal_update(&device, minimal_envelope, minimal_envelope_size);
  if (error != TAILOR_OK) {
    printf("refused: %d\n", (int)error);
    return 1;
  }
  printf("installed %u bytes, sequence number %u: %.*s\n", (unsigned)device.app_size, (unsigned)device.sequence_number,
         (int)device.app_size, (const char*)device.app);

  uint8_t* changed = malloc(minimal_envelope_size);
  for (size_t at = 0; changed != NULL && at < minimal_envelope_size; ++at) {
    memcpy(changed, minimal_envelope, minimal_envelope_size);
    changed[at] ^= 1;
    if (minimal_update(&device, changed, minimal_envelope_size) == TAILOR_OK) {
      printf("byte %u may be changed without notice\n", (unsigned)at);
      return 1;
    }
  }
  for (size_t size = 0; size < minimal_envelope_size; ++size) {
    if (minimal_update(&device, minimal_envelope, size) == TAILOR_OK) return 1;
  }
  free(changed);
  device.sequence_number = device.offered + 1;
  if (minimal_update(&device, minimal_envelope, minimal_envelope_size) != TAILOR_ERROR_SEQUENCE_NUMBER_TOO_LOW)
    return 1;
  puts("refused: every changed byte, every prefix, an older manifest");
  return 0;
}
