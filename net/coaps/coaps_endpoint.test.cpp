// SPDX-License-Identifier: Apache-2.0
// CoAP over DTLS between a front and clients in a simulated network: who gets in, push, moving and rebooting devices,
// sleeping sessions, limits.
#include "net/coaps/coaps_endpoint.hpp"

#include <random>

#include "net/coaps/simulation.test.hpp"

namespace tailor::net::testing {
namespace {

using tailor::testing::LinkFaults;
using tailor::testing::peer_uri;

constexpr std::string_view kDeviceId = "2f5ac4b8-7f1c-4a0e-9c1d-000000000001";
constexpr std::string_view kOtherId = "2f5ac4b8-7f1c-4a0e-9c1d-000000000002";
constexpr std::string_view kServerId = "2f5ac4b8-7f1c-4a0e-9c1d-0000000000ff";
constexpr std::string_view kPsk = "0123456789abcdef";

/// Certificates, and one pre-shared key for the first device.
class DevicePolicy final : public CertificatePolicy {
 public:
  using CertificatePolicy::CertificatePolicy;
  [[nodiscard]] Result<ByteView> find_psk(ByteView identity, MutableBytes out) noexcept override {
    if (as_text(identity) != kDeviceId) return Error::kPskUnknown;
    return copy_into(out, as_bytes(kPsk));
  }
  [[nodiscard]] Result<Admission> admit_psk(ByteView identity) noexcept override {
    TAILOR_TRY_ASSIGN(const Uuid id, Uuid::from_text(as_text(identity)));
    return Admission{"default", coap::PeerRole::kDevice, id};
  }
};

class Coaps : public ::testing::Test {
 protected:
  explicit Coaps(LinkFaults faults = {}) : link(7, faults) {}

  CoapsOptions options() {
    CoapsOptions made;
    made.certificate = server_.certificate;
    made.key = server_.key;
    made.psk = true;
    return made;
  }
  Front& front() {
    if (!front_) front_.emplace(link, options_, for_server_);
    return *front_;
  }
  // Clients stay with the link until the test ends.
  Client* client(const Credential& credential) {
    ClientOptions made;
    made.certificate = credential.certificate;
    made.key = credential.key;
    return join(std::move(made));
  }
  Client* psk_client(std::string_view identity, std::string_view key) {
    ClientOptions made;
    made.psk_identity.assign(identity.begin(), identity.end());
    made.psk.assign(key.begin(), key.end());
    return join(std::move(made));
  }
  Client* join(ClientOptions made) {
    const size_t server = front().number;
    return clients_.emplace_back(std::make_unique<Client>(link, server, std::move(made), for_clients_)).get();
  }
  Credential credential(std::string_view role, std::string_view id) {
    return authority_.issue({.uri = peer_uri(role, id)});
  }

  Authority authority_;
  const Credential server_ = credential("update-server", kServerId);
  const Credential device_ = credential("device", kDeviceId);
  const Uuid device_id_ = Uuid::from_text(kDeviceId).value();
  DevicePolicy for_server_{
      {.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kDevice, coap::PeerRole::kOperator}}};
  CertificatePolicy for_clients_{{.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kUpdateServer}}};
  LossyLink link;
  CoapsOptions options_ = options();
  std::optional<Front> front_;
  std::vector<std::unique_ptr<Client>> clients_;
};

TEST_F(Coaps, HandlersSeeWhoAsks) {
  front().shelf.content = body_of(3000);
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  EXPECT_EQ(device->connection().server().id, Uuid::from_text(kServerId).value());
  Reply reply;
  ASSERT_TRUE(device->gets("/shelf", reply));
  EXPECT_EQ(reply.body, front().shelf.content);
  EXPECT_EQ(front().shelf.role, coap::PeerRole::kDevice);
  EXPECT_EQ(front().shelf.id, device_id_);
  EXPECT_EQ(front().shelf.tenant, "default");
  EXPECT_EQ(front().connected, std::vector<Uuid>{device_id_});
  device->connection().close();
  link.run_for(1000);
  ASSERT_EQ(front().disconnected.size(), 1U);
  EXPECT_EQ(front().disconnected[0].second, Error::kSessionClosed);
  EXPECT_EQ(front().endpoint.connections(), 0U);
}

