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

}  // namespace

/// Collects a response body; of an observation, one after the other.
class BlockingClient::Waiting final : public coap::ClientHandler {
 public:
  Waiting(ByteView body, size_t max_bytes) : body_(body), max_bytes_(max_bytes) {}
  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    const ByteView piece = body_.subspan(offset, out.size());
    std::copy(piece.begin(), piece.end(), out.begin());
    return piece.size();
  }
  Status on_response(const coap::ClientResponse& response) noexcept override {
    try {
      if (response.offset == first_offset_ || result.body.empty()) {
        first_offset_ = response.offset;
        result = {};
      }
      if (response.payload.size() > max_bytes_ - result.body.size()) return Error::kBodyTooLarge;
      result.code = response.code;
      if (response.content_format != coap::format::kNone) result.content_format = response.content_format;
      result.body.insert(result.body.end(), response.payload.begin(), response.payload.end());
      result.etag.assign(response.etag.begin(), response.etag.end());
      result.options.assign(response.options.begin(), response.options.end());
    } catch (const std::bad_alloc&) {
      return Error::kAllocationFailed;
    }
    complete = response.last;
    ended = response.last && !response.observed;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }

  ClientResult result;
  bool complete = false;
  bool ended = false;
  std::optional<Error> failure;

 private:
  ByteView body_;
  size_t max_bytes_;
  uint32_t first_offset_ = 0;
};

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

/// Runs the engine until the request has a complete state, has failed, or the deadline has come.
Outcome<void> BlockingClient::run(coap::ExchangeId id, Waiting& waiting, MonotonicMs deadline) {
  std::vector<uint8_t> buffer(2048);
  waiting.complete = false;
  while (true) {
    const MonotonicMs now = monotonic_now();
    endpoint_.tick(now);
    if (waiting.failure) return fail(*waiting.failure);
    if (waiting.complete) return kOk;
    if (now >= deadline) return fail(Error::kTimeout);
    const auto datagram = socket_.receive(buffer, std::min(deadline, endpoint_.next_deadline()));
    if (datagram.ok()) {
      endpoint_.on_datagram(datagram.value(), monotonic_now());
    } else if (datagram.error().code == Error::kNetworkFailed) {
      endpoint_.cancel(id);
      return datagram.error();
    }
  }
}

Outcome<ClientResult> BlockingClient::request(coap::RequestSpec spec, ByteView body) {
  Waiting waiting(body, config_.max_body_bytes);
  spec.body_bytes = static_cast<uint32_t>(body.size());
  spec.observe = false;
  const Result<coap::ExchangeId> id = endpoint_.request(spec, waiting, monotonic_now());
  if (!id.ok()) return fail(id.error(), std::string(spec.uri));
  const Outcome<void> outcome = with_context(run(id.value(), waiting, kNever), spec.uri);
  if (!outcome.ok()) return outcome.error();
  return Outcome<ClientResult>(std::move(waiting.result));
}

Outcome<void> BlockingClient::observe(coap::RequestSpec spec, const std::function<bool(const ClientResult&)>& on_state,
                                      MonotonicMs deadline) {
  Waiting waiting({}, config_.max_body_bytes);
  spec.observe = true;
  const Result<coap::ExchangeId> id = endpoint_.request(spec, waiting, monotonic_now());
  if (!id.ok()) return fail(id.error(), std::string(spec.uri));
  while (true) {
    const Outcome<void> outcome = with_context(run(id.value(), waiting, deadline), spec.uri);
    if (!outcome.ok()) {
      endpoint_.cancel(id.value());
      return outcome.error();
    }
    if (!on_state(waiting.result)) break;
    if (waiting.ended) return fail(Error::kStateConflict, std::string(spec.uri));
  }
  endpoint_.cancel(id.value());
  return kOk;
}

Outcome<void> BlockingClient::ping() {
  Waiting waiting({}, 0);
  const Result<coap::ExchangeId> id = endpoint_.ping(waiting, monotonic_now());
  if (!id.ok()) return fail(id.error());
  return run(id.value(), waiting, kNever);
}

}  // namespace tailor::net
