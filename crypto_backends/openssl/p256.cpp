// SPDX-License-Identifier: Apache-2.0
// ECDSA and key pairs on P-256 of the crypto contract over OpenSSL 3. Uses the EC_KEY interface: making an EVP_PKEY
// from raw coordinates costs as much as half a signature, and we hold keys as bytes.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include <memory>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
namespace {

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

// Threads share the group: nothing writes to it after this.
const EC_GROUP* group() noexcept {
  static const EC_GROUP* const p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return p256;
}

Number number(ByteView bytes) noexcept {
  return Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

Key empty_key() noexcept {
  Key key{EC_KEY_new()};
  if (key != nullptr && EC_KEY_set_group(key.get(), group()) != 1) key.reset();
  return key;
}

// A scalar between 1 and the order less 1, or null.
Number scalar_of(const P256PrivateKey& key) noexcept {
  Number scalar = number(key.secret_scalar());
  if (scalar == nullptr || BN_is_zero(scalar.get()) == 1 || BN_cmp(scalar.get(), EC_GROUP_get0_order(group())) >= 0) {
    return nullptr;
  }
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  return scalar;
}

}  // namespace

Status verify_p256(const P256PublicKey& key, const Sha256Digest& digest, const P256Signature& signature) noexcept {
  const ByteView xy{key.xy};
  const ByteView rs{signature};
  const Number x = number(xy.first(32));
  const Number y = number(xy.last(32));
  Number r = number(rs.first(32));
  Number s = number(rs.last(32));
  const Key ec_key = empty_key();
  const Point point{EC_POINT_new(group())};
  const Pair pair{ECDSA_SIG_new()};
  if (x == nullptr || y == nullptr || r == nullptr || s == nullptr || ec_key == nullptr || point == nullptr ||
      pair == nullptr) {
    return Error::kAllocationFailed;
  }
  // Refuses coordinates that are not below p or not on the curve; the cofactor is 1, so the point is in the group.
  if (EC_POINT_set_affine_coordinates(group(), point.get(), x.get(), y.get(), nullptr) != 1 ||
      EC_KEY_set_public_key(ec_key.get(), point.get()) != 1 || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return Error::kSignatureInvalid;
  }
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  if (ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), pair.get(), ec_key.get()) != 1) {
    return Error::kSignatureInvalid;
  }
  return kOk;
}

Result<P256Signature> sign_p256(const P256PrivateKey& key, const Sha256Digest& digest) noexcept {
  const Number scalar = scalar_of(key);
  if (scalar == nullptr) return Error::kValueOutOfRange;
  const Key ec_key = empty_key();
  if (ec_key == nullptr || EC_KEY_set_private_key(ec_key.get(), scalar.get()) != 1) return Error::kCryptoFailed;
  const Pair pair{ECDSA_do_sign(digest.data(), static_cast<int>(digest.size()), ec_key.get())};
  P256Signature signature{};
  if (pair == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), signature.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), signature.data() + 32, 32) != 32) {
    return Error::kCryptoFailed;
  }
  return signature;
}

Result<P256PrivateKey> generate_p256() noexcept {
  const Key ec_key = empty_key();
  std::array<uint8_t, 32> scalar{};
  if (ec_key == nullptr || EC_KEY_generate_key(ec_key.get()) != 1 ||
      BN_bn2binpad(EC_KEY_get0_private_key(ec_key.get()), scalar.data(), 32) != 32) {
    return Error::kCryptoFailed;
  }
  const P256PrivateKey key{scalar};
  wipe(scalar);
  return key;
}

Result<P256PublicKey> public_key_of(const P256PrivateKey& key) noexcept {
  const Number scalar = scalar_of(key);
  if (scalar == nullptr) return Error::kValueOutOfRange;
  const Scratch scratch{BN_CTX_new()};
  const Point point{EC_POINT_new(group())};
  const Number x{BN_new()};
  const Number y{BN_new()};
  P256PublicKey public_key;
  if (scratch == nullptr || point == nullptr || x == nullptr || y == nullptr ||
      EC_POINT_mul(group(), point.get(), scalar.get(), nullptr, nullptr, scratch.get()) != 1 ||
      EC_POINT_get_affine_coordinates(group(), point.get(), x.get(), y.get(), scratch.get()) != 1 ||
      BN_bn2binpad(x.get(), public_key.xy.data(), 32) != 32 ||
      BN_bn2binpad(y.get(), public_key.xy.data() + 32, 32) != 32) {
    return Error::kCryptoFailed;
  }
  return public_key;
}

}  // namespace tailor::crypto
