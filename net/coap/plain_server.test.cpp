// SPDX-License-Identifier: Apache-2.0
// The plain server over real sockets on loopback, asked by our blocking client; and its peers' end with a thread that
// is only pretended.
#include "net/coap/plain_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "net/coap/blocking_client.hpp"

namespace tailor::net {
namespace {

using coap::Code;

std::vector<uint8_t> body_of(size_t size) {
  std::vector<uint8_t> body(size);
  for (size_t i = 0; i < size; ++i) body[i] = static_cast<uint8_t>(i * 31 + (i >> 8U));
  return body;
}

class OneImage final : public coap::ImmutableStore {
 public:
  Result<coap::ImmutableObject> find(std::string_view name) const noexcept override {
    if (name != "image") return Error::kNotFound;
    return coap::ImmutableObject{body, as_bytes("image")};
  }
  std::vector<uint8_t> body = body_of(100'000);
};

class Sink final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    if (request.method == Code::kGet) {
      response.set_code(Code::kContent);
      return response.set_payload(body, coap::format::kOctetStream);
    }
    if (request.offset == 0) body.clear();
    body.insert(body.end(), request.payload.begin(), request.payload.end());
    response.set_code(Code::kChanged);
  }
  std::vector<uint8_t> body;
};

struct ServedCoap {
  ServedCoap() {
    front = UdpFront::open({.bind = UdpAddress::from_text("127.0.0.1:0").value(), .threads = 1}).value();
    EXPECT_TRUE(front
                    ->start([this](UdpThread& thread) {
                      PlainServerConfig config;
                      config.resources = table;
                      config.images = &images;
                      return std::make_unique<PlainServer>(thread, config);
                    })
                    .ok());
    client = BlockingClient::connect(front->address()).value();
  }
  OneImage images;
  Sink sink;
  std::array<coap::Resource, 1> table{
      {{.path = "sink", .methods = coap::kAllowGet | coap::kAllowPut, .handler = &sink, .observable = true}}};
  std::unique_ptr<UdpFront> front;
  std::unique_ptr<BlockingClient> client;
};

TEST(PlainServer, ServesImagesResourcesAndErrors) {
  ServedCoap served;
  const auto image = served.client->request({.uri = "/img/image"}).value();
  EXPECT_EQ(image.code, Code::kContent);
  EXPECT_EQ(image.body, served.images.body);
  EXPECT_EQ(as_text(image.etag), "image");
  const auto missing = served.client->request({.uri = "/img/none"}).value();
  EXPECT_EQ(missing.code, Code::kNotFound);
  const auto body = body_of(5000);
  EXPECT_EQ(served.client->request({.method = Code::kPut, .uri = "/sink"}, body).value().code, Code::kChanged);
  EXPECT_EQ(served.client->request({.uri = "/sink"}).value().body, body);
  const auto links = served.client->request({.uri = "/.well-known/core"}).value();
  EXPECT_EQ(std::string(links.body.begin(), links.body.end()), "</sink>;obs");
}

TEST(PlainServer, SilenceIsATimeout) {
  const UdpSocket silent = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value()).value();
  const auto client =
      BlockingClient::connect(silent.local().value(), {.transmission = {.ack_timeout_ms = 10, .max_retransmit = 2}})
          .value();
  EXPECT_EQ(client->request({.uri = "/x"}).error().code, Error::kTimeout);
}

TEST(BlockingClient, RefusesABodyBeyondItsLimit) {
  ServedCoap served;
  const auto client = BlockingClient::connect(served.front->address(), {.max_body_bytes = 5000}).value();
  EXPECT_EQ(client->request({.uri = "/img/image"}).error().code, Error::kBodyTooLarge);
}

/// A thread of the front that keeps what is sent.
class FakeThread final : public UdpThread {
 public:
  unsigned index() const noexcept override { return 0; }
  unsigned count() const noexcept override { return 1; }
  MutableBytes room() noexcept override { return room_; }
  void send_room(const UdpAddress& to, size_t size) noexcept override { send(to, ByteView{room_}.first(size)); }
  void send(const UdpAddress& to, ByteView datagram) noexcept override {
    sent.emplace_back(to, std::vector<uint8_t>(datagram.begin(), datagram.end()));
  }
  std::vector<std::pair<UdpAddress, std::vector<uint8_t>>> sent;

