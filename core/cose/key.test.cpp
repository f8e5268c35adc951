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

VerificationKey rfc9679_key() {
  crypto::P256PublicKey key;
  std::copy(kRfc9679X.begin(), kRfc9679X.end(), key.xy.begin());
  std::copy(kRfc9679Y.begin(), kRfc9679Y.end(), key.xy.begin() + 32);
  return key;
}

TEST(Key, ThumbprintOfRfc9679) {
  EXPECT_EQ(thumbprint(rfc9679_key()).value(), kRfc9679Thumbprint);
}

struct KindRow {
  const char* name;
  KeyKind kind;
  size_t size;
  int64_t algorithm, legacy_algorithm;
  std::array<uint8_t, 4> head;  ///< of the encoding with no more than the key
};
constexpr KindRow kKinds[] = {
    {"P-256", KeyKind::kP256, 64, -9, -7, "a4 01 02 20"_hex},
    {"Ed25519", KeyKind::kEd25519, 32, -19, -8, "a3 01 01 20"_hex},
    {"HSS/LMS", KeyKind::kHssLms, 60, -46, -46, "a2 01 05 20"_hex},
    {"HSS/LMS with 24-byte hashes", KeyKind::kHssLms, 52, -46, -46, "a2 01 05 20"_hex},
    {"shortest HMAC key", KeyKind::kHmac256, 16, 5, 5, "a2 01 04 20"_hex},
    {"longest HMAC key", KeyKind::kHmac256, 64, 5, 5, "a2 01 04 20"_hex},
};

VerificationKey key_of(const KindRow& row) {
  const Octets octets(row.size, 0x31);
  return VerificationKey::from_bytes(row.kind, octets).value();
}

TEST(VerificationKey, TakesOnlyTheSizesOfItsKind) {
  const Octets octets(66, 0x31);
  for (const KindRow& row : kKinds) {
    const VerificationKey key = key_of(row);
    EXPECT_TRUE(key.is_valid()) << row.name;
    EXPECT_EQ(key.kind(), row.kind) << row.name;
    EXPECT_EQ(key.bytes().size(), row.size) << row.name;
    EXPECT_EQ(key.is_secret(), row.kind == KeyKind::kHmac256) << row.name;
  }
  const auto allowed = [](KeyKind kind, size_t size) {
    if (kind == KeyKind::kAesKw) return size == 16 || size == 24 || size == 32;
    for (const KindRow& row : kKinds) {
      if (row.kind == kind && (row.size == size || (kind == KeyKind::kHmac256 && size >= 16 && size <= 64)))
        return true;
    }
    return false;
  };
  for (const unsigned kind : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 255U}) {
    for (size_t size = 0; size <= octets.size(); ++size) {
      const auto made = VerificationKey::from_bytes(static_cast<KeyKind>(kind), ByteView(octets).first(size));
      EXPECT_EQ(made.ok(), allowed(static_cast<KeyKind>(kind), size)) << kind << " " << size;
    }
  }
}

TEST(VerificationKey, KeyIdIsTheThumbprintOrAbsent) {
  for (const KindRow& row : kKinds) {
    const VerificationKey key = key_of(row);
    std::array<uint8_t, kMaxKeyBytes> buffer;
    const ByteView encoded = encode_key({key, {}, 0}, buffer).value();
    EXPECT_TRUE(equal(encoded.first(4), row.head)) << row.name;
    const auto own = thumbprint(key).value();
    EXPECT_EQ(own, crypto::sha256(encoded).value()) << row.name;
    EXPECT_TRUE(may_have_key_id(key, {})) << row.name;
    EXPECT_TRUE(may_have_key_id(key, own)) << row.name;
    EXPECT_EQ(may_have_key_id(key, ByteView(own).first(31)), key.is_secret()) << row.name;
    EXPECT_FALSE(may_have_key_id(rfc9679_key(), own)) << row.name;
  }
}

TEST(Key, EveryKindRoundTripsWithItsAlgorithmsOnly) {
  constexpr auto kKeyId = "0102"_hex;
  std::array<uint8_t, kMaxKeyBytes> buffer;
  for (const KindRow& row : kKinds) {
    for (const int64_t algorithm : {4, 5, -7, -8, -9, -19, -29, -46}) {
      const ByteView encoded = encode_key({key_of(row), kKeyId, algorithm}, buffer).value();
      const auto decoded = decode_key(encoded);
      if (algorithm != row.algorithm && algorithm != row.legacy_algorithm) {
        EXPECT_EQ(decoded.error(), Error::kAlgorithmUnsupported) << row.name << " " << algorithm;
        continue;
      }
      ASSERT_TRUE(decoded.ok()) << row.name << " " << algorithm;
      EXPECT_EQ(decoded->key, key_of(row)) << row.name;
      EXPECT_EQ(decoded->algorithm, algorithm) << row.name;
      EXPECT_TRUE(equal(decoded->key_id, kKeyId)) << row.name;
      for (size_t length = 0; length < encoded.size(); ++length) {
        EXPECT_FALSE(decode_key(encoded.first(length)).ok()) << row.name << " " << length;
      }
    }
  }
}

