// SPDX-License-Identifier: Apache-2.0
// The loop of the blocking client.
#include "net/coap/blocking_client.hpp"

#include <sys/random.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace tailor::net {
namespace {

constexpr size_t kMemoryBytes = 1U << 20U;

uint64_t random_seed() {
  uint64_t seed = 0;
  return ::getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed : monotonic_now();
}

class Waiting final : public coap::ClientHandler {
 public:
  Waiting(ByteView body, size_t max_bytes) : body_(body), max_bytes_(max_bytes) {}
  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    const ByteView piece = body_.subspan(offset, out.size());
    std::copy(piece.begin(), piece.end(), out.begin());
    return piece.size();
  }
  Status on_response(const coap::ClientResponse& response) noexcept override {
    try {
      if (response.payload.size() > max_bytes_ - result.body.size()) return Error::kBodyTooLarge;
      result.code = response.code;
      if (response.content_format != coap::format::kNone) result.content_format = response.content_format;
      result.body.insert(result.body.end(), response.payload.begin(), response.payload.end());
      result.etag.assign(response.etag.begin(), response.etag.end());
      result.options.assign(response.options.begin(), response.options.end());
    } catch (const std::bad_alloc&) {
      return Error::kAllocationFailed;
    }
    done = response.last;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }

  ClientResult result;
  bool done = false;
  std::optional<Error> failure;

 private:
  ByteView body_;
  size_t max_bytes_;
};

}  // namespace

BlockingClient::BlockingClient(UdpSocket socket, const ClientConfig& config)
    : socket_(std::move(socket)),
      config_(config),
      memory_(kMemoryBytes),
      scratch_(coap::message_bytes(config.max_szx)),
      environment_{memory_, scratch_, {}, config_.max_szx, config_.transmission},
      endpoint_(environment_, storage_.slots(), *this, {}, random_seed()) {}

Outcome<std::unique_ptr<BlockingClient>> BlockingClient::connect(const UdpAddress& peer, const ClientConfig& config) {
  Outcome<UdpSocket> socket = UdpSocket::connect(peer);
  if (!socket.ok()) return socket.error();
  return std::unique_ptr<BlockingClient>(new BlockingClient(std::move(socket).value(), config));
}

void BlockingClient::send(ByteView datagram) noexcept {
  const Outcome<void> sent = socket_.send(datagram);
  if (!sent.ok()) return;  // lost, as on the wire
}

Outcome<ClientResult> BlockingClient::request(coap::RequestSpec spec, ByteView body) {
  Waiting waiting(body, config_.max_body_bytes);
  spec.body_bytes = static_cast<uint32_t>(body.size());
  spec.observe = false;
  const Result<coap::ExchangeId> id = endpoint_.request(spec, waiting, monotonic_now());
  if (!id.ok()) return fail(id.error(), std::string(spec.uri));
  std::vector<uint8_t> buffer(2048);
  while (!waiting.done && !waiting.failure) {
    endpoint_.tick(monotonic_now());
    if (waiting.done || waiting.failure) break;
    const auto datagram = socket_.receive(buffer, endpoint_.next_deadline());
    if (datagram.ok()) {
      endpoint_.on_datagram(datagram.value(), monotonic_now());
    } else if (datagram.error().code == Error::kNetworkFailed) {
      endpoint_.cancel(id.value());
      return datagram.error();
    }
  }
  if (waiting.failure) return fail(*waiting.failure, std::string(spec.uri));
  return Outcome<ClientResult>(std::move(waiting.result));
}

}  // namespace tailor::net
