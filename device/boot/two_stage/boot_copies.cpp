// SPDX-License-Identifier: Apache-2.0
// See boot_copies.hpp.
#include "device/boot/two_stage/boot_copies.hpp"

#include <algorithm>

#include "device/storage/crc32.hpp"

namespace tailor::boot {
namespace {

constexpr std::array<uint8_t, 4> kMagic{'T', 'L', 'B', '2'};
constexpr uint8_t kVersion = 1;
constexpr uint32_t kSequenceAt = 8;
constexpr uint32_t kBytesAt = 16;
constexpr uint32_t kDigestAt = 20;
constexpr uint32_t kCrcAt = 60;
constexpr uint32_t kPieceBytes = 64;

Result<crypto::Sha256Digest> digest_of(const FlashRegion& program) noexcept {
  crypto::Hash hash(crypto::HashAlgorithm::kSha256);
  std::array<uint8_t, kPieceBytes> piece;
  for (uint32_t at = 0; at < program.size();) {
    const MutableBytes bytes = MutableBytes{piece}.first(std::min(kPieceBytes, program.size() - at));
    TAILOR_TRY(program.read(at, bytes));
    TAILOR_TRY(hash.update(bytes));
    at += static_cast<uint32_t>(bytes.size());
  }
  crypto::Sha256Digest digest{};
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

}  // namespace

Result<BootCopies::Record> BootCopies::read_record(uint8_t index, uint32_t number) const noexcept {
  std::array<uint8_t, kRecordBytes> bytes{};
  TAILOR_TRY(copies_[index].read(record_at(number), bytes));
  const bool whole = std::equal(kMagic.begin(), kMagic.end(), bytes.begin()) && bytes[4] == kVersion &&
                     get_le<uint32_t>(&bytes[kCrcAt]) == crc32(ByteView{bytes}.first(kCrcAt));
  if (!whole) return Error::kNotFound;
  Record record{get_le<uint64_t>(&bytes[kSequenceAt]), get_le<uint32_t>(&bytes[kBytesAt]), {}};
  std::copy_n(bytes.begin() + kDigestAt, record.digest.size(), record.digest.begin());
  if (record.bytes == 0 || record.bytes > room()) return Error::kRecordMalformed;
  return record;
}

Status BootCopies::write_record(uint8_t index, uint32_t number, const Record& record) const noexcept {
  std::array<uint8_t, kRecordBytes> bytes{};
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  bytes[4] = kVersion;
  put_le<uint64_t>(&bytes[kSequenceAt], record.sequence);
  put_le<uint32_t>(&bytes[kBytesAt], record.bytes);
  std::copy(record.digest.begin(), record.digest.end(), bytes.begin() + kDigestAt);
  put_le<uint32_t>(&bytes[kCrcAt], crc32(ByteView{bytes}.first(kCrcAt)));
  return copies_[index].write(record_at(number), bytes);
}

Result<BootCopy> BootCopies::look_at(uint8_t index) const noexcept {
  for (uint32_t number = 0; number < 2; ++number) {
    const Result<Record> record = read_record(index, number);
    if (!record.ok()) continue;
    const Result<crypto::Sha256Digest> found = digest_of(program(index, record->bytes));
    if (!found.ok() || !equal(*found, record->digest)) continue;
    BootCopy copy;
    copy.verdict = Verdict::pass();
    copy.index = index;
    copy.sequence = record->sequence;
    copy.bytes = record->bytes;
    copy.digest = record->digest;
    return copy;
  }
  return Error::kNoValidImage;
}

Result<BootCopy> BootCopies::choose() const noexcept {
  const Result<BootCopy> first = look_at(0);
  const Result<BootCopy> second = look_at(1);
  if (!first.ok()) return second;
  return second.ok() && second->sequence > first->sequence ? second : first;
}

/// Both records whole: the first was complete before the second was begun. One alone may have been cut, and read as
/// whole by chance. A second record that takes no write, or cannot be read, was begun, so that the first one was
/// complete.
Status BootCopies::make_sure(const BootCopy& copy) const noexcept {
  if (read_record(copy.index, 0).ok() && read_record(copy.index, 1).ok()) return kOk;
  const Result<bool> blank = copies_[copy.index].reads_erased(record_at(1), kRecordBytes);
  if (!blank.ok() || !*blank) return kOk;
  const Status written = write_record(copy.index, 1, {copy.sequence, copy.bytes, copy.digest});
  return written.ok() || written.error() == Error::kFlashWriteFailed ? Status(kOk) : written;
}

Result<uint8_t> BootCopies::prepare(uint32_t bytes) const noexcept {
  if (bytes > room()) return Error::kImageTooLarge;
  TAILOR_TRY_ASSIGN(const BootCopy stays, choose());
  TAILOR_TRY(make_sure(stays));
  const uint8_t other = stays.index == 0 ? uint8_t{1} : uint8_t{0};
  TAILOR_TRY(copies_[other].erase(0, copies_[other].size()));
  return other;
}

Status BootCopies::commit(uint8_t index, uint64_t sequence, uint32_t bytes,
                          const crypto::Sha256Digest& digest) const noexcept {
  if (bytes == 0 || bytes > room()) return Error::kImageTooLarge;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest found, digest_of(program(index, bytes)));
  if (!equal(found, digest)) return Error::kImageDigestMismatch;
  TAILOR_TRY(write_record(index, 0, {sequence, bytes, digest}));
  return write_record(index, 1, {sequence, bytes, digest});
}

Status BootCopies::format() const noexcept {
  for (const FlashRegion& copy : copies_) TAILOR_TRY(copy.erase(0, copy.size()));
  return kOk;
}

}  // namespace tailor::boot
