// SPDX-License-Identifier: Apache-2.0
// The way from an envelope to a staged image: offer, authorization, payloads. What comes before and after, across
// restarts, stands in updater_restore.cpp.
#include "device/agent/updater.hpp"

#include <algorithm>

#include "core/suit/component_id.hpp"
#include "core/suit/labels.hpp"
#include "device/agent/uri.hpp"

namespace tailor::agent {

using update::UpdateEvent;
using update::UpdateState;

Updater::Updater(storage::RecordStore& store, boot::BootControl& boot, Identity& identity,
                 const UpdaterSettings& settings, UpdateListener& listener) noexcept
    : store_(store),
      boot_(boot),
      device_(identity),
      settings_(settings),
      listener_(listener),
      trust_(identity.trust(), identity.anchor()),
      slot_(boot, store),
      trust_store_(identity, listener),
      staging_(store, settings.extra.regions),
      numbers_(store),
      keys_(identity),
#if TAILOR_AGENT_DEPENDENCIES
      dependencies_(dependency_buffer_, trust_),
      processor_(processor::Seams{*this, *this, trust_, &recorder_,
                                  settings.extra.dependency.empty() ? nullptr : &dependencies_, nullptr, suit::kStrict,
                                  &keys_}) {
}
#else
      processor_(processor::Seams{*this, *this, trust_, &recorder_, nullptr, nullptr, suit::kStrict, &keys_}) {
}
#endif

// --- envelope ------------------------------------------------------------------------------------------------------

void Updater::begin_envelope(Delivery delivery, uint8_t server, bool hold) noexcept {
  receiving_ = true;
  classified_ = false;
  pass_ = Pass::kNo;
  next_delivery_ = delivery;
  next_server_ = server;
  next_hold_ = hold;
  prefix_length_ = 0;
}

Status Updater::feed_envelope(ByteView bytes) noexcept {
  if (!receiving_) return Error::kStateConflict;
  if (!classified_) {
    const size_t count = std::min(bytes.size(), prefix_.size() - prefix_length_);
    std::copy_n(bytes.begin(), count, prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_length_));
    prefix_length_ += count;
    bytes = bytes.subspan(count);
    TAILOR_TRY(classify(false));
    if (!classified_) return kOk;
    if (pass_ == Pass::kNo) TAILOR_TRY(consume(ByteView{prefix_}.first(prefix_length_)));
  }
  if (pass_ != Pass::kNo || bytes.empty()) return kOk;
  return consume(bytes);
}

/// Decides what to do with the envelope, once its first bytes are there.
Status Updater::classify(bool complete) noexcept {
  if (prefix_length_ < prefix_.size() && !complete) return kOk;
  const auto claimed = claimed_manifest(ByteView{prefix_}.first(prefix_length_));
  const UpdateState state = status_.state();
  if (update::is_under_way(state)) {
    if (claimed.has_value() && has_digest_ && *claimed == digest_) {
      pass_ = Pass::kSame;
      classified_ = true;
      if (next_server_ != kAnyServer) server_ = next_server_;  // where the payload can be had now
      return kOk;
    }
    if (state != UpdateState::kAwaitingTrigger) {
      receiving_ = false;
      return Error::kUpdateInProgress;
    }
    TAILOR_TRY(abandon());
  }
  if (claimed.has_value() && (is_installed(*claimed) || device_.trust_manifest() == claimed)) {
    pass_ = Pass::kInstalled;
    classified_ = true;
    return kOk;
  }
  classified_ = true;
  reset_transfer();
  recorder_.reset();
  if (restoring_) load_journal();
  delivery_ = next_delivery_;
  server_ = next_server_;
  hold_ = next_hold_ || settings_.hold_always;
  has_digest_ = claimed.has_value();
  if (has_digest_) digest_ = *claimed;
  has_sequence_ = false;
  reader_.emplace(buffer_, trust_);
  return move(UpdateEvent::kOffer);
}

Status Updater::consume(ByteView bytes) noexcept {
  for (;;) {
    const size_t before = bytes.size();
    const Result<Progress> progress = reader_->feed(bytes, *this);
    if (!progress.ok()) {
      // An error that came from authorize() or the processor has been turned into a refusal on its way.
      if (!update::is_under_way(status_.state())) return failure_;
      return refuse(progress.error(), "envelope");
    }
    if (!authorized_ && reader_->manifest() != nullptr) TAILOR_TRY(authorize());
    if (running_) TAILOR_TRY(run());
    switch (*progress) {
      case Progress::kNeedInput:
        return kOk;
      case Progress::kDone:
        complete_ = true;
        if (!bytes.empty()) return refuse(Error::kTrailingBytes, "envelope");
        return kOk;
      case Progress::kWait:
        // A payload streams by that the processor does not want now, and it cannot be kept.
        if (bytes.size() == before) return refuse(Error::kPayloadUnavailable, "order of payloads in the envelope");
        break;
    }
  }
}

