// SPDX-License-Identifier: Apache-2.0
#include "core/suit/decryption_keys.hpp"

namespace tailor::suit {

Result<ContentDecryptionKey> ContentDecryptionKey::from_bytes(DecryptionKeyKind kind, ByteView secret) noexcept {
  const size_t size = secret.size();
  const bool is_curve = kind == DecryptionKeyKind::kP256 || kind == DecryptionKeyKind::kX25519;
  const bool is_wrap = kind == DecryptionKeyKind::kAesKw && (size == 16 || size == 24);
  if (!is_wrap && (size != kMaxBytes || !(is_curve || kind == DecryptionKeyKind::kAesKw))) {
    return Error::kValueOutOfRange;
  }
  ContentDecryptionKey key;
  key.kind_ = kind;
  key.size_ = static_cast<uint8_t>(size);
  std::memcpy(key.secret_.data(), secret.data(), size);
  return key;
}

const ContentDecryptionKey* DecryptionKeyTable::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const Row& row : rows_) {
    if (!key_id.empty() && !row.key_id.empty() && !equal(key_id, row.key_id)) continue;
    if (nth-- == 0) return &row.key;
  }
  return nullptr;
}

}  // namespace tailor::suit
