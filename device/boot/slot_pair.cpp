// SPDX-License-Identifier: Apache-2.0
// See slot_pair.hpp.
#include "device/boot/slot_pair.hpp"

#include <algorithm>

namespace tailor::boot {

void SlotPair::expect(const StoredEnvelope& envelope, const ComponentKey& key, uint64_t sequence, uint32_t image_bytes,
                      uint32_t block_bytes) noexcept {
  envelope_.emplace(envelope);
  key_ = key;
  sequence_ = sequence;
  image_bytes_ = image_bytes;
  block_bytes_ = block_bytes;
}

bool SlotPair::same_envelope() noexcept {
  if (boot_.boot_data().phase != Phase::kReceiving && !is_staged()) return false;
  std::array<uint8_t, kStoredEnvelopeBytes> buffer;
  const Result<ByteView> stored = boot_.candidate_envelope(buffer);
  return stored.ok() && envelope_->is(*stored);
}

/// Takes a reception of just this pair up again, or begins one.
Status SlotPair::begin() noexcept {
  if (!envelope_.has_value()) return Error::kStateConflict;
  if (same_envelope() && (is_staged() || boot_.resume().ok())) return kOk;
  return boot_.begin({key_, sequence_, image_bytes_}, envelope_->pieces(), block_bytes_);
}

uint32_t SlotPair::Part::received() const noexcept {
  const uint32_t both = pair_.is_staged() ? pair_.boot_.candidate().image_bytes : pair_.boot_.position();
  if (is_second()) return both - std::min(both, at_);
  return std::min(both, pair_.second_at_);
}

Result<uint32_t> SlotPair::Part::open(const processor::Expectation& /*expected*/) noexcept {
  if (!is_second()) TAILOR_TRY(pair_.begin());
  if (is_second() && pair_.first_.received() != at_) return Error::kStateConflict;
  return received();
}

Status SlotPair::Part::write(uint32_t offset, ByteView bytes) noexcept {
  if (bytes.empty()) return kOk;  // nothing is missing
  if (!is_second() && bytes.size() > pair_.second_at_ - std::min(offset, pair_.second_at_))
    return Error::kImageTooLarge;
  return pair_.boot_.write(at_ + offset, bytes);
}

Status SlotPair::Part::finish(uint32_t size) noexcept {
  if (size != received() || (!is_second() && size != pair_.second_at_)) return Error::kImageSizeMismatch;
  return is_second() && !pair_.is_staged() ? pair_.boot_.stage() : Status(kOk);
}

Result<uint32_t> SlotPair::Part::size() noexcept {
  const bool whole = is_second() ? pair_.is_staged() : received() == pair_.second_at_;
  return whole ? received() : 0U;
}

Result<size_t> SlotPair::Part::read(uint32_t offset, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const uint32_t length, size());
  const size_t count = std::min<size_t>(out.size(), length - std::min(offset, length));
  TAILOR_TRY(pair_.boot_.read(at_ + offset, out.first(count)));
  return count;
}

}  // namespace tailor::boot