TEST_F(Coaps, PskClientsAreWhoTheirKeySays) {
  Client* const device = psk_client(kDeviceId, kPsk);
  ASSERT_TRUE(device->connects());
  Reply reply;
  ASSERT_TRUE(device->gets("/shelf", reply));
  EXPECT_EQ(front().shelf.id, device_id_);
  Client* const stranger = psk_client(kOtherId, kPsk);
  EXPECT_FALSE(stranger->connects());
  ASSERT_EQ(front().refused.size(), 1U);
  EXPECT_EQ(front().refused[0], Error::kPskUnknown);
}

TEST_F(Coaps, WhoMayNotComeIsRefusedByName) {
  Authority other{"Another authority"};
  const Credential ca_role = credential("ca", kOtherId);
  const Credential stranger = other.issue({.uri = peer_uri("device", kOtherId)});
  const Credential revoked = authority_.issue({.uri = peer_uri("device", kOtherId), .serial = 0x77});
  ASSERT_TRUE(for_server_.set_revocations(authority_.revocation_list({0x77})).ok());
  struct Row {
    const Credential& credential;
    Error reason;
  };
  for (const Row& row : {Row{ca_role, Error::kRoleNotPermitted}, Row{stranger, Error::kCertificateInvalid},
                         Row{revoked, Error::kCertificateRevoked}}) {
    front().refused.clear();
    Client* const device = client(row.credential);
    EXPECT_FALSE(device->connects());
    EXPECT_EQ(device->connection().failure(), Error::kHandshakeFailed);
    EXPECT_EQ(front().refused, std::vector<Error>{row.reason});
  }
  EXPECT_EQ(front().endpoint.connections(), 0U);
}

TEST_F(Coaps, ARevocationEndsAnOpenSession) {
  const Credential revoked = authority_.issue({.uri = peer_uri("device", kDeviceId), .serial = 0x77});
  const Credential other = authority_.issue({.uri = peer_uri("device", kOtherId), .serial = 0x78});
  ASSERT_TRUE(client(revoked)->connects());
  ASSERT_TRUE(client(other)->connects());
  front().endpoint.review();
  EXPECT_EQ(front().endpoint.connections(), 2U) << "nothing is revoked yet";
  ASSERT_TRUE(for_server_.set_revocations(authority_.revocation_list({0x77})).ok());
  front().endpoint.review();
  EXPECT_EQ(front().disconnected, (decltype(front().disconnected){{device_id_, Error::kCertificateRevoked}}));
  EXPECT_TRUE(front().endpoint.has_device(Uuid::from_text(kOtherId).value()));
}

TEST_F(Coaps, ARevocationEndsASessionThatSleeps) {
  options_.dormant_after_ms = 1000;
  const Credential revoked = authority_.issue({.uri = peer_uri("device", kDeviceId), .serial = 0x77});
  Client* const device = client(revoked);
  ASSERT_TRUE(device->connects());
  Reply reply;
  ASSERT_TRUE(device->gets("/shelf", reply));
  ASSERT_TRUE(link.run_until([&] { return front().endpoint.dormant() == 1; }, 3'600'000));
  front().endpoint.review();
  EXPECT_TRUE(front().endpoint.has_device(device_id_)) << "nothing is revoked yet";
  ASSERT_TRUE(for_server_.set_revocations(authority_.revocation_list({0x77})).ok());
  front().endpoint.review();
  EXPECT_FALSE(front().endpoint.has_device(device_id_));
}

TEST_F(Coaps, AServerOfTheWrongRoleIsRefusedByTheClient) {
  const Credential device_as_server = credential("device", kOtherId);
  options_.certificate = device_as_server.certificate;
  options_.key = device_as_server.key;
  Client* const device = client(device_);
  EXPECT_FALSE(device->connects());
  EXPECT_EQ(device->connection().failure(), Error::kRoleNotPermitted);
}

