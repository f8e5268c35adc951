// SPDX-License-Identifier: Apache-2.0
// See cells.hpp.
#include "testing/flash/cells.hpp"

#include <algorithm>
#include <cstring>

namespace tailor::testing {

std::string_view name_of(Loss loss) noexcept {
  constexpr std::string_view kNames[] = {"nothing",  "half",    "done",       "random",
                                         "unstable", "flicker", "unreadable", "unseen"};
  return kNames[static_cast<size_t>(loss)];
}

uint64_t next_random(uint64_t& state) noexcept {
  state ^= state << 13U;
  state ^= state >> 7U;
  state ^= state << 17U;
  return state;
}

uint64_t mixed(uint64_t a, uint64_t b) noexcept {
  uint64_t value = (a ^ (b * 0x9e3779b97f4a7c15U)) + 0x2545f4914f6cdd1dU;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  value ^= value >> 31U;
  return value == 0 ? 1 : value;
}

Cells::Cells(const tailor_flash_geometry_t& geometry) : geometry_(geometry) {
  const auto erased = std::make_shared<Sector>();
  erased->bytes.assign(geometry.sector_bytes, geometry.erased_value);
  erased->granules.assign(geometry.sector_bytes / geometry.write_granule_bytes, Granule::kErased);
  sectors_.assign(geometry.size_bytes / geometry.sector_bytes, erased);
  dirty_.assign(sectors_.size(), 1);
  for (uint32_t i = 0; i < sectors_.size(); ++i) changed_.push_back(i);
}

void Cells::forget_hash(uint32_t index) {
  if (dirty_[index] != 0) return;
  hashes_ -= mixed(index + 1, sectors_[index]->hash);
  dirty_[index] = 1;
  changed_.push_back(index);
}

Cells::Sector& Cells::change(uint32_t offset) {
  const uint32_t index = offset / geometry_.sector_bytes;
  forget_hash(index);
  std::shared_ptr<Sector>& sector = sectors_[index];
  if (sector.use_count() > 1) sector = std::make_shared<Sector>(*sector);
  sector->hash = 0;
  return *sector;
}

Cells::Saved Cells::save(uint32_t offset) const {
  Saved saved;
  saved.index_ = offset / geometry_.sector_bytes;
  saved.sector_ = sectors_[saved.index_];
  return saved;
}

void Cells::restore(const Saved& saved) {
  forget_hash(saved.index_);
  fickle_ += saved.sector_->fickle - sectors_[saved.index_]->fickle;
  sectors_[saved.index_] = saved.sector_;
}

void Cells::mark(Sector& sector, uint32_t granule, Granule what) {
  const auto count = [&](uint32_t change) {
    const Granule state = sector.granules[granule];
    sector.unsound += state > Granule::kTouched ? change : 0U;
    sector.touched += state == Granule::kTouched ? change : 0U;
    const bool fickle = state == Granule::kUnstable || state == Granule::kFlicker || state == Granule::kErasing;
    sector.fickle += fickle ? change : 0U;
    fickle_ += fickle ? change : 0U;
  };
  count(UINT32_MAX);
  sector.granules[granule] = what;
  count(1);
}

bool Cells::read(uint32_t offset, MutableBytes out, uint64_t start, uint64_t& random) const {
  const uint32_t sector_bytes = geometry_.sector_bytes;
  while (!out.empty()) {
    const Sector& sector = at(offset);
    const uint32_t from = offset % sector_bytes;
    const MutableBytes piece = out.first(std::min<size_t>(out.size(), sector_bytes - from));
    std::memcpy(piece.data(), sector.bytes.data() + from, piece.size());
    for (uint32_t i = 0; sector.unsound != 0 && i < piece.size(); ++i) {
      const uint32_t granule = (from + i) / geometry_.write_granule_bytes;
      switch (sector.granules[granule]) {
        case Granule::kUnreadable:
          return false;
        case Granule::kUnstable: {
          const auto differing = static_cast<uint8_t>(sector.bytes[from + i] ^ sector.other[from + i]);
          piece[i] = static_cast<uint8_t>(piece[i] ^ (differing & (next_random(random) >> 24U)));
          break;
        }
        case Granule::kFlicker:
          if ((mixed(start, (offset - from) + granule * 2 + 1) & 1U) != 0) piece[i] = sector.other[from + i];
          break;
        case Granule::kErasing:
          if ((mixed(start, offset - from) & 1U) != 0) piece[i] = sector.other[from + i];
          break;
        default:
          break;
      }
    }
    out = out.subspan(piece.size());
    offset += static_cast<uint32_t>(piece.size());
  }
  return true;
}

Cells::Answer Cells::program(const FlashOperation& operation) {
  const uint32_t from = operation.offset % geometry_.sector_bytes;
  const uint32_t granule = from / geometry_.write_granule_bytes;
  const Granule before = at(operation.offset).granules[granule];
  if (before == Granule::kWritten) return Answer::kBreach;
  const bool refuses = before == Granule::kUnreadable || before == Granule::kUnseen || before == Granule::kErasing ||
                       geometry_.write_granule_bytes >= 8;
  if (before != Granule::kErased && refuses) return Answer::kRefused;
  Sector& sector = change(operation.offset);
  for (uint32_t i = 0; i < operation.data.size(); ++i) {
    // Programming moves bits away from the erased value, never back.
    const uint8_t erased = geometry_.erased_value;
    const auto moved = static_cast<uint8_t>(operation.data[i] ^ erased);
    const auto program_bits = [&](uint8_t cell) { return static_cast<uint8_t>(((cell ^ erased) | moved) ^ erased); };
    sector.bytes[from + i] = program_bits(sector.bytes[from + i]);
    if (!sector.other.empty()) sector.other[from + i] = program_bits(sector.other[from + i]);
  }
  if (before == Granule::kErased) mark(sector, granule, Granule::kWritten);
  return Answer::kDone;
}

bool Cells::program_erased(uint32_t offset, ByteView bytes) {
  const uint32_t from = offset % geometry_.sector_bytes, granule = geometry_.write_granule_bytes;
  const auto first = at(offset).granules.begin() + from / granule;
  const auto last = first + static_cast<ptrdiff_t>(bytes.size() / granule);
  if (std::any_of(first, last, [](Granule state) { return state != Granule::kErased; })) return false;
  Sector& sector = change(offset);
  std::copy(bytes.begin(), bytes.end(), sector.bytes.begin() + from);
  if (!sector.other.empty()) std::copy(bytes.begin(), bytes.end(), sector.other.begin() + from);
  std::fill_n(sector.granules.begin() + from / granule, bytes.size() / granule, Granule::kWritten);
  return true;
}

void Cells::erase(uint32_t offset) {
  Sector& sector = change(offset);
  fickle_ -= sector.fickle;
  std::fill(sector.bytes.begin(), sector.bytes.end(), geometry_.erased_value);
  std::fill(sector.granules.begin(), sector.granules.end(), Granule::kErased);
  sector.other.clear();
  sector.unsound = sector.fickle = sector.touched = 0;
}

void Cells::cut(const FlashOperation& operation, Loss loss, uint64_t random) {
  if (loss == Loss::kNothing) return;
  if (loss == Loss::kDone) {
    if (operation.is_erase) {
      erase(operation.offset);
    } else {
      program(operation);
    }
    return;
  }
  const uint32_t length = operation.is_erase ? geometry_.sector_bytes : geometry_.write_granule_bytes;
  const uint32_t from = operation.offset % geometry_.sector_bytes;
  Sector& sector = change(operation.offset);
  const std::vector<uint8_t> before(sector.bytes.begin() + from, sector.bytes.begin() + from + length);
  std::vector<uint8_t> after = operation.data;
  if (operation.is_erase) {
    after.assign(length, geometry_.erased_value);
  } else if (sector.granules[from / geometry_.write_granule_bytes] != Granule::kErased &&
             sector.granules[from / geometry_.write_granule_bytes] != Granule::kTouched) {
    return;  // what a cut had left unsound stays so
  }
  Granule state = Granule::kTouched;
  for (uint32_t i = 0; i < length; ++i) {
    const auto differing = static_cast<uint8_t>(before[i] ^ after[i]);
    uint8_t& cell = sector.bytes[from + i];
    if (loss == Loss::kHalf && i < length / 2) cell = after[i];
    if (loss == Loss::kRandom) {
      const auto bits = static_cast<uint8_t>(next_random(random) >> 24U);
      cell = operation.is_erase ? bits : static_cast<uint8_t>(before[i] ^ (differing & bits));
    }
    if (loss == Loss::kUnseen) cell = geometry_.erased_value;
  }
  if (loss == Loss::kUnseen) state = Granule::kUnseen;
  if (loss == Loss::kUnreadable) state = Granule::kUnreadable;
  if (loss == Loss::kUnstable || loss == Loss::kFlicker) {
    state = loss == Loss::kUnstable ? Granule::kUnstable : operation.is_erase ? Granule::kErasing : Granule::kFlicker;
    if (sector.other.empty()) sector.other = sector.bytes;
    std::copy(after.begin(), after.end(), sector.other.begin() + from);
  }
  for (uint32_t at = from; at < from + length; at += geometry_.write_granule_bytes) {
    mark(sector, at / geometry_.write_granule_bytes, state);
  }
}

bool Cells::sound(uint32_t offset, uint32_t length) const {
  for (uint32_t i = offset - offset % geometry_.write_granule_bytes; i < offset + length;) {
    const Sector& sector = at(i);
    const uint32_t end = std::min(offset + length, (i / geometry_.sector_bytes + 1) * geometry_.sector_bytes);
    for (; i < end && sector.unsound + sector.touched != 0; i += geometry_.write_granule_bytes) {
      const Granule state = sector.granules[i % geometry_.sector_bytes / geometry_.write_granule_bytes];
      if (state != Granule::kErased && state != Granule::kWritten) return false;
    }
    i = end;
  }
  return true;
}

uint64_t Cells::sector_hash(uint32_t index) const {
  Sector& sector = *sectors_[index];
  if (sector.hash != 0) return sector.hash;
  uint64_t value = 7;
  const auto add = [&value](const uint8_t* bytes, size_t count) {
    for (size_t i = 0; i < count; i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes + i, std::min<size_t>(8, count - i));
      value = (value ^ word) * 0x9e3779b97f4a7c15U;
      value ^= value >> 29U;
    }
    value = mixed(value, count);
  };
  add(sector.bytes.data(), sector.bytes.size());
  add(reinterpret_cast<const uint8_t*>(sector.granules.data()), sector.granules.size());
  if (sector.unsound != 0) add(sector.other.data(), sector.other.size());
  sector.hash = value == 0 ? 1 : value;
  return sector.hash;
}

uint64_t Cells::hash() const {
  for (const uint32_t index : changed_) {
    hashes_ += mixed(index + 1, sector_hash(index));
    dirty_[index] = 0;
  }
  changed_.clear();
  return hashes_;
}

uint64_t Cells::hash(uint32_t offset, uint32_t length) const {
  uint64_t all = 1;
  for (uint32_t at = offset; at < offset + length; at += geometry_.sector_bytes) {
    all = mixed(all, sector_hash(at / geometry_.sector_bytes));
  }
  return all;
}

void Cells::poke(uint32_t offset, uint8_t value) {
  change(offset).bytes[offset % geometry_.sector_bytes] = value;
}

uint8_t Cells::peek(uint32_t offset) const {
  return at(offset).bytes[offset % geometry_.sector_bytes];
}

}  // namespace tailor::testing
