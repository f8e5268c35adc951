// SPDX-License-Identifier: Apache-2.0
#include "trial/report.hpp"

#include "core/suit/digest.hpp"

namespace tailor::trial {
namespace {

/// As the device's agent says it: what the recorder saw, else where the processor stood.
report::Failure failure_of(const Recipient& recipient, const Ending& ending) {
  const auto& seen = recipient.journal.failure();
  if (seen && seen->code == static_cast<int64_t>(ending.error)) return *seen;
  report::Failure failure;
  failure.code = static_cast<int64_t>(ending.error);
  failure.reason = report::reason_of(ending.error);
  if (ending.position && (ending.position->section != 0 || ending.position->offset != 0)) {
    const processor::Position& at = *ending.position;
    failure.record.section = at.section == 0 ? report::kSharedSection : at.section;
    failure.record.offset = at.offset;
    failure.record.component = at.component;
  }
  return failure;
}

}  // namespace

Outcome<Bytes> report_of(const Recipient& recipient, const Ending& ending) {
  if (ending.verdict == Verdict::kWaiting) return fail(Error::kStateConflict, "the update has not ended");
  if (recipient.manifest_digest.empty()) {
    return fail(Error::kNotFound, "no report: it would have to name a manifest, and none was believed");
  }
  report::SuitReport told;
  told.uri = recipient.reference_uri;
  told.digest.bytes = recipient.manifest_digest;
  told.records = recipient.journal.records();
  told.record_count = recipient.journal.count();
  told.records_missing = recipient.journal.dropped();
  if (ending.verdict == Verdict::kRefused) told.failure = failure_of(recipient, ending);
  Bytes buffer(2048);
  TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(report::encode(told, buffer), "report"));
  return Bytes(encoded.begin(), encoded.end());
}

}  // namespace tailor::trial