Status Updater::end_envelope() noexcept {
  if (!receiving_) return Error::kStateConflict;
  if (!classified_) {
    TAILOR_TRY(classify(true));
    if (pass_ == Pass::kNo) TAILOR_TRY(consume(ByteView{prefix_}.first(prefix_length_)));
  }
  receiving_ = false;
  if (pass_ != Pass::kNo) return kOk;
  if (const Status complete = reader_->finish(); !complete.ok()) return refuse(complete.error(), "envelope");
  complete_ = true;
  if (running_) TAILOR_TRY(run());
  return kOk;
}

void Updater::drop_envelope() noexcept {
  if (!receiving_) return;
  receiving_ = false;
  if (!classified_ || pass_ != Pass::kNo || !update::is_under_way(status_.state())) return;
  // What cannot be persisted now stands in the record as under way, and is dropped at the next start instead.
  static_cast<void>(abandon());
}

Status Updater::authorize() noexcept {
  suit::AuthenticManifest& manifest = *reader_->manifest();
  const ByteView digest = manifest.digest();
  if (digest.size() == digest_.size()) {
    std::copy(digest.begin(), digest.end(), digest_.begin());
    has_digest_ = true;
  }
  sequence_ = manifest.manifest().sequence_number;
  has_sequence_ = true;
  reference_uri_ = manifest.manifest().reference_uri;
  platform_identity_ = {device_.vendor(), device_.device_class(), device_.device()};

  if (const Status allowed = check_rights(manifest); !allowed.ok()) return refuse(allowed.error(), "signer's rights");
  if (const Status sorted = sort_components(manifest.manifest()); !sorted.ok()) {
    return refuse(sorted.error(), "components");
  }
  // The image is believed because it was validated where it lies: without that section there is no update here.
  if (!manifest.manifest().has(suit::manifest_key::kValidate)) return refuse(Error::kSequenceMissing, "validate");
  const Result<processor::ApplicableManifest> applicable = processor_.check(manifest);
  if (!applicable.ok()) {
    failed_at_ = processor_.position();
    return refuse(applicable.error(), "shared sequence");
  }

  const auto envelope = boot::StoredEnvelope::from_reader(buffer_, manifest);
  if (!envelope.ok()) return refuse(envelope.error(), "envelope");
  const auto key = boot::component_key(settings_.image_component);
  if (!key.ok()) return refuse(key.error(), "components");
  slot_.expect(*envelope, *key, sequence_, settings_.block_bytes);
  if (const Status prepared = prepare_components(manifest); !prepared.ok()) {
    return refuse(prepared.error(), "components");
  }

  authorized_ = true;
  TAILOR_TRY(move(UpdateEvent::kAuthorize));
  if (const Status started = processor_.start(*applicable, processor::Procedure::kUpdate); !started.ok()) {
    return refuse(started.error(), "command sequences");
  }
  running_ = true;
  return move(UpdateEvent::kFetch);
}

/// Asks for the right to write every component; the processor asks again for each command. Of a manifest with
/// dependencies only the places of those: what else it names may be theirs to write.
Status Updater::check_rights(const suit::AuthenticManifest& authentic) noexcept {
  const suit::Manifest& manifest = authentic.manifest();
  for (size_t i = 0; i < manifest.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView id, manifest.component(i));
    if (!manifest.dependencies.empty() && !equal(id, settings_.extra.dependency)) continue;
    TAILOR_TRY(trust_.permits(authentic.signers(), id, {}));
  }
  return kOk;
}

/// Makes ready what is received beside the image, and is to be found again after a restart.
Status Updater::prepare_components(const suit::AuthenticManifest& authentic) noexcept {
  const suit::Manifest& manifest = authentic.manifest();
  TAILOR_TRY(numbers_.begin());
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name, crypto::sha256(authentic.digest()));
  staging_.expect(name, settings_.block_bytes);
  if (manifest.component_count < 2 && manifest.dependencies.empty()) return kOk;
  TAILOR_TRY_ASSIGN(const bool taken_up, slot_.prepare());
  dependency_.expect(boot_.candidate_manifest(), taken_up);
  return kOk;
}

