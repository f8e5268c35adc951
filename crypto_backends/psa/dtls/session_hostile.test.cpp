// SPDX-License-Identifier: Apache-2.0
// Hostile datagrams against DTLS sessions: each datagram of a handshake is cut at every length and has bits flipped, at
// the moment when the real one would arrive. Nothing may crash, and no session may come of a changed handshake message.
#include <gtest/gtest.h>

#include "crypto_backends/psa/dtls/session.hpp"
#include "crypto_backends/psa/dtls/wire.test.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor::dtls::testing {
namespace {

using namespace literals;

constexpr auto kPsk = "000102030405060708090a0b0c0d0e0f"_hex;
constexpr auto kCid = "07 a1 a2 a3 a4 a5 a6 a7"_hex;
constexpr auto kSecret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"_hex;
constexpr auto kAddress = "7f 00 00 01 16 33"_hex;

/// Changes a datagram. @returns whether the handshake must fail for it
using Change = std::function<bool(Bytes&)>;

/// Whether a flipped byte is one that the handshake protects: all but the headers of records in the clear (their
/// numbers mean nothing yet), the number of a handshake message in the clear (one that was seen already makes the
/// message a repetition, which is answered with one: RFC 6347 4.2.4), and what comes before the cookie, which DTLS
/// leaves out of its transcript (4.2.1).
bool is_protected(const Bytes& datagram, size_t byte) {
  for (size_t at = 0; at + 13 <= datagram.size();) {
    const uint8_t type = datagram[at];
    const bool clear = datagram[at + 3] == 0 && datagram[at + 4] == 0;
    const size_t header = type == 25 ? 13 + kCid.size() : 13;
    const size_t body = size_t{datagram[at + header - 2]} * 256 + datagram[at + header - 1];
    if (byte < at + header) return !clear;
    const bool number = clear && type == 22 && (byte == at + header + 4 || byte == at + header + 5);
    if (byte < at + header + body) return !number;
    at += header + body;
  }
  ADD_FAILURE() << "not a chain of records";
  return false;
}

/// Contexts that many handshakes share.
struct Contexts {
  Contexts(const Settings& client_settings, const Settings& server_settings) {
    EXPECT_TRUE(client.init(client_settings).ok());
    EXPECT_TRUE(server.init(server_settings).ok());
  }
  Context client;
  Context server;
};

/// Runs a handshake in lockstep and changes the `index`-th datagram on its way; the real one is lost.
///
/// @returns the number of datagrams seen, and through `length` that of the chosen one
size_t run(Contexts& contexts, size_t index, const Change& change, size_t* length = nullptr) {
  FixedVerdict accept_all;
  Owner client{contexts.client, &accept_all};
  Owner server{contexts.server, &accept_all};
  EXPECT_TRUE(server.session.accept(kAddress, kCid).ok());
  EXPECT_TRUE(client.session.connect(1'000).ok());
  size_t count = 0;
  bool must_fail = false;
  int cookies = 0;  // a ClientHello without a valid one is answered with another, and the handshake starts over
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& [from, to] : {std::pair{&client, &server}, std::pair{&server, &client}}) {
      for (Bytes& datagram : from->flush()) {
        moved = true;
        if (datagram.size() > 13 && datagram[0] == 22 && datagram[13] == 3) ++cookies;
        if (count++ == index) {
          if (length != nullptr) *length = datagram.size();
          must_fail = change(datagram) && index >= 2;
        }
        to->take(datagram, 1'000);
      }
    }
  }
  if (client.session.established() && server.session.established()) {
    EXPECT_FALSE(must_fail && cookies == 1) << "datagram " << index;
    EXPECT_TRUE(client.session.send(as_bytes("data"), 1'000).ok());
    server.take(client.flush().front(), 1'000);
    EXPECT_EQ(server.received.size(), 1U) << "the sides do not agree";
  }
  for (const Owner* owner : {&client, &server}) {
    if (!owner->failure) continue;
    const Error error = *owner->failure;
    EXPECT_TRUE(error == Error::kHandshakeFailed || error == Error::kSessionClosed || error == Error::kPskUnknown ||
                error == Error::kTimeout)
        << static_cast<int>(error);
  }
  return count;
}

void attack(Contexts& contexts, size_t bit_step, size_t cut_step) {
  const size_t datagrams = run(contexts, SIZE_MAX, nullptr);
  ASSERT_GE(datagrams, 6U);
  for (size_t index = 0; index < datagrams; ++index) {
    size_t length = 0;
    // Signatures differ in length: a later run's datagram may be shorter than this one's. A flipped low bit of the last
    // byte stands for the shortest change.
    run(
        contexts, index,
        [](Bytes& datagram) {
          datagram.back() ^= 1;
          return true;
        },
        &length);
    for (size_t cut = 0; cut < length; cut += cut_step) {
      run(contexts, index, [cut](Bytes& datagram) {
        if (cut >= datagram.size()) return false;
        datagram.resize(cut);
        return true;
      });
    }
    for (size_t bit = index % bit_step; bit < length * 8; bit += bit_step) {
      run(contexts, index, [bit](Bytes& datagram) {
        if (bit / 8 >= datagram.size()) return false;
        const bool must_fail = is_protected(datagram, bit / 8);
        datagram[bit / 8] = static_cast<uint8_t>(datagram[bit / 8] ^ (1U << (bit % 8)));
        return must_fail;
      });
    }
  }
}

TEST(HostileDatagrams, AgainstAPskHandshake) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Contexts contexts{{.side = Side::kClient, .psk_identity = as_bytes("device-1"), .psk = kPsk},
                    {.side = Side::kServer, .psk_source = &source, .cookie_secret = kSecret, .own_cid_bytes = 8}};
  attack(contexts, 5, 1);
}

TEST(HostileDatagrams, AgainstACertificateHandshake) {
  tailor::testing::Authority authority;
  const auto server = authority.issue({.uri = ""});
  const auto client = authority.issue({.uri = ""});
  Contexts contexts{
      {.side = Side::kClient, .certificate = client.certificate, .key = &client.key, .verify_peers = true},
      {.side = Side::kServer,
       .certificate = server.certificate,
       .key = &server.key,
       .verify_peers = true,
       .cookie_secret = kSecret,
       .own_cid_bytes = 8}};
  attack(contexts, 101, 13);
}

TEST(HostileDatagrams, AgainstAnEstablishedSession) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Contexts contexts{{.side = Side::kClient, .psk_identity = as_bytes("device-1"), .psk = kPsk},
                    {.side = Side::kServer, .psk_source = &source, .cookie_secret = kSecret, .own_cid_bytes = 8}};
  Owner client{contexts.client};
  Owner server{contexts.server};
  ASSERT_TRUE(server.session.accept(kAddress, kCid).ok());
  ASSERT_TRUE(client.session.connect(1'000).ok());
  Wire wire{client, server};
  ASSERT_TRUE(wire.run_until([&] { return client.session.established() && server.session.established(); }));
  ASSERT_TRUE(client.session.send(as_bytes("data"), 1'000).ok());
  const Bytes record = client.flush().front();
  for (size_t length = 0; length < record.size(); ++length) server.take(ByteView{record}.first(length), 1'000);
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    Bytes changed = record;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    server.take(changed, 1'000);
    ASSERT_TRUE(server.session.established()) << bit;
  }
  EXPECT_TRUE(server.received.empty());
  // An attacker who sees the address can send a whole new ClientHello, an alert or nonsense: the session stays.
  Owner stranger{contexts.client};
  ASSERT_TRUE(stranger.session.connect(1'000).ok());
  server.take(stranger.flush().front(), 1'000);
  server.take("15 fe fd 00 00 00 00 00 00 00 09 00 02 02 28"_hex, 1'000);
  server.take("16 fe fd 00 01 00 00 00 00 00 09 00 02 02 28"_hex, 1'000);
  ASSERT_TRUE(server.session.established());
  server.take(record, 1'000);
  EXPECT_EQ(server.received, std::vector<std::string>{"data"});
}

// Found by random datagrams: Mbed TLS 3.6.6 gives up over stray bytes behind a record that it skips.
TEST(HostileDatagrams, StrayBytesBehindASkippedRecordEndNothing) {
  OnePsk source{"device-1", to_bytes(kPsk)};
  Contexts contexts{{.side = Side::kClient, .psk_identity = as_bytes("device-1"), .psk = kPsk},
                    {.side = Side::kServer, .psk_source = &source, .cookie_secret = kSecret, .own_cid_bytes = 8}};
  Owner client{contexts.client};
  Owner server{contexts.server};
  ASSERT_TRUE(server.session.accept(kAddress, kCid).ok());
  ASSERT_TRUE(client.session.connect(1'000).ok());
  Wire wire{client, server};
  ASSERT_TRUE(wire.run_until([&] { return client.session.established() && server.session.established(); }));
  ASSERT_TRUE(client.session.send(as_bytes("data"), 1'000).ok());
  const Bytes replayed = client.flush().front();
  server.take(replayed, 1'000);
  Bytes other_cid = replayed;
  other_cid[12] ^= 1;
  const Bytes other_epoch = to_bytes("17 fe fd 00 00 00 00 00 00 00 09 00 02 02 28"_hex);
  for (const Bytes& skipped : {replayed, other_cid, other_epoch}) {
    for (size_t stray = 0; stray <= 40; ++stray) {
      Bytes datagram = skipped;
      datagram.resize(skipped.size() + stray, 0x17);
      server.take(datagram, 1'000);
      ASSERT_TRUE(server.session.established()) << stray;
    }
  }
  for (const uint8_t first : {uint8_t{20}, uint8_t{21}, uint8_t{22}, uint8_t{23}}) {
    Bytes datagram = to_bytes("00 fe fd 00 01 02 30 47 25 d6 31 00 02 aa bb 11 22 33"_hex);
    datagram[0] = first;
    client.take(datagram, 1'000);
    server.take(datagram, 1'000);
  }
  EXPECT_TRUE(server.session.established() && client.session.established());
  ASSERT_TRUE(client.session.send(as_bytes("more"), 1'000).ok());
  server.take(client.flush().front(), 1'000);
  EXPECT_EQ(server.received.size(), 2U);
}

}  // namespace
}  // namespace tailor::dtls::testing
