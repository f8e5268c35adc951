// SPDX-License-Identifier: Apache-2.0
#include "core/update/report.hpp"

#include "core/update/codec.test.hpp"

namespace tailor::update {
namespace {

using testing::Bytes;
using testing::MapOfFields;

Report example() {
  Report report;
  report.number = 12;
  report.device = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5").value();
  report.manifest_digest.emplace().fill(0xbb);
  report.sequence_number = 8;
  report.update = UpdateStatus::make(UpdateState::kReverted, Error::kTrialCrashed).value();
  report.where = "boot";
  report.boot = {0, 2, false, 0};
  report.time = TrustedTime::at_least(1795190400);
  return report;
}

Bytes encoded(const Report& report) {
  Bytes buffer(1024);
  return testing::to_vector(encode(report, buffer).value());
}

TEST(Report, WorkedExampleOfTheDocs) {
  EXPECT_EQ(testing::to_hex(encoded(example())), testing::to_hex(testing::worked_example("report.md")));
}

TEST(Report, RoundTrip) {
  const Bytes bytes = encoded(example());
  const Report read = decode_report(bytes).value();
  EXPECT_EQ(read.number, 12U);
  EXPECT_EQ(read.device, example().device);
  EXPECT_EQ(read.manifest_digest, example().manifest_digest);
  EXPECT_EQ(read.sequence_number, 8U);
  EXPECT_EQ(read.update, example().update);
  EXPECT_EQ(read.where, "boot");
  EXPECT_EQ(read.boot, example().boot);
  EXPECT_EQ(read.time, example().time);
}

TEST(Report, RoundTripWithoutWhatMayBeAbsent) {
  Report report = example();
  report.manifest_digest.reset();
  report.sequence_number.reset();
  report.update = UpdateStatus::make(UpdateState::kOffered, std::nullopt).value();
  report.where = {};
  report.time = TrustedTime::unknown();
  const Bytes bytes = encoded(report);
  const Report read = decode_report(bytes).value();
  EXPECT_FALSE(read.manifest_digest.has_value());
  EXPECT_FALSE(read.sequence_number.has_value());
  EXPECT_EQ(read.update.state(), UpdateState::kOffered);
  EXPECT_TRUE(read.where.empty());
  EXPECT_EQ(read.time, TrustedTime::unknown());
}

TEST(Report, RoundTripOfAWaitAndOfASuitReport) {
  Report report = example();
  report.update = UpdateStatus::make(UpdateState::kAwaitingTrigger, std::nullopt, Awaited::kTimeOfDayUtc).value();
  EXPECT_EQ(decode_report(encoded(report)).value().update.awaited(), Awaited::kTimeOfDayUtc);
  report.update = UpdateStatus::make(UpdateState::kAwaitingTrigger, std::nullopt).value();
  EXPECT_EQ(decode_report(encoded(report)).value().update.awaited(), Awaited::kTrigger);
  report = example();
  const Bytes sealed(kSuitReportBytes, 0x5a);
  report.suit_report = sealed;
  Bytes buffer(2048);
  const Bytes bytes = testing::to_vector(encode(report, buffer).value());
  EXPECT_EQ(testing::to_hex(decode_report(bytes).value().suit_report), testing::to_hex(sealed));
}

TEST(Report, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(example());
  testing::expect_common_rules(valid, decode_report);
  const MapOfFields fields(valid);
  std::vector<testing::MalformedRow> rows = {
      {"digest of 31 bytes", fields.with(3, "581f" + std::string(62, '0')).bytes(), Error::kValueOutOfRange},
      {"digest of 33 bytes", fields.with(3, "5821" + std::string(66, '0')).bytes(), Error::kValueOutOfRange},
      {"sequence number without digest", fields.without(3).bytes(), Error::kValueOutOfRange},
      {"negative sequence number", fields.with(4, "20").bytes(), Error::kCborWrongType},
      {"reverted without reason", fields.without(6).bytes(), Error::kValueOutOfRange},
      {"trial with reason", fields.with(5, "07").bytes(), Error::kValueOutOfRange},
      {"where empty", fields.with(7, "60").bytes(), Error::kValueOutOfRange},
      {"where not UTF-8", fields.with(7, "61ff").bytes(), Error::kCborMalformed},
      {"where of 65 bytes", fields.with(7, "7841" + std::string(130, '6')).bytes(), Error::kValueOutOfRange},
      {"running slot that does not exist", fields.with(8, "84 02 02 f4 00").bytes(), Error::kValueOutOfRange},
      {"no slot at all", fields.with(8, "84 00 00 f4 00").bytes(), Error::kValueOutOfRange},
      {"boot of three", fields.with(8, "83 00 02 f4").bytes(), Error::kValueOutOfRange},
      {"unknown time with seconds", fields.with(9, "82 00 01").bytes(), Error::kValueOutOfRange},
      {"synced time without seconds", fields.with(9, "81 02").bytes(), Error::kValueOutOfRange},
      {"time of kind 3", fields.with(9, "82 03 01").bytes(), Error::kValueOutOfRange},
      {"time of three", fields.with(9, "83 01 01 01").bytes(), Error::kValueOutOfRange},
  };
  const std::vector<testing::MalformedRow> later = {
      {"awaited without awaiting-trigger", fields.with(10, "01").bytes(), Error::kValueOutOfRange},
      {"awaited trigger in words", fields.without(6).with(5, "05").with(10, "00").bytes(), Error::kValueOutOfRange},
      {"awaited of kind 10", fields.without(6).with(5, "05").with(10, "0a").bytes(), Error::kValueOutOfRange},
      {"SUIT_Report empty", fields.with(11, "40").bytes(), Error::kValueOutOfRange},
      {"SUIT_Report of 1025 bytes", fields.with(11, "590401" + std::string(2050, '0')).bytes(),
       Error::kValueOutOfRange},
      {"SUIT_Report before the end", fields.without(6).with(5, "07").with(11, "4100").bytes(), Error::kValueOutOfRange},
  };
  rows.insert(rows.end(), later.begin(), later.end());
  for (const uint64_t key : {1, 2, 5, 8, 9})
    rows.push_back({"missing key", fields.without(key).bytes(), Error::kMissingKey});
  testing::expect_refused(rows, decode_report);
  EXPECT_TRUE(decode_report(fields.with(7, "7840" + std::string(128, '6')).bytes()).ok()) << "where of 64 bytes";
}

TEST(Report, AReasonOfALaterVersionReadsAsInternal) {
  const MapOfFields fields(encoded(example()));
  EXPECT_EQ(decode_report(fields.with(6, "18f9").bytes()).value().update.reason(), Error::kInternal);
}

TEST(Report, EncoderRefusesWhatTheDecoderWould) {
  Bytes buffer(1024);
  Report report = example();
  const std::string past(kWhereBytes + 1, 'w');
  report.where = past;
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
  report = example();
  report.manifest_digest.reset();
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
  report = example();
  report.boot.running_slot = 2;
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
}

}  // namespace
}  // namespace tailor::update
