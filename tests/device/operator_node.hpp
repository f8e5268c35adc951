// SPDX-License-Identifier: Apache-2.0
// An operator's side of a direct connection to a device: DTLS client, CoAP client.
#pragma once

#include <memory>
#include <optional>

#include "tests/device/scripted_peers.hpp"

namespace tailor::sim {

class OperatorNode final : public testing::Party,
                           private dtls::SessionHandler,
                           private dtls::PeerVerifier,
                           private coap::DatagramSink {
 public:
  OperatorNode(testing::LossyLink& link, const pki::TestAuthority& authority, const Uuid& id,
               pki::Role role = pki::Role::kOperator);

  void connect(size_t device);
  /// The device has accepted: it answered a first question.
  [[nodiscard]] bool open() const { return greeting_.code != coap::Code::kEmpty; }
  [[nodiscard]] coap::Endpoint& endpoint() { return *endpoint_; }

  void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override;
  void tick(MonotonicMs now) override;
  [[nodiscard]] MonotonicMs next_deadline() const override;

  std::optional<Error> failure;

 private:
  void transmit(ByteView datagram) noexcept override { link_.send(address_, device_, datagram); }
  void on_established() noexcept override;
  void on_data(ByteView data) noexcept override { endpoint_->on_datagram(data, link_.now()); }
  void send(ByteView datagram) noexcept override { static_cast<void>(session_->send(datagram, link_.now())); }
  Status verify(std::span<const ByteView> /*chain*/) noexcept override { return kOk; }

  testing::LossyLink& link_;
  const size_t address_;
  size_t device_ = 0;
  Credential credential_;
  HeapMemory memory_;
  std::vector<uint8_t> scratch_ = std::vector<uint8_t>(coap::message_bytes(6));
  coap::Environment environment_{memory_, scratch_};
  dtls::Context context_;
  coap::EndpointStorage<2, 1, 1, 4> storage_;
  Caller greeting_;
  std::unique_ptr<coap::Endpoint> endpoint_;
  std::unique_ptr<dtls::Session> session_;
};

}  // namespace tailor::sim
