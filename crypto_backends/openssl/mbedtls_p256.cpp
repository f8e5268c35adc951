// SPDX-License-Identifier: Apache-2.0
// P-256 inside Mbed TLS done by OpenSSL: definitions of the four functions that mbedtls_config_host.h leaves open.
// Every program that is linked against this backend gets them, and so its DTLS runs at OpenSSL's speed.
#define MBEDTLS_ALLOW_PRIVATE_ACCESS  // the coordinates of a point have no accessor
#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>

#include <algorithm>

#include "crypto_backends/openssl/p256.hpp"

namespace tailor::crypto::openssl {
namespace {

int write(const mbedtls_mpi* number, MutableBytes out) noexcept {
  return mbedtls_mpi_write_binary(number, out.data(), out.size());
}

int read(mbedtls_mpi* number, ByteView bytes) noexcept {
  return mbedtls_mpi_read_binary(number, bytes.data(), bytes.size());
}

bool is_p256(const mbedtls_ecp_group* group) noexcept {
  return group->id == MBEDTLS_ECP_DP_SECP256R1;
}

Result<P256PrivateKey> to_key(const mbedtls_mpi* scalar) noexcept {
  std::array<uint8_t, 32> bytes{};
  if (write(scalar, bytes) != 0) return Error::kValueOutOfRange;
  const P256PrivateKey key{bytes};
  wipe(bytes);
  return key;
}

Result<P256PublicKey> to_public_key(const mbedtls_ecp_point* point) noexcept {
  P256PublicKey key;
  const MutableBytes xy{key.xy};
  if (mbedtls_mpi_cmp_int(&point->Z, 1) != 0 || write(&point->X, xy.first(32)) != 0 ||
      write(&point->Y, xy.last(32)) != 0) {
    return Error::kValueOutOfRange;
  }
  return key;
}

// The leftmost 256 bits of what is signed (SEC 1 4.1.3 step 5); a shorter digest is a smaller number.
Sha256Digest to_digest(const unsigned char* data, size_t length) noexcept {
  Sha256Digest digest{};
  const size_t count = std::min(length, digest.size());
  std::copy_n(data, count, digest.end() - static_cast<ptrdiff_t>(count));
  return digest;
}

}  // namespace
}  // namespace tailor::crypto::openssl

using namespace tailor;                   // NOLINT(google-build-using-namespace): a file of definitions for C
using namespace tailor::crypto;           // NOLINT
using namespace tailor::crypto::openssl;  // NOLINT

extern "C" int mbedtls_ecdsa_sign(mbedtls_ecp_group* grp, mbedtls_mpi* r, mbedtls_mpi* s, const mbedtls_mpi* d,
                                  const unsigned char* buf, size_t blen,
                                  int (* /*f_rng*/)(void*, unsigned char*, size_t), void* /*p_rng*/) {
  if (!is_p256(grp)) return MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
  const auto key = to_key(d);
  if (!key.ok()) return MBEDTLS_ERR_ECP_INVALID_KEY;
  const auto signature = sign_p256(*key, to_digest(buf, blen));
  if (!signature.ok()) return MBEDTLS_ERR_ECP_INVALID_KEY;
  const ByteView both{*signature};
  const int status = read(r, both.first(32));
  return status != 0 ? status : read(s, both.last(32));
}

extern "C" int mbedtls_ecdsa_verify(mbedtls_ecp_group* grp, const unsigned char* buf, size_t blen,
                                    const mbedtls_ecp_point* Q, const mbedtls_mpi* r, const mbedtls_mpi* s) {
  if (!is_p256(grp)) return MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
  const auto key = to_public_key(Q);
  P256Signature signature{};
  const MutableBytes both{signature};
  // A number of more than 32 bytes, or a negative one, is no part of a signature.
  if (!key.ok() || mbedtls_mpi_cmp_int(r, 1) < 0 || mbedtls_mpi_cmp_int(s, 1) < 0 || write(r, both.first(32)) != 0 ||
      write(s, both.last(32)) != 0 || !verify_p256(*key, to_digest(buf, blen), signature).ok()) {
    return MBEDTLS_ERR_ECP_VERIFY_FAILED;
  }
  return 0;
}

extern "C" int mbedtls_ecdh_gen_public(mbedtls_ecp_group* grp, mbedtls_mpi* d, mbedtls_ecp_point* Q,
                                       int (* /*f_rng*/)(void*, unsigned char*, size_t), void* /*p_rng*/) {
  if (!is_p256(grp)) return MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
  P256PrivateKey key;
  P256PublicKey public_key;
  if (!generate_pair(key, public_key).ok()) return MBEDTLS_ERR_ECP_RANDOM_FAILED;
  const ByteView xy{public_key.xy};
  int status = read(d, key.secret_scalar());
  if (status == 0) status = read(&Q->X, xy.first(32));
  if (status == 0) status = read(&Q->Y, xy.last(32));
  return status != 0 ? status : mbedtls_mpi_lset(&Q->Z, 1);
}

extern "C" int mbedtls_ecdh_compute_shared(mbedtls_ecp_group* grp, mbedtls_mpi* z, const mbedtls_ecp_point* Q,
                                           const mbedtls_mpi* d, int (* /*f_rng*/)(void*, unsigned char*, size_t),
                                           void* /*p_rng*/) {
  if (!is_p256(grp)) return MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
  const auto key = to_key(d);
  const auto peer = to_public_key(Q);
  SharedSecret secret{};
  if (!key.ok() || !peer.ok() || !ecdh_p256(*key, *peer, secret).ok()) return MBEDTLS_ERR_ECP_INVALID_KEY;
  const int status = read(z, secret);
  wipe(secret);
  return status;
}
