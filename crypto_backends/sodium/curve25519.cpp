// SPDX-License-Identifier: Apache-2.0
// Ed25519 and X25519 of the crypto contract over libsodium, beside Mbed TLS (option TAILOR_ED25519). libsodium refuses
// what the contract refuses: S not below the order, points that are not canonical or of small order.
#include "core/crypto/curve25519.hpp"

#include <sodium.h>

#include "core/crypto/symmetric.hpp"

namespace tailor::crypto {
namespace {

/// libsodium's private key: seed then public key. Wiped when it goes.
struct SodiumKey {
  explicit SodiumKey(const Ed25519PrivateKey& key) noexcept {
    crypto_sign_ed25519_seed_keypair(public_part.data(), bytes.data(), key.secret_bytes().data());
  }
  ~SodiumKey() { wipe(bytes); }
  SodiumKey(const SodiumKey&) = delete;
  SodiumKey& operator=(const SodiumKey&) = delete;
  std::array<uint8_t, crypto_sign_ed25519_PUBLICKEYBYTES> public_part{};
  std::array<uint8_t, crypto_sign_ed25519_SECRETKEYBYTES> bytes{};
};

template <typename PrivateKey>
Result<PrivateKey> generate() noexcept {
  std::array<uint8_t, 32> secret{};
  TAILOR_TRY(random(secret));
  const PrivateKey key{secret};
  wipe(secret);
  return key;
}

}  // namespace

Status verify_ed25519(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) noexcept {
  if (sodium_init() < 0) return Error::kCryptoFailed;
  if (crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(), key.bytes.data()) != 0) {
    return Error::kSignatureInvalid;
  }
  return kOk;
}

Result<Ed25519Signature> sign_ed25519(const Ed25519PrivateKey& key, ByteView message) noexcept {
  if (sodium_init() < 0) return Error::kCryptoFailed;
  const SodiumKey sodium_key{key};
  Ed25519Signature signature{};
  if (crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                                   sodium_key.bytes.data()) != 0) {
    return Error::kCryptoFailed;
  }
  return signature;
}

Result<Ed25519PrivateKey> generate_ed25519() noexcept {
  return generate<Ed25519PrivateKey>();
}

Result<Ed25519PublicKey> public_key_of(const Ed25519PrivateKey& key) noexcept {
  if (sodium_init() < 0) return Error::kCryptoFailed;
  return Ed25519PublicKey{SodiumKey{key}.public_part};
}

Status ecdh_x25519(const X25519PrivateKey& key, const X25519PublicKey& peer, SharedSecret& secret) noexcept {
  if (sodium_init() < 0) return Error::kCryptoFailed;
  if (crypto_scalarmult_curve25519(secret.data(), key.secret_bytes().data(), peer.bytes.data()) != 0) {
    return Error::kValueOutOfRange;
  }
  return kOk;
}

Result<X25519PrivateKey> generate_x25519() noexcept {
  return generate<X25519PrivateKey>();
}

Result<X25519PublicKey> public_key_of(const X25519PrivateKey& key) noexcept {
  if (sodium_init() < 0) return Error::kCryptoFailed;
  X25519PublicKey out;
  if (crypto_scalarmult_curve25519_base(out.bytes.data(), key.secret_bytes().data()) != 0) return Error::kCryptoFailed;
  return out;
}

}  // namespace tailor::crypto
