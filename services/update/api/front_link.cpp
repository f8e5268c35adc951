// SPDX-License-Identifier: Apache-2.0
// See front_link.hpp.
#include "services/update/api/front_link.hpp"

#include <algorithm>

#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::update_server {

void FrontLink::send(const Uuid& device, net::OwnedRequest request, Done done) {
  front_->request_device(device, std::move(request), [done = std::move(done)](Outcome<net::OwnedResponse> response) {
    if (!response.ok()) return done(response.error());
    done(Answer{response.value().code, std::move(response.value().body)});
  });
}

void FrontLink::put(const Uuid& device, const std::string& uri, uint16_t content_format,
                    std::shared_ptr<const Blob> body, uint32_t offset, Done done) {
  net::OwnedRequest request;
  request.method = coap::Code::kPut;
  request.uri = uri;
  request.content_format = content_format;
  request.body_bytes = static_cast<uint32_t>(body->bytes().size());
  request.body_offset = offset;
  request.read_body = [body = std::move(body)](uint32_t from, MutableBytes out) -> Result<size_t> {
    const ByteView bytes = body->bytes();
    if (from > bytes.size()) return Error::kValueOutOfRange;
    const size_t count = std::min(out.size(), bytes.size() - from);
    std::copy_n(bytes.begin() + from, count, out.begin());
    return count;
  };
  send(device, std::move(request), std::move(done));
}

void FrontLink::get(const Uuid& device, const std::string& uri, uint16_t accept, Done done) {
  net::OwnedRequest request;
  request.uri = uri;
  request.accept = accept;
  send(device, std::move(request), std::move(done));
}

void FrontLink::post(const Uuid& device, const std::string& uri, Done done) {
  net::OwnedRequest request;
  request.method = coap::Code::kPost;
  request.uri = uri;
  send(device, std::move(request), std::move(done));
}

void FrontLink::notify(const Uuid& device) {
  const Outcome<void> told = front_->on_device_thread(
      device,
      [this, device](net::CoapsEndpoint& endpoint, MonotonicMs now) { endpoint.notify_device(device, update_, now); });
  // A session that has just ended hears it when it comes back.
  if (!told.ok()) log(LogLevel::kDebug, "coap", "nobody to notify", {{"device", uuid_text(device)}});
}

void SessionWatch::on_connected(unsigned, net::ConnectionId, const coap::Peer& peer) noexcept {
  if (peer.role == coap::PeerRole::kDevice) courier_.connected(std::string(peer.tenant), peer.id);
}

void SessionWatch::on_disconnected(const coap::Peer& peer, Error) noexcept {
  if (peer.role == coap::PeerRole::kDevice) courier_.disconnected(peer.id);
}

void SessionWatch::on_refused(const net::UdpAddress& from, Error reason) noexcept {
  log(LogLevel::kInfo, "coap", "session refused", {{"from", from.to_text()}, {"error", reason}});
}

}  // namespace tailor::update_server
