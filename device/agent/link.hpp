// SPDX-License-Identifier: Apache-2.0
// One secured connection of the device: a DTLS session, the CoAP endpoint inside it, and who is at the other end. A
// link that fails is torn down in tick() and never inside a handler's call. Knows no update and no life cycle.
#pragma once

#include <optional>

#include "core/coap/endpoint.hpp"
#include "crypto_backends/psa/dtls/session.hpp"
#include "device/agent/options.hpp"
#include "device/agent/peer_check.hpp"
#include "tailor/port/datagram.h"

namespace tailor::agent {

class Link;

/// Hears of a link's beginning and end.
class LinkOwner {
 public:
  /// The peer is who it should be; requests may be made. Called from inside on_datagram().
  virtual void on_link_up(Link& link) noexcept = 0;
  /// The link is closed, for this reason; its requests have ended with it. Called from tick() alone.
  virtual void on_link_down(Link& link, Error error) noexcept = 0;

 protected:
  ~LinkOwner() = default;
};

/// What all links of a device share. Outlives them.
struct LinkShared {
  const tailor_datagram_t& datagram;
  const coap::Environment& environment;
  const Identity& identity;
  update::TrustedClock& clock;
  LinkOwner& owner;
};

/// Credentials and peer of one connection.
struct LinkTarget {
  tailor_endpoint_t address{};
  Roles roles = 0;          ///< who may be there; with a pre-shared key exactly one
  Credentials credentials;  ///< certificate mode; it outlives the connection
  ByteView psk_identity;    ///< PSK mode when not empty; the two outlive the handshake
  ByteView psk;
};

class Link final : private dtls::SessionHandler, private coap::DatagramSink {
 public:
  enum class State : uint8_t { kClosed, kConnecting, kOpen, kFailing };

  explicit Link(const LinkShared& shared) noexcept : shared_(shared), check_(shared.identity, shared.clock) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Starts a handshake as DTLS client.
  /// @pre state() is kClosed
  /// @returns kEntropyFailed and what Context::init() gives, with the link closed
  /// @param timeout_ms  the link fails with kTimeout when it is not open by then
  [[nodiscard]] Status connect(const LinkTarget& target, uint32_t timeout_ms, MonotonicMs now) noexcept;
#if TAILOR_AGENT_LISTENING
  /// Waits as DTLS server for a handshake from whoever sends first.
  /// @param cookie_secret  outlives the link
  /// @pre state() is kClosed
  [[nodiscard]] Status listen(const LinkTarget& target, ByteView cookie_secret, MonotonicMs now) noexcept;
#endif

  /// Whether a datagram from there belongs to this link.
  [[nodiscard]] bool speaks_with(const tailor_endpoint_t& from) const noexcept;
  /// For a listening link: whether nobody has shown a cookie yet, so that a stranger's datagram may be tried here.
#if TAILOR_AGENT_LISTENING
  [[nodiscard]] bool takes_strangers() const noexcept;
#else
  [[nodiscard]] bool takes_strangers() const noexcept {
    return false;
  }
#endif

  void on_datagram(const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept;
  /// Does what is due, and tears down what has failed.
  void tick(MonotonicMs now) noexcept;
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// Gives up a handshake, because its credentials are no longer the device's; a link that is open stays.
  void begin_anew() noexcept {
    if (state_ == State::kConnecting) fail(Error::kSessionClosed);
  }
  /// Judges the peer by the trust store that is in force now: the link of one who is out, or who might be, fails.
  /// @param authorities_kept  every CA that was trusted still is
  void trust_changed(bool authorities_kept) noexcept;
  /// Ends the link at the next tick(); the owner hears `error`.
  void fail(Error error) noexcept;

  [[nodiscard]] State state() const noexcept {
    return state_;
  }
  [[nodiscard]] bool open() const noexcept {
    return state_ == State::kOpen;
  }
  /// @pre open()
  [[nodiscard]] coap::Endpoint& endpoint() noexcept {
    return *endpoint_;
  }
  [[nodiscard]] const Uuid& peer_id() const noexcept {
    return check_.id();
  }
  [[nodiscard]] coap::PeerRole peer_role() const noexcept {
    return role_;
  }

 private:
  // dtls::SessionHandler
  void transmit(ByteView datagram) noexcept override;
  void on_established() noexcept override;
  void on_data(ByteView data) noexcept override;
  // coap::DatagramSink
  void send(ByteView datagram) noexcept override;

  [[nodiscard]] Status start(const LinkTarget& target, dtls::Side side, ByteView cookie_secret,
                             MonotonicMs now) noexcept;
  void tear_down() noexcept;

  const LinkShared shared_;
  PeerCheck check_;
  tailor_endpoint_t address_{};
  MonotonicMs now_ = 0;
  uint64_t seed_ = 0;
  State state_ = State::kClosed;
  Error failure_ = Error::kSessionClosed;
  coap::PeerRole role_ = coap::PeerRole::kNone;
  Roles roles_ = 0;
#if TAILOR_AGENT_LISTENING
  bool listening_ = false;
#endif
  MonotonicMs give_up_at_ = kNever;
  std::optional<dtls::Context> context_;
  std::optional<dtls::Session> session_;
  coap::EndpointStorage<TAILOR_AGENT_LINK_REQUESTS, TAILOR_AGENT_LINK_ANSWERS, TAILOR_AGENT_LINK_OBSERVERS,
                        TAILOR_AGENT_LINK_REMEMBERED>
      storage_;
  std::optional<coap::Endpoint> endpoint_;
};

}  // namespace tailor::agent
