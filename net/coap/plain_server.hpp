// SPDX-License-Identifier: Apache-2.0
// CoAP without security over the UDP front: the state of one thread. Blocks of images are answered by the stateless
// function; every other datagram goes to the peer's Endpoint, which exists while something is under way.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/coap/endpoint.hpp"
#include "core/coap/stateless.hpp"
#include "net/coap/heap_memory.hpp"
#include "net/udp/front.hpp"

namespace tailor::net {

struct PlainServerConfig {
  std::span<const coap::Resource> resources{};  ///< handlers are called on this thread only
  const coap::ImmutableStore* images = nullptr;
  std::string image_folder = "img";  ///< "/img/<name>" is answered from `images`
  uint8_t max_szx = coap::Block::kMaxSzx;
  coap::Transmission transmission{};
  /// Peers with an endpoint at once. Beyond it the one that was quiet longest is dropped: plain addresses can be
  /// forged, and a flood of them must cost no more than this.
  size_t max_peers = 10'000;
  size_t memory_bytes = 64U << 20U;  ///< kept messages of all peers of the thread
};

class PlainServer final : public DatagramHandler {
 public:
  PlainServer(UdpThread& thread, const PlainServerConfig& config);
  ~PlainServer() override;

  void on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept override;
  void tick(MonotonicMs now) noexcept override;
  [[nodiscard]] MonotonicMs next_deadline() const noexcept override;

  /// Tells every peer that observes the resource.
  void notify(const coap::Resource& resource) noexcept;
  [[nodiscard]] size_t peers() const noexcept { return peers_.size(); }

 private:
  struct PeerState;
  using Recency = std::list<PeerState*>;

  [[nodiscard]] PeerState* peer_of(const UdpAddress& address, MonotonicMs now);
  void schedule(PeerState& peer, MonotonicMs now);
  void drop(PeerState& peer);

  UdpThread& thread_;
  PlainServerConfig config_;
  HeapMemory memory_;
  std::vector<uint8_t> scratch_;
  coap::Environment environment_;
  std::unordered_map<UdpAddress, std::unique_ptr<PeerState>> peers_;
  Recency recency_;  ///< the peer that was heard of last stands in front
  std::set<std::pair<MonotonicMs, PeerState*>> deadlines_;
};

}  // namespace tailor::net
