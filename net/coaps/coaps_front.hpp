// SPDX-License-Identifier: Apache-2.0
// CoAP over DTLS behind real sockets: a CoapsEndpoint for each thread of a UdpFront, and the directory that tells which
// thread has a device's session. A datagram whose Connection ID names another thread is handed over to it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/coaps/coaps_endpoint.hpp"
#include "net/udp/front.hpp"

namespace tailor::net {

/// What the owner of a front gets to hear, on the front's threads and from several at once.
class FrontEvents {
 public:
  /// A peer has completed a handshake; for a device: it came, or came back.
  virtual void on_connected(unsigned /*thread*/, ConnectionId /*connection*/, const coap::Peer& /*peer*/) noexcept {}
  virtual void on_disconnected(const coap::Peer& /*peer*/, Error /*reason*/) noexcept {}
  virtual void on_refused(const UdpAddress& /*from*/, Error /*reason*/) noexcept {}

 protected:
  ~FrontEvents() = default;
};

struct CoapsFrontConfig {
  UdpAddress bind{};       ///< port 0: any free one
  unsigned threads = 0;    ///< 0: one a core
  CoapsOptions options{};  ///< of each thread; `thread`, `resources` and `cookie_secret` are filled in here
  /// The resource table of a thread. The same one for all is fine when its handlers may be called from all at once.
  std::function<std::span<const coap::Resource>(unsigned thread)> resources;
};

/// A request that owns what it needs: for services, which do not live on the front's threads.
struct OwnedRequest {
  coap::Code method = coap::Code::kGet;
  std::string uri;
  uint16_t content_format = coap::format::kNone;
  uint16_t accept = coap::format::kNone;
  uint32_t body_bytes = 0;
  uint32_t body_offset = 0;
  /// Fills `out` with the body from `offset`, on the front's thread.
  std::function<Result<size_t>(uint32_t offset, MutableBytes out)> read_body{};
  size_t max_response_bytes = 65'536;
};

struct OwnedResponse {
  coap::Code code = coap::Code::kEmpty;
  uint16_t content_format = coap::format::kNone;
  std::vector<uint8_t> body;
  std::vector<uint8_t> etag;
};

class CoapsFront {
 public:
  using Work = std::function<void(CoapsEndpoint& endpoint, MonotonicMs now)>;
  using Done = std::function<void(Outcome<OwnedResponse> response)>;

  /// Binds the sockets. `policy` and `events` outlive the front.
  ///
  /// @returns kNetworkFailed
  [[nodiscard]] static Outcome<std::unique_ptr<CoapsFront>> open(CoapsFrontConfig config, AccessPolicy& policy,
                                                                 FrontEvents& events);
  ~CoapsFront();  ///< stops
  CoapsFront(const CoapsFront&) = delete;
  CoapsFront& operator=(const CoapsFront&) = delete;

  /// Starts to serve.
  ///
  /// @returns what CoapsEndpoint::start() returns
  [[nodiscard]] Outcome<void> start();
  void stop() noexcept;

  [[nodiscard]] UdpAddress address() const { return front_->address(); }
  [[nodiscard]] unsigned threads() const noexcept { return front_->threads(); }
  [[nodiscard]] bool has_device(const Uuid& id) const;

  /// Sends a request to a device over its session; `done` is called on the front's thread, exactly once.
  ///
  /// @note `done` hears kNotFound when the device has no session, and nothing once stop() was called
  void request_device(const Uuid& id, OwnedRequest request, Done done);
  /// Runs `work` on one thread, or on the one that has a device's session.
  void on_thread(unsigned thread, Work work);
  void on_each_thread(const Work& work);
  /// @returns kNotFound when the device has no session
  [[nodiscard]] Outcome<void> on_device_thread(const Uuid& id, Work work);
  /// Ends a peer's connections wherever they are.
  void disconnect(const Uuid& id);
  /// Ends the sessions of those whom the policy does not want any more (CoapsEndpoint::review).
  void review_sessions();

  /// Sum over the threads, as of the last batch of each.
  [[nodiscard]] UdpCounters udp_counters() const noexcept { return front_->counters(); }

 private:
  class Thread;

  CoapsFront(CoapsFrontConfig config, AccessPolicy& policy, FrontEvents& events);
  void connected(unsigned thread, const coap::Peer& peer);
  [[nodiscard]] bool disconnected(unsigned thread, const coap::Peer& peer);

  CoapsFrontConfig config_;
  AccessPolicy& policy_;
  FrontEvents& events_;
  std::vector<Thread*> handlers_;  ///< by index; each is used on its own thread only
  mutable std::mutex mutex_;       ///< guards what follows
  std::unordered_map<Uuid, unsigned, UuidHash> devices_;
  std::unique_ptr<UdpFront> front_;  ///< last, so that its threads end first
};

}  // namespace tailor::net
