// SPDX-License-Identifier: Apache-2.0
// CRC-32 over flash records. It tells torn and worn records from whole ones; it is no protection against an attacker.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace tailor {

/// CRC-32/ISO-HDLC (polynomial 0x04c11db7 reflected; the one of Ethernet and zip), over bytes that arrive in pieces.
class Crc32 {
 public:
  void update(ByteView bytes) noexcept;
  [[nodiscard]] uint32_t value() const noexcept { return ~state_; }

 private:
  uint32_t state_ = 0xffffffffU;
};

/// The CRC-32 of one piece.
[[nodiscard]] uint32_t crc32(ByteView bytes) noexcept;

}  // namespace tailor
