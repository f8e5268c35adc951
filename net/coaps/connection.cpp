// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/connection.hpp"

#include <utility>

namespace tailor::net {
namespace {

/// An address that has not proved itself gets at most so many times the bytes that came from it (as RFC 9000 8 has it).
constexpr size_t kAmplification = 3;
/// And one message at once, so that a transfer does not stall for a retransmission each time a device moves.
constexpr size_t kFirstCredit = 1280;

uint64_t random_seed() noexcept {
  std::array<uint8_t, 8> bytes{};
  if (!crypto::random(bytes).ok()) return 0;
  uint64_t seed = 0;
  for (const uint8_t byte : bytes) seed = (seed << 8U) | byte;
  return seed;
}

}  // namespace

Connection::Connection(ConnectionOwner& owner, dtls::Context& context, ConnectionId id, const Cid& cid)
    : owner_(owner), id_(id), cid_(cid), session_(context, *this, this) {}

coap::Peer Connection::peer() noexcept {
  return {admission_.tenant, admission_.role, admission_.id, this, admission_.key ? &*admission_.key : nullptr};
}

Status Connection::listen(const UdpAddress& from) noexcept {
  address_ = from;
  return session_.accept(from.key(), cid_);
}

Status Connection::take(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept {
  now_ = now;
  came_from_ = from;
  newest_before_ = session_.newest_record();
  if (credit_bytes_ != SIZE_MAX && from == address_) credit_bytes_ += kAmplification * datagram.size();
  if (credit_bytes_ != SIZE_MAX && !ping_out_) ping_wanted_ = true;
  const Status status = session_.on_datagram(datagram, now);
  if (status.ok() && session_.state() == dtls::Session::State::kClosed) return refusal_;
  if (status.ok() && session_.newest_record() > newest_before_) last_traffic_ = now;
  if (status.ok()) flush(now);
  return status;
}

Status Connection::tick(MonotonicMs now) noexcept {
  now_ = now;
  TAILOR_TRY(session_.tick(now));
  flush(now);
  return kOk;
}

void Connection::flush(MonotonicMs now) noexcept {
  now_ = now;
  if (!endpoint_) return;
  if (ping_wanted_ && !ping_out_ && endpoint_->ping(*this, now).ok()) {
    ping_wanted_ = false;
    ping_out_ = true;
  }
  endpoint_->tick(now);
}

MonotonicMs Connection::next_deadline() const noexcept {
  const MonotonicMs coap = endpoint_ ? endpoint_->next_deadline() : kNever;
  return earlier(session_.next_deadline(), coap);
}

void Connection::end(Error reason, bool tell) noexcept {
  if (endpoint_) endpoint_->close(reason);
  if (tell) session_.close();
}

bool Connection::quiet(MonotonicMs now) const noexcept {
  return session_.established() && endpoint_ && endpoint_->idle(now) && endpoint_->observers() == 0;
}

Result<DormantSession> Connection::put_aside() noexcept {
  DormantSession dormant;
  dormant.by_cid = session_.cid_in_use();
  dormant.session.resize(512);
  TAILOR_TRY_ASSIGN(const ByteView saved, session_.save(dormant.session));
  dormant.session.resize(saved.size());
  dormant.cid = cid_;
  dormant.address = address_;
  dormant.address_proven = credit_bytes_ == SIZE_MAX;
  dormant.peer = admission_;
  return dormant;
}

Status Connection::wake(const DormantSession& dormant, MonotonicMs now) noexcept {
  TAILOR_TRY(session_.load(dormant.session));
  address_ = dormant.address;
  if (!dormant.address_proven) doubt_address();
  admission_ = dormant.peer;
  started = last_traffic_ = now_ = now;
  open_endpoint();
  return kOk;
}

void Connection::open_endpoint() noexcept {
  endpoint_.emplace(owner_.environment(), slots_.slots(), *this, peer(), random_seed());
}

void Connection::transmit(ByteView datagram) noexcept {
  if (credit_bytes_ != SIZE_MAX) {
    if (datagram.size() > credit_bytes_) return;  // lost, as on the wire; CoAP sends it again
    credit_bytes_ -= datagram.size();
  }
  owner_.outlet().send(address_, datagram);
}

Status Connection::verify(std::span<const ByteView> chain) noexcept {
  auto admitted = owner_.policy().admit_certificate(chain);
  if (!admitted.ok()) return admitted.error();
  admission_ = std::move(*admitted);
  return kOk;
}

void Connection::on_established() noexcept {
  if (session_.peer_proof() == dtls::PeerProof::kPsk) {
    auto admitted = owner_.policy().admit_psk(session_.psk_identity());
    if (!admitted.ok()) {
      refusal_ = admitted.error();
      session_.close();
      return;
    }
    admission_ = std::move(*admitted);
  }
  last_traffic_ = now_;
  open_endpoint();
  owner_.on_established(*this);
}

void Connection::on_data(ByteView data) noexcept {
  follow();
  if (ping_wanted_) flush(now_);  // before the answer, so that its proof is back before the next request
  if (endpoint_) endpoint_->on_datagram(data, now_);
}

// RFC 9146 6: a changed address is believed when its record is authentic and newer than all before. What is sent there
// stays bounded until the peer has answered a ping, which shows that it receives: else a record that was held back
// could turn a transfer on somebody else.
void Connection::follow() noexcept {
  if (came_from_ == address_ || !session_.cid_in_use() || session_.newest_record() <= newest_before_) return;
  const UdpAddress before = std::exchange(address_, came_from_);
  doubt_address();
  owner_.on_moved(*this, before);
}

void Connection::doubt_address() noexcept {
  credit_bytes_ = kFirstCredit;
  ping_wanted_ = true;
}

void Connection::send(ByteView datagram) noexcept {
  // What DTLS cannot send is lost; a session that broke ends with its next datagram or tick.
  static_cast<void>(session_.send(datagram, now_));
}

Status Connection::on_response(const coap::ClientResponse& /*response*/) noexcept {
  ping_out_ = false;
  if (came_from_ == address_ && !ping_wanted_) credit_bytes_ = SIZE_MAX;
  return kOk;
}

void Connection::on_failure(Error /*error*/) noexcept {
  ping_out_ = false;
}

}  // namespace tailor::net
