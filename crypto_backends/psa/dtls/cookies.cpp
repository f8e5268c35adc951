// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/dtls/cookies.hpp"

#include <algorithm>

namespace tailor::dtls {

Status Cookies::set_secret(ByteView secret) noexcept {
  if (secret.size() != kSecretBytes) return Error::kValueOutOfRange;
  std::copy(secret.begin(), secret.end(), secret_.begin());
  return kOk;
}

Result<Cookies::Cookie> Cookies::make_for(ByteView address, uint64_t period) const noexcept {
  std::array<uint8_t, 8 + 64> message{};
  for (size_t i = 0; i < 8; ++i) message[i] = static_cast<uint8_t>(period >> (8 * (7 - i)));
  TAILOR_TRY_ASSIGN(const ByteView copied, copy_into(MutableBytes{message}.subspan(8), address));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest mac,
                    crypto::hmac_sha256(secret_, ByteView{message}.first(8 + copied.size())));
  Cookie cookie{};
  std::copy_n(mac.begin(), cookie.size(), cookie.begin());
  return cookie;
}

Result<Cookies::Cookie> Cookies::make(ByteView address) const noexcept {
  return make_for(address, now_ / kPeriodMs);
}

bool Cookies::check(ByteView address, ByteView cookie) const noexcept {
  const uint64_t period = now_ / kPeriodMs;
  const auto current = make_for(address, period);
  if (current.ok() && crypto::constant_time_equal(*current, cookie)) return true;
  if (period == 0) return false;
  const auto previous = make_for(address, period - 1);
  return previous.ok() && crypto::constant_time_equal(*previous, cookie);
}

}  // namespace tailor::dtls
