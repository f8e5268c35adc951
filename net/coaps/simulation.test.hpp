// SPDX-License-Identifier: Apache-2.0
// What the tests of CoAP over DTLS speak: a front and clients on a lossy link in virtual time, resources that remember
// who asked, and requests that collect what came back.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/coaps/client_connection.hpp"
#include "net/coaps/coaps_endpoint.hpp"
#include "testing/certificates/authority.hpp"
#include "testing/lossy_link.hpp"

namespace tailor::net::testing {

using Bytes = std::vector<uint8_t>;
using tailor::testing::Authority;
using tailor::testing::Credential;
using tailor::testing::LossyLink;

/// The link numbers its parties; their addresses carry the number as port.
inline UdpAddress address_of(size_t number) {
  UdpAddress address;
  address.set_port(static_cast<uint16_t>(number + 1));
  return address;
}
inline size_t number_of(const UdpAddress& address) {
  return size_t{address.port()} - 1;
}

inline Bytes body_of(size_t size) {
  Bytes body(size);
  for (size_t i = 0; i < size; ++i) body[i] = static_cast<uint8_t>(i * 31 + (i >> 8U));
  return body;
}

/// A resource: GET gives `content`, PUT and POST collect bodies; remembers who asked last.
class Shelf final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    ++calls;
    tenant = std::string{request.peer.tenant};
    role = request.peer.role;
    id = request.peer.id;
    connection = request.peer.context;
    if (request.method == coap::Code::kGet) {
      response.set_code(coap::Code::kContent);
      response.set_payload(content, coap::format::kOctetStream);
      if (!etag.empty()) response.set_etag(etag);
      return;
    }
    if (request.offset == 0) received.clear();
    received.insert(received.end(), request.payload.begin(), request.payload.end());
    response.set_code(coap::Code::kChanged);
  }
  Bytes content;
  Bytes etag{1};
  Bytes received;
  size_t calls = 0;
  std::string tenant;
  coap::PeerRole role = coap::PeerRole::kNone;
  Uuid id{};
  void* connection = nullptr;
};

/// A request's fate.
class Reply final : public coap::ClientHandler {
 public:
  [[nodiscard]] Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    std::copy_n(upload.begin() + offset, out.size(), out.begin());
    return out.size();
  }
  [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override {
    code = response.code;
    if (response.offset == 0) body.clear();
    body.insert(body.end(), response.payload.begin(), response.payload.end());
    if (response.last) ++complete;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }
  [[nodiscard]] bool ended() const { return complete > 0 || failure.has_value(); }

  Bytes upload;
  Bytes body;
  coap::Code code = coap::Code::kEmpty;
  int complete = 0;
  std::optional<Error> failure;
};

/// A CoapsEndpoint on the link, with one resource.
class Front final : public tailor::testing::Party, public Outlet, public ConnectionEvents {
 public:
  Front(LossyLink& link, CoapsOptions options, AccessPolicy& policy)
      : link_(link), number(link.join(*this)), endpoint(with_table(std::move(options)), policy, *this, *this) {
    EXPECT_TRUE(endpoint.start().ok());
  }
  void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override {
    endpoint.on_datagram(address_of(from), datagram, now);
  }
  void tick(MonotonicMs now) override { endpoint.tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const override { return endpoint.next_deadline(); }
  void send(const UdpAddress& to, ByteView datagram) noexcept override {
    sent_bytes[number_of(to)] += datagram.size();
    link_.send(number, number_of(to), datagram);
  }
  void on_connected(ConnectionId connection, const coap::Peer& peer) noexcept override {
    connected.push_back(peer.id);
    last_connection = connection;
  }
  void on_disconnected(ConnectionId, const coap::Peer& peer, Error reason) noexcept override {
    disconnected.emplace_back(peer.id, reason);
  }
  void on_refused(const UdpAddress&, Error reason) noexcept override { refused.push_back(reason); }

  [[nodiscard]] const coap::Resource& state() const { return table[1]; }

 private:
  CoapsOptions with_table(CoapsOptions options) {
    options.resources = table;
    return options;
  }
  LossyLink& link_;

 public:
  Shelf shelf;
  const std::array<coap::Resource, 2> table{
      {{.path = "shelf", .methods = coap::kAllowGet | coap::kAllowPut, .handler = &shelf},
       {.path = "state", .methods = coap::kAllowGet, .handler = &shelf, .observable = true}}};
  const size_t number;
  std::vector<Uuid> connected;
  std::vector<std::pair<Uuid, Error>> disconnected;
  std::vector<Error> refused;
  std::map<size_t, size_t> sent_bytes;
  ConnectionId last_connection = 0;
  CoapsEndpoint endpoint;
};

/// A client on the link; it may move to another address, and has a resource of its own.
class Client final : public tailor::testing::Party {
 public:
  Client(LossyLink& link, size_t server, ClientOptions options, AccessPolicy& policy)
      : link_(link), server_(server), number(link.join(*this)), options_(std::move(options)), policy_(policy) {
    reboots();
  }
  /// Loses all memory.
  void reboots() {
    options_.resources = table;
    connection_.emplace(options_, policy_, [this](ByteView datagram) { link_.send(number, server_, datagram); });
  }
  [[nodiscard]] ClientConnection& connection() { return *connection_; }

  void on_datagram(size_t /*from*/, ByteView datagram, MonotonicMs now) override {
    connection_->on_datagram(datagram, now);
  }
  void tick(MonotonicMs now) override { connection_->tick(now); }
  [[nodiscard]] MonotonicMs next_deadline() const override { return connection_->next_deadline(); }

  /// Sends from a new address from now on; what comes to the old one is not received.
  void moves() { number = link_.join(elsewhere_.emplace_back(std::make_unique<Mailbox>(*this)).operator*()); }
  bool connects(uint64_t limit_ms = 60'000) {
    EXPECT_TRUE(connection_->connect(link_.now()).ok());
    return link_.run_until([&] { return connection_->established() || connection_->failure(); }, limit_ms) &&
           connection_->established();
  }
  void asks(const coap::RequestSpec& spec, Reply& reply) {
    ASSERT_TRUE(connection_->endpoint().request(spec, reply, link_.now()).ok());
  }
  bool gets(std::string_view uri, Reply& reply, uint64_t limit_ms = 600'000) {
    asks({.uri = uri}, reply);
    return link_.run_until([&] { return reply.ended(); }, limit_ms) && reply.code == coap::Code::kContent;
  }

 private:
  /// The new address of a client that moved.
  struct Mailbox final : public tailor::testing::Party {
    explicit Mailbox(Client& owner) : client(owner) {}
    void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override {
      client.on_datagram(from, datagram, now);
    }
    void tick(MonotonicMs) override {}
    [[nodiscard]] MonotonicMs next_deadline() const override { return kNever; }
    Client& client;
  };
  LossyLink& link_;
  const size_t server_;
  std::vector<std::unique_ptr<Mailbox>> elsewhere_;

 public:
  Shelf shelf;
  const std::array<coap::Resource, 1> table{
      {{.path = "manifest", .methods = coap::kAllowGet | coap::kAllowPut, .handler = &shelf}}};
  size_t number;

 private:
  ClientOptions options_;
  AccessPolicy& policy_;
  std::optional<ClientConnection> connection_;
};

}  // namespace tailor::net::testing
