// SPDX-License-Identifier: Apache-2.0
// EST-coaps (RFC 9148) over real DTLS at the running service, in both bootstrap modes.
#include <gtest/gtest.h>

#include "core/est/est.hpp"
#include "core/trust/psk.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "hosted/uuid_make.hpp"
#include "net/coaps/coaps_client.hpp"
#include "net/http/client.hpp"
#include "pki/fixture.hpp"
#include "services/ca/service.hpp"

namespace tailor::ca {
namespace {

const Bytes kFactorySecret(16, 0x33);

class CoapsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(init_ca({folder_ / "ca"}, clock_).ok());
    ASSERT_TRUE(write_file(folder_ / "maker.pem", as_bytes(maker_.root().to_pem())).ok());
    start();
  }
  void start() {
    CaConfig config;
    config.folder = folder_ / "ca";
    config.factory_anchors = {folder_ / "maker.pem"};
    config.https_port = 0;
    config.coaps_port = 0;
    service_ = CaService::start(config, clock_).value();
    net::CertificatePolicy::Rules rules;
    rules.authorities = {service_->authority().root().der()};
    rules.roles = {coap::PeerRole::kCertificateAuthority};
    rules.clock = &clock_;
    policy_ = std::make_unique<net::CertificatePolicy>(std::move(rules));
  }

