// SPDX-License-Identifier: Apache-2.0
#include "core/update/registration.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::update {
namespace {

using testing::Bytes;
using testing::MapOfFields;

constexpr auto kPart = "00"_hex;

Registration example() {
  Registration registration;
  registration.device = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();
  registration.vendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
  registration.device_class = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
  registration.life_cycle = LifeCycle::kEnrolled;
  InstalledComponent component;
  EXPECT_TRUE(component.id.push_back(kPart, Error::kInternal).ok());
  component.sequence_number = 7;
  component.digest.fill(0xaa);
  component.size_bytes = 34768;
  component.version = "1.0";
  EXPECT_TRUE(registration.components.push_back(component, Error::kInternal).ok());
  registration.modes = kAllModes;
  registration.preferred_mode = DeliveryMode::kHybrid;
  registration.block_bytes = 512;
  registration.trust_store_version = 1;
  registration.update = UpdateStatus::make(UpdateState::kRefused, Error::kClassMismatch).value();
  return registration;
}

Bytes encoded(const Registration& registration) {
  Bytes buffer(4096);
  return testing::to_vector(encode(registration, buffer).value());
}

TEST(Registration, WorkedExampleOfTheDocs) {
  EXPECT_EQ(testing::to_hex(encoded(example())), testing::to_hex(testing::worked_example("registration.md")));
}

TEST(Registration, RoundTrip) {
  const Bytes bytes = encoded(example());
  const Registration read = decode_registration(bytes).value();
  EXPECT_EQ(read.device, example().device);
  EXPECT_EQ(read.vendor, example().vendor);
  EXPECT_EQ(read.device_class, example().device_class);
  EXPECT_EQ(read.life_cycle, LifeCycle::kEnrolled);
  ASSERT_EQ(read.components.size(), 1U);
  ASSERT_EQ(read.components[0].id.size(), 1U);
  EXPECT_TRUE(equal(read.components[0].id[0], kPart));
  EXPECT_EQ(read.components[0].sequence_number, 7U);
  EXPECT_EQ(read.components[0].digest, example().components[0].digest);
  EXPECT_EQ(read.components[0].size_bytes, 34768U);
  EXPECT_EQ(read.components[0].version, "1.0");
  EXPECT_EQ(read.modes, kAllModes);
  EXPECT_EQ(read.preferred_mode, DeliveryMode::kHybrid);
  EXPECT_EQ(read.block_bytes, 512);
  EXPECT_EQ(read.trust_store_version, 1U);
  EXPECT_EQ(read.update, example().update);
  EXPECT_EQ(encoded(read), bytes);
}

TEST(Registration, SequenceNumbersKeepAll64Bits) {
  Registration registration = example();
  registration.components[0].sequence_number = UINT64_MAX;
  registration.components[0].size_bytes = UINT64_MAX;
  registration.components[0].version = {};
  const Bytes bytes = encoded(registration);
  const Registration read = decode_registration(bytes).value();
  EXPECT_EQ(read.components[0].sequence_number, UINT64_MAX);
  EXPECT_EQ(read.components[0].size_bytes, UINT64_MAX);
  EXPECT_TRUE(read.components[0].version.empty());
}

TEST(Registration, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example());
  testing::expect_common_rules(valid, decode_registration);
  const MapOfFields fields(valid);
  std::vector<testing::MalformedRow> rows = {
      {"device id of 15 bytes", fields.with(1, "4f000000000000000000000000000000").bytes(), Error::kValueOutOfRange},
      {"vendor as text", fields.with(2, "6141").bytes(), Error::kCborWrongType},
      {"life cycle 5", fields.with(4, "05").bytes(), Error::kValueOutOfRange},
      {"no mode", fields.with(6, "00").bytes(), Error::kValueOutOfRange},
      {"mode 8", fields.with(6, "08").bytes(), Error::kValueOutOfRange},
      {"two preferred modes", fields.with(7, "03").bytes(), Error::kValueOutOfRange},
      {"preferred mode that is not supported", fields.with(6, "03").bytes(), Error::kValueOutOfRange},
      {"block of 8 bytes", fields.with(8, "08").bytes(), Error::kValueOutOfRange},
      {"block of 48 bytes", fields.with(8, "1830").bytes(), Error::kValueOutOfRange},
      {"block of 2048 bytes", fields.with(8, "190800").bytes(), Error::kValueOutOfRange},
      {"update state 11", fields.with(10, "0b").bytes(), Error::kValueOutOfRange},
      {"refused without reason", fields.without(11).bytes(), Error::kValueOutOfRange},
      {"idle with reason", fields.with(10, "00").bytes(), Error::kValueOutOfRange},
      {"reason 0", fields.with(11, "00").bytes(), Error::kValueOutOfRange},
      {"reason 256", fields.with(11, "190100").bytes(), Error::kValueOutOfRange},
      {"number in a long form", fields.with(9, "1801").bytes(), Error::kCborNotCanonical},
      {"component without id", fields.with(5, "81 a3 01 00 02 5820" + std::string(64, '0') + "03 00").bytes(),
       Error::kMissingKey},
      {"component with empty id", fields.with(5, "81 a4 00 80 01 00 02 5820" + std::string(64, '0') + "03 00").bytes(),
       Error::kValueOutOfRange},
      {"component with unknown key",
       fields.with(5, "81 a5 00 8140 01 00 02 5820" + std::string(64, '0') + "03 00 05 00").bytes(),
       Error::kUnknownKey},
      {"component with a digest of 31 bytes",
       fields.with(5, "81 a4 00 8140 01 00 02 581f" + std::string(62, '0') + "03 00").bytes(), Error::kValueOutOfRange},
      {"component with empty version",
       fields.with(5, "81 a5 00 8140 01 00 02 5820" + std::string(64, '0') + "03 00 04 60").bytes(),
       Error::kValueOutOfRange},
      {"component id of five parts",
       fields.with(5, "81 a4 00 854040404040 01 00 02 5820" + std::string(64, '0') + "03 00").bytes(),
       Error::kValueOutOfRange},
      {"array of components longer than the message", fields.with(5, "9b7fffffffffffffff").bytes(), Error::kTruncated},
  };
  for (uint64_t key = 1; key <= 10; ++key)
    rows.push_back({"missing key", fields.without(key).bytes(), Error::kMissingKey});
  testing::expect_refused(rows, decode_registration);
}

