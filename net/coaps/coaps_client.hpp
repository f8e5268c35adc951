// SPDX-License-Identifier: Apache-2.0
// A CoAP-over-DTLS client with a socket of its own that waits for its answers: for the CLI and for tests. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hosted/failure.hpp"
#include "net/coaps/client_connection.hpp"
#include "net/udp/socket.hpp"

namespace tailor::net {

struct CoapRequest {
  coap::Code method = coap::Code::kGet;
  std::string uri;  ///< path and query: "/status"
  std::vector<uint8_t> body{};
  uint16_t content_format = coap::format::kNone;
  uint16_t accept = coap::format::kNone;
};

struct CoapResponse {
  coap::Code code = coap::Code::kEmpty;
  uint16_t content_format = coap::format::kNone;
  std::vector<uint8_t> body;
  std::vector<uint8_t> etag;
  std::string location;  ///< Location-Path, joined with "/"
};

class CoapsClient {
 public:
  static constexpr size_t kMaxResponseBytes = size_t{256} << 20U;

  /// Looks the host up and completes the handshake. `policy` outlives the client.
  ///
  /// @returns kNetworkFailed, kTimeout, kHandshakeFailed, what the policy says, what dtls::Context::init() returns
  [[nodiscard]] static Outcome<std::unique_ptr<CoapsClient>> connect(const std::string& host, uint16_t port,
                                                                     ClientOptions options, AccessPolicy& policy,
                                                                     uint32_t timeout_ms = 30'000);
  ~CoapsClient();  ///< closes
  CoapsClient(const CoapsClient&) = delete;
  CoapsClient& operator=(const CoapsClient&) = delete;

  /// Sends a request and waits for the whole response; error codes of the server are responses too.
  ///
  /// @returns kTimeout, kResetByPeer, kSessionClosed, kBodyTooLarge and what else ends a request
  [[nodiscard]] Outcome<CoapResponse> request(const CoapRequest& request, uint32_t timeout_ms = 120'000);
  /// Serves the peer's requests (ClientOptions::resources) until `done` or the time is over. @returns done()
  bool serve_until(const std::function<bool()>& done, uint32_t timeout_ms);
  /// Goes on from another local port, as after a change of network.
  [[nodiscard]] Outcome<void> rebind();
  void close();

  [[nodiscard]] const Admission& server() const noexcept { return connection_->server(); }
  [[nodiscard]] ClientConnection& connection() noexcept { return *connection_; }

 private:
  CoapsClient(UdpAddress peer, UdpSocket socket);
  bool run_until(const std::function<bool()>& done, MonotonicMs deadline);

  const UdpAddress peer_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<ClientConnection> connection_;
};

}  // namespace tailor::net
