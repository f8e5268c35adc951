// SPDX-License-Identifier: Apache-2.0
// See record_store.hpp. One rule makes it safe at any cut: a bank counts from the moment its header is whole, and the
// header is written last; a record counts when its CRC holds, and nothing is ever appended behind a torn one.
#include "device/storage/record_store.hpp"

#include <algorithm>

#include "device/storage/crc32.hpp"

namespace tailor::storage {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::array<uint8_t, 4> kMagic{'T', 'L', 'R', 'S'};
constexpr uint32_t kBankHeaderBytes = 24;
constexpr uint32_t kRecordHeaderBytes = 12;
constexpr uint8_t kKindPut = 0x51;
constexpr uint8_t kKindErase = 0x2e;
constexpr uint32_t kCopyBytes = 64;

using RecordHeaderBytes = std::array<uint8_t, kRecordHeaderBytes>;

bool all_are(ByteView bytes, uint8_t value) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [value](uint8_t byte) { return byte == value; });
}

/// The header up to its CRC.
RecordHeaderBytes start_header(uint8_t kind, RecordId id, size_t length, uint8_t left) noexcept {
  RecordHeaderBytes bytes{};
  bytes[0] = kind;
  bytes[1] = kVersion;
  put_le<uint16_t>(&bytes[2], id);
  put_le<uint16_t>(&bytes[4], static_cast<uint16_t>(length));
  bytes[6] = left;
  return bytes;
}

bool changed(std::span<const RecordChange> changes, RecordId id) noexcept {
  return std::any_of(changes.begin(), changes.end(), [id](const RecordChange& change) { return change.id == id; });
}

/// A record whose bits are gone cannot be carried over; keeping the store usable is worth more than its corpse. get()
/// answers kNotFound from then on.
bool drop_damaged_record(Error error) noexcept {
  return error == Error::kRecordMalformed;
}

}  // namespace

uint32_t RecordStore::first_record() const noexcept {
  return region_.round_up(kBankHeaderBytes);
}

uint32_t RecordStore::record_bytes(size_t value_bytes) const noexcept {
  return region_.round_up(kRecordHeaderBytes + static_cast<uint32_t>(value_bytes));
}

// --- bank headers --------------------------------------------------------------------------------------------------

Result<uint64_t> RecordStore::read_generation(unsigned which) const noexcept {
  std::array<uint8_t, kBankHeaderBytes> bytes;
  TAILOR_TRY(bank(which).read(0, bytes));
  const bool whole = equal(ByteView{bytes}.first(4), kMagic) &&
                     get_le<uint32_t>(&bytes[20]) == crc32(ByteView{bytes}.first(20)) &&
                     get_le<uint32_t>(&bytes[16]) == region_.size() / 2;
  if (!whole) return Error::kRecordMalformed;
  if (bytes[4] != kVersion) return Error::kUnsupportedVersion;
  return get_le<uint64_t>(&bytes[8]);
}

Status RecordStore::write_generation(unsigned which, uint64_t generation) const noexcept {
  std::array<uint8_t, kBankHeaderBytes> bytes{};
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  bytes[4] = kVersion;
  put_le<uint64_t>(&bytes[8], generation);
  put_le<uint32_t>(&bytes[16], region_.size() / 2);
  put_le<uint32_t>(&bytes[20], crc32(ByteView{bytes}.first(20)));
  FlashWriter writer(bank(which), 0);
  TAILOR_TRY(writer.append(bytes));
  TAILOR_TRY(writer.finish());
  return kOk;
}

Status RecordStore::format() noexcept {
  TAILOR_TRY(region_.check());
  if (region_.size() / region_.sector_bytes() % 2 != 0) return Error::kFlashContract;
  mounted_ = false;
  TAILOR_TRY(region_.erase(0, region_.size()));
  TAILOR_TRY(write_generation(0, 1));
  count_ = 0;
  active_ = 0;
  generation_ = 1;
  tail_ = first_record();
  torn_ = false;
  mounted_ = true;
  return kOk;
}

