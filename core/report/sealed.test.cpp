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
  Bytes mac0 = sealed;
  mac0[0] = 0xd1;  // tag 17
  EXPECT_EQ(unseal(mac0, keys.open).error(), Error::kCoseUnsupported);
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

}  // namespace
}  // namespace tailor::report
