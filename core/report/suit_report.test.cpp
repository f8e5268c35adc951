// SPDX-License-Identifier: Apache-2.0
#include "core/report/suit_report.hpp"

#include "core/base/limits.hpp"
#include "core/update/codec.test.hpp"

namespace tailor::report {
namespace {

using tailor::testing::Bytes;
using tailor::testing::from_hex;
using tailor::testing::MalformedRow;
using tailor::testing::MapOfFields;
using tailor::testing::to_hex;
using tailor::testing::to_vector;

const Bytes kDigest(32, 0xbb);
const Bytes kNonce = from_hex("000000000000000c");

Bytes encoded(const SuitReport& report) {
  Bytes buffer(1024);
  return to_vector(encode(report, buffer).value());
}

/// Refused, because the image does not match its digest: the second command of the validate sequence.
struct Example {
  Bytes records;
  SuitReport report;
  Example() {
    Record skipped;
    skipped.section = 20;
    skipped.offset = 7;
    Record failed;
    failed.section = 7;
    failed.offset = 3;
    static const Bytes kProperties = from_hex("a103582482 2f5820" + std::string(64, 'c'));
    failed.properties = kProperties;
    static const Bytes kComponent = from_hex("814100");
    static const Bytes kClaimed = from_hex("0e190200");
    Bytes buffer(256);
    cbor::Writer writer(buffer);
    put(writer, skipped);
    put(writer, Claims{kComponent, kClaimed, 1});
    records = to_vector(writer.finish().value());
    report.digest = suit::Digest{kDigest, crypto::HashAlgorithm::kSha256};
    report.nonce = kNonce;
    report.records = records;
    report.record_count = 2;
    report.failure = Failure{51, failed, Reason::kConditionFailed};
  }
};

TEST(SuitReport, WorkedExampleOfTheDocs) {
  EXPECT_EQ(to_hex(encoded(Example().report)), to_hex(tailor::testing::worked_example("suit-report.md")));
}

TEST(SuitReport, RoundTripOfAFailure) {
  const Example example;
  const Bytes bytes = encoded(example.report);
  const SuitReport read = decode_suit_report(bytes).value();
  EXPECT_EQ(read.uri, "");
  EXPECT_EQ(to_hex(read.digest.bytes), to_hex(kDigest));
  EXPECT_EQ(to_hex(*read.nonce), to_hex(kNonce));
  ASSERT_TRUE(read.failure.has_value());
  EXPECT_EQ(read.failure->code, 51);
  EXPECT_EQ(read.failure->reason, Reason::kConditionFailed);
  EXPECT_EQ(read.failure->record.section, 7);
  EXPECT_EQ(read.failure->record.offset, 3U);
  EXPECT_EQ(to_hex(read.failure->record.properties), to_hex(example.report.failure->record.properties));
  EXPECT_EQ(read.record_count, 2U);
  Entries entries(read.records);
  ASSERT_TRUE(entries.more() && entries.next_is_record());
  const Record first = entries.take_record().value();
  EXPECT_EQ(first.section, 20);
  EXPECT_EQ(first.offset, 7U);
  EXPECT_TRUE(first.properties.empty());
  ASSERT_TRUE(entries.more() && !entries.next_is_record());
  const Claims claims = entries.take_claims().value();
  EXPECT_EQ(to_hex(claims.component), "814100");
  EXPECT_EQ(to_hex(claims.parameters), "0e190200");
  EXPECT_EQ(claims.count, 1U);
  EXPECT_FALSE(entries.more());
  EXPECT_EQ(to_hex(encoded(read)), to_hex(bytes));
}

TEST(SuitReport, RoundTripOfASuccessWithNothingOptional) {
  SuitReport report;
  report.uri = "https://example.com/manifest.json";
  report.digest = suit::Digest{kDigest, crypto::HashAlgorithm::kSha256};
  const Bytes bytes = encoded(report);
  const SuitReport read = decode_suit_report(bytes).value();
  EXPECT_EQ(read.uri, report.uri);
  EXPECT_FALSE(read.failure.has_value());
  EXPECT_FALSE(read.nonce.has_value());
  EXPECT_EQ(read.record_count, 0U);
  EXPECT_TRUE(read.capabilities.empty());
}

TEST(SuitReport, TellsHowManyRecordsAreMissing) {
  SuitReport report;
  report.digest = suit::Digest{kDigest, crypto::HashAlgorithm::kSha256};
  const std::string head =
                        "a40380"
                        "04f5"
                        "1863"
                        "8260"
                        "822f5820" +
                        to_hex(kDigest),
                    none = "a3" + head.substr(2);
  EXPECT_EQ(to_hex(encoded(report)), none);
  report.records_missing = 5;
  EXPECT_EQ(to_hex(encoded(report)), head +
                                         "390100"
                                         "05");
  report.records_missing = UINT32_MAX;
  const Bytes most = encoded(report);
  EXPECT_EQ(decode_suit_report(most).value().records_missing, UINT32_MAX);
  EXPECT_EQ(decode_suit_report(from_hex(none)).value().records_missing, 0U);
  const std::vector<MalformedRow> rows = {
      {"none missing, and said so",
       from_hex(head + "390100"
                       "00"),
       Error::kValueOutOfRange},
      {"beyond 32 bits",
       from_hex(head + "390100"
                       "1b0000000100000000"),
       Error::kValueOutOfRange},
      {"negative",
       from_hex(head + "390100"
                       "20"),
       Error::kCborWrongType},
      {"another extension",
       from_hex(head + "390101"
                       "05"),
       Error::kUnknownKey},
      {"before the reference",
       from_hex("a4"
                "0380"
                "04f5"
                "390100"
                "05" +
                none.substr(none.find("18638260"))),
       Error::kCborNotCanonical},
  };
  tailor::testing::expect_refused(rows, decode_suit_report);
}

TEST(SuitReport, ADependencyIsNamedByTheWalkToIt) {
  Record record;
  ASSERT_TRUE(record.manifest.push_back(1, Error::kInternal).ok());
  ASSERT_TRUE(record.manifest.push_back(0, Error::kInternal).ok());
  record.section = 16;
  record.component = 3;
  Bytes buffer(64);
  cbor::Writer writer(buffer);
  put(writer, record);
  const Bytes bytes = to_vector(writer.finish().value());
  EXPECT_EQ(to_hex(bytes), "85820100100003a0");
  cbor::Reader reader(bytes);
  const Record read = take_record(reader).value();
  ASSERT_EQ(read.manifest.size(), 2U);
  EXPECT_EQ(read.manifest[0], 1U);
  EXPECT_EQ(read.manifest[1], 0U);
  EXPECT_TRUE(reader.at_end());
}

TEST(SuitReport, RefusesEveryPrefixAndEveryTrailingByte) {
  const Bytes valid = encoded(Example().report);
  ASSERT_TRUE(decode_suit_report(valid).ok());
  for (size_t length = 0; length < valid.size(); ++length) {
    const Bytes prefix(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode_suit_report(prefix).ok()) << "prefix of " << length;
  }
  Bytes longer = valid;
  longer.push_back(0);
  EXPECT_EQ(decode_suit_report(longer).error(), Error::kTrailingBytes);
}

TEST(SuitReport, RefusesEveryMalformedClass) {
  const Bytes valid = encoded(Example().report);
  const MapOfFields fields(valid);
  const std::string digest = "5820" + std::string(64, 'b');
  const std::vector<MalformedRow> rows = {
      {"an array", from_hex("80"), Error::kCborWrongType},
      {"no records", fields.without(3).bytes(), Error::kMissingKey},
      {"no result", fields.without(4).bytes(), Error::kMissingKey},
      {"no reference", fields.without(99).bytes(), Error::kMissingKey},
      {"an extension", fields.with(100, "00").bytes(), Error::kUnknownKey},
      {"key of the result map outside", fields.with(5, "00").bytes(), Error::kUnknownKey},
      {"records twice", fields.with_twice(3).bytes(), Error::kDuplicateKey},
      {"keys descend", fields.reversed().bytes(), Error::kCborNotCanonical},
      {"nonce as text", fields.with(2, "6131").bytes(), Error::kCborWrongType},
      {"nonce of 65 bytes", fields.with(2, "5841" + std::string(130, '0')).bytes(), Error::kValueOutOfRange},
      {"records as map", fields.with(3, "a0").bytes(), Error::kCborWrongType},
      {"a number among the records", fields.with(3, "8100").bytes(), Error::kCborWrongType},
      {"record of four", fields.with(3, "8184800a0000").bytes(), Error::kValueOutOfRange},
      {"record of six", fields.with(3, "8186800a0000a000").bytes(), Error::kValueOutOfRange},
      {"manifest id as number", fields.with(3, "8185000a0000a0").bytes(), Error::kCborWrongType},
      {"manifest id negative", fields.with(3, "818581200a0000a0").bytes(), Error::kCborWrongType},
      {"manifest id of five levels", fields.with(3, "818585 0000000000 0a0000a0").bytes(), Error::kValueOutOfRange},
      {"section as text", fields.with(3, "8185806131 0000a0").bytes(), Error::kCborWrongType},
      {"negative offset", fields.with(3, "8185800a2000a0").bytes(), Error::kCborWrongType},
      {"offset beyond 32 bits", fields.with(3, "8185800a1b000000010000000000a0").bytes(), Error::kValueOutOfRange},
      {"component beyond 32 bits", fields.with(3, "8185800a001b0000000100000000a0").bytes(), Error::kValueOutOfRange},
      {"properties as array", fields.with(3, "8185800a000080").bytes(), Error::kCborWrongType},
      {"property of label 0", fields.with(3, "8185800a0000a10000").bytes(), Error::kValueOutOfRange},
      {"property twice", fields.with(3, "8185800a0000a203000300").bytes(), Error::kDuplicateKey},
      {"properties descend", fields.with(3, "8185800a0000a20e000300").bytes(), Error::kCborNotCanonical},
      {"claims without anything", fields.with(3, "81a0").bytes(), Error::kMissingKey},
      {"claims without component", fields.with(3, "81a10e00").bytes(), Error::kMissingKey},
      {"claims without parameter", fields.with(3, "81a100814100").bytes(), Error::kValueOutOfRange},
      {"claims of no identifier", fields.with(3, "81a20080 0e00").bytes(), Error::kValueOutOfRange},
      {"result false", fields.with(4, "f4").bytes(), Error::kValueOutOfRange},
      {"result null", fields.with(4, "f6").bytes(), Error::kCborWrongType},
      {"result as number", fields.with(4, "00").bytes(), Error::kCborWrongType},
      {"result without code", fields.with(4, "a206 85800a0000a0 070a").bytes(), Error::kMissingKey},
      {"result without record", fields.with(4, "a20500070a").bytes(), Error::kMissingKey},
      {"result without reason", fields.with(4, "a20500 06 85800a0000a0").bytes(), Error::kMissingKey},
      {"result with more", fields.with(4, "a40500 06 85800a0000a0 070a 0800").bytes(), Error::kUnknownKey},
      {"reason 13", fields.with(4, "a30500 06 85800a0000a0 070d").bytes(), Error::kValueOutOfRange},
      {"negative reason", fields.with(4, "a30500 06 85800a0000a0 0720").bytes(), Error::kCborWrongType},
      {"capability report empty", fields.with(8, "a0").bytes(), Error::kMissingKey},
      {"reference of one", fields.with(99, "8160").bytes(), Error::kValueOutOfRange},
      {"URI as bytes", fields.with(99, "8240822f" + digest).bytes(), Error::kCborWrongType},
      {"URI of 256 bytes", fields.with(99, "82790100" + std::string(512, '6') + "822f" + digest).bytes(),
       Error::kValueOutOfRange},
      {"URI that is no UTF-8", fields.with(99, "8261ff822f" + digest).bytes(), Error::kCborMalformed},
      {"digest of another algorithm", fields.with(99, "8260820a" + digest).bytes(), Error::kAlgorithmUnsupported},
      {"digest of 31 bytes", fields.with(99, "8260822f581f" + std::string(62, 'b')).bytes(), Error::kValueOutOfRange},
      {"length not in its shortest form", from_hex("b80003"), Error::kCborNotCanonical},
  };
  tailor::testing::expect_refused(rows, decode_suit_report);
  EXPECT_TRUE(decode_suit_report(fields.with(2, "5840" + std::string(128, '0')).bytes()).ok()) << "nonce of 64 bytes";
  EXPECT_TRUE(decode_suit_report(fields.with(4, "f5").bytes()).ok()) << "success";
  EXPECT_TRUE(decode_suit_report(fields.with(4, "a30500 06 85800a0000a0 070c").bytes()).ok()) << "invoke pending";
}

TEST(SuitReport, EncoderRefusesWhatTheDecoderWould) {
  Bytes buffer(1024);
  const Bytes long_nonce(kNonceBytes + 1, 1);
  const std::string long_uri(limits::kUriBytes + 1, 'u');
  SuitReport report = Example().report;
  report.nonce = long_nonce;
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
  report = Example().report;
  report.uri = long_uri;
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
  report = Example().report;
  report.digest = suit::Digest{ByteView(kDigest).first(31), crypto::HashAlgorithm::kSha256};
  EXPECT_EQ(encode(report, buffer).error(), Error::kValueOutOfRange);
  const Bytes whole = encoded(Example().report);
  EXPECT_EQ(encode(Example().report, MutableBytes(buffer).first(whole.size() - 1)).error(), Error::kBufferTooSmall);
}

}  // namespace
}  // namespace tailor::report
