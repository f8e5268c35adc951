// SPDX-License-Identifier: Apache-2.0
// A node of the simulated network that serves CoAP over real DTLS: one session for each peer address, made anew when
// the peer starts over. Scripted CA and update servers stand on it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <new>
#include <vector>

#include "core/coap/endpoint.hpp"
#include "crypto_backends/psa/dtls/session.hpp"
#include "crypto_backends/psa/x509/identity.hpp"
#include "testing/lossy_link.hpp"

namespace tailor::sim {

/// Memory without a limit.
class HeapMemory final : public coap::MessageMemory {
 public:
  Result<MutableBytes> take(size_t bytes) noexcept override {
    auto* const memory = new (std::nothrow) uint8_t[bytes];
    if (memory == nullptr) return Error::kAllocationFailed;
    return MutableBytes(memory, bytes);
  }
  void give(MutableBytes memory) noexcept override { delete[] memory.data(); }
};

class DtlsNode : public testing::Party {
 public:
  explicit DtlsNode(testing::LossyLink& link) : link_(link), address_(link.join(*this)) {}
  DtlsNode(const DtlsNode&) = delete;
  DtlsNode& operator=(const DtlsNode&) = delete;
  virtual ~DtlsNode() = default;

  [[nodiscard]] size_t address() const { return address_; }
  /// A dead node hears and says nothing.
  void set_alive(bool alive) {
    alive_ = alive;
    if (!alive) connections_.clear();
  }

  void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override;
  void tick(MonotonicMs now) override;
  [[nodiscard]] MonotonicMs next_deadline() const override;

  /// The endpoint of a peer that is connected; null otherwise.
  [[nodiscard]] coap::Endpoint* endpoint_of(size_t peer);
  [[nodiscard]] MonotonicMs now() const { return link_.now(); }

  size_t handshakes = 0;

 protected:
  /// Called once by the derived class: who it is and what it serves.
  void serve(const dtls::Settings& settings, std::vector<coap::Resource> resources);
  void notify(size_t resource);
  /// Judges a certificate; by default any is good.
  std::function<Status(ByteView)> judge = [](ByteView) -> Status { return kOk; };

 private:
  struct Connection final : dtls::SessionHandler, coap::DatagramSink, dtls::PeerVerifier {
    Connection(DtlsNode& owner, size_t from);
    void transmit(ByteView datagram) noexcept override { node.link_.send(node.address_, peer, datagram); }
    void on_established() noexcept override;
    void on_data(ByteView data) noexcept override {
      if (endpoint) endpoint->on_datagram(data, node.now());
    }
    void send(ByteView datagram) noexcept override { static_cast<void>(session.send(datagram, node.now())); }
    Status verify(std::span<const ByteView> chain) noexcept override;

    DtlsNode& node;
    size_t peer;
    Uuid id{};
    bool dead = false;
    std::vector<uint8_t> hello;  ///< the random of the ClientHello that began this
    coap::EndpointStorage<4, 4, 4, 16> storage;
    std::unique_ptr<coap::Endpoint> endpoint;
    dtls::Session session;
  };

  testing::LossyLink& link_;
  const size_t address_;
  bool alive_ = true;
  std::vector<coap::Resource> resources_;
  HeapMemory memory_;
  std::vector<uint8_t> scratch_ = std::vector<uint8_t>(coap::message_bytes(6));
  std::unique_ptr<coap::Environment> environment_;
  dtls::Context context_;
  std::map<size_t, std::unique_ptr<Connection>> connections_;
};

}  // namespace tailor::sim
