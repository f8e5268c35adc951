// SPDX-License-Identifier: Apache-2.0
// The keys with which a device comes to the content-encryption keys of payloads (firmware-encryption 6). Where they are
// kept is the device's matter; a table of them is here for those who hold them in memory.
#pragma once

#include <span>

#include "core/crypto/crypto.hpp"

namespace tailor::suit {

/// How a key opens what a recipient was sent.
enum class DecryptionKeyKind : uint8_t {
  kAesKw = 1,   ///< it unwraps the content key: 16, 24 or 32 bytes (A128KW, A192KW, A256KW)
  kP256 = 2,    ///< ECDH-ES + A128KW with a private scalar of 32 bytes, big-endian
  kX25519 = 3,  ///< ECDH-ES + A128KW with a private key of 32 bytes (RFC 7748 5)
};

/// A secret of the device; wiped when it goes. It has no way to text.
class ContentDecryptionKey {
 public:
  static constexpr size_t kMaxBytes = 32;

  ContentDecryptionKey() = default;
  ContentDecryptionKey(const ContentDecryptionKey&) = default;
  ContentDecryptionKey& operator=(const ContentDecryptionKey&) = default;
  ~ContentDecryptionKey() { wipe(secret_); }
  /// @returns kValueOutOfRange for a size that the kind does not have, and for no kind
  [[nodiscard]] static Result<ContentDecryptionKey> from_bytes(DecryptionKeyKind kind, ByteView secret) noexcept;

  [[nodiscard]] DecryptionKeyKind kind() const noexcept { return kind_; }
  [[nodiscard]] ByteView secret_bytes() const noexcept { return ByteView(secret_).first(size_); }

 private:
  DecryptionKeyKind kind_ = DecryptionKeyKind::kAesKw;
  uint8_t size_ = 16;
  std::array<uint8_t, kMaxBytes> secret_{};
};

/// The device's keys, asked for one after the other.
class DecryptionKeys {
 public:
  /// Names the keys that a recipient may mean.
  ///
  /// @param key_id  of the recipient: the RFC 9679 thumbprint of a public key, any name of a symmetric one; when empty,
  ///                any key may be meant
  /// @param nth     0, 1, ...
  /// @returns the key, which stays where it is until the next call; null after the last one
  [[nodiscard]] virtual const ContentDecryptionKey* candidate(ByteView key_id, size_t nth) const noexcept = 0;

 protected:
  ~DecryptionKeys() = default;
};

/// Keys in memory, each with the id that its senders use; one without an id may be meant by any.
class DecryptionKeyTable final : public DecryptionKeys {
 public:
  struct Row {
    ByteView key_id;
    ContentDecryptionKey key;
  };
  /// @param rows  outlive the table
  explicit DecryptionKeyTable(std::span<const Row> rows) noexcept : rows_(rows) {}
  [[nodiscard]] const ContentDecryptionKey* candidate(ByteView key_id, size_t nth) const noexcept override;

 private:
  std::span<const Row> rows_;
};

}  // namespace tailor::suit
