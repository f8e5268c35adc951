// SPDX-License-Identifier: Apache-2.0
// Server and client against each other over loopback.
#include "net/http/server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "net/http/client.hpp"
#include "pki/fixture.hpp"
#include "pki/verify.hpp"

namespace tailor::http {
namespace {

using pki::PrivateKey;
using pki::Role;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router_.add("GET", "/hello", [](const Request& request, const PathValues&) {
      return Response{200, "text/plain", "hello " + request.query_value("name").value_or("you"), {}};
    });
    router_.add("POST", "/echo", [](const Request& request, const PathValues&) {
      return Response{200, "application/octet-stream", request.body, {}};
    });
    router_.add(
        "POST", "/image",
        [this](const Request& request, const PathValues&) {
          auto content = read_file(request.body_file);
          if (!content.ok()) return problem(content.error());
          seen_file_ = request.body_file;
          return Response{201, "text/plain", std::to_string(content->size()), {}};
        },
        [this](const Request&) {
          return BodyPlan{200'000, folder_.path(), std::nullopt};
        });
    router_.add("GET", "/who", [](const Request& request, const PathValues&) {
      if (request.peer_certificate.empty()) return Response{200, "text/plain", "nobody", {}};
      return Response{200, "text/plain", pki::Certificate::from_der(request.peer_certificate)->common_name(), {}};
    });
    router_.add("GET", "/throw", [](const Request&, const PathValues&) -> Response { throw std::runtime_error("x"); });
    router_.add("GET", "/slow", [this](const Request&, const PathValues&) {
      entered_.set_value();
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      return Response{200, "text/plain", "done", {}};
    });
  }

  void start_plain(ServerConfig config = {}) { server_ = Server::start(config, nullptr, router_).value(); }
  void start_tls(ClientCertificate client_certificate) {
    const PrivateKey key = PrivateKey::generate().value();
    ServerTls tls;
    tls.certificate_pem = ca_.issues(Role::kUpdateServer, key, uuid4().value(), {"127.0.0.1"}).to_pem();
    tls.key_pem = key.to_pem().value();
    tls.client_anchors_pem = ca_.root().to_pem();
    tls.client_certificate = client_certificate;
    server_ = Server::start({}, &tls, router_).value();
  }
  [[nodiscard]] Client plain_client() const {
    return Client::create("http://127.0.0.1:" + std::to_string(server_->port()), {}).value();
  }
  [[nodiscard]] Client tls_client(ClientTls tls) const {
    return Client::create("https://127.0.0.1:" + std::to_string(server_->port()), std::move(tls)).value();
  }
  [[nodiscard]] ClientTls trusting() const {
    ClientTls tls;
    tls.anchors_pem = ca_.root().to_pem();
    return tls;
  }
  static ClientRequest get(const std::string& target) {
    ClientRequest request;
    request.target = target;
    return request;
  }
  static ClientRequest post(const std::string& target, std::string body) {
    ClientRequest request;
    request.method = "POST";
    request.target = target;
    request.body = std::move(body);
    return request;
  }
  /// Sends raw bytes and returns everything until the server closes.
  [[nodiscard]] std::string raw(const std::string& bytes) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server_->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string out;
    char piece[4096];
    for (ssize_t n = 0; (n = ::recv(fd, piece, sizeof(piece), 0)) > 0;) out.append(piece, static_cast<size_t>(n));
    ::close(fd);
    return out;
  }

  pki::TestAuthority ca_{SystemUtcClock().now()};
  TemporaryFolder folder_;
  Router router_;
  std::promise<void> entered_;
  std::filesystem::path seen_file_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersOverPlainHttp) {
  start_plain();
  const Client client = plain_client();
  EXPECT_EQ(client.send(get("/hello?name=%C3%BC"))->body, "hello \xc3\xbc");
  const std::string body(100'000, 'x');
  EXPECT_EQ(client.send(post("/echo", body))->body, body);
  EXPECT_EQ(client.send(post("/echo", ""))->body, "");
  ClientRequest head = get("/hello");
  head.method = "HEAD";
  const Response response = client.send(head).value();
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers.find("content-length"), "9");
  EXPECT_EQ(client.send(get("/none"))->status, 404U);
}

