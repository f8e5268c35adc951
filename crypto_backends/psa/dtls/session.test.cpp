// SPDX-License-Identifier: Apache-2.0
// DTLS sessions against each other under virtual time: both modes, loss, refusals, Connection ID, saving. Hostile input
// stands in session_hostile.test.cpp.
#include "crypto_backends/psa/dtls/session.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto_backends/psa/dtls/wire.test.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor::dtls::testing {
namespace {

using namespace literals;
using tailor::testing::Authority;
using tailor::testing::CertificateSpec;
using tailor::testing::Credential;

constexpr auto kPsk = "000102030405060708090a0b0c0d0e0f"_hex;
constexpr auto kOtherPsk = "ff0102030405060708090a0b0c0d0e0f"_hex;
constexpr auto kServerCid = "07 a1 a2 a3 a4 a5 a6 a7"_hex;
constexpr auto kSecret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"_hex;
constexpr auto kAddress = "7f 00 00 01 16 33"_hex;

Settings psk_client() {
  return {.side = Side::kClient, .psk_identity = as_bytes("device-1"), .psk = kPsk};
}
Settings psk_server(PskSource& source) {
  return {.side = Side::kServer, .psk_source = &source, .cookie_secret = kSecret, .own_cid_bytes = 8};
}
Settings with_certificate(Side side, const Credential& own) {
  Settings settings{.side = side, .certificate = own.certificate, .key = &own.key, .verify_peers = true};
  if (side == Side::kServer) {
    settings.cookie_secret = kSecret;
    settings.own_cid_bytes = 8;
  }
  return settings;
}

/// A client and a server with their contexts.
struct Pair {
  Pair(const Settings& client_settings, const Settings& server_settings, Weather weather = {}, uint32_t seed = 1)
      : wire(client, server, weather, seed) {
    EXPECT_TRUE(client_context.init(client_settings).ok());
    EXPECT_TRUE(server_context.init(server_settings).ok());
  }
  void start() {
    ASSERT_TRUE(server.session.accept(kAddress, kServerCid).ok());
    ASSERT_TRUE(client.session.connect(wire.now).ok());
  }
  bool handshake() {
    start();
    return wire.run_until([&] { return client.session.established() && server.session.established(); });
  }
  /// Sends one message each way; false when one was lost.
  bool exchange(std::string_view text) {
    const size_t before = server.received.size() + client.received.size();
    if (!client.session.send(as_bytes(text), wire.now).ok()) return false;
    wire.settle();
    if (!server.session.send(as_bytes(text), wire.now).ok()) return false;
    wire.settle();
    return server.received.size() + client.received.size() == before + 2;
  }

  Context client_context;
  Context server_context;
  FixedVerdict client_verdict;
  FixedVerdict server_verdict;
  Owner client{client_context, &client_verdict};
  Owner server{server_context, &server_verdict};
  Wire wire;
};

class Certificates : public ::testing::Test {
 protected:
  Authority authority_;
  const Credential server_ = authority_.issue({.uri = "", .common_name = "server"});
  const Credential device_ = authority_.issue({.uri = "", .common_name = "device"});
};

TEST(PskSession, CarriesDataBothWaysUnderAConnectionId) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  EXPECT_EQ(pair.client.established, 1);
  EXPECT_EQ(pair.server.established, 1);
  EXPECT_EQ(pair.server.session.peer_proof(), PeerProof::kPsk);
  EXPECT_EQ(as_text(pair.server.session.psk_identity()), "device-1");
  EXPECT_TRUE(pair.server.session.cid_in_use());
  EXPECT_FALSE(pair.client.session.cid_in_use());

  ASSERT_TRUE(pair.client.session.send(as_bytes("hello"), pair.wire.now).ok());
  const Bytes record = pair.client.sent.front();
  ASSERT_EQ(record[0], 25);  // tls12_cid, RFC 9146 4
  EXPECT_TRUE(equal(ByteView{record}.subspan(11, 8), kServerCid));
  EXPECT_EQ(record.size(), 5 + pair.client.session.overhead());
  ASSERT_TRUE(pair.server.session.send(as_bytes("world"), pair.wire.now).ok());
  EXPECT_EQ(pair.server.sent.front()[0], 23);  // the client wants no Connection ID
  pair.wire.settle();
  EXPECT_EQ(pair.server.received, std::vector<std::string>{"hello"});
  EXPECT_EQ(pair.client.received, std::vector<std::string>{"world"});
}