  Uuid device() {
    NewDevice device;
    device.id = uuid4().value();
    device.secret = SecretBytes(kFactorySecret);
    EXPECT_TRUE(service_->authority().register_device(device).ok());
    return device.id;
  }
  Outcome<std::unique_ptr<net::CoapsClient>> connect(net::ClientOptions options) {
    return net::CoapsClient::connect("127.0.0.1", service_->coaps_port(), std::move(options), *policy_, 10'000);
  }
  Outcome<std::unique_ptr<net::CoapsClient>> connect_psk(const Uuid& id, uint32_t generation,
                                                         const Bytes& secret = kFactorySecret) {
    std::array<char, trust::kPskIdentityBytes> text{};
    const ByteView identity = as_bytes(trust::write_psk_identity(id, generation, text));
    const auto psk = trust::derive_psk(secret, id, generation).value();
    net::ClientOptions options;
    options.psk_identity.assign(identity.begin(), identity.end());
    options.psk.assign(psk.secret_bytes().begin(), psk.secret_bytes().end());
    return connect(std::move(options));
  }
  Outcome<std::unique_ptr<net::CoapsClient>> connect_with(const pki::Certificate& certificate,
                                                          const pki::PrivateKey& key) {
    net::ClientOptions options;
    options.certificate = certificate.der();
    options.key = key.to_core().value();
    return connect(std::move(options));
  }
  static net::CoapResponse post(net::CoapsClient& client, std::string_view path, const Bytes& csr) {
    net::CoapRequest request;
    request.method = coap::Code::kPost;
    request.uri = path;
    request.body = csr;
    request.content_format = est::kFormatRequest;
    request.accept = est::kFormatCertificate;
    return client.request(request, 20'000).value();
  }
  static net::CoapResponse get(net::CoapsClient& client, std::string_view path) {
    net::CoapRequest request;
    request.uri = path;
    request.accept = est::kFormatCertificate;
    return client.request(request, 20'000).value();
  }
  static std::string text(const net::CoapResponse& response) { return {response.body.begin(), response.body.end()}; }

  TemporaryFolder folder_;
  SystemUtcClock clock_;
  pki::TestAuthority maker_{SystemUtcClock().now(), "Maker"};
  std::unique_ptr<CaService> service_;
  std::unique_ptr<net::CertificatePolicy> policy_;
  pki::PrivateKey key_ = pki::PrivateKey::generate().value();
  Bytes csr_ = pki::make_request(key_).value();
};

TEST_F(CoapsTest, PskModeFromNothingToARenewedCertificate) {
  const Uuid id = device();
  auto enrolling = connect_psk(id, 0).value();
  const net::CoapResponse root = get(*enrolling, est::kCaCertificatesPath);
  EXPECT_EQ(root.body, service_->authority().root().der());
  const net::CoapResponse first = post(*enrolling, est::kEnrolPath, csr_);
  ASSERT_EQ(first.code, coap::Code::kChanged) << text(first);
  const pki::Certificate certificate = pki::Certificate::from_der(first.body).value();
  EXPECT_EQ(post(*enrolling, est::kEnrolPath, csr_).body, certificate.der()) << "a retry";
  EXPECT_EQ(post(*enrolling, est::kReenrolPath, csr_).code, coap::Code::kUnauthorized);
  enrolling->close();

  service_->stop();
  start();
  auto enrolled = connect_with(certificate, key_).value();
  const pki::PrivateKey next = pki::PrivateKey::generate().value();
  const net::CoapResponse renewed = post(*enrolled, est::kReenrolPath, pki::make_request(next).value());
  ASSERT_EQ(renewed.code, coap::Code::kChanged) << text(renewed);
  EXPECT_EQ(pki::Certificate::from_der(renewed.body)->identity(), certificate.identity());

  auto again = connect_psk(id, 0).value();
  const net::CoapResponse spent = post(*again, est::kEnrolPath, csr_);
  EXPECT_EQ(spent.code, coap::Code::kForbidden);
  EXPECT_EQ(text(spent).rfind("PskSpent", 0), 0U) << text(spent);
  auto next_generation = connect_psk(id, 1).value();
  EXPECT_EQ(post(*next_generation, est::kEnrolPath, csr_).code, coap::Code::kChanged);
}

TEST_F(CoapsTest, IdevidModeWithAFactoryCertificate) {
  const Uuid id = device();
  const pki::PrivateKey factory_key = pki::PrivateKey::generate().value();
  auto client = connect_with(maker_.issues(pki::Role::kDevice, factory_key, id), factory_key).value();
  const net::CoapResponse first = post(*client, est::kEnrolPath, csr_);
  ASSERT_EQ(first.code, coap::Code::kChanged) << text(first);
  const pki::Certificate certificate = pki::Certificate::from_der(first.body).value();
  EXPECT_EQ(certificate.identity()->id, id);
  EXPECT_TRUE(connect_with(certificate, key_).ok());
}

TEST_F(CoapsTest, WhoDoesNotProveItselfHasNoSession) {
  const Uuid id = device();
  EXPECT_FALSE(connect_psk(id, 0, Bytes(16, 0x44)).ok()) << "another secret";
  EXPECT_FALSE(connect_psk(uuid4().value(), 0).ok()) << "an unknown device";
  const pki::TestAuthority stranger(clock_.now());
  EXPECT_FALSE(connect_with(stranger.issues(pki::Role::kDevice, key_, id), key_).ok());
}

TEST_F(CoapsTest, ARevokedCertificateHasNoSession) {
  const Uuid id = device();
  auto enrolling = connect_psk(id, 0).value();
  const pki::Certificate certificate = pki::Certificate::from_der(post(*enrolling, est::kEnrolPath, csr_).body).value();
  auto open = connect_with(certificate, key_).value();
  ASSERT_TRUE(service_->authority().revoke(certificate.serial(), pki::RevocationReason::kKeyCompromise).ok());
  EXPECT_EQ(post(*open, est::kReenrolPath, csr_).code, coap::Code::kUnauthorized) << "also inside an open session";
  EXPECT_FALSE(connect_with(certificate, key_).ok());
}

TEST(CaServiceTest, RenewsItsOwnCertificateWhileItServes) {
  const TemporaryFolder folder;
  const UtcTime now = SystemUtcClock().now();
  FakeUtcClock clock(now - std::chrono::hours(24 * 300));
  ASSERT_TRUE(init_ca({folder / "ca"}, clock).ok());
  CaConfig config;
  config.folder = folder / "ca";
  config.https_port = 0;
  config.coaps_port = 0;
  const auto service = CaService::start(config, clock).value();
  const uint16_t coaps_port = service->coaps_port();
  const auto served = [&] {
    std::string serial;
    http::ClientTls tls;
    tls.anchors_pem = service->authority().root().to_pem();
    tls.accept_server = [&](const Bytes& der) -> Outcome<void> {
      serial = pki::Certificate::from_der(der)->serial();
      return kOk;
    };
    const auto client =
        http::Client::create("https://127.0.0.1:" + std::to_string(service->https_port()), std::move(tls)).value();
    EXPECT_EQ(client.send({})->status, 404U);
    return serial;
  };
  const std::string first = served();
  EXPECT_FALSE(service->renew_if_due().value());
  clock.set(now);
  EXPECT_TRUE(service->renew_if_due().value());
  EXPECT_NE(served(), first);
  EXPECT_EQ(service->coaps_port(), coaps_port);
  net::CertificatePolicy::Rules rules;
  rules.authorities = {service->authority().root().der()};
  rules.roles = {coap::PeerRole::kCertificateAuthority};
  net::CertificatePolicy policy(std::move(rules));
  const pki::PrivateKey key = pki::PrivateKey::generate().value();
  const auto code = service->authority().issue_code({}).value();
  const auto certificate =
      service->authority().enrol_with_code("operator", code.code, pki::make_request(key).value()).value();
  net::ClientOptions options;
  options.certificate = certificate.der();
  options.key = key.to_core().value();
  EXPECT_TRUE(net::CoapsClient::connect("127.0.0.1", coaps_port, std::move(options), policy, 10'000).ok());
}

}  // namespace
}  // namespace tailor::ca
