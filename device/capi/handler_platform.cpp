// SPDX-License-Identifier: Apache-2.0
#include "device/capi/handler_platform.hpp"

#include <algorithm>

#include "core/suit/labels.hpp"
#include "device/capi/convert.hpp"

namespace tailor::capi {
namespace {

Result<processor::Answer> answer_of(tailor_answer_t answer) noexcept {
  switch (answer) {
    case TAILOR_ANSWER_NO:
      return processor::Answer::kNo;
    case TAILOR_ANSWER_YES:
      return processor::Answer::kYes;
    case TAILOR_ANSWER_LATER:
      return processor::Answer::kLater;
  }
  return Error::kInternal;
}

}  // namespace

Result<uint32_t> HandlerComponent::open(const processor::Expectation& expected) noexcept {
  const tailor_component_id_t id = c_id();
  const bool told =
      expected.digest.size() == TAILOR_DIGEST_BYTES && expected.algorithm == crypto::HashAlgorithm::kSha256;
  const tailor_content_t content{told ? expected.digest.data() : nullptr, expected.size};
  uint32_t resume_offset = 0;
  if (!expected.metadata.empty()) {
    if (handler_->metadata == nullptr) return Error::kParameterUnsupported;
    TAILOR_TRY(from_c(handler_->metadata(handler_->context, &id, expected.metadata.data(), expected.metadata.size())));
  }
  TAILOR_TRY(from_c(handler_->open(handler_->context, &id, &content, &resume_offset)));
  return resume_offset;
}

Status HandlerComponent::write(uint32_t offset, ByteView bytes) noexcept {
  const tailor_component_id_t id = c_id();
  return from_c(handler_->write(handler_->context, &id, offset, bytes.data(), bytes.size()));
}

Status HandlerComponent::finish(uint32_t size) noexcept {
  const tailor_component_id_t id = c_id();
  return from_c(handler_->finish(handler_->context, &id, size));
}

Result<uint32_t> HandlerComponent::size() noexcept {
  const tailor_component_id_t id = c_id();
  uint32_t size = 0;
  TAILOR_TRY(from_c(handler_->size(handler_->context, &id, &size)));
  return size;
}

Result<size_t> HandlerComponent::read(uint32_t offset, MutableBytes out) noexcept {
  const tailor_component_id_t id = c_id();
  size_t size = out.size();
  TAILOR_TRY(from_c(handler_->read(handler_->context, &id, offset, out.data(), &size)));
  if (size > out.size()) return Error::kInternal;
  return size;
}

uint64_t HandlerComponent::slot() noexcept {
  const tailor_component_id_t id = c_id();
  uint64_t slot = 0;
  // An integrator that cannot tell has the component in no slot that a manifest names.
  if (handler_->slot != nullptr && handler_->slot(handler_->context, &id, &slot) != TAILOR_OK) return UINT64_MAX;
  return slot;
}

Status HandlerComponent::swap(processor::Component& source) noexcept {
  if (handler_->swap == nullptr) return Error::kCommandUnsupported;
  const tailor_component_id_t id = c_id();
  const tailor_component_id_t from = static_cast<HandlerComponent&>(source).c_id();
  return from_c(handler_->swap(handler_->context, &id, &from));
}

Status HandlerComponent::remove() noexcept {
  if (handler_->remove == nullptr) return Error::kCommandUnsupported;
  const tailor_component_id_t id = c_id();
  return from_c(handler_->remove(handler_->context, &id));
}

HandlerPlatform::HandlerPlatform(const tailor_update_handler_t& handler) noexcept : handler_(handler) {
  std::memcpy(identity_.vendor.bytes.data(), handler.vendor_id, TAILOR_UUID_BYTES);
  std::memcpy(identity_.device_class.bytes.data(), handler.class_id, TAILOR_UUID_BYTES);
  std::memcpy(identity_.device.bytes.data(), handler.device_id, TAILOR_UUID_BYTES);
}

processor::Component* HandlerPlatform::find_component(ByteView id) noexcept {
  for (HandlerComponent& component : components_) {
    if (!component.id().empty() && !equal(component.id(), id)) continue;
    component.bind(handler_, id);
    return &component;
  }
  return nullptr;
}

// Whether there is such a component is known when its sequence number is asked for, right afterwards.
Result<uint64_t> HandlerPlatform::sequence_number(ByteView id) noexcept {
  const tailor_component_id_t c_id{id.data(), id.size()};
  uint64_t number = 0;
  TAILOR_TRY(from_c(handler_.find_component(handler_.context, &c_id, &number)));
  return number;
}

Status HandlerPlatform::accept(const processor::ApplicableManifest& manifest) noexcept {
  if (handler_.manifest == nullptr) return kOk;
  const suit::AuthenticManifest& authentic = manifest.authentic();
  if (authentic.digest().size() != TAILOR_DIGEST_BYTES) return Error::kAlgorithmUnsupported;  // C sees SHA-256 alone
  const tailor_manifest_t c_manifest{authentic.manifest().sequence_number, authentic.digest().data(),
                                     authentic.manifest().component_count, authentic.signers().size()};
  return from_c(handler_.manifest(handler_.context, &c_manifest));
}

Status HandlerPlatform::invoke(processor::Component& component, ByteView arguments) noexcept {
  if (handler_.invoke == nullptr) return Error::kInvokeFailed;
  const tailor_component_id_t id = static_cast<HandlerComponent&>(component).c_id();
  return from_c(handler_.invoke(handler_.context, &id, arguments.data(), arguments.size()));
}

Status HandlerPlatform::use_arguments(std::string_view uri, ByteView arguments) noexcept {
  if (handler_.fetch_arguments == nullptr) return Error::kParameterUnsupported;
  return from_c(handler_.fetch_arguments(handler_.context, uri.data(), uri.size(), arguments.data(), arguments.size()));
}

Result<processor::PayloadSource::Piece> HandlerPlatform::read(std::string_view uri, uint32_t offset) noexcept {
  if (handler_.fetch == nullptr) return Error::kPayloadUnavailable;
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  bool end = false;
  TAILOR_TRY(from_c(handler_.fetch(handler_.context, uri.data(), uri.size(), offset, &bytes, &size, &end)));
  return Piece{ByteView(bytes, size), end};
}

// One layout, two names: kind, size, bytes.
static_assert(sizeof(tailor_key_t) == sizeof(cose::VerificationKey) && alignof(tailor_key_t) == 1);
static_assert(TAILOR_KEY_P256 == static_cast<unsigned>(cose::KeyKind::kP256) &&
              TAILOR_KEY_ED25519 == static_cast<unsigned>(cose::KeyKind::kEd25519) &&
              TAILOR_KEY_HSS_LMS == static_cast<unsigned>(cose::KeyKind::kHssLms) &&
              TAILOR_KEY_HMAC256 == static_cast<unsigned>(cose::KeyKind::kHmac256) &&
              TAILOR_KEY_AES_KW == static_cast<unsigned>(cose::KeyKind::kAesKw));

processor::Time HandlerPlatform::time() noexcept {
  uint64_t seconds = 0;
  bool exact = false;
  if (handler_.time == nullptr || handler_.time(handler_.context, &seconds, &exact) != TAILOR_OK) return {};
  return {exact ? processor::Time::Kind::kSynced : processor::Time::Kind::kAtLeast, seconds};
}

Result<int32_t> HandlerPlatform::local_time_offset_seconds() noexcept {
  if (handler_.local_time_offset == nullptr) return Error::kParameterUnsupported;
  int32_t seconds = 0;
  TAILOR_TRY(from_c(handler_.local_time_offset(handler_.context, &seconds)));
  return seconds;
}

Result<uint64_t> HandlerPlatform::battery_mwh() noexcept {
  if (handler_.battery == nullptr) return Error::kCommandUnsupported;
  uint64_t milliwatt_hours = 0;
  TAILOR_TRY(from_c(handler_.battery(handler_.context, &milliwatt_hours)));
  return milliwatt_hours;
}

Result<processor::Answer> HandlerPlatform::authorizes_update(int64_t priority) noexcept {
  if (handler_.authorize == nullptr) return Error::kCommandUnsupported;
  tailor_answer_t answer = TAILOR_ANSWER_NO;
  TAILOR_TRY(from_c(handler_.authorize(handler_.context, priority, &answer)));
  return answer_of(answer);
}

static_assert(TAILOR_EVENT_AUTHORIZATION == suit::wait_event::kAuthorization &&
              TAILOR_EVENT_POWER == suit::wait_event::kPower && TAILOR_EVENT_NETWORK == suit::wait_event::kNetwork &&
              TAILOR_EVENT_OTHER_DEVICE == suit::wait_event::kOtherDeviceVersion);

Result<processor::Answer> HandlerPlatform::has_happened(const processor::WaitEvent& event) noexcept {
  if (handler_.event == nullptr) return Error::kParameterUnsupported;
  const tailor_wait_event_t c_event{
      static_cast<unsigned>(event.event), event.value,           event.other_device.data(),
      event.other_device.size(),          event.versions.data(), event.versions.size()};
  tailor_answer_t answer = TAILOR_ANSWER_NO;
  TAILOR_TRY(from_c(handler_.event(handler_.context, &c_event, &answer)));
  return answer_of(answer);
}

Result<std::span<const int64_t>> HandlerPlatform::installed_version(ByteView id) noexcept {
  if (handler_.version == nullptr) return Error::kCommandUnsupported;
  const tailor_component_id_t c_id{id.data(), id.size()};
  const int64_t* numbers = nullptr;
  size_t count = 0;
  TAILOR_TRY(from_c(handler_.version(handler_.context, &c_id, &numbers, &count)));
  return std::span<const int64_t>(numbers, count);
}

// Manifests with dependencies are refused here, so that the tree is one manifest; C sees its SHA-256 digest alone.
Result<uint32_t> HandlerPlatform::references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept {
  if (handler_.references == nullptr) return uint32_t{0};
  if (manifests.size() != 1 || manifests[0].size() != TAILOR_DIGEST_BYTES) return Error::kAlgorithmUnsupported;
  const tailor_component_id_t c_id{id.data(), id.size()};
  uint32_t count = 0;
  TAILOR_TRY(from_c(handler_.references(handler_.context, &c_id, manifests[0].data(), &count)));
  return count;
}

Status HandlerPlatform::unlink(ByteView id, ByteView manifest) noexcept {
  if (handler_.unlink == nullptr) return Error::kCommandUnsupported;
  if (manifest.size() != TAILOR_DIGEST_BYTES) return Error::kAlgorithmUnsupported;
  const tailor_component_id_t c_id{id.data(), id.size()};
  return from_c(handler_.unlink(handler_.context, &c_id, manifest.data()));
}

Status HandlerPlatform::staged(const processor::StagedManifest& manifest) noexcept {
  if (handler_.staged == nullptr) return kOk;
  if (manifest.digest.size() != TAILOR_DIGEST_BYTES) return Error::kAlgorithmUnsupported;
  std::array<tailor_component_id_t, limits::kTreeComponents> components;
  const size_t count = std::min(components.size(), manifest.components.size());
  for (size_t i = 0; i < count; ++i) {
    components[i] = {manifest.components[i].data(), manifest.components[i].size()};
  }
  const tailor_staged_t update{manifest.sequence_number, manifest.digest.data(), components.data(), count};
  return from_c(handler_.staged(handler_.context, &update));
}

Status HandlerPlatform::permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                                processor::Action action) const noexcept {
  if (handler_.may_write == nullptr || action.kind != processor::Action::Kind::kWrite) return kOk;
  const tailor_component_id_t c_id{id.data(), id.size()};
  Status allowed = Error::kSignerNotPermitted;
  for (const cose::VerificationKey* signer : signers) {
    allowed = from_c(handler_.may_write(handler_.context, reinterpret_cast<const tailor_key_t*>(signer), &c_id));
    if (allowed.ok()) break;
  }
  return allowed;
}

const cose::VerificationKey* ArrayAnchors::candidate(ByteView key_id, size_t nth) const noexcept {
  for (size_t i = 0; i < anchors_.count; ++i) {
    const auto* const key = reinterpret_cast<const cose::VerificationKey*>(&anchors_.keys[i]);
    if (!key->is_valid() || !cose::may_have_key_id(*key, key_id)) continue;
    if (nth-- == 0) return key;
  }
  return nullptr;
}

}  // namespace tailor::capi
