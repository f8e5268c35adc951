// SPDX-License-Identifier: Apache-2.0
#include "authoring/factory.hpp"

#include <gtest/gtest.h>

#include "authoring/trust.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::authoring {
namespace {

FactoryRequest request() {
  static const crypto::P256PrivateKey kAuthority = crypto::generate_p256().value();
  TrustDescription trust;
  trust.version = 1;
  FactoryRequest out;
  out.vendor_domain = "example.com";
  out.class_name = "bulb";
  out.ca_uri = "coaps://ca.example.com";
  out.anchor = crypto::public_key_of(kAuthority).value();
  out.trust_store = seal_trust_store(encode_trust_store(trust).value(), kAuthority).value();
  return out;
}

TEST(Factory, BundleIsWhatTheDeviceReads) {
  const auto made = make_factory_device(request());
  ASSERT_TRUE(made.ok()) << made.error().context;
  const auto bundle = trust::decode_factory_bundle(made->bundle.reveal());
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(bundle->device, made->record.device);
  EXPECT_EQ(bundle->vendor, vendor_id("example.com"));
  EXPECT_EQ(bundle->device_class, class_id(vendor_id("example.com"), "bulb"));
  EXPECT_EQ(bundle->ca_uri, "coaps://ca.example.com");
  EXPECT_EQ(bundle->factory_secret.size(), 32U);
  EXPECT_TRUE(equal(bundle->factory_secret, made->record.factory_secret.reveal()));
}

TEST(Factory, EachDeviceIsItsOwn) {
  const auto one = make_factory_device(request()).value();
  const auto two = make_factory_device(request()).value();
  EXPECT_NE(one.record.device, two.record.device);
  EXPECT_FALSE(equal(one.record.factory_secret.reveal(), two.record.factory_secret.reveal()));
}

TEST(Factory, RefusesADeviceThatCouldNeverBeUsed) {
  const auto with = [](auto change) {
    FactoryRequest changed = request();
    change(changed);
    return make_factory_device(changed).error().code;
  };
  EXPECT_EQ(with([](auto& r) { r.anchor = crypto::public_key_of(crypto::generate_p256().value()).value(); }),
            Error::kSignatureInvalid);
  EXPECT_EQ(with([](auto& r) { r.mode = trust::BootstrapMode::kIdevid; }), Error::kUsageInvalid);
  EXPECT_EQ(with([](auto& r) { r.identity = FactoryIdentity{}; }), Error::kUsageInvalid);
  EXPECT_EQ(with([](auto& r) { r.vendor_domain.clear(); }), Error::kUsageInvalid);
  EXPECT_EQ(with([](auto& r) { r.key_pairs = 3; }), Error::kValueOutOfRange);
  EXPECT_EQ(with([](auto& r) { r.ca_uri = "http://ca"; }), Error::kValueOutOfRange);
}

TEST(Factory, RecordRoundTrip) {
  const auto made = make_factory_device(request()).value();
  const SecretString json = record_to_json(made.record);
  const auto record = record_from_json(json.reveal());
  ASSERT_TRUE(record.ok()) << record.error().context;
  EXPECT_EQ(record->device, made.record.device);
  EXPECT_EQ(record->device_class, made.record.device_class);
  EXPECT_EQ(record->tenant, "default");
  EXPECT_EQ(record->mode, trust::BootstrapMode::kPsk);
  EXPECT_TRUE(equal(record->factory_secret.reveal(), made.record.factory_secret.reveal()));
}

TEST(Factory, RecordIsReadStrictly) {
  const std::string good = R"({"format":1,"device":"11111111-2222-4333-8444-555555555555",
    "vendor":"11111111-2222-4333-8444-555555555555","class":"11111111-2222-4333-8444-555555555555",
    "tenant":"default","mode":"psk","key_pairs":1,"factory_secret":"000102030405060708090a0b0c0d0e0f"})";
  ASSERT_TRUE(record_from_json(good).ok());
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::string rows[] = {
      "",
      "[]",
      "{}",
      good.substr(0, good.size() - 1),
      replaced("\"format\":1", "\"format\":2"),
      replaced("\"key_pairs\":1", "\"key_pairs\":3"),
      replaced("\"key_pairs\":1", "\"key_pairs\":\"1\""),
      replaced("\"psk\"", "\"pin\""),
      replaced("\"psk\"", "\"idevid\""),  // a secret where none belongs
      replaced("0e0f", "0e"),             // too short
      replaced("0e0f", "0e0"),
      replaced("\"tenant\"", "\"tenat\""),
      replaced("\"format\":1", "\"format\":1,\"more\":1"),
      replaced("11111111-2222", "1111111-2222"),
  };
  for (const std::string& row : rows) {
    const auto record = record_from_json(row);
    ASSERT_FALSE(record.ok()) << row;
    EXPECT_EQ(record.error().code, Error::kJsonMalformed) << row;
  }
}

}  // namespace
}  // namespace tailor::authoring
