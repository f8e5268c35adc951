// SPDX-License-Identifier: Apache-2.0
// Digests, HMAC and HKDF of the crypto contract over OpenSSL 3.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <new>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
namespace {

/// What stands in Hash::state_.
struct HashState {
  EVP_MD_CTX* context;
  Error error;           ///< of the first failure, when `context` is null
  uint8_t digest_bytes;  ///< a SHAKE gives any length; ours is that of RFC 9054
};

// EVP_MD_fetch looks up providers; doing it once makes a digest of a short message several times faster.
const EVP_MD* fetched(HashAlgorithm algorithm) noexcept {
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  static EVP_MD* const shake128 = EVP_MD_fetch(nullptr, "SHAKE128", nullptr);
  static EVP_MD* const shake256 = EVP_MD_fetch(nullptr, "SHAKE256", nullptr);
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return sha256;
    case HashAlgorithm::kSha384:
      return sha384;
    case HashAlgorithm::kSha512:
      return sha512;
    case HashAlgorithm::kShake128:
      return shake128;
    case HashAlgorithm::kShake256:
      return shake256;
  }
  return nullptr;
}

// HMAC-SHA-256 over the pieces, one after the other.
Result<Sha256Digest> hmac_over(ByteView key, std::initializer_list<ByteView> pieces) noexcept {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  static constexpr uint8_t kZero[1] = {0};  // pads to the same key as an empty one, which OpenSSL takes for "no key"
  if (key.empty()) key = kZero;
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                                   OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context{EVP_MAC_CTX_new(hmac), &EVP_MAC_CTX_free};
  if (context == nullptr || EVP_MAC_init(context.get(), key.data(), key.size(), parameters) != 1) {
    return Error::kCryptoFailed;
  }
  for (const ByteView piece : pieces) {
    if (EVP_MAC_update(context.get(), piece.data(), piece.size()) != 1) return Error::kCryptoFailed;
  }
  Sha256Digest mac{};
  size_t written = 0;
  if (EVP_MAC_final(context.get(), mac.data(), &written, mac.size()) != 1) return Error::kCryptoFailed;
  return mac;
}

HashState& state_of(std::array<uint8_t, 256>& bytes) noexcept {
  return *std::launder(reinterpret_cast<HashState*>(bytes.data()));
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) noexcept {
  static_assert(sizeof(HashState) <= kStateBytes && alignof(HashState) <= 8);
  auto* state =
      std::construct_at(reinterpret_cast<HashState*>(state_.data()),
                        HashState{nullptr, Error::kCryptoFailed, static_cast<uint8_t>(hash_bytes(algorithm))});
  const EVP_MD* digest = fetched(algorithm);
  if (digest == nullptr) {
    state->error = Error::kAlgorithmUnsupported;
    return;
  }
  state->context = EVP_MD_CTX_new();
  if (state->context != nullptr && EVP_DigestInit_ex2(state->context, digest, nullptr) != 1) {
    EVP_MD_CTX_free(state->context);
    state->context = nullptr;
  }
}

Hash::~Hash() {
  EVP_MD_CTX_free(state_of(state_).context);
}

Status Hash::update(ByteView bytes) noexcept {
  HashState& state = state_of(state_);
  if (state.context == nullptr) return state.error;
  if (EVP_DigestUpdate(state.context, bytes.data(), bytes.size()) != 1) return Error::kCryptoFailed;
  return kOk;
}

Result<ByteView> Hash::finish(MutableBytes digest) noexcept {
  HashState& state = state_of(state_);
  if (state.context == nullptr) return state.error;
  if (digest.size() < state.digest_bytes) return Error::kBufferTooSmall;
  const bool extendable = (EVP_MD_get_flags(EVP_MD_CTX_get0_md(state.context)) & EVP_MD_FLAG_XOF) != 0;
  const int ended = extendable ? EVP_DigestFinalXOF(state.context, digest.data(), state.digest_bytes)
                               : EVP_DigestFinal_ex(state.context, digest.data(), nullptr);
  EVP_MD_CTX_free(state.context);
  state.context = nullptr;
  if (ended != 1) return Error::kCryptoFailed;
  return ByteView{digest.first(state.digest_bytes)};
}

Result<Sha256Digest> sha256(ByteView bytes) noexcept {
  Hash hash;
  TAILOR_TRY(hash.update(bytes));
  Sha256Digest digest{};
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message) noexcept {
  return hmac_over(key, {message});
}

Status verify_hmac_sha256(ByteView key, ByteView message, ByteView tag) noexcept {
  TAILOR_TRY_ASSIGN(const Sha256Digest expected, hmac_sha256(key, message));
  if (!constant_time_equal(expected, tag)) return Error::kSignatureInvalid;
  return kOk;
}

Status hkdf_sha256(ByteView key_material, ByteView salt, ByteView info, MutableBytes out) noexcept {
  if (out.size() > 255 * kSha256Bytes) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(Sha256Digest pseudo_random_key, hmac_over(salt, {key_material}));
  Sha256Digest block{};
  ByteView previous;
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    const uint8_t counter_byte[1] = {counter};
    const auto next = hmac_over(pseudo_random_key, {previous, info, counter_byte});
    if (!next.ok()) {
      wipe(pseudo_random_key);
      return next.error();
    }
    block = *next;
    previous = block;
    const size_t count = std::min(out.size(), block.size());
    std::memcpy(out.data(), block.data(), count);
    out = out.subspan(count);
  }
  wipe(pseudo_random_key);
  wipe(block);
  return kOk;
}

}  // namespace tailor::crypto
