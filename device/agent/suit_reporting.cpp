// SPDX-License-Identifier: Apache-2.0
#include "device/agent/suit_reporting.hpp"

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

}  // namespace

Result<ByteView> seal_suit_report(const Updater& updater, const Identity& identity, ByteView image_component,
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
  if (status.reason().has_value()) {
    told.failure = failure_of(updater, *status.reason());
    if (report::is_unsupported(told.failure->reason)) {
      if (const auto written = write_capabilities(image_component, capabilities); written.ok()) {
        told.capabilities = *written;
      }
    }
  }
  std::array<uint8_t, kSealedReportBytes - report::kSealBytes> buffer;
  if (!report::encode(told, buffer).ok()) {
    told.records = {};
    told.record_count = 0;
  }
  if (!report::encode(told, buffer).ok()) told.capabilities = {};
  TAILOR_TRY_ASSIGN(const ByteView encoded, report::encode(told, buffer));
  return report::seal(encoded, *identity.credentials(Purpose::kUpdates).key, out);
}

}  // namespace tailor::agent
