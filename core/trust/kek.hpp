// SPDX-License-Identifier: Apache-2.0
// The device's key-encryption key: whoever holds the factory secret can encrypt payloads for the device before it has
// any certificate. Derived beside the enrolment keys (psk.hpp), under a label of its own.
#pragma once

#include <array>
#include <string_view>

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::trust {

inline constexpr size_t kKekBytes = 16;
/// The key id by which encryption info names it.
inline constexpr std::string_view kKekId = "tailor kek";

/// A key-encryption key; wiped when it goes. It has no way to text.
class Kek {
 public:
  Kek() = default;
  Kek(const Kek&) = default;
  Kek& operator=(const Kek&) = default;
  ~Kek() { wipe(key_); }
  [[nodiscard]] ByteView secret_bytes() const noexcept { return key_; }

 private:
  friend Result<Kek> derive_kek(ByteView, const Uuid&) noexcept;
  std::array<uint8_t, kKekBytes> key_{};
};

/// HKDF-SHA-256(factory secret, no salt, "tailor kek" || device id), 16 bytes: for A128KW.
/// @returns kValueOutOfRange when the secret is shorter than kMinFactorySecretBytes
[[nodiscard]] Result<Kek> derive_kek(ByteView factory_secret, const Uuid& device) noexcept;

}  // namespace tailor::trust
