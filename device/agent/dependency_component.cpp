// SPDX-License-Identifier: Apache-2.0
#include "device/agent/dependency_component.hpp"

#include <algorithm>

#if TAILOR_AGENT_DEPENDENCIES

namespace tailor::agent {

void DependencyComponent::expect(const FlashRegion& manifests, bool taken_up) noexcept {
  region_ = boot::dependency_region(manifests);
  writer_.reset();
  length_ = 0;
  open_ = there_ = taken_up_ = false;
  if (!taken_up || region_.size() == 0) return;
  const Result<uint32_t> length = area().length();
  if (!length.ok()) return;
  length_ = *length;
  there_ = taken_up_ = true;
}

Result<uint32_t> DependencyComponent::open(const processor::Expectation& expected) noexcept {
  if (!expected.metadata.empty()) return Error::kParameterUnsupported;
  if (region_.size() == 0) return Error::kImageTooLarge;
  open_ = true;
  writer_.reset();
  const bool fits = expected.size == processor::Expectation::kUnknownSize || expected.size == length_;
  if (taken_up_ && there_ && fits) {
    taken_up_ = false;
    return length_;
  }
  taken_up_ = there_ = false;
  TAILOR_TRY(area().erase());
  writer_.emplace(area());
  return uint32_t{0};
}

Status DependencyComponent::write(uint32_t offset, ByteView bytes) noexcept {
  if (bytes.empty()) return kOk;
  if (!open_ || !writer_.has_value() || offset != writer_->length()) return Error::kStateConflict;
  return writer_->append(bytes);
}

Status DependencyComponent::finish(uint32_t size) noexcept {
  if (!open_) return Error::kStateConflict;
  if (writer_.has_value()) {
    if (size != writer_->length()) return Error::kImageSizeMismatch;
    TAILOR_TRY(writer_->finish(0));
    writer_.reset();
    length_ = size;
    there_ = true;
  }
  open_ = false;
  return kOk;
}

Result<uint32_t> DependencyComponent::size() noexcept {
  return there_ ? length_ : uint32_t{0};
}

Result<size_t> DependencyComponent::read(uint32_t offset, MutableBytes out) noexcept {
  if (!there_) return size_t{0};
  const size_t count = std::min<size_t>(out.size(), length_ - std::min(offset, length_));
  if (count == 0) return size_t{0};
  TAILOR_TRY(area().read(offset, out.first(count)));
  return count;
}

Status DependencyComponent::remove() noexcept {
  if (!there_) return kOk;
  there_ = taken_up_ = false;
  return area().erase();
}

}  // namespace tailor::agent

#endif
