// SPDX-License-Identifier: Apache-2.0
#include "core/update/status.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::update {
namespace {

using testing::Bytes;
using testing::MapOfFields;

constexpr auto kPart = "00"_hex;

DeviceStatus example() {
  DeviceStatus status;
  status.device = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();
  status.vendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
  status.device_class = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
  status.life_cycle = LifeCycle::kMaintenance;
  status.update = UpdateStatus::make(UpdateState::kFetching, std::nullopt).value();
  status.manifest_digest.emplace().fill(0xbb);
  status.received_bytes = 1024;
  status.expected_bytes = 34768;
  InstalledComponent component;
  EXPECT_TRUE(component.id.push_back(kPart, Error::kInternal).ok());
  component.sequence_number = 7;
  component.digest.fill(0xaa);
  component.size_bytes = 34000;
  EXPECT_TRUE(status.components.push_back(component, Error::kInternal).ok());
  status.trust_store_version = 1;
  status.boot = {1, 2, true, 1};
  status.time = TrustedTime::synced(1795190400);
  return status;
}

Bytes encoded(const DeviceStatus& status) {
  Bytes buffer(4096);
  return testing::to_vector(encode(status, buffer).value());
}

TEST(DeviceStatus, WorkedExampleOfTheDocs) {
  EXPECT_EQ(testing::to_hex(encoded(example())), testing::to_hex(testing::worked_example("status.md")));
}

TEST(DeviceStatus, RoundTrip) {
  const Bytes bytes = encoded(example());
  const DeviceStatus read = decode_status(bytes).value();
  EXPECT_EQ(read.device, example().device);
  EXPECT_EQ(read.vendor, example().vendor);
  EXPECT_EQ(read.device_class, example().device_class);
  EXPECT_EQ(read.life_cycle, LifeCycle::kMaintenance);
  EXPECT_EQ(read.update, example().update);
  EXPECT_EQ(read.manifest_digest, example().manifest_digest);
  EXPECT_EQ(read.received_bytes, 1024U);
  EXPECT_EQ(read.expected_bytes, 34768U);
  EXPECT_EQ(read.components.size(), 1U);
  EXPECT_EQ(read.trust_store_version, 1U);
  EXPECT_EQ(read.boot, example().boot);
  EXPECT_EQ(read.time, example().time);
}

TEST(DeviceStatus, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example());
  testing::expect_common_rules(valid, decode_status);
  const MapOfFields fields(valid);
  std::vector<testing::MalformedRow> rows = {
      {"received more than expected", fields.with(8, "82 02 01").bytes(), Error::kValueOutOfRange},
      {"progress of nothing", fields.with(8, "82 00 00").bytes(), Error::kValueOutOfRange},
      {"progress of one", fields.with(8, "81 01").bytes(), Error::kValueOutOfRange},
      {"life cycle 5", fields.with(4, "05").bytes(), Error::kValueOutOfRange},
      {"refused without reason", fields.with(5, "0a").bytes(), Error::kValueOutOfRange},
      {"fetching with reason", fields.with(6, "01").bytes(), Error::kValueOutOfRange},
  };
  for (const uint64_t key : {1, 2, 3, 4, 5, 9, 10, 11, 12}) {
    rows.push_back({"missing key", fields.without(key).bytes(), Error::kMissingKey});
  }
  rows.push_back({"awaited without awaiting-trigger", fields.with(13, "01").bytes(), Error::kValueOutOfRange});
  rows.push_back({"awaited of kind 10", fields.with(5, "05").with(13, "0a").bytes(), Error::kValueOutOfRange});
  testing::expect_refused(rows, decode_status);
  EXPECT_EQ(decode_status(fields.with(5, "05").with(13, "09").bytes()).value().update.awaited(),
            Awaited::kDayOfWeekUtc);
  EXPECT_TRUE(decode_status(fields.without(7).bytes()).ok());
  EXPECT_TRUE(decode_status(fields.without(8).bytes()).ok());
}

}  // namespace
}  // namespace tailor::update
