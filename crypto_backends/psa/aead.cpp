// SPDX-License-Identifier: Apache-2.0
// AEAD and random numbers of the crypto contract over PSA Crypto.
#include <psa/crypto.h>

#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/platform.hpp"

namespace tailor::crypto {
namespace {

struct Suite {
  psa_algorithm_t algorithm;
  size_t nonce_bytes;
  size_t tag_bytes;
};

constexpr size_t kKeyBytes = 16;

Suite suite_of(AeadAlgorithm algorithm) noexcept {
  if (algorithm == AeadAlgorithm::kA128Gcm) return {PSA_ALG_GCM, 12, 16};
  return {PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 8), 13, 8};
}

/// An AES key in a slot that is emptied with its owner.
class AesKey {
 public:
  AesKey() = default;
  ~AesKey() { psa_destroy_key(id_); }
  AesKey(const AesKey&) = delete;
  AesKey& operator=(const AesKey&) = delete;

  [[nodiscard]] Status import(ByteView key, const Suite& suite, psa_key_usage_t usage) noexcept {
    TAILOR_TRY(psa::ensure_started());
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, suite.algorithm);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    const psa_status_t status = psa_import_key(&attributes, key.data(), key.size(), &id_);
    if (status != PSA_SUCCESS) return psa::error_of(status);
    return kOk;
  }
  [[nodiscard]] psa_key_id_t id() const noexcept { return id_; }

 private:
  psa_key_id_t id_ = PSA_KEY_ID_NULL;
};

}  // namespace

Result<ByteView> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                           ByteView plaintext, MutableBytes out) noexcept {
  const Suite suite = suite_of(algorithm);
  if (key.size() != kKeyBytes || nonce.size() != suite.nonce_bytes) return Error::kValueOutOfRange;
  if (out.size() < plaintext.size() + suite.tag_bytes) return Error::kBufferTooSmall;
  AesKey slot;
  TAILOR_TRY(slot.import(key, suite, PSA_KEY_USAGE_ENCRYPT));
  size_t written = 0;
  const psa_status_t status =
      psa_aead_encrypt(slot.id(), suite.algorithm, nonce.data(), nonce.size(), additional.data(), additional.size(),
                       plaintext.data(), plaintext.size(), out.data(), out.size(), &written);
  if (status != PSA_SUCCESS) return psa::error_of(status);
  return ByteView{out.first(written)};
}

Result<ByteView> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                           ByteView ciphertext_and_tag, MutableBytes out) noexcept {
  const Suite suite = suite_of(algorithm);
  if (key.size() != kKeyBytes || nonce.size() != suite.nonce_bytes) return Error::kValueOutOfRange;
  if (ciphertext_and_tag.size() < suite.tag_bytes) return Error::kTruncated;
  const size_t plaintext_bytes = ciphertext_and_tag.size() - suite.tag_bytes;
  if (out.size() < plaintext_bytes) return Error::kBufferTooSmall;
  AesKey slot;
  TAILOR_TRY(slot.import(key, suite, PSA_KEY_USAGE_DECRYPT));
  size_t written = 0;
  const psa_status_t status =
      psa_aead_decrypt(slot.id(), suite.algorithm, nonce.data(), nonce.size(), additional.data(), additional.size(),
                       ciphertext_and_tag.data(), ciphertext_and_tag.size(), out.data(), out.size(), &written);
  if (status != PSA_SUCCESS) {
    wipe(out.first(plaintext_bytes));
    return psa::error_of(status);
  }
  return ByteView{out.first(written)};
}

Status random(MutableBytes out) noexcept {
  TAILOR_TRY(psa::ensure_started());
  const psa_status_t status = psa_generate_random(out.data(), out.size());
  if (status != PSA_SUCCESS) return Error::kEntropyFailed;
  return kOk;
}

}  // namespace tailor::crypto
