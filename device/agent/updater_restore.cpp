// SPDX-License-Identifier: Apache-2.0
// The update across restarts: its record, what the boot program did meanwhile, installation and its outcome.
#include <algorithm>

#include "core/cbor/reader.hpp"
#include "core/cbor/writer.hpp"
#include "device/agent/updater.hpp"

namespace tailor::agent {

using update::UpdateEvent;
using update::UpdateState;
using update::UpdateStatus;

namespace {

constexpr uint64_t kRecordVersion = 3;
constexpr uint64_t kJournalVersion = 1;
constexpr size_t kJournalBytes = report::BoundedRecorder::kBytes + 56;
constexpr size_t kRecordBytes = 64;

/// Takes the head of an item from the front.
bool take(ByteView& bytes, cbor::Type type, uint64_t& argument) noexcept {
  cbor::Head head;
  if (!cbor::decode_head(bytes, head).ok() || head.type != type) return false;
  bytes = bytes.subspan(head.size);
  argument = head.argument;
  return true;
}

}  // namespace

std::optional<crypto::Sha256Digest> claimed_manifest(ByteView bytes) noexcept {
  using cbor::Type;
  uint64_t tag = 0, pairs = 0, key = 0, length = 0, blocks = 0, digest_length = 0, parts = 0, algorithm = 0, size = 0;
  const bool found = take(bytes, Type::kTag, tag) && tag == suit::kEnvelopeTag && take(bytes, Type::kMap, pairs) &&
                     take(bytes, Type::kUnsigned, key) &&
                     key == static_cast<uint64_t>(suit::envelope_key::kAuthentication) &&
                     take(bytes, Type::kBytes, length) && take(bytes, Type::kArray, blocks) &&
                     take(bytes, Type::kBytes, digest_length) && take(bytes, Type::kArray, parts) && parts == 2 &&
                     take(bytes, Type::kNegative, algorithm) && algorithm == 15 && take(bytes, Type::kBytes, size);
  crypto::Sha256Digest digest{};
  if (!found || size != digest.size() || bytes.size() < digest.size()) return std::nullopt;
  std::copy_n(bytes.begin(), digest.size(), digest.begin());
  return digest;
}

bool Updater::is_installed(const crypto::Sha256Digest& manifest) noexcept {
  // Before the trial has ended the running image's manifest is the candidate, not the active one.
  std::array<uint8_t, boot::kStoredEnvelopeBytes> buffer;
  const Result<ByteView> stored = boot_.active_envelope(buffer);
  if (!stored.ok()) return false;
  const auto active = claimed_manifest(*stored);
  return active.has_value() && *active == manifest;
}

Status Updater::restore() noexcept {
  TAILOR_TRY(load_record());
  load_journal();
  const boot::BootData boot = boot_.boot_data();
  const UpdateState state = status_.state();
  if (is_trust_ && !boot.on_trial) return restore_trust();
  if (boot.on_trial) {
    if (state == UpdateState::kStaged || state == UpdateState::kAwaitingTrigger)
      TAILOR_TRY(status_.apply(UpdateEvent::kInstall));
    if (status_.state() == UpdateState::kInstalling) return move(UpdateEvent::kBoot);
    if (state == UpdateState::kTrial) return kOk;
    // The record was lost; what runs is on trial all the same.
    TAILOR_TRY_ASSIGN(status_, UpdateStatus::make(UpdateState::kTrial, std::nullopt));
    return persist();
  }
  switch (state) {
    case UpdateState::kInstalling:
      if (boot.phase == boot::Phase::kStaged || boot.phase == boot::Phase::kInstall) {
        ready_ = true;  // power failed before the boot program could try
        return kOk;
      }
      [[fallthrough]];
    case UpdateState::kTrial: {
      if (boot.outcome.kind == boot::OutcomeKind::kConfirmed && state == UpdateState::kTrial) {
        TAILOR_TRY(numbers_.confirm());
        return move(UpdateEvent::kConfirm);
      }
      const Error reason =
          boot.outcome.kind == boot::OutcomeKind::kReverted ? boot.outcome.error : Error::kTrialNotConfirmed;
      TAILOR_TRY(status_.apply(UpdateEvent::kRevert, reason));
      listener_.on_update_state("boot", Keep::kInFlash);
      return persist();
    }
    case UpdateState::kOffered:
    case UpdateState::kAuthorized:
    case UpdateState::kFetching:
      return go_on_after_restart();
    case UpdateState::kStaged:
      if (boot.phase != boot::Phase::kStaged) return abandon();
      if (hold_) return move(UpdateEvent::kHold);
      ready_ = true;
      return kOk;
    case UpdateState::kAwaitingTrigger:
      if (status_.awaited() != update::Awaited::kTrigger) return go_on_after_restart();
      if (boot.phase != boot::Phase::kStaged) return abandon();
      ready_ = !hold_;  // the trigger had come
      return kOk;
    case UpdateState::kIdle:
    case UpdateState::kConfirmed:
    case UpdateState::kReverted:
    case UpdateState::kRefused:
      return kOk;
  }
  return kOk;
}

/// Takes the envelope that the boot module kept up again, so that a payload transfer goes on where it was cut without
/// anybody sending the envelope anew.
Status Updater::go_on_after_restart() noexcept {
  std::array<uint8_t, boot::kStoredEnvelopeBytes> buffer;
  // Staged: all of the image had come, and power failed before the update's state said so, or in a wait after it.
  const boot::Phase phase = boot_.boot_data().phase;
  const bool received = phase == boot::Phase::kReceiving || phase == boot::Phase::kStaged;
  const Result<ByteView> stored = received ? boot_.candidate_envelope(buffer) : Result<ByteView>(Error::kNotFound);
  const uint8_t server = server_;
  const Delivery delivery = delivery_;
  const bool hold = hold_;
  const auto digest = manifest_digest();
  // Back to idle without giving up what was received.
  status_ = UpdateStatus();
  if (!stored.ok() || !digest.has_value() || claimed_manifest(*stored) != digest) return persist();
  begin_envelope(delivery, server, hold);
  restoring_ = true;
  // An envelope whose command sequences were severed cannot go on from what was kept: it is offered again.
  const bool went_on = feed_envelope(*stored).ok() && end_envelope().ok();
  restoring_ = false;
  if (went_on) return kOk;
  status_ = UpdateStatus();
  return persist();
}

/// A trust store that was staged lies in flash, and whether it is in force already is plain to see.
Status Updater::restore_trust() noexcept {
  const bool in_force = has_digest_ && device_.trust_manifest() == manifest_digest();
  switch (status_.state()) {
    case UpdateState::kInstalling:
      if (in_force) return confirm_trust();
      ready_ = device_.has_staged_trust();
      if (ready_) return kOk;
      TAILOR_TRY(status_.apply(UpdateEvent::kRevert, Error::kRecordMalformed));
      listener_.on_update_state("staged trust store", Keep::kInFlash);
      return persist();
    case UpdateState::kStaged:
    case UpdateState::kAwaitingTrigger:
      if (!device_.has_staged_trust()) return abandon();
      if (status_.state() == UpdateState::kAwaitingTrigger) {
        ready_ = !hold_;  // the trigger had come
        return kOk;
      }
      if (hold_) return move(UpdateEvent::kHold);
      ready_ = true;
      return kOk;
    case UpdateState::kOffered:
    case UpdateState::kAuthorized:
    case UpdateState::kFetching:
      // What was in RAM is gone: it is offered again.
      is_trust_ = false;
      status_ = UpdateStatus();
      TAILOR_TRY(device_.drop_staged_trust());
      return persist();
    case UpdateState::kIdle:
    case UpdateState::kTrial:
    case UpdateState::kConfirmed:
    case UpdateState::kReverted:
    case UpdateState::kRefused:
      return device_.drop_staged_trust();
  }
  return kOk;
}

/// Puts the staged trust store in force. When power fails in between, restore_trust() goes on.
Status Updater::install_trust() noexcept {
  if (status_.state() != UpdateState::kInstalling) TAILOR_TRY(move(UpdateEvent::kInstall));
  if (device_.trust_manifest() == manifest_digest()) return confirm_trust();  // an earlier try came that far
  const Result<bool> authorities_kept = device_.put_trust_in_force(digest_);
  if (!authorities_kept.ok()) {
    if (class_of(authorities_kept.error()) == ErrorClass::kPort) return authorities_kept.error();  // to be tried again
    ready_ = false;
    TAILOR_TRY(status_.apply(UpdateEvent::kRevert, authorities_kept.error()));
    listener_.on_update_state("trust store", Keep::kInFlash);
    TAILOR_TRY(persist());
    return device_.drop_staged_trust();
  }
  listener_.on_trust_changed(*authorities_kept);
  return confirm_trust();
}

Status Updater::confirm_trust() noexcept {
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(trust::kTrustComponent));
  TAILOR_TRY(boot_.raise_counter(key, sequence_));
  ready_ = false;
  trust_store_.reset();
  return move(UpdateEvent::kConfirm);
}

