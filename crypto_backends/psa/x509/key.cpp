// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/x509/key.hpp"

#include <algorithm>

namespace tailor::x509 {
namespace {

using namespace literals;

int fill_random(void* /*context*/, unsigned char* out, size_t length) {
  return crypto::random({out, length}).ok() ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

}  // namespace

// Through the DER form of RFC 5915: both builds of Mbed TLS (own curve arithmetic, or PSA with p256-m) read it.
Status load_key(const crypto::P256PrivateKey& key, mbedtls_pk_context& out) noexcept {
  constexpr auto kBeforeScalar = "30 77 02 01 01 04 20"_hex;
  constexpr auto kBeforePoint = "a0 0a 06 08 2a 86 48 ce 3d 03 01 07 a1 44 03 42 00 04"_hex;
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, crypto::public_key_of(key));
  std::array<uint8_t, kBeforeScalar.size() + 32 + kBeforePoint.size() + 64> der{};
  auto at = std::copy(kBeforeScalar.begin(), kBeforeScalar.end(), der.begin());
  at = std::copy(key.secret_scalar().begin(), key.secret_scalar().end(), at);
  at = std::copy(kBeforePoint.begin(), kBeforePoint.end(), at);
  std::copy(public_key.xy.begin(), public_key.xy.end(), at);
  const int status = mbedtls_pk_parse_key(&out, der.data(), der.size(), nullptr, 0, &fill_random, nullptr);
  wipe(der);
  if (status == MBEDTLS_ERR_PK_ALLOC_FAILED) return Error::kAllocationFailed;
  if (status != 0) return Error::kCryptoFailed;
  return kOk;
}

}  // namespace tailor::x509
