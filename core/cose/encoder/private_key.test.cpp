// SPDX-License-Identifier: Apache-2.0
#include "core/cose/encoder/private_key.hpp"

#include <gtest/gtest.h>

#include "testing/vectors/vectors.hpp"

namespace tailor::cose {
namespace {

using testing::Octets;

constexpr Error kValid = Error{};
constexpr auto kKeyId = "6b31"_hex;

/// RFC 8032 7.1, test 1, and RFC 7748 6.1, Alice; a P-256 key that is drawn.
PrivateKey key_of(PrivateKeyKind kind) {
  constexpr auto kEd25519 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"_hex;
  constexpr auto kX25519 = "77076d0a7318a57d3c16c17251b26645124d1c5f3f4d2e5fe4f7f3e8d7f2e2a3"_hex;
  constexpr auto kSymmetric = "616161616161616161616161616161616161616161616161"_hex;
  if (kind == PrivateKeyKind::kEd25519) return PrivateKey::from_bytes(kind, kEd25519).value();
  if (kind == PrivateKeyKind::kX25519) return PrivateKey::from_bytes(kind, kX25519).value();
  if (kind == PrivateKeyKind::kSymmetric) return PrivateKey::from_bytes(kind, kSymmetric).value();
  return PrivateKey::from_bytes(kind, crypto::generate_p256().value().secret_scalar()).value();
}

TEST(PrivateKey, EveryKindRoundTrips) {
  std::array<uint8_t, 256> buffer;
  for (const auto kind :
       {PrivateKeyKind::kP256, PrivateKeyKind::kEd25519, PrivateKeyKind::kX25519, PrivateKeyKind::kSymmetric}) {
    for (const int64_t algorithm : {int64_t{0}, int64_t{-29}}) {
      PrivateKey key = key_of(kind);
      key.algorithm = algorithm;
      if (algorithm != 0) key.key_id = kKeyId;
      const ByteView encoded = encode_private_key(key, buffer).value();
      const auto decoded = decode_private_key(encoded);
      ASSERT_TRUE(decoded.ok()) << static_cast<int>(kind);
      EXPECT_EQ(decoded->kind(), kind);
      EXPECT_TRUE(equal(decoded->secret_bytes(), key.secret_bytes()));
      EXPECT_EQ(decoded->algorithm, algorithm);
      EXPECT_TRUE(equal(decoded->key_id, key.key_id));
      for (size_t length = 0; length < encoded.size(); ++length) {
        EXPECT_FALSE(decode_private_key(encoded.first(length)).ok()) << length;
      }
      if (kind == PrivateKeyKind::kSymmetric) continue;
      Octets other(encoded.begin(), encoded.end());
      const size_t in_x = encoded.size() - 40;
      other[in_x] ^= 1;
      EXPECT_EQ(decode_private_key(other).error(), Error::kValueOutOfRange) << "another's public part";
    }
  }
}

TEST(PrivateKey, HasTheSizesOfItsKind) {
  const Octets octets(66, 1);
  for (size_t size = 0; size <= octets.size(); ++size) {
    const ByteView secret = ByteView(octets).first(size);
    EXPECT_EQ(PrivateKey::from_bytes(PrivateKeyKind::kSymmetric, secret).ok(), size >= 16 && size <= 64);
    for (const auto kind : {PrivateKeyKind::kP256, PrivateKeyKind::kEd25519, PrivateKeyKind::kX25519}) {
      EXPECT_EQ(PrivateKey::from_bytes(kind, secret).ok(), size == 32);
    }
    EXPECT_FALSE(PrivateKey::from_bytes(static_cast<PrivateKeyKind>(9), secret).ok());
  }
}

struct Row {
  const char* what;
  std::string hex;
  Error expected;
};

TEST(PrivateKey, RefusesWhatIsNone) {
  const std::string k32 = "5820 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  for (const Row& row : {
           Row{"without public part", "a3 0101 2006 23" + k32, kValid},
           Row{"symmetric", "a2 0104 20" + k32, kValid},
           Row{"empty map", "a0", Error::kMissingKey},
           Row{"no type", "a1 23" + k32, Error::kMissingKey},
           Row{"no curve", "a2 0101 23" + k32, Error::kMissingKey},
           Row{"a public key", "a3 0101 2006 21" + k32, Error::kMissingKey},
           Row{"symmetric without key", "a1 0104", Error::kMissingKey},
           Row{"RSA", "a2 0103 20 4100", Error::kCborWrongType},
           Row{"HSS-LMS", "a2 0105 2001", Error::kCoseUnsupported},
           Row{"P-384", "a3 0102 2002 23" + k32, Error::kCoseUnsupported},
           Row{"Ed448", "a3 0101 2007 23" + k32, Error::kCoseUnsupported},
           Row{"short", "a3 0101 2006 23 4101", Error::kValueOutOfRange},
           Row{"empty", "a3 0101 2006 23 40", Error::kValueOutOfRange},
           Row{"empty key id", "a4 0101 0240 2006 23" + k32, Error::kValueOutOfRange},
           Row{"algorithm 0", "a4 0101 0300 2006 23" + k32, Error::kValueOutOfRange},
           Row{"y of an OKP key", "a4 0101 2006 22" + k32 + "23" + k32, Error::kUnknownKey},
           Row{"x of a symmetric key", "a3 0104 20" + k32 + "21" + k32, Error::kUnknownKey},
           Row{"compressed", "a5 0102 2001 21" + k32 + "22f5 23" + k32, Error::kCoseUnsupported},
           Row{"key_ops", "a4 0101 0480 2006 23" + k32, Error::kUnknownKey},
           Row{"another's x", "a4 0101 2006 21" + k32 + "23" + k32, Error::kValueOutOfRange},
           Row{"goes on", "a3 0101 2006 23" + k32 + "00", Error::kTrailingBytes},
       }) {
    const auto decoded = decode_private_key(testing::from_hex(row.hex));
    EXPECT_EQ(decoded.ok() ? kValid : decoded.error(), row.expected) << row.what;
  }
}