/// Finds out what kind of update this is. One of the trust store is put in force otherwise than an image: a manifest
/// has one or the other.
Status Updater::sort_components(const suit::Manifest& manifest) noexcept {
  is_trust_ = false;
  for (size_t i = 0; i < manifest.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView id, manifest.component(i));
    is_trust_ = is_trust_ || equal(id, trust::kTrustComponent);
  }
  if (is_trust_ && manifest.component_count > 1) return Error::kTooManyComponents;
  return kOk;
}

// --- processor -----------------------------------------------------------------------------------------------------

Status Updater::run() noexcept {
  const Result<Progress> progress = processor_.step();
  const std::string_view awaited =
      progress.ok() && *progress == Progress::kWait ? processor_.awaited_uri() : std::string_view{};
  wanted_ = is_integrated(awaited) ? std::string_view{} : awaited;
  keys_.forget();
  if (recorder_.take_changed()) keep_journal();
  // What came inside the envelope is not kept with it: the update waits to be offered again.
  if (!progress.ok() && restoring_ && progress.error() == Error::kMemberMissing) {
    running_ = authorized_ = receiving_ = false;
    return progress.error();
  }
  if (!progress.ok()) {
    failed_at_ = processor_.position();
    constexpr std::string_view kWhere = "payload and install sequences";
    return refuse(progress.error(), kWhere);
  }
  return run_on(*progress);
}

Status Updater::run_on(Progress progress) noexcept {
  // Without a payload that is wanted it is an event that the manifest waits for.
  if (progress == Progress::kWait && processor_.awaited_uri().empty()) return wait_for_event();
  if (status_.state() == UpdateState::kAwaitingTrigger) TAILOR_TRY(move(UpdateEvent::kFetch));
  if (progress != Progress::kDone) return kOk;
  running_ = false;
  TAILOR_TRY(processor_.staged());
  if (!(is_trust_ ? device_.has_staged_trust() : slot_.is_staged())) {
    return refuse(Error::kSequenceMissing, "install sequence");
  }
  TAILOR_TRY(move(UpdateEvent::kStage));
  if (hold_) return move(UpdateEvent::kHold);
  ready_ = true;
  return kOk;
}

processor::Component* Updater::find_component(ByteView id) noexcept {
  if (equal(id, settings_.image_component)) return &slot_;
  if (equal(id, trust::kTrustComponent)) return &trust_store_;
#if TAILOR_AGENT_STAGING
  if (staging_.exists() && equal(id, settings_.extra.staging)) return &staging_;
#endif
#if TAILOR_AGENT_DEPENDENCIES
  if (equal(id, settings_.extra.dependency)) return &dependency_;
#endif
  return nullptr;
}

/// A dependency has numbers of its own: manifest_sequence_number().
Result<uint64_t> Updater::sequence_number(ByteView id) noexcept {
  if (equal(id, settings_.extra.dependency)) return uint64_t{0};
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(id));
  return boot_.counter(key);
}

Result<uint64_t> Updater::manifest_sequence_number(ByteView id) noexcept {
  return numbers_.confirmed(id);
}

/// The device keeps one tree of manifests for its image; the next one replaces all of it. Nobody else refers to a
/// component, so there is nothing to count: what lets go of it may remove it.
Status Updater::unlink(ByteView /*id*/, ByteView /*manifest*/) noexcept {
  return kOk;
}

/// A trust store's number is its component's.
Status Updater::staged(const processor::StagedManifest& manifest) noexcept {
  if (is_trust_ || manifest.id.empty()) return kOk;
  return numbers_.stage(manifest.id, manifest.sequence_number);
}

Status Updater::invoke(processor::Component& /*component*/, ByteView /*arguments*/) noexcept {
  return Error::kInvokeFailed;  // images are started by the boot program alone
}

Result<processor::PayloadSource::Piece> Updater::read(std::string_view uri, uint32_t offset) noexcept {
  wanted_offset_ = offset;
  if (slot_.is_whole() || staging_.is_whole() || dependency_.is_whole()) return Piece{{}, true};
  if (is_integrated(uri) && uri != member_) {
    if (complete_) return Error::kMemberMissing;
    return Piece{};
  }
  // What is at hand may be the end of the payload before, or lie elsewhere in this one.
  if ((piece_.empty() && !piece_last_) || uri != piece_uri_ || offset < piece_offset_) return Piece{};
  const size_t skip = offset - piece_offset_;
  if (skip > piece_.size()) return Piece{};
  const Piece piece{piece_.subspan(skip), piece_last_};
  if (piece_last_) forget_piece();
  return piece;
}

