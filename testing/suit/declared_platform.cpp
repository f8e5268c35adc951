// SPDX-License-Identifier: Apache-2.0
#include "testing/suit/declared_platform.hpp"

#include <algorithm>

namespace tailor::testing {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

Result<uint32_t> DeclaredComponent::open(const processor::Expectation& expected) noexcept {
  demand(!open_);
  TAILOR_TRY(platform_.step(Error::kFlashEraseFailed));
  if (expected.size != processor::Expectation::kUnknownSize && expected.size > capacity) return Error::kImageTooLarge;
  open_ = true;
  metadata.assign(expected.metadata.begin(), expected.metadata.end());
  content.resize(kept);
  platform_.log.push_back("open " + name_);
  return kept;
}

Status DeclaredComponent::write(uint32_t offset, ByteView bytes) noexcept {
  demand(open_ && offset == content.size());
  TAILOR_TRY(platform_.step(Error::kFlashWriteFailed));
  if (content.size() + bytes.size() > capacity) return Error::kImageTooLarge;
  content.insert(content.end(), bytes.begin(), bytes.end());
  return kOk;
}

Status DeclaredComponent::finish(uint32_t size) noexcept {
  demand(open_ && size == content.size());
  open_ = false;
  TAILOR_TRY(platform_.step(Error::kFlashWriteFailed));
  platform_.log.push_back("finish " + name_ + " " + std::to_string(size));
  return kOk;
}

Result<uint32_t> DeclaredComponent::size() noexcept {
  demand(!open_);
  return claimed_size != 0 ? claimed_size : static_cast<uint32_t>(content.size());
}

Result<size_t> DeclaredComponent::read(uint32_t offset, MutableBytes out) noexcept {
  demand(!open_);
  TAILOR_TRY(platform_.step(Error::kFlashReadFailed));
  const size_t from = std::min<size_t>(offset, content.size());
  const size_t size = std::min(out.size(), content.size() - from);
  std::copy_n(content.begin() + static_cast<ptrdiff_t>(from), size, out.begin());
  return size;
}

Result<ByteView> DeclaredComponent::digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept {
  demand(!open_);
  platform_.log.push_back("digest " + name_);
  if (claims.empty()) return Component::digest(algorithm, digest);
  const crypto::Sha256Digest claim = claims.front();
  if (claims.size() > 1) claims.erase(claims.begin());
  return copy_into(digest, claim);
}

Status DeclaredComponent::swap(processor::Component& source) noexcept {
  auto& other = static_cast<DeclaredComponent&>(source);
  demand(!open_ && !other.open_);
  TAILOR_TRY(platform_.step(Error::kFlashWriteFailed));
  std::swap(content, other.content);
  platform_.log.push_back("swap " + name_ + " " + other.name_);
  return kOk;
}

Status DeclaredComponent::remove() noexcept {
  demand(!open_);
  TAILOR_TRY(platform_.step(Error::kFlashEraseFailed));
  content.clear();
  platform_.log.push_back("remove " + name_);
  return kOk;
}

DeclaredComponent& DeclaredPlatform::add(ByteView id, std::string name) {
  auto& slot = components_[Octets(id.begin(), id.end())];
  slot = std::make_unique<DeclaredComponent>(*this, std::move(name));
  return *slot;
}

processor::Component* DeclaredPlatform::find_component(ByteView id) noexcept {
  const auto found = components_.find(Octets(id.begin(), id.end()));
  return found == components_.end() ? nullptr : found->second.get();
}

Result<uint64_t> DeclaredPlatform::sequence_number(ByteView) noexcept {
  return installed;
}

Status DeclaredPlatform::invoke(processor::Component& component, ByteView arguments) noexcept {
  TAILOR_TRY(step(Error::kInvokeFailed));
  for (const auto& [id, declared] : components_) {
    if (declared.get() == &component) log.push_back("invoke " + std::to_string(id.back()));
  }
  if (!arguments.empty()) log.push_back("arguments " + std::string(as_text(arguments)));
  return kOk;
}

Result<uint64_t> DeclaredPlatform::manifest_sequence_number(ByteView id) noexcept {
  const auto found = manifest_numbers.find(Octets(id.begin(), id.end()));
  return found == manifest_numbers.end() ? uint64_t{0} : found->second;
}

Result<int32_t> DeclaredPlatform::local_time_offset_seconds() noexcept {
  return local_offset ? Result<int32_t>(*local_offset) : Platform::local_time_offset_seconds();
}

Result<uint64_t> DeclaredPlatform::battery_mwh() noexcept {
  return battery ? Result<uint64_t>(*battery) : Platform::battery_mwh();
}

Result<processor::Answer> DeclaredPlatform::authorizes_update(int64_t priority) noexcept {
  if (!authorization) return Platform::authorizes_update(priority);
  log.push_back("authorize " + std::to_string(priority));
  return *authorization;
}

Result<processor::Answer> DeclaredPlatform::has_happened(const processor::WaitEvent& event) noexcept {
  const auto found = events.find(event.event);
  if (found == events.end()) return Platform::has_happened(event);
  log.push_back("event " + std::to_string(event.event) + " " + std::to_string(event.value) +
                std::string(as_text(event.other_device)));
  return found->second;
}

Result<std::span<const int64_t>> DeclaredPlatform::installed_version(ByteView id) noexcept {
  const auto found = versions.find(Octets(id.begin(), id.end()));
  if (found == versions.end()) return Platform::installed_version(id);
  return std::span<const int64_t>(found->second);
}

Result<uint32_t> DeclaredPlatform::references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept {
  uint32_t count = 0;
  for (const Octets& manifest : references[Octets(id.begin(), id.end())]) {
    bool asks = false;
    for (const ByteView asking : manifests) asks = asks || equal(asking, manifest);
    count += asks ? 0 : 1;
  }
  return count;
}

Status DeclaredPlatform::unlink(ByteView id, ByteView manifest) noexcept {
  if (!counts_references) return Platform::unlink(id, manifest);
  TAILOR_TRY(step(Error::kFlashWriteFailed));
  references[Octets(id.begin(), id.end())].erase(Octets(manifest.begin(), manifest.end()));
  return kOk;
}

Status DeclaredPlatform::staged(const processor::StagedManifest& manifest) noexcept {
  if (!counts_references) return kOk;
  TAILOR_TRY(step(Error::kFlashWriteFailed));
  for (const ByteView id : manifest.components) {
    references[Octets(id.begin(), id.end())].insert(Octets(manifest.digest.begin(), manifest.digest.end()));
  }
  if (!manifest.id.empty()) manifest_numbers[Octets(manifest.id.begin(), manifest.id.end())] = manifest.sequence_number;
  return kOk;
}

void DeclaredRecorder::record(const processor::Record& record) noexcept {
  lines.push_back({{record.manifest.begin(), record.manifest.end()},
                   record.section,
                   record.offset,
                   record.component,
                   record.command,
                   record.result.ok(),
                   record.final,
                   record.property,
                   {record.measured_value.begin(), record.measured_value.end()}});
  if (!record.result.ok()) errors.push_back(record.result.error());
}

Status DeclaredPayloads::use_arguments(std::string_view uri, ByteView given) noexcept {
  if (!arguments || !equal(*arguments, given)) return PayloadSource::use_arguments(uri, given);
  ++arguments_used;
  return kOk;
}

Status DeclaredPlatform::step(Error error) noexcept {
  return ++calls == fail_at ? Status(error) : Status(kOk);
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

}  // namespace tailor::testing
