// SPDX-License-Identifier: Apache-2.0
#include "net/udp/front.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "net/udp/socket.hpp"

namespace tailor::net {
namespace {

/// Answers each datagram with its thread's index before it; "to N" goes to thread N.
class Echo final : public DatagramHandler {
 public:
  struct Shared {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::atomic<int> ticks{0};
    std::atomic<int> destroyed{0};
    MonotonicMs tick_after_ms = kNever;
  };
  Echo(UdpThread& thread, Shared& shared) : thread_(thread), shared_(shared) {
    const std::lock_guard lock(shared_.mutex);
    shared_.threads.insert(std::this_thread::get_id());
    if (shared_.tick_after_ms != kNever) deadline_ = monotonic_now() + shared_.tick_after_ms;
  }
  ~Echo() override { ++shared_.destroyed; }
  unsigned owner_of(const UdpAddress&, ByteView datagram, unsigned here) noexcept override {
    const std::string_view text = as_text(datagram);
    return text.substr(0, 3) == "to " ? static_cast<unsigned>(text[3] - '0') : here;
  }
  void on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs) noexcept override {
    const MutableBytes room = thread_.room();
    room[0] = static_cast<uint8_t>('0' + thread_.index());
    std::copy(datagram.begin(), datagram.end(), room.begin() + 1);
    thread_.send_room(from, datagram.size() + 1);
  }
  void tick(MonotonicMs) noexcept override {
    ++shared_.ticks;
    deadline_ = kNever;
  }
  [[nodiscard]] MonotonicMs next_deadline() const noexcept override { return deadline_; }