TEST_F(ServerTest, SeveralRequestsOnOneConnectionAndChunkedBodies) {
  start_plain();
  const std::string answer =
      raw("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
          "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("abcde"), std::string::npos) << answer;
  EXPECT_NE(answer.find("hello you"), std::string::npos) << answer;
}

TEST_F(ServerTest, MalformedRequestsGetAnAnswerOrNothingButNeverAHandler) {
  start_plain();
  const std::pair<const char*, const char*> rows[] = {
      {"GARBAGE\r\n\r\n", "400"},
      {"GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "400"},
      {"GET hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", "400"},
  };
  for (const auto& [bytes, status] : rows) {
    EXPECT_EQ(raw(bytes).rfind(std::string("HTTP/1.1 ") + status, 0), 0U) << bytes;
  }
  const std::string big = "GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n";
  EXPECT_EQ(raw(big).rfind("HTTP/1.1 431", 0), 0U);
}

TEST_F(ServerTest, BodiesStopAtTheLimit) {
  start_plain();
  const Client client = plain_client();
  EXPECT_EQ(client.send(post("/echo", std::string(kBodyBytes, 'x')))->status, 200U);
  const Response refused = client.send(post("/echo", std::string(kBodyBytes + 1, 'x'))).value();
  EXPECT_EQ(refused.status, 413U);
  EXPECT_EQ(failure_from(refused).code, Error::kBodyTooLarge);
  const std::string chunked =
      raw("POST /image HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n30d41\r\n" +
          std::string(200'001, 'y') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.rfind("HTTP/1.1 413", 0), 0U) << "an unannounced length is counted";
}

TEST_F(ServerTest, UploadGoesToAFileThatIsGoneAfterwards) {
  start_plain();
  ASSERT_TRUE(write_file(folder_ / "source", std::vector<uint8_t>(200'000, 7)).ok());
  ClientRequest upload = post("/image", "");
  upload.body_file = folder_ / "source";
  uint64_t last = 0;
  upload.progress = [&](uint64_t sent, uint64_t size) {
    EXPECT_GE(sent, last);
    EXPECT_EQ(size, 200'000U);
    last = sent;
  };
  const Response response = plain_client().send(upload).value();
  EXPECT_EQ(response.status, 201U);
  EXPECT_EQ(response.body, "200000");
  EXPECT_EQ(last, 200'000U);
  server_->stop();
  EXPECT_FALSE(seen_file_.empty());
  EXPECT_FALSE(std::filesystem::exists(seen_file_));
}

TEST_F(ServerTest, TooLargeAnUploadIsRefusedBeforeItIsSent) {
  start_plain();
  ASSERT_TRUE(write_file(folder_ / "source", std::vector<uint8_t>(200'001, 7)).ok());
  ClientRequest upload = post("/image", "");
  upload.body_file = folder_ / "source";
  upload.progress = [](uint64_t, uint64_t) { ADD_FAILURE() << "nothing may be sent"; };
  EXPECT_EQ(failure_from(plain_client().send(upload).value()).code, Error::kBodyTooLarge);
}

TEST_F(ServerTest, FullDiskIs507) {
  start_plain();
  auto* const old_handler = ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{8192, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const Response response = plain_client().send(post("/image", std::string(100'000, 'x'))).value();
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(response.status, 507U);
  EXPECT_EQ(failure_from(response).code, Error::kDiskFull);
  EXPECT_EQ(plain_client().send(post("/image", std::string(100'000, 'x')))->status, 201U) << "and goes on after it";
}

TEST_F(ServerTest, AThrowingHandlerIs500AndTheServerGoesOn) {
  start_plain();
  EXPECT_EQ(plain_client().send(get("/throw"))->status, 500U);
  EXPECT_EQ(plain_client().send(get("/hello"))->status, 200U);
}

TEST_F(ServerTest, TlsTellsTheHandlerWhoThePeerIs) {
  start_tls(ClientCertificate::kOptional);
  EXPECT_EQ(tls_client(trusting()).send(get("/who"))->body, "nobody");
  const PrivateKey key = PrivateKey::generate().value();
  const Uuid id = uuid4().value();
  ClientTls known = trusting();
  known.certificate_pem = ca_.issues(Role::kOperator, key, id).to_pem();
  known.key_pem = key.to_pem().value();
  EXPECT_EQ(tls_client(std::move(known)).send(get("/who"))->body, uuid_text(id));
}

TEST_F(ServerTest, TlsClientsOfOtherAuthoritiesOrWithoutACertificateStayOut) {
  start_tls(ClientCertificate::kRequired);
  const auto without = tls_client(trusting()).send(get("/who"));
  ASSERT_FALSE(without.ok());
  const pki::TestAuthority other(SystemUtcClock().now());
  const PrivateKey key = PrivateKey::generate().value();
  ClientTls foreign = trusting();
  foreign.certificate_pem = other.issues(Role::kOperator, key).to_pem();
  foreign.key_pem = key.to_pem().value();
  ASSERT_FALSE(tls_client(std::move(foreign)).send(get("/who")).ok());
}

TEST_F(ServerTest, ClientsRefuseServersTheyDoNotTrust) {
  start_tls(ClientCertificate::kNone);
  ClientTls nobody;
  EXPECT_EQ(tls_client(std::move(nobody)).send(get("/who")).error().code, Error::kHandshakeFailed);
  ClientTls wrong_name = trusting();
  wrong_name.server_name = "other.example";
  EXPECT_EQ(tls_client(std::move(wrong_name)).send(get("/who")).error().code, Error::kHandshakeFailed);
  ClientTls picky = trusting();
  picky.accept_server = [](const Bytes&) -> Outcome<void> { return fail(Error::kServerNotListed); };
  EXPECT_EQ(tls_client(std::move(picky)).send(get("/who")).error().code, Error::kServerNotListed);
}

TEST_F(ServerTest, ARenewedCertificateIsUsedFromThenOn) {
  start_tls(ClientCertificate::kNone);
  const pki::TestAuthority next(SystemUtcClock().now());
  const PrivateKey key = PrivateKey::generate().value();
  ServerTls renewed;
  renewed.certificate_pem = next.issues(Role::kUpdateServer, key, uuid4().value(), {"127.0.0.1"}).to_pem();
  renewed.key_pem = key.to_pem().value();
  ASSERT_TRUE(server_->replace_tls(renewed).ok());
  EXPECT_FALSE(tls_client(trusting()).send(get("/who")).ok());
  ClientTls tls;
  tls.anchors_pem = next.root().to_pem();
  EXPECT_TRUE(tls_client(std::move(tls)).send(get("/who")).ok());
  ServerTls broken;
  broken.certificate_pem = "x";
  EXPECT_EQ(server_->replace_tls(broken).error().code, Error::kDerMalformed);
}

TEST_F(ServerTest, StopLetsARunningRequestEndAndClosesIdleConnections) {
  start_plain();
  std::promise<std::string> answer;
  std::thread caller([&] { answer.set_value(plain_client().send(get("/slow"))->body); });
  entered_.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  EXPECT_EQ(answer.get_future().get(), "done");
  caller.join();
  EXPECT_EQ(plain_client().send(get("/hello")).error().code, Error::kNetworkFailed);
}

TEST_F(ServerTest, SilentPeersAreDropped) {
  ServerConfig config;
  config.idle_timeout = std::chrono::milliseconds(100);
  start_plain(config);
  EXPECT_EQ(raw("GET /hel"), "");
}

TEST_F(ServerTest, ConnectionsHaveALimit) {
  ServerConfig config;
  config.max_connections = 0;
  start_plain(config);
  EXPECT_EQ(plain_client().send(get("/hello")).error().code, Error::kNetworkFailed);
}

TEST_F(ServerTest, AddressesInUseOrMalformedAreErrors) {
  start_plain();
  ServerConfig taken;
  taken.port = server_->port();
  EXPECT_EQ(Server::start(taken, nullptr, router_).error().code, Error::kNetworkFailed);
  ServerConfig name;
  name.address = "localhost";
  EXPECT_EQ(Server::start(name, nullptr, router_).error().code, Error::kNetworkFailed);
}

TEST(HttpClient, UrlsAreChecked) {
  for (const char* bad : {"", "127.0.0.1", "ftp://x", "https://", "https://:1", "https://h:", "https://h:1x",
                          "https://h:123456", "https://[::1", "https://[::1]x"}) {
    EXPECT_EQ(Client::create(bad, {}).error().code, Error::kUsageInvalid) << bad;
  }
  for (const char* good : {"http://h", "https://h/", "https://h:8443/base/", "https://[::1]:8443"}) {
    EXPECT_TRUE(Client::create(good, {}).ok()) << good;
  }
}

}  // namespace
}  // namespace tailor::http
