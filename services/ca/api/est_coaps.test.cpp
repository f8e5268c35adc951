// SPDX-License-Identifier: Apache-2.0
// EST-coaps between two CoAP endpoints in memory, with small blocks, so that requests and answers travel block-wise.
#include "services/ca/api/est_coaps.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "core/coap/endpoint.hpp"
#include "core/est/est.hpp"
#include "core/est/request.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/est_format.hpp"
#include "services/ca/testing/world.hpp"
#include "services/store/database.hpp"

namespace tailor::ca {
namespace {

constexpr uint8_t kSzx = 3;  // blocks of 128 bytes: a certificate takes five

/// One end of the wire: what it sends waits in a queue.
struct Wire final : coap::DatagramSink {
  void send(ByteView datagram) noexcept override { sent.emplace_back(datagram.begin(), datagram.end()); }
  std::deque<Bytes> sent;
};

/// Sends one body and keeps the answer.
struct Caller final : coap::ClientHandler {
  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override {
    std::copy_n(request.begin() + offset, out.size(), out.begin());
    return out.size();
  }
  Status on_response(const coap::ClientResponse& response) noexcept override {
    code = response.code;
    format = response.content_format;
    body.insert(body.end(), response.payload.begin(), response.payload.end());
    done = response.last;
    return kOk;
  }
  void on_failure(Error error) noexcept override { failure = error; }
  Bytes request;
  Bytes body;
  coap::Code code = coap::Code::kEmpty;
  uint16_t format = coap::format::kNone;
  bool done = false;
  std::optional<Error> failure;
};

struct Memory {
  coap::StaticMemory<8, 256, 4, 4096> memory;
  std::array<uint8_t, coap::message_bytes(kSzx)> scratch{};
};

class EstCoapsTest : public testing::Test {
 protected:
  std::unique_ptr<store::Database> open() {
    store::StoreConfig config;
    config.url = "sqlite:" + (folder_ / "ca.db").string();
    return store::open_database(config).value();
  }

  Caller ask(coap::Code method, std::string_view uri, const Bytes& body = {}, uint16_t format = coap::format::kNone,
             uint16_t accept = coap::format::kNone) {
    Memory client_memory;
    Memory server_memory;
    const coap::Environment client_environment{client_memory.memory, client_memory.scratch, {}, kSzx, {}};
    const coap::Environment server_environment{server_memory.memory, server_memory.scratch, est_.resources(), kSzx, {}};
    coap::EndpointStorage<2, 2, 1, 4> client_slots;
    coap::EndpointStorage<2, 2, 1, 4> server_slots;
    Wire to_server;
    Wire to_client;
    coap::Endpoint client(client_environment, client_slots.slots(), to_server, {}, 1);
    coap::Endpoint server(server_environment, server_slots.slots(), to_client, {}, 2);
    Caller caller;
    caller.request = body;
    coap::RequestSpec spec;
    spec.method = method;
    spec.uri = uri;
    spec.content_format = format;
    spec.accept = accept;
    spec.body_bytes = static_cast<uint32_t>(body.size());
    MonotonicMs now = 1000;
    EXPECT_TRUE(client.request(spec, caller, now).ok());
    for (int i = 0; i < 1000 && !caller.done && !caller.failure; ++i) {
      ++now;
      client.tick(now);
      server.tick(now);
      deliver(to_server, server, now);
      deliver(to_client, client, now);
    }
    client.close(Error::kSessionClosed);
    server.close(Error::kSessionClosed);
    return caller;
  }
  static void deliver(Wire& from, coap::Endpoint& to, MonotonicMs now) {
    std::deque<Bytes> batch;
    batch.swap(from.sent);
    for (const Bytes& datagram : batch) to.on_datagram(datagram, now);
  }
  Caller enrol(const Bytes& csr, uint16_t accept = coap::format::kNone) {
    return ask(coap::Code::kPost, est::kEnrolPath, csr, est::kFormatRequest, accept);
  }
  Caller reenrol(const Bytes& csr) {
    return ask(coap::Code::kPost, est::kReenrolPath, csr, est::kFormatRequest, est::kFormatCertificate);
  }
  static std::string text(const Caller& caller) { return {caller.body.begin(), caller.body.end()}; }

  TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = open();
  World world_{*database_};
  Proof proof_;  ///< how the peer has authenticated itself
  EstCoaps est_{world_.authority(), [this](const coap::Peer&) { return proof_; }};
};

TEST_F(EstCoapsTest, CrtsInBothFormatsAndAtt) {
  const Caller list = ask(coap::Code::kGet, est::kCaCertificatesPath);
  EXPECT_EQ(list.code, coap::Code::kContent);
  EXPECT_EQ(list.format, est::kFormatCertsOnly);
  EXPECT_EQ(pki::parse_certs_only(list.body).value(), std::vector<pki::Certificate>{world_.ca().root()});
  const Caller one = ask(coap::Code::kGet, est::kCaCertificatesPath, {}, coap::format::kNone, est::kFormatCertificate);
  EXPECT_EQ(one.format, est::kFormatCertificate);
  EXPECT_EQ(one.body, world_.ca().root().der());
  EXPECT_EQ(ask(coap::Code::kGet, est::kCaCertificatesPath, {}, coap::format::kNone, coap::format::kCbor).code,
            coap::Code::kNotAcceptable);
  const Caller att = ask(coap::Code::kGet, est::kCsrAttributesPath);
  EXPECT_EQ(att.format, est::kFormatCsrAttributes);
  EXPECT_TRUE(equal(att.body, pki::csr_attributes()));
}

TEST_F(EstCoapsTest, ADeviceEnrolsWithItsPreSharedKeyAndRenews) {
  const Uuid id = world_.device();
  const pki::PrivateKey key = pki::PrivateKey::generate().value();
  std::array<uint8_t, est::kMaxRequestBytes> csr{};
  const ByteView written = est::write_request(id, key.to_core().value(), csr).value();  // as the device core writes it
  proof_ = PskProof{id, 0};
  const Caller first = enrol({written.begin(), written.end()}, est::kFormatCertificate);
  ASSERT_EQ(first.code, coap::Code::kChanged) << text(first);
  EXPECT_EQ(first.format, est::kFormatCertificate);
  const pki::Certificate certificate = pki::Certificate::from_der(first.body).value();
  EXPECT_EQ(certificate.identity(), (pki::Identity{"default", pki::Role::kDevice, id}));
  const Caller again = enrol({written.begin(), written.end()});
  EXPECT_EQ(again.format, est::kFormatCertsOnly);
  EXPECT_EQ(pki::parse_certs_only(again.body)->at(0), certificate) << "a retry";
  proof_ = CertificateProof{certificate};
  const Caller renewed = reenrol(Applicant().request);
  ASSERT_EQ(renewed.code, coap::Code::kChanged) << text(renewed);
  EXPECT_EQ(pki::Certificate::from_der(renewed.body)->identity(), certificate.identity());
  proof_ = PskProof{id, 0};
  const Caller spent = enrol({written.begin(), written.end()});
  EXPECT_EQ(spent.code, coap::Code::kForbidden);
  EXPECT_EQ(text(spent).rfind("PskSpent", 0), 0U) << text(spent);
}

TEST_F(EstCoapsTest, AskingForTheRootWithTheNewCertificateEndsTheTransaction) {
  const Uuid id = world_.device();
  const Applicant device;
  proof_ = PskProof{id, 0};
  const pki::Certificate certificate =
      pki::Certificate::from_der(enrol(device.request, est::kFormatCertificate).body).value();
  EXPECT_EQ(ask(coap::Code::kGet, est::kCaCertificatesPath).code, coap::Code::kContent);
  EXPECT_EQ(enrol(device.request).code, coap::Code::kChanged) << "that was still the pre-shared key";
  proof_ = CertificateProof{certificate};
  EXPECT_EQ(ask(coap::Code::kGet, est::kCaCertificatesPath).code, coap::Code::kContent);
  proof_ = PskProof{id, 0};
  EXPECT_EQ(text(enrol(device.request)).rfind("PskSpent", 0), 0U);
}

TEST_F(EstCoapsTest, AFactoryCertificateEnrolsAndDoesNotRenew) {
  const Uuid id = world_.device();
  const pki::PrivateKey factory_key = pki::PrivateKey::generate().value();
  proof_ = CertificateProof{world_.maker().issues(pki::Role::kDevice, factory_key, id)};
  EXPECT_EQ(enrol(Applicant().request).code, coap::Code::kChanged);
  EXPECT_EQ(ask(coap::Code::kGet, est::kCaCertificatesPath).code, coap::Code::kContent);
  EXPECT_EQ(reenrol(Applicant().request).code, coap::Code::kUnauthorized);
}

TEST_F(EstCoapsTest, RefusalsSayWhy) {
  const Uuid id = world_.device();
  EXPECT_EQ(enrol(Applicant().request).code, coap::Code::kUnauthorized) << "nobody has authenticated";
  proof_ = PskProof{id, 0};
  EXPECT_EQ(reenrol(Applicant().request).code, coap::Code::kUnauthorized);
  const Caller malformed = enrol(Bytes(300, 0x30));
  EXPECT_EQ(malformed.code, coap::Code::kBadRequest);
  EXPECT_EQ(text(malformed).rfind("CsrInvalid", 0), 0U) << text(malformed);
  EXPECT_EQ(ask(coap::Code::kPost, est::kEnrolPath, Applicant().request, coap::format::kCbor).code,
            coap::Code::kUnsupportedContentFormat);
  EXPECT_EQ(enrol(Applicant().request, coap::format::kCbor).code, coap::Code::kNotAcceptable);
  EXPECT_EQ(enrol(Bytes(pki::kMaxDerBytes + 1, 1)).code, coap::Code::kRequestEntityTooLarge);
  EXPECT_EQ(ask(coap::Code::kGet, est::kEnrolPath).code, coap::Code::kMethodNotAllowed);
  EXPECT_EQ(ask(coap::Code::kGet, "/.well-known/est/skg").code, coap::Code::kNotFound);
  proof_ = CertificateProof{world_.ca().root()};
  EXPECT_EQ(reenrol(Applicant().request).code, coap::Code::kBadRequest) << "an authority is no peer";
  proof_ = PskProof{id, 0};
  EXPECT_EQ(enrol(Applicant().request).code, coap::Code::kChanged) << "none of that spent the generation";
}

TEST_F(EstCoapsTest, RevocationListAndDiscovery) {
  const Uuid id = world_.device();
  const pki::Certificate bad = world_.authority().enrol_with_psk(id, 0, Applicant().request).value();
  ASSERT_TRUE(world_.authority().revoke(bad.serial(), pki::RevocationReason::kSuperseded).ok());
  const Caller list = ask(coap::Code::kGet, "/crl");
  EXPECT_EQ(list.code, coap::Code::kContent);
  EXPECT_TRUE(pki::Crl::from_der(list.body, world_.ca().root())->revokes(bad));
  const std::string links = text(ask(coap::Code::kGet, "/.well-known/core"));
  for (const char* type : {"ace.est.crts", "ace.est.att", "ace.est.sen", "ace.est.sren"}) {
    EXPECT_NE(links.find(std::string("rt=\"") + type), std::string::npos) << links;
  }
}

}  // namespace
}  // namespace tailor::ca
