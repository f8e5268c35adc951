// SPDX-License-Identifier: Apache-2.0
// ECDSA and key pairs on P-256 of the crypto contract over PSA Crypto. Keys live in a PSA slot only while they are
// used.
#include <psa/crypto.h>

#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/platform.hpp"

namespace tailor::crypto {
namespace {

using psa::ensure_started;
using psa::error_of;

constexpr psa_algorithm_t kEcdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);

psa_key_attributes_t attributes_of(psa_key_type_t type, psa_key_usage_t usage,
                                   psa_algorithm_t algorithm = kEcdsa) noexcept {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_usage_flags(&attributes, usage);
  psa_set_key_algorithm(&attributes, algorithm);
  psa_set_key_type(&attributes, type);
  psa_set_key_bits(&attributes, 256);
  return attributes;
}

/// A key slot that is emptied with its owner.
class Slot {
 public:
  Slot() = default;
  ~Slot() { psa_destroy_key(id); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  psa_key_id_t id = PSA_KEY_ID_NULL;
};

psa_status_t import_private(const P256PrivateKey& key, psa_key_usage_t usage, Slot& slot,
                            psa_algorithm_t algorithm = kEcdsa) noexcept {
  const psa_key_attributes_t attributes =
      attributes_of(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), usage, algorithm);
  return psa_import_key(&attributes, key.secret_scalar().data(), key.secret_scalar().size(), &slot.id);
}

using UncompressedPoint = std::array<uint8_t, 65>;

UncompressedPoint uncompressed(const P256PublicKey& key) noexcept {
  UncompressedPoint point{};
  point[0] = 0x04;
  std::memcpy(point.data() + 1, key.xy.data(), key.xy.size());
  return point;
}

}  // namespace

Status verify_p256(const P256PublicKey& key, const Sha256Digest& digest, const P256Signature& signature) noexcept {
  TAILOR_TRY(ensure_started());
  const UncompressedPoint point = uncompressed(key);
  const psa_key_attributes_t attributes =
      attributes_of(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), PSA_KEY_USAGE_VERIFY_HASH);
  Slot slot;
  psa_status_t status = psa_import_key(&attributes, point.data(), point.size(), &slot.id);
  if (status == PSA_SUCCESS) {
    status = psa_verify_hash(slot.id, kEcdsa, digest.data(), digest.size(), signature.data(), signature.size());
  }
  if (status == PSA_SUCCESS) return kOk;
  if (status == PSA_ERROR_INSUFFICIENT_MEMORY) return Error::kAllocationFailed;
  return Error::kSignatureInvalid;
}

Result<P256Signature> sign_p256(const P256PrivateKey& key, const Sha256Digest& digest) noexcept {
  TAILOR_TRY(ensure_started());
  Slot slot;
  psa_status_t status = import_private(key, PSA_KEY_USAGE_SIGN_HASH, slot);
  if (status == PSA_ERROR_INVALID_ARGUMENT) return Error::kValueOutOfRange;
  P256Signature signature{};
  size_t written = 0;
  if (status == PSA_SUCCESS) {
    status = psa_sign_hash(slot.id, kEcdsa, digest.data(), digest.size(), signature.data(), signature.size(), &written);
  }
  if (status != PSA_SUCCESS) return error_of(status);
  if (written != signature.size()) return Error::kCryptoFailed;
  return signature;
}

Result<P256PrivateKey> generate_p256() noexcept {
  TAILOR_TRY(ensure_started());
  const psa_key_attributes_t attributes =
      attributes_of(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), PSA_KEY_USAGE_EXPORT);
  Slot slot;
  std::array<uint8_t, 32> scalar{};
  size_t written = 0;
  psa_status_t status = psa_generate_key(&attributes, &slot.id);
  if (status == PSA_SUCCESS) status = psa_export_key(slot.id, scalar.data(), scalar.size(), &written);
  if (status != PSA_SUCCESS) return error_of(status);
  if (written != scalar.size()) return Error::kCryptoFailed;
  const P256PrivateKey key{scalar};
  wipe(scalar);
  return key;
}

Result<P256PublicKey> public_key_of(const P256PrivateKey& key) noexcept {
  TAILOR_TRY(ensure_started());
  Slot slot;
  psa_status_t status = import_private(key, PSA_KEY_USAGE_EXPORT, slot);
  if (status == PSA_ERROR_INVALID_ARGUMENT) return Error::kValueOutOfRange;
  UncompressedPoint point{};
  size_t written = 0;
  if (status == PSA_SUCCESS) status = psa_export_public_key(slot.id, point.data(), point.size(), &written);
  if (status != PSA_SUCCESS) return error_of(status);
  if (written != point.size()) return Error::kCryptoFailed;
  P256PublicKey public_key;
  std::memcpy(public_key.xy.data(), point.data() + 1, public_key.xy.size());
  return public_key;
}

Status ecdh_p256(const P256PrivateKey& key, const P256PublicKey& peer, SharedSecret& secret) noexcept {
  TAILOR_TRY(ensure_started());
  Slot slot;
  psa_status_t status = import_private(key, PSA_KEY_USAGE_DERIVE, slot, PSA_ALG_ECDH);
  const UncompressedPoint point = uncompressed(peer);
  size_t written = 0;
  if (status == PSA_SUCCESS) {
    status = psa_raw_key_agreement(PSA_ALG_ECDH, slot.id, point.data(), point.size(), secret.data(), secret.size(),
                                   &written);
  }
  if (status == PSA_ERROR_INVALID_ARGUMENT) return Error::kValueOutOfRange;
  if (status != PSA_SUCCESS) return error_of(status);
  if (written != secret.size()) return Error::kCryptoFailed;
  return kOk;
}

}  // namespace tailor::crypto
