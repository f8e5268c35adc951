// SPDX-License-Identifier: Apache-2.0
#include "device/agent/slot_component.hpp"

#include <algorithm>

namespace tailor::agent {

void SlotComponent::expect(const boot::StoredEnvelope& envelope, const boot::ComponentKey& component, uint64_t sequence,
                           uint32_t block_bytes) noexcept {
  envelope_.emplace(envelope);
  key_ = component;
  sequence_ = sequence;
  block_bytes_ = block_bytes;
  received_ = 0;
  expected_ = 0;
  prepared_ = begun_ = whole_ = false;
}

Result<bool> SlotComponent::prepare() noexcept {
  if (!envelope_.has_value()) return Error::kStateConflict;
  prepared_ = begun_ = true;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name, name_of_envelope());
  if (same_envelope() && (is_staged() || (was_begun(name) && boot_.resume(true).ok()))) return true;
  if (store_.size_of(record::kBegun).ok()) TAILOR_TRY(store_.erase(record::kBegun));
  TAILOR_TRY(boot_.begin({key_, sequence_, 0}, envelope_->pieces(), block_bytes_));
  TAILOR_TRY(store_.put(record::kBegun, name));
  return false;
}

Result<crypto::Sha256Digest> SlotComponent::name_of_envelope() const noexcept {
  crypto::Hash hash(crypto::HashAlgorithm::kSha256);
  for (const ByteView piece : envelope_->pieces()) TAILOR_TRY(hash.update(piece));
  crypto::Sha256Digest name{};
  TAILOR_TRY(hash.finish(name));
  return name;
}

/// Whether begin() came to its end: before there is a mark, the envelope alone does not say so.
bool SlotComponent::was_begun(const crypto::Sha256Digest& envelope) noexcept {
  crypto::Sha256Digest begun{};
  const Result<ByteView> found = store_.get(record::kBegun, begun);
  return found.ok() && equal(*found, envelope);
}

Result<uint32_t> SlotComponent::open(const processor::Expectation& expected) noexcept {
  if (!envelope_.has_value()) return Error::kStateConflict;
  begun_ = true;
  expected_ = expected.size == processor::Expectation::kUnknownSize ? 0 : expected.size;
  // All of it was written before an interruption: nothing is fetched twice.
  const uint32_t staged = is_staged() ? boot_.candidate().image_bytes : 0;
  if (staged != 0 && (expected_ == staged || (prepared_ && expected_ == 0)) && same_envelope()) {
    whole_ = true;
    received_ = staged;
    return received_;
  }
  // Beginning anew would take away what was received beside the image.
  if (prepared_) {
    TAILOR_TRY_ASSIGN(received_, boot_.resume(true));
    return received_;
  }
  if (same_envelope()) {
    const Result<uint32_t> offset = boot_.resume();
    if (offset.ok()) {
      received_ = *offset;
      return offset;
    }
  }
  boot::Candidate candidate;
  candidate.component = key_;
  candidate.sequence = sequence_;
  candidate.image_bytes = expected_;
  TAILOR_TRY(boot_.begin(candidate, envelope_->pieces(), block_bytes_));
  received_ = 0;
  return uint32_t{0};
}

bool SlotComponent::same_envelope() noexcept {
  if (boot_.boot_data().phase != boot::Phase::kReceiving && !is_staged()) return false;
  std::array<uint8_t, boot::kStoredEnvelopeBytes> buffer;
  const Result<ByteView> stored = boot_.candidate_envelope(buffer);
  return stored.ok() && envelope_->is(*stored);
}

Status SlotComponent::write(uint32_t offset, ByteView bytes) noexcept {
  if (bytes.empty()) return kOk;  // nothing is missing
  TAILOR_TRY(boot_.write(offset, bytes));
  received_ = boot_.position();
  return kOk;
}

Status SlotComponent::finish(uint32_t size) noexcept {
  whole_ = false;
  if (is_staged() && size == boot_.candidate().image_bytes) return kOk;  // done again after an interruption
  if (size != boot_.position()) return Error::kImageSizeMismatch;
  return boot_.stage();
}

Result<uint32_t> SlotComponent::size() noexcept {
  if (!is_staged()) return uint32_t{0};
  return boot_.candidate().image_bytes;
}

Result<size_t> SlotComponent::read(uint32_t offset, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const uint32_t length, size());
  const size_t count = std::min<size_t>(out.size(), length - std::min(offset, length));
  TAILOR_TRY(boot_.read(offset, out.first(count)));
  return count;
}

uint64_t SlotComponent::slot() noexcept {
  return boot::index_of(boot_.next_slot());
}

}  // namespace tailor::agent
