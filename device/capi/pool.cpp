// SPDX-License-Identifier: Apache-2.0
// The default of tailor/alloc.h: two static blocks, one of each size that an envelope needs.
#include <initializer_list>

#include "tailor/alloc.h"

#ifndef TAILOR_ALLOC_HEADER

namespace {

struct Pool {
  alignas(max_align_t) unsigned char state[TAILOR_ENVELOPE_STATE_BYTES];
  alignas(max_align_t) unsigned char buffer[TAILOR_ENVELOPE_BUFFER_BYTES];
  bool state_taken;
  bool buffer_taken;
};
constinit Pool pool{};

void* take(unsigned char* block, bool& taken) {
  if (taken) return nullptr;
  taken = true;
  return block;
}

}  // namespace

extern "C" void* tailor_pool_alloc(size_t size) {
  // The smaller block that suffices, so that the larger one is left for who needs it.
  constexpr bool kStateIsSmaller = sizeof(pool.state) <= sizeof(pool.buffer);
  void* block = nullptr;
  for (const bool smaller : {true, false}) {
    const bool from_state = smaller == kStateIsSmaller;
    if (block != nullptr || size > (from_state ? sizeof(pool.state) : sizeof(pool.buffer))) continue;
    block = from_state ? take(pool.state, pool.state_taken) : take(pool.buffer, pool.buffer_taken);
  }
  return block;
}

extern "C" void tailor_pool_free(void* pointer) {
  if (pointer == pool.state) pool.state_taken = false;
  if (pointer == pool.buffer) pool.buffer_taken = false;
}

#endif
