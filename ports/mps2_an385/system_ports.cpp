// SPDX-License-Identifier: Apache-2.0
// See system_ports.hpp.
#include "ports/mps2_an385/system_ports.hpp"

#include <algorithm>
#include <cstring>

#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/watchdog.hpp"

namespace tailor::mps2 {
namespace {

/// A line of log while it is put together.
class Line {
 public:
  void put(const char* text, size_t length) noexcept {
    const size_t count = std::min(length, text_.size() - 2 - length_);
    // One line stays one line, whatever a peer's text holds.
    std::transform(text, text + count, text_.data() + length_,
                   [](char c) { return static_cast<unsigned char>(c) < ' ' ? ' ' : c; });
    length_ += count;
  }
  void put(const char* text) noexcept { put(text, std::strlen(text)); }
  void number(uint32_t value, size_t digits) noexcept {
    std::array<char, 10> decimal;
    size_t at = decimal.size();
    for (; value != 0 || decimal.size() - at < digits; value /= 10) decimal[--at] = static_cast<char>('0' + value % 10);
    put(decimal.data() + at, decimal.size() - at);
  }
  void print() noexcept {
    text_[length_] = '\n';
    text_[length_ + 1] = '\0';
    semihosting::print(text_.data());
  }

 private:
  std::array<char, 320> text_;
  size_t length_ = 0;
};

void write_line(void*, tailor_log_level_t level, const char* event, const char* text, size_t length) {
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  if (level > TAILOR_LOG_ERROR) return;
  Line line;
  const auto now = static_cast<uint32_t>(uptime_ms());
  line.number(now / 1000, 1);
  line.put(".");
  line.number(now % 1000, 3);
  line.put(" ");
  line.put(kNames[level]);
  line.put(" ");
  line.put(event);
  line.put(" ", length > 0 ? 1 : 0);
  line.put(text, length);
  line.print();
}

}  // namespace

const tailor_time_t time_port = {nullptr, [](void*) { return uptime_ms(); },
                                 [](void*, uint64_t* seconds) {
                                   *seconds = semihosting::seconds();
                                   return *seconds == 0 ? TAILOR_PORT_WAIT : TAILOR_PORT_OK;
                                 }};

const tailor_entropy_t entropy_port = {
    nullptr, [](void*, uint8_t* bytes, size_t length) {
      const int32_t file = semihosting::open("/dev/urandom", semihosting::OpenMode::kRead);
      const bool filled = file >= 0 && semihosting::read(file, bytes, static_cast<uint32_t>(length));
      if (file >= 0) semihosting::close(file);
      if (filled) return TAILOR_PORT_OK;
      std::memset(bytes, 0, length);
      return TAILOR_PORT_FAILED;
    }};

Status fill_random(MutableBytes bytes) noexcept {
  const bool filled = entropy_port.fill(entropy_port.context, bytes.data(), bytes.size()) == TAILOR_PORT_OK;
  if (!filled) return Error::kEntropyFailed;
  return kOk;
}

const tailor_log_t log_port = {nullptr, &write_line};

const tailor_reboot_t reboot_port = {nullptr,
                                     [](void*, tailor_reboot_kind_t) -> tailor_port_status_t { reset_system(); },
                                     [](void*) {
                                       kick_watchdog();
                                       return TAILOR_PORT_OK;
                                     }};

}  // namespace tailor::mps2