Status Updater::install() noexcept {
  if (!ready_) return Error::kStateConflict;
  if (is_trust_) return install_trust();
  if (status_.state() != UpdateState::kInstalling) TAILOR_TRY(move(UpdateEvent::kInstall));
  if (boot_.boot_data().phase == boot::Phase::kInstall) return kOk;
  return boot_.install();
}

Status Updater::confirm() noexcept {
  if (status_.state() != UpdateState::kTrial) return Error::kStateConflict;
  TAILOR_TRY(boot_.confirm());
  TAILOR_TRY(numbers_.confirm());
  return move(UpdateEvent::kConfirm);
}

Status Updater::give_up(Error reason) noexcept {
  if (status_.state() != UpdateState::kTrial) return Error::kStateConflict;
  return boot_.give_up(reason);
}

Status Updater::abandon() noexcept {
  TAILOR_TRY(status_.apply(UpdateEvent::kAbandon));
  reset_transfer();
  TAILOR_TRY(boot_.abandon());
  TAILOR_TRY(device_.drop_staged_trust());
  TAILOR_TRY(persist());
  listener_.on_update_state("abandoned", Keep::kInFlash);
  return kOk;
}

Status Updater::persist() noexcept {
  std::array<uint8_t, kRecordBytes> buffer{};
  cbor::Writer writer(buffer);
  const auto reason = status_.reason();
  writer.put_array(10).put_unsigned(kRecordVersion).put_unsigned(static_cast<uint64_t>(status_.state()));
  writer.put_unsigned(reason.has_value() ? static_cast<uint64_t>(*reason) : 0);
  writer.put_unsigned(static_cast<uint64_t>(delivery_)).put_unsigned(server_).put_bool(hold_);
  if (has_digest_) {
    writer.put_bytes(digest_);
  } else {
    writer.put_null();
  }
  if (has_sequence_) {
    writer.put_unsigned(sequence_);
  } else {
    writer.put_null();
  }
  writer.put_bool(is_trust_);
  writer.put_unsigned(static_cast<uint64_t>(status_.awaited().value_or(update::Awaited::kTrigger)));
  TAILOR_TRY_ASSIGN(const ByteView encoded, writer.finish());
  return store_.put(record::kUpdate, encoded);
}

