// SPDX-License-Identifier: Apache-2.0
#include "services/update/store/filter_sql.hpp"

#include "services/update/store/device_store.hpp"
#include "services/update/testing/updates_test.hpp"

namespace tailor::update_server {
namespace {

using testing::need;

class FilterSql : public testing::UpdatesTest {};
TAILOR_STORE_TEST(FilterSql);

std::vector<Device> assorted_devices() {
  std::vector<Device> devices;
  for (uint8_t n = 1; n <= 24; ++n) {
    Device device = testing::device(n);
    if (n % 3 == 0) device.device_class = testing::kOtherClass;
    if (n % 4 == 0) device.update = {UpdateState::kRefused, Error::kClassMismatch};
    if (n % 5 == 0) device.components.clear();
    if (n % 7 == 0) device.components = {{{{0x00}}, UINT64_MAX - n, testing::digest_of_byte(n), 5, "2.0 it's"}};
    if (n % 2 == 0) device.preferred_mode = DeliveryMode::kHybrid;
    device.trust_store_version = n;
    device.last_seen_ms += n * 1000;
    device.life_cycle = n % 6 == 0 ? LifeCycle::kMaintenance : LifeCycle::kRegistered;
    devices.push_back(device);
  }
  return devices;
}

TEST_P(FilterSql, MeansTheSameAsTheRuleInMemory) {
  const std::vector<Device> devices = assorted_devices();
  need(store::write(*database_, [&](store::Session& session) -> Outcome<void> {
    for (const Device& device : devices) TAILOR_TRY(DeviceStore(session, testing::kTenant).put(device));
    return kOk;
  }));
  const std::string moment = to_rfc3339(from_unix_ms(testing::kNow + 12'000));
  const std::vector<std::string> terms = {
      "id==6f0c*",
      "id==" + uuid_text(testing::id_of(7)),
      "class==" + uuid_text(testing::kOtherClass),
      "class!=1492*",
      "state==refused",
      "state=in=(idle,confirmed)",
      "state=out=(idle)",
      "reason==ClassMismatch",
      "reason!=ClassMismatch",
      "reason=out=(ClassMismatch,SignerUnknown)",
      "version==2.*",
      "version!=2.*",
      "version!='2.0 it\\'s'",
      "version==\"2.0 it's\"",
      "version=='%'",
      "version=='_.0*'",
      "sequence>9223372036854775808",
      "sequence<=1",
      "sequence=in=(1,18446744073709551608)",
      "digest==" + std::string(64, '0'),
      "trust_store_version=ge=12",
      "last_seen<" + moment,
      "last_seen=ge=" + moment,
      "registered_at==" + to_rfc3339(from_unix_ms(testing::kNow)),
      "mode==hybrid",
      "life_cycle==maintenance",
  };
  std::vector<std::string> filters = terms;
  for (size_t i = 0; i + 1 < terms.size(); ++i) {
    filters.push_back(terms[i] + ";" + terms[i + 1]);
    filters.push_back(terms[i] + "," + terms[i + 1]);
    filters.push_back("(" + terms[i] + "," + terms[i + 1] + ");" + terms[(i + 5) % terms.size()]);
  }
  size_t matched = 0;
  for (const std::string& text : filters) {
    const FilterNode filter = need(parse_filter(text));
    std::vector<Uuid> expected;
    for (const Device& device : devices) {
      if (matches(filter, device)) expected.push_back(device.id);
    }
    std::vector<Uuid> found;
    const auto page = need(store::read(*database_, [&](store::Session& session) {
      return DeviceStore(session, testing::kTenant).list(&filter, std::nullopt, 100);
    }));
    for (const Device& device : page) found.push_back(device.id);
    EXPECT_EQ(found, expected) << text;
    matched += found.size();
    const auto counted = need(store::read(
        *database_, [&](store::Session& session) { return DeviceStore(session, testing::kTenant).count(&filter); }));
    EXPECT_EQ(static_cast<size_t>(counted), expected.size()) << text;
  }
  EXPECT_GT(matched, filters.size()) << "the filters must select something for this to mean anything";
}

TEST_P(FilterSql, ProfilesComeBackAsTheyWentIn) {
  const std::vector<Device> devices = assorted_devices();
  need(store::write(*database_, [&](store::Session& session) -> Outcome<void> {
    for (const Device& device : devices) TAILOR_TRY(DeviceStore(session, testing::kTenant).put(device));
    return kOk;
  }));
  for (const Device& device : devices) {
    const auto found = need(store::read(
        *database_, [&](store::Session& session) { return DeviceStore(session, testing::kTenant).find(device.id); }));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->components, device.components);
    EXPECT_EQ(found->update, device.update);
    EXPECT_EQ(found->device_class, device.device_class);
    EXPECT_EQ(found->preferred_mode, device.preferred_mode);
    EXPECT_EQ(found->life_cycle, device.life_cycle);
    EXPECT_EQ(found->trust_store_version, device.trust_store_version);
    EXPECT_EQ(found->last_seen_ms, device.last_seen_ms);
  }
}

}  // namespace
}  // namespace tailor::update_server
