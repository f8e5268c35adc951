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
