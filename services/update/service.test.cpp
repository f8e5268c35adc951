// SPDX-License-Identifier: Apache-2.0
// The whole update server over real sockets on loopback: an operator with curl and with our client, devices over DTLS.
#include "services/update/service.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/update/status.hpp"
#include "hosted/file.hpp"
#include "net/coap/blocking_client.hpp"
#include "net/coaps/coaps_client.hpp"
#include "net/http/client.hpp"
#include "pki/crl.hpp"
#include "pki/fixture.hpp"
#include "services/update/testing/openapi.hpp"
#include "services/update/testing/updates_test.hpp"
#include "testing/process.hpp"

namespace tailor::update_server {
namespace {

using nlohmann::json;
using testing::EnvelopeSpec;
using testing::need;

/// A device on the other end of a session: keeps what is pushed to it, and counts what it sends.
class PushedDevice final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    if (request.method == coap::Code::kGet) {
      update::DeviceStatus status;
      status.device = testing::id_of(1);
      status.vendor = testing::kVendor;
      status.device_class = testing::kClass;
      status.boot.slots = 2;
      const auto message = update::encode(status, room_);
      if (!message.ok()) return response.fail(message.error());
      response.set_code(coap::Code::kContent);
      response.set_payload(message.value(), coap::format::kStatus);
      return;
    }
    if (refusal) return response.fail(*refusal, "as the test wants");
    Bytes& into = request.path.at(0) == "manifest" ? manifest : payload;
    if (request.offset == 0) into.clear();
    into.insert(into.end(), request.payload.begin(), request.payload.end());
    response.set_code(coap::Code::kChanged);
    if (request.last && &into == &payload) complete = true;
  }
  uint32_t resume_offset(const coap::Request&) noexcept override { return 0; }
  std::optional<Error> refusal;
  Bytes manifest, payload;
  bool complete = false;
  const std::array<coap::Resource, 3> table = {
      coap::Resource{.path = "manifest", .methods = coap::kAllowPut, .handler = this},
      coap::Resource{.path = "payload/*", .methods = coap::kAllowPut, .handler = this},
      coap::Resource{.path = "status", .methods = coap::kAllowGet, .handler = this}};

 private:
  std::array<uint8_t, 512> room_{};
};

