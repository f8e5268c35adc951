// SPDX-License-Identifier: Apache-2.0
#include "trial/declared_device.hpp"

#include <algorithm>

#include "core/suit/component_id.hpp"

namespace tailor::trial {
namespace {

Bytes owned(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

bool begins_with(const suit::ComponentId& id, const std::vector<Bytes>& prefix) {
  if (id.view().size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (!equal(id.view()[i], prefix[i])) return false;
  }
  return true;
}

bool among(const std::optional<std::vector<int64_t>>& labels, int64_t label) {
  return !labels || std::find(labels->begin(), labels->end(), label) != labels->end();
}

}  // namespace

DeclaredComponent& DeclaredDevice::add(std::unique_ptr<DeclaredComponent> component) {
  for (auto& known : components_) {
    if (known->id != component->id) continue;
    known = std::move(component);
    return *known;
  }
  return *components_.emplace_back(std::move(component));
}

DeclaredComponent* DeclaredDevice::component(ByteView id) const noexcept {
  for (const auto& component : components_) {
    if (equal(component->id, id)) return component.get();
  }
  return nullptr;
}

bool DeclaredDevice::untouched() const noexcept {
  return std::none_of(components_.begin(), components_.end(), [](const auto& component) { return component->touched; });
}

Result<uint64_t> DeclaredDevice::sequence_number(ByteView id) noexcept {
  const DeclaredComponent* known = component(id);
  return known == nullptr ? uint64_t{0} : known->sequence_number;
}

Result<uint64_t> DeclaredDevice::manifest_sequence_number(ByteView id) noexcept {
  const auto found = manifest_numbers.find(owned(id));
  return found == manifest_numbers.end() ? uint64_t{0} : found->second;
}

Status DeclaredDevice::invoke(processor::Component& component, ByteView arguments) noexcept {
  invoked.push_back({static_cast<DeclaredComponent&>(component).id, owned(arguments)});
  return kOk;
}

Result<int32_t> DeclaredDevice::local_time_offset_seconds() noexcept {
  return local_offset ? Result<int32_t>(*local_offset) : Platform::local_time_offset_seconds();
}

Result<uint64_t> DeclaredDevice::battery_mwh() noexcept {
  return battery ? Result<uint64_t>(*battery) : Platform::battery_mwh();
}

Result<processor::Answer> DeclaredDevice::authorizes_update(int64_t priority) noexcept {
  return authorization ? Result<processor::Answer>(*authorization) : Platform::authorizes_update(priority);
}

Result<processor::Answer> DeclaredDevice::has_happened(const processor::WaitEvent& event) noexcept {
  const auto found = events.find(event.event);
  return found == events.end() ? Platform::has_happened(event) : Result<processor::Answer>(found->second);
}

Result<std::span<const int64_t>> DeclaredDevice::installed_version(ByteView id) noexcept {
  const DeclaredComponent* known = component(id);
  if (known == nullptr || !known->version) return Platform::installed_version(id);
  return std::span<const int64_t>(*known->version);
}

Result<uint32_t> DeclaredDevice::references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept {
  const DeclaredComponent* known = component(id);
  if (known == nullptr) return uint32_t{0};
  std::set<Bytes> others = known->references;
  for (const ByteView manifest : manifests) others.erase(owned(manifest));
  return static_cast<uint32_t>(others.size());
}

Status DeclaredDevice::unlink(ByteView id, ByteView manifest) noexcept {
  if (!counts_references) return Platform::unlink(id, manifest);
  if (DeclaredComponent* known = component(id)) known->references.erase(owned(manifest));
  return kOk;
}

Status DeclaredDevice::staged(const processor::StagedManifest& manifest) noexcept {
  if (!counts_references) return kOk;
  for (const ByteView id : manifest.components) {
    if (DeclaredComponent* known = component(id)) known->references.insert(owned(manifest.digest));
  }
  if (!manifest.id.empty()) manifest_numbers[owned(manifest.id)] = manifest.sequence_number;
  return kOk;
}

Status DeclaredPayloads::use_arguments(std::string_view uri, ByteView given) noexcept {
  const auto known = arguments.find(uri);
  if (known == arguments.end() || !equal(known->second, given)) return PayloadSource::use_arguments(uri, given);
  ++arguments_used;
  return kOk;
}

Result<processor::PayloadSource::Piece> DeclaredPayloads::read(std::string_view uri, uint32_t offset) noexcept {
  const auto found = payloads.find(uri);
  if (found == payloads.end()) return Error::kPayloadUnavailable;
  if (pauses) {
    paused_ = !paused_;
    if (paused_) return Piece{};
  }
  offsets.push_back(offset);
  const ByteView all(found->second);
  if (offset > all.size()) return Error::kPayloadUnavailable;
  const ByteView rest = all.subspan(offset);
  const ByteView bytes = rest.first(std::min(rest.size(), piece));
  return Piece{bytes, bytes.size() == rest.size()};
}

const cose::VerificationKey* DeclaredSigners::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const Signer& signer : signers) {
    if (!equal(signer.key_id, key_id) && !cose::may_have_key_id(signer.key, key_id)) continue;
    if (nth-- == 0) return &signer.key;
  }
  return nullptr;
}

Status DeclaredSigners::permits(std::span<const cose::VerificationKey* const> signed_by, ByteView id,
                                processor::Action action) const noexcept {
  TAILOR_TRY_ASSIGN(const suit::ComponentId parts, suit::decode_component_id(id));
  for (const Signer& signer : signers) {
    const bool signed_it = std::find(signed_by.begin(), signed_by.end(), &signer.key) != signed_by.end();
    const bool covers = std::any_of(signer.prefixes.begin(), signer.prefixes.end(),
                                    [&](const auto& prefix) { return begins_with(parts, prefix); });
    const bool parameter = action.kind == processor::Action::Kind::kParameter;
    if (signed_it && covers && among(parameter ? signer.parameters : signer.commands, action.label)) return kOk;
  }
  return Error::kSignerNotPermitted;
}

const suit::ContentDecryptionKey* DeclaredKeys::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const auto& [id, key] : keys) {
    if (!key_id.empty() && !id.empty() && !equal(id, key_id)) continue;
    if (nth-- == 0) return &key;
  }
  return nullptr;
}

void RecordLog::record(const processor::Record& record) noexcept {
  lines.push_back({{record.manifest.begin(), record.manifest.end()},
                   record.section,
                   record.offset,
                   record.component,
                   record.command,
                   record.result.ok(),
                   record.final,
                   record.property,
                   owned(record.measured_value)});
  if (!record.result.ok()) errors.push_back(record.result.error());
}

}  // namespace tailor::trial
