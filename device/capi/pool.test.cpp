// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "tailor/alloc.h"

namespace {

TEST(Pool, ServesOneEnvelopeAtATime) {
  for (int round = 0; round < 3; ++round) {
    void* const buffer = TAILOR_ALLOC(TAILOR_ENVELOPE_BUFFER_BYTES);
    void* const state = TAILOR_ALLOC(TAILOR_ENVELOPE_STATE_BYTES);
    ASSERT_NE(buffer, nullptr);
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer) % alignof(max_align_t), 0U);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(state) % alignof(max_align_t), 0U);
    std::memset(buffer, 0x5A, TAILOR_ENVELOPE_BUFFER_BYTES);
    std::memset(state, 0xA5, TAILOR_ENVELOPE_STATE_BYTES);
    EXPECT_EQ(static_cast<unsigned char*>(buffer)[TAILOR_ENVELOPE_BUFFER_BYTES - 1], 0x5A) << "the blocks overlap";
    EXPECT_EQ(TAILOR_ALLOC(1), nullptr);
    TAILOR_FREE(state);
    TAILOR_FREE(buffer);
  }
  EXPECT_EQ(TAILOR_ALLOC(TAILOR_POOL_BYTES), nullptr) << "larger than any block";
}

}  // namespace
