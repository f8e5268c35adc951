// SPDX-License-Identifier: Apache-2.0
// Keeps factory secrets encrypted at rest, under a key that is in a file and never in the database.
// docs/formats/ca-secrets.md has the format.
#pragma once

#include <filesystem>

#include "core/base/uuid.hpp"
#include "hosted/encoding.hpp"
#include "hosted/secret.hpp"

namespace tailor::ca {

class Vault {
 public:
  static constexpr size_t kKeyBytes = 32;

  /// Makes a new key file, mode 0600. @returns kAlreadyExists rather than replace one: that would lose every secret
  [[nodiscard]] static Outcome<void> create_key(const std::filesystem::path& path);
  /// @returns kNotFound, or kRecordMalformed for a file that is no key
  [[nodiscard]] static Outcome<Vault> open_key(const std::filesystem::path& path);
  explicit Vault(SecretBytes key) : key_(std::move(key)) {}

  /// Encrypts a secret; it opens for the same device only.
  [[nodiscard]] Outcome<Bytes> seal(const Uuid& device, ByteView secret) const;
  /// @returns kRecordMalformed for damaged bytes, another device or another key
  [[nodiscard]] Outcome<SecretBytes> open(const Uuid& device, ByteView sealed) const;

 private:
  SecretBytes key_;
};

}  // namespace tailor::ca
