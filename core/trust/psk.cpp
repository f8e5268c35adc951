// SPDX-License-Identifier: Apache-2.0
#include "core/trust/psk.hpp"

#include <algorithm>

#include "core/trust/factory_bundle.hpp"

namespace tailor::trust {

Result<Psk> derive_psk(ByteView factory_secret, const Uuid& device, uint32_t generation) noexcept {
  if (factory_secret.size() < kMinFactorySecretBytes) return Error::kValueOutOfRange;
  constexpr std::string_view kLabel = "tailor psk";
  std::array<uint8_t, kLabel.size() + 16 + 4> info{};
  uint8_t* end = std::copy(kLabel.begin(), kLabel.end(), info.begin());
  end = std::copy(device.bytes.begin(), device.bytes.end(), end);
  for (unsigned shift = 32; shift > 0; shift -= 8) *end++ = static_cast<uint8_t>(generation >> (shift - 8));
  Psk psk;
  TAILOR_TRY(crypto::hkdf_sha256(factory_secret, {}, info, psk.key_));
  return psk;
}

std::string_view write_psk_identity(const Uuid& device, uint32_t generation,
                                    std::array<char, kPskIdentityBytes>& out) noexcept {
  const auto text = device.to_text();
  char* end = std::copy(text.begin(), text.end(), out.begin());
  *end++ = '#';
  std::array<char, 10> digits{};
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + generation % 10);
    generation /= 10;
  } while (generation != 0);
  while (count > 0) *end++ = digits[--count];
  return {out.data(), static_cast<size_t>(end - out.data())};
}

Result<PskIdentity> read_psk_identity(ByteView identity) noexcept {
  const std::string_view text = as_text(identity);
  if (text.size() < Uuid::kTextLength + 2 || text.size() > kPskIdentityBytes) return Error::kPskUnknown;
  const Result<Uuid> device = Uuid::from_text(slice(text, 0, Uuid::kTextLength));
  if (!device.ok() || text[Uuid::kTextLength] != '#') return Error::kPskUnknown;
  uint64_t generation = 0;
  for (const char c : slice(text, Uuid::kTextLength + 1)) {
    if (c < '0' || c > '9') return Error::kPskUnknown;
    generation = generation * 10 + static_cast<uint64_t>(c - '0');
  }
  if (generation > UINT32_MAX) return Error::kPskUnknown;
  const PskIdentity read{device.value(), static_cast<uint32_t>(generation)};
  std::array<char, kPskIdentityBytes> canonical{};
  if (write_psk_identity(read.device, read.generation, canonical) != text) return Error::kPskUnknown;
  return read;
}

}  // namespace tailor::trust
