// SPDX-License-Identifier: Apache-2.0
// A wire between two sessions under virtual time, for tests: datagrams are queued, may be lost, doubled or reordered by
// a seeded generator, and arrive when the clock says so. Peers are small owners that record what happens to them.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "crypto_backends/psa/dtls/session.hpp"

namespace tailor::dtls::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

/// The owner of one session in a test.
class Owner final : public SessionHandler {
 public:
  explicit Owner(Context& context, PeerVerifier* verifier = nullptr) : session(context, *this, verifier) {}

  void transmit(ByteView datagram) noexcept override { sent.push_back(to_bytes(datagram)); }
  void on_established() noexcept override {
    ++established;
    if (when_established) when_established();
  }
  void on_data(ByteView data) noexcept override {
    received.emplace_back(data.begin(), data.end());
    if (when_data) when_data(data);
  }

  /// Hands a datagram over and remembers the first error that ended the session.
  void take(ByteView datagram, MonotonicMs now) {
    const Status status = session.on_datagram(datagram, now);
    if (!status.ok() && !failure) failure = status.error();
  }
  void tick(MonotonicMs now) {
    const Status status = session.tick(now);
    if (!status.ok() && !failure) failure = status.error();
  }
  [[nodiscard]] std::deque<Bytes> flush() { return std::exchange(sent, {}); }

  std::deque<Bytes> sent;
  std::vector<std::string> received;
  int established = 0;
  std::optional<Error> failure;
  std::function<void()> when_established;
  std::function<void(ByteView)> when_data;
  Session session;
};

/// Chances in percent.
struct Weather {
  unsigned loss = 0;
  unsigned duplicate = 0;
  unsigned late = 0;  ///< arrives up to a second later than what was sent after it
};

class Wire {
 public:
  Wire(Owner& a, Owner& b, Weather weather = {}, uint32_t seed = 1) : ends_{&a, &b}, weather_(weather), dice_(seed) {}

  MonotonicMs now = 1'000;
  size_t datagrams = 0;
  size_t largest = 0;

  /// Runs until `done()` or until nothing is left to happen or `limit_ms` of virtual time have passed.
  bool run_until(const std::function<bool()>& done, MonotonicMs limit_ms = 600'000) {
    const MonotonicMs end = now + limit_ms;
    collect();
    while (!done()) {
      MonotonicMs next = kNever;
      for (const Flying& one : flying_) next = earlier(next, one.arrives);
      for (Owner* owner : ends_) next = earlier(next, owner->session.next_deadline());
      if (next == kNever || next > end) return done();
      now = std::max(now, next);
      deliver();
      for (Owner* owner : ends_) {
        if (owner->session.next_deadline() <= now) owner->tick(now);
      }
      collect();
    }
    return true;
  }
  /// Delivers everything that is under way and what it causes.
  void settle() {
    run_until([] { return false; }, 5'000);
  }

 private:
  struct Flying {
    MonotonicMs arrives;
    size_t order;
    size_t to;
    Bytes datagram;
  };

  bool chance(unsigned percent) { return percent != 0 && dice_() % 100 < percent; }

  void collect() {
    for (size_t from = 0; from < 2; ++from) {
      for (Bytes& datagram : ends_[from]->flush()) {
        ++datagrams;
        largest = std::max(largest, datagram.size());
        if (chance(weather_.loss)) continue;
        const size_t copies = chance(weather_.duplicate) ? 2 : 1;
        for (size_t i = 0; i < copies; ++i) {
          const MonotonicMs delay = 10 + (chance(weather_.late) ? dice_() % 1000 : 0);
          flying_.push_back({now + delay, ++order_, 1 - from, datagram});
        }
      }
    }
  }
  void deliver() {
    std::vector<Flying> due;
    std::erase_if(flying_, [&](Flying& one) {
      if (one.arrives > now) return false;
      due.push_back(std::move(one));
      return true;
    });
    std::sort(due.begin(), due.end(), [](const Flying& a, const Flying& b) {
      return a.arrives != b.arrives ? a.arrives < b.arrives : a.order < b.order;
    });
    for (const Flying& one : due) ends_[one.to]->take(one.datagram, now);
  }

  std::array<Owner*, 2> ends_;
  Weather weather_;
  std::mt19937 dice_;
  std::vector<Flying> flying_;
  size_t order_ = 0;
};

/// A server's keys, for tests: one identity, one key.
class OnePsk final : public PskSource {
 public:
  OnePsk(std::string identity, Bytes key) : identity_(std::move(identity)), key_(std::move(key)) {}
  [[nodiscard]] Result<ByteView> find(ByteView identity, MutableBytes out) noexcept override {
    if (as_text(identity) != identity_) return refusal;
    return copy_into(out, key_);
  }
  Error refusal = Error::kPskUnknown;

 private:
  std::string identity_;
  Bytes key_;
};

/// Accepts every certificate, or says why not; remembers the last one.
class FixedVerdict final : public PeerVerifier {
 public:
  [[nodiscard]] Status verify(std::span<const ByteView> chain) noexcept override {
    seen = to_bytes(chain[0]);
    if (refusal) return *refusal;
    return kOk;
  }
  std::optional<Error> refusal;
  Bytes seen;
};

}  // namespace tailor::dtls::testing
