// SPDX-License-Identifier: Apache-2.0
// What a board would have as jumpers and soldered parts, the emulator has on its command line: -semihosting-config
// arg=NAME=VALUE, one after the other, without blanks in them.
#pragma once

#include <array>
#include <string_view>

namespace tailor::mps2 {

class Jumpers {
 public:
  /// Reads the command line.
  Jumpers() noexcept;
  /// The text after NAME=, NUL-terminated in place; empty when there is none.
  [[nodiscard]] std::string_view text(std::string_view name) const noexcept;
  /// The same as a number; `otherwise` when there is none.
  [[nodiscard]] uint32_t number(std::string_view name, uint32_t otherwise) const noexcept;

 private:
  std::array<char, 256> line_{};
};

}  // namespace tailor::mps2
