// SPDX-License-Identifier: Apache-2.0
// Sessions that are not in use, serialized, so that a million of them fit in memory. Each is given out once: using the
// same bytes twice would repeat nonces.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/coaps/access_policy.hpp"
#include "net/udp/address.hpp"

namespace tailor::net {

/// Our Connection IDs: the owning thread, then random bytes. Short, because every record of a device carries one.
inline constexpr size_t kCidBytes = 5;
using Cid = std::array<uint8_t, kCidBytes>;

[[nodiscard]] constexpr uint64_t key_of(const Cid& cid) noexcept {
  uint64_t key = 0;
  for (const uint8_t byte : cid) key = (key << 8U) | byte;
  return key;
}

struct UuidHash {
  [[nodiscard]] size_t operator()(const Uuid& id) const noexcept {
    return std::hash<std::string_view>{}(as_text(id.view()));
  }
};

/// Secret: holds the keys of the session. Wiped when it goes.
struct DormantSession {
  DormantSession() = default;
  DormantSession(DormantSession&&) = default;
  DormantSession& operator=(DormantSession&&) = default;
  ~DormantSession() { wipe(session); }

  std::vector<uint8_t> session;  ///< dtls::Session::save()
  Cid cid{};
  bool by_cid = false;  ///< the peer's records carry `cid`; otherwise it is known by its address alone
  UdpAddress address;
  bool address_proven = true;  ///< the peer has shown that it receives there
  Admission peer;
};

/// Keeps at most so many; the one that was put first goes first.
class DormantSessions {
 public:
  explicit DormantSessions(size_t limit) : limit_(limit) {}

  /// Keeps a session. An older one of the same device is dropped.
  void put(DormantSession session);
  /// Gives a session out, for good.
  [[nodiscard]] std::optional<DormantSession> take_by_cid(const Cid& cid);
  [[nodiscard]] std::optional<DormantSession> take_by_address(const UdpAddress& address);
  [[nodiscard]] std::optional<DormantSession> take_device(const Uuid& id);
  /// Drops the sessions of peers for which `unwanted` holds.
  void remove_if(const std::function<bool(const Admission& peer)>& unwanted);
  [[nodiscard]] bool has_device(const Uuid& id) const { return devices_.contains(id); }
  [[nodiscard]] size_t size() const noexcept { return sessions_.size(); }

 private:
  using Place = std::list<DormantSession>::iterator;

  [[nodiscard]] DormantSession take(Place place);

  const size_t limit_;
  std::list<DormantSession> sessions_;  ///< oldest first
  std::unordered_map<uint64_t, Place> by_cid_;
  std::unordered_map<UdpAddress, Place> by_address_;
  std::unordered_map<Uuid, Place, UuidHash> devices_;
};

}  // namespace tailor::net
