// SPDX-License-Identifier: Apache-2.0
// See slot_writer.hpp. Four rules: a mark is written after the data it vouches for, and carries their CRC; a sector is
// erased right before its first byte; a sector in which writing may have been cut is rewritten as a whole, its good
// part saved in the scratch sector first; and before a restart touches any of it, one mark takes the place of all.
#include "device/boot/slot_writer.hpp"

#include <algorithm>

namespace tailor::boot {
namespace {

constexpr uint32_t kMarkBytes = 8;
constexpr uint8_t kMarkTag = 0x6b;
constexpr int kMarkTries = 4;
constexpr uint32_t kScratchHeaderBytes = 32;
constexpr uint32_t kLeastMarkBytes = 64;  // room for the scratch header behind any saved part of a sector
constexpr std::array<uint8_t, 4> kScratchMagic{'T', 'L', 'B', 'S'};
constexpr uint8_t kVersion = 1;
constexpr uint32_t kCopyBytes = 64;

Status copy(const FlashRegion& from, uint32_t from_offset, const FlashRegion& to, uint32_t to_offset,
            uint32_t length) noexcept {
  std::array<uint8_t, kCopyBytes> bytes;
  FlashWriter writer(to, to_offset);
  for (uint32_t done = 0; done < length;) {
    const MutableBytes piece = MutableBytes{bytes}.first(std::min(kCopyBytes, length - done));
    TAILOR_TRY(from.read(from_offset + done, piece));
    TAILOR_TRY(writer.append(piece));
    done += static_cast<uint32_t>(piece.size());
  }
  TAILOR_TRY(writer.finish());
  return kOk;
}

}  // namespace

uint32_t SlotWriter::mark_stride(const Regions& regions) noexcept {
  return regions.progress.round_up(kMarkBytes);
}

Result<uint32_t> SlotWriter::mark_bytes_for(const Regions& regions, uint32_t block_bytes) noexcept {
  const uint32_t sector = regions.slot.sector_bytes();
  const uint32_t marks = regions.progress.size() / mark_stride(regions);
  uint32_t interval = kLeastMarkBytes;
  while (interval < sector && (interval < block_bytes || regions.slot.size() / interval > marks / 2)) interval *= 2;
  if (regions.slot.size() / interval > marks / 2) return Error::kFlashContract;
  return interval;
}

Status SlotWriter::start(const Regions& regions, const Session& session) noexcept {
  open_ = false;
  regions_ = regions;
  const uint32_t sector = regions_.slot.sector_bytes();
  if (session.mark_bytes < kLeastMarkBytes || sector % session.mark_bytes != 0) return Error::kFlashContract;
  if (session.image_bytes > regions_.slot.size()) return Error::kImageTooLarge;
  TAILOR_TRY(regions_.progress.erase(0, regions_.progress.size()));
  TAILOR_TRY(regions_.scratch.erase_sector(0));
  session_ = session;
  position_ = 0;
  next_mark_ = 0;
  interval_crc_ = Crc32{};
  held_ = 0;
  open_ = true;
  return kOk;
}

// --- marks ---------------------------------------------------------------------------------------------------------

/// A byte that is never erased flash, so that a mark whose first granule was written does not read as blank, and 24
/// bits of a CRC.
uint32_t SlotWriter::mark_word(uint32_t end, uint32_t data_crc) const noexcept {
  std::array<uint8_t, 16> bytes;
  put_le<uint64_t>(&bytes[0], session_.number);
  put_le<uint32_t>(&bytes[8], end);
  put_le<uint32_t>(&bytes[12], data_crc);
  return crc32(bytes) << 8U | kMarkTag;
}

/// Not to be able to mark costs a restart some blocks that it fetches again, and never the reception: a place that does
/// not take a mark is passed over, and when too many do not, or restarts have used up the spare ones, writing goes on.
void SlotWriter::mark(uint32_t interval_end, uint32_t data_crc) noexcept {
  std::array<uint8_t, kMarkBytes> bytes;
  put_le<uint32_t>(&bytes[0], mark_word(interval_end, data_crc));
  put_le<uint32_t>(&bytes[4], interval_end);
  for (int tries = 0; tries < kMarkTries && next_mark_ + mark_stride(regions_) <= regions_.progress.size(); ++tries) {
    FlashWriter writer(regions_.progress, next_mark_);
    next_mark_ += mark_stride(regions_);
    if (writer.append(bytes).ok() && writer.finish().ok()) return;
  }
}

/// The end of the last interval that is marked, and sets where the next mark goes. What cannot be read marks nothing.
uint32_t SlotWriter::marked_end() noexcept {
  const uint32_t stride = mark_stride(regions_);
  next_mark_ = 0;
  for (uint32_t at = regions_.progress.size() / stride * stride; at > 0; at -= stride) {
    std::array<uint8_t, kMarkBytes> bytes;
    const auto blank = regions_.progress.reads_erased(at - stride, stride);
    if (blank.ok() && *blank) continue;
    if (next_mark_ == 0) next_mark_ = at;
    if (!regions_.progress.read(at - stride, bytes).ok()) continue;
    const uint32_t end = get_le<uint32_t>(&bytes[4]);
    const bool possible =
        end != 0 && end <= regions_.slot.size() && (end % session_.mark_bytes == 0 || end == session_.image_bytes);
    if (!possible) continue;
    const uint32_t begin = (end - 1) / session_.mark_bytes * session_.mark_bytes;
    const auto data_crc = regions_.slot.crc(begin, end - begin);
    if (data_crc.ok() && get_le<uint32_t>(&bytes[0]) == mark_word(end, *data_crc)) return end;
  }
  return 0;
}

/// Leaves one mark, for `end`. A mark that a cut has left may be seen at one start and not at the next one; it must be
/// gone before anything that it vouches for is erased.
Status SlotWriter::mark_anew(uint32_t end, const Scratch* saved) noexcept {
  TAILOR_TRY(regions_.progress.erase(0, regions_.progress.size()));
  next_mark_ = 0;
  if (end == 0) return kOk;
  const uint32_t begin = (end - 1) / session_.mark_bytes * session_.mark_bytes;
  const auto data_crc = saved != nullptr ? regions_.scratch.crc(begin - saved->sector, end - begin)
                                         : regions_.slot.crc(begin, end - begin);
  TAILOR_TRY(data_crc);
  mark(end, *data_crc);
  return kOk;
}

// --- scratch -------------------------------------------------------------------------------------------------------

Result<SlotWriter::Scratch> SlotWriter::read_scratch() const noexcept {
  const uint32_t sector = regions_.slot.sector_bytes();
  std::array<uint8_t, kScratchHeaderBytes> bytes;
  TAILOR_TRY(regions_.scratch.read(sector - kScratchHeaderBytes, bytes));
  const bool whole = equal(ByteView{bytes}.first(4), kScratchMagic) && bytes[4] == kVersion &&
                     get_le<uint32_t>(&bytes[28]) == crc32(ByteView{bytes}.first(28)) &&
                     get_le<uint64_t>(&bytes[8]) == session_.number;
  if (!whole) return Error::kNotFound;
  const Scratch scratch{get_le<uint32_t>(&bytes[16]), get_le<uint32_t>(&bytes[20]), get_le<uint32_t>(&bytes[24])};
  const bool sane = scratch.sector % sector == 0 && scratch.sector < regions_.slot.size() && scratch.length != 0 &&
                    scratch.length <= sector - kScratchHeaderBytes;
  if (!sane) return Error::kNotFound;
  TAILOR_TRY_ASSIGN(const uint32_t crc, regions_.scratch.crc(0, scratch.length));
  if (crc != scratch.crc) return Error::kNotFound;
  return scratch;
}

Status SlotWriter::save_to_scratch(uint32_t sector, uint32_t length) const noexcept {
  TAILOR_TRY(regions_.scratch.erase_sector(0));
  TAILOR_TRY(copy(regions_.slot, sector, regions_.scratch, 0, length));
  TAILOR_TRY_ASSIGN(const uint32_t crc, regions_.scratch.crc(0, length));
  std::array<uint8_t, kScratchHeaderBytes> bytes{};
  std::copy(kScratchMagic.begin(), kScratchMagic.end(), bytes.begin());
  bytes[4] = kVersion;
  put_le<uint64_t>(&bytes[8], session_.number);
  put_le<uint32_t>(&bytes[16], sector);
  put_le<uint32_t>(&bytes[20], length);
  put_le<uint32_t>(&bytes[24], crc);
  put_le<uint32_t>(&bytes[28], crc32(ByteView{bytes}.first(28)));
  return regions_.scratch.write(regions_.slot.sector_bytes() - kScratchHeaderBytes, bytes);
}

Status SlotWriter::restore_from_scratch(const Scratch& scratch) const noexcept {
  TAILOR_TRY(regions_.slot.erase_sector(scratch.sector));
  return copy(regions_.scratch, 0, regions_.slot, scratch.sector, scratch.length);
}

Result<uint32_t> SlotWriter::resume(const Regions& regions, const Session& session) noexcept {
  open_ = false;
  regions_ = regions;
  session_ = session;
  const uint32_t sector = regions_.slot.sector_bytes();
  if (session.mark_bytes < kLeastMarkBytes || sector % session.mark_bytes != 0) return Error::kFlashContract;
  uint32_t end = marked_end();

  // Was the power cut while a sector was being rewritten? Then its good part is in the scratch sector. Unless marks
  // beyond it say that writing went on, it is put back, whatever the sector reads as.
  const auto scratch = read_scratch();
  const bool put_back = scratch.ok() && end <= scratch->sector + scratch->length;
  if (put_back) end = scratch->sector + scratch->length;
  const bool complete = !put_back && session.image_bytes != 0 && end == session.image_bytes;
  if (!complete) TAILOR_TRY(mark_anew(end, put_back ? &*scratch : nullptr));
  if (put_back) TAILOR_TRY(restore_from_scratch(*scratch));
  const uint32_t start_of_sector = end / sector * sector;
  if (!complete && !put_back && end != start_of_sector) {
    TAILOR_TRY(save_to_scratch(start_of_sector, end - start_of_sector));
    TAILOR_TRY(restore_from_scratch(Scratch{start_of_sector, end - start_of_sector, 0}));
  }
  position_ = end;
  interval_crc_ = Crc32{};
  held_ = 0;
  open_ = true;
  return end;
}

// --- writing -------------------------------------------------------------------------------------------------------

/// Hands whole granules to the flash and keeps the rest.
Status SlotWriter::append(ByteView bytes) noexcept {
  const size_t granule = regions_.slot.granule_bytes();
  uint32_t at = position_ - static_cast<uint32_t>(held_);
  interval_crc_.update(bytes);
  position_ += static_cast<uint32_t>(bytes.size());
  if (held_ > 0) {
    const size_t count = std::min(granule - held_, bytes.size());
    std::copy_n(bytes.begin(), count, granule_.begin() + held_);
    held_ += count;
    bytes = bytes.subspan(count);
    if (held_ < granule) return kOk;
    TAILOR_TRY(regions_.slot.write(at, ByteView{granule_}.first(granule)));
    at += static_cast<uint32_t>(granule);
    held_ = 0;
  }
  const size_t whole = bytes.size() / granule * granule;
  TAILOR_TRY(regions_.slot.write(at, bytes.first(whole)));
  bytes = bytes.subspan(whole);
  std::copy(bytes.begin(), bytes.end(), granule_.begin());
  held_ = bytes.size();
  return kOk;
}

Status SlotWriter::flush() noexcept {
  if (held_ == 0) return kOk;
  const size_t granule = regions_.slot.granule_bytes();
  std::fill(granule_.begin() + held_, granule_.begin() + granule, regions_.slot.erased_value());
  const uint32_t at = position_ - static_cast<uint32_t>(held_);
  held_ = 0;
  return regions_.slot.write(at, ByteView{granule_}.first(granule));
}

Status SlotWriter::write(uint32_t offset, ByteView bytes) noexcept {
  if (!open_ || offset != position_) return Error::kStateConflict;
  const uint32_t room = session_.image_bytes != 0 ? session_.image_bytes : regions_.slot.size();
  if (bytes.size() > room - position_) return Error::kImageTooLarge;
  open_ = false;  // until all of it is written
  while (!bytes.empty()) {
    if (position_ % regions_.slot.sector_bytes() == 0) TAILOR_TRY(regions_.slot.erase_sector(position_));
    const size_t in_interval = session_.mark_bytes - position_ % session_.mark_bytes;
    const ByteView piece = bytes.first(std::min(in_interval, bytes.size()));
    bytes = bytes.subspan(piece.size());
    TAILOR_TRY(append(piece));
    const bool last = position_ == session_.image_bytes;
    if (last) TAILOR_TRY(flush());
    if (last || position_ % session_.mark_bytes == 0) {
      mark(position_, interval_crc_.value());
      interval_crc_ = Crc32{};
    }
  }
  open_ = true;
  return kOk;
}

Status SlotWriter::finish() noexcept {
  if (!open_) return Error::kStateConflict;
  if (session_.image_bytes != 0 && position_ != session_.image_bytes) return Error::kImageSizeMismatch;
  open_ = false;
  return flush();
}

}  // namespace tailor::boot
