// SPDX-License-Identifier: Apache-2.0
#include "device/agent/trust_component.hpp"

#include <algorithm>

namespace tailor::agent {

Result<uint32_t> TrustComponent::open(const processor::Expectation& expected) noexcept {
  reset();
  if (!expected.metadata.empty()) return Error::kParameterUnsupported;
  if (expected.size != processor::Expectation::kUnknownSize) {
    if (expected.size > identity_.trust_room().size()) return Error::kImageTooLarge;
    expected_ = expected.size;
  }
  return uint32_t{0};
}

Status TrustComponent::write(uint32_t offset, ByteView bytes) noexcept {
  const MutableBytes room = identity_.trust_room();
  if (complete_ || offset != received_) return Error::kStateConflict;
  if (bytes.size() > room.size() - received_) return Error::kImageTooLarge;
  std::copy(bytes.begin(), bytes.end(), room.begin() + static_cast<std::ptrdiff_t>(received_));
  received_ += static_cast<uint32_t>(bytes.size());
  return kOk;
}

Status TrustComponent::finish(uint32_t size) noexcept {
  if (size != received_) return Error::kImageSizeMismatch;
  const ByteView sealed = ByteView{identity_.trust_room()}.first(received_);
  {
    TAILOR_TRY_ASSIGN(const trust::TrustStore offered, identity_.check_trust(sealed));
    TAILOR_TRY(guard_.may_trust(offered));
  }
  TAILOR_TRY(identity_.stage_trust(sealed));
  complete_ = true;
  return kOk;
}

ByteView TrustComponent::content() noexcept {
  return complete_ ? ByteView{identity_.trust_room()}.first(received_) : identity_.sealed_trust();
}

Result<uint32_t> TrustComponent::size() noexcept {
  return static_cast<uint32_t>(content().size());
}

Result<size_t> TrustComponent::read(uint32_t offset, MutableBytes out) noexcept {
  const ByteView whole = content();
  const ByteView rest = whole.subspan(std::min<size_t>(offset, whole.size()));
  const size_t count = std::min(out.size(), rest.size());
  std::copy_n(rest.begin(), count, out.begin());
  return count;
}

void TrustComponent::reset() noexcept {
  received_ = 0;
  expected_ = 0;
  complete_ = false;
}

}  // namespace tailor::agent
