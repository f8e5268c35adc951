// SPDX-License-Identifier: Apache-2.0
// DTLS and CoAP over DTLS with other implementations, over loopback: OpenSSL's s_client and libcoap's programs (built
// with OpenSSL) against our front, and our client against libcoap's server.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "hosted/temporary_folder.hpp"
#include "net/coaps/coaps_client.hpp"
#include "net/coaps/coaps_front.hpp"
#include "testing/certificates/authority.hpp"

namespace tailor::net {
namespace {

using namespace literals;
using tailor::testing::Authority;
using tailor::testing::Credential;
using tailor::testing::peer_uri;

constexpr std::string_view kDeviceId = "2f5ac4b8-7f1c-4a0e-9c1d-000000000001";
constexpr std::string_view kServerId = "2f5ac4b8-7f1c-4a0e-9c1d-0000000000ff";
constexpr std::string_view kPsk = "0123456789abcdef";
constexpr std::string_view kPskHex = "30313233343536373839616263646566";

void write_file(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

void write_certificate_pem(const std::filesystem::path& path, ByteView der) {
  const unsigned char* at = der.data();
  X509* const certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  FILE* const file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(certificate != nullptr && file != nullptr);
  PEM_write_X509(file, certificate);
  std::fclose(file);
  X509_free(certificate);
}

void write_key_pem(const std::filesystem::path& path, const crypto::P256PrivateKey& key) {
  constexpr auto kBefore = "30 31 02 01 01 04 20"_hex;
  constexpr auto kAfter = "a0 0a 06 08 2a 86 48 ce 3d 03 01 07"_hex;
  std::vector<uint8_t> der(kBefore.begin(), kBefore.end());
  der.insert(der.end(), key.secret_scalar().begin(), key.secret_scalar().end());
  der.insert(der.end(), kAfter.begin(), kAfter.end());
  const unsigned char* at = der.data();
  EVP_PKEY* const parsed = d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, static_cast<long>(der.size()));
  FILE* const file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(parsed != nullptr && file != nullptr);
  PEM_write_PrivateKey(file, parsed, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(parsed);
}

/// Runs a command under a time limit. @returns its output, both streams
std::string run(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(("timeout 20 " + command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), count);
  pclose(pipe);
  return output;
}

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " > /dev/null").c_str()) == 0;
}

class Policy final : public CertificatePolicy {
 public:
  using CertificatePolicy::CertificatePolicy;
  [[nodiscard]] Result<ByteView> find_psk(ByteView identity, MutableBytes out) noexcept override {
    if (as_text(identity) != kDeviceId) return Error::kPskUnknown;
    return copy_into(out, as_bytes(kPsk));
  }
  [[nodiscard]] Result<Admission> admit_psk(ByteView) noexcept override {
    return Admission{"default", coap::PeerRole::kDevice, Uuid::from_text(kDeviceId).value()};
  }
};

class Image final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    role = request.peer.role;
    if (request.method == coap::Code::kPut) {
      if (request.offset == 0) received.clear();
      received.insert(received.end(), request.payload.begin(), request.payload.end());
      return response.set_code(coap::Code::kChanged);
    }
    response.set_code(coap::Code::kContent);
    response.set_etag(kAbc);
    response.set_payload(content, coap::format::kOctetStream);
  }
  static constexpr auto kAbc = "61 62 63"_hex;
  std::vector<uint8_t> content;
  std::vector<uint8_t> received;
  coap::PeerRole role = coap::PeerRole::kNone;
};

class Events final : public FrontEvents {
 public:
  void on_connected(unsigned, ConnectionId, const coap::Peer&) noexcept override { ++connected; }
  std::atomic<int> connected{0};
};

class DtlsInterop : public ::testing::Test {
 protected:
  DtlsInterop() {
    for (size_t i = 0; i < 5000; ++i) image_.content.push_back(static_cast<uint8_t>(i * 13 + (i >> 8U)));
    write_certificate_pem(folder_ / "ca.pem", authority_.certificate());
    write_certificate_pem(folder_ / "device.pem", device_.certificate);
    write_key_pem(folder_ / "device.key", device_.key);
    write_certificate_pem(folder_ / "server.pem", server_.certificate);
    write_key_pem(folder_ / "server.key", server_.key);
    // CCM with an 8-byte tag counts as 64 bits in OpenSSL 3, below Debian's default security level.
    std::ofstream{folder_ / "openssl.cnf"} << "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                                              "CipherString = DEFAULT:@SECLEVEL=0\n";
    setenv("OPENSSL_CONF", (folder_ / "openssl.cnf").c_str(), 1);
  }
  ~DtlsInterop() override { unsetenv("OPENSSL_CONF"); }