TEST_F(Certificates, AuthenticateBothSidesAndAreShownToTheirVerifiers) {
  Pair pair{with_certificate(Side::kClient, device_), with_certificate(Side::kServer, server_)};
  ASSERT_TRUE(pair.handshake());
  EXPECT_EQ(pair.client.session.peer_proof(), PeerProof::kCertificate);
  EXPECT_EQ(pair.server.session.peer_proof(), PeerProof::kCertificate);
  EXPECT_EQ(pair.client_verdict.seen, server_.certificate);
  EXPECT_EQ(pair.server_verdict.seen, device_.certificate);
  EXPECT_TRUE(pair.exchange("data"));
}

TEST_F(Certificates, AndPskAreServedByOneServer) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Settings both = with_certificate(Side::kServer, server_);
  both.psk_source = &source;
  {
    Pair by_psk{psk_client(), both};
    EXPECT_TRUE(by_psk.handshake());
    EXPECT_EQ(by_psk.server.session.peer_proof(), PeerProof::kPsk);
  }
  Pair by_certificate{with_certificate(Side::kClient, device_), both};
  EXPECT_TRUE(by_certificate.handshake());
  EXPECT_EQ(by_certificate.server.session.peer_proof(), PeerProof::kCertificate);
}

TEST_F(Certificates, HandshakeSurvivesLossDuplicationAndReordering) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    const Weather weather{.loss = 30, .duplicate = 20, .late = 30};
    const bool psk = seed % 2 == 0;
    Pair pair{psk ? psk_client() : with_certificate(Side::kClient, device_),
              psk ? psk_server(source) : with_certificate(Side::kServer, server_), weather, seed};
    ASSERT_TRUE(pair.handshake()) << "seed " << seed;
    int attempts = 0;
    while (!pair.exchange("data") && attempts < 60) ++attempts;
    EXPECT_LT(attempts, 60) << "seed " << seed;
  }
}

TEST_F(Certificates, HandshakeIsCutIntoSmallDatagrams) {
  Settings client = with_certificate(Side::kClient, device_);
  Settings server = with_certificate(Side::kServer, server_);
  client.handshake_mtu = server.handshake_mtu = 300;
  Pair pair{client, server};
  ASSERT_TRUE(pair.handshake());
  EXPECT_LE(pair.wire.largest, 300U);
  ASSERT_TRUE(pair.client.session.send(Bytes(1152, 0x55), pair.wire.now).ok());  // data is the application's affair
  pair.wire.settle();
  ASSERT_EQ(pair.server.received.size(), 1U);
  EXPECT_EQ(pair.server.received[0].size(), 1152U);
}