Status Updater::load_record() noexcept {
  std::array<uint8_t, kRecordBytes> buffer{};
  const Result<ByteView> found = store_.get(record::kUpdate, buffer);
  if (!found.ok() && found.error() == Error::kNotFound) return kOk;
  TAILOR_TRY(found);
  cbor::Reader reader(*found);
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  TAILOR_TRY_ASSIGN(const uint64_t version, reader.take_unsigned());
  if (version == 0 || version > kRecordVersion) return Error::kUnsupportedVersion;
  if (count != 7 + version) return Error::kRecordMalformed;  // each version has added an element
  TAILOR_TRY_ASSIGN(const uint64_t state_code, reader.take_unsigned());
  TAILOR_TRY_ASSIGN(const UpdateState state, update::update_state_from_code(state_code));
  TAILOR_TRY_ASSIGN(const uint64_t reason, reader.take_unsigned());
  TAILOR_TRY_ASSIGN(const uint64_t delivery, reader.take_unsigned());
  delivery_ = static_cast<Delivery>(std::min<uint64_t>(delivery, static_cast<uint64_t>(Delivery::kDirect)));
  TAILOR_TRY_ASSIGN(const uint64_t server, reader.take_unsigned());
  server_ = static_cast<uint8_t>(std::min<uint64_t>(server, kAnyServer));
  TAILOR_TRY_ASSIGN(hold_, reader.take_bool());
  has_digest_ = !reader.next_is_null();
  if (has_digest_) {
    TAILOR_TRY_ASSIGN(const ByteView digest, reader.take_bytes());
    if (digest.size() != digest_.size()) return Error::kRecordMalformed;
    std::copy(digest.begin(), digest.end(), digest_.begin());
  } else {
    TAILOR_TRY(reader.take_null());
  }
  has_sequence_ = !reader.next_is_null();
  if (has_sequence_) {
    TAILOR_TRY_ASSIGN(sequence_, reader.take_unsigned());
  } else {
    TAILOR_TRY(reader.take_null());
  }
  if (version > 1) {
    TAILOR_TRY_ASSIGN(is_trust_, reader.take_bool());
  }
  update::Awaited awaited = update::Awaited::kTrigger;
  if (version > 2) {
    TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
    TAILOR_TRY_ASSIGN(awaited, update::awaited_from_code(code));
  }
  const auto error = reason == 0 ? std::nullopt : std::optional(error_from_code(static_cast<uint8_t>(reason)));
  TAILOR_TRY_ASSIGN(status_, UpdateStatus::make(state, error, awaited));
  return reader.finish();
}

