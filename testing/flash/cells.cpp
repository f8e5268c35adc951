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
}

Cells::Sector& Cells::change(uint32_t offset) {
  std::shared_ptr<Sector>& sector = sectors_[offset / geometry_.sector_bytes];
  if (sector.use_count() > 1) sector = std::make_shared<Sector>(*sector);
  sector->hash = 0;
  return *sector;
}

void Cells::mark(Sector& sector, uint32_t granule, Granule what) {
  const auto unsound = [](Granule state) { return state > Granule::kTouched; };
  sector.unsound += (unsound(what) ? 1U : 0U) - (unsound(sector.granules[granule]) ? 1U : 0U);
  sector.granules[granule] = what;
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

void Cells::erase(uint32_t offset) {
  Sector& sector = change(offset);
  std::fill(sector.bytes.begin(), sector.bytes.end(), geometry_.erased_value);
  std::fill(sector.granules.begin(), sector.granules.end(), Granule::kErased);
  sector.other.clear();
  sector.unsound = 0;
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
  for (uint32_t i = offset; i < offset + length; ++i) {
    const Granule state = at(i).granules[i % geometry_.sector_bytes / geometry_.write_granule_bytes];
    if (state != Granule::kErased && state != Granule::kWritten) return false;
  }
  return true;
}

uint64_t Cells::hash() const {
  uint64_t all = 1;
  for (const auto& sector : sectors_) {
    if (sector->hash == 0) {
      uint64_t value = 7;
      const auto add = [&value](const uint8_t* bytes, size_t count) {
        for (size_t i = 0; i < count; i += 8) {
          uint64_t word = 0;
          std::memcpy(&word, bytes + i, std::min<size_t>(8, count - i));
          value = mixed(value, word);
        }
      };
      add(sector->bytes.data(), sector->bytes.size());
      add(reinterpret_cast<const uint8_t*>(sector->granules.data()), sector->granules.size());
      if (sector->unsound != 0) add(sector->other.data(), sector->other.size());
      sector->hash = value;
    }
    all = mixed(all, sector->hash);
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
