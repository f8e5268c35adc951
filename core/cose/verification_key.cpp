// SPDX-License-Identifier: Apache-2.0
#include "core/cose/verification_key.hpp"

#include "core/cose/algorithms.hpp"

namespace tailor::cose {

namespace {

bool has_size(KeyKind kind, size_t size) noexcept {
  // HSS with SHA-256 and 32-byte hashes, or 24-byte hashes (RFC 8554 6.1, SP 800-208 4).
  constexpr size_t kHssBytes = 60;
  constexpr size_t kHss192Bytes = 52;
  switch (kind) {
    case KeyKind::kP256:
      return size == 64;
    case KeyKind::kEd25519:
      return size == 32;
    case KeyKind::kHssLms:
      return size == kHssBytes || size == kHss192Bytes;
    case KeyKind::kHmac256:
      return size >= VerificationKey::kMinHmacBytes && size <= VerificationKey::kMaxBytes;
    case KeyKind::kAesKw:
      return algorithm::key_wrap_for(size) != 0;
  }
  return false;
}

}  // namespace

Result<VerificationKey> VerificationKey::from_bytes(KeyKind kind, ByteView bytes) noexcept {
  if (!has_size(kind, bytes.size())) return Error::kValueOutOfRange;
  VerificationKey key;
  key.kind_ = kind;
  key.size_ = static_cast<uint8_t>(bytes.size());
  std::memcpy(key.octets_.data(), bytes.data(), bytes.size());
  return key;
}

bool VerificationKey::is_valid() const noexcept {
  return has_size(kind_, size_);
}

bool may_have_key_id(const VerificationKey& key, ByteView key_id) noexcept {
  if (key_id.empty() || key.is_secret()) return true;
  const auto own = thumbprint(key);
  return own.ok() && equal(*own, key_id);
}

}  // namespace tailor::cose
