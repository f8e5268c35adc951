// SPDX-License-Identifier: Apache-2.0
// Digests, HMAC and HKDF of the crypto contract over PSA Crypto.
#include <psa/crypto.h>

#include <algorithm>
#include <memory>
#include <new>

#include "core/crypto/crypto.hpp"
#include "crypto_backends/psa/platform.hpp"

namespace tailor::crypto {
namespace {

using psa::ensure_started;
using psa::error_of;

/// What stands in Hash::state_.
struct HashState {
  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  psa_status_t status = PSA_SUCCESS;
  uint8_t digest_bytes = 0;
};

psa_algorithm_t psa_hash(HashAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return PSA_ALG_SHA_256;
    case HashAlgorithm::kSha384:
      return PSA_ALG_SHA_384;
    case HashAlgorithm::kSha512:
      return PSA_ALG_SHA_512;
    case HashAlgorithm::kShake128:
    case HashAlgorithm::kShake256:
      break;  // Mbed TLS 3.6 has no SHAKE
  }
  return PSA_ALG_NONE;
}

/// A volatile HMAC key that is destroyed with its owner.
class HmacKey {
 public:
  HmacKey() = default;
  ~HmacKey() { psa_destroy_key(id_); }
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  [[nodiscard]] Status import(ByteView key) noexcept {
    // PSA refuses an empty key; HMAC pads every key with zeros, so one zero byte is the same key.
    static constexpr uint8_t kEmptyKey[1] = {0};
    if (key.empty()) key = kEmptyKey;
    TAILOR_TRY(ensure_started());
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
    psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_SHA_256));
    psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
    const psa_status_t status = psa_import_key(&attributes, key.data(), key.size(), &id_);
    if (status != PSA_SUCCESS) return error_of(status);
    return kOk;
  }

  /// HMAC over the pieces, one after the other.
  [[nodiscard]] Result<Sha256Digest> over(std::initializer_list<ByteView> pieces) const noexcept {
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    psa_status_t status = psa_mac_sign_setup(&operation, id_, PSA_ALG_HMAC(PSA_ALG_SHA_256));
    for (const ByteView piece : pieces) {
      if (status == PSA_SUCCESS && !piece.empty()) status = psa_mac_update(&operation, piece.data(), piece.size());
    }
    Sha256Digest mac{};
    size_t written = 0;
    if (status == PSA_SUCCESS) status = psa_mac_sign_finish(&operation, mac.data(), mac.size(), &written);
    if (status != PSA_SUCCESS) {
      psa_mac_abort(&operation);
      return error_of(status);
    }
    return mac;
  }

 private:
  psa_key_id_t id_ = PSA_KEY_ID_NULL;
};

}  // namespace

Hash::Hash(HashAlgorithm algorithm) noexcept {
  static_assert(sizeof(HashState) <= kStateBytes && alignof(HashState) <= 8);
  auto* state = std::construct_at(reinterpret_cast<HashState*>(state_.data()));
  state->digest_bytes = static_cast<uint8_t>(hash_bytes(algorithm));
  const psa_algorithm_t hash = psa_hash(algorithm);
  if (hash == PSA_ALG_NONE) {
    state->status = PSA_ERROR_NOT_SUPPORTED;
  } else {
    state->status = ensure_started().ok() ? psa_hash_setup(&state->operation, hash) : PSA_ERROR_BAD_STATE;
  }
}

Hash::~Hash() {
  auto* state = std::launder(reinterpret_cast<HashState*>(state_.data()));
  psa_hash_abort(&state->operation);
  std::destroy_at(state);
}

Status Hash::update(ByteView bytes) noexcept {
  auto* state = std::launder(reinterpret_cast<HashState*>(state_.data()));
  if (state->status == PSA_SUCCESS && !bytes.empty()) {
    state->status = psa_hash_update(&state->operation, bytes.data(), bytes.size());
  }
  if (state->status != PSA_SUCCESS) return error_of(state->status);
  return kOk;
}

Result<ByteView> Hash::finish(MutableBytes digest) noexcept {
  auto* state = std::launder(reinterpret_cast<HashState*>(state_.data()));
  if (state->status != PSA_SUCCESS) return error_of(state->status);
  if (digest.size() < state->digest_bytes) return Error::kBufferTooSmall;
  size_t written = 0;
  state->status = psa_hash_finish(&state->operation, digest.data(), digest.size(), &written);
  if (state->status != PSA_SUCCESS) return error_of(state->status);
  state->status = PSA_ERROR_BAD_STATE;
  return ByteView{digest.first(written)};
}

Result<Sha256Digest> sha256(ByteView bytes) noexcept {
  Hash hash;
  TAILOR_TRY(hash.update(bytes));
  Sha256Digest digest{};
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message) noexcept {
  HmacKey mac;
  TAILOR_TRY(mac.import(key));
  return mac.over({message});
}

Status verify_hmac_sha256(ByteView key, ByteView message, ByteView tag) noexcept {
  TAILOR_TRY_ASSIGN(const Sha256Digest expected, hmac_sha256(key, message));
  if (!constant_time_equal(expected, tag)) return Error::kSignatureInvalid;
  return kOk;
}

Status hkdf_sha256(ByteView key_material, ByteView salt, ByteView info, MutableBytes out) noexcept {
  if (out.size() > 255 * kSha256Bytes) return Error::kValueOutOfRange;
  HmacKey extract;
  TAILOR_TRY(extract.import(salt));
  TAILOR_TRY_ASSIGN(Sha256Digest pseudo_random_key, extract.over({key_material}));
  HmacKey expand;
  const Status imported = expand.import(pseudo_random_key);
  wipe(pseudo_random_key);
  TAILOR_TRY(imported);
  Sha256Digest block{};
  ByteView previous;
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    const uint8_t counter_byte[1] = {counter};
    TAILOR_TRY_ASSIGN(block, expand.over({previous, info, counter_byte}));
    previous = block;
    const size_t count = std::min(out.size(), block.size());
    std::memcpy(out.data(), block.data(), count);
    out = out.subspan(count);
  }
  wipe(block);
  return kOk;
}

}  // namespace tailor::crypto
