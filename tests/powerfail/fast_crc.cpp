// SPDX-License-Identifier: Apache-2.0
// CRC-32 for the simulator, linked in place of device/storage/crc32.cpp: eight bytes at a time, where the product has a
// table of 64 bytes. Half the time of the proof went there. powerfail.test.cpp compares it with the definition.
#include <array>
#include <cstring>

#include "device/storage/crc32.hpp"

namespace tailor {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

consteval Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1U) ^ 0xedb88320U : value >> 1U;
    tables[0][i] = value;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (size_t t = 1; t < 8; ++t) tables[t][i] = (tables[t - 1][i] >> 8U) ^ tables[0][tables[t - 1][i] & 0xffU];
  }
  return tables;
}
constexpr Tables kTables = make_tables();

}  // namespace

void Crc32::update(ByteView bytes) noexcept {
  uint32_t state = state_;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    uint32_t next = 0;
    for (size_t i = 0; i < 4; ++i) next ^= kTables[7 - i][bytes[i] ^ (state >> (8 * i) & 0xffU)];
    for (size_t i = 4; i < 8; ++i) next ^= kTables[7 - i][bytes[i]];
    state = next;
  }
  for (const uint8_t byte : bytes) state = kTables[0][(state ^ byte) & 0xffU] ^ (state >> 8U);
  state_ = state;
}

uint32_t crc32(ByteView bytes) noexcept {
  Crc32 crc;
  crc.update(bytes);
  return crc.value();
}

}  // namespace tailor