struct Credential {
  pki::PrivateKey key = pki::PrivateKey::generate().value();
  std::optional<pki::Certificate> certificate;
  std::string key_pem() const { return std::string(need(key.to_pem()).reveal()); }
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    write("ca.pem", authority_.root().to_pem());
    const Credential server = credential(pki::Role::kUpdateServer, testing::id_of(200), {"localhost", "127.0.0.1"});
    write("server.pem", server.certificate->to_pem());
    write("server.key", server.key_pem());
    write("signer.pem", need(pki::public_key_to_pem(testing::public_key(1))));
    publish_revocations({}, 1);
    config_.folder = folder_ / "data";
    config_.certificate = folder_ / "server.pem";
    config_.key = folder_ / "server.key";
    config_.authorities = folder_ / "ca.pem";
    config_.signers = {folder_ / "signer.pem"};
    config_.revocation_list = (folder_ / "crl.der").string();
    config_.http_port = 0;
    config_.coaps_port = 0;
    config_.coap_threads = 2;
    config_.plain_images = true;
    config_.plain_port = 0;
  }

  void start() { service_ = need(UpdateService::start(config_, clock_)); }
  void write(const std::string& name, const std::string& text) {
    need(write_file(folder_ / name, as_bytes(text), FileMode::kPrivate));
  }
  Credential credential(pki::Role role, const Uuid& id, const std::vector<std::string>& names = {}) {
    Credential out;
    out.certificate = authority_.issues(role, out.key, id, names);
    return out;
  }
  void publish_revocations(const std::vector<pki::RevokedCertificate>& revoked, uint64_t number) {
    const auto crl =
        need(pki::make_crl(authority_.issuer(), revoked, number, clock_.now(), clock_.now() + std::chrono::hours(1)));
    need(write_file(folder_ / "crl.der", crl.der()));
  }

  http::Response ask(const Credential& who, const http::ClientRequest& request) {
    http::ClientTls tls;
    tls.anchors_pem = authority_.root().to_pem();
    if (who.certificate) {
      tls.certificate_pem = who.certificate->to_pem();
      tls.key_pem = SecretString(who.key_pem());
    }
    const auto client =
        need(http::Client::create("https://127.0.0.1:" + std::to_string(service_->http_port()), std::move(tls)));
    return need(client.send(request));
  }
  json ask(const std::string& method, const std::string& target, const std::string& body = "") {
    http::ClientRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    const http::Response response = ask(operator_, request);
    EXPECT_LT(response.status, 300U) << target << ": " << response.body;
    return json::parse(response.body);
  }

  std::unique_ptr<net::CoapsClient> connect(const Credential& who, std::span<const coap::Resource> resources = {}) {
    auto connected = try_connect(who, resources);
    return need(std::move(connected));
  }
  Outcome<std::unique_ptr<net::CoapsClient>> try_connect(const Credential& who,
                                                         std::span<const coap::Resource> resources = {}) {
    net::ClientOptions options;
    options.certificate = who.certificate->der();
    options.key = need(who.key.to_core());
    options.resources = resources;
    return net::CoapsClient::connect("127.0.0.1", service_->coaps_port(), std::move(options), servers_, 10'000);
  }
  net::CoapResponse request(net::CoapsClient& client, coap::Code method, const std::string& uri, const Bytes& body = {},
                            uint16_t content_format = coap::format::kNone) {
    return need(client.request({method, uri, body, content_format, coap::format::kNone}, 20'000));
  }
  void registers(net::CoapsClient& client, const Device& device) {
    const auto answer =
        request(client, coap::Code::kPost, "/reg", testing::registration_message(device), coap::format::kRegistration);
    EXPECT_EQ(answer.code, coap::Code::kCreated) << as_text(answer.body);
    EXPECT_EQ(answer.location, "reg/" + uuid_text(device.id));
  }
  /// Uploads image and manifest and orders it for device 1. @returns the deployment's id
  std::string deploys(const std::string& mode, const EnvelopeSpec& spec = {}) {
    ask("POST", "/v1/images", std::string(as_text(spec.image)));
    const json manifest = ask("POST", "/v1/manifests", std::string(as_text(testing::envelope(spec))));
    const json body = {{"manifest", manifest["digest"]}, {"devices", {uuid_text(testing::id_of(1))}}, {"mode", mode}};
    return ask("POST", "/v1/deployments", body.dump())["id"];
  }
  json target_of(const std::string& deployment) {
    return ask("GET", "/v1/deployments/" + deployment + "/devices")["items"][0];
  }

  SystemUtcClock clock_;
  TemporaryFolder folder_;
  pki::TestAuthority authority_{clock_.now()};
  const Credential operator_ = credential(pki::Role::kOperator, testing::id_of(100));
  const Credential device_ = credential(pki::Role::kDevice, testing::id_of(1));
  net::CertificatePolicy servers_{{{authority_.root().der()}, {coap::PeerRole::kUpdateServer}, &clock_, {}}};
  UpdateServiceConfig config_;
  std::unique_ptr<UpdateService> service_;
};

TEST_F(ServiceTest, PullFromRegistrationToReport) {
  start();
  const auto device = connect(device_);
  registers(*device, testing::device(1));
  EXPECT_TRUE(request(*device, coap::Code::kGet, "/update").body.empty());
  const EnvelopeSpec spec{.image = Bytes(70'000, 0x3C)};
  const std::string deployment = deploys("pull", spec);
  const auto update = request(*device, coap::Code::kGet, "/update");
  EXPECT_EQ(update.code, coap::Code::kContent);
  EXPECT_EQ(update.content_format, coap::format::kSuitEnvelope);
  const auto facts = need(read_envelope(update.body, SignerAnchors({testing::public_key(1)})));
  const auto image = request(*device, coap::Code::kGet, facts.payloads.at(0).uri);
  EXPECT_EQ(image.body, spec.image);
  const auto reported =
      request(*device, coap::Code::kPost, "/report",
              testing::report_message(testing::device(1), 1, facts.digest, UpdateState::kConfirmed, std::nullopt),
              coap::format::kReport);
  EXPECT_EQ(reported.code, coap::Code::kChanged) << as_text(reported.body);
  EXPECT_EQ(target_of(deployment)["state"], "confirmed");
  EXPECT_TRUE(request(*device, coap::Code::kGet, "/update").body.empty());
}

TEST_F(ServiceTest, PushToALiveSessionAndToOneThatComesBack) {
  start();
  PushedDevice pushed;
  auto device = connect(device_, pushed.table);
  registers(*device, testing::device(1));
  const EnvelopeSpec spec{.image = Bytes(50'000, 0x11)};
  const std::string deployment = deploys("push", spec);
  ASSERT_TRUE(device->serve_until([&] { return pushed.complete; }, 20'000));
  EXPECT_EQ(pushed.payload, spec.image);
  EXPECT_TRUE(read_envelope(pushed.manifest, SignerAnchors({testing::public_key(1)})).ok());
  EXPECT_EQ(target_of(deployment)["state"], "offered");
  EXPECT_TRUE(request(*device, coap::Code::kGet, "/update").body.empty()) << "push is not pull";

  device->close();
  device.reset();
  const EnvelopeSpec later{.sequence_number = 3, .image = Bytes(3'000, 0x22)};
  const std::string second = deploys("push", later);
  ask("POST", "/v1/deployments/" + deployment + "/cancel");
  PushedDevice awake;
  device = connect(device_, awake.table);
  ASSERT_TRUE(device->serve_until([&] { return awake.complete; }, 20'000)) << "the push starts when it returns";
  EXPECT_EQ(awake.payload, later.image);
}

TEST_F(ServiceTest, ARefusedPushIsSeenByTheOperator) {
  start();
  PushedDevice pushed;
  pushed.refusal = Error::kSignerNotPermitted;
  const auto device = connect(device_, pushed.table);
  registers(*device, testing::device(1));
  const std::string deployment = deploys("push");
  json target = json::object();
  for (int tries = 0; tries < 100 && target.value("state", "") != "refused"; ++tries) {
    (void)device->serve_until([] { return false; }, 100);
    target = target_of(deployment);
  }
  EXPECT_EQ(target["state"], "refused");
  EXPECT_EQ(target["reason"], "SignerNotPermitted");
  EXPECT_EQ(target["detail"], "as the test wants");
}

/// Observes /update and remembers what it was told.
class Observer final : public coap::ClientHandler {
 public:
  Status on_response(const coap::ClientResponse& response) noexcept override {
    if (response.offset == 0) body.clear();
    body.insert(body.end(), response.payload.begin(), response.payload.end());
    if (response.last) ++responses;
    return kOk;
  }
  void on_failure(Error) noexcept override { failed = true; }
  Bytes body;
  int responses = 0;
  bool failed = false;
};

TEST_F(ServiceTest, HybridNotifiesAndThenTheDevicePulls) {
  start();
  const auto device = connect(device_);
  registers(*device, testing::device(1));
  Observer observer;
  coap::RequestSpec spec;
  spec.uri = "/update";
  spec.observe = true;
  ASSERT_TRUE(device->connection().endpoint().request(spec, observer, 0).ok());
  ASSERT_TRUE(device->serve_until([&] { return observer.responses == 1; }, 20'000));
  EXPECT_TRUE(observer.body.empty());
  const std::string deployment = deploys("hybrid");
  ASSERT_TRUE(device->serve_until([&] { return observer.responses >= 2; }, 20'000));
  const auto facts = need(read_envelope(observer.body, SignerAnchors({testing::public_key(1)})));
  EXPECT_EQ(request(*device, coap::Code::kGet, facts.payloads.at(0).uri).body, EnvelopeSpec().image);
  EXPECT_EQ(target_of(deployment)["state"], "offered");
}

TEST_F(ServiceTest, PlainCoapServesImagesAndNothingElse) {
  start();
  const Bytes image(5'000, 0x77);
  ask("POST", "/v1/images", std::string(as_text(image)));
  const auto client = need(net::BlockingClient::connect(
      need(net::UdpAddress::from_text("127.0.0.1:" + std::to_string(service_->plain_port())))));
  const std::string uri = testing::image_uri(image);
  coap::RequestSpec spec;
  spec.uri = uri;
  EXPECT_EQ(need(client->request(spec)).body, image);
  for (const char* other : {"/update", "/reg", "/img/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/img/x"}) {
    spec.uri = other;
    EXPECT_EQ(need(client->request(spec)).code, coap::Code::kNotFound) << other;
  }
}

TEST_F(ServiceTest, StrangersAreRefusedByName) {
  start();
  pki::TestAuthority other(clock_.now());
  Credential stranger;
  stranger.certificate = other.issues(pki::Role::kDevice, stranger.key);
  EXPECT_FALSE(try_connect(stranger).ok());
  EXPECT_FALSE(try_connect(operator_).ok()) << "operators use HTTP";

  const auto status_of = [&](const Credential& who) {
    http::ClientRequest devices;
    devices.target = "/v1/devices";
    return ask(who, devices);
  };
  EXPECT_EQ(json::parse(status_of(Credential{}).body)["error"], "NotAuthenticated");
  EXPECT_EQ(json::parse(status_of(device_).body)["error"], "RoleNotPermitted");
  EXPECT_EQ(status_of(operator_).status, 200U);
  auto open_session = try_connect(device_);
  ASSERT_TRUE(open_session.ok());
  publish_revocations({{operator_.certificate->serial(), clock_.now(), pki::RevocationReason::kKeyCompromise},
                       {device_.certificate->serial(), clock_.now(), pki::RevocationReason::kKeyCompromise}},
                      2);
  ASSERT_TRUE(service_->refresh_revocations().ok());
  EXPECT_EQ(json::parse(status_of(operator_).body)["error"], "CertificateRevoked");
  EXPECT_FALSE(try_connect(device_).ok());
  net::CoapRequest poll;
  poll.uri = "/update";
  EXPECT_FALSE(open_session.value()->request(poll).ok()) << "the session ended with the certificate";

  service_.reset();
  publish_revocations({}, 3);
  config_.operators = {testing::id_of(99)};
  start();
  EXPECT_EQ(json::parse(status_of(operator_).body)["error"], "OperatorNotListed");
}

TEST_F(ServiceTest, CurlWithAClientCertificate) {
  start();
  write("operator.pem", operator_.certificate->to_pem());
  write("operator.key", operator_.key_pem());
  const std::string base = "https://127.0.0.1:" + std::to_string(service_->http_port());
  const Bytes image(100'000, 0x42);
  need(write_file(folder_ / "image", image));
  const auto curl = [&](std::vector<std::string> arguments) {
    std::vector<std::string> all = {"curl",       "--silent", "--show-error", "--fail-with-body",
                                    "--max-time", "20",       "--cacert",     (folder_ / "ca.pem").string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    tailor::testing::Process process(all, folder_ / "curl.out");
    EXPECT_EQ(process.wait(25'000), 0) << process.output();
    return process.output();
  };
  EXPECT_EQ(curl({base + "/health"}), R"({"status":"ok"})");
  const std::vector<std::string> as_operator = {"--cert", (folder_ / "operator.pem").string(), "--key",
                                                (folder_ / "operator.key").string()};
  std::vector<std::string> upload = as_operator;
  upload.insert(upload.end(), {"--data-binary", "@" + (folder_ / "image").string(), base + "/v1/images"});
  EXPECT_EQ(json::parse(curl(upload))["digest"], digest_text(crypto::sha256(image).value()));
  std::vector<std::string> list = as_operator;
  list.push_back(base + "/v1/images");
  EXPECT_EQ(json::parse(curl(list))["items"].size(), 1U);
  EXPECT_NE(curl({base + "/metrics"}).find("tailor_device_sessions 0"), std::string::npos);
}

TEST_F(ServiceTest, ARestartKeepsEverythingAndABackupComesBack) {
  start();
  {
    const auto device = connect(device_);
    registers(*device, testing::device(1));
  }
  const std::string deployment = deploys("pull");
  ASSERT_TRUE(backup(config_, folder_ / "backup").ok());
  EXPECT_EQ(backup(config_, folder_ / "backup").error().code, Error::kAlreadyExists);
  service_.reset();
  start();
  EXPECT_EQ(target_of(deployment)["state"], "idle");
  service_.reset();

  std::filesystem::remove_all(config_.folder);
  ASSERT_TRUE(restore(config_, folder_ / "backup").ok());
  start();
  EXPECT_EQ(target_of(deployment)["state"], "idle");
  const auto device = connect(device_);
  const auto update = request(*device, coap::Code::kGet, "/update");
  const auto facts = need(read_envelope(update.body, SignerAnchors({})));
  EXPECT_EQ(request(*device, coap::Code::kGet, facts.payloads.at(0).uri).body, EnvelopeSpec().image);
}

TEST_F(ServiceTest, DoesNotStartOnWhatIsWrong) {
  const auto refuses = [&](const UpdateServiceConfig& config) {
    const auto started = UpdateService::start(config, clock_);
    return started.ok() ? Error::kInternal : started.error().code;
  };
  UpdateServiceConfig config = config_;
  config.certificate = folder_ / "missing.pem";
  EXPECT_EQ(refuses(config), Error::kNotFound);
  config = config_;
  write("device.pem", device_.certificate->to_pem());
  config.certificate = folder_ / "device.pem";
  EXPECT_EQ(refuses(config), Error::kRoleNotPermitted);
  config = config_;
  config.revocation_list = (folder_ / "missing.der").string();
  EXPECT_EQ(refuses(config), Error::kNotFound);
  config = config_;
  config.http_address = "not an address";
  EXPECT_NE(refuses(config), Error::kInternal);
  config = config_;
  config.store_url = "oracle:x";
  EXPECT_EQ(refuses(config), Error::kConfigMalformed);
}

TEST(UpdateServiceConfig, ReadsItsTable) {
  Config config = need(Config::parse(R"(
[update_server]
folder = "/var/lib/tailor/update"
revocation_list = "https://ca:8443/crl"
operators = ["6f0c1d2e-3b4a-4c5d-8e6f-708192a3b401"]
coaps_port = 5699
plain_images = true
)",
                                     "test.toml"));
  const UpdateServiceConfig read = read_update_config(config.table("update_server"));
  ASSERT_TRUE(config.finish().ok()) << config.finish().error().to_text();
  EXPECT_EQ(read.folder, "/var/lib/tailor/update");
  EXPECT_EQ(read.certificate, "/var/lib/tailor/update/server.pem");
  EXPECT_EQ(read.operators, std::set<Uuid>{testing::id_of(1)});
  EXPECT_EQ(read.coaps_port, 5699);
  EXPECT_TRUE(read.plain_images);
  for (const char* wrong : {"operators = [\"me\"]", "coaps_port = 65536", "colour = \"red\"", "http_threads = 0"}) {
    Config bad = need(Config::parse("[update_server]\n" + std::string(wrong) + "\n", "test.toml"));
    (void)read_update_config(bad.table("update_server"));
    EXPECT_EQ(bad.finish().error().code, Error::kConfigMalformed) << wrong;
  }
}

}  // namespace
}  // namespace tailor::update_server