TEST(RecipientKey, IsAPublicKeyForAgreement) {
  const std::string k32 = "5820 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  for (const Row& row : {
           Row{"P-256", "a4 0102 2001 21" + k32 + "22" + k32, kValid},
           Row{"P-256 with id and algorithm", "a6 0102 0242 6b31 03381c 2001 21" + k32 + "22" + k32, kValid},
           Row{"X25519", "a3 0101 2004 21" + k32, kValid},
           Row{"Ed25519", "a3 0101 2006 21" + k32, Error::kCoseUnsupported},
           Row{"symmetric", "a2 0104 20" + k32, Error::kCoseUnsupported},
           Row{"private", "a4 0101 2004 21" + k32 + "23" + k32, Error::kUnknownKey},
           Row{"for signatures", "a5 0102 0328 2001 21" + k32 + "22" + k32, Error::kAlgorithmUnsupported},
           Row{"no y", "a3 0102 2001 21" + k32, Error::kMissingKey},
           Row{"no x", "a2 0101 2004", Error::kMissingKey},
           Row{"short", "a3 0101 2004 21 4101", Error::kValueOutOfRange},
       }) {
    const Octets bytes = testing::from_hex(row.hex);
    const auto decoded = decode_recipient_key(bytes);
    EXPECT_EQ(decoded.ok() ? kValid : decoded.error(), row.expected) << row.what;
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(decode_recipient_key(ByteView(bytes).first(length)).ok()) << row.what << length;
    }
    if (!decoded.ok()) continue;
    EXPECT_EQ(decoded->bytes().size(), decoded->kind == PrivateKeyKind::kP256 ? 64U : 32U);
  }
}

TEST(PrivateKeyVectors, ReadsTheRecipientOfTheSuitExamples) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets bytes = testing::read_octets(*folder / "suit/keys/fwenc-esdh-recipient.cbor");
  const PrivateKey key = decode_private_key(bytes).value();
  EXPECT_EQ(key.kind(), PrivateKeyKind::kP256);
  EXPECT_EQ(key.algorithm, -29);
  std::array<uint8_t, 256> buffer;
  EXPECT_TRUE(equal(encode_private_key(key, buffer).value(), bytes));
  const Octets secret = testing::read_octets(*folder / "suit/keys/fwenc-hmac256.cbor");
  EXPECT_EQ(decode_private_key(secret)->secret_bytes().size(), 32U);
}

}  // namespace
}  // namespace tailor::cose
