// SPDX-License-Identifier: Apache-2.0
#include "testing/vectors/vectors.hpp"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tailor::testing {
namespace {

unsigned digit(char c) {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

}  // namespace

std::optional<std::filesystem::path> vectors_folder() {
  std::filesystem::path folder;
  if (const char* named = std::getenv("TAILOR_VECTORS")) {
    folder = named;
  } else if (const char* source = std::getenv("TAILOR_SOURCE_DIR")) {
    folder = std::filesystem::path(source) / "../shared/vectors";
  }
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::is_directory(folder, ignored)) return std::nullopt;
  return folder;
}

Octets read_octets(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return Octets(std::istreambuf_iterator<char>(in), {});
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Octets from_hex(std::string_view digits) {
  Octets out;
  int high = -1;
  for (const char c : digits) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    if (high < 0) {
      high = static_cast<int>(digit(c));
    } else {
      out.push_back(static_cast<uint8_t>(static_cast<unsigned>(high) * 16U + digit(c)));
      high = -1;
    }
  }
  return out;
}

Octets from_base64url(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Octets out;
  unsigned bits = 0;
  uint32_t value = 0;
  for (const char c : text) {
    const size_t index = kAlphabet.find(c);
    if (index == std::string_view::npos) continue;
    value = (value << 6U) | static_cast<uint32_t>(index);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<uint8_t>(value >> bits));
    }
  }
  return out;
}

std::vector<std::string> json_texts(std::string_view document, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + '"';
  std::vector<std::string> found;
  for (size_t at = document.find(quoted); at != std::string_view::npos; at = document.find(quoted, at + 1)) {
    size_t colon = document.find_first_not_of(" \t\r\n", at + quoted.size());
    if (colon == std::string_view::npos || document[colon] != ':') continue;
    const size_t open = document.find_first_not_of(" \t\r\n", colon + 1);
    if (open == std::string_view::npos || document[open] != '"') continue;
    const size_t close = document.find('"', open + 1);
    if (close == std::string_view::npos) break;
    found.emplace_back(document.substr(open + 1, close - open - 1));
  }
  return found;
}

}  // namespace tailor::testing