/// What the processor has recorded, so that the report of the outcome tells of the time before a restart too. A journal
/// that cannot be written costs records, never the update.
void Updater::keep_journal() noexcept {
  std::array<uint8_t, kJournalBytes> buffer{};
  cbor::Writer writer(buffer);
  writer.put_array(4).put_unsigned(kJournalVersion).put_bytes(digest_).put_unsigned(recorder_.dropped());
  writer.put_bytes(recorder_.records());
  if (const auto encoded = writer.finish(); encoded.ok()) static_cast<void>(store_.put(record::kJournal, *encoded));
}

/// Takes up the journal if it is of the manifest at hand; what is damaged counts as none.
void Updater::load_journal() noexcept {
  const auto load = [this]() noexcept -> Status {
    std::array<uint8_t, kJournalBytes> buffer{};
    TAILOR_TRY_ASSIGN(const ByteView found, store_.get(record::kJournal, buffer));
    cbor::Reader reader(found);
    TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
    TAILOR_TRY_ASSIGN(const uint64_t version, reader.take_unsigned());
    if (count != 4 || version != kJournalVersion) return Error::kRecordMalformed;
    TAILOR_TRY_ASSIGN(const ByteView digest, reader.take_bytes());
    TAILOR_TRY_ASSIGN(const uint64_t dropped, reader.take_unsigned());
    TAILOR_TRY_ASSIGN(const ByteView records, reader.take_bytes());
    if (!has_digest_ || !equal(digest, digest_)) return Error::kNotFound;
    return recorder_.restore(records, static_cast<uint32_t>(dropped));
  };
  if (!load().ok()) recorder_.reset();
}

}  // namespace tailor::agent
