// SPDX-License-Identifier: Apache-2.0
// POSIX sockets.
#include "net/udp/socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <utility>

namespace tailor::net {
namespace {

Failure system_failure(const std::string& what) {
  return fail(Error::kNetworkFailed, what + ": " + std::strerror(errno));
}

/// What the network says of an earlier datagram: it is lost, and this one may be too.
bool is_loss(int error) {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EAGAIN || error == ENOBUFS;
}

}  // namespace

MonotonicMs monotonic_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<MonotonicMs>(time.tv_sec) * 1000 + static_cast<MonotonicMs>(time.tv_nsec) / 1'000'000;
}

Outcome<UdpSocket> UdpSocket::connect(const UdpAddress& peer) {
  const int fd = ::socket(peer.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_failure("socket");
  UdpSocket socket(fd, !peer.is_v4());
  sockaddr_storage address{};
  const socklen_t length = peer.to_system(address, !peer.is_v4());
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    return system_failure("connect " + peer.to_text());
  }
  return Outcome<UdpSocket>(std::move(socket));
}

Outcome<UdpSocket> UdpSocket::bind(const UdpAddress& local) {
  const int fd = ::socket(local.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_failure("socket");
  UdpSocket socket(fd, !local.is_v4());
  sockaddr_storage address{};
  const socklen_t length = local.to_system(address, !local.is_v4());
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) return system_failure("bind " + local.to_text());
  return Outcome<UdpSocket>(std::move(socket));
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), v6_(other.v6_) {}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Outcome<void> UdpSocket::send(ByteView datagram) {
  if (::send(fd_, datagram.data(), datagram.size(), 0) < 0 && !is_loss(errno)) return system_failure("send");
  return kOk;
}

Outcome<void> UdpSocket::send_to(const UdpAddress& to, ByteView datagram) {
  sockaddr_storage address{};
  const socklen_t length = to.to_system(address, v6_);
  if (::sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&address), length) < 0 &&
      !is_loss(errno)) {
    return system_failure("send to " + to.to_text());
  }
  return kOk;
}

Outcome<ByteView> UdpSocket::receive(MutableBytes buffer, MonotonicMs deadline, UdpAddress* from) {
  while (true) {
    const MonotonicMs now = monotonic_now();
    const MonotonicMs left = deadline > now ? deadline - now : 0;
    pollfd waiting{fd_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<MonotonicMs>(left, INT_MAX)));
    if (ready == 0) {
      if (deadline > monotonic_now()) continue;
      return fail(Error::kTimeout, "no datagram in time");
    }
    if (ready < 0) {
      if (errno == EINTR) continue;
      return system_failure("poll");
    }
    sockaddr_storage address{};
    iovec piece{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof(address);
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const ssize_t size = ::recvmsg(fd_, &message, MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EINTR || is_loss(errno)) continue;
      return system_failure("receive");
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) return fail(Error::kDatagramTooLarge);
    if (from != nullptr) *from = UdpAddress::from_system(address);
    return ByteView{buffer.first(static_cast<size_t>(size))};
  }
}

Outcome<UdpAddress> UdpSocket::local() const {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return system_failure("getsockname");
  return UdpAddress::from_system(address);
}

}  // namespace tailor::net