Status RecordStore::mount() noexcept {
  mounted_ = false;
  TAILOR_TRY(region_.check());
  if (region_.size() / region_.sector_bytes() % 2 != 0) return Error::kFlashContract;
  std::array<uint64_t, 2> generation{};
  for (unsigned which = 0; which < 2; ++which) {
    const auto found = read_generation(which);
    if (found.ok()) {
      generation[which] = *found;
    } else if (found.error() != Error::kRecordMalformed) {
      return found.error();
    }
  }
  if (generation[0] == 0 && generation[1] == 0) return Error::kRecordMalformed;
  active_ = generation[1] > generation[0] ? 1 : 0;
  generation_ = generation[active_];
  const unsigned other = 1 - active_;
  if (generation[other] == 0) {
    // A header whose writing or erasing was cut might read as whole another time.
    TAILOR_TRY_ASSIGN(const bool blank, bank(other).reads_erased(0, kBankHeaderBytes));
    if (!blank) TAILOR_TRY(bank(other).erase_sector(0));
  }
  TAILOR_TRY(scan());
  if (torn_) TAILOR_TRY(compact({}));
  mounted_ = true;
  return kOk;
}

// --- reading -------------------------------------------------------------------------------------------------------

Result<RecordStore::Header> RecordStore::read_header(const FlashRegion& from, uint32_t offset) const noexcept {
  RecordHeaderBytes bytes;
  TAILOR_TRY(from.read(offset, bytes));
  if (all_are(bytes, region_.erased_value())) return Error::kNotFound;
  const Header header{bytes[0], get_le<uint16_t>(&bytes[2]), get_le<uint16_t>(&bytes[4]), bytes[6],
                      get_le<uint32_t>(&bytes[8])};
  const bool sane = (header.kind == kKindPut || header.kind == kKindErase) && bytes[1] == kVersion && bytes[7] == 0 &&
                    header.length <= from.size() - offset - kRecordHeaderBytes;
  if (!sane) return Error::kRecordMalformed;
  return header;
}

/// @returns kNotFound at the erased end, kRecordMalformed for anything that is not a whole record
Result<RecordStore::Found> RecordStore::read_record(const FlashRegion& from, uint32_t offset) const noexcept {
  if (offset + kRecordHeaderBytes > from.size()) return Error::kNotFound;
  TAILOR_TRY_ASSIGN(const Header header, read_header(from, offset));
  Crc32 crc;
  const RecordHeaderBytes start = start_header(header.kind, header.id, header.length, header.left);
  crc.update(ByteView{start}.first(8));
  std::array<uint8_t, kCopyBytes> bytes;
  for (uint32_t done = 0; done < header.length;) {
    const MutableBytes piece = MutableBytes{bytes}.first(std::min<uint32_t>(kCopyBytes, header.length - done));
    TAILOR_TRY(from.read(offset + kRecordHeaderBytes + done, piece));
    crc.update(piece);
    done += static_cast<uint32_t>(piece.size());
  }
  if (crc.value() != header.crc) return Error::kRecordMalformed;
  return Found{header, offset, offset + record_bytes(header.length)};
}

/// The offset after the batch that starts with `record`, if all of it is there.
Result<uint32_t> RecordStore::end_of_batch(Found record) const noexcept {
  while (record.header.left > 0) {
    const auto next = read_record(bank(active_), record.next);
    if (!next.ok() && next.error() != Error::kNotFound) return next.error();
    if (!next.ok() || next->header.left != record.header.left - 1) return Error::kRecordMalformed;
    record = *next;
  }
  return record.next;
}

const RecordStore::Entry* RecordStore::find(RecordId id) const noexcept {
  for (size_t i = 0; i < count_; ++i) {
    if (index_[i].id == id) return &index_[i];
  }
  return nullptr;
}

Status RecordStore::apply(RecordId id, bool erased, uint32_t offset) noexcept {
  size_t at = 0;
  while (at < count_ && index_[at].id != id) ++at;
  if (erased) {
    if (at < count_) index_[at] = index_[--count_];
    return kOk;
  }
  if (at == index_.size()) return Error::kRecordMalformed;
  if (at == count_) ++count_;
  index_[at] = {id, offset};
  return kOk;
}