TEST(Cookie, ComesFirstAndBindsToTheAddress) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  pair.start();
  pair.server.take(pair.client.flush().front(), 1'000);
  EXPECT_EQ(pair.server.session.state(), Session::State::kIdle);
  const auto answer = pair.server.flush();
  ASSERT_EQ(answer.size(), 1U);
  pair.client.take(answer.front(), 1'000);
  const Bytes second_hello = pair.client.flush().front();
  EXPECT_LT(answer.front().size(), second_hello.size()) << "amplification";

  constexpr auto kElsewhere = "7f 00 00 02 16 33"_hex;
  ASSERT_TRUE(pair.server.session.accept(kElsewhere, kServerCid).ok());
  pair.server.take(second_hello, 1'000);
  EXPECT_EQ(pair.server.session.state(), Session::State::kIdle) << "cookie of another address";
  EXPECT_EQ(pair.server.flush().size(), 1U);
  ASSERT_TRUE(pair.server.session.accept(kAddress, kServerCid).ok());
  pair.server.take(second_hello, 1'000 + 2 * Cookies::kPeriodMs);
  EXPECT_EQ(pair.server.session.state(), Session::State::kIdle) << "cookie of long ago";
  EXPECT_EQ(pair.server.flush().size(), 1U);
  pair.server.take(second_hello, 1'000 + Cookies::kPeriodMs);
  EXPECT_EQ(pair.server.session.state(), Session::State::kHandshaking);
}

TEST(Cookie, IdleServerForgetsGarbage) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  pair.start();
  for (size_t length = 0; length < 64; ++length) pair.server.take(Bytes(length, 0x16), 1'000);
  EXPECT_EQ(pair.server.session.state(), Session::State::kIdle);
  EXPECT_TRUE(pair.wire.run_until([&] { return pair.client.session.established(); }));
}

TEST_F(Certificates, RefusalEndsTheHandshakeAndNamesItsReason) {
  for (const Error reason : {Error::kCertificateInvalid, Error::kCertificateExpired, Error::kCertificateRevoked,
                             Error::kServerNotListed, Error::kRoleNotPermitted}) {
    Pair refused_by_client{with_certificate(Side::kClient, device_), with_certificate(Side::kServer, server_)};
    refused_by_client.client_verdict.refusal = reason;
    EXPECT_FALSE(refused_by_client.handshake());
    EXPECT_EQ(refused_by_client.client.failure, reason);
    EXPECT_EQ(refused_by_client.server.failure, Error::kHandshakeFailed);
    Pair refused_by_server{with_certificate(Side::kClient, device_), with_certificate(Side::kServer, server_)};
    refused_by_server.server_verdict.refusal = reason;
    EXPECT_FALSE(refused_by_server.handshake());
    EXPECT_EQ(refused_by_server.server.failure, reason);
    EXPECT_EQ(refused_by_server.client.failure, Error::kHandshakeFailed);
    EXPECT_EQ(refused_by_server.client.session.state(), Session::State::kClosed);
  }
}

TEST_F(Certificates, ServerWithoutItsPurposeIsRefused) {
  const Credential client_only = authority_.issue({.uri = "", .extended_key_usage = "clientAuth"});
  Pair pair{with_certificate(Side::kClient, device_), with_certificate(Side::kServer, client_only)};
  EXPECT_FALSE(pair.handshake());
  EXPECT_EQ(pair.client.failure, Error::kHandshakeFailed);
}

TEST_F(Certificates, PeerThatDoesNotHoldItsKeyIsRefused) {
  // A context refuses a foreign key at once, so the liar copies the public half into its certificate only.
  Context context;
  const Credential stolen{device_.certificate, server_.key};
  EXPECT_EQ(context.init(with_certificate(Side::kClient, stolen)).error(), Error::kCertificateProfile);
}

TEST_F(Certificates, NoCommonModeFails) {
  Pair pair{psk_client(), with_certificate(Side::kServer, server_)};
  EXPECT_FALSE(pair.handshake());
  EXPECT_EQ(pair.client.failure, Error::kHandshakeFailed);
}

TEST(PskSession, UnknownSpentAndWrongKeysFail) {
  OnePsk unknown{"device-2", to_bytes(kPsk)};
  Pair no_such{psk_client(), psk_server(unknown)};
  EXPECT_FALSE(no_such.handshake());
  EXPECT_EQ(no_such.server.failure, Error::kPskUnknown);
  EXPECT_EQ(no_such.client.failure, Error::kHandshakeFailed);

  OnePsk spent{"device-2", to_bytes(kPsk)};
  spent.refusal = Error::kPskSpent;
  Pair used{psk_client(), psk_server(spent)};
  EXPECT_FALSE(used.handshake());
  EXPECT_EQ(used.server.failure, Error::kPskSpent);

  OnePsk other{"device-1", to_bytes(kOtherPsk)};
  Pair wrong{psk_client(), psk_server(other)};
  // The Finished message cannot be decrypted, which DTLS drops: both sides give up in time.
  EXPECT_FALSE(wrong.handshake());
  EXPECT_EQ(wrong.client.established + wrong.server.established, 0);
}

TEST(PskSession, ReplayedRecordsAreDropped) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  std::vector<Bytes> records;
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(pair.client.session.send(as_bytes(text), pair.wire.now).ok());
    records.push_back(pair.client.flush().front());
  }
  for (const size_t index : {size_t{2}, size_t{0}, size_t{0}, size_t{2}, size_t{1}, size_t{1}}) {
    pair.server.take(records[index], pair.wire.now);
  }
  EXPECT_EQ(pair.server.received, (std::vector<std::string>{"three", "one", "two"}));
  EXPECT_FALSE(pair.server.failure);
}

TEST(PskSession, NewestRecordTellsWhichAddressToBelieve) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  std::vector<Bytes> records;
  for (const char* text : {"one", "two"}) {
    ASSERT_TRUE(pair.client.session.send(as_bytes(text), pair.wire.now).ok());
    records.push_back(pair.client.flush().front());
  }
  uint64_t newest = pair.server.session.newest_record();
  pair.server.take(records[1], pair.wire.now);
  EXPECT_GT(pair.server.session.newest_record(), newest);
  newest = pair.server.session.newest_record();
  pair.server.take(records[0], pair.wire.now);  // authentic, but older: an attacker may have held it back
  pair.server.take(records[1], pair.wire.now);  // replayed
  Bytes forged = records[1];
  forged[10] = 0x77;  // a higher number that the tag does not cover
  pair.server.take(forged, pair.wire.now);
  EXPECT_EQ(pair.server.session.newest_record(), newest);
  EXPECT_EQ(pair.server.received, (std::vector<std::string>{"two", "one"}));
}

TEST(PskSession, ManyRecordsInOneDatagramAreAllRead) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  Bytes datagram;
  for (const char* text : {"one", "", "three"}) {
    ASSERT_TRUE(pair.client.session.send(as_bytes(text), pair.wire.now).ok());
    const Bytes record = pair.client.flush().front();
    datagram.insert(datagram.end(), record.begin(), record.end());
  }
  pair.server.take(datagram, pair.wire.now);
  EXPECT_EQ(pair.server.received, (std::vector<std::string>{"one", "three"}));
}

