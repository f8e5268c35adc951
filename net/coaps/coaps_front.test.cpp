// SPDX-License-Identifier: Apache-2.0
// CoAP over DTLS over real sockets on loopback: two threads, devices that change their port, push from another thread.
#include "net/coaps/coaps_front.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "net/coaps/coaps_client.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor::net {
namespace {

using tailor::testing::Authority;
using tailor::testing::Credential;
using tailor::testing::peer_uri;

constexpr std::string_view kDeviceId = "2f5ac4b8-7f1c-4a0e-9c1d-000000000001";
constexpr std::string_view kServerId = "2f5ac4b8-7f1c-4a0e-9c1d-0000000000ff";

/// GET gives `content`; called from all threads.
class Shelf final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    ++calls;
    if (request.method == coap::Code::kGet) {
      response.set_code(coap::Code::kContent);
      response.set_payload(content, coap::format::kOctetStream);
      return;
    }
    received.insert(received.end(), request.payload.begin(), request.payload.end());
    response.set_code(coap::Code::kChanged);
  }
  std::vector<uint8_t> content = std::vector<uint8_t>(5000, 0x5a);
  std::vector<uint8_t> received;
  std::atomic<int> calls{0};
};

class Events final : public FrontEvents {
 public:
  void on_connected(unsigned thread, ConnectionId, const coap::Peer&) noexcept override {
    ++connected;
    last_thread = thread;
  }
  void on_disconnected(const coap::Peer&, Error) noexcept override { ++disconnected; }
  void on_refused(const UdpAddress&, Error reason) noexcept override { refused = static_cast<int>(reason); }
  std::atomic<int> connected{0};
  std::atomic<int> disconnected{0};
  std::atomic<int> refused{0};
  std::atomic<unsigned> last_thread{0};
};

class CoapsFrontTest : public ::testing::Test {
 protected:
  CoapsFrontTest() {
    CoapsFrontConfig config;
    config.bind = UdpAddress::from_text("127.0.0.1:0").value();
    config.threads = 2;
    config.options.certificate = server_.certificate;
    config.options.key = server_.key;
    config.resources = [this](unsigned) { return std::span<const coap::Resource>{table_}; };
    front_ = CoapsFront::open(std::move(config), for_server_, events_).value();
    EXPECT_TRUE(front_->start().ok());
  }
  std::unique_ptr<CoapsClient> client(std::span<const coap::Resource> resources = {}) {
    ClientOptions options;
    options.certificate = device_.certificate;
    options.key = device_.key;
    options.resources = resources;
    return CoapsClient::connect("127.0.0.1", front_->address().port(), std::move(options), for_clients_).value();
  }

  Authority authority_;
  const Credential server_ = authority_.issue({.uri = peer_uri("update-server", kServerId)});
  const Credential device_ = authority_.issue({.uri = peer_uri("device", kDeviceId)});
  const Uuid device_id_ = Uuid::from_text(kDeviceId).value();
  SystemUtcClock clock_;
  CertificatePolicy for_server_{
      {.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kDevice}, .clock = &clock_}};
  CertificatePolicy for_clients_{{.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kUpdateServer}}};
  Shelf shelf_;
  const std::array<coap::Resource, 1> table_{{{.path = "shelf", .methods = coap::kAllowGet, .handler = &shelf_}}};
  Events events_;
  std::unique_ptr<CoapsFront> front_;
};

