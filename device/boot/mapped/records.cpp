// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/records.hpp"

#include "device/boot/mapped/reader.hpp"
#include "device/storage/crc32.hpp"

namespace tailor::boot::mapped {
namespace {

constexpr uint8_t kMagic[] = {'T', 'L', 'R', 'S'};
constexpr uint8_t kVersion = 1;
constexpr uint8_t kKindPut = 0x51;
constexpr uint8_t kKindErase = 0x2e;
constexpr uint32_t kBankHeaderBytes = 24;
constexpr uint32_t kRecordHeaderBytes = 12;

/// The generation of a bank; 0 when it has none.
uint64_t generation_of(ByteView bank) noexcept {
  const bool whole = same(bank.data(), kMagic, sizeof kMagic) && bank[4] == kVersion &&
                     get_le<uint32_t>(&bank[20]) == crc32(bank.first(20)) && get_le<uint32_t>(&bank[16]) == bank.size();
  return whole ? get_le<uint64_t>(&bank[8]) : 0;
}

/// Bytes of the record at the start of what is left of a bank; 0 when it is none.
uint32_t record_bytes(ByteView left) noexcept {
  if (left.size() < kRecordHeaderBytes) return 0;
  const uint32_t length = get_le<uint16_t>(&left[4]);
  const bool sane = (left[0] == kKindPut || left[0] == kKindErase) && left[1] == kVersion && left[7] == 0 &&
                    length <= left.size() - kRecordHeaderBytes;
  if (!sane) return 0;
  Crc32 crc;
  crc.update(left.first(8));
  crc.update(left.subspan(kRecordHeaderBytes, length));
  return crc.value() == get_le<uint32_t>(&left[8]) ? kRecordHeaderBytes + length : 0;
}

}  // namespace

Result<ByteView> find_record(ByteView store, uint32_t granule_bytes, uint16_t id) noexcept {
  const size_t half = store.size() / 2;
  ByteView bank = store.first(half);
  const ByteView other = store.subspan(half);
  if (generation_of(other) > generation_of(bank)) bank = other;
  if (generation_of(bank) == 0) return Error::kRecordMalformed;

  const auto round_up = [granule_bytes](uint32_t bytes) { return (bytes + granule_bytes - 1) & ~(granule_bytes - 1); };
  bank = bank.subspan(round_up(kBankHeaderBytes));
  ByteView found;    // in what counts
  ByteView pending;  // in a batch that may not be whole
  bool changed = false;
  unsigned left = 0;
  for (;;) {
    const uint32_t bytes = record_bytes(bank);
    if (bytes == 0 || (left != 0 && bank[6] != left - 1)) break;
    left = bank[6];
    if (get_le<uint16_t>(&bank[2]) == id) {
      pending = bank[0] == kKindPut ? bank.subspan(kRecordHeaderBytes, bytes - kRecordHeaderBytes) : ByteView{};
      changed = true;
    }
    if (left == 0 && changed) found = pending;
    if (left == 0) changed = false;
    if (round_up(bytes) >= bank.size()) break;
    bank = bank.subspan(round_up(bytes));
  }
  if (found.empty()) return Error::kNotFound;
  return found;
}

}  // namespace tailor::boot::mapped