Status Updater::begin(std::string_view uri, uint64_t size) noexcept {
  if (size > UINT32_MAX) return Error::kImageTooLarge;
  if (!authorized_) TAILOR_TRY(authorize());
  member_ = uri;
  member_offset_ = 0;
  member_size_ = static_cast<uint32_t>(size);
  return kOk;
}

Result<size_t> Updater::write(ByteView bytes) noexcept {
  const size_t count = std::min<size_t>(bytes.size(), member_size_ - member_offset_);
  if (!running_) {
    member_offset_ += static_cast<uint32_t>(count);
    return count;
  }
  piece_ = bytes.first(count);
  piece_uri_ = member_;
  piece_offset_ = member_offset_;
  const bool last = member_offset_ + count == member_size_;
  piece_last_ = last;
  const Status done = run();
  const bool all_taken = last && piece_uri_.empty();
  forget_piece();
  TAILOR_TRY(done);
  if (all_taken) {
    member_offset_ = member_size_;
    return count;
  }
  // Taken: what the processor has asked beyond, or everything when it wants no more of this payload.
  if (running_ && processor_.awaited_uri() == member_) {
    const uint32_t taken =
        std::min<uint32_t>(wanted_offset_ - std::min(wanted_offset_, member_offset_), static_cast<uint32_t>(count));
    // An interrupted reception goes on beyond this piece: the piece is passed over.
    member_offset_ += taken;
    return size_t{taken};
  }
  if (running_ && !processor_.awaited_uri().empty()) return size_t{0};
  member_offset_ += static_cast<uint32_t>(count);
  return count;
}

Status Updater::end() noexcept {
  member_ = {};
  return kOk;
}

Status Updater::take_payload(uint32_t offset, ByteView bytes, bool last) noexcept {
  if (!running_ || wanted_.empty()) return Error::kStateConflict;
  if (offset > wanted_offset_) return Error::kBlockSequence;
  piece_ = bytes;
  piece_uri_ = wanted_;
  piece_offset_ = offset;
  piece_last_ = last;
  const Status done = run();
  forget_piece();
  return done;
}

void Updater::payload_failed(Error error) noexcept {
  if (!running_ || wanted_.empty()) return;
  failed_at_ = processor_.position();
  static_cast<void>(refuse(error, wanted_));  // returns the same error
}

// --- state ---------------------------------------------------------------------------------------------------------

/// Whether what happens in this state has to outlive a restart: an envelope that was only offered is offered again.
constexpr Keep keep_of(UpdateState state) noexcept {
  return state == UpdateState::kOffered ? Keep::kInMemory : Keep::kInFlash;
}

Status Updater::refuse(Error error, std::string_view where) noexcept {
  failure_ = error;
  running_ = false;
  authorized_ = false;
  wanted_ = {};
  forget_piece();
  receiving_ = false;
  // What was received is given up; when flash cannot say so now, the next begin() does.
  static_cast<void>(boot_.abandon());
  static_cast<void>(device_.drop_staged_trust());
  // After a restart the update is offered again and refused again. What was only offered leaves no record and its
  // report is in memory alone, so that a flood of envelopes that are refused writes nothing.
  const Keep keep = keep_of(status_.state());
  if (const Status moved = status_.apply(UpdateEvent::kRefuse, error); moved.ok()) {
    listener_.on_update_state(slice(where, 0, update::kWhereBytes), keep);
    if (keep == Keep::kInFlash) static_cast<void>(persist());
  }
  return error;
}

Status Updater::move(UpdateEvent event, std::string_view where) noexcept {
  TAILOR_TRY(status_.apply(event));
  // Told first: when power fails in between, the state is reached and told once more; the other way round it would
  // never be told.
  const Keep keep = keep_of(status_.state());
  listener_.on_update_state(where, keep);
  return keep == Keep::kInFlash ? persist() : Status(kOk);
}

void Updater::reset_transfer() noexcept {
  failed_at_.reset();
  reference_uri_ = {};
  consent_ = false;
  reader_.reset();
  trust_store_.reset();
  is_trust_ = false;
  authorized_ = false;
  running_ = false;
  complete_ = false;
  ready_ = false;
  forget_piece();
  member_ = {};
  wanted_ = {};
  wanted_offset_ = 0;
}

}  // namespace tailor::agent
