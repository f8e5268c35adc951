// SPDX-License-Identifier: Apache-2.0
// Peers, their deadlines and their end.
#include "net/coap/plain_server.hpp"

#include <sys/random.h>

#include <algorithm>
#include <new>

#include "hosted/log.hpp"
#include "net/udp/socket.hpp"

namespace tailor::net {
namespace {

/// An idle peer is looked at this often, to forget what its lifetime is over of.
constexpr MonotonicMs kSweepMs = 10'000;

uint64_t random_seed() {
  uint64_t seed = 0;
  if (::getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
    log(LogLevel::kError, "coap", "the system gives no random bytes");
    seed = monotonic_now();
  }
  return seed;
}

}  // namespace

struct PlainServer::PeerState final : coap::DatagramSink {
  PeerState(PlainServer& server, const UdpAddress& at, const coap::Environment& environment)
      : thread(server.thread_), address(at), endpoint(environment, storage.slots(), *this, {}, random_seed()) {}
  void send(ByteView datagram) noexcept override { thread.send(address, datagram); }

  UdpThread& thread;
  UdpAddress address;
  coap::EndpointStorage<1, 3, 2, 6, 1> storage;
  coap::Endpoint endpoint;
  MonotonicMs deadline = kNever;
  Recency::iterator place;
};

PlainServer::PlainServer(UdpThread& thread, const PlainServerConfig& config)
    : thread_(thread),
      config_(config),
      memory_(config.memory_bytes),
      scratch_(coap::message_bytes(config.max_szx)),
      environment_{memory_, scratch_, config_.resources, config_.max_szx, config_.transmission} {}

PlainServer::~PlainServer() {
  for (auto& [address, peer] : peers_) peer->endpoint.close(Error::kSessionClosed);
}

void PlainServer::on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  if (config_.images != nullptr) {
    const auto answer =
        coap::answer_immutable(datagram, config_.image_folder, *config_.images, config_.max_szx, thread_.room());
    if (answer.ok()) return thread_.send_room(from, answer.value().size());
  }
  try {
    PeerState* const peer = peer_of(from, now);
    peer->endpoint.on_datagram(datagram, now);
    schedule(*peer, now);
  } catch (const std::bad_alloc&) {
    log(LogLevel::kWarning, "coap", "no memory for another peer");
  }
}

PlainServer::PeerState* PlainServer::peer_of(const UdpAddress& address, MonotonicMs now) {
  if (const auto found = peers_.find(address); found != peers_.end()) {
    recency_.splice(recency_.begin(), recency_, found->second->place);
    return found->second.get();
  }
  while (peers_.size() >= std::max<size_t>(config_.max_peers, 1)) drop(*recency_.back());
  auto made = std::make_unique<PeerState>(*this, address, environment_);
  PeerState* const peer = made.get();
  recency_.push_front(peer);
  peer->place = recency_.begin();
  peers_.emplace(address, std::move(made));
  peer->deadline = now + kSweepMs;
  deadlines_.emplace(peer->deadline, peer);
  return peer;
}

void PlainServer::schedule(PeerState& peer, MonotonicMs now) {
  if (peer.endpoint.idle(now)) return drop(peer);
  const MonotonicMs deadline = std::min(peer.endpoint.next_deadline(), now + kSweepMs);
  if (deadline == peer.deadline) return;
  deadlines_.erase({peer.deadline, &peer});
  peer.deadline = deadline;
  deadlines_.emplace(deadline, &peer);
}

void PlainServer::drop(PeerState& peer) {
  peer.endpoint.close(Error::kSessionClosed);
  deadlines_.erase({peer.deadline, &peer});
  recency_.erase(peer.place);
  peers_.erase(UdpAddress(peer.address));
}

void PlainServer::tick(MonotonicMs now) noexcept {
  // Each peer once at most: one that queues again waits until datagrams came in between.
  for (size_t left = deadlines_.size(); left > 0 && !deadlines_.empty() && deadlines_.begin()->first <= now; --left) {
    PeerState& peer = *deadlines_.begin()->second;
    peer.endpoint.tick(now);
    deadlines_.erase({peer.deadline, &peer});
    peer.deadline = kNever;
    try {
      schedule(peer, now);
    } catch (const std::bad_alloc&) {
      drop(peer);
    }
  }
}

MonotonicMs PlainServer::next_deadline() const noexcept {
  return deadlines_.empty() ? kNever : deadlines_.begin()->first;
}

void PlainServer::notify(const coap::Resource& resource) noexcept {
  for (auto& [address, peer] : peers_) {
    if (peer->endpoint.observers() == 0) continue;
    peer->endpoint.notify(resource);
    deadlines_.erase({peer->deadline, peer.get()});
    peer->deadline = 0;
    deadlines_.emplace(0, peer.get());
  }
}

}  // namespace tailor::net