  void serve() {
    CoapsFrontConfig config;
    config.bind = UdpAddress::from_text("127.0.0.1:0").value();
    config.threads = 1;
    config.options.certificate = server_.certificate;
    config.options.key = server_.key;
    config.options.psk = true;
    config.resources = [this](unsigned) { return std::span<const coap::Resource>{table_}; };
    front_ = CoapsFront::open(std::move(config), for_server_, events_).value();
    ASSERT_TRUE(front_->start().ok());
    port_ = std::to_string(front_->address().port());
  }
  std::string file(const char* name) { return (folder_ / name).string(); }
  std::string content_of(const char* name) {
    std::ifstream stream{folder_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

  TemporaryFolder folder_;
  Authority authority_;
  const Credential server_ =
      authority_.issue({.uri = peer_uri("update-server", kServerId), .common_name = "127.0.0.1"});
  const Credential device_ = authority_.issue({.uri = peer_uri("device", kDeviceId)});
  Policy for_server_{{.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kDevice}}};
  CertificatePolicy for_clients_{{.authorities = {authority_.certificate()}, .roles = {coap::PeerRole::kUpdateServer}}};
  Image image_;
  const std::array<coap::Resource, 1> table_{{{.path = "image",
                                               .methods = coap::kAllowGet | coap::kAllowPut,
                                               .handler = &image_,
                                               .type = "tailor.image",
                                               .produces = coap::format::kOctetStream}}};
  Events events_;
  std::unique_ptr<CoapsFront> front_;
  std::string port_;
};

TEST_F(DtlsInterop, OpensslClientCompletesAPskHandshake) {
  serve();
  const std::string output = run("sh -c 'sleep 1 | openssl s_client -dtls1_2 -connect 127.0.0.1:" + port_ +
                                 " -cipher PSK-AES128-CCM8:@SECLEVEL=0"
                                 " -psk_identity " +
                                 std::string{kDeviceId} + " -psk " + std::string{kPskHex} + "'");
  EXPECT_NE(output.find("Cipher is PSK-AES128-CCM8"), std::string::npos) << output;
  EXPECT_NE(output.find("Extended master secret: yes"), std::string::npos) << output;
  EXPECT_EQ(events_.connected, 1) << output;
}

TEST_F(DtlsInterop, OpensslClientCompletesACertificateHandshake) {
  serve();
  for (const char* mtu : {"", " -mtu 400"}) {
    events_.connected = 0;
    const std::string output = run("sh -c 'sleep 1 | openssl s_client -dtls1_2 -connect 127.0.0.1:" + port_ +
                                   " -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 -CAfile " + file("ca.pem") +
                                   " -cert " + file("device.pem") + " -key " + file("device.key") + mtu + "'");
    EXPECT_NE(output.find("Cipher is ECDHE-ECDSA-AES128-CCM8"), std::string::npos) << output;
    EXPECT_NE(output.find("Verify return code: 0 (ok)"), std::string::npos) << output;
    EXPECT_EQ(events_.connected, 1) << output;
  }
}

TEST_F(DtlsInterop, OpensslClientWithoutCertificateIsRefused) {
  serve();
  const std::string output = run("sh -c 'sleep 1 | openssl s_client -dtls1_2 -connect 127.0.0.1:" + port_ +
                                 " -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0 -CAfile " + file("ca.pem") + "'");
  EXPECT_NE(output.find("alert"), std::string::npos) << output;
  EXPECT_EQ(events_.connected, 0);
}

TEST_F(DtlsInterop, LibcoapClientDiscoversAndFetchesByPsk) {
  if (!installed("coap-client-openssl")) GTEST_SKIP() << "coap-client-openssl is not installed";
  serve();
  const std::string psk = " -u " + std::string{kDeviceId} + " -k " + std::string{kPsk} + " ";
  const std::string uri = "coaps://127.0.0.1:" + port_;
  const std::string links = run("coap-client-openssl -B 10" + psk + uri + "/.well-known/core");
  EXPECT_NE(links.find("</image>"), std::string::npos) << links;
  EXPECT_NE(links.find("tailor.image"), std::string::npos) << links;
  const std::string log = run("coap-client-openssl -B 10 -b 256 -o " + file("got") + psk + uri + "/image");
  EXPECT_EQ(content_of("got"), std::string(image_.content.begin(), image_.content.end())) << log;
}

TEST_F(DtlsInterop, LibcoapClientFetchesAndUploadsByCertificate) {
  if (!installed("coap-client-openssl")) GTEST_SKIP() << "coap-client-openssl is not installed";
  serve();
  const std::string certificate =
      " -c " + file("device.pem") + " -j " + file("device.key") + " -R " + file("ca.pem") + " ";
  const std::string uri = "coaps://127.0.0.1:" + port_ + "/image";  // what localhost is differs
  const std::string log = run("coap-client-openssl -B 10 -b 1024 -o " + file("got") + certificate + uri);
  EXPECT_EQ(content_of("got"), std::string(image_.content.begin(), image_.content.end())) << log;
  EXPECT_EQ(image_.role, coap::PeerRole::kDevice);
  write_file(folder_ / "upload", image_.content);
  run("coap-client-openssl -B 10 -b 512 -m put -f " + file("upload") + certificate + uri);
  EXPECT_EQ(image_.received, image_.content);
}

/// libcoap's server as a child process, ended with the object.
class LibcoapServer {
 public:
  explicit LibcoapServer(std::vector<std::string> arguments) {
    // Any free port whose neighbour is free too: the program serves DTLS one above.
    for (int attempt = 0; attempt < 20 && port_ == 0; ++attempt) {
      const auto plain = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value());
      if (!plain.ok()) continue;
      const uint16_t port = plain->local()->port();
      UdpAddress above = plain->local().value();
      above.set_port(static_cast<uint16_t>(port + 1));
      if (port < 65535 && UdpSocket::bind(above).ok()) port_ = port;
    }
    arguments.insert(arguments.begin(), {"coap-server-openssl", "-A", "127.0.0.1", "-p", std::to_string(port_)});
    child_ = fork();
    if (child_ == 0) {
      std::vector<char*> argv;
      for (std::string& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execvp(argv[0], argv.data());
      _exit(127);
    }
  }
  ~LibcoapServer() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  LibcoapServer(const LibcoapServer&) = delete;
  LibcoapServer& operator=(const LibcoapServer&) = delete;
  [[nodiscard]] uint16_t dtls_port() const { return static_cast<uint16_t>(port_ + 1); }