 private:
  UdpThread& thread_;
  Shared& shared_;
  MonotonicMs deadline_ = kNever;
};

struct Served {
  explicit Served(const char* bind, unsigned threads = 2, MonotonicMs tick_after_ms = kNever) {
    shared.tick_after_ms = tick_after_ms;
    front = UdpFront::open({.bind = UdpAddress::from_text(bind).value(), .threads = threads}).value();
    EXPECT_TRUE(front->start([this](UdpThread& thread) { return std::make_unique<Echo>(thread, shared); }).ok());
  }
  Echo::Shared shared;
  std::unique_ptr<UdpFront> front;
};

std::string ask(UdpSocket& socket, std::string_view text) {
  EXPECT_TRUE(socket.send(as_bytes(text)).ok());
  std::array<uint8_t, 2000> buffer{};
  const auto answer = socket.receive(buffer, monotonic_now() + 5000);
  return answer.ok() ? std::string(as_text(answer.value())) : answer.error().to_text();
}

TEST(UdpFront, ServesIPv4AndIPv6OnOneSocket) {
  Served served("[::]:0");
  for (const char* host : {"127.0.0.1", "::1"}) {
    UdpSocket socket = UdpSocket::connect(UdpAddress::resolve(host, served.front->address().port()).value()).value();
    EXPECT_EQ(ask(socket, "hello").substr(1), "hello");
  }
  Served v4("127.0.0.1:0");
  UdpSocket socket = UdpSocket::connect(v4.front->address()).value();
  EXPECT_EQ(ask(socket, "hello").substr(1), "hello");
}

TEST(UdpFront, HandsOverToTheThreadThatTheHandlerNames) {
  Served served("127.0.0.1:0", 3);
  for (int i = 0; i < 20; ++i) {
    UdpSocket socket = UdpSocket::connect(served.front->address()).value();
    const std::string wanted = std::to_string(i % 3);
    EXPECT_EQ(ask(socket, "to " + wanted).substr(0, 1), wanted);
    EXPECT_EQ(ask(socket, "to 9").substr(1), "to 9");  // no such thread: stays
  }
  served.front->stop();
  EXPECT_GT(served.front->counters().handed_over, 0U);
  EXPECT_EQ(served.front->counters().received, 40U);
  EXPECT_EQ(served.front->counters().sent, 40U);
}

TEST(UdpFront, RunsPostedWorkOnItsThread) {
  Served served("127.0.0.1:0", 2);
  std::promise<std::thread::id> first, second;
  served.front->post(0, [&] { first.set_value(std::this_thread::get_id()); });
  served.front->post(1, [&] { second.set_value(std::this_thread::get_id()); });
  const auto one = first.get_future().get();
  const auto two = second.get_future().get();
  EXPECT_NE(one, two);
  const std::lock_guard lock(served.shared.mutex);
  EXPECT_EQ(served.shared.threads, (std::set{one, two}));
}

TEST(UdpFront, TicksAtTheDeadline) {
  Served served("127.0.0.1:0", 1, 20);
  const MonotonicMs start = monotonic_now();
  while (served.shared.ticks == 0 && monotonic_now() < start + 5000) std::this_thread::yield();
  EXPECT_EQ(served.shared.ticks, 1);
  EXPECT_GE(monotonic_now() - start, 15U);
}

TEST(UdpFront, StopsCleanlyWithWorkWaiting) {
  Served served("127.0.0.1:0", 4);
  std::atomic<int> done{0};
  for (unsigned i = 0; i < 400; ++i) served.front->post(i % 4, [&] { ++done; });
  served.front->stop();
  served.front->stop();
  EXPECT_EQ(done, 400);
  EXPECT_EQ(served.shared.destroyed, 4);
}

TEST(UdpFront, ManyDatagramsInBatches) {
  Served served("127.0.0.1:0", 1);
  UdpSocket socket = UdpSocket::connect(served.front->address()).value();
  std::set<std::string> wanted;
  for (int i = 0; i < 150; ++i) {
    const std::string text = std::to_string(i);
    wanted.insert("0" + text);
    ASSERT_TRUE(socket.send(as_bytes(text)).ok());
  }
  std::array<uint8_t, 100> buffer{};
  for (int i = 0; i < 150; ++i) {
    const auto answer = socket.receive(buffer, monotonic_now() + 5000);
    ASSERT_TRUE(answer.ok());
    wanted.erase(std::string(as_text(answer.value())));
  }
  EXPECT_TRUE(wanted.empty());
}

TEST(UdpFront, ADatagramThatIsTooLargeIsCountedAsLost) {
  Served served("127.0.0.1:0", 1);
  UdpSocket socket = UdpSocket::connect(served.front->address()).value();
  ASSERT_TRUE(socket.send(std::vector<uint8_t>(UdpThread::kDatagramBytes + 1)).ok());
  EXPECT_EQ(ask(socket, "x"), "0x");
  served.front->stop();
  EXPECT_EQ(served.front->counters().lost, 1U);
}

TEST(UdpFront, TheSamePortTwiceIsRefusedToOthers) {
  const UdpSocket other = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value()).value();
  const auto front = UdpFront::open({.bind = other.local().value(), .threads = 1});
  ASSERT_FALSE(front.ok());
  EXPECT_EQ(front.error().code, Error::kNetworkFailed);
}

TEST(UdpSocket, TimesOutAndTellsTheSender) {
  UdpSocket left = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value()).value();
  UdpSocket right = UdpSocket::connect(left.local().value()).value();
  std::array<uint8_t, 4> buffer{};
  EXPECT_EQ(left.receive(buffer, monotonic_now() + 5).error().code, Error::kTimeout);
  ASSERT_TRUE(right.send(as_bytes("1234")).ok());
  UdpAddress from;
  EXPECT_EQ(as_text(left.receive(buffer, monotonic_now() + 5000, &from).value()), "1234");
  EXPECT_EQ(from, right.local().value());
  ASSERT_TRUE(left.send_to(from, as_bytes("12345")).ok());
  EXPECT_EQ(right.receive(buffer, monotonic_now() + 5000).error().code, Error::kDatagramTooLarge);
}

TEST(UdpSocket, APeerThatIsNotThereIsSilence) {
  UdpAddress gone;
  {
    const UdpSocket closed = UdpSocket::bind(UdpAddress::from_text("127.0.0.1:0").value()).value();
    gone = closed.local().value();
  }
  UdpSocket socket = UdpSocket::connect(gone).value();
  std::array<uint8_t, 4> buffer{};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(socket.send(as_bytes("x")).ok());
    EXPECT_EQ(socket.receive(buffer, monotonic_now() + 10).error().code, Error::kTimeout);
  }
}

}  // namespace
}  // namespace tailor::net
