// SPDX-License-Identifier: Apache-2.0
#include "trial/declared_component.hpp"

#include <algorithm>

namespace tailor::trial {
namespace {

using Access = AccessWatch::Access;

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

Status DeclaredComponent::before(Access access) noexcept {
  return watch_ == nullptr ? Status(kOk) : watch_->before(access, *this);
}

void DeclaredComponent::after(Access access, DeclaredComponent* other) noexcept {
  if (watch_ != nullptr) watch_->after(access, *this, other);
}

Result<uint32_t> DeclaredComponent::open(const processor::Expectation& expected) noexcept {
  demand(!open_);
  TAILOR_TRY(before(Access::kOpen));
  if (expected.size != processor::Expectation::kUnknownSize && expected.size > capacity) return Error::kImageTooLarge;
  open_ = true;
  touched = true;
  content_unknown = false;
  metadata.assign(expected.metadata.begin(), expected.metadata.end());
  content.resize(kept);
  after(Access::kOpen);
  return kept;
}

Status DeclaredComponent::write(uint32_t offset, ByteView bytes) noexcept {
  demand(open_ && offset == content.size());
  TAILOR_TRY(before(Access::kWrite));
  if (content.size() + bytes.size() > capacity) return Error::kImageTooLarge;
  content.insert(content.end(), bytes.begin(), bytes.end());
  after(Access::kWrite);
  return kOk;
}

Status DeclaredComponent::finish(uint32_t size) noexcept {
  demand(open_ && size == content.size());
  open_ = false;
  TAILOR_TRY(before(Access::kFinish));
  after(Access::kFinish);
  return kOk;
}

Result<uint32_t> DeclaredComponent::size() noexcept {
  demand(!open_);
  if (claimed_size) return *claimed_size;
  if (!content_unknown) return static_cast<uint32_t>(content.size());
  if (!known_size) return Error::kFlashReadFailed;
  return *known_size;
}

Result<size_t> DeclaredComponent::read(uint32_t offset, MutableBytes out) noexcept {
  demand(!open_);
  TAILOR_TRY(before(Access::kRead));
  if (content_unknown) return Error::kFlashReadFailed;
  const size_t from = std::min<size_t>(offset, content.size());
  const size_t size = std::min(out.size(), content.size() - from);
  std::copy_n(content.begin() + static_cast<ptrdiff_t>(from), size, out.begin());
  after(Access::kRead);
  return size;
}

Result<ByteView> DeclaredComponent::digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept {
  demand(!open_);
  TAILOR_TRY(before(Access::kDigest));
  after(Access::kDigest);
  if (!claimed_digests.empty()) {
    const Bytes claim = claimed_digests.front();
    if (claimed_digests.size() > 1) claimed_digests.erase(claimed_digests.begin());
    return copy_into(digest, claim);
  }
  if (!content_unknown) return Component::digest(algorithm, digest);
  if (!known_digest || algorithm != crypto::HashAlgorithm::kSha256) return Error::kFlashReadFailed;
  return copy_into(digest, *known_digest);
}

Status DeclaredComponent::swap(processor::Component& source) noexcept {
  auto& other = static_cast<DeclaredComponent&>(source);
  demand(!open_ && !other.open_);
  TAILOR_TRY(before(Access::kSwap));
  if (content.size() > other.capacity || other.content.size() > capacity) return Error::kImageTooLarge;
  content.swap(other.content);
  std::swap(content_unknown, other.content_unknown);
  known_digest.swap(other.known_digest);
  known_size.swap(other.known_size);
  touched = other.touched = true;
  after(Access::kSwap, &other);
  return kOk;
}

Status DeclaredComponent::remove() noexcept {
  demand(!open_);
  TAILOR_TRY(before(Access::kRemove));
  content.clear();
  content_unknown = false;
  touched = true;
  after(Access::kRemove);
  return kOk;
}

void DeclaredComponent::assume(std::optional<crypto::Sha256Digest> digest, std::optional<uint32_t> size) noexcept {
  demand(!open_);
  content.clear();
  content_unknown = true;
  known_digest = digest;
  known_size = size;
  touched = true;
}

}  // namespace tailor::trial
