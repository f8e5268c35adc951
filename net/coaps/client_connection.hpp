// SPDX-License-Identifier: Apache-2.0
// The client side of CoAP over DTLS, sans-I/O: one session to one server and the CoAP endpoint over it. The server may
// send requests of its own over the same session; a resource table answers them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/coap/endpoint.hpp"
#include "crypto_backends/psa/dtls/session.hpp"
#include "net/coap/heap_memory.hpp"
#include "net/coaps/access_policy.hpp"

namespace tailor::net {

struct ClientOptions {
  // Either a certificate with its key, or a pre-shared key with its identity.
  std::vector<uint8_t> certificate{};  ///< DER
  crypto::P256PrivateKey key{};
  std::vector<uint8_t> psk_identity{};
  std::vector<uint8_t> psk{};

  std::span<const coap::Resource> resources{};
  uint8_t max_szx = coap::Block::kMaxSzx;
  coap::Transmission transmission{};
  uint32_t retransmit_min_ms = 1000;
  uint32_t retransmit_max_ms = 16'000;
  uint16_t handshake_mtu = 1152;
};

class ClientConnection final : private dtls::SessionHandler, private dtls::PeerVerifier, private coap::DatagramSink {
 public:
  using Transmit = std::function<void(ByteView datagram)>;

  /// @param policy  judges the server's certificate; not asked in PSK mode
  ClientConnection(ClientOptions options, AccessPolicy& policy, Transmit transmit);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Starts the handshake, the first time or after an end.
  [[nodiscard]] Status connect(MonotonicMs now) noexcept;
  void on_datagram(ByteView datagram, MonotonicMs now) noexcept;
  void tick(MonotonicMs now) noexcept;
  [[nodiscard]] MonotonicMs next_deadline() const noexcept;
  /// Tells the server that the session ends, and ends what is under way with kSessionClosed.
  void close() noexcept;

  [[nodiscard]] bool established() const noexcept { return endpoint_.has_value() && session_.established(); }
  /// Why the session has ended or did not come about.
  [[nodiscard]] std::optional<Error> failure() const noexcept { return failure_; }
  /// @pre established()
  [[nodiscard]] coap::Endpoint& endpoint() noexcept { return *endpoint_; }
  /// The server, as the policy admitted it; nobody in PSK mode.
  [[nodiscard]] const Admission& server() const noexcept { return server_; }

 private:
  void transmit(ByteView datagram) noexcept override;
  void on_established() noexcept override;
  void on_data(ByteView data) noexcept override;
  [[nodiscard]] Status verify(std::span<const ByteView> chain) noexcept override;
  void send(ByteView datagram) noexcept override;
  void end(Error reason) noexcept;

  const ClientOptions options_;
  AccessPolicy& policy_;
  const Transmit transmit_;
  std::vector<uint8_t> scratch_;
  HeapMemory memory_{size_t{4} << 20U};
  coap::Environment environment_;
  MonotonicMs now_ = 0;
  std::optional<Error> failure_;
  Admission server_;
  dtls::Context context_;
  const Status ready_;  ///< of the context
  dtls::Session session_;
  coap::EndpointStorage<8, 4, 4, 16> slots_;
  std::optional<coap::Endpoint> endpoint_;
};

}  // namespace tailor::net
