// SPDX-License-Identifier: Apache-2.0
#include "device/agent/log.hpp"

#include <algorithm>

namespace tailor::agent {

LogLine::~LogLine() {
  if (log_ != nullptr && log_->write != nullptr) log_->write(log_->context, level_, event_, line_.data(), length_);
}

LogLine& LogLine::text(std::string_view name, std::string_view value) noexcept {
  key(name);
  for (const char c : value) {
    const char kept = c > ' ' && c < 0x7f && c != '"' && c != '\\' ? c : '_';
    put({&kept, 1});
  }
  return *this;
}

LogLine& LogLine::number(std::string_view name, uint64_t value) noexcept {
  std::array<char, 20> digits{};
  size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  key(name);
  put({digits.data() + at, digits.size() - at});
  return *this;
}

LogLine& LogLine::uuid(std::string_view name, const Uuid& value) noexcept {
  const auto text_form = value.to_text();
  key(name);
  put({text_form.data(), text_form.size()});
  return *this;
}

LogLine& LogLine::digest(std::string_view name, ByteView value) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  key(name);
  for (const uint8_t byte : value.first(std::min<size_t>(value.size(), 8))) {
    const char pair[2] = {kDigits[byte >> 4U], kDigits[byte & 15U]};
    put({pair, 2});
  }
  return *this;
}

void LogLine::put(std::string_view text) noexcept {
  const size_t count = std::min(text.size(), line_.size() - length_);
  std::copy_n(text.data(), count, line_.data() + length_);
  length_ += count;
}

void LogLine::key(std::string_view name) noexcept {
  if (length_ != 0) put(" ");
  put(name);
  put("=");
}

}  // namespace tailor::agent
