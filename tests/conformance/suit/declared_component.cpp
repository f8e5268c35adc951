// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/suit/declared_component.hpp"

#include <algorithm>

namespace tailor::conformance {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

Result<uint32_t> DeclaredComponent::open(const processor::Expectation& expected) noexcept {
  demand(!open_);
  if (expected.size != processor::Expectation::kUnknownSize && expected.size > capacity) return Error::kImageTooLarge;
  open_ = true;
  touched = true;
  content.clear();
  return uint32_t{0};
}

Status DeclaredComponent::write(uint32_t offset, ByteView bytes) noexcept {
  demand(open_ && offset == content.size());
  if (content.size() + bytes.size() > capacity) return Error::kImageTooLarge;
  content.insert(content.end(), bytes.begin(), bytes.end());
  return kOk;
}

Status DeclaredComponent::finish(uint32_t size) noexcept {
  demand(open_ && size == content.size());
  open_ = false;
  return kOk;
}

Result<uint32_t> DeclaredComponent::size() noexcept {
  demand(!open_);
  return claimed_size.value_or(static_cast<uint32_t>(content.size()));
}

Result<size_t> DeclaredComponent::read(uint32_t offset, MutableBytes out) noexcept {
  demand(!open_);
  const size_t from = std::min<size_t>(offset, content.size());
  const size_t size = std::min(out.size(), content.size() - from);
  std::copy_n(content.begin() + static_cast<ptrdiff_t>(from), size, out.begin());
  return size;
}

Result<ByteView> DeclaredComponent::digest(crypto::HashAlgorithm algorithm, MutableBytes digest) noexcept {
  demand(!open_);
  if (claimed_digests.empty()) return Component::digest(algorithm, digest);
  const Octets claim = claimed_digests.front();
  if (claimed_digests.size() > 1) claimed_digests.erase(claimed_digests.begin());
  demand(claim.size() <= digest.size());
  std::copy(claim.begin(), claim.end(), digest.begin());
  return ByteView(digest).first(claim.size());
}

Status DeclaredComponent::swap(Component& source) noexcept {
  demand(!open_);
  auto& other = static_cast<DeclaredComponent&>(source);
  if (content.size() > other.capacity || other.content.size() > capacity) return Error::kImageTooLarge;
  content.swap(other.content);
  touched = other.touched = true;
  return kOk;
}

Status DeclaredComponent::remove() noexcept {
  demand(!open_);
  touched = true;
  content.clear();
  return kOk;
}

}  // namespace tailor::conformance
