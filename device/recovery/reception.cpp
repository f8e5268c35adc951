// SPDX-License-Identifier: Apache-2.0
// See reception.hpp.
#include "device/recovery/reception.hpp"

#include "core/suit/labels.hpp"

namespace tailor::recovery {

void Reception::begin() noexcept {
  accepted_ = done_ = false;
  receiver_.emplace(buffer_, settings_.anchors, processor::Seams{*this, *this, settings_.authorization});
}

Status Reception::take(ByteView bytes) noexcept {
  if (!receiver_.has_value()) return Error::kStateConflict;
  const Status fed = feed(bytes);
  if (fed.ok()) return kOk;
  return give_up(fed.error());
}

Status Reception::feed(ByteView bytes) noexcept {
  while (!bytes.empty()) {
    TAILOR_TRY_ASSIGN(const Progress progress, receiver_->feed(bytes));
    // What the manifest waits for, a payload from elsewhere or an event, does not come here.
    if (progress == Progress::kWait) return Error::kPayloadUnavailable;
    done_ = progress == Progress::kDone;
    if (done_ && !bytes.empty()) return Error::kTrailingBytes;
  }
  return kOk;
}

Status Reception::end() noexcept {
  if (!receiver_.has_value()) return Error::kStateConflict;
  const Status finished = finish();
  if (!finished.ok()) return give_up(finished.error());
  receiver_.reset();
  return kOk;
}

Status Reception::finish() noexcept {
  TAILOR_TRY(receiver_->finish());
  if (!done_) return Error::kPayloadUnavailable;
  TAILOR_TRY(receiver_->staged());
  if (!slot_.is_staged()) return Error::kSequenceMissing;
  return boot_.install();
}

/// What was written for an envelope that turned out wrong is given up; when flash cannot say so now, it is not staged
/// all the same, and the next begin() erases it.
Error Reception::give_up(Error error) noexcept {
  if (accepted_) static_cast<void>(boot_.abandon());
  accepted_ = false;
  receiver_.reset();
  return error;
}

processor::Component* Reception::find_component(ByteView id) noexcept {
  return equal(id, settings_.image_component) ? &slot_ : nullptr;
}

Result<uint64_t> Reception::sequence_number(ByteView id) noexcept {
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(id));
  return boot_.counter(key);
}

Status Reception::accept(const processor::ApplicableManifest& applicable) noexcept {
  const suit::AuthenticManifest& authentic = applicable.authentic();
  const suit::Manifest& manifest = authentic.manifest();
  for (size_t i = 0; i < manifest.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView id, manifest.component(i));
    TAILOR_TRY(settings_.authorization.permits(authentic.signers(), id, {}));
  }
  // The image is believed because it was validated where it lies: without that section there is no update here.
  if (!manifest.has(suit::manifest_key::kValidate)) return Error::kSequenceMissing;
  TAILOR_TRY_ASSIGN(const boot::StoredEnvelope envelope, boot::StoredEnvelope::from_reader(buffer_, authentic));
  TAILOR_TRY_ASSIGN(const boot::ComponentKey key, boot::component_key(settings_.image_component));
  slot_.expect(envelope, key, manifest.sequence_number, settings_.block_bytes);
  TAILOR_TRY(clear_trial());
  accepted_ = true;
  return kOk;
}

/// Who asks for recovery while an image is on trial, or is about to be, has no use for that image.
Status Reception::clear_trial() noexcept {
  const boot::Phase phase = boot_.boot_data().phase;
  if (phase == boot::Phase::kTrial) return boot_.give_up(Error::kTrialNotConfirmed);
  if (phase == boot::Phase::kInstall) return boot_.abandon();
  return kOk;
}

Status Reception::invoke(processor::Component& /*component*/, ByteView /*arguments*/) noexcept {
  return Error::kInvokeFailed;  // images are started by the boot program alone
}

Result<processor::PayloadSource::Piece> Reception::read(std::string_view /*uri*/, uint32_t /*offset*/) noexcept {
  return Error::kPayloadUnavailable;
}

}  // namespace tailor::recovery
