// SPDX-License-Identifier: Apache-2.0
// The two URIs that a device meets: a server's address, and a payload's reference in a manifest. Nothing of RFC 3986
// beyond what these need.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace tailor::agent {

/// Default port of coaps (RFC 7252 12.8).
inline constexpr uint16_t kCoapsPort = 5684;

/// "coaps://host[:port][/path]", taken apart. Views into the text.
struct CoapsUri {
  std::string_view host;  ///< a literal IPv6 address is without its brackets
  uint16_t port = kCoapsPort;
  std::string_view path;  ///< with its slash and query; empty when there is none

  [[nodiscard]] bool same_server(const CoapsUri& other) const noexcept {
    return host == other.host && port == other.port;
  }
};

/// @returns kValueOutOfRange for another scheme, no host, a port that is none, user information or a fragment
[[nodiscard]] Result<CoapsUri> parse_coaps_uri(std::string_view text) noexcept;

/// Whether a payload's reference has to be resolved against the server that delivered the manifest: "/img/<d>".
[[nodiscard]] constexpr bool is_relative(std::string_view reference) noexcept {
  return !reference.empty() && reference.front() == '/';
}
/// Whether it names a payload inside the envelope: "#name".
[[nodiscard]] constexpr bool is_integrated(std::string_view reference) noexcept {
  return !reference.empty() && reference.front() == '#';
}

}  // namespace tailor::agent
