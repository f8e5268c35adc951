// SPDX-License-Identifier: Apache-2.0
// Enrolment keys of `psk` mode: generation n of a device's pre-shared key, and its identity text. Device and CA derive
// the same from the factory secret; an update that breaks certificates carries only n.
#pragma once

#include <array>
#include <string_view>

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::trust {

inline constexpr size_t kPskBytes = 16;
/// "<uuid>#<n>" with n up to ten digits.
inline constexpr size_t kPskIdentityBytes = Uuid::kTextLength + 1 + 10;

/// A pre-shared key; wiped when it goes. It has no way to text.
class Psk {
 public:
  Psk() = default;
  Psk(const Psk&) = default;
  Psk& operator=(const Psk&) = default;
  ~Psk() { wipe(key_); }
  [[nodiscard]] ByteView secret_bytes() const noexcept { return key_; }

 private:
  friend Result<Psk> derive_psk(ByteView, const Uuid&, uint32_t) noexcept;
  std::array<uint8_t, kPskBytes> key_{};
};

/// PSK_n = HKDF-SHA-256(factory secret, no salt, "tailor psk" || device id || n as 32 bits big-endian), 16 bytes.
/// @returns kValueOutOfRange when the secret is shorter than kMinFactorySecretBytes
[[nodiscard]] Result<Psk> derive_psk(ByteView factory_secret, const Uuid& device, uint32_t generation) noexcept;

/// Writes the identity "<uuid>#<n>" and returns it as text.
[[nodiscard]] std::string_view write_psk_identity(const Uuid& device, uint32_t generation,
                                                  std::array<char, kPskIdentityBytes>& out) noexcept;

struct PskIdentity {
  Uuid device;
  uint32_t generation = 0;
};
/// Reads the identity; leading zeros and anything else that write_psk_identity does not write are refused.
/// @returns kPskUnknown for any other text
[[nodiscard]] Result<PskIdentity> read_psk_identity(ByteView identity) noexcept;

}  // namespace tailor::trust
