// SPDX-License-Identifier: Apache-2.0
// ECDSA, ECDH and key pairs on P-256 over OpenSSL 3.
#include "crypto_backends/openssl/p256.hpp"

#include <openssl/ecdh.h>
#include <openssl/obj_mac.h>

namespace tailor::crypto {
namespace openssl {
namespace {

bool read_point(const EC_POINT* point, P256PublicKey& out) noexcept {
  const Number x{BN_new()};
  const Number y{BN_new()};
  return x != nullptr && y != nullptr &&
         EC_POINT_get_affine_coordinates(p256_group(), point, x.get(), y.get(), nullptr) == 1 &&
         BN_bn2binpad(x.get(), out.xy.data(), 32) == 32 && BN_bn2binpad(y.get(), out.xy.data() + 32, 32) == 32;
}

}  // namespace

const EC_GROUP* p256_group() noexcept {
  static const EC_GROUP* const p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return p256;
}

Number number(ByteView bytes) noexcept {
  return Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

Key empty_key() noexcept {
  Key key{EC_KEY_new()};
  if (key != nullptr && EC_KEY_set_group(key.get(), p256_group()) != 1) key.reset();
  return key;
}

Number scalar_of(const P256PrivateKey& key) noexcept {
  Number scalar = number(key.secret_scalar());
  if (scalar == nullptr || BN_is_zero(scalar.get()) == 1 ||
      BN_cmp(scalar.get(), EC_GROUP_get0_order(p256_group())) >= 0) {
    return nullptr;
  }
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  return scalar;
}

// Refuses coordinates that are not below p or not on the curve; the cofactor is 1, so the point is in the group.
Point point_of(const P256PublicKey& key) noexcept {
  const ByteView xy{key.xy};
  const Number x = number(xy.first(32));
  const Number y = number(xy.last(32));
  Point point{EC_POINT_new(p256_group())};
  if (x == nullptr || y == nullptr || point == nullptr ||
      EC_POINT_set_affine_coordinates(p256_group(), point.get(), x.get(), y.get(), nullptr) != 1) {
    return nullptr;
  }
  return point;
}

Status generate_pair(P256PrivateKey& key, P256PublicKey& public_key) noexcept {
  const Key ec_key = empty_key();
  std::array<uint8_t, 32> scalar{};
  if (ec_key == nullptr || EC_KEY_generate_key(ec_key.get()) != 1 ||
      BN_bn2binpad(EC_KEY_get0_private_key(ec_key.get()), scalar.data(), 32) != 32 ||
      !read_point(EC_KEY_get0_public_key(ec_key.get()), public_key)) {
    return Error::kCryptoFailed;
  }
  key = P256PrivateKey{scalar};
  wipe(scalar);
  return kOk;
}

}  // namespace openssl

Status verify_p256(const P256PublicKey& key, const Sha256Digest& digest, const P256Signature& signature) noexcept {
  const ByteView rs{signature};
  openssl::Number r = openssl::number(rs.first(32));
  openssl::Number s = openssl::number(rs.last(32));
  const openssl::Key ec_key = openssl::empty_key();
  const openssl::Pair pair{ECDSA_SIG_new()};
  if (r == nullptr || s == nullptr || ec_key == nullptr || pair == nullptr) return Error::kAllocationFailed;
  const openssl::Point point = openssl::point_of(key);
  if (point == nullptr || EC_KEY_set_public_key(ec_key.get(), point.get()) != 1 ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
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
  const openssl::Number scalar = openssl::scalar_of(key);
  if (scalar == nullptr) return Error::kValueOutOfRange;
  const openssl::Key ec_key = openssl::empty_key();
  if (ec_key == nullptr || EC_KEY_set_private_key(ec_key.get(), scalar.get()) != 1) return Error::kCryptoFailed;
  const openssl::Pair pair{ECDSA_do_sign(digest.data(), static_cast<int>(digest.size()), ec_key.get())};
  P256Signature signature{};
  if (pair == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), signature.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), signature.data() + 32, 32) != 32) {
    return Error::kCryptoFailed;
  }
  return signature;
}

Result<P256PrivateKey> generate_p256() noexcept {
  P256PrivateKey key;
  P256PublicKey public_key;
  TAILOR_TRY(openssl::generate_pair(key, public_key));
  return key;
}

Result<P256PublicKey> public_key_of(const P256PrivateKey& key) noexcept {
  const openssl::Number scalar = openssl::scalar_of(key);
  if (scalar == nullptr) return Error::kValueOutOfRange;
  const openssl::Point point{EC_POINT_new(openssl::p256_group())};
  P256PublicKey public_key;
  if (point == nullptr ||
      EC_POINT_mul(openssl::p256_group(), point.get(), scalar.get(), nullptr, nullptr, nullptr) != 1 ||
      !openssl::read_point(point.get(), public_key)) {
    return Error::kCryptoFailed;
  }
  return public_key;
}

Status ecdh_p256(const P256PrivateKey& key, const P256PublicKey& peer, SharedSecret& secret) noexcept {
  const openssl::Number scalar = openssl::scalar_of(key);
  const openssl::Point point = openssl::point_of(peer);
  if (scalar == nullptr || point == nullptr) return Error::kValueOutOfRange;
  const openssl::Key ec_key = openssl::empty_key();
  if (ec_key == nullptr || EC_KEY_set_private_key(ec_key.get(), scalar.get()) != 1 ||
      ECDH_compute_key(secret.data(), secret.size(), point.get(), ec_key.get(), nullptr) != 32) {
    return Error::kCryptoFailed;
  }
  return kOk;
}

}  // namespace tailor::crypto
