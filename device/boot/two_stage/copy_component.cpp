// SPDX-License-Identifier: Apache-2.0
// See copy_component.hpp.
#include "device/boot/two_stage/copy_component.hpp"

#include <algorithm>

namespace tailor::boot {

Result<uint32_t> CopyComponent::open(const processor::Expectation& expected) noexcept {
  written_ = position_ = 0;
  if (expected.size == processor::Expectation::kUnknownSize) return Error::kParameterMissing;
  TAILOR_TRY_ASSIGN(index_, copies_.prepare(expected.size));
  place_ = copies_.program(index_, copies_.room());
  writer_.emplace(place_, 0);
  return uint32_t{0};
}

Status CopyComponent::write(uint32_t offset, ByteView bytes) noexcept {
  if (!writer_.has_value() || offset != position_) return Error::kStateConflict;
  if (bytes.size() > place_.size() - position_) return Error::kImageTooLarge;
  TAILOR_TRY(writer_->append(bytes));
  position_ += static_cast<uint32_t>(bytes.size());
  return kOk;
}

Status CopyComponent::finish(uint32_t size) noexcept {
  if (!writer_.has_value() || size != position_ || size == 0) return Error::kImageSizeMismatch;
  TAILOR_TRY(writer_->finish());
  writer_.reset();
  written_ = size;
  return kOk;
}

Result<size_t> CopyComponent::read(uint32_t offset, MutableBytes out) noexcept {
  const size_t count = std::min<size_t>(out.size(), written_ - std::min(offset, written_));
  if (count == 0) return size_t{0};
  TAILOR_TRY(place_.read(offset, out.first(count)));
  return count;
}

uint64_t CopyComponent::slot() noexcept {
  const Result<BootCopy> runs = copies_.choose();
  return runs.ok() && runs->index == 0 ? 1 : 0;
}

Status CopyComponent::commit(uint64_t sequence) noexcept {
  if (written_ == 0) return Error::kStateConflict;
  crypto::Sha256Digest digest{};
  TAILOR_TRY(Component::digest(crypto::HashAlgorithm::kSha256, digest));
  TAILOR_TRY(copies_.commit(index_, sequence, written_, digest));
  written_ = 0;
  return kOk;
}

}  // namespace tailor::boot
