// SPDX-License-Identifier: Apache-2.0
// Loads plain CoAP servers with block-wise GETs and compares them: ours by the stateless function, ours through an
// Endpoint, libcoap's coap-server-notls, and a responder that understands nothing. One generator, one run, the servers
// in turn and several rounds, so that all see the same machine. Prints a table; --json FILE writes the figures.
//   coap_load [--seconds S] [--rounds R] [--json FILE]
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/coap/message.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "net/coap/blocking_client.hpp"
#include "net/udp/socket.hpp"
#include "testing/process.hpp"

namespace {

using namespace tailor;  // NOLINT(google-build-using-namespace)
using Clock = std::chrono::steady_clock;

constexpr size_t kSockets = 8;
constexpr size_t kStreams = 32;  ///< block-wise downloads at once on each socket, each with one request under way
constexpr size_t kImageBytes = 1 << 20;
constexpr size_t kBlock = 1024;
constexpr uint32_t kBlocks = kImageBytes / kBlock;
constexpr const char* kImageName = "benchImage";
constexpr MonotonicMs kResendMs = 300;

/// One download after the other, block by block.
struct Stream {
  uint32_t block = 0;
  uint16_t message_id = 0;
  MonotonicMs asked_at = 0;
};

/// A client address with its streams; sends and receives in batches.
class Client {
 public:
  Client(const net::UdpAddress& server, std::string uri, const std::vector<uint8_t>& image, size_t number)
      : socket_(net::UdpSocket::connect(server).value()), uri_(std::move(uri)), image_(image) {
    const int bytes = 4 << 20;
    (void)::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    message_id_ = static_cast<uint16_t>(number * 8191);
    for (size_t i = 0; i < kStreams; ++i) {
      streams_[i].block = static_cast<uint32_t>((number * kStreams + i) * 37 % kBlocks);
      pieces_in_[i] = {in_[i].data(), in_[i].size()};
      received_[i].msg_hdr.msg_iov = &pieces_in_[i];
      received_[i].msg_hdr.msg_iovlen = 1;
      sent_[i].msg_hdr.msg_iov = &pieces_out_[i];
      sent_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  void start(MonotonicMs now) {
    for (size_t i = 0; i < kStreams; ++i) ask(i, now);
    flush();
  }
  /// Takes what is there and asks for what comes next.
  void turn(MonotonicMs now) {
    const int got = ::recvmmsg(socket_.descriptor(), received_.data(), kStreams, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < got; ++i)
      take(ByteView{in_[static_cast<size_t>(i)]}.first(received_[static_cast<size_t>(i)].msg_len), now);
    if (now >= check_at_) {
      check_at_ = now + kResendMs / 2;
      for (size_t i = 0; i < kStreams; ++i) {
        if (now < streams_[i].asked_at + kResendMs) continue;
        ++resent;
        ask(i, now);
      }
    }
    flush();
  }
  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }

  uint64_t responses = 0;
  uint64_t wrong = 0;
  uint64_t resent = 0;

 private:
  void ask(size_t index, MonotonicMs now) {
    Stream& stream = streams_[index];
    if (queued_ == kStreams) flush();
    stream.message_id = ++message_id_;
    stream.asked_at = now;
    const std::array<uint8_t, 2> token{static_cast<uint8_t>(index), 0x5a};
    coap::MessageWriter writer(out_[queued_]);
    writer.header(coap::Type::kConfirmable, coap::Code::kGet, stream.message_id, coap::Token(token));
    writer.path(uri_);
    writer.option_uint(coap::Option::kBlock2, coap::Block{stream.block, false, 6}.value());
    pieces_out_[queued_] = {out_[queued_].data(), writer.finish().value().size()};
    ++queued_;
  }
  void take(ByteView datagram, MonotonicMs now) {
    const auto decoded = coap::decode(datagram);
    if (!decoded.ok() || decoded.value().token.bytes().size() != 2) return void(++wrong);
    const coap::Message& message = decoded.value();
    const size_t index = message.token.bytes()[0];
    if (index >= kStreams || message.message_id != streams_[index].message_id) return;  // of a resent request
    Stream& stream = streams_[index];
    const bool good = message.code == coap::Code::kContent && message.payload.size() == kBlock &&
                      (image_.empty() || (stream.block % 16 != 0) ||
                       equal(message.payload, ByteView{image_}.subspan(size_t{stream.block} * kBlock, kBlock)));
    if (good) {
      ++responses;
    } else {
      ++wrong;
    }
    stream.block = (stream.block + 1) % kBlocks;
    ask(index, now);
  }
  void flush() {
    size_t done = 0;
    while (done < queued_) {
      const int sent = ::sendmmsg(socket_.descriptor(), sent_.data() + done, static_cast<unsigned>(queued_ - done), 0);
      done += sent > 0 ? static_cast<size_t>(sent) : 1;
    }
    queued_ = 0;
  }

  net::UdpSocket socket_;
  std::string uri_;
  const std::vector<uint8_t>& image_;
  uint16_t message_id_ = 0;
  MonotonicMs check_at_ = 0;
  size_t queued_ = 0;
  std::array<Stream, kStreams> streams_;
  std::array<std::array<uint8_t, 1280>, kStreams> in_;
  std::array<std::array<uint8_t, 100>, kStreams> out_;
  std::array<iovec, kStreams> pieces_in_{};
  std::array<iovec, kStreams> pieces_out_{};
  std::array<mmsghdr, kStreams> received_{};
  std::array<mmsghdr, kStreams> sent_{};
};

struct Figure {
  double per_second = 0;
  double server_us = 0;  ///< processor time of the server for one response
  uint64_t resent = 0;
  uint64_t wrong = 0;
};

Figure load(const net::UdpAddress& server, const std::string& uri, const std::vector<uint8_t>& image,
            const testing::Process& process, double seconds) {
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<pollfd> waiting;
  for (size_t i = 0; i < kSockets; ++i) {
    clients.push_back(std::make_unique<Client>(server, uri, image, i));
    waiting.push_back({clients.back()->descriptor(), POLLIN, 0});
  }
  for (const auto& client : clients) client->start(net::monotonic_now());
  const auto run = [&](double span) {
    const auto end = Clock::now() + std::chrono::duration<double>(span);
    while (Clock::now() < end) {
      (void)::poll(waiting.data(), waiting.size(), 50);
      const MonotonicMs now = net::monotonic_now();
      for (const auto& client : clients) client->turn(now);
    }
  };
  run(0.3);  // warm
  const auto responses = [&] {
    uint64_t sum = 0;
    for (const auto& client : clients) sum += client->responses;
    return sum;
  };
  const uint64_t before = responses();
  const uint64_t cpu_before = process.cpu_ms();
  const auto start = Clock::now();
  run(seconds);
  const double span = std::chrono::duration<double>(Clock::now() - start).count();
  const auto count = static_cast<double>(responses() - before);
  Figure figure;
  figure.per_second = count / span;
  figure.server_us = count > 0 ? static_cast<double>(process.cpu_ms() - cpu_before) * 1000 / count : 0;
  for (const auto& client : clients) {
    figure.resent += client->resent;
    figure.wrong += client->wrong;
  }
  return figure;
}

struct Server {
  const char* name;
  const char* key;
  std::string uri;
  std::unique_ptr<testing::Process> process;
  net::UdpAddress address;
  bool checks_content = true;
  std::vector<Figure> rounds;
};

/// The port that a server of ours prints.
net::UdpAddress printed_address(const testing::Process& process) {
  net::UdpAddress address = net::UdpAddress::from_text("127.0.0.1:0").value();
  for (int i = 0; i < 2000 && process.output().find('\n') == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  address.set_port(static_cast<uint16_t>(std::strtol(process.output().c_str(), nullptr, 10)));
  return address;
}

net::UdpAddress free_address() {
  return net::UdpSocket::bind(net::UdpAddress::from_text("127.0.0.1:0").value()).value().local().value();
}

Figure median(std::vector<Figure> rounds) {
  std::sort(rounds.begin(), rounds.end(), [](const Figure& a, const Figure& b) { return a.per_second < b.per_second; });
  Figure middle = rounds[rounds.size() / 2];
  std::sort(rounds.begin(), rounds.end(), [](const Figure& a, const Figure& b) { return a.server_us < b.server_us; });
  middle.server_us = rounds[rounds.size() / 2].server_us;
  for (const Figure& figure : rounds) middle.wrong = std::max(middle.wrong, figure.wrong);
  return middle;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 1.5;
  int rounds = 3;
  std::string json;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--seconds") seconds = std::strtod(argv[i + 1], nullptr);
    if (option == "--rounds") rounds = std::max(1, static_cast<int>(std::strtol(argv[i + 1], nullptr, 10)));
    if (option == "--json") json = argv[i + 1];
  }
  const std::filesystem::path here = std::filesystem::canonical("/proc/self/exe").parent_path();
  const TemporaryFolder folder;
  std::vector<uint8_t> image(kImageBytes);
  for (size_t i = 0; i < image.size(); ++i) image[i] = static_cast<uint8_t>(i * 7 + (i >> 10U));
  std::filesystem::create_directory(folder / "images");
  if (!write_file(folder / "images" / kImageName, image).ok()) return 1;

  std::vector<Server> servers;
  const auto spawn = [&](const std::vector<std::string>& arguments) {
    return std::make_unique<testing::Process>(arguments, folder / ("log" + std::to_string(servers.size())));
  };
  const std::string ours = (here / "coap_bench_server").string();
  const std::string images = (folder / "images").string();
  servers.push_back({"bare recvmmsg/sendmmsg responder",
                     "bare",
                     "/img/x",
                     spawn({(here / "bare_responder").string()}),
                     {},
                     false,
                     {}});
  servers.back().address = printed_address(*servers.back().process);
  servers.push_back({"tailor, stateless image blocks",
                     "tailor_stateless",
                     std::string("/img/") + kImageName,
                     spawn({ours, images, kImageName}),
                     {},
                     true,
                     {}});
  servers.back().address = printed_address(*servers.back().process);
  servers.push_back(
      {"tailor, endpoint and handler", "tailor_endpoint", "/body", spawn({ours, images, kImageName}), {}, true, {}});
  servers.back().address = printed_address(*servers.back().process);
  const net::UdpAddress theirs = free_address();
  servers.push_back({"libcoap 4.3.1 coap-server-notls",
                     "libcoap",
                     "/example_data",
                     spawn({"coap-server-notls", "-A", "127.0.0.1", "-p", std::to_string(theirs.port())}),
                     theirs,
                     true,
                     {}});
  const auto client =
      net::BlockingClient::connect(theirs, {.transmission = {.ack_timeout_ms = 100, .max_retransmit = 6}}).value();
  const auto put = client->request({.method = coap::Code::kPut, .uri = "/example_data", .content_format = 42}, image);
  if (!put.ok() || !coap::is_success(put.value().code)) {
    std::fprintf(stderr, "libcoap's server does not take the image\n");
    return 1;
  }

  const std::vector<uint8_t> unchecked;
  for (int round = 0; round < rounds; ++round) {
    for (Server& server : servers) {
      server.rounds.push_back(
          load(server.address, server.uri, server.checks_content ? image : unchecked, *server.process, seconds));
    }
  }
  std::printf(
      "block-wise GET of a 1 MiB image, 1024-byte blocks, %zu downloads at once from %zu addresses;\n"
      "one server thread, one generator thread, loopback; median of %d rounds of %.1f s\n\n",
      kSockets * kStreams, kSockets, rounds, seconds);
  std::printf("%-34s %14s %20s %8s\n", "server", "responses/s", "server CPU us/resp.", "wrong");
  std::string document =
      "{\n  \"bench\": \"coap_load\",\n  \"unit\": {\"per_second\": \"responses/s\", \"server_us\": "
      "\"us of server processor time per response\"},\n  \"servers\": {";
  bool all_right = true;
  for (Server& server : servers) {
    const Figure figure = median(server.rounds);
    std::printf("%-34s %14.0f %20.2f %8llu\n", server.name, figure.per_second, figure.server_us,
                static_cast<unsigned long long>(figure.wrong));
    std::array<char, 200> row{};
    std::snprintf(row.data(), row.size(),
                  "%s\n    \"%s\": {\"per_second\": %.0f, \"server_us\": %.3f, \"wrong\": %llu}",
                  &server == servers.data() ? "" : ",", server.key, figure.per_second, figure.server_us,
                  static_cast<unsigned long long>(figure.wrong));
    document += row.data();
    all_right = all_right && figure.wrong == 0 && figure.per_second > 0;
  }
  document += "\n  }\n}\n";
  if (!json.empty() && !write_file(json, as_bytes(document)).ok()) return 1;
  return all_right ? 0 : 1;
}
