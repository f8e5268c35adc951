// SPDX-License-Identifier: Apache-2.0
// An IP address with a port, IPv4 or IPv6: what a datagram comes from and goes to. Small, comparable and hashable, so
// that servers key their peers by it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor::net {

class UdpAddress {
 public:
  UdpAddress() = default;  ///< "[::]:0"
  /// Reads "127.0.0.1:5683", "[::1]:5683" or "[fe80::1%eth0]:5683"; no names.
  ///
  /// @returns kUsageInvalid
  [[nodiscard]] static Outcome<UdpAddress> from_text(std::string_view text);
  /// Takes what the operating system filled; IPv4 addresses mapped into IPv6 become IPv4.
  [[nodiscard]] static UdpAddress from_system(const sockaddr_storage& address);
  /// Looks a host name up, IPv6 or IPv4 as the system prefers. Blocks.
  ///
  /// @returns kNetworkFailed
  [[nodiscard]] static Outcome<UdpAddress> resolve(const std::string& host, uint16_t port);

  [[nodiscard]] bool is_v4() const noexcept { return v4_; }
  [[nodiscard]] uint16_t port() const noexcept { return port_; }
  void set_port(uint16_t port) noexcept { port_ = port; }
  /// "127.0.0.1:5683" or "[::1]:5683".
  [[nodiscard]] std::string to_text() const;
  /// Fills the system's form; IPv4 is mapped into IPv6 when the socket is an IPv6 one. @returns its length
  [[nodiscard]] socklen_t to_system(sockaddr_storage& out, bool as_v6) const noexcept;
  /// Family, address and port in one row, e.g. for the cookie of a handshake. Lives as long as this object.
  [[nodiscard]] std::array<uint8_t, 19> key() const noexcept;

  friend bool operator==(const UdpAddress&, const UdpAddress&) = default;

 private:
  std::array<uint8_t, 16> ip_{};  ///< the first four for IPv4
  uint32_t scope_ = 0;
  uint16_t port_ = 0;
  bool v4_ = false;
};

}  // namespace tailor::net

template <>
struct std::hash<tailor::net::UdpAddress> {
  size_t operator()(const tailor::net::UdpAddress& address) const noexcept {
    const auto key = address.key();
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(key.data()), key.size()});
  }
};
