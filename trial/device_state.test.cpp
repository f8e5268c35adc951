// SPDX-License-Identifier: Apache-2.0
// Device states are read strictly, with the place of what is wrong; what is read is what the processor meets.
#include "trial/device_state.hpp"

#include <gtest/gtest.h>

namespace tailor::trial {
namespace {

Json state() {
  return Json::parse(
      R"({"vendor": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe", "class": "1492af14-2569-5e48-bf42-9b2d51f2ab45",
      "device": "00000000-0000-0000-0000-000000000000", "trusted": [],
      "components": [{"id": ["00"], "content": "0011", "slot": 1, "capacity": 5, "sequence_number": 18446744073709551615,
                      "version": [1, -1], "references": ["aa"]}]})");
}

TEST(DeviceState, IsWhatTheProcessorMeets) {
  Json full = state();
  full["time"] = 5;
  full["time_offset"] = -3600;
  full["battery_mwh"] = 7;
  full["authorization"] = "later";
  full["events"] = {{"2", "no"}};
  full["custom"] = {{"-300", "yes"}};
  full["payloads"] = {{"p", "0102"}};
  full["fetch_arguments"] = {{"p", "61"}};
  full["leniency"] = {"untagged-envelope"};
  full["manifests"] = {{{"id", {"6d"}}, {"sequence_number", 4}}};
  full["procedure"] = "invoke";
  const auto read = recipient_from_json(full);
  ASSERT_TRUE(read.ok()) << read.error().to_text();
  Recipient& recipient = **read;
  constexpr auto kId = "81 41 00"_hex;
  const DeclaredComponent* component = recipient.device.component(kId);
  ASSERT_NE(component, nullptr);
  EXPECT_EQ(component->content, (Bytes{0x00, 0x11}));
  EXPECT_EQ(component->present_slot, 1U);
  EXPECT_EQ(component->capacity, 5U);
  EXPECT_EQ(component->sequence_number, UINT64_MAX);
  EXPECT_EQ(component->version, (std::vector<int64_t>{1, -1}));
  EXPECT_EQ(component->references.size(), 1U);
  EXPECT_EQ(recipient.device.now.seconds, 5U);
  EXPECT_EQ(*recipient.device.local_time_offset_seconds(), -3600);
  EXPECT_EQ(*recipient.device.battery_mwh(), 7U);
  EXPECT_EQ(*recipient.device.authorizes_update(0), processor::Answer::kLater);
  EXPECT_EQ(*recipient.device.has_happened({.event = 2, .value = 0, .other_device = {}, .versions = {}}),
            processor::Answer::kNo);
  EXPECT_EQ(recipient.custom.at(-300), processor::Answer::kYes);
  EXPECT_TRUE(recipient.payloads.has("p"));
  EXPECT_TRUE(recipient.leniency.untagged_envelope);
  EXPECT_EQ(*recipient.device.manifest_sequence_number("81 41 6d"_hex), 4U);
  EXPECT_EQ(recipient.procedure, "invoke");
}

TEST(DeviceState, SaysWhatIsNotDeclared) {
  Json unknown = state();
  unknown["components"] = {{{"id", {"00"}}, {"content", nullptr}, {"slot", nullptr}},
                           {{"id", {"01"}}, {"digest", std::string(64, 'a')}, {"size", 9}}};
  const auto read = recipient_from_json(unknown);
  ASSERT_TRUE(read.ok()) << read.error().to_text();
  DeclaredComponent& nothing = *(*read)->device.component("81 41 00"_hex);
  DeclaredComponent& digest = *(*read)->device.component("81 41 01"_hex);
  std::array<uint8_t, 64> buffer;
  EXPECT_TRUE(nothing.content_unknown);
  EXPECT_EQ(nothing.size().error(), Error::kFlashReadFailed);
  EXPECT_EQ(nothing.digest(crypto::HashAlgorithm::kSha256, buffer).error(), Error::kFlashReadFailed);
  EXPECT_FALSE(nothing.present_slot.has_value());
  EXPECT_EQ(*digest.size(), 9U);
  EXPECT_TRUE(equal(*digest.digest(crypto::HashAlgorithm::kSha256, buffer), Bytes(32, 0xAA)));
  EXPECT_EQ(digest.digest(crypto::HashAlgorithm::kSha512, buffer).error(), Error::kFlashReadFailed);
  EXPECT_EQ(digest.read(0, buffer).error(), Error::kFlashReadFailed);
  // What is written is known.
  ASSERT_TRUE(digest.open({}).ok());
  ASSERT_TRUE(digest.write(0, Bytes{1}).ok());
  ASSERT_TRUE(digest.finish(1).ok());
  EXPECT_EQ(*digest.size(), 1U);
}

TEST(DeviceState, RefusesWithThePlace) {
  struct Row {
    const char* pointer;
    const char* value;
    const char* says;
  };
  const Row rows[] = {
      {"", "[]", "device is no object"},
      {"/vendor", "5", "vendor: a text is expected"},
      {"/vendor", "\"example.com\"", "vendor: a UUID is expected"},
      {"/colour", "1", "colour: is no member"},
      {"/components/0/id", "\"app\"", "components[0].id: an array of hexadecimal texts"},
      {"/components/0/id", "[\"0\"]", "components[0].id: hexadecimal digits"},
      {"/components/0/id", "[\"0x\"]", "components[0].id: hexadecimal digits"},
      {"/components/0/content", "\"xy\"", "components[0].content: hexadecimal digits"},
      {"/components/0/digest", "\"aa\"", "components[0].content: stands beside"},
      {"/components/0/capacity", "4294967296", "components[0].capacity: a whole number from 0 to 4294967295"},
      {"/components/0/capacity", "-1", "components[0].capacity: "},
      {"/components/0/capacity", "1.5", "components[0].capacity: "},
      {"/components/0/version", "[\"1\"]", "components[0].version: whole numbers"},
      {"/components/0/sequence", "1", "components[0].sequence: is no member"},
      {"/components/0", "5", "components[0] is no object"},
      {"/trusted", "[{\"key\": \"a0\"}]", "trusted[0].key"},
      {"/trusted", "[{}]", "trusted[0].key: is missing"},
      {"/decryption", "[\"ff\"]", "decryption[0]"},
      {"/decryption", "[\"a10104\"]", "decryption[0]"},
      {"/leniency", "[\"everything\"]", "leniency: no such switch"},
      {"/procedure", "\"reboot\"", "procedure: no such procedure"},
      {"/authorization", "\"maybe\"", "authorization: yes, no or later"},
      {"/events", "{\"power\": \"yes\"}", "events.power: a number"},
      {"/events", "{\"2\": true}", "events.2: yes, no or later"},
      {"/payloads", "{\"p\": 5}", "payloads.p: hexadecimal"},
      {"/payloads", "[]", "payloads: an object is expected"},
      {"/time", "\"noon\"", "time: a whole number"},
      {"/manifests", "[{\"id\": [\"00\"], \"number\": 1}]", "manifests[0].number: is no member"},
  };
  for (const Row& row : rows) {
    Json changed = state();
    changed[Json::json_pointer(row.pointer)] = Json::parse(row.value);
    const auto read = recipient_from_json(changed);
    ASSERT_FALSE(read.ok()) << row.says;
    EXPECT_NE(read.error().context.find(row.says), std::string::npos) << row.says << ": " << read.error().context;
  }
  for (const char* member : {"vendor", "class", "device"}) {
    Json less = state();
    less.erase(member);
    EXPECT_EQ(recipient_from_json(less).error().context, std::string(member) + ": is missing");
  }
}

}  // namespace
}  // namespace tailor::trial
