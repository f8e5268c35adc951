// SPDX-License-Identifier: Apache-2.0
// P-256 objects of OpenSSL as this folder uses them. Uses the EC_KEY interface: making an EVP_PKEY from raw coordinates
// costs as much as half a signature, and we hold keys as bytes. Internal to crypto_backends/openssl.
#pragma once

#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include <memory>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto::openssl {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<&BN_clear_free>>;
using Scratch = std::unique_ptr<BN_CTX, Deleter<&BN_CTX_free>>;
using Key = std::unique_ptr<EC_KEY, Deleter<&EC_KEY_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<&EC_POINT_free>>;
using Pair = std::unique_ptr<ECDSA_SIG, Deleter<&ECDSA_SIG_free>>;

/// Threads share the group: nothing writes to it.
[[nodiscard]] const EC_GROUP* p256_group() noexcept;
[[nodiscard]] Number number(ByteView bytes) noexcept;
/// A key of the group with neither half; null when memory is used up.
[[nodiscard]] Key empty_key() noexcept;
/// A scalar between 1 and the order less 1, or null.
[[nodiscard]] Number scalar_of(const P256PrivateKey& key) noexcept;
/// The point with these coordinates, or null when it is not on the curve.
[[nodiscard]] Point point_of(const P256PublicKey& key) noexcept;
/// A fresh key pair.
[[nodiscard]] Status generate_pair(P256PrivateKey& key, P256PublicKey& public_key) noexcept;

}  // namespace tailor::crypto::openssl
