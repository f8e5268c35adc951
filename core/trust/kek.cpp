// SPDX-License-Identifier: Apache-2.0
#include "core/trust/kek.hpp"

#include <algorithm>

#include "core/trust/factory_bundle.hpp"

namespace tailor::trust {

Result<Kek> derive_kek(ByteView factory_secret, const Uuid& device) noexcept {
  if (factory_secret.size() < kMinFactorySecretBytes) return Error::kValueOutOfRange;
  std::array<uint8_t, kKekId.size() + 16> info{};
  uint8_t* const end = std::copy(kKekId.begin(), kKekId.end(), info.begin());
  std::copy(device.bytes.begin(), device.bytes.end(), end);
  Kek kek;
  TAILOR_TRY(crypto::hkdf_sha256(factory_secret, {}, info, kek.key_));
  return kek;
}

}  // namespace tailor::trust
