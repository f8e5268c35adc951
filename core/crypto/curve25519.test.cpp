// SPDX-License-Identifier: Apache-2.0
// Ed25519 and X25519 of a backend: published vectors, and what has to be refused. A backend that was built without them
// refuses everything, which is then what is tested.
#include <gtest/gtest.h>

#include "core/crypto/wycheproof.test.hpp"

namespace tailor::crypto {
namespace {

using namespace literals;

constexpr auto kMessage = "74 61 69 6c 6f 72"_hex;

bool backend_has_it() {
  const auto key = generate_ed25519();
  return key.ok() || key.error() != Error::kAlgorithmUnsupported;
}

#define TAILOR_ONLY_WITH_CURVE25519() \
  if (!backend_has_it()) GTEST_SKIP() << "this backend was built without Ed25519"

TEST(Ed25519, IsThereOrRefusedAsAWhole) {
  const bool present = backend_has_it();
  const Ed25519PrivateKey key;
  const X25519PrivateKey x_key;
  SharedSecret secret{};
  const Error expected = Error::kAlgorithmUnsupported;
  EXPECT_EQ(sign_ed25519(key, kMessage).ok(), present);
  EXPECT_EQ(public_key_of(key).ok(), present);
  EXPECT_EQ(generate_x25519().ok(), present);
  EXPECT_EQ(public_key_of(x_key).ok(), present);
  EXPECT_EQ(verify_ed25519({}, kMessage, {}).error(), present ? Error::kSignatureInvalid : expected);
  EXPECT_EQ(ecdh_x25519(x_key, {}, secret).error(), present ? Error::kValueOutOfRange : expected);
}

TEST(Ed25519, SignedIsVerifiedAndEveryChangedBitIsRefused) {
  TAILOR_ONLY_WITH_CURVE25519();
  const Ed25519PrivateKey key = generate_ed25519().value();
  const Ed25519PublicKey public_key = public_key_of(key).value();
  const Ed25519Signature signature = sign_ed25519(key, kMessage).value();
  ASSERT_TRUE(verify_ed25519(public_key, kMessage, signature).ok());
  ASSERT_TRUE(verify_ed25519(public_key, {}, sign_ed25519(key, {}).value()).ok());
  for (size_t bit = 0; bit < 512; ++bit) {
    Ed25519Signature changed = signature;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_EQ(verify_ed25519(public_key, kMessage, changed).error(), Error::kSignatureInvalid) << bit;
  }
  EXPECT_FALSE(verify_ed25519(public_key, ByteView{kMessage}.first(5), signature).ok());
}

// With A of small order and S = 0, R = A's negative multiple verifies for many messages; an A that is not canonical has
// two encodings. Neither is a key.
TEST(Ed25519, PublicKeysOfSmallOrderOrNotCanonicalVerifyNothing) {
  TAILOR_ONLY_WITH_CURVE25519();
  const std::array<uint8_t, 32> keys[] = {
      "0000000000000000000000000000000000000000000000000000000000000000"_hex,
      "0000000000000000000000000000000000000000000000000000000000000080"_hex,
      "0100000000000000000000000000000000000000000000000000000000000000"_hex,
      "0100000000000000000000000000000000000000000000000000000000000080"_hex,
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"_hex,
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"_hex,
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"_hex,
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"_hex,
      "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"_hex,
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"_hex,
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"_hex,
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"_hex,
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"_hex,
  };
  for (const auto& bytes : keys) {
    Ed25519Signature signature{};
    std::copy(bytes.begin(), bytes.end(), signature.begin());
    EXPECT_EQ(verify_ed25519({bytes}, kMessage, signature).error(), Error::kSignatureInvalid);
    signature.fill(0);
    signature[0] = 1;  // R is the neutral element
    EXPECT_EQ(verify_ed25519({bytes}, kMessage, signature).error(), Error::kSignatureInvalid);
  }
}

TEST(X25519, BothSidesAgree) {
  TAILOR_ONLY_WITH_CURVE25519();
  const X25519PrivateKey a = generate_x25519().value();
  const X25519PrivateKey b = generate_x25519().value();
  SharedSecret one{};
  SharedSecret two{};
  ASSERT_TRUE(ecdh_x25519(a, public_key_of(b).value(), one).ok());
  ASSERT_TRUE(ecdh_x25519(b, public_key_of(a).value(), two).ok());
  EXPECT_EQ(one, two);
  EXPECT_NE(one, SharedSecret{});
}

TEST(CurveVectors, WycheproofEd25519) {
  TAILOR_ONLY_WITH_CURVE25519();
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/ed25519_test.json");
  const int count = for_each_test(
      *file, [](const json&) { return true; },
      [](const json& group, const json& test) {
        Ed25519PublicKey key;
        const Bytes point = unhex(group["publicKey"]["pk"]);
        ASSERT_EQ(point.size(), key.bytes.size());
        std::copy(point.begin(), point.end(), key.bytes.begin());
        const Bytes raw = unhex(test["sig"]);
        if (raw.size() != 64) {  // the contract's type admits no other length
          EXPECT_FALSE(verdict(test).value());
          return;
        }
        Ed25519Signature signature{};
        std::copy(raw.begin(), raw.end(), signature.begin());
        EXPECT_EQ(verify_ed25519(key, unhex(test["msg"]), signature).ok(), verdict(test).value());
      });
  EXPECT_EQ(count, 151);
}

TEST(CurveVectors, WycheproofX25519) {
  TAILOR_ONLY_WITH_CURVE25519();
  TAILOR_LOAD_OR_SKIP(file, "wycheproof/x25519_test.json");
  const int count = for_each_test(
      *file, [](const json&) { return true; },
      [](const json&, const json& test) {
        std::array<uint8_t, 32> scalar{};
        X25519PublicKey peer;
        const Bytes raw = unhex(test["private"]);
        const Bytes point = unhex(test["public"]);
        std::copy(raw.begin(), raw.end(), scalar.begin());
        std::copy(point.begin(), point.end(), peer.bytes.begin());
        SharedSecret secret{};
        const Status status = ecdh_x25519(X25519PrivateKey{scalar}, peer, secret);
        const Bytes shared = unhex(test["shared"]);
        const bool zero = std::all_of(shared.begin(), shared.end(), [](uint8_t byte) { return byte == 0; });
        EXPECT_EQ(status.ok(), !zero);
        if (status.ok()) {
          EXPECT_TRUE(equal(secret, shared));
        }
      });
  EXPECT_EQ(count, 518);
}

TEST(CurveVectors, Rfc8032) {
  TAILOR_ONLY_WITH_CURVE25519();
  TAILOR_LOAD_OR_SKIP(file, "crypto_primitives_rfc.json");
  int count = 0;
  for (const json& test : (*file)["vectors"]["ed25519_rfc8032_71"]) {
    std::array<uint8_t, 32> seed{};
    const Bytes raw = unhex(test["secret_key"]);
    std::copy_n(raw.begin(), 32, seed.begin());
    const Ed25519PrivateKey key{seed};
    EXPECT_TRUE(equal(public_key_of(key).value().bytes, unhex(test["public_key"])));
    EXPECT_TRUE(equal(sign_ed25519(key, unhex(test["message"])).value(), unhex(test["signature"])));
    ++count;
  }
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace tailor::crypto
