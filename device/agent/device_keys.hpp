// SPDX-License-Identifier: Apache-2.0
// The keys with which this device opens payloads that were encrypted for it: that of its updates certificate, and one
// that follows from its factory secret. Made when they are asked for; nothing of them is kept.
#pragma once

#include "core/suit/decryption_keys.hpp"
#include "device/agent/identity.hpp"

namespace tailor::agent {

class DeviceKeys final : public suit::DecryptionKeys {
 public:
  explicit DeviceKeys(const Identity& identity) noexcept : identity_(identity) {}
  DeviceKeys(const DeviceKeys&) = delete;
  DeviceKeys& operator=(const DeviceKeys&) = delete;

  /// The private key of the updates certificate (ECDH-ES + A128KW on P-256), whose key id is the RFC 9679 thumbprint of
  /// its public key; then the key-encryption key (A128KW), whose key id is trust::kKekId.
  [[nodiscard]] const suit::ContentDecryptionKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  /// Wipes what candidate() gave last.
  void forget() noexcept { key_ = {}; }

 private:
  [[nodiscard]] bool take_private_key(ByteView key_id) const noexcept;
  [[nodiscard]] bool take_kek(ByteView key_id) const noexcept;

  const Identity& identity_;
  mutable suit::ContentDecryptionKey key_;
};

}  // namespace tailor::agent
