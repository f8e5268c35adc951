// SPDX-License-Identifier: Apache-2.0
// Any bytes as an authentication block: its claims end, and none verifies under keys that made nothing.
#include "core/cose/block.hpp"

using namespace tailor;

namespace {

cose::VerificationKey key_of(cose::KeyKind kind, size_t size) {
  uint8_t bytes[cose::VerificationKey::kMaxBytes];
  for (uint8_t& byte : bytes) byte = 0x42;
  return cose::VerificationKey::from_bytes(kind, ByteView(bytes, size)).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const cose::VerificationKey kKeys[] = {key_of(cose::KeyKind::kP256, 64),   key_of(cose::KeyKind::kEd25519, 32),
                                                key_of(cose::KeyKind::kHssLms, 60), key_of(cose::KeyKind::kHmac256, 32),
                                                key_of(cose::KeyKind::kAesKw, 16),  key_of(cose::KeyKind::kAesKw, 32)};
  cose::Block block;
  if (!cose::decode_block(ByteView(data, size), block).ok()) return 0;
  size_t seen = 0;
  for (cose::Claims claims(block, {.legacy_algorithms = true}); claims.more();) {
    cose::Claim claim;
    if (++seen > cose::kMaxEntries) __builtin_trap();
    if (!claims.next(claim).ok()) continue;
    for (const cose::VerificationKey& key : kKeys) {
      if (cose::verify(claim, block.payload, key).ok()) __builtin_trap();
    }
  }
  return 0;
}
