// SPDX-License-Identifier: Apache-2.0
#include "core/report/recorder.hpp"

#include "core/suit/labels.hpp"
#include "core/update/codec.test.hpp"

namespace tailor::report {
namespace {

using namespace suit::reporting;
using tailor::testing::Bytes;
using tailor::testing::from_hex;
using tailor::testing::to_hex;
using tailor::testing::to_vector;

const Bytes kComponent = from_hex("814100");
const Bytes kMeasured = from_hex("5824822f5820" + std::string(64, 'c'));

processor::Record ran(uint32_t offset, uint64_t policy, Status result = kOk) {
  processor::Record record;
  record.section = 20;
  record.offset = offset;
  record.policy = static_cast<uint8_t>(policy);
  record.result = result;
  record.component_id = kComponent;
  return record;
}

std::string told(const BoundedRecorder& recorder) {
  return to_hex(recorder.records());
}

TEST(Recorder, KeepsWhatThePolicyAsksForAndNothingElse) {
  struct Row {
    uint64_t policy;
    bool success;
    size_t entries;
  };
  const Row rows[] = {{0, true, 0},
                      {0, false, 0},
                      {kRecordOnSuccess, true, 1},
                      {kRecordOnSuccess, false, 0},
                      {kRecordOnFailure, true, 0},
                      {kRecordOnFailure, false, 1},
                      {kSystemInfoOnSuccess, true, 1},
                      {kSystemInfoOnSuccess, false, 0},
                      {kSystemInfoOnFailure, false, 1},
                      {kAll, true, 2},
                      {kAll, false, 2}};
  for (const Row& row : rows) {
    BoundedRecorder recorder;
    processor::Record record = ran(7, row.policy, row.success ? Status(kOk) : Status(Error::kConditionFailed));
    record.property = suit::parameter::kImageDigest;
    record.measured_value = kMeasured;
    recorder.record(record);
    EXPECT_EQ(recorder.count(), row.entries) << row.policy << row.success;
    EXPECT_FALSE(recorder.failure().has_value());
  }
}

TEST(Recorder, WritesRecordsAndClaimsOfTheDraft) {
  BoundedRecorder recorder;
  recorder.record(ran(7, kRecordOnSuccess));
  EXPECT_EQ(told(recorder),
            "858014"
            "0700a0");
  processor::Record measured = ran(9, kSystemInfoOnSuccess);
  measured.property = suit::parameter::kImageDigest;
  measured.measured_value = kMeasured;
  recorder.record(measured);
  EXPECT_EQ(told(recorder), "8580140700a0a20081410003" + to_hex(kMeasured));
  processor::Record shared = ran(3, kRecordOnFailure, Error::kClassMismatch);
  shared.section = 0;
  const uint8_t dependency[] = {1, 0};
  shared.manifest = dependency;
  recorder.reset();
  recorder.record(shared);
  EXPECT_EQ(told(recorder), "85820100030300a0");
}

TEST(Recorder, TheNewestFailureIsNeverLost) {
  BoundedRecorder recorder;
  for (uint32_t offset = 0; offset < 100; ++offset) recorder.record(ran(offset, kRecordOnSuccess));
  EXPECT_LE(recorder.records().size(), BoundedRecorder::kBytes);
  EXPECT_EQ(recorder.count() + recorder.dropped(), 100U);
  EXPECT_GT(recorder.dropped(), 0U);
  processor::Record failed = ran(123, 0, Error::kImageDigestMismatch);
  failed.final = true;
  failed.property = suit::parameter::kImageDigest;
  failed.measured_value = kMeasured;
  recorder.record(failed);
  ASSERT_TRUE(recorder.failure().has_value());
  EXPECT_EQ(recorder.failure()->code, 51);
  EXPECT_EQ(recorder.failure()->reason, Reason::kConditionFailed);
  EXPECT_EQ(recorder.failure()->record.offset, 123U);
  EXPECT_EQ(to_hex(recorder.failure()->record.properties), "a103" + to_hex(kMeasured));
  // The newest records are the ones that stayed.
  uint32_t last = 0;
  for (Entries entries(recorder.records()); entries.more();) last = entries.take_record().value().offset;
  EXPECT_EQ(last, 99U);
}

TEST(Recorder, AMeasuredValueThatIsTooLongIsLeftOut) {
  BoundedRecorder recorder;
  const Bytes most(BoundedRecorder::kMeasuredBytes - 2, 0);
  for (const size_t past : {0U, 1U}) {
    recorder.reset();
    Bytes value(most.size() + past);
    Bytes encoded(64);
    cbor::Writer writer(encoded);
    writer.put_bytes(value);
    encoded.resize(writer.size());
    processor::Record record = ran(1, kRecordOnSuccess);
    record.property = suit::parameter::kContent;
    record.measured_value = encoded;
    recorder.record(record);
    ASSERT_EQ(recorder.count(), 1U);
    EXPECT_EQ(Entries(recorder.records()).take_record().value().properties.empty(), past == 1);
  }
}

TEST(Recorder, GoesOnAfterARestartWithoutTellingTwice) {
  BoundedRecorder before;
  before.record(ran(1, kRecordOnSuccess));
  before.record(ran(3, kRecordOnSuccess));
  BoundedRecorder after;
  ASSERT_TRUE(after.restore(before.records(), 4).ok());
  EXPECT_EQ(after.dropped(), 4U);
  for (const uint32_t offset : {1U, 3U, 5U}) after.record(ran(offset, kRecordOnSuccess));
  EXPECT_EQ(after.count(), 3U);
  EXPECT_EQ(told(after), told(before) + "8580140500a0");
  EXPECT_TRUE(after.take_changed());
  EXPECT_FALSE(after.take_changed());
}

TEST(Recorder, RefusesAJournalThatIsNone) {
  BoundedRecorder recorder;
  EXPECT_EQ(recorder.restore(from_hex("8580140700"), 0).error(), Error::kRecordMalformed);
  EXPECT_EQ(recorder.restore(from_hex("00"), 0).error(), Error::kRecordMalformed);
  EXPECT_EQ(recorder.restore(Bytes(BoundedRecorder::kBytes + 1, 0x80), 0).error(), Error::kRecordMalformed);
  EXPECT_EQ(recorder.count(), 0U);
}

}  // namespace
}  // namespace tailor::report