TEST_F(Coaps, PushRunsOverTheDevicesOwnSession) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  EXPECT_TRUE(front().endpoint.has_device(device_id_));
  Reply reply;
  reply.upload = body_of(5000);
  const auto sent = front().endpoint.request_device(
      device_id_, {.method = coap::Code::kPut, .uri = "/manifest", .body_bytes = 5000}, reply, link.now());
  ASSERT_TRUE(sent.ok());
  ASSERT_TRUE(link.run_until([&] { return reply.ended(); }, 600'000));
  EXPECT_EQ(reply.code, coap::Code::kChanged);
  EXPECT_EQ(device->shelf.received, reply.upload);
  EXPECT_EQ(device->shelf.role, coap::PeerRole::kUpdateServer);
  EXPECT_EQ(front().shelf.calls, 0U) << "the device asked nothing";
  EXPECT_EQ(front().endpoint.request_device(Uuid::from_text(kOtherId).value(), {.uri = "/x"}, reply, 0).error(),
            Error::kNotFound);
}

TEST_F(Coaps, ADeviceThatMovesKeepsItsSession) {
  front().shelf.content = body_of(20'000);
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Reply reply;
  device->asks({.uri = "/shelf"}, reply);
  link.run_for(60);
  ASSERT_FALSE(reply.ended());
  device->moves();
  ASSERT_TRUE(link.run_until([&] { return reply.ended(); }, 600'000));
  EXPECT_EQ(reply.body, front().shelf.content);
  EXPECT_EQ(front().endpoint.counters().moved, 1U);
  EXPECT_EQ(front().endpoint.counters().handshakes, 1U);
  Reply push;
  ASSERT_TRUE(front().endpoint.request_device(device_id_, {.uri = "/manifest"}, push, link.now()).ok());
  ASSERT_TRUE(link.run_until([&] { return push.ended(); }, 600'000));
  EXPECT_EQ(push.code, coap::Code::kContent);
}

TEST_F(Coaps, AHeldBackRecordMovesNothing) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  std::vector<Bytes> captured;
  link.set_filter([&](size_t from, size_t, ByteView datagram) {
    if (from != device->number || !captured.empty()) return false;
    captured.emplace_back(datagram.begin(), datagram.end());
    return true;
  });
  Reply reply;
  ASSERT_TRUE(device->gets("/shelf", reply));  // the retransmission gets through, with a newer number
  ASSERT_EQ(captured.size(), 1U);
  const size_t before = front().sent_bytes[999];
  front().endpoint.on_datagram(address_of(999), captured[0], link.now());
  EXPECT_EQ(front().endpoint.counters().moved, 0U);
  EXPECT_EQ(front().sent_bytes[999], before);
}

TEST_F(Coaps, AStolenRecordTurnsLittleOnItsVictim) {
  front().shelf.content = body_of(200'000);
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Bytes captured;
  link.set_filter([&](size_t from, size_t, ByteView datagram) {
    if (from == device->number) captured.assign(datagram.begin(), datagram.end());
    return from == device->number;
  });
  Reply reply;
  device->asks({.uri = "/shelf"}, reply);
  link.run_for(100);
  ASSERT_FALSE(captured.empty());
  const size_t victim = device->number + 1000;
  link.set_filter([](size_t, size_t, ByteView) { return true; });
  front().endpoint.on_datagram(address_of(victim), captured, link.now());
  EXPECT_EQ(front().endpoint.counters().moved, 1U);
  Reply push;
  push.upload = body_of(50'000);
  ASSERT_TRUE(front()
                  .endpoint
                  .request_device(device_id_, {.method = coap::Code::kPut, .uri = "/manifest", .body_bytes = 50'000},
                                  push, link.now())
                  .ok());
  link.run_for(200'000);
  EXPECT_LE(front().sent_bytes[victim], 1280U);
}

TEST_F(Coaps, ADeviceThatRebootsIsNotLockedOut) {
  for (const bool same_address : {true, false}) {
    Client* const device = client(device_);
    ASSERT_TRUE(device->connects());
    Reply before;
    ASSERT_TRUE(device->gets("/shelf", before));
    const ConnectionId old = front().last_connection;
    device->reboots();
    if (!same_address) device->moves();
    ASSERT_TRUE(device->connects());
    Reply after;
    ASSERT_TRUE(device->gets("/shelf", after));
    EXPECT_NE(front().last_connection, old);
    EXPECT_EQ(front().endpoint.connections(), 1U) << "the session of before is gone";
    Reply push;
    ASSERT_TRUE(front().endpoint.request_device(device_id_, {.uri = "/manifest"}, push, link.now()).ok());
    EXPECT_TRUE(link.run_until([&] { return push.ended(); }, 60'000));
    EXPECT_EQ(push.code, coap::Code::kContent);
  }
}

TEST_F(Coaps, ADeviceThatRebootsAmidItsHandshakeIsNotLockedOut) {
  for (int datagrams = 1; datagrams <= 4; ++datagrams) {
    ClientOptions small;
    small.certificate = device_.certificate;
    small.key = device_.key;
    small.handshake_mtu = 300;  // so that its flight takes several datagrams
    Client* const device = join(small);
    int left = datagrams;
    link.set_filter([&](size_t from, size_t, ByteView) { return from == device->number && left-- <= 0; });
    EXPECT_FALSE(device->connects(100)) << datagrams;
    link.set_filter({});
    device->reboots();
    EXPECT_TRUE(device->connects(10'000)) << datagrams;
    Reply reply;
    EXPECT_TRUE(device->gets("/shelf", reply)) << datagrams;
    device->connection().close();
    link.run_for(1000);
  }
}

TEST_F(Coaps, AForgedHelloDoesNotHurtASession) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Bytes hello;
  ClientOptions stranger;
  stranger.psk_identity = {'x'};
  stranger.psk = Bytes(16, 1);
  ClientConnection forger{stranger, for_clients_,
                          [&](ByteView datagram) { hello.assign(datagram.begin(), datagram.end()); }};
  ASSERT_TRUE(forger.connect(link.now()).ok());
  for (int i = 0; i < 10; ++i) front().endpoint.on_datagram(address_of(device->number), hello, link.now());
  EXPECT_EQ(front().endpoint.half_open(), 0U);
  Reply reply;
  EXPECT_TRUE(device->gets("/shelf", reply));
  EXPECT_EQ(front().endpoint.counters().handshakes, 1U);
}

TEST_F(Coaps, AnIdleSessionSleepsAndGoesOnWithoutAHandshake) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Reply first;
  ASSERT_TRUE(device->gets("/shelf", first));
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(link.run_until([&] { return front().endpoint.dormant() == 1; }, 3'600'000)) << round;
    EXPECT_EQ(front().endpoint.connections(), 0U);
    EXPECT_TRUE(front().endpoint.has_device(device_id_));
    Reply next;
    if (round == 2) {
      device->moves();
    }
    if (round == 3) {
      ASSERT_TRUE(front().endpoint.request_device(device_id_, {.uri = "/manifest"}, next, link.now()).ok());
      ASSERT_TRUE(link.run_until([&] { return next.ended(); }, 60'000));
    } else {
      ASSERT_TRUE(device->gets("/shelf", next));
    }
    EXPECT_EQ(front().endpoint.counters().woken, static_cast<uint64_t>(round));
    EXPECT_EQ(front().endpoint.dormant(), 0U);
  }
  EXPECT_EQ(front().endpoint.counters().handshakes, 1U);
  EXPECT_TRUE(front().disconnected.empty()) << "sleeping is no disconnection";
}

TEST_F(Coaps, HalfOpenHandshakesAreBounded) {
  options_.max_half_open = 3;
  options_.handshake_limit_ms = 20'000;
  std::vector<Client*> clients;
  // They get their cookie and then nothing.
  std::map<size_t, int> answers;
  const size_t server = front().number;
  link.set_filter([&](size_t from, size_t to, ByteView) { return from == server && ++answers[to] > 1; });
  for (int i = 0; i < 6; ++i) {
    clients.push_back(psk_client(kDeviceId, kPsk));
    ASSERT_TRUE(clients.back()->connection().connect(link.now()).ok());
    link.run_for(100);
    EXPECT_LE(front().endpoint.half_open(), 3U);
  }
  EXPECT_EQ(front().endpoint.half_open(), 3U);
  link.run_for(200'000);
  EXPECT_EQ(front().endpoint.half_open(), 0U);
  EXPECT_EQ(front().endpoint.connections(), 0U);
  link.set_filter({});
  EXPECT_TRUE(psk_client(kDeviceId, kPsk)->connects());
}

TEST_F(Coaps, ConnectionsAreBounded) {
  options_.max_connections = 2;
  std::vector<Client*> clients;
  for (const char* last : {"1", "2", "3"}) {
    const std::string id = "2f5ac4b8-7f1c-4a0e-9c1d-00000000000" + std::string{last};
    clients.push_back(client(credential("device", id)));
    ASSERT_TRUE(clients.back()->connects());
    link.run_for(1000);
  }
  EXPECT_EQ(front().endpoint.connections(), 2U);
  ASSERT_EQ(front().disconnected.size(), 1U);
  EXPECT_EQ(front().disconnected[0].second, Error::kOverloaded);
  EXPECT_EQ(clients[0]->connection().failure(), Error::kSessionClosed);
  Reply reply;
  EXPECT_TRUE(clients[2]->gets("/shelf", reply));
}

TEST_F(Coaps, ObserversHearOfChanges) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Reply reply;
  device->asks({.uri = "/state", .observe = true}, reply);
  ASSERT_TRUE(link.run_until([&] { return reply.complete == 1; }, 60'000));
  front().shelf.content = body_of(10);
  front().endpoint.notify(front().state(), link.now());
  ASSERT_TRUE(link.run_until([&] { return reply.complete == 2; }, 60'000));
  EXPECT_EQ(reply.body, front().shelf.content);
  front().shelf.content = body_of(11);
  front().endpoint.notify_device(device_id_, front().state(), link.now());
  ASSERT_TRUE(link.run_until([&] { return reply.complete == 3; }, 60'000));
}

TEST_F(Coaps, DisconnectEndsAPeersConnections) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  Reply reply;
  ASSERT_TRUE(device->gets("/shelf", reply));
  front().endpoint.disconnect(device_id_, link.now());
  link.run_for(1000);
  EXPECT_EQ(device->connection().failure(), Error::kSessionClosed);
  EXPECT_FALSE(front().endpoint.has_device(device_id_));
}

TEST_F(Coaps, NonsenseIsDropped) {
  Client* const device = client(device_);
  ASSERT_TRUE(device->connects());
  std::mt19937 dice{11};
  constexpr uint8_t kTypes[] = {20, 21, 22, 23, 25, 0x40};
  for (int i = 0; i < 20'000; ++i) {
    Bytes datagram(dice() % 90);
    for (uint8_t& byte : datagram) byte = static_cast<uint8_t>(dice());
    if (!datagram.empty()) datagram[0] = kTypes[dice() % 6];
    if (datagram.size() > 14 && dice() % 2 == 0) {
      datagram[1] = 0xfe, datagram[2] = 0xfd, datagram[3] = 0, datagram[4] = static_cast<uint8_t>(dice() % 2);
      datagram[13] = static_cast<uint8_t>(dice() % 4);
    }
    // Strangers, and somebody who forges the device's own address.
    front().endpoint.on_datagram(address_of(dice() % 2 == 0 ? device->number : 77), datagram, link.now());
  }
  Reply reply;
  EXPECT_TRUE(device->gets("/shelf", reply));
  EXPECT_EQ(front().endpoint.connections(), 1U);
}

TEST(OwnerOf, IsNamedByTheConnectionId) {
  using namespace literals;
  constexpr auto kRecord = "19 fe fd 00 01 00 00 00 00 00 05 03 11 22 33 44 00 10"_hex;
  EXPECT_EQ(CoapsEndpoint::owner_of(kRecord, 1, 4), 3U);
  EXPECT_EQ(CoapsEndpoint::owner_of(kRecord, 1, 3), 1U) << "no such thread";
  EXPECT_EQ(CoapsEndpoint::owner_of(ByteView{kRecord}.first(11), 1, 4), 1U);
  auto plain = kRecord;
  plain[0] = 23;
  EXPECT_EQ(CoapsEndpoint::owner_of(plain, 1, 4), 1U);
}

class BadNetwork : public Coaps {
 protected:
  BadNetwork() : Coaps({.loss_percent = 30, .duplicate_percent = 15, .min_delay_ms = 5, .max_delay_ms = 400}) {
    const coap::Transmission patient{.ack_timeout_ms = 1000, .max_retransmit = 12, .response_timeout_ms = 3'000'000};
    options_.transmission = patient;
    options_.handshake_limit_ms = 600'000;
    options_.retransmit_max_ms = 120'000;
  }
};

TEST_F(BadNetwork, ManyDevicesFetchAtOnce) {
  front().shelf.content = body_of(8000);
  std::vector<Client*> clients;
  std::vector<std::unique_ptr<Reply>> replies;
  for (int i = 1; i <= 4; ++i) {
    ClientOptions made;
    const Credential own = credential("device", "2f5ac4b8-7f1c-4a0e-9c1d-00000000000" + std::to_string(i));
    made.certificate = own.certificate;
    made.key = own.key;
    made.transmission = options_.transmission;
    made.retransmit_max_ms = 120'000;
    clients.push_back(join(std::move(made)));
    ASSERT_TRUE(clients.back()->connects(3'600'000))
        << i << name_of(clients.back()->connection().failure().value_or(Error::kInternal));
    replies.push_back(std::make_unique<Reply>());
    clients.back()->asks({.uri = "/shelf"}, *replies.back());
  }
  ASSERT_TRUE(link.run_until(
      [&] { return std::all_of(replies.begin(), replies.end(), [](const auto& reply) { return reply->ended(); }); },
      36'000'000));
  for (const auto& reply : replies) EXPECT_EQ(reply->body, front().shelf.content);
}

}  // namespace
}  // namespace tailor::net::testing
