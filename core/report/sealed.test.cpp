// SPDX-License-Identifier: Apache-2.0
#include "core/report/sealed.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::report {
namespace {

using tailor::testing::Bytes;
using tailor::testing::from_hex;
using tailor::testing::to_hex;
using tailor::testing::to_vector;

const Bytes kReport = from_hex("a2 0380 04f5");

struct Keys {
  crypto::P256PrivateKey secret;
  cose::VerificationKey open;
  Keys() {
    secret = crypto::generate_p256().value();
    open = crypto::public_key_of(secret).value();
  }
};

Bytes sealed_with(const Keys& keys) {
  Bytes buffer(256);
  return to_vector(seal(kReport, keys.secret, buffer).value());
}

TEST(Sealed, OpensUnderTheKeyThatSealed) {
  const Keys keys, other;
  const Bytes sealed = sealed_with(keys);
  EXPECT_LE(sealed.size(), kReport.size() + kSealBytes);
  EXPECT_EQ(to_hex(unseal(sealed, keys.open).value()), to_hex(kReport));
  EXPECT_EQ(to_hex(look_inside(sealed).value()), to_hex(kReport));
  EXPECT_EQ(unseal(sealed, other.open).error(), Error::kSignatureInvalid);
}

TEST(Sealed, EverySingleBitCounts) {
  const Keys keys;
  const Bytes sealed = sealed_with(keys);
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(unseal(flipped, keys.open).ok()) << "bit " << bit;
  }
}

TEST(Sealed, RefusesOtherStructuresAndEveryPrefix) {
  const Keys keys;
  const Bytes sealed = sealed_with(keys);
  for (size_t length = 0; length < sealed.size(); ++length) {
    const Bytes prefix(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(unseal(prefix, keys.open).ok()) << "prefix of " << length;
  }
  const Bytes untagged(sealed.begin() + 1, sealed.end());
  EXPECT_FALSE(unseal(untagged, keys.open).ok());
  Bytes other = sealed;
  other[0] = 0xd0;  // tag 16: COSE_Encrypt0
  EXPECT_EQ(unseal(other, keys.open).error(), Error::kCoseUnsupported);
  other[0] = 0xd1;  // tag 17: COSE_Mac0
  EXPECT_EQ(unseal(other, keys.open).error(), Error::kAlgorithmUnsupported);
  Bytes buffer(256);
  cose::SignOptions detached;
  detached.detached = true;
  const Bytes without = to_vector(cose::sign1(kReport, keys.secret, detached, buffer).value());
  EXPECT_EQ(unseal(without, keys.open).error(), Error::kCoseUnsupported);
  EXPECT_EQ(look_inside(without).error(), Error::kCoseUnsupported);
  cose::SignOptions legacy;
  legacy.algorithm = cose::algorithm::kEs256;
  const Bytes old = to_vector(cose::sign1(kReport, keys.secret, legacy, buffer).value());
  EXPECT_EQ(unseal(old, keys.open).error(), Error::kAlgorithmUnsupported);
}

TEST(Sealed, WithAKeyThatBothSidesHave) {
  const Bytes secret(32, 7), another(32, 8);
  const auto key = cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, secret).value();
  const auto wrong = cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, another).value();
  Bytes buffer(1024);
  const Bytes sealed = to_vector(seal_mac0(kReport, key, buffer).value());
  EXPECT_EQ(to_hex(sealed).substr(0, 14), "d18443a10105a0");
  EXPECT_EQ(to_hex(unseal(sealed, key).value()), to_hex(kReport));
  EXPECT_EQ(to_hex(look_inside(sealed).value()), to_hex(kReport));
  EXPECT_EQ(unseal(sealed, wrong).error(), Error::kSignatureInvalid);
  EXPECT_EQ(unseal(sealed, Keys().open).error(), Error::kAlgorithmUnsupported);
  EXPECT_EQ(unseal(sealed_with(Keys()), key).error(), Error::kAlgorithmUnsupported);
  EXPECT_EQ(seal_mac0(kReport, Keys().open, buffer).error(), Error::kAlgorithmUnsupported);
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    EXPECT_FALSE(unseal(flipped, key).ok()) << "bit " << bit;
  }
}

TEST(Sealed, TheMacIsThatOfTheContractWhateverTheLength) {
  for (const size_t key_bytes : {16U, 32U, 64U}) {
    const auto key = cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, Bytes(key_bytes, 9)).value();
    for (const size_t size : {0U, 23U, 24U, 255U, 256U, 512U, 513U, 65'535U, 70'000U}) {
      const Bytes report(size, 0x5a);
      Bytes buffer(size + 64), structure(size + 64);
      const Bytes sealed = to_vector(seal_mac0(report, key, buffer).value());
      cbor::Writer writer(structure);
      writer.put_array(4).put_text("MAC0").put_bytes(from_hex("a10105")).put_bytes({}).put_bytes(report);
      const auto mac = crypto::hmac_sha256(key.bytes(), writer.finish().value()).value();
      EXPECT_TRUE(equal(ByteView(sealed).last(mac.size()), mac)) << size;
      EXPECT_TRUE(equal(unseal(sealed, key).value(), report)) << size;
    }
  }
}

}  // namespace
}  // namespace tailor::report