Status RecordStore::scan() noexcept {
  count_ = 0;
  tail_ = first_record();
  torn_ = false;
  while (true) {
    const auto record = read_record(bank(active_), tail_);
    if (!record.ok() && record.error() == Error::kNotFound) break;
    const auto end = record.ok() ? end_of_batch(*record) : Result<uint32_t>(record.error());
    if (!end.ok() && end.error() != Error::kRecordMalformed) return end.error();
    if (!end.ok()) {
      torn_ = true;
      return kOk;
    }
    while (tail_ < *end) {
      TAILOR_TRY_ASSIGN(const Found found, read_record(bank(active_), tail_));
      TAILOR_TRY(apply(found.header.id, found.header.kind == kKindErase, tail_));
      tail_ = found.next;
    }
  }
  TAILOR_TRY_ASSIGN(const bool erased, bank(active_).reads_erased(tail_, bank(active_).size() - tail_));
  torn_ = !erased;
  return kOk;
}

Result<size_t> RecordStore::size_of(RecordId id) const noexcept {
  if (!mounted_) return Error::kStateConflict;
  const Entry* entry = find(id);
  if (entry == nullptr) return Error::kNotFound;
  TAILOR_TRY_ASSIGN(const Header header, read_header(bank(active_), entry->offset));
  return size_t{header.length};
}

Result<ByteView> RecordStore::get(RecordId id, MutableBytes out) const noexcept {
  if (!mounted_) return Error::kStateConflict;
  const Entry* entry = find(id);
  if (entry == nullptr) return Error::kNotFound;
  TAILOR_TRY_ASSIGN(const Header header, read_header(bank(active_), entry->offset));
  if (header.length > out.size()) return Error::kBufferTooSmall;
  const MutableBytes value = out.first(header.length);
  TAILOR_TRY(bank(active_).read(entry->offset + kRecordHeaderBytes, value));
  Crc32 crc;
  crc.update(ByteView{start_header(header.kind, id, header.length, header.left)}.first(8));
  crc.update(value);
  if (crc.value() != header.crc) return Error::kRecordMalformed;
  return ByteView{value};
}

// --- changing ------------------------------------------------------------------------------------------------------

Status RecordStore::put(RecordId id, ByteView value) noexcept {
  const RecordChange change = RecordChange::put(id, value);
  return put_batch({&change, 1});
}

Status RecordStore::erase(RecordId id) noexcept {
  if (mounted_ && find(id) == nullptr) return kOk;
  const RecordChange change = RecordChange::erase(id);
  return put_batch({&change, 1});
}

Status RecordStore::purge() noexcept {
  if (!mounted_) return Error::kStateConflict;
  TAILOR_TRY(compact({}));
  return bank(1 - active_).erase(0, region_.size() / 2);
}

Status RecordStore::put_batch(std::span<const RecordChange> changes) noexcept {
  if (!mounted_) return Error::kStateConflict;
  if (changes.size() > limits::kStoreBatch) return Error::kStorageFull;
  const uint32_t half = region_.size() / 2;
  size_t needed = 0;
  size_t kept_bytes = first_record();
  size_t ids = count_;  // the most there are between two changes of the batch, when puts come first
  for (size_t i = 0; i < changes.size(); ++i) {
    const RecordChange& change = changes[i];
    if (change.id == 0 || change.id == 0xffff) return Error::kValueOutOfRange;
    if (change.value.size() > std::min<size_t>(UINT16_MAX, half)) return Error::kStorageFull;
    needed += record_bytes(change.value.size());
    if (!changed(changes.subspan(i + 1), change.id) && !change.erased) kept_bytes += record_bytes(change.value.size());
    if (!change.erased && find(change.id) == nullptr && !changed(changes.first(i), change.id)) ++ids;
  }
  for (size_t i = 0; i < count_; ++i) {
    if (changed(changes, index_[i].id)) continue;
    TAILOR_TRY_ASSIGN(const size_t length, size_of(index_[i].id));
    kept_bytes += record_bytes(length);
  }
  if (changes.empty()) return kOk;
  if (ids > limits::kStoreRecords || kept_bytes > half) return Error::kStorageFull;
  // What cannot be appended, or does not read back, goes to the other bank at once.
  if (!torn_ && needed <= half - tail_ && append(changes).ok()) return kOk;
  return compact(changes);
}

