// SPDX-License-Identifier: Apache-2.0
// Threads, sockets and batches of the UDP front.
#include "net/udp/front.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/udp/socket.hpp"

namespace tailor::net {
namespace {

/// Datagrams of one system call. More gives no measurable gain and lets the first wait longer.
constexpr unsigned kBatch = 64;

Failure system_failure(const std::string& what) {
  return fail(Error::kNetworkFailed, what + ": " + std::strerror(errno));
}

/// A closed descriptor is no use to anyone: owns one.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// Messages of one recvmmsg or sendmmsg with their memory.
struct Batch {
  std::array<std::array<uint8_t, UdpThread::kDatagramBytes>, kBatch> bytes;
  std::array<sockaddr_storage, kBatch> addresses;
  std::array<iovec, kBatch> pieces;
  std::array<mmsghdr, kBatch> messages;

  Batch() {
    for (unsigned i = 0; i < kBatch; ++i) {
      pieces[i] = {bytes[i].data(), bytes[i].size()};
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_name = &addresses[i];
    }
  }
};

void add(std::atomic<uint64_t>& counter, uint64_t count) {
  // One thread writes: no need for a locked instruction.
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

class UdpFront::Worker final : public UdpThread {
 public:
  Worker(UdpFront& front, unsigned index, int socket, int wake, bool v6)
      : front_(front), index_(index), socket_(socket), wake_(wake), v6_(v6) {}

  void start(const MakeHandler& make) {
    thread_ = std::thread([this, make] { run(make); });
  }
  void request_stop() {
    stopping_.store(true, std::memory_order_release);
    wake();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  void post(std::function<void()> work) {
    put([&] { works_.push_back(std::move(work)); });
  }
  void hand_over(const UdpAddress& from, ByteView datagram) {
    put([&] { handed_.push_back({from, {datagram.begin(), datagram.end()}}); });
  }
  void add_to(UdpCounters& sum) const {
    sum.received += received_.load(std::memory_order_relaxed);
    sum.sent += sent_.load(std::memory_order_relaxed);
    sum.lost += lost_.load(std::memory_order_relaxed);
    sum.handed_over += handed_over_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] unsigned index() const noexcept override { return index_; }
  [[nodiscard]] unsigned count() const noexcept override { return front_.threads(); }
  [[nodiscard]] MutableBytes room() noexcept override {
    if (queued_ == kBatch) flush();
    return out_.bytes[queued_];
  }
  void send_room(const UdpAddress& to, size_t size) noexcept override {
    mmsghdr& message = out_.messages[queued_];
    out_.pieces[queued_].iov_len = size;
    message.msg_hdr.msg_namelen = to.to_system(out_.addresses[queued_], v6_);
    ++queued_;
  }
  void send(const UdpAddress& to, ByteView datagram) noexcept override {
    const MutableBytes to_fill = room();
    if (datagram.size() > to_fill.size()) return add(lost_, 1);
    std::copy(datagram.begin(), datagram.end(), to_fill.begin());
    send_room(to, datagram.size());
  }

 private:
  struct Handed {
    UdpAddress from;
    std::vector<uint8_t> bytes;
  };

  template <typename F>
  void put(F&& add_to_mail) {
    bool first = false;
    {
      const std::lock_guard lock(mail_mutex_);
      add_to_mail();
      first = !has_mail_.exchange(true, std::memory_order_release);
    }
    if (first) wake();
  }
  void wake() {
    const uint64_t one = 1;
    while (::write(wake_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
    }
  }

  void run(const MakeHandler& make) {
    const std::unique_ptr<DatagramHandler> handler = make(*this);
    while (!stopping_.load(std::memory_order_acquire)) {
      const unsigned got = receive(*handler);
      if (has_mail_.load(std::memory_order_acquire)) read_mail(*handler);
      const MonotonicMs now = monotonic_now();
      if (handler->next_deadline() <= now) handler->tick(now);
      flush();
      if (got < kBatch) wait(handler->next_deadline());
    }
    read_mail(*handler);
    flush();
  }

  unsigned receive(DatagramHandler& handler) {
    for (mmsghdr& message : in_.messages) message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    const int got = ::recvmmsg(socket_.get(), in_.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (got <= 0) return 0;  // nothing there, or the network's word on an earlier datagram
    add(received_, static_cast<uint64_t>(got));
    const MonotonicMs now = monotonic_now();
    for (size_t i = 0; i < static_cast<size_t>(got); ++i) {
      if ((in_.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        add(lost_, 1);
        continue;
      }
      const UdpAddress from = UdpAddress::from_system(in_.addresses[i]);
      const ByteView datagram = ByteView{in_.bytes[i]}.first(in_.messages[i].msg_len);
      const unsigned owner = handler.owner_of(from, datagram, index_);
      if (owner == index_ || owner >= front_.threads()) {
        handler.on_datagram(from, datagram, now);
      } else {
        add(handed_over_, 1);
        front_.workers_[owner]->hand_over(from, datagram);
      }
    }
    return static_cast<unsigned>(got);
  }

  void read_mail(DatagramHandler& handler) {
    std::vector<std::function<void()>> works;
    std::vector<Handed> handed;
    {
      const std::lock_guard lock(mail_mutex_);
      works.swap(works_);
      handed.swap(handed_);
      has_mail_.store(false, std::memory_order_relaxed);
    }
    const MonotonicMs now = monotonic_now();
    for (const Handed& datagram : handed) handler.on_datagram(datagram.from, datagram.bytes, now);
    for (const auto& work : works) work();
  }

  void flush() {
    unsigned done = 0;
    while (done < queued_) {
      const int sent = ::sendmmsg(socket_.get(), out_.messages.data() + done, queued_ - done, 0);
      if (sent > 0) {
        add(sent_, static_cast<uint64_t>(sent));
        done += static_cast<unsigned>(sent);
      } else if (errno != EINTR) {
        add(lost_, 1);  // the first one could not be sent: the others may
        ++done;
      }
    }
    queued_ = 0;
  }

  void wait(MonotonicMs deadline) {
    const MonotonicMs now = monotonic_now();
    int timeout = -1;
    if (deadline != kNever) {
      timeout = deadline <= now ? 0 : static_cast<int>(std::min<MonotonicMs>(deadline - now, INT_MAX));
    }
    std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), timeout) > 0 && (waiting[1].revents & POLLIN) != 0) {
      uint64_t count = 0;
      while (::read(wake_.get(), &count, sizeof(count)) < 0 && errno == EINTR) {
      }
    }
  }

  UdpFront& front_;
  const unsigned index_;
  const Descriptor socket_;
  const Descriptor wake_;
  const bool v6_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  std::mutex mail_mutex_;
  std::atomic<bool> has_mail_{false};
  std::vector<std::function<void()>> works_;
  std::vector<Handed> handed_;

  Batch in_;
  Batch out_;
  unsigned queued_ = 0;
  std::atomic<uint64_t> received_{0};
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> lost_{0};
  std::atomic<uint64_t> handed_over_{0};
};

Outcome<std::unique_ptr<UdpFront>> UdpFront::open(const UdpFrontConfig& config) {
  std::unique_ptr<UdpFront> front(new UdpFront);
  front->address_ = config.bind;
  const bool v6 = !config.bind.is_v4();
  const unsigned threads = config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) {
    const int wake = ::eventfd(0, EFD_CLOEXEC);
    const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    front->workers_.push_back(std::make_unique<Worker>(*front, i, fd, wake, v6));
    if (fd < 0 || wake < 0) return system_failure("socket");
    const int on = 1;
    const int off = 0;
    const int bytes = config.socket_buffer_bytes;
    if (::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
        (v6 && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) ||
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0 ||
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) != 0) {
      return system_failure("socket options");
    }
    sockaddr_storage address{};
    socklen_t length = front->address_.to_system(address, v6);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) {
      return system_failure("bind " + front->address_.to_text());
    }
    length = sizeof(address);
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return system_failure("getsockname");
    front->address_.set_port(UdpAddress::from_system(address).port());
  }
  return Outcome<std::unique_ptr<UdpFront>>(std::move(front));
}

UdpFront::~UdpFront() {
  stop();
}

Outcome<void> UdpFront::start(MakeHandler make) {
  try {
    for (const auto& worker : workers_) worker->start(make);
  } catch (const std::system_error& error) {
    stop();
    return fail(Error::kAllocationFailed, std::string("thread: ") + error.what());
  }
  return kOk;
}

void UdpFront::stop() noexcept {
  for (const auto& worker : workers_) worker->request_stop();
  for (const auto& worker : workers_) worker->join();
}

void UdpFront::post(unsigned thread, std::function<void()> work) {
  workers_.at(thread)->post(std::move(work));
}

unsigned UdpFront::threads() const noexcept {
  return static_cast<unsigned>(workers_.size());
}

UdpCounters UdpFront::counters() const noexcept {
  UdpCounters sum;
  for (const auto& worker : workers_) worker->add_to(sum);
  return sum;
}

}  // namespace tailor::net
