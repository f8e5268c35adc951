// SPDX-License-Identifier: Apache-2.0
// See small.hpp. Two functions of the crypto contract over Mbed TLS's SHA-256 and p256-m, called directly: no PSA, no
// key slots, no heap.
#include "crypto_backends/small/small.hpp"

#include <mbedtls/sha256.h>

#include <memory>
#include <new>

#include "core/crypto/crypto.hpp"

// p256-m.h is not among the headers that Mbed TLS installs.
extern "C" int p256_ecdsa_verify(const uint8_t sig[64], const uint8_t pub[64], const uint8_t* hash, size_t hlen);

namespace tailor::crypto {
namespace small {
namespace {

constinit EntropySource entropy_source = nullptr;

}  // namespace

void set_entropy_source(EntropySource source) noexcept {
  entropy_source = source;
}

}  // namespace small

namespace {

struct HashState {
  mbedtls_sha256_context context;
  bool good;
};

HashState& state_of(uint8_t* bytes) noexcept {
  return *std::launder(reinterpret_cast<HashState*>(bytes));
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) noexcept {
  static_assert(sizeof(HashState) <= kStateBytes && alignof(HashState) <= 8);
  auto* state = std::construct_at(reinterpret_cast<HashState*>(state_.data()));
  mbedtls_sha256_init(&state->context);
  state->good = algorithm == HashAlgorithm::kSha256 && mbedtls_sha256_starts(&state->context, 0) == 0;
}

Hash::~Hash() {
  mbedtls_sha256_free(&state_of(state_.data()).context);
}

Status Hash::update(ByteView bytes) noexcept {
  HashState& state = state_of(state_.data());
  if (!state.good) return Error::kAlgorithmUnsupported;
  if (mbedtls_sha256_update(&state.context, bytes.data(), bytes.size()) != 0) return Error::kCryptoFailed;
  return kOk;
}

Result<ByteView> Hash::finish(MutableBytes digest) noexcept {
  HashState& state = state_of(state_.data());
  if (!state.good) return Error::kAlgorithmUnsupported;
  if (digest.size() < kSha256Bytes) return Error::kBufferTooSmall;
  state.good = false;
  if (mbedtls_sha256_finish(&state.context, digest.data()) != 0) return Error::kCryptoFailed;
  return ByteView{digest.first(kSha256Bytes)};
}

Result<Sha256Digest> sha256(ByteView bytes) noexcept {
  Hash hash;
  TAILOR_TRY(hash.update(bytes));
  Sha256Digest digest{};
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

Status verify_p256(const P256PublicKey& key, const Sha256Digest& digest, const P256Signature& signature) noexcept {
  if (p256_ecdsa_verify(signature.data(), key.xy.data(), digest.data(), digest.size()) != 0) {
    return Error::kSignatureInvalid;
  }
  return kOk;
}

Status random(MutableBytes out) noexcept {
  if (small::entropy_source == nullptr) return Error::kEntropyFailed;
  return small::entropy_source(out);
}

}  // namespace tailor::crypto
