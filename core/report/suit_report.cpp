// SPDX-License-Identifier: Apache-2.0
#include "core/report/suit_report.hpp"

#include "core/base/limits.hpp"
#include "core/cbor/map_reader.hpp"
#include "core/report/capabilities.hpp"
#include "core/suit/labels.hpp"

namespace tailor::report {
namespace {

using namespace suit::report_key;

Status take_reference(cbor::Reader& reader, SuitReport& report) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 2) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(report.uri, reader.take_text());
  if (report.uri.size() > limits::kUriBytes) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(report.digest, suit::take_digest(reader));
  return kOk;
}

Status take_records(cbor::Reader& reader, SuitReport& report) noexcept {
  TAILOR_TRY_ASSIGN(report.record_count, reader.take_array());
  const ByteView start = reader.rest();
  for (size_t i = 0; i < report.record_count; ++i) {
    if (reader.next_is(cbor::Type::kArray)) {
      TAILOR_TRY(take_record(reader));
    } else {
      TAILOR_TRY(take_claims(reader));
    }
  }
  report.records = start.first(start.size() - reader.rest().size());
  return kOk;
}

Status take_result(cbor::Reader& reader, SuitReport& report) noexcept {
  if (reader.next_is(cbor::Type::kSimple)) {
    TAILOR_TRY_ASSIGN(const bool success, reader.take_bool());
    return success ? Status(kOk) : Status(Error::kValueOutOfRange);
  }
  Failure failure;
  unsigned found = 0;
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  for (; map.more(); ++found) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    if (key == kResultCode) {
      TAILOR_TRY_ASSIGN(failure.code, reader.take_int());
    } else if (key == kResultRecord) {
      TAILOR_TRY_ASSIGN(failure.record, take_record(reader));
    } else if (key == kResultReason) {
      TAILOR_TRY_ASSIGN(const uint64_t reason, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(failure.reason, reason_from_code(reason));
    } else {
      return Error::kUnknownKey;
    }
  }
  if (found != 3) return Error::kMissingKey;
  report.failure = failure;
  return kOk;
}

Status take_field(cbor::Reader& reader, int64_t key, SuitReport& report) noexcept {
  switch (key) {
    case kNonce: {
      TAILOR_TRY_ASSIGN(report.nonce, reader.take_bytes());
      return report.nonce->size() > kNonceBytes ? Status(Error::kValueOutOfRange) : Status(kOk);
    }
    case kRecords:
      return take_records(reader, report);
    case kResult:
      return take_result(reader, report);
    case kCapabilities: {
      TAILOR_TRY_ASSIGN(report.capabilities, take_capability_item(reader));
      return kOk;
    }
    case kReference:
      return take_reference(reader, report);
    case kRecordsMissing: {
      TAILOR_TRY_ASSIGN(const uint64_t missing, reader.take_unsigned());
      if (missing == 0 || missing > UINT32_MAX) return Error::kValueOutOfRange;
      report.records_missing = static_cast<uint32_t>(missing);
      return kOk;
    }
    default:
      return Error::kUnknownKey;
  }
}

/// Two keys and the reference are always there, and MapReader lets none come twice.
constexpr unsigned kDemanded = 3;

}  // namespace

Result<ByteView> encode(const SuitReport& report, MutableBytes out) noexcept {
  if (report.digest.bytes.size() != crypto::hash_bytes(report.digest.algorithm) ||
      report.uri.size() > limits::kUriBytes) {
    return Error::kValueOutOfRange;
  }
  if (report.nonce.has_value() && report.nonce->size() > kNonceBytes) return Error::kValueOutOfRange;
  const size_t optional = (report.nonce.has_value() ? 1U : 0U) + (report.capabilities.empty() ? 0U : 1U) +
                          (report.records_missing == 0 ? 0U : 1U);
  cbor::Writer writer(out);
  writer.put_map(kDemanded + optional);
  if (report.nonce.has_value()) writer.put_int(kNonce).put_bytes(*report.nonce);
  writer.put_int(kRecords).put_array(report.record_count).put_encoded(report.records);
  writer.put_int(kResult);
  if (report.failure.has_value()) {
    writer.put_map(3).put_int(kResultCode).put_int(report.failure->code);
    put(writer.put_int(kResultRecord), report.failure->record);
    writer.put_int(kResultReason).put_unsigned(static_cast<uint64_t>(report.failure->reason));
  } else {
    writer.put_bool(true);
  }
  if (!report.capabilities.empty()) writer.put_int(kCapabilities).put_encoded(report.capabilities);
  writer.put_int(kReference).put_array(2).put_text(report.uri);
  writer.put_array(2).put_int(static_cast<int64_t>(report.digest.algorithm)).put_bytes(report.digest.bytes);
  if (report.records_missing != 0) writer.put_int(kRecordsMissing).put_unsigned(report.records_missing);
  return writer.finish();
}

Result<SuitReport> decode_suit_report(ByteView bytes) noexcept {
  cbor::Reader reader(bytes);
  SuitReport report;
  unsigned demanded = 0;
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    TAILOR_TRY(take_field(reader, key, report));
    if (key == kRecords || key == kResult || key == kReference) ++demanded;
  }
  TAILOR_TRY(reader.finish());
  if (demanded != kDemanded) return Error::kMissingKey;
  return report;
}

}  // namespace tailor::report