TEST(Registration, LimitsAndOnePast) {
  const std::string component = "a4 00 8140 01 00 02 5820" + std::string(64, '0') + "03 00";
  const MapOfFields fields(encoded(example()));
  std::string eight;
  for (size_t i = 0; i < limits::kComponents; ++i) eight += component;
  EXPECT_EQ(decode_registration(fields.with(5, "88" + eight).bytes()).value().components.size(), 8U);
  EXPECT_EQ(decode_registration(fields.with(5, "89" + eight + component).bytes()).error(), Error::kTooManyComponents);
  EXPECT_EQ(decode_registration(fields.with(5, "80").bytes()).value().components.size(), 0U);

  Registration registration = example();
  const std::string longest(kVersionBytes, 'v');
  registration.components[0].version = longest;
  Bytes buffer(4096);
  EXPECT_TRUE(encode(registration, buffer).ok());
  const std::string past(kVersionBytes + 1, 'v');
  registration.components[0].version = past;
  EXPECT_EQ(encode(registration, buffer).error(), Error::kValueOutOfRange);
}

TEST(Registration, EncoderRefusesWhatTheDecoderWould) {
  Bytes buffer(4096);
  Registration registration = example();
  registration.modes = 0;
  EXPECT_EQ(encode(registration, buffer).error(), Error::kValueOutOfRange);
  registration = example();
  registration.block_bytes = 100;
  EXPECT_EQ(encode(registration, buffer).error(), Error::kValueOutOfRange);
  registration = example();
  registration.components[0].id.clear();
  EXPECT_EQ(encode(registration, buffer).error(), Error::kValueOutOfRange);
  for (size_t size = 0; size < encoded(example()).size(); ++size) {
    Bytes small(size);
    EXPECT_EQ(encode(example(), small).error(), Error::kBufferTooSmall) << size;
  }
}

}  // namespace
}  // namespace tailor::update
