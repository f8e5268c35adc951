// SPDX-License-Identifier: Apache-2.0
// See jumpers.hpp.
#include "ports/mps2_an385/jumpers.hpp"

#include <algorithm>

#include "ports/mps2_an385/semihosting.hpp"

namespace tailor::mps2 {

Jumpers::Jumpers() noexcept {
  if (!semihosting::command_line(line_.data(), line_.size())) line_.front() = '\0';
  std::replace(line_.begin(), line_.end(), ' ', '\0');
  line_.back() = '\0';
}

std::string_view Jumpers::text(std::string_view name) const noexcept {
  for (size_t at = 0; at < line_.size();) {
    const std::string_view word(line_.data() + at);
    if (word.size() > name.size() && word.substr(0, name.size()) == name && word[name.size()] == '=') {
      return word.substr(name.size() + 1);
    }
    at += word.size() + 1;
  }
  return {};
}

uint32_t Jumpers::number(std::string_view name, uint32_t otherwise) const noexcept {
  const std::string_view digits = text(name);
  uint32_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return otherwise;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return digits.empty() ? otherwise : value;
}

}  // namespace tailor::mps2