 private:
  uint16_t port_ = 0;
  pid_t child_ = -1;
};

void fetch_from_libcoap(uint16_t port, const ClientOptions& options, AccessPolicy& policy) {
  auto client = CoapsClient::connect("127.0.0.1", port, options, policy, 15'000);
  ASSERT_TRUE(client.ok()) << client.error().to_text();
  const auto links = (*client)->request({.uri = "/.well-known/core"}, 10'000);
  ASSERT_TRUE(links.ok()) << links.error().to_text();
  EXPECT_NE(as_text(links->body).find("</time>"), std::string_view::npos);
  std::vector<uint8_t> upload(3000, 'x');
  const auto put = (*client)->request({.method = coap::Code::kPut, .uri = "/example_data", .body = upload}, 10'000);
  ASSERT_TRUE(put.ok()) << put.error().to_text();
  EXPECT_TRUE(coap::is_success(put->code));
  const auto got = (*client)->request({.uri = "/example_data"}, 10'000);
  ASSERT_TRUE(got.ok()) << got.error().to_text();
  EXPECT_EQ(got->body, upload);
}

TEST_F(DtlsInterop, OurClientFetchesFromLibcoapServerByPsk) {
  if (!installed("coap-server-openssl")) GTEST_SKIP() << "coap-server-openssl is not installed";
  LibcoapServer server{{"-k", std::string{kPsk}, "-h", "hint"}};
  ClientOptions options;
  options.psk_identity.assign(kDeviceId.begin(), kDeviceId.end());
  options.psk.assign(kPsk.begin(), kPsk.end());
  fetch_from_libcoap(server.dtls_port(), options, for_clients_);
}

TEST_F(DtlsInterop, OurClientFetchesFromLibcoapServerByCertificate) {
  if (!installed("coap-server-openssl")) GTEST_SKIP() << "coap-server-openssl is not installed";
  LibcoapServer server{{"-c", file("server.pem"), "-j", file("server.key"), "-C", file("ca.pem")}};
  ClientOptions options;
  options.certificate = device_.certificate;
  options.key = device_.key;
  fetch_from_libcoap(server.dtls_port(), options, for_clients_);
}

}  // namespace
}  // namespace tailor::net