TEST(PskSession, HandlersMayAnswerAndCloseFromWithin) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  pair.client.when_established = [&] { ASSERT_TRUE(pair.client.session.send(as_bytes("first"), 0).ok()); };
  pair.server.when_data = [&](ByteView data) { ASSERT_TRUE(pair.server.session.send(data, 0).ok()); };
  pair.client.when_data = [&](ByteView) { pair.client.session.close(); };
  pair.start();
  EXPECT_TRUE(pair.wire.run_until([&] { return pair.server.failure.has_value(); }));
  EXPECT_EQ(pair.client.received, std::vector<std::string>{"first"});
  EXPECT_EQ(pair.server.failure, Error::kSessionClosed);
  EXPECT_EQ(pair.client.session.state(), Session::State::kClosed);
  EXPECT_EQ(pair.client.session.send(as_bytes("late"), 0).error(), Error::kStateConflict);
}

TEST(PskSession, LimitsOfSend) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  EXPECT_EQ(pair.client.session.send(as_bytes("early"), 0).error(), Error::kStateConflict);
  ASSERT_TRUE(pair.handshake());
  EXPECT_TRUE(pair.client.session.send(Bytes(MBEDTLS_SSL_OUT_CONTENT_LEN), pair.wire.now).ok());
  EXPECT_EQ(pair.client.session.send(Bytes(MBEDTLS_SSL_OUT_CONTENT_LEN + 1), pair.wire.now).error(),
            Error::kDatagramTooLarge);
  pair.wire.settle();
  EXPECT_TRUE(pair.exchange("still alive"));
}

TEST(PskSession, SilentPeerEndsInTimeout) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source), Weather{.loss = 100}};
  EXPECT_FALSE(pair.handshake());
  EXPECT_EQ(pair.client.failure, Error::kTimeout);
  EXPECT_EQ(pair.client.session.state(), Session::State::kClosed);
  EXPECT_EQ(pair.client.session.next_deadline(), kNever);
}

TEST(PskSession, ClientMayConnectAgainAfterAnEnd) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  EXPECT_EQ(pair.client.session.connect(pair.wire.now).error(), Error::kStateConflict);
  pair.client.session.close();
  pair.wire.settle();
  EXPECT_EQ(pair.server.session.state(), Session::State::kClosed);
  EXPECT_TRUE(pair.handshake());
  EXPECT_TRUE(pair.exchange("again"));
}

