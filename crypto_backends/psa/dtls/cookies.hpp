// SPDX-License-Identifier: Apache-2.0
// Stateless cookies for HelloVerifyRequest (RFC 6347 4.2.1): a MAC over the client's address and the minute, so that a
// server keeps nothing about a client that has not shown that it receives what is sent to its address.
#pragma once

#include <array>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::dtls {

class Cookies {
 public:
  static constexpr size_t kCookieBytes = 16;
  static constexpr size_t kSecretBytes = 32;
  /// A cookie holds until the end of the next period: between one and two minutes, longer than a client retransmits.
  static constexpr MonotonicMs kPeriodMs = 60'000;

  using Cookie = std::array<uint8_t, kCookieBytes>;

  Cookies() = default;
  ~Cookies() { wipe(secret_); }
  Cookies(const Cookies&) = delete;
  Cookies& operator=(const Cookies&) = delete;

  /// @returns kValueOutOfRange unless the secret has kSecretBytes
  [[nodiscard]] Status set_secret(ByteView secret) noexcept;
  void set_now(MonotonicMs now) noexcept { now_ = now; }
  /// Makes the cookie for a client that speaks from `address`.
  [[nodiscard]] Result<Cookie> make(ByteView address) const noexcept;
  /// True when `cookie` was made for `address` in this period or the one before.
  [[nodiscard]] bool check(ByteView address, ByteView cookie) const noexcept;

 private:
  [[nodiscard]] Result<Cookie> make_for(ByteView address, uint64_t period) const noexcept;

  std::array<uint8_t, kSecretBytes> secret_{};
  MonotonicMs now_ = 0;
};

}  // namespace tailor::dtls
