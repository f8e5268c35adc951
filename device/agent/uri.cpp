// SPDX-License-Identifier: Apache-2.0
#include "device/agent/uri.hpp"

namespace tailor::agent {
namespace {

constexpr std::string_view kScheme = "coaps://";

Result<uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5) return Error::kValueOutOfRange;
  uint32_t port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return Error::kValueOutOfRange;
    port = port * 10 + static_cast<uint32_t>(c - '0');
  }
  if (port == 0 || port > UINT16_MAX) return Error::kValueOutOfRange;
  return static_cast<uint16_t>(port);
}

}  // namespace

Result<CoapsUri> parse_coaps_uri(std::string_view text) noexcept {
  if (slice(text, 0, kScheme.size()) != kScheme) return Error::kValueOutOfRange;
  text.remove_prefix(kScheme.size());
  if (text.find('#') != std::string_view::npos) return Error::kValueOutOfRange;

  CoapsUri uri;
  const size_t path = text.find('/');
  std::string_view authority = slice(text, 0, path);
  if (path != std::string_view::npos) uri.path = slice(text, path);
  if (authority.find('@') != std::string_view::npos) return Error::kValueOutOfRange;

  if (!authority.empty() && authority.front() == '[') {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return Error::kValueOutOfRange;
    uri.host = slice(authority, 1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    const size_t colon = authority.find(':');
    uri.host = slice(authority, 0, colon);
    authority = colon == std::string_view::npos ? std::string_view() : slice(authority, colon);
  }
  if (uri.host.empty()) return Error::kValueOutOfRange;
  if (authority.empty()) return uri;
  if (authority.front() != ':') return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(uri.port, parse_port(slice(authority, 1)));
  return uri;
}

}  // namespace tailor::agent
