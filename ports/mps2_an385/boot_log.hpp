// SPDX-License-Identifier: Apache-2.0
// The boot program's one line of log, written piece by piece: no buffer, and errors by their numbers (docs/errors.md),
// since names would be a tenth of the program.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::mps2 {

/// "0.000 info boot.start slot=A sequence=1", as the firmware's log has it; ends the line when it goes.
class BootLog {
 public:
  BootLog(const char* level, const char* event) noexcept;
  ~BootLog();
  BootLog(const BootLog&) = delete;
  BootLog& operator=(const BootLog&) = delete;
  BootLog& text(const char* key, const char* value) noexcept;
  BootLog& number(const char* key, uint64_t value) noexcept;
  BootLog& digest(const char* key, ByteView octets) noexcept;
};

}  // namespace tailor::mps2
