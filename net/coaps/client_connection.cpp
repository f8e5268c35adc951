// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/client_connection.hpp"

namespace tailor::net {
namespace {

Status make_ready(dtls::Context& context, const ClientOptions& options) noexcept {
  const bool certificates = !options.certificate.empty();
  return context.init({.side = dtls::Side::kClient,
                       .certificate = options.certificate,
                       .key = certificates ? &options.key : nullptr,
                       .verify_peers = certificates,
                       .psk_identity = options.psk_identity,
                       .psk = options.psk,
                       .handshake_mtu = options.handshake_mtu,
                       .retransmit_min_ms = options.retransmit_min_ms,
                       .retransmit_max_ms = options.retransmit_max_ms});
}

uint64_t random_seed() noexcept {
  std::array<uint8_t, 8> bytes{};
  if (!crypto::random(bytes).ok()) return 0;
  uint64_t seed = 0;
  for (const uint8_t byte : bytes) seed = (seed << 8U) | byte;
  return seed;
}

}  // namespace

ClientConnection::ClientConnection(ClientOptions options, AccessPolicy& policy, Transmit transmit)
    : options_(std::move(options)),
      policy_(policy),
      transmit_(std::move(transmit)),
      scratch_(coap::message_bytes(options_.max_szx)),
      environment_{memory_, scratch_, options_.resources, options_.max_szx, options_.transmission},
      ready_(make_ready(context_, options_)),
      session_(context_, *this, this) {}

ClientConnection::~ClientConnection() = default;

Status ClientConnection::connect(MonotonicMs now) noexcept {
  TAILOR_TRY(ready_);
  now_ = now;
  endpoint_.reset();
  failure_.reset();
  return session_.connect(now);
}

void ClientConnection::on_datagram(ByteView datagram, MonotonicMs now) noexcept {
  now_ = now;
  if (failure_) return;
  const Status status = session_.on_datagram(datagram, now);
  if (!status.ok()) return end(status.error());
  if (endpoint_) endpoint_->tick(now);
}

void ClientConnection::tick(MonotonicMs now) noexcept {
  now_ = now;
  if (failure_) return;
  const Status status = session_.tick(now);
  if (!status.ok()) return end(status.error());
  if (endpoint_) endpoint_->tick(now);
}

MonotonicMs ClientConnection::next_deadline() const noexcept {
  if (failure_) return kNever;
  return earlier(session_.next_deadline(), endpoint_ ? endpoint_->next_deadline() : kNever);
}

void ClientConnection::close() noexcept {
  session_.close();
  end(Error::kSessionClosed);
}

void ClientConnection::end(Error reason) noexcept {
  if (failure_) return;
  failure_ = reason;
  if (endpoint_) endpoint_->close(reason);
}

void ClientConnection::transmit(ByteView datagram) noexcept {
  transmit_(datagram);
}

void ClientConnection::on_established() noexcept {
  const coap::Peer peer{server_.tenant, server_.role, server_.id, this};
  endpoint_.emplace(environment_, slots_.slots(), static_cast<coap::DatagramSink&>(*this), peer, random_seed());
}

void ClientConnection::on_data(ByteView data) noexcept {
  if (endpoint_) endpoint_->on_datagram(data, now_);
}

Status ClientConnection::verify(std::span<const ByteView> chain) noexcept {
  auto admitted = policy_.admit_certificate(chain);
  if (!admitted.ok()) return admitted.error();
  server_ = std::move(*admitted);
  return kOk;
}

void ClientConnection::send(ByteView datagram) noexcept {
  static_cast<void>(session_.send(datagram, now_));
}

}  // namespace tailor::net
