// SPDX-License-Identifier: Apache-2.0
// See crc32.hpp. Half-byte table: 64 bytes of constants, a third of the speed of the 1 KiB table.
#include "device/storage/crc32.hpp"

#include <array>

namespace tailor {
namespace {

consteval std::array<uint32_t, 16> make_table() {
  std::array<uint32_t, 16> table{};
  for (uint32_t i = 0; i < 16; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 4; ++bit) value = (value & 1U) != 0 ? (value >> 1U) ^ 0xedb88320U : value >> 1U;
    table[i] = value;
  }
  return table;
}
constexpr std::array<uint32_t, 16> kTable = make_table();

}  // namespace

void Crc32::update(ByteView bytes) noexcept {
  for (const uint8_t byte : bytes) {
    state_ = kTable[(state_ ^ byte) & 0xfU] ^ (state_ >> 4U);
    state_ = kTable[(state_ ^ (byte >> 4U)) & 0xfU] ^ (state_ >> 4U);
  }
}

uint32_t crc32(ByteView bytes) noexcept {
  Crc32 crc;
  crc.update(bytes);
  return crc.value();
}

}  // namespace tailor
