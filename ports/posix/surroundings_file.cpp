// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/surroundings_file.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace tailor::posix {
namespace {

SurroundingsFile& self(void* context) {
  return *static_cast<SurroundingsFile*>(context);
}

template <typename T>
bool take_number(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

std::string to_hex(const uint8_t* bytes, size_t length) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < length; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
  return out;
}

}  // namespace

SurroundingsFile::SurroundingsFile(std::string path, std::optional<int32_t> local_offset_s)
    : path_(std::move(path)), local_offset_s_(local_offset_s) {
  port_.context = this;
  if (local_offset_s_.has_value()) {
    port_.local_offset_seconds = [](void* context, int32_t* offset) {
      *offset = *self(context).local_offset_s_;
      return TAILOR_PORT_OK;
    };
  }
  if (path_.empty()) return;
  port_.power = [](void* context, bool* present) {
    const auto said = self(context).find("power");
    if (said != "on" && said != "off") return TAILOR_PORT_WAIT;
    *present = said == "on";
    return TAILOR_PORT_OK;
  };
  port_.battery_mwh = [](void* context, uint64_t* left) {
    const auto said = self(context).find("battery");
    std::string_view rest = said.has_value() ? std::string_view(*said) : std::string_view();
    return take_number(rest, *left) && rest.empty() ? TAILOR_PORT_OK : TAILOR_PORT_WAIT;
  };
  port_.other_version = [](void* context, const uint8_t* id, size_t length, int64_t* parts, size_t* count) {
    const auto said = self(context).find("device " + to_hex(id, length));
    std::string_view rest = said.has_value() ? std::string_view(*said) : std::string_view();
    for (*count = 0; *count < TAILOR_VERSION_PARTS; rest.remove_prefix(1)) {
      if (!take_number(rest, parts[*count])) break;
      ++*count;
      if (rest.empty()) return TAILOR_PORT_OK;
      if (rest[0] != '.') break;
    }
    return TAILOR_PORT_WAIT;
  };
}

/// What follows the name on its line.
std::optional<std::string> SurroundingsFile::find(const std::string& name) const {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    line = line.substr(0, line.find('#'));
    std::istringstream words(line);
    std::string joined, word, last;
    while (words >> word) {
      if (!last.empty()) joined += (joined.empty() ? "" : " ") + last;
      last = word;
    }
    if (joined == name) return last;
  }
  return std::nullopt;
}

}  // namespace tailor::posix
