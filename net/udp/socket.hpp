// SPDX-License-Identifier: Apache-2.0
// A UDP socket of its own, blocking with a deadline: for clients and tests. Servers use UdpFront.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "hosted/failure.hpp"
#include "net/udp/address.hpp"

namespace tailor::net {

/// The system's monotonic clock, which all of net/ runs by.
[[nodiscard]] MonotonicMs monotonic_now() noexcept;

class UdpSocket {
 public:
  /// Opens a socket that talks to one peer only.
  [[nodiscard]] static Outcome<UdpSocket> connect(const UdpAddress& peer);
  /// Opens a socket on an address of this machine, port 0 for any free one.
  [[nodiscard]] static Outcome<UdpSocket> bind(const UdpAddress& local);
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&&) = delete;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  /// Sends to the peer of connect().
  /// @returns kNetworkFailed; a peer that is not there is no error, the datagram is lost
  [[nodiscard]] Outcome<void> send(ByteView datagram);
  [[nodiscard]] Outcome<void> send_to(const UdpAddress& to, ByteView datagram);
  /// Waits for a datagram until `deadline` (monotonic_now()).
  ///
  /// @param from  receives the sender, unless null
  /// @returns the datagram, a view of `buffer`; kTimeout; kDatagramTooLarge when it was cut (and is gone)
  [[nodiscard]] Outcome<ByteView> receive(MutableBytes buffer, MonotonicMs deadline, UdpAddress* from = nullptr);
  /// The address of this end.
  [[nodiscard]] Outcome<UdpAddress> local() const;
  [[nodiscard]] int descriptor() const noexcept { return fd_; }

 private:
  UdpSocket(int fd, bool v6) : fd_(fd), v6_(v6) {}
  int fd_ = -1;
  bool v6_ = false;
};

}  // namespace tailor::net
