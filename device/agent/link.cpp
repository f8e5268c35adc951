// SPDX-License-Identifier: Apache-2.0
#include "device/agent/link.hpp"

#include <algorithm>

namespace tailor::agent {
namespace {

bool same_endpoint(const tailor_endpoint_t& a, const tailor_endpoint_t& b) noexcept {
  return a.port == b.port && equal(a.address, b.address);
}

/// The only role in a set of one.
coap::PeerRole only_role(Roles roles) noexcept {
  for (const coap::PeerRole role : {coap::PeerRole::kDevice, coap::PeerRole::kUpdateServer,
                                    coap::PeerRole::kCertificateAuthority, coap::PeerRole::kOperator}) {
    if (roles == role_bit(role)) return role;
  }
  return coap::PeerRole::kNone;
}

#if TAILOR_AGENT_LISTENING
/// The address as the cookie binds to it.
std::array<uint8_t, 18> bytes_of(const tailor_endpoint_t& endpoint) noexcept {
  std::array<uint8_t, 18> bytes{};
  std::copy(std::begin(endpoint.address), std::end(endpoint.address), bytes.begin());
  bytes[16] = static_cast<uint8_t>(endpoint.port >> 8U);
  bytes[17] = static_cast<uint8_t>(endpoint.port & 0xffU);
  return bytes;
}
#endif

}  // namespace

Status Link::connect(const LinkTarget& target, uint32_t timeout_ms, MonotonicMs now) noexcept {
  TAILOR_TRY(start(target, dtls::Side::kClient, {}, now));
#if TAILOR_AGENT_LISTENING
  listening_ = false;
#endif
  give_up_at_ = now + timeout_ms;
  state_ = State::kConnecting;
  if (const Status status = session_->connect(now); !status.ok()) {
    tear_down();
    return status.error();
  }
  return kOk;
}

#if TAILOR_AGENT_LISTENING
Status Link::listen(const LinkTarget& target, ByteView cookie_secret, MonotonicMs now) noexcept {
  TAILOR_TRY(start(target, dtls::Side::kServer, cookie_secret, now));
  listening_ = true;
  give_up_at_ = kNever;
  state_ = State::kConnecting;
  if (const Status status = session_->accept(bytes_of(address_)); !status.ok()) {
    tear_down();
    return status.error();
  }
  return kOk;
}
#endif

Status Link::start(const LinkTarget& target, dtls::Side side, ByteView cookie_secret, MonotonicMs now) noexcept {
  if (state_ != State::kClosed) return Error::kStateConflict;
  std::array<uint8_t, 8> random{};
  TAILOR_TRY(crypto::random(random));
  for (const uint8_t byte : random) seed_ = (seed_ << 8U) | byte;

  dtls::Settings settings;
  settings.side = side;
  settings.cookie_secret = cookie_secret;
  if (target.psk_identity.empty()) {
    settings.certificate = target.credentials.certificate;
    settings.key = target.credentials.key;
    settings.verify_peers = true;
  } else {
    settings.psk_identity = target.psk_identity;
    settings.psk = target.psk;
  }
  context_.emplace();
  if (const Status status = context_->init(settings); !status.ok()) {
    context_.reset();
    return status.error();
  }
  now_ = now;
  address_ = target.address;
  roles_ = target.roles;
  check_.expect(target.roles, now);
  role_ = target.psk_identity.empty() ? coap::PeerRole::kNone : only_role(target.roles);
  session_.emplace(*context_, static_cast<dtls::SessionHandler&>(*this),
                   target.psk_identity.empty() ? static_cast<dtls::PeerVerifier*>(&check_) : nullptr);
  return kOk;
}

bool Link::speaks_with(const tailor_endpoint_t& from) const noexcept {
  if (state_ == State::kClosed || takes_strangers()) return false;
  return same_endpoint(from, address_);
}

#if TAILOR_AGENT_LISTENING
bool Link::takes_strangers() const noexcept {
  return listening_ && state_ == State::kConnecting && session_->state() == dtls::Session::State::kIdle;
}
#endif

void Link::on_datagram([[maybe_unused]] const tailor_endpoint_t& from, ByteView datagram, MonotonicMs now) noexcept {
  if (state_ == State::kClosed || state_ == State::kFailing) return;
  now_ = now;
#if TAILOR_AGENT_LISTENING
  if (takes_strangers()) {
    address_ = from;
    give_up_at_ = kNever;
    check_.expect(roles_, now);
    if (const Status status = session_->accept(bytes_of(from)); !status.ok()) return fail(status.error());
  }
#endif
  if (const Status status = session_->on_datagram(datagram, now); !status.ok()) fail(status.error());
}

void Link::tick(MonotonicMs now) noexcept {
  now_ = now;
  if (state_ == State::kConnecting || state_ == State::kOpen) {
    if (session_->next_deadline() <= now) {
      if (const Status status = session_->tick(now); !status.ok()) fail(status.error());
    }
  }
  if (state_ == State::kConnecting && give_up_at_ <= now) fail(Error::kTimeout);
  if (state_ == State::kOpen && endpoint_->next_deadline() <= now) endpoint_->tick(now);
  if (state_ == State::kFailing) {
    const Error error = failure_;
    tear_down();
    shared_.owner.on_link_down(*this, error);
  }
}

MonotonicMs Link::next_deadline() const noexcept {
  switch (state_) {
    case State::kClosed:
      return kNever;
    case State::kFailing:
      return 0;
    case State::kConnecting:
      return earlier(session_->next_deadline(), give_up_at_);
    case State::kOpen:
      return earlier(session_->next_deadline(), endpoint_->next_deadline());
  }
  return kNever;
}

void Link::fail(Error error) noexcept {
  if (state_ == State::kClosed || state_ == State::kFailing) return;
  state_ = State::kFailing;
  failure_ = error;
}

void Link::trust_changed(bool authorities_kept) noexcept {
  if (takes_strangers()) return;  // who comes will be judged then
  begin_anew();
  if (state_ != State::kOpen || check_.role() == coap::PeerRole::kNone) return;  // closed, or a pre-shared key
  if (!authorities_kept) return fail(Error::kCertificateInvalid);
  if (const Status listed = check_.still_listed(); !listed.ok()) fail(listed.error());
}

void Link::tear_down() noexcept {
  if (endpoint_.has_value()) endpoint_->close(failure_);
  endpoint_.reset();
  if (session_.has_value() && session_->established()) session_->close();
  session_.reset();
  context_.reset();
  state_ = State::kClosed;
  role_ = coap::PeerRole::kNone;
}

void Link::transmit(ByteView datagram) noexcept {
  // A datagram that cannot be sent counts as lost (tailor/port/datagram.h): retransmission repairs it or gives up.
  static_cast<void>(shared_.datagram.send(shared_.datagram.context, &address_, datagram.data(), datagram.size()));
}

void Link::on_established() noexcept {
  if (role_ == coap::PeerRole::kNone) role_ = check_.role();
  coap::Peer peer;
  peer.tenant = shared_.identity.tenant();
  peer.role = role_;
  peer.id = check_.id();
  peer.context = this;
  endpoint_.emplace(shared_.environment, storage_.slots(), static_cast<coap::DatagramSink&>(*this), peer, seed_);
  state_ = State::kOpen;
  shared_.owner.on_link_up(*this);
}

void Link::on_data(ByteView data) noexcept {
  if (state_ == State::kOpen) endpoint_->on_datagram(data, now_);
}

void Link::send(ByteView datagram) noexcept {
  if (state_ != State::kOpen) return;
  const Status status = session_->send(datagram, now_);
  if (!status.ok() && status.error() != Error::kDatagramTooLarge) fail(status.error());
}

}  // namespace tailor::agent
