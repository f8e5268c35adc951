// SPDX-License-Identifier: Apache-2.0
// Event loop in virtual time.
#include "testing/lossy_link.hpp"

#include <algorithm>
#include <stdexcept>

namespace tailor::testing {
namespace {

/// A party that is ticked so often at one instant does not do what its deadline says.
constexpr unsigned kMostTicksAtOnce = 10'000;

}  // namespace

LossyLink::LossyLink(uint64_t seed, LinkFaults faults) : state_(seed * 2 + 1), faults_(faults) {
  for (int i = 0; i < 8; ++i) (void)random(2);  // small seeds start alike
}

uint32_t LossyLink::random(uint32_t below) {
  state_ = state_ * 6364136223846793005U + 1442695040888963407U;
  const auto high = static_cast<uint32_t>(state_ >> 33U);
  return below == 0 ? 0 : high % below;
}

size_t LossyLink::join(Party& party) {
  parties_.push_back(&party);
  return parties_.size() - 1;
}

void LossyLink::schedule(size_t from, size_t to, ByteView datagram) {
  const uint32_t spread = faults_.max_delay_ms - faults_.min_delay_ms;
  const MonotonicMs at = now_ + faults_.min_delay_ms + random(spread + 1);
  in_flight_.emplace(at, Datagram{from, to, {datagram.begin(), datagram.end()}});
}

void LossyLink::send(size_t from, size_t to, ByteView datagram) {
  ++counters_.sent;
  const bool dropped = (filter_ && filter_(from, to, datagram)) || datagram.size() > faults_.mtu_bytes;
  if (dropped || random(100) < faults_.loss_percent) {
    ++counters_.lost;
    return;
  }
  schedule(from, to, datagram);
  if (random(100) < faults_.duplicate_percent) {
    ++counters_.duplicated;
    schedule(from, to, datagram);
  }
}

MonotonicMs LossyLink::next_event() const {
  MonotonicMs at = in_flight_.empty() ? kNever : in_flight_.begin()->first;
  for (const Party* party : parties_) at = std::min(at, party->next_deadline());
  return at == kNever ? kNever : std::max(at, now_);
}

bool LossyLink::step() {
  const MonotonicMs at = next_event();
  if (at == kNever) return false;
  ticks_without_time_ = at == now_ ? ticks_without_time_ + 1 : 0;
  if (ticks_without_time_ > kMostTicksAtOnce) throw std::logic_error("a party asks for ticks at one instant for ever");
  now_ = at;
  for (Party* party : parties_) {
    if (party->next_deadline() <= now_) {
      party->tick(now_);
      return true;
    }
  }
  const auto first = in_flight_.begin();
  const Datagram datagram = std::move(first->second);
  in_flight_.erase(first);
  ++counters_.delivered;
  parties_.at(datagram.to)->on_datagram(datagram.from, datagram.bytes, now_);
  return true;
}

bool LossyLink::run_until(const std::function<bool()>& done, uint64_t limit_ms) {
  const MonotonicMs end = now_ + limit_ms;
  while (!done()) {
    const MonotonicMs next = next_event();
    if (next == kNever || next > end) break;
    step();
  }
  return done();
}

void LossyLink::run_for(uint64_t span_ms) {
  const MonotonicMs end = now_ + span_ms;
  while (next_event() <= end) step();
  now_ = end;
}

}  // namespace tailor::testing
