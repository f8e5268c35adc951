// SPDX-License-Identifier: Apache-2.0
// Datagrams of the posix port: one non-blocking UDP socket, IPv6 that takes IPv4 too (or IPv4 alone where the machine
// has no IPv6). Knows neither CoAP nor DTLS.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "tailor/port/datagram.h"

namespace tailor::posix {

class UdpPort {
 public:
  UdpPort() = default;
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  /// Opens the socket.
  ///
  /// @param address  literal to bind to; empty: every address
  /// @param port     0: one that is free
  /// @returns kNetworkFailed
  [[nodiscard]] Status open(const std::string& address = {}, uint16_t port = 0);
  /// The port that is bound; 0 when none is.
  [[nodiscard]] uint16_t local_port() const;

  /// @pre open(); the object stays where it is
  [[nodiscard]] const tailor_datagram_t& port() const noexcept { return port_; }

 private:
  [[nodiscard]] tailor_port_status_t send(const tailor_endpoint_t& to, const uint8_t* bytes, size_t length) const;
  [[nodiscard]] tailor_port_status_t receive(uint8_t* bytes, size_t capacity, size_t& length,
                                             tailor_endpoint_t& from) const;
  [[nodiscard]] tailor_port_status_t wait(uint64_t deadline_ms) const;
  [[nodiscard]] tailor_port_status_t resolve(const std::string& host, uint16_t port, tailor_endpoint_t& found) const;

  int socket_ = -1;
  bool ipv6_ = true;
  std::string address_;
  tailor_datagram_t port_{};
};

}  // namespace tailor::posix