TEST(Key, AWrappingKeyAlwaysNamesItsAlgorithm) {
  std::array<uint8_t, kMaxKeyBytes> buffer;
  for (const auto& [size, algorithm] : {std::pair<size_t, int8_t>{16, -3}, {24, -4}, {32, -5}}) {
    const VerificationKey key = VerificationKey::from_bytes(KeyKind::kAesKw, Octets(size, 0x31)).value();
    const ByteView encoded = encode_key({key, {}, 0}, buffer).value();
    const Octets head = {0xA3, 0x01, 0x04, 0x03, static_cast<uint8_t>(0x20 - algorithm - 1), 0x20};
    EXPECT_TRUE(equal(encoded.first(head.size()), head)) << size;
    const auto decoded = decode_key(encoded);
    ASSERT_TRUE(decoded.ok()) << size;
    EXPECT_EQ(decoded->key, key);
    EXPECT_EQ(decoded->algorithm, 0);
    EXPECT_TRUE(key.is_secret());
    Octets other(encoded.begin(), encoded.end());
    other[4] = algorithm == -3 ? 0x23 : 0x22;
    EXPECT_EQ(decode_key(other).error(), Error::kValueOutOfRange) << size;
    EXPECT_NE(thumbprint(key).value(), crypto::sha256(encoded).value()) << "the algorithm is no part of the thumbprint";
  }
}

TEST(Key, RefusesWhatNoKindHas) {
  struct Row {
    const char* name;
    Octets bytes;
    Error expected;
  };
  const auto of = [](const auto& head, size_t fill) {
    Octets out(head.begin(), head.end());
    out.insert(out.end(), fill, 0x31);
    return out;
  };
  const Row rows[] = {
      {"key type RSA", of("a2 01 03 20 41 00"_hex, 0), Error::kCoseUnsupported},
      {"key type by text", of("a2 01 61 32 20 41 00"_hex, 0), Error::kCborWrongType},
      {"parameter before the type", of("a2 02 41 00 03 05"_hex, 0), Error::kMissingKey},
      {"OKP: curve X25519", of("a3 01 01 20 04 21 58 20"_hex, 32), Error::kCoseUnsupported},
      {"OKP: private key", of("a4 01 01 20 06 21 41 31 23 41 00"_hex, 0), Error::kValueOutOfRange},
      {"OKP: y", of("a3 01 01 20 06 22 41 00"_hex, 0), Error::kUnknownKey},
      {"OKP: no curve", of("a2 01 01 21 58 20"_hex, 32), Error::kMissingKey},
      {"OKP: no x", of("a2 01 01 20 06"_hex, 0), Error::kMissingKey},
      {"OKP: short x", of("a3 01 01 20 06 21 58 1f"_hex, 31), Error::kValueOutOfRange},
      {"OKP: long x", of("a3 01 01 20 06 21 58 21"_hex, 33), Error::kValueOutOfRange},
      {"EC2: no y", of("a3 01 02 20 01 21 58 20"_hex, 32), Error::kMissingKey},
      {"EC2: no x", of("a3 01 02 20 01 22 58 20"_hex, 32), Error::kMissingKey},
      {"HSS-LMS: no key", of("a1 01 05"_hex, 0), Error::kMissingKey},
      {"HSS-LMS: empty", of("a2 01 05 20 40"_hex, 0), Error::kValueOutOfRange},
      {"HSS-LMS: 61 bytes", of("a2 01 05 20 58 3d"_hex, 61), Error::kValueOutOfRange},
      {"HSS-LMS: further parameter", of("a3 01 05 20 41 00 21 40"_hex, 0), Error::kUnknownKey},
      {"Symmetric: 15 bytes", of("a2 01 04 20 4f"_hex, 15), Error::kValueOutOfRange},
      {"Symmetric: 65 bytes", of("a2 01 04 20 58 41"_hex, 65), Error::kValueOutOfRange},
  };
  for (const Row& row : rows) EXPECT_EQ(decode_key(row.bytes).error(), row.expected) << row.name;
}

TEST(KeyVectors, ReadsTheMacKeyOfTheSuitExamples) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets encoded = testing::read_octets(*folder / "suit/keys/fwenc-hmac256.cbor");
  const Key key = decode_key(encoded).value();
  EXPECT_EQ(key.key.kind(), KeyKind::kHmac256);
  EXPECT_EQ(key.key.bytes().size(), 32U);
  EXPECT_EQ(key.key_id.size(), 32U);
  const Octets wrapping = testing::read_octets(*folder / "suit/keys/fwenc-a128kw.cbor");
  EXPECT_EQ(decode_key(wrapping).error(), Error::kCborNotCanonical) << "a head that is too long";
}

TEST(Key, RoundTrip) {
  constexpr auto kKeyId = "0102"_hex;
  std::array<uint8_t, kMaxKeyBytes> buffer;
  for (const ByteView key_id : {ByteView{}, ByteView(kKeyId)}) {
    for (const int64_t algorithm : {int64_t{0}, int64_t{-9}}) {
      const Key key{rfc9679_key(), key_id, algorithm};
      const ByteView encoded = encode_key(key, buffer).value();
      const Key decoded = decode_key(encoded).value();
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
  const Key key = decode_key(encoded).value();
  EXPECT_EQ(key.algorithm, -9);
  EXPECT_EQ(key.key_id.size(), 32U);
  EXPECT_EQ(key.key.bytes()[0], 0x84);
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
