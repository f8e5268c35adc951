// SPDX-License-Identifier: Apache-2.0
// The UDP front of a server: one thread a core, each with its own SO_REUSEPORT socket, receiving and sending in batches
// (recvmmsg, sendmmsg). The kernel spreads peers over the sockets by their address; a handler per thread owns the state
// of its peers, so that nothing is shared and nothing is locked on the way from a datagram to its answer.
//
//   auto front = UdpFront::open({.bind = address}).value();
//   front->start([&](UdpThread& thread) { return std::make_unique<MyHandler>(thread); });
//   front->post(thread_index, [] { ... });   // from any thread: runs there, between two batches
//   front->stop();
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "hosted/failure.hpp"
#include "net/udp/address.hpp"

namespace tailor::net {

/// What a handler may do on its thread. Calls come from that thread only.
class UdpThread {
 public:
  [[nodiscard]] virtual unsigned index() const noexcept = 0;
  /// Number of threads of the front, for handlers that encode the owner of a session into its connection id.
  [[nodiscard]] virtual unsigned count() const noexcept = 0;
  /// Room for one outgoing datagram in the batch: kDatagramBytes. Valid until the next call of this object.
  [[nodiscard]] virtual MutableBytes room() noexcept = 0;
  /// Sends what was written to room(). It leaves with the batch, soon; what the network does not take is lost.
  virtual void send_room(const UdpAddress& to, size_t size) noexcept = 0;
  /// Copies a datagram into the batch; longer ones than kDatagramBytes are lost.
  virtual void send(const UdpAddress& to, ByteView datagram) noexcept = 0;

  static constexpr size_t kDatagramBytes = 2048;  ///< a CoAP message in a DTLS record, with room to spare

 protected:
  ~UdpThread() = default;
};

/// The state of one thread. Created, called and destroyed on it.
class DatagramHandler {
 public:
  virtual ~DatagramHandler() = default;
  /// Names the thread that owns the state this datagram is for, when that is not told by the sender's address: a
  /// connection id of DTLS. Another thread than this one gets it into its queue, and its handler is called there.
  [[nodiscard]] virtual unsigned owner_of(const UdpAddress& /*from*/, ByteView /*datagram*/, unsigned here) noexcept {
    return here;
  }
  virtual void on_datagram(const UdpAddress& from, ByteView datagram, MonotonicMs now) noexcept = 0;
  /// Called when next_deadline() has come, and after each batch in which it has.
  virtual void tick(MonotonicMs now) noexcept = 0;
  [[nodiscard]] virtual MonotonicMs next_deadline() const noexcept = 0;
};

struct UdpFrontConfig {
  UdpAddress bind{};     ///< "[::]:5683" serves IPv4 too; port 0: any free one, the same for all threads
  unsigned threads = 0;  ///< 0: one a core
  /// Bytes that the kernel keeps for a socket in each direction; it may give less (net.core.rmem_max).
  int socket_buffer_bytes = 4 << 20;
};

struct UdpCounters {
  uint64_t received = 0;
  uint64_t sent = 0;
  uint64_t lost = 0;         ///< not taken by the network, or too large
  uint64_t handed_over = 0;  ///< came in on another thread than their owner's
};

class UdpFront {
 public:
  using MakeHandler = std::function<std::unique_ptr<DatagramHandler>(UdpThread&)>;

  /// Binds the sockets; datagrams wait in the kernel until start().
  ///
  /// @returns kNetworkFailed
  [[nodiscard]] static Outcome<std::unique_ptr<UdpFront>> open(const UdpFrontConfig& config);
  ~UdpFront();  ///< stops
  UdpFront(const UdpFront&) = delete;
  UdpFront& operator=(const UdpFront&) = delete;

  /// Starts the threads; `make` is called once on each.
  ///
  /// @pre not started yet
  [[nodiscard]] Outcome<void> start(MakeHandler make);
  /// Stops and joins the threads; what is in their batches is sent first. May be called twice.
  void stop() noexcept;
  /// Runs `work` on a thread of the front, in the order of posting. Work that is posted after stop() is dropped.
  void post(unsigned thread, std::function<void()> work);

  [[nodiscard]] UdpAddress address() const { return address_; }
  [[nodiscard]] unsigned threads() const noexcept;
  /// Sum over the threads; exact once they have stopped.
  [[nodiscard]] UdpCounters counters() const noexcept;

 private:
  class Worker;
  UdpFront() = default;

  UdpAddress address_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace tailor::net
