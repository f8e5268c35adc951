// SPDX-License-Identifier: Apache-2.0
// A plain CoAP client that waits for its answer: for command lines and tests. The engine is the same Endpoint that
// devices and servers run.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/coap/endpoint.hpp"
#include "net/coap/heap_memory.hpp"
#include "net/udp/socket.hpp"

namespace tailor::net {

struct ClientConfig {
  uint8_t max_szx = coap::Block::kMaxSzx;
  coap::Transmission transmission{};
  size_t max_body_bytes = 64U << 20U;  ///< a longer response body is refused
};

/// A complete response.
struct ClientResult {
  coap::Code code = coap::Code::kEmpty;
  uint16_t content_format = coap::format::kNone;
  std::vector<uint8_t> body;
  std::vector<uint8_t> etag;
  std::vector<uint8_t> options;  ///< of its last message, for OptionReader
};

class BlockingClient final : private coap::DatagramSink {
 public:
  /// @returns kNetworkFailed
  [[nodiscard]] static Outcome<std::unique_ptr<BlockingClient>> connect(const UdpAddress& peer,
                                                                        const ClientConfig& config = {});
  /// Sends a request with its whole body and waits for the whole response; the engine's timeouts bound the wait.
  ///
  /// @param spec  without observe; body_bytes is set from `body`
  /// @returns a response of whatever code; kTimeout and the other failures of ClientHandler::on_failure; kBodyTooLarge
  [[nodiscard]] Outcome<ClientResult> request(coap::RequestSpec spec, ByteView body = {});
  /// Observes a resource (RFC 7641) until `on_state`, which gets each of its states, returns false, or until
  /// `deadline`. The server learns of the end with its next notification.
  ///
  /// @returns kTimeout when the deadline came first; kStateConflict when the resource cannot be observed or the server
  ///          ended the observation; failures as request()
  [[nodiscard]] Outcome<void> observe(coap::RequestSpec spec, const std::function<bool(const ClientResult&)>& on_state,
                                      MonotonicMs deadline);
  /// Sends a CoAP ping and waits for its answer. @returns kTimeout
  [[nodiscard]] Outcome<void> ping();

 private:
  class Waiting;
  [[nodiscard]] Outcome<void> run(coap::ExchangeId id, Waiting& waiting, MonotonicMs deadline);

  BlockingClient(UdpSocket socket, const ClientConfig& config);
  void send(ByteView datagram) noexcept override;

  UdpSocket socket_;
  ClientConfig config_;
  HeapMemory memory_;
  std::vector<uint8_t> scratch_;
  coap::Environment environment_;
  coap::EndpointStorage<1, 1, 0, 2> storage_;
  coap::Endpoint endpoint_;
};

}  // namespace tailor::net
