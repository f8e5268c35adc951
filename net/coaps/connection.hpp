// SPDX-License-Identifier: Apache-2.0
// One peer of a CoapsEndpoint: its DTLS session, its CoAP endpoint and its address. Internal to net/coaps; the owner
// routes datagrams to it and decides when it ends.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "core/coap/endpoint.hpp"
#include "crypto_backends/psa/dtls/session.hpp"
#include "net/coaps/coaps_endpoint.hpp"

namespace tailor::net {

/// A connection's owner, as the connection sees it.
class ConnectionOwner {
 public:
  [[nodiscard]] virtual AccessPolicy& policy() noexcept = 0;
  [[nodiscard]] virtual Outlet& outlet() noexcept = 0;
  [[nodiscard]] virtual const coap::Environment& environment() noexcept = 0;
  virtual void on_established(class Connection& connection) noexcept = 0;
  virtual void on_moved(class Connection& connection, const UdpAddress& from) noexcept = 0;

 protected:
  ~ConnectionOwner() = default;
};

class Connection final : public dtls::SessionHandler,
                         public dtls::PeerVerifier,
                         public coap::DatagramSink,
                         public coap::ClientHandler {
 public:
  Connection(ConnectionOwner& owner, dtls::Context& context, ConnectionId id, const Cid& cid);

  /// Waits for a client; as often as wanted until one has shown its cookie.
  [[nodiscard]] Status listen(const UdpAddress& from) noexcept;
  /// Takes a datagram for this connection; an error ends it.
  [[nodiscard]] Status take(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept;
  [[nodiscard]] Status tick(MonotonicMs now) noexcept;
  /// Lets the CoAP endpoint send what it has queued.
  void flush(MonotonicMs now) noexcept;
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// Ends exchanges; tells the peer when `tell` says so.
  void end(Error reason, bool tell) noexcept;

  /// True when it can be put aside: the session can be saved and CoAP has nothing to remember.
  [[nodiscard]] bool quiet(MonotonicMs now) const noexcept;
  /// Turns the connection into bytes; it is of no use any more when that worked.
  [[nodiscard]] Result<DormantSession> put_aside() noexcept;
  [[nodiscard]] Status wake(const DormantSession& dormant, MonotonicMs now) noexcept;

  [[nodiscard]] ConnectionId id() const noexcept { return id_; }
  [[nodiscard]] const Cid& cid() const noexcept { return cid_; }
  [[nodiscard]] const UdpAddress& address() const noexcept { return address_; }
  [[nodiscard]] const Admission& admission() const noexcept { return admission_; }
  [[nodiscard]] coap::Endpoint* endpoint() noexcept { return endpoint_ ? &*endpoint_ : nullptr; }
  [[nodiscard]] dtls::Session& session() noexcept { return session_; }
  [[nodiscard]] const dtls::Session& session() const noexcept { return session_; }
  [[nodiscard]] MonotonicMs last_traffic() const noexcept { return last_traffic_; }
  [[nodiscard]] coap::Peer peer() noexcept;

  std::array<uint8_t, 32> hello_random{};  ///< of the ClientHello that started it: tells a retransmission from a reboot
  MonotonicMs started = 0;
  MonotonicMs scheduled = kNever;  ///< the owner's note

 private:
  // dtls::SessionHandler
  void transmit(ByteView datagram) noexcept override;
  void on_established() noexcept override;
  void on_data(ByteView data) noexcept override;
  // dtls::PeerVerifier
  [[nodiscard]] Status verify(std::span<const ByteView> chain) noexcept override;
  // coap::DatagramSink
  void send(ByteView datagram) noexcept override;
  // coap::ClientHandler, of the ping that proves a new address
  [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override;
  void on_failure(Error error) noexcept override;

  void open_endpoint() noexcept;
  void follow() noexcept;
  void doubt_address() noexcept;

  ConnectionOwner& owner_;
  const ConnectionId id_;
  const Cid cid_;
  Admission admission_;
  UdpAddress address_;
  UdpAddress came_from_;
  uint64_t newest_before_ = 0;
  MonotonicMs now_ = 0;
  MonotonicMs last_traffic_ = 0;
  /// Bytes that may still go to an address which has not proved that it receives; SIZE_MAX once it has.
  size_t credit_bytes_ = SIZE_MAX;
  Error refusal_ = Error::kHandshakeFailed;
  bool ping_wanted_ = false;
  bool ping_out_ = false;
  dtls::Session session_;
  coap::EndpointStorage<4, 4, 4, 8> slots_;
  std::optional<coap::Endpoint> endpoint_;
};

}  // namespace tailor::net
