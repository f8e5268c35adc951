// SPDX-License-Identifier: Apache-2.0
#include "device/agent/staging_component.hpp"

#include <algorithm>

#if TAILOR_AGENT_STAGING

namespace tailor::agent {
namespace {

constexpr uint8_t kRecordVersion = 1;
constexpr size_t kRecordBytes = 56;

}  // namespace

void StagingComponent::expect(const crypto::Sha256Digest& manifest, uint32_t block_bytes) noexcept {
  manifest_ = manifest;
  block_bytes_ = block_bytes;
  received_ = 0;
  open_ = for_this_ = again_ = false;
}

/// The payload's digest and size may be unknown; then a manifest has but one payload of the kind.
Result<crypto::Sha256Digest> StagingComponent::name_of(const processor::Expectation& expected) const noexcept {
  crypto::Hash hash(crypto::HashAlgorithm::kSha256);
  uint8_t size[4];
  put_le<uint32_t>(size, expected.size);
  TAILOR_TRY(hash.update(manifest_));
  TAILOR_TRY(hash.update(size));
  TAILOR_TRY(hash.update(expected.digest));
  crypto::Sha256Digest name{};
  TAILOR_TRY(hash.finish(name));
  return name;
}

Result<uint32_t> StagingComponent::open(const processor::Expectation& expected) noexcept {
  if (!expected.metadata.empty()) return Error::kParameterUnsupported;
  const bool known = expected.size != processor::Expectation::kUnknownSize;
  if (known && expected.size > regions_.slot.size()) return Error::kImageTooLarge;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest name, name_of(expected));
  TAILOR_TRY(load());
  const bool same = kept_.session != 0 && kept_.payload == name && !again_;
  again_ = true;
  if (same && kept_.complete) {
    open_ = for_this_ = true;
    received_ = kept_.size;
    return received_;
  }
  if (same) {
    if (const Result<uint32_t> offset = writer_.resume(regions_, session()); offset.ok()) {
      open_ = for_this_ = true;
      received_ = *offset;
      return received_;
    }
  }
  Kept next;
  next.payload = name;
  next.session = kept_.session + 1;
  next.expected = known ? expected.size : 0;
  TAILOR_TRY_ASSIGN(next.mark_bytes, boot::SlotWriter::mark_bytes_for(regions_, block_bytes_));
  // Marks of the reception before are gone before a record tells of this one; the content goes with its first byte.
  TAILOR_TRY(writer_.start(regions_, {next.session, next.mark_bytes, next.expected}));
  kept_ = next;
  TAILOR_TRY(save());
  open_ = for_this_ = true;
  received_ = 0;
  return received_;
}

Status StagingComponent::write(uint32_t offset, ByteView bytes) noexcept {
  if (!open_ || kept_.complete) return bytes.empty() ? Status(kOk) : Status(Error::kStateConflict);
  TAILOR_TRY(writer_.write(offset, bytes));
  received_ = writer_.position();
  return kOk;
}

Status StagingComponent::finish(uint32_t size) noexcept {
  if (!open_) return Error::kStateConflict;
  if (!kept_.complete) {
    if (size != writer_.position()) return Error::kImageSizeMismatch;
    TAILOR_TRY(writer_.finish());
    kept_.size = size;
    kept_.complete = true;
    TAILOR_TRY(save());
  } else if (size != kept_.size) {
    return Error::kImageSizeMismatch;
  }
  open_ = false;
  return kOk;
}

Result<uint32_t> StagingComponent::size() noexcept {
  return for_this_ && kept_.complete ? kept_.size : uint32_t{0};
}

Result<size_t> StagingComponent::read(uint32_t offset, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const uint32_t length, size());
  const size_t count = std::min<size_t>(out.size(), length - std::min(offset, length));
  if (count == 0) return size_t{0};
  TAILOR_TRY(regions_.slot.read(offset, out.first(count)));
  return count;
}

Status StagingComponent::remove() noexcept {
  TAILOR_TRY(load());
  for_this_ = open_ = false;
  if (!kept_.complete && kept_.payload == crypto::Sha256Digest{}) return kOk;
  // The session's number stays: marks of this one must never count for another.
  const uint64_t number = kept_.session;
  kept_ = {};
  kept_.session = number;
  return save();
}

Status StagingComponent::load() noexcept {
  std::array<uint8_t, kRecordBytes> bytes{};
  const Result<ByteView> found = store_.get(record::kStaging, bytes);
  kept_ = {};
  if (!found.ok() && found.error() == Error::kNotFound) return kOk;
  TAILOR_TRY(found);
  if (found->size() != kRecordBytes || bytes[0] != kRecordVersion || bytes[1] > 1) return Error::kRecordMalformed;
  kept_.complete = bytes[1] != 0;
  kept_.mark_bytes = get_le<uint32_t>(&bytes[4]);
  kept_.session = get_le<uint64_t>(&bytes[8]);
  kept_.expected = get_le<uint32_t>(&bytes[16]);
  kept_.size = get_le<uint32_t>(&bytes[20]);
  std::copy_n(bytes.begin() + 24, kept_.payload.size(), kept_.payload.begin());
  return kept_.size <= regions_.slot.size() ? Status(kOk) : Status(Error::kRecordMalformed);
}

Status StagingComponent::save() noexcept {
  std::array<uint8_t, kRecordBytes> bytes{};
  bytes[0] = kRecordVersion;
  bytes[1] = kept_.complete ? 1 : 0;
  put_le<uint32_t>(&bytes[4], kept_.mark_bytes);
  put_le<uint64_t>(&bytes[8], kept_.session);
  put_le<uint32_t>(&bytes[16], kept_.expected);
  put_le<uint32_t>(&bytes[20], kept_.size);
  std::copy(kept_.payload.begin(), kept_.payload.end(), bytes.begin() + 24);
  return store_.put(record::kStaging, bytes);
}

}  // namespace tailor::agent

#endif
