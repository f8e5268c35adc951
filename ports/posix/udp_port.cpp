// SPDX-License-Identifier: Apache-2.0
// See udp_port.hpp.
#include "ports/posix/udp_port.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tailor::posix {
namespace {

constexpr uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

uint64_t monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

bool is_mapped(const tailor_endpoint_t& endpoint) {
  return std::memcmp(endpoint.address, kMappedPrefix, sizeof kMappedPrefix) == 0;
}

/// @returns 0 when the endpoint cannot be reached with this family
socklen_t to_native(const tailor_endpoint_t& endpoint, bool ipv6, sockaddr_storage& native) {
  native = {};
  if (ipv6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(native);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address, 16);
    return sizeof address;
  }
  if (!is_mapped(endpoint)) return 0;
  auto& address = reinterpret_cast<sockaddr_in&>(native);
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address + 12, 4);
  return sizeof address;
}

tailor_endpoint_t from_native(const sockaddr_storage& native) {
  tailor_endpoint_t endpoint{};
  if (native.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(native);
    std::memcpy(endpoint.address, &address.sin6_addr, 16);
    endpoint.port = ntohs(address.sin6_port);
  } else {
    const auto& address = reinterpret_cast<const sockaddr_in&>(native);
    std::memcpy(endpoint.address, kMappedPrefix, sizeof kMappedPrefix);
    std::memcpy(endpoint.address + 12, &address.sin_addr, 4);
    endpoint.port = ntohs(address.sin_port);
  }
  return endpoint;
}

bool literal(const std::string& text, tailor_endpoint_t& endpoint) {
  if (::inet_pton(AF_INET6, text.c_str(), endpoint.address) == 1) return true;
  if (::inet_pton(AF_INET, text.c_str(), endpoint.address + 12) != 1) return false;
  std::memcpy(endpoint.address, kMappedPrefix, sizeof kMappedPrefix);
  return true;
}

}  // namespace

UdpPort::~UdpPort() {
  if (socket_ >= 0) ::close(socket_);
}

Status UdpPort::open(const std::string& address, uint16_t port) {
  if (socket_ >= 0) ::close(socket_);
  address_ = address;
  tailor_endpoint_t local{};
  local.port = port;
  if (!address.empty() && !literal(address, local)) return Error::kNetworkFailed;
  ipv6_ = true;
  socket_ = ::socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ >= 0) {
    const int off = 0;
    if (::setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) return Error::kNetworkFailed;
  } else {
    ipv6_ = false;
    if (address.empty()) std::memcpy(local.address, kMappedPrefix, sizeof kMappedPrefix);
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return Error::kNetworkFailed;
  }
  sockaddr_storage native{};
  const socklen_t length = to_native(local, ipv6_, native);
  if (length == 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&native), length) != 0) {
    return Error::kNetworkFailed;
  }
  port_ = {this,
           [](void* self, const tailor_endpoint_t* to, const uint8_t* bytes, size_t size) {
             return static_cast<UdpPort*>(self)->send(*to, bytes, size);
           },
           [](void* self, uint8_t* bytes, size_t capacity, size_t* size, tailor_endpoint_t* from) {
             return static_cast<UdpPort*>(self)->receive(bytes, capacity, *size, *from);
           },
           [](void* self, uint64_t deadline_ms) { return static_cast<UdpPort*>(self)->wait(deadline_ms); },
           [](void* self, const char* host, size_t size, uint16_t number, tailor_endpoint_t* found) {
             return static_cast<UdpPort*>(self)->resolve(std::string(host, size), number, *found);
           },
           [](void* self) {
             auto* udp = static_cast<UdpPort*>(self);
             return udp->open(std::string(udp->address_), 0).ok() ? TAILOR_PORT_OK : TAILOR_PORT_FAILED;
           }};
  return kOk;
}

uint16_t UdpPort::local_port() const {
  sockaddr_storage native{};
  socklen_t length = sizeof native;
  if (socket_ < 0 || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&native), &length) != 0) return 0;
  return from_native(native).port;
}

tailor_port_status_t UdpPort::send(const tailor_endpoint_t& to, const uint8_t* bytes, size_t length) const {
  sockaddr_storage native{};
  const socklen_t size = to_native(to, ipv6_, native);
  if (size == 0) return TAILOR_PORT_FAILED;
  if (::sendto(socket_, bytes, length, 0, reinterpret_cast<const sockaddr*>(&native), size) >= 0) return TAILOR_PORT_OK;
  if (errno == EMSGSIZE) return TAILOR_PORT_CONTRACT;
  return errno == EAGAIN || errno == ENOBUFS || errno == EINTR ? TAILOR_PORT_WAIT : TAILOR_PORT_FAILED;
}

tailor_port_status_t UdpPort::receive(uint8_t* bytes, size_t capacity, size_t& length, tailor_endpoint_t& from) const {
  sockaddr_storage native{};
  socklen_t size = sizeof native;
  const ssize_t count = ::recvfrom(socket_, bytes, capacity, MSG_TRUNC, reinterpret_cast<sockaddr*>(&native), &size);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? TAILOR_PORT_WAIT : TAILOR_PORT_FAILED;
  if (static_cast<size_t>(count) > capacity) return TAILOR_PORT_CONTRACT;
  length = static_cast<size_t>(count);
  from = from_native(native);
  return TAILOR_PORT_OK;
}

tailor_port_status_t UdpPort::wait(uint64_t deadline_ms) const {
  pollfd waiting{socket_, POLLIN, 0};
  int timeout = -1;
  if (deadline_ms != UINT64_MAX) {
    const uint64_t now = monotonic_ms();
    timeout = now >= deadline_ms ? 0 : static_cast<int>(std::min<uint64_t>(deadline_ms - now, 3'600'000));
  }
  const int ready = ::poll(&waiting, 1, timeout);
  if (ready < 0) return errno == EINTR ? TAILOR_PORT_OK : TAILOR_PORT_FAILED;
  if (ready > 0) return TAILOR_PORT_OK;
  return monotonic_ms() >= deadline_ms ? TAILOR_PORT_WAIT : TAILOR_PORT_OK;
}

tailor_port_status_t UdpPort::resolve(const std::string& host, uint16_t port, tailor_endpoint_t& found) const {
  tailor_endpoint_t endpoint{};
  endpoint.port = port;
  if (literal(host, endpoint)) {
    found = endpoint;
    return TAILOR_PORT_OK;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_family = ipv6_ ? AF_UNSPEC : AF_INET;
  addrinfo* list = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (result != 0 || list == nullptr) return result == EAI_AGAIN ? TAILOR_PORT_WAIT : TAILOR_PORT_FAILED;
  sockaddr_storage native{};
  std::memcpy(&native, list->ai_addr, std::min<size_t>(list->ai_addrlen, sizeof native));
  ::freeaddrinfo(list);
  endpoint = from_native(native);
  endpoint.port = port;
  found = endpoint;
  return TAILOR_PORT_OK;
}

}  // namespace tailor::posix
