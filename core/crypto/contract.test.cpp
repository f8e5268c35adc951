// SPDX-License-Identifier: Apache-2.0
// What every backend of core/crypto promises beyond published vectors: limits, wrong sizes, damaged input. One source,
// linked once against each backend.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
namespace {

using namespace literals;

constexpr auto kAbc = "61 62 63"_hex;

Sha256Digest digest_of(std::string_view text) {
  return sha256(as_bytes(text)).value();
}

TEST(Hash, DigestsOfAbcAreThoseOfFips180) {
  struct Row {
    HashAlgorithm algorithm;
    std::vector<uint8_t> first_bytes;
  };
  const Row rows[] = {{HashAlgorithm::kSha256, {0xba, 0x78, 0x16, 0xbf}},
                      {HashAlgorithm::kSha384, {0xcb, 0x00, 0x75, 0x3f}},
                      {HashAlgorithm::kSha512, {0xdd, 0xaf, 0x35, 0xa1}}};
  for (const Row& row : rows) {
    Hash hash{row.algorithm};
    ASSERT_TRUE(hash.update(kAbc).ok());
    std::array<uint8_t, kMaxHashBytes> out{};
    const auto digest = hash.finish(out);
    ASSERT_TRUE(digest.ok());
    EXPECT_EQ(digest->size(), hash_bytes(row.algorithm));
    EXPECT_TRUE(equal(digest->first(4), row.first_bytes));
  }
}

// NIST's examples of the SHAKEs for the empty message, cut to the lengths of RFC 9054.
TEST(Hash, ShakesAreThoseOfFips202OrRefused) {
  struct Row {
    HashAlgorithm algorithm;
    std::vector<uint8_t> first_bytes;
  };
  const Row rows[] = {{HashAlgorithm::kShake128, {0x7f, 0x9c, 0x2b, 0xa4}},
                      {HashAlgorithm::kShake256, {0x46, 0xb9, 0xdd, 0x2b}}};
  for (const Row& row : rows) {
    Hash hash{row.algorithm};
    std::array<uint8_t, kMaxHashBytes> out{};
    const auto digest = hash.finish(out);
    if (!digest.ok()) {
      EXPECT_EQ(digest.error(), Error::kAlgorithmUnsupported);
      EXPECT_EQ(hash.update(kAbc).error(), Error::kAlgorithmUnsupported);
      continue;
    }
    EXPECT_EQ(digest->size(), row.algorithm == HashAlgorithm::kShake128 ? 32U : 64U);
    EXPECT_TRUE(equal(digest->first(4), row.first_bytes));
  }
}

TEST(Hash, IsTheSameHoweverTheInputIsCut) {
  std::vector<uint8_t> input(300);
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<uint8_t>(i * 7);
  const Sha256Digest whole = sha256(input).value();
  for (size_t cut = 0; cut <= input.size(); ++cut) {
    Hash hash;
    ASSERT_TRUE(hash.update(ByteView{input}.first(cut)).ok());
    ASSERT_TRUE(hash.update(ByteView{input}.subspan(cut)).ok());
    Sha256Digest parts{};
    ASSERT_TRUE(hash.finish(parts).ok());
    ASSERT_EQ(parts, whole) << "cut at " << cut;
  }
}

TEST(Hash, EndsOnceAndNeedsRoom) {
  Hash hash;
  std::array<uint8_t, 31> small{};
  EXPECT_EQ(hash.finish(small).error(), Error::kBufferTooSmall);
  Sha256Digest digest{};
  EXPECT_TRUE(hash.finish(digest).ok());
  EXPECT_FALSE(hash.finish(digest).ok());
  EXPECT_FALSE(hash.update(kAbc).ok());
}

TEST(P256, SignedIsVerifiedAndEveryChangedBitIsRefused) {
  const P256PrivateKey key = generate_p256().value();
  const P256PublicKey public_key = public_key_of(key).value();
  const Sha256Digest digest = digest_of("tailor");
  const P256Signature signature = sign_p256(key, digest).value();
  ASSERT_TRUE(verify_p256(public_key, digest, signature).ok());
  for (size_t bit = 0; bit < 512; bit += 37) {
    P256Signature changed = signature;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_EQ(verify_p256(public_key, digest, changed).error(), Error::kSignatureInvalid) << bit;
  }
  EXPECT_EQ(verify_p256(public_key, digest_of("Tailor"), signature).error(), Error::kSignatureInvalid);
  EXPECT_EQ(verify_p256(public_key_of(generate_p256().value()).value(), digest, signature).error(),
            Error::kSignatureInvalid);
}

TEST(P256, KeysThatAreNotOnTheCurveVerifyNothing) {
  const P256PrivateKey key = generate_p256().value();
  const Sha256Digest digest = digest_of("tailor");
  const P256Signature signature = sign_p256(key, digest).value();
  P256PublicKey off_curve = public_key_of(key).value();
  off_curve.xy[63] ^= 1;
  P256PublicKey beyond_p;
  beyond_p.xy.fill(0xff);
  for (const P256PublicKey& wrong : {off_curve, beyond_p, P256PublicKey{}}) {
    EXPECT_EQ(verify_p256(wrong, digest, signature).error(), Error::kSignatureInvalid);
  }
}

TEST(P256, ScalarsOutsideTheGroupAreRefused) {
  // The order n of the group, from SEC 2.
  constexpr auto kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"_hex;
  auto below = kOrder;
  below[31] = 0x50;
  EXPECT_TRUE(public_key_of(P256PrivateKey{below}).ok());
  std::array<uint8_t, 32> ones{};
  ones.fill(0xff);
  for (const auto& scalar : {kOrder, std::array<uint8_t, 32>{}, ones}) {
    EXPECT_EQ(public_key_of(P256PrivateKey{scalar}).error(), Error::kValueOutOfRange);
    EXPECT_EQ(sign_p256(P256PrivateKey{scalar}, digest_of("x")).error(), Error::kValueOutOfRange);
  }
}

TEST(P256, BothSidesAgreeOnASecret) {
  const P256PrivateKey a = generate_p256().value();
  const P256PrivateKey b = generate_p256().value();
  SharedSecret one{};
  SharedSecret two{};
  ASSERT_TRUE(ecdh_p256(a, public_key_of(b).value(), one).ok());
  ASSERT_TRUE(ecdh_p256(b, public_key_of(a).value(), two).ok());
  EXPECT_EQ(one, two);
  EXPECT_NE(one, SharedSecret{});
  P256PublicKey off_curve = public_key_of(b).value();
  off_curve.xy[63] ^= 1;
  for (const P256PublicKey& wrong : {off_curve, P256PublicKey{}}) {
    EXPECT_EQ(ecdh_p256(a, wrong, one).error(), Error::kValueOutOfRange);
  }
  EXPECT_EQ(ecdh_p256(P256PrivateKey{}, public_key_of(b).value(), one).error(), Error::kValueOutOfRange);
}

// SEC 1 4.1.4 step 1: r and s are between 1 and n - 1.
TEST(P256, SignaturesWithZeroOrTheOrderAreRefused) {
  constexpr auto kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"_hex;
  const P256PrivateKey key = generate_p256().value();
  const P256PublicKey public_key = public_key_of(key).value();
  const P256Signature good = sign_p256(key, digest_of("x")).value();
  for (const size_t half : {0U, 32U}) {
    for (const auto& number : {kOrder, std::array<uint8_t, 32>{}}) {
      P256Signature wrong = good;
      std::copy(number.begin(), number.end(), wrong.begin() + static_cast<ptrdiff_t>(half));
      EXPECT_EQ(verify_p256(public_key, digest_of("x"), wrong).error(), Error::kSignatureInvalid) << half;
    }
  }
  EXPECT_EQ(verify_p256(public_key, digest_of("x"), P256Signature{}).error(), Error::kSignatureInvalid);
}

TEST(P256, GeneratedKeysDiffer) {
  std::set<std::array<uint8_t, 32>> seen;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(seen.insert(generate_p256().value().secret_scalar()).second);
}

TEST(Hkdf, LengthLimitIsThatOfRfc5869) {
  std::vector<uint8_t> out(255 * 32 + 1);
  EXPECT_TRUE(hkdf_sha256(kAbc, {}, {}, MutableBytes{out}.first(255 * 32)).ok());
  EXPECT_EQ(hkdf_sha256(kAbc, {}, {}, out).error(), Error::kValueOutOfRange);
  EXPECT_TRUE(hkdf_sha256(kAbc, {}, {}, {}).ok());
}

TEST(Hmac, TakesAnEmptyKey) {
  // HMAC_SHA256("", ""), as in RFC 6234's and Wikipedia's examples.
  constexpr auto kExpected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"_hex;
  EXPECT_EQ(hmac_sha256({}, {}).value(), kExpected);
}

TEST(Hmac, TagsOfAnotherLengthOrContentAreRefused) {
  const Sha256Digest tag = hmac_sha256(kAbc, kAbc).value();
  EXPECT_TRUE(verify_hmac_sha256(kAbc, kAbc, tag).ok());
  for (size_t length = 0; length < tag.size(); ++length) {
    EXPECT_EQ(verify_hmac_sha256(kAbc, kAbc, ByteView{tag}.first(length)).error(), Error::kSignatureInvalid);
  }
  for (size_t bit = 0; bit < 256; ++bit) {
    Sha256Digest changed = tag;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_EQ(verify_hmac_sha256(kAbc, kAbc, changed).error(), Error::kSignatureInvalid) << bit;
  }
}

class Aead : public testing::TestWithParam<AeadAlgorithm> {
 protected:
  [[nodiscard]] size_t nonce_bytes() const { return GetParam() == AeadAlgorithm::kA128Gcm ? 12 : 13; }
  [[nodiscard]] size_t tag_bytes() const { return GetParam() == AeadAlgorithm::kA128Gcm ? 16 : 8; }
  const std::array<uint8_t, 16> key_ = "000102030405060708090a0b0c0d0e0f"_hex;
  const std::vector<uint8_t> nonce_ = std::vector<uint8_t>(nonce_bytes(), 0x5a);
};

TEST_P(Aead, SealsAndOpensInPlaceForEveryLength) {
  for (size_t length = 0; length <= 70; ++length) {
    const std::vector<uint8_t> plain(length, 0x42);
    std::vector<uint8_t> memory(length + tag_bytes());
    std::copy(plain.begin(), plain.end(), memory.begin());
    const auto sealed = aead_seal(GetParam(), key_, nonce_, kAbc, ByteView{memory}.first(length), memory);
    ASSERT_TRUE(sealed.ok());
    ASSERT_EQ(sealed->size(), length + tag_bytes());
    if (length > 8) {
      EXPECT_FALSE(equal(sealed->first(length), plain));
    }
    const auto opened = aead_open(GetParam(), key_, nonce_, kAbc, *sealed, memory);
    ASSERT_TRUE(opened.ok()) << length;
    EXPECT_TRUE(equal(*opened, plain));
  }
}

TEST_P(Aead, EveryChangedBitIsRefusedAndNothingIsGivenAway) {
  const std::vector<uint8_t> plain(20, 0x42);
  std::vector<uint8_t> sealed(20 + tag_bytes());
  ASSERT_TRUE(aead_seal(GetParam(), key_, nonce_, kAbc, plain, sealed).ok());
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::vector<uint8_t> changed = sealed;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    std::vector<uint8_t> out(20, 0xee);
    ASSERT_EQ(aead_open(GetParam(), key_, nonce_, kAbc, changed, out).error(), Error::kSignatureInvalid) << bit;
    for (const uint8_t byte : out) ASSERT_TRUE(byte == 0 || byte == 0xee);
  }
  std::vector<uint8_t> out(20);
  EXPECT_EQ(aead_open(GetParam(), key_, nonce_, {}, sealed, out).error(), Error::kSignatureInvalid);
  for (size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(aead_open(GetParam(), key_, nonce_, kAbc, ByteView{sealed}.first(length), out).ok()) << length;
  }
}