TEST(Saved, SessionGoesOnAndNoRecordNumberComesTwice) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  std::array<uint8_t, 512> memory{};
  EXPECT_EQ(pair.server.session.save(memory).error(), Error::kStateConflict)
      << "its last flight may be asked for again";
  std::set<Bytes> numbers;
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(pair.client.session.send(as_bytes("up"), pair.wire.now).ok());
    pair.wire.settle();
    ASSERT_TRUE(pair.server.session.send(as_bytes("down"), pair.wire.now).ok());
    const Bytes record = pair.server.sent.front();
    EXPECT_TRUE(numbers.insert({record.begin() + 3, record.begin() + 11}).second) << "epoch and number repeat";
    pair.wire.settle();
    const auto saved = pair.server.session.save(memory);
    ASSERT_TRUE(saved.ok());
    EXPECT_LE(saved->size(), 256U);
    EXPECT_EQ(pair.server.session.state(), Session::State::kClosed);
    EXPECT_EQ(pair.server.session.send(as_bytes("x"), pair.wire.now).error(), Error::kStateConflict);
    ASSERT_TRUE(pair.server.session.load(*saved).ok());
    EXPECT_TRUE(pair.server.session.cid_in_use());
    EXPECT_EQ(pair.server.session.peer_proof(), PeerProof::kPsk);
    EXPECT_TRUE(equal(pair.server.session.own_cid(), kServerCid));
  }
  EXPECT_EQ(pair.client.received.size(), 5U);
  EXPECT_EQ(pair.server.received.size(), 5U);
}

TEST(Saved, ReplayIsStillRefusedAfterLoading) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  ASSERT_TRUE(pair.client.session.send(as_bytes("once"), pair.wire.now).ok());
  const Bytes record = pair.client.flush().front();
  pair.server.take(record, pair.wire.now);
  std::array<uint8_t, 512> memory{};
  const auto saved = pair.server.session.save(memory);
  ASSERT_TRUE(saved.ok());
  ASSERT_TRUE(pair.server.session.load(*saved).ok());
  pair.server.take(record, pair.wire.now);
  EXPECT_EQ(pair.server.received.size(), 1U);
}

TEST(Saved, DamagedBytesAreRefusedAndLeaveAUsableSession) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Pair pair{psk_client(), psk_server(source)};
  ASSERT_TRUE(pair.handshake());
  ASSERT_TRUE(pair.exchange("x"));
  std::array<uint8_t, 512> memory{};
  std::array<uint8_t, 40> small{};
  EXPECT_EQ(pair.server.session.save(small).error(), Error::kBufferTooSmall);
  EXPECT_TRUE(pair.exchange("alive after a buffer that was too small"));
  const auto saved = pair.server.session.save(memory);
  ASSERT_TRUE(saved.ok());
  for (size_t length = 0; length < saved->size(); ++length) {
    ASSERT_EQ(pair.server.session.load(saved->first(length)).error(), Error::kRecordMalformed) << length;
  }
  for (const size_t at : {size_t{0}, size_t{1}, size_t{2}}) {
    Bytes changed = to_bytes(*saved);
    changed[at] = 0x7f;
    EXPECT_EQ(pair.server.session.load(changed).error(), Error::kRecordMalformed) << at;
  }
  ASSERT_TRUE(pair.server.session.load(*saved).ok());
  EXPECT_TRUE(pair.exchange("loaded"));
}

TEST_F(Certificates, ContradictorySettingsAreRefused) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  const Bytes long_identity(kPskIdentityBytes + 1, 'x');
  const Bytes long_key(kPskBytes + 1, 1);
  const Settings wrong[] = {
      {},
      {.side = Side::kServer},
      {.side = Side::kClient, .psk = kPsk},
      {.side = Side::kClient, .psk_identity = as_bytes("x")},
      {.side = Side::kClient, .psk_identity = long_identity, .psk = kPsk},
      {.side = Side::kClient, .psk_identity = as_bytes("x"), .psk = long_key},
      {.side = Side::kServer, .certificate = server_.certificate, .key = &server_.key},
      {.side = Side::kServer, .certificate = server_.certificate, .verify_peers = true},
      {.side = Side::kServer, .key = &server_.key, .verify_peers = true},
      {.side = Side::kServer, .psk_source = &source, .cookie_secret = kPsk},
      {.side = Side::kServer, .psk_source = &source, .own_cid_bytes = kOwnCidBytes + 1},
  };
  for (const Settings& settings : wrong) {
    Context context;
    EXPECT_EQ(context.init(settings).error(), Error::kValueOutOfRange) << &settings - wrong;
  }
  Context damaged;
  Settings settings = with_certificate(Side::kServer, server_);
  settings.certificate = settings.certificate.first(100);
  EXPECT_EQ(damaged.init(settings).error(), Error::kDerMalformed);
  Context twice;
  ASSERT_TRUE(twice.init(psk_client()).ok());
  EXPECT_EQ(twice.init(psk_client()).error(), Error::kStateConflict);
}

}  // namespace
}  // namespace tailor::dtls::testing
