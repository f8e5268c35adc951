// SPDX-License-Identifier: Apache-2.0
#include "testing/suit/declared_platform.hpp"

namespace tailor::testing {

DeclaredComponent& DeclaredPlatform::add(ByteView id, std::string name) {
  AccessWatch* const watch = this;
  auto component = std::make_unique<DeclaredComponent>(Octets(id.begin(), id.end()), watch);
  component->name = std::move(name);
  return DeclaredDevice::add(std::move(component));
}

Result<uint64_t> DeclaredPlatform::sequence_number(ByteView) noexcept {
  return installed;
}

Status DeclaredPlatform::invoke(processor::Component& component, ByteView arguments) noexcept {
  TAILOR_TRY(step(Error::kInvokeFailed));
  log.push_back("invoke " + std::to_string(static_cast<DeclaredComponent&>(component).id.back()));
  if (!arguments.empty()) log.push_back("arguments " + std::string(as_text(arguments)));
  return kOk;
}

Result<processor::Answer> DeclaredPlatform::authorizes_update(int64_t priority) noexcept {
  if (authorization) log.push_back("authorize " + std::to_string(priority));
  return DeclaredDevice::authorizes_update(priority);
}

Result<processor::Answer> DeclaredPlatform::has_happened(const processor::WaitEvent& event) noexcept {
  if (events.contains(event.event)) {
    log.push_back("event " + std::to_string(event.event) + " " + std::to_string(event.value) +
                  std::string(as_text(event.other_device)));
  }
  return DeclaredDevice::has_happened(event);
}

Status DeclaredPlatform::unlink(ByteView id, ByteView manifest) noexcept {
  if (counts_references) TAILOR_TRY(step(Error::kFlashWriteFailed));
  return DeclaredDevice::unlink(id, manifest);
}

Status DeclaredPlatform::staged(const processor::StagedManifest& manifest) noexcept {
  if (counts_references) TAILOR_TRY(step(Error::kFlashWriteFailed));
  return DeclaredDevice::staged(manifest);
}

void DeclaredPlatform::forget_references() {
  for (const auto& component : components()) component->references.clear();
}

Status DeclaredPlatform::step(Error error) noexcept {
  return ++calls == fail_at ? Status(error) : Status(kOk);
}

Status DeclaredPlatform::before(Access access, DeclaredComponent& component) noexcept {
  switch (access) {
    case Access::kDigest:
      log.push_back("digest " + component.name);
      return kOk;
    case Access::kRead:
      return step(Error::kFlashReadFailed);
    case Access::kOpen:
    case Access::kRemove:
      return step(Error::kFlashEraseFailed);
    case Access::kWrite:
    case Access::kFinish:
    case Access::kSwap:
      return step(Error::kFlashWriteFailed);
  }
  return kOk;
}

void DeclaredPlatform::after(Access access, DeclaredComponent& component, DeclaredComponent* other) noexcept {
  if (access == Access::kOpen) log.push_back("open " + component.name);
  if (access == Access::kFinish)
    log.push_back("finish " + component.name + " " + std::to_string(component.content.size()));
  if (access == Access::kSwap) log.push_back("swap " + component.name + " " + other->name);
  if (access == Access::kRemove) log.push_back("remove " + component.name);
}

}  // namespace tailor::testing
