// SPDX-License-Identifier: Apache-2.0
// What a firmware links of SUIT: a receiver fed with an envelope. tools/size.py links it for Cortex-M3, without crypto
// backend and C library, and counts what is there.
#include "core/processor/receiver.hpp"

using namespace tailor;

extern "C" unsigned suit_recipient(uint8_t* buffer, const uint8_t* bytes, size_t size,
                                   const suit::TrustAnchors& anchors, const processor::Seams& seams) {
  processor::UpdateReceiver receiver({buffer, limits::kManifestBytes}, anchors, seams);
  ByteView input(bytes, size);
  const auto progress = receiver.feed(input);
  return progress.ok() && receiver.finish().ok() ? 1U : 0U;
}
