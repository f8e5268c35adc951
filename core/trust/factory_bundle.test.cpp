// SPDX-License-Identifier: Apache-2.0
#include "core/trust/factory_bundle.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::trust {
namespace {

using testing::Bytes;
using testing::MapOfFields;

constexpr auto kSecret = "000102030405060708090a0b0c0d0e0f"_hex;
constexpr auto kSealed = "d284"_hex;
constexpr auto kCertificate = "3082"_hex;

FactoryBundle example(BootstrapMode mode) {
  FactoryBundle bundle;
  bundle.device = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();
  bundle.vendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
  bundle.device_class = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
  bundle.tenant = "default";
  bundle.factory_secret = kSecret;
  crypto::P256PublicKey anchor;
  anchor.xy.fill(0x11);
  bundle.anchor = anchor;
  bundle.trust_store = kSealed;
  bundle.ca_uri = "coaps://[::1]:5694";
  bundle.mode = mode;
  bundle.key_pairs = 2;
  if (mode == BootstrapMode::kIdevid) {
    bundle.factory_certificate = kCertificate;
    std::array<uint8_t, 32> scalar{};
    scalar.fill(0x22);
    bundle.factory_key.emplace(scalar);
  }
  return bundle;
}

Bytes encoded(const FactoryBundle& bundle) {
  Bytes buffer(8192);
  return testing::to_vector(encode(bundle, buffer).value());
}

TEST(FactoryBundle, WorkedExampleOfTheDocs) {
  EXPECT_EQ(testing::to_hex(encoded(example(BootstrapMode::kPsk))),
            testing::to_hex(testing::worked_example("factory-bundle.md")));
}

TEST(FactoryBundle, RoundTripInBothModes) {
  for (const BootstrapMode mode : {BootstrapMode::kPsk, BootstrapMode::kIdevid}) {
    const FactoryBundle bundle = example(mode);
    const Bytes bytes = encoded(bundle);
    const FactoryBundle read = decode_factory_bundle(bytes).value();
    EXPECT_EQ(read.device, bundle.device);
    EXPECT_EQ(read.vendor, bundle.vendor);
    EXPECT_EQ(read.device_class, bundle.device_class);
    EXPECT_EQ(read.tenant, "default");
    EXPECT_TRUE(equal(read.factory_secret, kSecret));
    EXPECT_EQ(read.anchor, bundle.anchor);
    EXPECT_TRUE(equal(read.trust_store, kSealed));
    EXPECT_EQ(read.ca_uri, "coaps://[::1]:5694");
    EXPECT_EQ(read.mode, mode);
    EXPECT_EQ(read.key_pairs, 2);
    EXPECT_EQ(read.factory_key.has_value(), mode == BootstrapMode::kIdevid);
    if (read.factory_key.has_value()) {
      EXPECT_EQ(read.factory_key->secret_scalar()[31], 0x22);
    }
    EXPECT_TRUE(equal(read.factory_certificate, bundle.factory_certificate));
    EXPECT_EQ(encoded(read), bytes);
  }
}

TEST(FactoryBundle, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example(BootstrapMode::kPsk));
  testing::expect_common_rules(valid, decode_factory_bundle);
  const MapOfFields fields(valid);
  const MapOfFields idevid(encoded(example(BootstrapMode::kIdevid)));
  std::vector<testing::MalformedRow> rows = {
      {"nil device id", fields.with(1, "50" + std::string(32, '0')).bytes(), Error::kValueOutOfRange},
      {"empty tenant", fields.with(4, "60").bytes(), Error::kValueOutOfRange},
      {"tenant of 33 bytes", fields.with(4, "7821" + std::string(66, '6')).bytes(), Error::kValueOutOfRange},
      {"secret of 15 bytes", fields.with(5, "4f" + std::string(30, '0')).bytes(), Error::kValueOutOfRange},
      {"secret of 65 bytes", fields.with(5, "5841" + std::string(130, '0')).bytes(), Error::kValueOutOfRange},
      {"anchor as bytes", fields.with(6, "40").bytes(), Error::kCborWrongType},
      {"empty trust store", fields.with(7, "40").bytes(), Error::kValueOutOfRange},
      {"https CA", fields.with(8, "6b 68747470733a2f2f612e62").bytes(), Error::kValueOutOfRange},
      {"mode 2", fields.with(9, "02").bytes(), Error::kValueOutOfRange},
      {"no key pair", fields.with(10, "00").bytes(), Error::kValueOutOfRange},
      {"three key pairs", fields.with(10, "03").bytes(), Error::kValueOutOfRange},
      {"psk mode with a certificate", fields.with(11, "41 30").bytes(), Error::kValueOutOfRange},
      {"psk mode with a key", fields.with(12, "5820" + std::string(64, '2')).bytes(), Error::kValueOutOfRange},
      {"idevid mode without certificate", idevid.without(11).bytes(), Error::kValueOutOfRange},
      {"idevid mode without key", idevid.without(12).bytes(), Error::kValueOutOfRange},
      {"factory key of 31 bytes", idevid.with(12, "581f" + std::string(62, '2')).bytes(), Error::kValueOutOfRange},
  };
  for (uint64_t key = 1; key <= 10; ++key)
    rows.push_back({"missing key", fields.without(key).bytes(), Error::kMissingKey});
  testing::expect_refused(rows, decode_factory_bundle);
}

TEST(FactoryBundle, EncoderRefusesWhatTheDecoderWould) {
  Bytes buffer(8192);
  FactoryBundle bundle = example(BootstrapMode::kPsk);
  bundle.mode = BootstrapMode::kIdevid;
  EXPECT_EQ(encode(bundle, buffer).error(), Error::kValueOutOfRange);
  bundle = example(BootstrapMode::kPsk);
  bundle.factory_secret = {};
  EXPECT_EQ(encode(bundle, buffer).error(), Error::kValueOutOfRange);
}

TEST(FactoryBundle, TheAnchorIsAKeyThatSignsForGood) {
  using cose::KeyKind;
  const struct {
    KeyKind kind;
    size_t size;
    bool taken;
  } rows[] = {{KeyKind::kP256, 64, true},     {KeyKind::kHssLms, 60, true},   {KeyKind::kHssLms, 52, true},
              {KeyKind::kEd25519, 32, false}, {KeyKind::kHmac256, 32, false}, {KeyKind::kAesKw, 16, false}};
  for (const auto& row : rows) {
    const Bytes octets(row.size, 0x33);
    FactoryBundle bundle = example(BootstrapMode::kPsk);
    bundle.anchor = cose::VerificationKey::from_bytes(row.kind, octets).value();
    Bytes buffer(8192);
    const auto written = encode(bundle, buffer);
    ASSERT_EQ(written.ok(), row.taken) << static_cast<int>(row.kind);
    if (!row.taken) {
      EXPECT_EQ(written.error(), Error::kCoseUnsupported);
      continue;
    }
    const auto read = decode_factory_bundle(*written);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->anchor, bundle.anchor);
  }
}

TEST(BootstrapMode, NamesReadBack) {
  EXPECT_EQ(bootstrap_mode_from_name("idevid").value(), BootstrapMode::kIdevid);
  EXPECT_EQ(bootstrap_mode_from_name("psk").value(), BootstrapMode::kPsk);
  EXPECT_EQ(bootstrap_mode_from_name("PSK").error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::trust
