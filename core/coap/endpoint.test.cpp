// SPDX-License-Identifier: Apache-2.0
// The message layer: rejects, retransmission deadlines, deduplication, NSTART, ping, memory.
#include "core/coap/endpoint.hpp"

#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

using Octets = std::vector<uint8_t>;

struct Table {
  explicit Table(NodeSetup setup = {}) : link(1), node(link, 1, setup), peer(link) {}
  testing::LossyLink link;
  Node node;
  RawPeer peer;
};

struct Reject {
  const char* name;
  Octets bytes;
  Octets answer;  // empty: silence
};

template <size_t N>
Octets octets(const std::array<uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(Endpoint, RejectsAsTheStandardSays) {  // RFC 7252 4.2, 4.3, 5.4.1
  const Reject rows[] = {
      {"ping", octets("40 00 12 34"_hex), octets("70 00 12 34"_hex)},
      {"non-confirmable empty", octets("50 00 12 34"_hex), {}},
      {"stray acknowledgement", octets("60 00 12 34"_hex), {}},
      {"stray reset", octets("70 00 12 34"_hex), {}},
      {"stray confirmable response", octets("41 45 12 34 aa"_hex), octets("70 00 12 34"_hex)},
      {"stray piggybacked response", octets("61 45 12 34 aa"_hex), {}},
      {"stray non-confirmable response", octets("51 45 12 34 aa"_hex), octets("70 00 12 34"_hex)},
      {"response in a reset", octets("71 45 12 34 aa"_hex), {}},
      {"request in an acknowledgement", octets("60 01 12 34"_hex), {}},
      {"request in a reset", octets("70 01 12 34"_hex), {}},
      {"reserved class 1, confirmable", octets("40 20 12 34"_hex), octets("70 00 12 34"_hex)},
      {"reserved class 7, confirmable", octets("40 e1 12 34"_hex), octets("70 00 12 34"_hex)},
      {"reserved class 6, non-confirmable", octets("50 c0 12 34"_hex), {}},
      {"malformed confirmable", octets("40 01 12 34 ff"_hex), octets("70 00 12 34"_hex)},
      {"token length 9, confirmable", octets("49 01 12 34"_hex), octets("70 00 12 34"_hex)},
      {"malformed non-confirmable", octets("50 01 12 34 ff"_hex), {}},
      {"malformed acknowledgement", octets("60 45 12 34 ff"_hex), {}},
      {"another version", octets("80 01 12 34"_hex), {}},
      {"three bytes", octets("40 01 12"_hex), {}},
      {"nothing", {}, {}},
      {"unknown critical option, confirmable", octets("40 01 12 34 90"_hex),
       octets("60 82 12 34 ff 43 72 69 74 69 63 61 6c 4f 70 74 69 6f 6e 55 6e 6b 6e 6f 77 6e"_hex)},
      {"unknown critical option, non-confirmable", octets("50 01 12 34 90"_hex), octets("70 00 12 34"_hex)},
  };
  for (const Reject& row : rows) {
    Table table;
    table.peer.exchange(row.bytes);
    const std::vector<Octets> expected = row.answer.empty() ? std::vector<Octets>{} : std::vector<Octets>{row.answer};
    EXPECT_EQ(table.peer.heard, expected) << row.name;
    EXPECT_EQ(table.node.shelf.calls, 0U) << row.name;
  }
}

TEST(Endpoint, RetransmitsAtEveryDeadlineAndThenGivesUp) {  // RFC 7252 4.2
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Table table({.seed = seed});
    Collector collector;
    const MonotonicMs start = table.link.now();
    table.node.ask({.uri = "/x"}, collector);
    ASSERT_TRUE(table.link.run_until([&] { return collector.ended(); }, 200'000));
    EXPECT_EQ(collector.failure, Error::kTimeout);
    ASSERT_EQ(table.peer.heard.size(), 5U);
    for (const Octets& message : table.peer.heard) EXPECT_EQ(message, table.peer.heard[0]);
    const uint64_t first = table.peer.heard_at[1] - table.peer.heard_at[0];
    EXPECT_GE(first, 2000U);
    EXPECT_LE(first, 3000U);
    for (size_t i = 1; i < 5; ++i) {
      EXPECT_EQ(table.peer.heard_at[i] - table.peer.heard_at[0], first * ((1U << i) - 1)) << i;
    }
    EXPECT_EQ(table.link.now() - start, first * 31);
    EXPECT_LE(table.link.now() - start, 93'000U);  // MAX_TRANSMIT_WAIT
    EXPECT_TRUE(table.node.endpoint->idle(table.link.now()));
  }
}

TEST(Endpoint, TheRandomFactorSpreads) {
  uint64_t least = UINT64_MAX;
  uint64_t most = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Table table({.seed = seed * 7919});
    Collector collector;
    table.node.ask({.uri = "/x"}, collector);
    table.link.run_for(4000);
    const uint64_t first = table.peer.heard_at.at(1) - table.peer.heard_at.at(0);
    least = std::min(least, first);
    most = std::max(most, first);
  }
  EXPECT_LT(least, 2200U);
  EXPECT_GT(most, 2800U);
}

TEST(Endpoint, AnAcknowledgementStopsRetransmissionAndTheResponseMayComeLater) {
  Table table;
  Collector collector;
  table.node.ask({.uri = "/x"}, collector);
  table.link.run_for(50);
  const Message request = table.peer.since(0).at(0);
  Octets acknowledgement = octets("60 00 00 00"_hex);
  acknowledgement[2] = static_cast<uint8_t>(request.message_id >> 8U);
  acknowledgement[3] = static_cast<uint8_t>(request.message_id);
  table.peer.exchange(acknowledgement);
  table.link.run_for(60'000);
  EXPECT_EQ(table.peer.heard.size(), 1U);
  EXPECT_FALSE(collector.ended());

  std::array<uint8_t, 64> buffer{};
  MessageWriter writer(buffer);
  writer.header(Type::kConfirmable, Code::kContent, 0x7777, request.token);
  writer.payload("68 69"_hex);
  const auto answers = table.peer.exchange(writer.finish().value());
  EXPECT_EQ(collector.text(), "hi");
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].type, Type::kAcknowledgement);
  EXPECT_EQ(answers[0].message_id, 0x7777);
}

TEST(Endpoint, ASeparateResponseThatNeverComesIsATimeout) {
  Table table;
  Collector collector;
  table.node.ask({.uri = "/x"}, collector);
  table.link.run_for(50);
  const Message request = table.peer.since(0).at(0);
  const Octets acknowledgement = {0x60, 0, static_cast<uint8_t>(request.message_id >> 8U),
                                  static_cast<uint8_t>(request.message_id)};
  table.peer.say(acknowledgement);
  table.link.run_for(93'000);
  EXPECT_FALSE(collector.ended());
  table.link.run_for(1000);
  EXPECT_EQ(collector.failure, Error::kTimeout);
}

TEST(Endpoint, AResponseMayOvertakeItsAcknowledgement) {
  Table table;
  Collector collector;
  table.node.ask({.uri = "/x"}, collector);
  table.link.run_for(50);
  const Message request = table.peer.since(0).at(0);
  std::array<uint8_t, 64> buffer{};
  MessageWriter writer(buffer);
  writer.header(Type::kNonConfirmable, Code::kContent, 0x7777, request.token);
  table.peer.exchange(writer.finish().value());
  EXPECT_TRUE(collector.done);
  table.link.run_for(60'000);
  EXPECT_EQ(table.peer.heard.size(), 1U);  // no retransmission
}

TEST(Endpoint, OnlyTheRightAcknowledgementAndTokenAnswer) {
  Table table;
  Collector collector;
  table.node.ask({.uri = "/x"}, collector);
  table.link.run_for(50);
  const Message request = table.peer.since(0).at(0);
  const auto say = [&](uint16_t message_id, const Token& token) {
    std::array<uint8_t, 64> buffer{};
    MessageWriter writer(buffer);
    writer.header(Type::kAcknowledgement, Code::kContent, message_id, token);
    table.peer.exchange(writer.finish().value());
  };
  say(static_cast<uint16_t>(request.message_id + 1), request.token);
  say(request.message_id, Token("01 02 03"_hex));
  say(request.message_id, Token{});
  EXPECT_FALSE(collector.ended());
  say(request.message_id, request.token);
  EXPECT_TRUE(collector.done);
}

TEST(Endpoint, AResetEndsARequest) {
  Table table;
  Collector collector;
  table.node.ask({.uri = "/x"}, collector);
  table.link.run_for(50);
  const Message request = table.peer.since(0).at(0);
  table.peer.exchange(
      Octets{0x70, 0, static_cast<uint8_t>(request.message_id >> 8U), static_cast<uint8_t>(request.message_id)});
  EXPECT_EQ(collector.failure, Error::kResetByPeer);
}

TEST(Endpoint, PingIsAnsweredByReset) {
  testing::LossyLink link(1);
  Node left(link, 1);
  Node right(link, 0);
  Collector collector;
  ASSERT_TRUE(left.endpoint->ping(collector, link.now()).ok());
  link.run_for(100);
  EXPECT_TRUE(collector.done);
  EXPECT_EQ(collector.code, Code::kEmpty);
  EXPECT_EQ(link.counters().sent, 2U);
}

TEST(Endpoint, ADuplicateIsAnsweredTheSameAndHandledOnce) {  // RFC 7252 4.5
  Table table;
  table.node.shelf.location = "shelf/7";
  table.node.shelf.write_code = Code::kCreated;
  const auto post = "42 02 12 34 aa bb b5 73 68 65 6c 66 ff 01"_hex;
  const auto first = table.peer.exchange(post);
  const auto second = table.peer.exchange(post);
  table.link.run_for(240'000);
  const auto third = table.peer.exchange(post);
  EXPECT_EQ(table.node.shelf.calls, 1U);
  ASSERT_EQ(table.peer.heard.size(), 3U);
  EXPECT_EQ(table.peer.heard[1], table.peer.heard[0]);
  EXPECT_EQ(table.peer.heard[2], table.peer.heard[0]);
  EXPECT_EQ(first.at(0).code, Code::kCreated);
  table.link.run_for(10'000);  // EXCHANGE_LIFETIME is over: the message id may be used anew
  table.peer.exchange(post);
  EXPECT_EQ(table.node.shelf.calls, 2U);
}

TEST(Endpoint, RemembersAsManyAsItHasSlotsFor) {
  Table table;  // four
  for (uint8_t id = 0; id < 5; ++id) {
    const Octets post = {0x40, 0x02, 0, id, 0xb5, 's', 'h', 'e', 'l', 'f'};
    table.peer.exchange(post);
  }
  EXPECT_EQ(table.node.shelf.calls, 5U);
  for (uint8_t id = 1; id < 5; ++id) {
    const Octets post = {0x40, 0x02, 0, id, 0xb5, 's', 'h', 'e', 'l', 'f'};
    table.peer.exchange(post);
  }
  EXPECT_EQ(table.node.shelf.calls, 5U);
}

TEST(Endpoint, NStartKeepsTheSecondRequestBack) {  // RFC 7252 4.7
  Table table;
  Collector first, second;
  table.node.ask({.uri = "/a"}, first);
  table.node.ask({.uri = "/b"}, second);
  table.link.run_for(1000);
  ASSERT_EQ(table.peer.heard.size(), 1U);
  const Message request = table.peer.since(0).at(0);
  std::array<uint8_t, 64> buffer{};
  MessageWriter writer(buffer);
  writer.header(Type::kAcknowledgement, Code::kContent, request.message_id, request.token);
  const auto next = table.peer.exchange(writer.finish().value());
  ASSERT_EQ(next.size(), 1U);
  EXPECT_TRUE(OptionList(next[0].options, Option::kUriPath).matches("b"));
  EXPECT_FALSE(next[0].token == request.token);
  EXPECT_NE(next[0].message_id, request.message_id);
}

TEST(Endpoint, SlotsAreALimitNotACrash) {
  Table table;
  Collector collectors[4];
  for (size_t i = 0; i < 3; ++i) table.node.ask({.uri = "/a"}, collectors[i]);
  EXPECT_EQ(table.node.endpoint->request({.uri = "/a"}, collectors[3], 0).error(), Error::kOverloaded);
}

TEST(Endpoint, CloseTellsEveryClient) {
  Table table;
  Collector first, second;
  table.node.ask({.uri = "/a"}, first);
  table.node.ask({.uri = "/b"}, second);
  table.link.run_for(100);
  table.node.endpoint->close(Error::kSessionClosed);
  EXPECT_EQ(first.failure, Error::kSessionClosed);
  EXPECT_EQ(second.failure, Error::kSessionClosed);
  EXPECT_TRUE(table.node.endpoint->idle(table.link.now()));
  EXPECT_EQ(table.node.next_deadline(), kNever);
  EXPECT_EQ(table.node.memory.used, 0U);
}

/// The n-th request for memory fails, n = 1, 2, ... until everything works: nothing may leak, hang or crash.
TEST(Endpoint, SurvivesEveryAllocationFailing) {
  bool worked = false;
  for (size_t n = 0; n < 100 && !worked; ++n) {
    testing::LossyLink link(1);
    Node left(link, 1, {.max_szx = 2});
    Node right(link, 0, {.max_szx = 2});
    left.memory.takes_until_failure = n / 2;
    right.memory.takes_until_failure = n - n / 2;
    right.shelf.content = body_of(100);
    right.shelf.write_response = body_of(150);
    Collector get, put, watch;
    put.request_body = body_of(200);
    left.ask({.uri = "/shelf"}, get);
    left.ask({.method = Code::kPost, .uri = "/shelf", .body_bytes = 200}, put);
    left.ask({.uri = "/state", .observe = true}, watch);
    link.run_for(1000);
    left.memory.takes_until_failure = SIZE_MAX;
    right.memory.takes_until_failure = SIZE_MAX;
    right.endpoint->notify(right.observable());
    link.run_for(400'000);
    EXPECT_TRUE(get.ended()) << n;
    EXPECT_TRUE(put.ended()) << n;
    EXPECT_TRUE(watch.failure.has_value() || watch.observed) << n;
    worked = get.done && put.done && put.code == Code::kChanged && watch.bodies.size() == 2;
  }
  EXPECT_TRUE(worked);
}

TEST(Endpoint, AFullPoolForgetsRememberedResponsesFirst) {
  Table table;
  table.node.memory.limit = 120;
  table.node.shelf.content = body_of(10);
  const Octets post = {0x40, 0x02, 0, 1, 0xb5, 's', 'h', 'e', 'l', 'f'};
  for (uint8_t id = 0; id < 4; ++id) {
    const Octets other = {0x48, 0x02, 0, id, 1, 2, 3, 4, 5, 6, 7, 8, 0xb5, 's', 'h', 'e', 'l', 'f'};
    table.peer.exchange(other);
  }
  EXPECT_GT(table.node.memory.used, 40U);
  Collector collector;
  const std::string uri = "/" + std::string(90, 'a');
  table.node.ask({.uri = uri}, collector);
  table.link.run_for(100);
  EXPECT_FALSE(collector.failure.has_value());
  EXPECT_LE(table.node.memory.used, 120U);
}

TEST(StaticMemory, HandsOutWhatItHas) {
  StaticMemory<2, 16, 1, 100> memory;
  const MutableBytes small = memory.take(16).value();
  const MutableBytes other = memory.take(1).value();
  EXPECT_EQ(other.size(), 1U);
  const MutableBytes large = memory.take(2).value();
  EXPECT_EQ(memory.take(1).error(), Error::kAllocationFailed);
  memory.give(small);
  EXPECT_EQ(memory.take(17).error(), Error::kAllocationFailed);
  memory.give(large);
  EXPECT_EQ(memory.take(101).error(), Error::kAllocationFailed);
  EXPECT_EQ(memory.take(100).value().size(), 100U);
  EXPECT_EQ(memory.take(16).value().data(), small.data());
}

}  // namespace
}  // namespace tailor::coap
