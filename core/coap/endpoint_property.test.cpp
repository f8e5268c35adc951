// SPDX-License-Identifier: Apache-2.0
// Two endpoints over a bad link: whatever it loses, duplicates and reorders, bodies arrive whole and once.
#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

constexpr testing::LinkFaults kBadLink{
    .loss_percent = 30, .duplicate_percent = 15, .min_delay_ms = 5, .max_delay_ms = 900};
/// With 30 % loss each way an exchange needs about two attempts; one in 50 would fail with four retransmissions, so
/// that long transfers could not be told from broken ones.
constexpr Transmission kPatient{
    .ack_timeout_ms = 1000, .max_retransmit = 12, .response_timeout_ms = 3'000'000, .exchange_lifetime_ms = 10'000'000};
constexpr uint64_t kHour = 3'600'000;

std::vector<std::vector<uint8_t>> only(const std::vector<uint8_t>& body) {
  return {1, body};
}

struct Pair {
  Pair(uint64_t seed, testing::LinkFaults faults, uint8_t left_szx = 4, uint8_t right_szx = 5)
      : link(seed, faults),
        left(link, 1, {.max_szx = left_szx, .transmission = kPatient, .seed = seed * 3 + 1}),
        right(link, 0, {.max_szx = right_szx, .transmission = kPatient, .seed = seed * 5 + 2}) {}
  testing::LossyLink link;
  Node left;
  Node right;
};

class BadLink : public ::testing::TestWithParam<uint64_t> {};

TEST_P(BadLink, BothSidesDownloadAndUploadAtTheSameTime) {
  Pair pair(GetParam(), kBadLink);
  pair.left.shelf.content = body_of(3000, 1);
  pair.left.shelf.etag = {1, 2, 3};
  pair.right.shelf.content = body_of(5123, 2);
  Collector down_left, down_right, up_left, up_right;
  up_left.request_body = body_of(4096, 3);
  up_right.request_body = body_of(2777, 4);
  pair.left.ask({.uri = "/shelf"}, down_left);
  pair.left.ask({.method = Code::kPut, .uri = "/shelf", .body_bytes = 4096}, up_left);
  pair.right.ask({.uri = "/img/x"}, down_right);
  pair.right.ask({.method = Code::kPost, .uri = "/shelf", .body_bytes = 2777}, up_right);
  const auto all = [&] { return down_left.ended() && down_right.ended() && up_left.ended() && up_right.ended(); };
  ASSERT_TRUE(pair.link.run_until(all, 10 * kHour));
  EXPECT_GT(pair.link.counters().lost, 10U);
  for (const Collector* collector : {&down_left, &down_right, &up_left, &up_right}) {
    EXPECT_FALSE(collector->failure.has_value()) << name_of(*collector->failure);
  }
  EXPECT_EQ(down_left.body, pair.right.shelf.content);
  EXPECT_EQ(down_right.body, pair.left.shelf.content);
  EXPECT_EQ(pair.right.shelf.bodies, only(up_left.request_body));
  EXPECT_EQ(pair.left.shelf.bodies, only(up_right.request_body));
  EXPECT_EQ(up_left.code, Code::kChanged);
}

TEST_P(BadLink, AnUploadWithALongAnswerIsHandledOnce) {
  Pair pair(GetParam(), kBadLink);
  pair.right.shelf.write_response = body_of(2000, 9);
  Collector up;
  up.request_body = body_of(1500, 3);
  pair.left.ask({.method = Code::kPost, .uri = "/shelf", .body_bytes = 1500}, up);
  ASSERT_TRUE(pair.link.run_until([&] { return up.ended(); }, 10 * kHour));
  EXPECT_FALSE(up.failure.has_value());
  EXPECT_EQ(up.body, pair.right.shelf.write_response);
  EXPECT_EQ(pair.right.shelf.bodies, only(up.request_body));
}

TEST_P(BadLink, AnObserverEndsWithTheLastState) {
  Pair pair(GetParam(), kBadLink);
  pair.right.shelf.content = body_of(700, 100);
  pair.right.shelf.etag = {0};
  Collector watcher;
  pair.left.ask({.uri = "/state", .observe = true}, watcher);
  ASSERT_TRUE(pair.link.run_until([&] { return pair.right.endpoint->observers() == 1; }, kHour));
  for (uint8_t version = 1; version <= 6; ++version) {
    pair.link.run_for(2000);
    pair.right.shelf.content = body_of(700, 100U + version);
    pair.right.shelf.etag = {version};
    pair.right.endpoint->notify(pair.right.observable());
  }
  const auto settled = [&] {
    return watcher.failure.has_value() ||
           (!watcher.bodies.empty() && watcher.bodies.back() == pair.right.shelf.content);
  };
  EXPECT_TRUE(pair.link.run_until(settled, kHour));
  EXPECT_FALSE(watcher.failure.has_value());
  for (const auto& body : watcher.bodies) EXPECT_EQ(body.size(), 700U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BadLink, ::testing::Range<uint64_t>(1, 101));

}  // namespace
}  // namespace tailor::coap
