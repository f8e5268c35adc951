// SPDX-License-Identifier: Apache-2.0
// A network of datagrams in virtual time for tests: it loses, duplicates, delays and so reorders what sans-I/O parties
// send, the same way for the same seed. It keeps time for the parties and never sleeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace tailor::testing {

/// What the link does to each datagram. A spread of delays is what reorders.
struct LinkFaults {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  uint32_t min_delay_ms = 10;
  uint32_t max_delay_ms = 10;
  size_t mtu_bytes = 1500;  ///< longer datagrams are lost
};

/// A sans-I/O state machine on the link: bytes and the time in, bytes (by LossyLink::send) and a deadline out.
class Party {
 public:
  virtual void on_datagram(size_t from, ByteView datagram, MonotonicMs now) = 0;
  virtual void tick(MonotonicMs now) = 0;
  [[nodiscard]] virtual MonotonicMs next_deadline() const = 0;

 protected:
  ~Party() = default;
};

class LossyLink {
 public:
  struct Counters {
    uint64_t sent = 0;
    uint64_t lost = 0;
    uint64_t duplicated = 0;
    uint64_t delivered = 0;
  };
  /// Decides over one datagram before chance does: true drops it.
  using Filter = std::function<bool(size_t from, size_t to, ByteView datagram)>;

  explicit LossyLink(uint64_t seed, LinkFaults faults = {});

  /// Connects a party, which outlives the link's runs. @returns its address
  size_t join(Party& party);
  /// Sends from one address to another; to be called by the parties in on_datagram() and tick().
  void send(size_t from, size_t to, ByteView datagram);
  void set_faults(LinkFaults faults) { faults_ = faults; }
  void set_filter(Filter filter) { filter_ = std::move(filter); }

  /// Does the next thing: a delivery or a party's tick. @returns false when nothing will ever happen
  bool step();
  /// Runs until `done` holds, for at most `limit_ms` of virtual time. @returns done()
  bool run_until(const std::function<bool()>& done, uint64_t limit_ms);
  /// Runs for a span of virtual time.
  void run_for(uint64_t span_ms);

  [[nodiscard]] MonotonicMs now() const { return now_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Datagram {
    size_t from;
    size_t to;
    std::vector<uint8_t> bytes;
  };

  [[nodiscard]] uint32_t random(uint32_t below);
  [[nodiscard]] MonotonicMs next_event() const;
  void schedule(size_t from, size_t to, ByteView datagram);

  uint64_t state_;
  LinkFaults faults_;
  Filter filter_;
  Counters counters_;
  MonotonicMs now_ = 1000;  // not zero: a deadline of 0 means "at once"
  std::vector<Party*> parties_;
  std::multimap<MonotonicMs, Datagram> in_flight_;
  unsigned ticks_without_time_ = 0;
};

}  // namespace tailor::testing
