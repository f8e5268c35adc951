// SPDX-License-Identifier: Apache-2.0
#include "net/coaps/coaps_client.hpp"

#include <algorithm>
#include <array>

namespace tailor::net {
namespace {

/// Collects one response.
class Collector final : public coap::ClientHandler {
 public:
  explicit Collector(const CoapRequest& request) : request_(request) {}

  [[nodiscard]] Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    const size_t count = offset < request_.body.size() ? std::min(out.size(), request_.body.size() - offset) : 0;
    std::copy_n(request_.body.begin() + offset, count, out.begin());
    return count;
  }
  [[nodiscard]] Status on_response(const coap::ClientResponse& piece) noexcept override {
    response.code = piece.code;
    response.content_format = piece.content_format;
    response.etag.assign(piece.etag.begin(), piece.etag.end());
    if (piece.offset == 0) response.body.clear();
    if (response.body.size() + piece.payload.size() > CoapsClient::kMaxResponseBytes) return Error::kBodyTooLarge;
    response.body.insert(response.body.end(), piece.payload.begin(), piece.payload.end());
    if (!piece.last) return kOk;
    const coap::OptionList location{piece.options, coap::Option::kLocationPath};
    for (size_t i = 0; i < location.count(); ++i) {
      if (i > 0) response.location += '/';
      response.location += location.at(i);
    }
    complete = true;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }

  CoapResponse response;
  bool complete = false;
  std::optional<Error> failure;

 private:
  const CoapRequest& request_;
};

}  // namespace

CoapsClient::CoapsClient(UdpAddress peer, UdpSocket socket)
    : peer_(peer), socket_(std::make_unique<UdpSocket>(std::move(socket))) {}

CoapsClient::~CoapsClient() {
  close();
}

Outcome<std::unique_ptr<CoapsClient>> CoapsClient::connect(const std::string& host, uint16_t port,
                                                           ClientOptions options, AccessPolicy& policy,
                                                           uint32_t timeout_ms) {
  const std::string where = host + ":" + std::to_string(port);
  auto peer = UdpAddress::resolve(host, port);
  if (!peer.ok()) return peer.error();
  auto socket = UdpSocket::connect(*peer);
  if (!socket.ok()) return socket.error();
  std::unique_ptr<CoapsClient> made{new CoapsClient{*peer, std::move(*socket)}};
  CoapsClient* const self = made.get();
  // A datagram that the system does not take is lost, as on the wire.
  made->connection_ = std::make_unique<ClientConnection>(
      std::move(options), policy, [self](ByteView datagram) { static_cast<void>(self->socket_->send(datagram)); });
  const MonotonicMs now = monotonic_now();
  if (const Status started = made->connection_->connect(now); !started.ok()) return fail(started.error(), where);
  made->run_until([self] { return self->connection_->established(); }, now + timeout_ms);
  if (made->connection_->established()) return made;
  return fail(made->connection_->failure().value_or(Error::kTimeout), where);
}

bool CoapsClient::run_until(const std::function<bool()>& done, MonotonicMs deadline) {
  std::array<uint8_t, 4096> buffer;
  while (!done() && !connection_->failure()) {
    MonotonicMs now = monotonic_now();
    if (connection_->next_deadline() <= now) {
      connection_->tick(now);
      continue;
    }
    if (now >= deadline) return false;
    const auto datagram = socket_->receive(buffer, earlier(deadline, connection_->next_deadline()));
    now = monotonic_now();
    if (datagram.ok()) connection_->on_datagram(*datagram, now);
  }
  return done();
}

Outcome<CoapResponse> CoapsClient::request(const CoapRequest& request, uint32_t timeout_ms) {
  if (!connection_->established()) {
    return fail(connection_->failure().value_or(Error::kSessionClosed), request.uri);
  }
  Collector collector{request};
  const MonotonicMs now = monotonic_now();
  const auto exchange = connection_->endpoint().request({.method = request.method,
                                                         .uri = request.uri,
                                                         .content_format = request.content_format,
                                                         .accept = request.accept,
                                                         .body_bytes = static_cast<uint32_t>(request.body.size())},
                                                        collector, now);
  if (!exchange.ok()) return fail(exchange.error(), request.uri);
  run_until([&] { return collector.complete || collector.failure.has_value(); }, now + timeout_ms);
  if (collector.complete) return std::move(collector.response);
  if (collector.failure) return fail(*collector.failure, request.uri);
  if (connection_->established()) connection_->endpoint().cancel(*exchange);
  return fail(connection_->failure().value_or(Error::kTimeout), request.uri);
}

bool CoapsClient::serve_until(const std::function<bool()>& done, uint32_t timeout_ms) {
  return run_until(done, monotonic_now() + timeout_ms);
}

Outcome<void> CoapsClient::rebind() {
  auto socket = UdpSocket::connect(peer_);
  if (!socket.ok()) return socket.error();
  socket_ = std::make_unique<UdpSocket>(std::move(*socket));
  return kOk;
}

void CoapsClient::close() {
  if (connection_ != nullptr) connection_->close();
}

}  // namespace tailor::net
