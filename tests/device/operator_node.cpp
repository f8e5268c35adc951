// SPDX-License-Identifier: Apache-2.0
#include "tests/device/operator_node.hpp"

namespace tailor::sim {

OperatorNode::OperatorNode(testing::LossyLink& link, const pki::TestAuthority& authority, const Uuid& id,
                           pki::Role role)
    : link_(link), address_(link.join(*this)), credential_(authority, role, id) {
  dtls::Settings settings;
  settings.side = dtls::Side::kClient;
  settings.certificate = credential_.certificate;
  settings.key = &credential_.key;
  settings.verify_peers = true;
  EXPECT_TRUE(context_.init(settings).ok());
}

void OperatorNode::connect(size_t device) {
  device_ = device;
  session_ = std::make_unique<dtls::Session>(context_, static_cast<dtls::SessionHandler&>(*this),
                                             static_cast<dtls::PeerVerifier*>(this));
  ASSERT_TRUE(session_->connect(link_.now()).ok());
}

void OperatorNode::on_established() noexcept {
  endpoint_ = std::make_unique<coap::Endpoint>(environment_, storage_.slots(), static_cast<coap::DatagramSink&>(*this),
                                               coap::Peer{}, 99);
  greeting_.send(*endpoint_, coap::Code::kGet, "/.well-known/core", coap::format::kNone, {}, link_.now());
}

void OperatorNode::on_datagram(size_t from, ByteView datagram, MonotonicMs now) {
  if (from != device_ || !session_ || failure) return;
  if (const Status status = session_->on_datagram(datagram, now); !status.ok()) failure = status.error();
}

void OperatorNode::tick(MonotonicMs now) {
  if (!session_ || failure) return;
  if (session_->next_deadline() <= now) {
    if (const Status status = session_->tick(now); !status.ok()) failure = status.error();
  }
  if (endpoint_ && endpoint_->next_deadline() <= now) endpoint_->tick(now);
  if (greeting_.failure) failure = greeting_.failure;
}

MonotonicMs OperatorNode::next_deadline() const {
  if (!session_ || failure) return kNever;
  const MonotonicMs deadline = session_->next_deadline();
  return endpoint_ ? earlier(deadline, endpoint_->next_deadline()) : deadline;
}

}  // namespace tailor::sim
