/* SPDX-License-Identifier: Apache-2.0 */
#include "examples/minimal_c/minimal_alloc.h"

#include <stdalign.h>
#include <stdbool.h>

#include "tailor/alloc.h"

enum { BLOCKS = 2 };
#define BLOCK_BYTES                                                                         \
  (TAILOR_ENVELOPE_STATE_BYTES > TAILOR_ENVELOPE_BUFFER_BYTES ? TAILOR_ENVELOPE_STATE_BYTES \
                                                              : TAILOR_ENVELOPE_BUFFER_BYTES)

static struct { alignas(max_align_t) unsigned char bytes[BLOCK_BYTES]; } blocks[BLOCKS];
static bool taken[BLOCKS];

void* minimal_alloc(size_t size) {
  for (int i = 0; i < BLOCKS; ++i) {
    if (taken[i] || size > sizeof blocks[i].bytes) continue;
    taken[i] = true;
    return blocks[i].bytes;
  }
  return NULL;
}

void minimal_free(void* pointer) {
  for (int i = 0; i < BLOCKS; ++i) {
    if (pointer == blocks[i].bytes) taken[i] = false;
  }
}