TEST_P(Aead, WrongSizesAreRefused) {
  std::vector<uint8_t> out(64);
  const ByteView key{key_};
  EXPECT_EQ(aead_seal(GetParam(), key.first(15), nonce_, {}, kAbc, out).error(), Error::kValueOutOfRange);
  EXPECT_EQ(aead_seal(GetParam(), key, ByteView{nonce_}.first(11), {}, kAbc, out).error(), Error::kValueOutOfRange);
  EXPECT_EQ(aead_seal(GetParam(), key, nonce_, {}, kAbc, MutableBytes{out}.first(3 + tag_bytes() - 1)).error(),
            Error::kBufferTooSmall);
  const auto sealed = aead_seal(GetParam(), key, nonce_, {}, kAbc, out);
  ASSERT_TRUE(sealed.ok());
  std::vector<uint8_t> small(2);
  EXPECT_EQ(aead_open(GetParam(), key, nonce_, {}, *sealed, small).error(), Error::kBufferTooSmall);
}

INSTANTIATE_TEST_SUITE_P(All, Aead, testing::Values(AeadAlgorithm::kA128Gcm, AeadAlgorithm::kAesCcm16_64_128),
                         [](const auto& test) {
                           return test.param == AeadAlgorithm::kA128Gcm ? std::string{"A128Gcm"}
                                                                        : std::string{"AesCcm16_64_128"};
                         });

TEST(Random, FillsAnyLengthAndDoesNotRepeat) {
  ASSERT_TRUE(random({}).ok());
  std::array<uint8_t, 32> a{};
  std::array<uint8_t, 32> b{};
  ASSERT_TRUE(random(a).ok());
  ASSERT_TRUE(random(b).ok());
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace tailor::crypto
