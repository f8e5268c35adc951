// SPDX-License-Identifier: Apache-2.0
// The default of tailor/alloc.h: two static blocks, one of each size that an envelope needs.
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
  void* block = nullptr;
  if (size <= sizeof(pool.state)) block = take(pool.state, pool.state_taken);
  if (block == nullptr && size <= sizeof(pool.buffer)) block = take(pool.buffer, pool.buffer_taken);
  return block;
}

extern "C" void tailor_pool_free(void* pointer) {
  if (pointer == pool.state) pool.state_taken = false;
  if (pointer == pool.buffer) pool.buffer_taken = false;
}

#endif
