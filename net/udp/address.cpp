// SPDX-License-Identifier: Apache-2.0
// Address conversions; the only place that knows sockaddr_in and sockaddr_in6.
#include "net/udp/address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tailor::net {

Outcome<UdpAddress> UdpAddress::from_text(std::string_view text) {
  const auto invalid = [&] { return fail(Error::kUsageInvalid, "address '" + std::string(text) + "'"); };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid();
  const std::string_view digits = text.substr(colon + 1);
  UdpAddress address;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port_);
  if (error != std::errc{} || end != digits.data() + digits.size()) return invalid();
  std::string host(text.substr(0, colon));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (const size_t percent = host.find('%'); percent != std::string::npos) {
      address.scope_ = if_nametoindex(host.c_str() + percent + 1);
      if (address.scope_ == 0) return invalid();
      host.resize(percent);
    }
    if (inet_pton(AF_INET6, host.c_str(), address.ip_.data()) != 1) return invalid();
  } else {
    address.v4_ = true;
    if (inet_pton(AF_INET, host.c_str(), address.ip_.data()) != 1) return invalid();
  }
  return address;
}

UdpAddress UdpAddress::from_system(const sockaddr_storage& storage) {
  UdpAddress address;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof(v4));
    address.v4_ = true;
    address.port_ = ntohs(v4.sin_port);
    std::memcpy(address.ip_.data(), &v4.sin_addr, 4);
    return address;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof(v6));
  address.port_ = ntohs(v6.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    address.v4_ = true;
    std::memcpy(address.ip_.data(), v6.sin6_addr.s6_addr + 12, 4);
  } else {
    address.scope_ = v6.sin6_scope_id;
    std::memcpy(address.ip_.data(), &v6.sin6_addr, 16);
  }
  return address;
}

Outcome<UdpAddress> UdpAddress::resolve(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return fail(Error::kNetworkFailed, host + ": " + gai_strerror(error));
  sockaddr_storage storage{};
  std::memcpy(&storage, found->ai_addr, std::min<size_t>(found->ai_addrlen, sizeof(storage)));
  freeaddrinfo(found);
  UdpAddress address = from_system(storage);
  address.port_ = port;
  return address;
}

std::string UdpAddress::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, ip_.data(), text.data(), text.size());
  const std::string port = ":" + std::to_string(port_);
  if (v4_) return text.data() + port;
  std::array<char, IF_NAMESIZE> name{};
  const bool scoped = scope_ != 0 && if_indextoname(scope_, name.data()) != nullptr;
  return std::string("[") + text.data() + (scoped ? std::string("%") + name.data() : "") + "]" + port;
}

socklen_t UdpAddress::to_system(sockaddr_storage& out, bool as_v6) const noexcept {
  out = {};
  if (v4_ && !as_v6) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port_);
    std::memcpy(&v4.sin_addr, ip_.data(), 4);
    std::memcpy(&out, &v4, sizeof(v4));
    return sizeof(v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port_);
  v6.sin6_scope_id = scope_;
  if (v4_) {
    v6.sin6_addr.s6_addr[10] = 0xff;
    v6.sin6_addr.s6_addr[11] = 0xff;
    std::memcpy(v6.sin6_addr.s6_addr + 12, ip_.data(), 4);
  } else {
    std::memcpy(&v6.sin6_addr, ip_.data(), 16);
  }
  std::memcpy(&out, &v6, sizeof(v6));
  return sizeof(v6);
}

std::array<uint8_t, 19> UdpAddress::key() const noexcept {
  std::array<uint8_t, 19> key{};
  key[0] = v4_ ? 4 : 6;
  std::copy(ip_.begin(), ip_.end(), key.begin() + 1);
  key[17] = static_cast<uint8_t>(port_ >> 8U);
  key[18] = static_cast<uint8_t>(port_);
  return key;
}

}  // namespace tailor::net
