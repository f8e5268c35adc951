// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the report, from one list of keys. docs/formats/report.md.
#include "core/update/report.hpp"

#include "core/update/fields.hpp"

namespace tailor::update {
namespace {

enum Key : int64_t {
  kVersionKey = 0,
  kNumber = 1,
  kDevice = 2,
  kManifestDigest = 3,
  kSequenceNumber = 4,
  kUpdateState = 5,
  kReason = 6,
  kWhere = 7,
  kBoot = 8,
  kTime = 9,
  kAwaited = 10,
  kSuitReport = 11,
};

constexpr uint32_t kOptional = fields::Keys::bit(kManifestDigest) | fields::Keys::bit(kSequenceNumber) |
                               fields::Keys::bit(kReason) | fields::Keys::bit(kWhere);

Status check(const Report& report) noexcept {
  if (report.where.size() > kWhereBytes) return Error::kValueOutOfRange;
  // A sequence number is read from a manifest, and a manifest that was read has a digest.
  if (report.sequence_number.has_value() && !report.manifest_digest.has_value()) return Error::kValueOutOfRange;
  // A SUIT_Report tells how an update ended.
  if (report.suit_report.size() > kSuitReportBytes) return Error::kValueOutOfRange;
  if (!report.suit_report.empty() && !is_outcome(report.update.state())) return Error::kValueOutOfRange;
  return fields::check(report.boot);
}

struct Fields {
  Report report;
  UpdateState state = UpdateState::kIdle;
  std::optional<Error> reason;
  Awaited awaited = Awaited::kTrigger;
};

Status take_field(cbor::Reader& reader, int64_t key, Fields& into) noexcept {
  Report& report = into.report;
  switch (key) {
    case kVersionKey:
      return fields::take_version(reader, kMessageVersion);
    case kNumber: {
      TAILOR_TRY_ASSIGN(report.number, reader.take_unsigned());
      return kOk;
    }
    case kDevice: {
      TAILOR_TRY_ASSIGN(report.device, fields::take_uuid(reader));
      return kOk;
    }
    case kManifestDigest: {
      TAILOR_TRY_ASSIGN(report.manifest_digest, fields::take_digest(reader));
      return kOk;
    }
    case kSequenceNumber: {
      TAILOR_TRY_ASSIGN(report.sequence_number, reader.take_unsigned());
      return kOk;
    }
    case kUpdateState: {
      TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(into.state, update_state_from_code(code));
      return kOk;
    }
    case kReason:
      return fields::take_reason(reader, into.reason);
    case kAwaited:
      return fields::take_awaited(reader, into.awaited);
    case kSuitReport: {
      TAILOR_TRY_ASSIGN(report.suit_report, fields::take_sized_bytes(reader, 1, kSuitReportBytes));
      return kOk;
    }
    case kWhere: {
      TAILOR_TRY_ASSIGN(report.where, fields::take_sized_text(reader, 1, kWhereBytes));
      return kOk;
    }
    case kBoot: {
      TAILOR_TRY_ASSIGN(report.boot, fields::take_boot(reader));
      return kOk;
    }
    case kTime: {
      TAILOR_TRY_ASSIGN(report.time, fields::take_time(reader));
      return kOk;
    }
    default:
      return Error::kUnknownKey;
  }
}

}  // namespace

Result<ByteView> encode(const Report& report, MutableBytes out) noexcept {
  TAILOR_TRY(check(report));
  const std::optional<Error> reason = report.update.reason();
  size_t pairs = 6;
  if (report.manifest_digest.has_value()) ++pairs;
  if (report.sequence_number.has_value()) ++pairs;
  if (reason.has_value()) ++pairs;
  if (!report.where.empty()) ++pairs;
  if (fields::tells_awaited(report.update)) ++pairs;
  if (!report.suit_report.empty()) ++pairs;

  cbor::Writer writer(out);
  writer.put_map(pairs);
  writer.put_unsigned(kVersionKey).put_unsigned(kMessageVersion);
  writer.put_unsigned(kNumber).put_unsigned(report.number);
  writer.put_unsigned(kDevice).put_bytes(report.device.bytes);
  if (report.manifest_digest.has_value()) writer.put_unsigned(kManifestDigest).put_bytes(*report.manifest_digest);
  if (report.sequence_number.has_value()) writer.put_unsigned(kSequenceNumber).put_unsigned(*report.sequence_number);
  writer.put_unsigned(kUpdateState).put_unsigned(static_cast<uint64_t>(report.update.state()));
  if (reason.has_value()) writer.put_unsigned(kReason).put_unsigned(static_cast<uint64_t>(*reason));
  if (!report.where.empty()) writer.put_unsigned(kWhere).put_text(report.where);
  fields::put(writer.put_unsigned(kBoot), report.boot);
  fields::put(writer.put_unsigned(kTime), report.time);
  fields::put_awaited(writer, kAwaited, report.update);
  if (!report.suit_report.empty()) writer.put_unsigned(kSuitReport).put_bytes(report.suit_report);
  return writer.finish();
}

Result<Report> decode_report(ByteView message) noexcept {
  cbor::Reader reader(message);
  Fields into;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, into); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kVersionKey, kTime, kOptional));
  TAILOR_TRY_ASSIGN(into.report.update, UpdateStatus::make(into.state, into.reason, into.awaited));
  TAILOR_TRY(check(into.report));
  return into.report;
}

}  // namespace tailor::update