Result<uint32_t> RecordStore::write_record(const FlashRegion& to, uint32_t at, const RecordChange& change,
                                           uint8_t left) const noexcept {
  RecordHeaderBytes header = start_header(change.erased ? kKindErase : kKindPut, change.id, change.value.size(), left);
  Crc32 crc;
  crc.update(ByteView{header}.first(8));
  crc.update(change.value);
  put_le<uint32_t>(&header[8], crc.value());
  FlashWriter writer(to, at);
  TAILOR_TRY(writer.append(header));
  TAILOR_TRY(writer.append(change.value));
  TAILOR_TRY_ASSIGN(const uint32_t next, writer.finish());
  if (!read_record(to, at).ok()) return Error::kFlashWriteFailed;
  return next;
}

Status RecordStore::append(std::span<const RecordChange> changes) noexcept {
  torn_ = true;  // until all of it is written
  uint32_t at = tail_;
  for (size_t i = 0; i < changes.size(); ++i) {
    TAILOR_TRY_ASSIGN(at, write_record(bank(active_), at, changes[i], static_cast<uint8_t>(changes.size() - 1 - i)));
  }
  for (const RecordChange& change : changes) {
    TAILOR_TRY(apply(change.id, change.erased, tail_));  // cannot fail: put_batch counted
    tail_ += record_bytes(change.value.size());
  }
  torn_ = false;
  return kOk;
}

Result<uint32_t> RecordStore::copy_record(const Entry& entry, const FlashRegion& to, uint32_t at) const noexcept {
  TAILOR_TRY_ASSIGN(const Found found, read_record(bank(active_), entry.offset));
  RecordHeaderBytes header = start_header(kKindPut, entry.id, found.header.length, 0);
  Crc32 crc;
  crc.update(ByteView{header}.first(8));
  std::array<uint8_t, kCopyBytes> bytes;
  const uint32_t from = entry.offset + kRecordHeaderBytes;
  for (const bool measuring : {true, false}) {
    FlashWriter writer(to, at);
    if (!measuring) {
      put_le<uint32_t>(&header[8], crc.value());
      TAILOR_TRY(writer.append(header));
    }
    for (uint32_t done = 0; done < found.header.length;) {
      const MutableBytes piece = MutableBytes{bytes}.first(std::min<uint32_t>(kCopyBytes, found.header.length - done));
      TAILOR_TRY(bank(active_).read(from + done, piece));
      if (measuring) crc.update(piece);
      if (!measuring) TAILOR_TRY(writer.append(piece));
      done += static_cast<uint32_t>(piece.size());
    }
    if (measuring) continue;
    TAILOR_TRY_ASSIGN(const uint32_t next, writer.finish());
    if (!read_record(to, at).ok()) return Error::kFlashWriteFailed;
    return next;
  }
  return Error::kInternal;
}

Status RecordStore::compact(std::span<const RecordChange> changes) noexcept {
  torn_ = true;  // until the new bank counts, or for good when that is unsure
  const unsigned other = 1 - active_;
  const FlashRegion to = bank(other);
  TAILOR_TRY(to.erase(0, to.size()));
  Index index{};
  size_t count = 0;
  uint32_t at = first_record();
  for (size_t i = 0; i < count_; ++i) {
    if (changed(changes, index_[i].id)) continue;
    const auto next = copy_record(index_[i], to, at);
    if (!next.ok() && drop_damaged_record(next.error())) continue;
    if (!next.ok()) return next.error();
    index[count++] = {index_[i].id, at};
    at = *next;
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].erased || changed(changes.subspan(i + 1), changes[i].id)) continue;
    index[count++] = {changes[i].id, at};
    TAILOR_TRY_ASSIGN(at, write_record(to, at, changes[i], 0));
  }
  TAILOR_TRY(write_generation(other, generation_ + 1));
  active_ = other;
  ++generation_;
  index_ = index;
  count_ = count;
  tail_ = at;
  torn_ = false;
  return kOk;
}

}  // namespace tailor::storage