TEST_F(CoapsFrontTest, SessionsGoOnWhateverPortAndThreadTheyComeFrom) {
  auto device = client();
  for (int i = 0; i < 12; ++i) {  // by chance each lands on the other thread every second time
    const auto response = device->request({.uri = "/shelf"}, 20'000);
    ASSERT_TRUE(response.ok()) << response.error().to_text();
    EXPECT_EQ(response->body, shelf_.content);
    ASSERT_TRUE(device->rebind().ok());
  }
  EXPECT_EQ(events_.connected, 1);
  EXPECT_GT(front_->udp_counters().handed_over, 0U);
}

TEST_F(CoapsFrontTest, PushComesFromAnyThread) {
  Shelf own;
  const coap::Resource resources[] = {{.path = "manifest", .methods = coap::kAllowPut, .handler = &own}};
  auto device = client(resources);
  ASSERT_TRUE(front_->has_device(device_id_));
  const std::vector<uint8_t> body(3000, 0x77);
  std::promise<Outcome<OwnedResponse>> answer;
  OwnedRequest push;
  push.method = coap::Code::kPut;
  push.uri = "/manifest";
  push.body_bytes = 3000;
  push.read_body = [&](uint32_t offset, MutableBytes out) -> Result<size_t> {
    std::copy_n(body.begin() + offset, out.size(), out.begin());
    return out.size();
  };
  std::atomic<bool> answered{false};
  front_->request_device(device_id_, push, [&](Outcome<OwnedResponse> response) {
    answer.set_value(std::move(response));
    answered = true;
  });
  EXPECT_TRUE(device->serve_until([&] { return answered.load(); }, 20'000));
  const auto response = answer.get_future().get();
  ASSERT_TRUE(response.ok()) << response.error().to_text();
  EXPECT_EQ(response->code, coap::Code::kChanged);
  EXPECT_EQ(own.received, body);

  std::promise<Error> nobody;
  front_->request_device(Uuid::from_text(kServerId).value(), {.uri = "/x"},
                         [&](Outcome<OwnedResponse> none) { nobody.set_value(none.error().code); });
  EXPECT_EQ(nobody.get_future().get(), Error::kNotFound);
}

TEST_F(CoapsFrontTest, ADeviceThatComesBackElsewhereIsOneDevice) {
  std::vector<std::unique_ptr<CoapsClient>> lives;
  std::set<unsigned> threads;
  for (int i = 0; i < 16; ++i) {
    lives.push_back(client());  // without closing the one before: it lost power
    ASSERT_TRUE(lives.back()->request({.uri = "/shelf"}, 20'000).ok());
    threads.insert(events_.last_thread);
  }
  EXPECT_EQ(threads.size(), 2U);
  EXPECT_EQ(events_.connected, 16);
  EXPECT_TRUE(front_->has_device(device_id_));
  size_t connections = 0;
  for (unsigned thread = 0; thread < 2; ++thread) {
    std::promise<size_t> count;
    front_->on_thread(thread, [&](CoapsEndpoint& endpoint, MonotonicMs) { count.set_value(endpoint.connections()); });
    connections += count.get_future().get();
  }
  EXPECT_EQ(connections, 1U);
  front_->disconnect(device_id_);
  std::promise<void> done;
  front_->on_thread(events_.last_thread, [&](CoapsEndpoint&, MonotonicMs) { done.set_value(); });
  done.get_future().wait();
  EXPECT_FALSE(front_->has_device(device_id_));
}

TEST_F(CoapsFrontTest, RefusalNamesItsReason) {
  const Credential expired =
      authority_.issue({.uri = peer_uri("device", kDeviceId), .not_before = 1'000'000'000, .not_after = 1'000'000'100});
  ClientOptions options;
  options.certificate = expired.certificate;
  options.key = expired.key;
  const auto refused = CoapsClient::connect("127.0.0.1", front_->address().port(), options, for_clients_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Error::kHandshakeFailed);
  for (int i = 0; i < 200 && events_.refused == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(events_.refused, static_cast<int>(Error::kCertificateExpired));
}

TEST(CoapsClientTest, NobodyThereIsATimeout) {
  auto socket = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value());
  ASSERT_TRUE(socket.ok());
  CertificatePolicy nobody_admitted{{}};
  ClientOptions options;
  options.psk_identity = {'x'};
  options.psk = std::vector<uint8_t>(16, 1);
  const auto nobody = CoapsClient::connect("127.0.0.1", socket->local()->port(), options, nobody_admitted, 300);
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().code, Error::kTimeout);
}

}  // namespace
}  // namespace tailor::net