 private:
  std::array<uint8_t, kDatagramBytes> room_{};
};

UdpAddress peer_number(uint16_t number) {
  UdpAddress address = UdpAddress::from_text("192.0.2.1:1").value();
  address.set_port(number);
  return address;
}

struct Pretended {
  explicit Pretended(size_t max_peers = 100) {
    config.resources = table;
    config.images = &images;
    config.max_peers = max_peers;
    server = std::make_unique<PlainServer>(thread, config);
  }
  void from(uint16_t peer, ByteView datagram, MonotonicMs now = 1000) {
    server->on_datagram(peer_number(peer), datagram, now);
  }
  OneImage images;
  Sink sink;
  std::array<coap::Resource, 1> table{
      {{.path = "sink", .methods = coap::kAllowGet | coap::kAllowPut, .handler = &sink, .observable = true}}};
  PlainServerConfig config;
  FakeThread thread;
  std::unique_ptr<PlainServer> server;
};

constexpr auto kGetImage = "40 01 00 01 b3 69 6d 67 05 69 6d 61 67 65"_hex;
constexpr auto kGetSink = "40 01 00 01 b4 73 69 6e 6b"_hex;
constexpr auto kPutSink = "40 03 00 02 b4 73 69 6e 6b ff 01"_hex;
constexpr auto kObserveSink = "41 01 00 03 aa 60 54 73 69 6e 6b"_hex;

TEST(PlainServer, KeepsNoStateForReads) {
  Pretended pretended;
  for (uint16_t peer = 1; peer <= 50; ++peer) {
    pretended.from(peer, kGetImage);
    pretended.from(peer, kGetSink);
    pretended.from(peer, "ff"_hex);
  }
  EXPECT_EQ(pretended.thread.sent.size(), 100U);
  EXPECT_EQ(pretended.server->peers(), 0U);
  EXPECT_EQ(pretended.server->next_deadline(), kNever);
}

TEST(PlainServer, ForgetsAPeerWhenItsExchangeIsOver) {
  Pretended pretended;
  pretended.from(1, kPutSink);
  EXPECT_EQ(pretended.server->peers(), 1U);
  MonotonicMs now = 1000;
  while (pretended.server->next_deadline() != kNever) {
    now = std::max(now, pretended.server->next_deadline());
    pretended.server->tick(now);
  }
  EXPECT_EQ(pretended.server->peers(), 0U);
  EXPECT_GE(now, 1000U + 247'000);
  EXPECT_LE(now, 1000U + 247'000 + 10'000);
}

TEST(PlainServer, AFloodOfPeersPushesOutTheQuietest) {
  Pretended pretended(3);
  for (uint16_t peer = 1; peer <= 3; ++peer) pretended.from(peer, kPutSink);
  pretended.from(1, kPutSink, 2000);  // heard of again
  pretended.from(4, kPutSink, 3000);
  EXPECT_EQ(pretended.server->peers(), 3U);
  const auto answers_before = pretended.thread.sent.size();
  pretended.from(1, kPutSink, 3000);  // known: answered from memory, in the same bytes
  EXPECT_EQ(pretended.thread.sent.back().second, pretended.thread.sent.front().second);
  EXPECT_EQ(pretended.thread.sent.size(), answers_before + 1);
}

TEST(PlainServer, NotifiesEveryObserver) {
  Pretended pretended;
  for (uint16_t peer = 1; peer <= 5; ++peer) pretended.from(peer, kObserveSink);
  pretended.thread.sent.clear();
  pretended.sink.body = {1, 2};
  pretended.server->notify(pretended.table[0]);
  EXPECT_EQ(pretended.server->next_deadline(), 0U);
  pretended.server->tick(1100);
  ASSERT_EQ(pretended.thread.sent.size(), 5U);
  for (const auto& [to, datagram] : pretended.thread.sent) {
    const coap::Message message = coap::decode(datagram).value();
    EXPECT_EQ(message.code, Code::kContent);
    EXPECT_EQ(message.payload.size(), 2U);
  }
  EXPECT_GT(pretended.server->next_deadline(), 1100U);
}

}  // namespace
}  // namespace tailor::net
