// SPDX-License-Identifier: Apache-2.0
// Any bytes as an encryption info: whatever a key opens, a payload in pieces streams through, and no tag holds over it.
#include "core/suit/payload_decryptor.hpp"

using namespace tailor;

namespace {

suit::ContentDecryptionKey key_of(suit::DecryptionKeyKind kind, size_t size) {
  uint8_t bytes[suit::ContentDecryptionKey::kMaxBytes];
  for (uint8_t& byte : bytes) byte = 'a';
  return suit::ContentDecryptionKey::from_bytes(kind, ByteView(bytes, size)).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const suit::DecryptionKeyTable::Row kRows[] = {{{}, key_of(suit::DecryptionKeyKind::kAesKw, 16)},
                                                        {{}, key_of(suit::DecryptionKeyKind::kAesKw, 32)},
                                                        {{}, key_of(suit::DecryptionKeyKind::kP256, 32)},
                                                        {{}, key_of(suit::DecryptionKeyKind::kX25519, 32)}};
  const auto info = suit::decode_encryption_info(ByteView(data, size));
  if (!info.ok()) return 0;
  suit::PayloadDecryptor decryptor;
  if (!decryptor.start(*info, suit::DecryptionKeyTable(kRows)).ok()) return 0;
  uint8_t out[64];
  for (const size_t piece : {size_t{1}, size_t{20}, size_t{7}}) {
    const auto given = decryptor.update(ByteView(data, piece < size ? piece : size), out);
    if (!given.ok()) __builtin_trap();
  }
  if (decryptor.finish().ok() && info->tag_bytes != 0) __builtin_trap();
  return 0;
}
