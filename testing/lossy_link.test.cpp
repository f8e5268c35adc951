// SPDX-License-Identifier: Apache-2.0
#include "testing/lossy_link.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace tailor::testing {
namespace {

/// Sends `count` numbered datagrams, one each 5 ms, and records what arrives.
class Chatter final : public Party {
 public:
  Chatter(LossyLink& link, unsigned count) : link_(link), left_(count), address_(link.join(*this)) {}
  void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override {
    EXPECT_NE(from, address_);
    arrived.push_back(datagram[0]);
    last_arrival = now;
  }
  void tick(MonotonicMs now) override {
    const uint8_t number[] = {next_++};
    link_.send(address_, 1 - address_, number);
    due_ = now + 5;
    --left_;
  }
  [[nodiscard]] MonotonicMs next_deadline() const override { return left_ == 0 ? kNever : due_; }

  std::vector<uint8_t> arrived;
  MonotonicMs last_arrival = 0;

 private:
  LossyLink& link_;
  unsigned left_;
  size_t address_;
  MonotonicMs due_ = 0;
  uint8_t next_ = 0;
};

std::vector<uint8_t> received(uint64_t seed, LinkFaults faults) {
  LossyLink link(seed, faults);
  Chatter left(link, 200);
  Chatter right(link, 0);
  while (link.step()) {
  }
  return right.arrived;
}

std::vector<uint8_t> all_in_order() {
  std::vector<uint8_t> numbers;
  for (unsigned i = 0; i < 200; ++i) numbers.push_back(static_cast<uint8_t>(i));
  return numbers;
}

TEST(LossyLink, WithoutFaultsDeliversAllInOrder) {
  EXPECT_EQ(received(1, {}), all_in_order());
}

TEST(LossyLink, SameSeedSameFate) {
  const LinkFaults faults{.loss_percent = 30, .duplicate_percent = 10, .min_delay_ms = 1, .max_delay_ms = 80};
  EXPECT_EQ(received(7, faults), received(7, faults));
  EXPECT_NE(received(7, faults), received(8, faults));
}

TEST(LossyLink, LosesDuplicatesAndReordersAboutAsOftenAsAsked) {
  const size_t after_loss = received(3, {.loss_percent = 30}).size();
  EXPECT_GT(after_loss, 110U);
  EXPECT_LT(after_loss, 170U);
  const size_t with_duplicates = received(3, {.duplicate_percent = 30}).size();
  EXPECT_GT(with_duplicates, 230U);
  EXPECT_LT(with_duplicates, 290U);
  const std::vector<uint8_t> reordered = received(3, {.min_delay_ms = 1, .max_delay_ms = 80});
  EXPECT_EQ(reordered.size(), 200U);
  EXPECT_NE(reordered, all_in_order());
}

TEST(LossyLink, FilterAndMtuDrop) {
  LossyLink link(1, {.mtu_bytes = 4});
  Chatter left(link, 10);
  Chatter right(link, 0);
  link.set_filter([](size_t, size_t, ByteView datagram) { return datagram[0] == 3; });
  link.run_for(1000);
  EXPECT_EQ(right.arrived, (std::vector<uint8_t>{0, 1, 2, 4, 5, 6, 7, 8, 9}));
  link.send(0, 1, "01 02 03 04 05"_hex);
  EXPECT_FALSE(link.step());
  EXPECT_EQ(link.counters().lost, 2U);
}

TEST(LossyLink, VirtualTimeRunsByEvents) {
  LossyLink link(1);
  Chatter left(link, 3);
  Chatter right(link, 0);
  const MonotonicMs start = link.now();
  EXPECT_TRUE(link.run_until([&] { return right.arrived.size() == 3; }, 1000));
  EXPECT_EQ(right.last_arrival, start + 2 * 5 + 10);
  EXPECT_FALSE(link.run_until([&] { return right.arrived.size() == 4; }, 1000));
  link.run_for(500);
  EXPECT_EQ(link.now(), start + 2 * 5 + 10 + 500);
}

class Spinner final : public Party {
 public:
  void on_datagram(size_t, ByteView, MonotonicMs) override {}
  void tick(MonotonicMs) override {}
  [[nodiscard]] MonotonicMs next_deadline() const override { return 0; }
};

TEST(LossyLink, NoticesAPartyThatNeverDoesWhatIsDue) {
  LossyLink link(1);
  Spinner spinner;
  link.join(spinner);
  EXPECT_THROW(while (link.step()){}, std::logic_error);
}

}  // namespace
}  // namespace tailor::testing
