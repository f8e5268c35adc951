// SPDX-License-Identifier: Apache-2.0
#include "device/agent/suit_reporting.hpp"

#include "core/cose/options.hpp"
#include "core/report/encrypted.hpp"
#include "core/report/sealed.hpp"

namespace tailor::agent {
namespace {

using update::UpdateState;

/// What went wrong, where the processor has not said it itself.
report::Failure failure_of(const Updater& updater, Error reason) noexcept {
  if (const auto& failure = updater.failure(); failure.has_value() && failure->code == static_cast<int64_t>(reason)) {
    return *failure;
  }
  report::Failure failure;
  failure.code = static_cast<int64_t>(reason);
  failure.reason = report::reason_of(reason);
  if (updater.status().state() == UpdateState::kReverted) {
    // The boot program tells its error alone. A trial is what invoke led to; everything before it is validation.
    const bool ran = reason == Error::kTrialCrashed || reason == Error::kTrialNotConfirmed;
    failure.record.section = ran ? suit::manifest_key::kInvoke : suit::manifest_key::kValidate;
  } else if (const auto& place = updater.failed_at();
             place.has_value() && (place->section != 0 || place->offset != 0)) {
    failure.record.section = place->section == 0 ? report::kSharedSection : place->section;
    failure.record.offset = place->offset;
    failure.record.component = place->component;
  }
  return failure;
}

/// Leaves out the oldest record; the report says that it is missing.
void drop_oldest(report::SuitReport& told) noexcept {
  cbor::Reader reader(told.records);
  const bool whole = reader.take_item().ok();
  told.records = whole ? reader.rest() : ByteView();
  told.records_missing += whole ? 1U : static_cast<uint32_t>(told.record_count);
  told.record_count = whole ? told.record_count - 1 : 0;
}

/// Writes the report, without its oldest records and at last without capabilities when there is no room.
Result<ByteView> write_what_fits(report::SuitReport& told, MutableBytes out) noexcept {
  while (!report::encode(told, out).ok() && told.record_count > 0) drop_oldest(told);
  if (!report::encode(told, out).ok()) told.capabilities = {};
  return report::encode(told, out);
}

using SealBuffer = std::array<uint8_t, kSealedReportBytes - report::kSealBytes>;

}  // namespace

Result<ByteView> seal_suit_report(const Updater& updater, const Identity& identity, const AgentSettings& settings,
                                  uint64_t number, MutableBytes out) noexcept {
  const update::UpdateStatus& status = updater.status();
  if (!update::is_outcome(status.state())) return Error::kStateConflict;
  const auto digest = updater.manifest_digest();
  if (!digest.has_value()) return Error::kNotFound;
  if (!identity.enrolled()) return Error::kNotEnrolled;

  std::array<uint8_t, 8> nonce;
  for (size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
  std::array<uint8_t, kCapabilityBytes> capabilities;
  report::SuitReport told;
  told.digest = {*digest, crypto::HashAlgorithm::kSha256};
  told.uri = updater.reference_uri();
  told.nonce = nonce;
  told.records = updater.records().records();
  told.record_count = updater.records().count();
  told.records_missing = updater.records().dropped();
  if (status.reason().has_value()) {
    told.failure = failure_of(updater, *status.reason());
    if (report::is_unsupported(told.failure->reason)) {
      if (const auto written = write_capabilities(settings, capabilities); written.ok()) {
        told.capabilities = *written;
      }
    }
  }
  const crypto::P256PrivateKey& key = *identity.credentials(Purpose::kUpdates).key;
  SealBuffer plain;
  if (settings.report_key.empty()) {
    TAILOR_TRY_ASSIGN(const ByteView encoded, write_what_fits(told, plain));
    return report::seal(encoded, key, out);
  }
  if constexpr (!cose::options::kEncrypt) return Error::kAlgorithmUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView encoded,
                    write_what_fits(told, MutableBytes(plain).first(plain.size() - report::kEncryptBytes)));
  SealBuffer secret;
  const report::ReportKey report_key{crypto::ContentAlgorithm::kA128Gcm, settings.report_key};
  TAILOR_TRY_ASSIGN(const ByteView encrypted, report::encrypt(encoded, report_key, secret));
  return report::seal(encrypted, key, out);
}

}  // namespace tailor::agent
