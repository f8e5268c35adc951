// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/small/small.hpp"

#include <gtest/gtest.h>

#include "core/crypto/crypto.hpp"

namespace tailor::crypto {
namespace {

// RFC 6979 A.2.5: P-256, SHA-256, message "sample".
constexpr auto kPublic =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"_hex;
constexpr auto kSignature =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"_hex;
constexpr std::string_view kMessage = "sample";
constexpr auto kDigest = "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"_hex;

ByteView message() {
  return {reinterpret_cast<const uint8_t*>(kMessage.data()), kMessage.size()};
}

P256PublicKey public_key() {
  return P256PublicKey{kPublic};
}

TEST(SmallBackend, DigestsInPiecesAsAtOnce) {
  const auto whole = sha256(message());
  ASSERT_TRUE(whole.ok());
  EXPECT_TRUE(equal(*whole, kDigest));
  for (size_t cut = 0; cut <= kMessage.size(); ++cut) {
    Hash hash;
    ASSERT_TRUE(hash.update(message().first(cut)).ok());
    ASSERT_TRUE(hash.update(message().subspan(cut)).ok());
    Sha256Digest digest{};
    ASSERT_TRUE(hash.finish(digest).ok());
    EXPECT_TRUE(equal(digest, kDigest)) << cut;
    EXPECT_FALSE(hash.update(message()).ok()) << "after the end";
  }
}

TEST(SmallBackend, RefusesOtherDigestsByName) {
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::kSha384, HashAlgorithm::kSha512, HashAlgorithm::kShake128, HashAlgorithm::kShake256}) {
    Hash hash(algorithm);
    EXPECT_EQ(hash.update(message()).error(), Error::kAlgorithmUnsupported);
    std::array<uint8_t, kMaxHashBytes> digest{};
    EXPECT_EQ(hash.finish(digest).error(), Error::kAlgorithmUnsupported);
  }
  Hash hash;
  std::array<uint8_t, kSha256Bytes - 1> shorter{};
  EXPECT_EQ(hash.finish(shorter).error(), Error::kBufferTooSmall);
}

TEST(SmallBackend, VerifiesThePublishedSignatureAndNoOther) {
  EXPECT_TRUE(verify_p256(public_key(), kDigest, kSignature).ok());
  for (size_t at = 0; at < kSignature.size(); ++at) {
    P256Signature signature = kSignature;
    signature[at] ^= 0x10;
    EXPECT_EQ(verify_p256(public_key(), kDigest, signature).error(), Error::kSignatureInvalid) << "signature " << at;
    P256PublicKey key = public_key();
    key.xy[at] ^= 0x10;  // off the curve
    EXPECT_EQ(verify_p256(key, kDigest, kSignature).error(), Error::kSignatureInvalid) << "key " << at;
  }
  for (size_t at = 0; at < kDigest.size(); ++at) {
    Sha256Digest digest = kDigest;
    digest[at] ^= 0x10;
    EXPECT_EQ(verify_p256(public_key(), digest, kSignature).error(), Error::kSignatureInvalid) << "digest " << at;
  }
  EXPECT_EQ(verify_p256(public_key(), kDigest, P256Signature{}).error(), Error::kSignatureInvalid) << "r = s = 0";
}

TEST(SmallBackend, HasNoRandomNumbersWithoutASource) {
  std::array<uint8_t, 4> bytes{};
  EXPECT_EQ(random(bytes).error(), Error::kEntropyFailed);
  small::set_entropy_source([](MutableBytes out) noexcept -> Status {
    std::fill(out.begin(), out.end(), uint8_t{7});
    return kOk;
  });
  ASSERT_TRUE(random(bytes).ok());
  EXPECT_EQ(bytes, (std::array<uint8_t, 4>{7, 7, 7, 7}));
  small::set_entropy_source(nullptr);
}

}  // namespace
}  // namespace tailor::crypto
