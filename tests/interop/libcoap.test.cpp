// SPDX-License-Identifier: Apache-2.0
// libcoap's command-line client against our server, and our client against libcoap's server: discovery, blocks both
// ways, observation, separate responses, loss.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <string>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "net/coap/blocking_client.hpp"
#include "net/coap/image_folder.hpp"
#include "net/coap/plain_server.hpp"
#include "testing/process.hpp"

namespace tailor::net {
namespace {

using coap::Code;
using testing::Process;

constexpr const char* kImageName = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

std::vector<uint8_t> image_of(size_t size) {
  std::vector<uint8_t> image(size);
  uint32_t state = 1;
  for (uint8_t& byte : image) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<uint8_t>(state >> 24U);
  }
  return image;
}

std::vector<uint8_t> content_of(const std::filesystem::path& path) {
  return read_file(path).value();
}

// --- libcoap's client, our server ------------------------------------------------------------------------------------

class Shelf final : public coap::ResourceHandler {
 public:
  void handle(const coap::Request& request, coap::Response& response) noexcept override {
    if (request.method == Code::kGet) {
      const std::string text = "state " + std::to_string(version.load());
      std::copy(text.begin(), text.end(), response.room().begin());
      response.set_code(Code::kContent);
      return response.set_payload(response.room().first(text.size()), coap::format::kTextPlain);
    }
    if (request.offset == 0) body.clear();
    body.insert(body.end(), request.payload.begin(), request.payload.end());
    response.set_code(Code::kChanged);
    if (request.last && request.method == Code::kPost) response.set_payload(body, coap::format::kOctetStream);
  }
  std::vector<uint8_t> body;
  std::atomic<int> version{1};
};

class OurServer : public ::testing::Test {
 protected:
  OurServer() : folder_(temporary_.path()) {
    EXPECT_TRUE(write_file(temporary_ / kImageName, image_).ok());
    front_ = UdpFront::open({.bind = UdpAddress::from_text("127.0.0.1:0").value(), .threads = 1}).value();
    const Status started = start();
    EXPECT_TRUE(started.ok());
  }
  ~OurServer() override { front_->stop(); }
  Status start() {
    const auto outcome = front_->start([this](UdpThread& thread) {
      cache_.emplace(folder_);
      auto made = std::make_unique<PlainServer>(thread, PlainServerConfig{.resources = table_, .images = &*cache_});
      server_ = made.get();
      return made;
    });
    return outcome.ok() ? Status(kOk) : Status(outcome.error().code);
  }
  [[nodiscard]] std::string uri(const std::string& path) const {
    return "coap://" + front_->address().to_text() + path;
  }
  /// Runs libcoap's client. @returns what it received
  std::vector<uint8_t> client(std::vector<std::string> options, const std::string& path) {
    const std::filesystem::path received = temporary_ / "received";
    std::vector<std::string> arguments = {"coap-client-notls", "-B", "20", "-o", received.string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(uri(path));
    Process process(arguments, temporary_ / "log");
    EXPECT_EQ(process.wait(25'000), 0) << process.output();
    log_ = process.output();
    return std::filesystem::exists(received) ? content_of(received) : std::vector<uint8_t>{};
  }

  TemporaryFolder temporary_;
  std::vector<uint8_t> image_ = image_of(50'001);
  ImageFolder folder_;
  std::optional<ImageCache> cache_;
  Shelf shelf_;
  std::array<coap::Resource, 2> table_{{{.path = "shelf",
                                         .methods = coap::kAllowGet | coap::kAllowPut | coap::kAllowPost,
                                         .handler = &shelf_,
                                         .type = "test.shelf",
                                         .observable = true},
                                        {.path = "empty", .methods = coap::kAllowPut, .handler = &shelf_}}};
  std::unique_ptr<UdpFront> front_;
  PlainServer* server_ = nullptr;
  std::string log_;
};

std::string text_of(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST_F(OurServer, IsDiscovered) {
  EXPECT_EQ(text_of(client({}, "/.well-known/core")), "</shelf>;rt=\"test.shelf\";obs,</empty>");
  EXPECT_EQ(text_of(client({}, "/.well-known/core?rt=test.*")), "</shelf>;rt=\"test.shelf\";obs");
}

TEST_F(OurServer, ServesAnImageInBlocks) {
  const std::string path = std::string("/img/") + kImageName;
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"-b", "256"}, {"-b", "16"}}) {
    EXPECT_EQ(client(options, path), image_);
  }
}

TEST_F(OurServer, ServesOneBlock) {
  // coap-client 4.3.1 ends after the block that "-b num,size" names, with libcoap's own server too.
  const auto block = client({"-b", "3,1024"}, std::string("/img/") + kImageName);
  EXPECT_EQ(block, std::vector<uint8_t>(image_.begin() + 3 * 1024, image_.begin() + 4 * 1024));
}

TEST_F(OurServer, AnswersRequestsThatWereLost) {
  EXPECT_EQ(client({"-l", "2,5"}, std::string("/img/") + kImageName), image_);
}

TEST_F(OurServer, TakesABodyInBlocksAndEchoesIt) {
  ASSERT_TRUE(write_file(temporary_ / "body", image_).ok());
  const std::string body = (temporary_ / "body").string();
  client({"-m", "put", "-b", "512", "-f", body}, "/shelf");
  front_->stop();
  EXPECT_EQ(shelf_.body, image_) << log_;
}

TEST_F(OurServer, AnswersAPostWithABodyInBlocks) {
  const auto small = image_of(3000);
  ASSERT_TRUE(write_file(temporary_ / "body", small).ok());
  EXPECT_EQ(client({"-m", "post", "-f", (temporary_ / "body").string()}, "/shelf"), small) << log_;
}

TEST_F(OurServer, TellsErrors) {
  client({}, "/none");
  EXPECT_NE(log_.find("4.04"), std::string::npos) << log_;
  client({"-m", "delete"}, "/shelf");
  EXPECT_NE(log_.find("4.05"), std::string::npos) << log_;
}

TEST_F(OurServer, IsObserved) {
  const std::filesystem::path received = temporary_ / "received";
  Process process({"coap-client-notls", "-s", "3", "-w", "-o", received.string(), uri("/shelf")}, temporary_ / "log");
  const auto states = [&] { return std::filesystem::exists(received) ? text_of(content_of(received)) : ""; };
  const MonotonicMs end = monotonic_now() + 10'000;
  for (int version = 1; version <= 3; ++version) {
    const std::string wanted = "state " + std::to_string(version) + "\n";
    while (states().find(wanted) == std::string::npos && monotonic_now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_NE(states().find(wanted), std::string::npos);
    shelf_.version = version + 1;
    front_->post(0, [this] { server_->notify(table_[0]); });
  }
  EXPECT_EQ(process.wait(15'000), 0);
}

// --- our client, libcoap's server ------------------------------------------------------------------------------------

class TheirServer : public ::testing::Test {
 protected:
  /// Starts it on a port that was free a moment ago; it says nothing, so a ping tells when it is there.
  std::unique_ptr<BlockingClient> start(std::vector<std::string> options = {}, ClientConfig config = {}) {
    UdpAddress address = UdpAddress::from_text("127.0.0.1:0").value();
    {
      const UdpSocket socket = UdpSocket::bind(address).value();
      address = socket.local().value();
    }
    std::vector<std::string> arguments = {"coap-server-notls", "-A", "127.0.0.1", "-p", std::to_string(address.port())};
    arguments.insert(arguments.end(), options.begin(), options.end());
    server_.emplace(arguments, temporary_ / "log");
    const ClientConfig impatient{.transmission = {.ack_timeout_ms = 50, .max_retransmit = 7}};
    EXPECT_TRUE(BlockingClient::connect(address, impatient).value()->ping().ok()) << server_->output();
    return BlockingClient::connect(address, config).value();
  }
  TemporaryFolder temporary_;
  std::optional<Process> server_;
};

TEST_F(TheirServer, IsDiscovered) {
  const auto client = start();
  const auto links = client->request({.uri = "/.well-known/core"}).value();
  EXPECT_EQ(links.code, Code::kContent);
  EXPECT_EQ(links.content_format, coap::format::kLinkFormat);
  EXPECT_NE(text_of(links.body).find("</time>"), std::string::npos);
  EXPECT_EQ(client->request({.uri = "/none"}).value().code, Code::kNotFound);
}

TEST_F(TheirServer, TakesAndGivesABodyInBlocks) {
  const auto image = image_of(30'001);
  for (const uint8_t szx : {uint8_t{6}, uint8_t{2}}) {
    const auto client = start({}, {.max_szx = szx});
    const auto put = client->request(
        {.method = Code::kPut, .uri = "/example_data", .content_format = coap::format::kOctetStream}, image);
    ASSERT_TRUE(put.ok()) << put.error().to_text();
    EXPECT_TRUE(coap::is_success(put.value().code));
    const auto get = client->request({.uri = "/example_data"});
    ASSERT_TRUE(get.ok()) << get.error().to_text();
    EXPECT_EQ(get.value().body, image);
    EXPECT_FALSE(get.value().etag.empty());
    const auto rest = client->request({.uri = "/example_data", .response_offset = 2048, .etag = get.value().etag});
    ASSERT_TRUE(rest.ok()) << rest.error().to_text();
    EXPECT_EQ(rest.value().body, std::vector<uint8_t>(image.begin() + 2048, image.end()));
  }
}

TEST_F(TheirServer, MayLoseWhatItSends) {
  const auto image = image_of(20'000);
  const auto client = start({"-l", "3,7,8,20"}, {.transmission = {.ack_timeout_ms = 200}});
  ASSERT_TRUE(client->request({.method = Code::kPut, .uri = "/example_data", .content_format = 42}, image).ok());
  const auto get = client->request({.uri = "/example_data"});
  ASSERT_TRUE(get.ok()) << get.error().to_text();
  EXPECT_EQ(get.value().body, image);
}

TEST_F(TheirServer, MayAnswerLater) {
  const auto client = start();
  const auto answer = client->request({.uri = "/async?1"});
  ASSERT_TRUE(answer.ok()) << answer.error().to_text();
  EXPECT_EQ(answer.value().code, Code::kContent);
  EXPECT_EQ(text_of(answer.value().body), "done");
}

TEST_F(TheirServer, IsObserved) {
  const auto client = start();
  int states = 0;
  const auto outcome = client->observe(
      {.uri = "/time"}, [&](const ClientResult& state) { return state.body.empty() || ++states < 3; },
      monotonic_now() + 10'000);
  EXPECT_TRUE(outcome.ok()) << outcome.error().to_text();
  EXPECT_EQ(states, 3);
  EXPECT_EQ(client
                ->observe(
                    {.uri = "/"}, [](const ClientResult&) { return true; }, monotonic_now() + 5000)
                .error()
                .code,
            Error::kStateConflict);
}

}  // namespace
}  // namespace tailor::net
