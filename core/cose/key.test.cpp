// SPDX-License-Identifier: Apache-2.0
#include "core/cose/key.hpp"

#include <gtest/gtest.h>

#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;

// RFC 9679 section 6.
constexpr auto kRfc9679X = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"_hex;
constexpr auto kRfc9679Y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"_hex;
constexpr auto kRfc9679Thumbprint = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"_hex;

crypto::P256PublicKey rfc9679_key() {
  crypto::P256PublicKey key;
  std::copy(kRfc9679X.begin(), kRfc9679X.end(), key.xy.begin());
  std::copy(kRfc9679Y.begin(), kRfc9679Y.end(), key.xy.begin() + 32);
  return key;
}

TEST(Key, ThumbprintOfRfc9679) {
  EXPECT_EQ(thumbprint(rfc9679_key()).value(), kRfc9679Thumbprint);
}

TEST(Key, RoundTrip) {
  constexpr auto kKeyId = "0102"_hex;
  std::array<uint8_t, kMaxKeyBytes> buffer;
  for (const ByteView key_id : {ByteView{}, ByteView(kKeyId)}) {
    for (const int64_t algorithm : {int64_t{0}, int64_t{-9}}) {
      const Ec2Key key{rfc9679_key(), key_id, algorithm};
      const ByteView encoded = encode_key(key, buffer).value();
      const Ec2Key decoded = decode_key(encoded).value();
      EXPECT_EQ(decoded.key, key.key);
      EXPECT_EQ(decoded.algorithm, algorithm);
      EXPECT_TRUE(equal(decoded.key_id, key_id));
      for (size_t length = 0; length < encoded.size(); ++length) {
        EXPECT_FALSE(decode_key(encoded.first(length)).ok()) << length;
      }
    }
  }
}

TEST(Key, ReadsTheKeyOfTheSuitExamples) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets encoded = testing::read_octets(*folder / "suit/keys/suit-wg-p256-public.cbor");
  const Ec2Key key = decode_key(encoded).value();
  EXPECT_EQ(key.algorithm, -9);
  EXPECT_EQ(key.key_id.size(), 32U);
  EXPECT_EQ(key.key.xy[0], 0x84);
}

TEST(Key, RefusesOtherKeys) {
  std::array<uint8_t, kMaxKeyBytes> buffer;
  const ByteView good = encode_key({rfc9679_key(), {}, 0}, buffer).value();
  const auto with = [&](size_t at, uint8_t octet) {
    Octets altered(good.begin(), good.end());
    altered[at] = octet;
    return altered;
  };
  EXPECT_EQ(decode_key(with(2, 0x01)).error(), Error::kCoseUnsupported) << "key type OKP";
  EXPECT_EQ(decode_key(with(4, 0x02)).error(), Error::kCoseUnsupported) << "curve P-384";
  EXPECT_EQ(decode_key(with(3, 0x04)).error(), Error::kUnknownKey) << "key_ops";
  Octets longer(good.begin(), good.end());
  longer.push_back(0);
  EXPECT_EQ(decode_key(longer).error(), Error::kTrailingBytes);
  Octets secret(good.begin(), good.end());
  secret[0] = 0xA5;
  secret.insert(secret.end(), {0x23, 0x41, 0x01});
  EXPECT_EQ(decode_key(secret).error(), Error::kUnknownKey) << "a private key";
  Octets zero(good.begin(), good.end());
  zero[0] = 0xA5;
  zero.insert(zero.begin() + 3, {0x03, 0x00});
  EXPECT_EQ(decode_key(zero).error(), Error::kValueOutOfRange) << "algorithm 0";
  zero[3] = 0x02;
  zero[4] = 0x40;
  EXPECT_EQ(decode_key(zero).error(), Error::kValueOutOfRange) << "empty key id";
  EXPECT_EQ(decode_key("a1 01 02"_hex).error(), Error::kMissingKey);
  EXPECT_EQ(decode_key("a0"_hex).error(), Error::kMissingKey);
  constexpr auto kCompressed = "a4 01 02 20 01 21 41 00 22 f5"_hex;
  EXPECT_EQ(decode_key(kCompressed).error(), Error::kValueOutOfRange) << "short coordinate";
  Octets compressed(good.begin(), good.begin() + 5 + 35);
  compressed.insert(compressed.end(), {0x22, 0xF5});
  EXPECT_EQ(decode_key(compressed).error(), Error::kCoseUnsupported) << "compressed point";
}

}  // namespace
}  // namespace tailor::cose
