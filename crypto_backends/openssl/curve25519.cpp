// SPDX-License-Identifier: Apache-2.0
// Ed25519 and X25519 of the crypto contract over OpenSSL 3.
#include "core/crypto/curve25519.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "core/crypto/symmetric.hpp"

namespace tailor::crypto {
namespace {

using namespace literals;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Octets32 = std::array<uint8_t, 32>;

Key private_key(const char* type, const Octets32& secret) noexcept {
  return {EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, secret.data(), secret.size()), &EVP_PKEY_free};
}

Key public_key(const char* type, const Octets32& bytes) noexcept {
  return {EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytes.data(), bytes.size()), &EVP_PKEY_free};
}

Status read_public(const char* type, const Octets32& secret, Octets32& out) noexcept {
  const Key key = private_key(type, secret);
  size_t size = out.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1 || size != out.size()) {
    return Error::kCryptoFailed;
  }
  return kOk;
}

template <typename PrivateKey>
Result<PrivateKey> generate() noexcept {
  Octets32 secret{};
  TAILOR_TRY(random(secret));
  const PrivateKey key{secret};
  wipe(secret);
  return key;
}

// y of the points of order 1, 2, 4 and 8, little-endian; the sign of x is the highest bit. OpenSSL takes them.
constexpr Octets32 kSmallOrder[] = {
    "0000000000000000000000000000000000000000000000000000000000000000"_hex,
    "0100000000000000000000000000000000000000000000000000000000000000"_hex,
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"_hex,
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"_hex,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"_hex,
};

bool is_usable(Octets32 point) noexcept {
  point[31] &= 0x7f;
  // Canonical: y is below p = 2^255 - 19 (RFC 8032 5.1.3 step 1).
  const bool below_p = point[0] < 0xed || point[31] != 0x7f ||
                       std::any_of(point.begin() + 1, point.end() - 1, [](uint8_t byte) { return byte != 0xff; });
  return below_p && std::find(std::begin(kSmallOrder), std::end(kSmallOrder), point) == std::end(kSmallOrder);
}

}  // namespace

Status verify_ed25519(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) noexcept {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  const Key ed_key = public_key("ED25519", key.bytes);
  if (context == nullptr || ed_key == nullptr ||
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, ed_key.get(), nullptr) != 1) {
    return Error::kCryptoFailed;
  }
  if (!is_usable(key.bytes) ||
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) {
    return Error::kSignatureInvalid;
  }
  return kOk;
}

Result<Ed25519Signature> sign_ed25519(const Ed25519PrivateKey& key, ByteView message) noexcept {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  const Key ed_key = private_key("ED25519", key.secret_bytes());
  Ed25519Signature signature{};
  size_t size = signature.size();
  if (context == nullptr || ed_key == nullptr ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, ed_key.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1 ||
      size != signature.size()) {
    return Error::kCryptoFailed;
  }
  return signature;
}

Result<Ed25519PrivateKey> generate_ed25519() noexcept {
  return generate<Ed25519PrivateKey>();
}

Result<Ed25519PublicKey> public_key_of(const Ed25519PrivateKey& key) noexcept {
  Ed25519PublicKey out;
  TAILOR_TRY(read_public("ED25519", key.secret_bytes(), out.bytes));
  return out;
}

Status ecdh_x25519(const X25519PrivateKey& key, const X25519PublicKey& peer, SharedSecret& secret) noexcept {
  const Key own = private_key("X25519", key.secret_bytes());
  const Key other = public_key("X25519", peer.bytes);
  if (own == nullptr || other == nullptr) return Error::kCryptoFailed;
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
      EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr), &EVP_PKEY_CTX_free};
  size_t size = secret.size();
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1) {
    return Error::kCryptoFailed;
  }
  // OpenSSL refuses a result of zero itself.
  if (EVP_PKEY_derive(context.get(), secret.data(), &size) != 1 || size != secret.size()) {
    return Error::kValueOutOfRange;
  }
  return kOk;
}

Result<X25519PrivateKey> generate_x25519() noexcept {
  return generate<X25519PrivateKey>();
}

Result<X25519PublicKey> public_key_of(const X25519PrivateKey& key) noexcept {
  X25519PublicKey out;
  TAILOR_TRY(read_public("X25519", key.secret_bytes(), out.bytes));
  return out;
}

}  // namespace tailor::crypto
