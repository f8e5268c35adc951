// SPDX-License-Identifier: Apache-2.0
// The server half of observation (RFC 7641 4).
#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

class Watch {
 public:
  Watch() : link(1), node(link, 1), peer(link) { node.shelf.content = {'a'}; }
  std::vector<Message> registers(uint8_t token, const char* uri = "/state", uint32_t observe = 0) {
    std::vector<uint8_t> buffer(200);
    const std::array<uint8_t, 1> token_bytes{token};
    MessageWriter writer(buffer);
    writer.header(Type::kConfirmable, Code::kGet, ++message_id, Token(token_bytes));
    writer.option_uint(Option::kObserve, observe);
    writer.path(uri);
    writer.query(uri);
    return peer.exchange(writer.finish().value());
  }
  std::vector<Message> changes(const Resource& resource, uint8_t content) {
    node.shelf.content = {content};
    const size_t before = peer.heard.size();
    node.endpoint->notify(resource);
    link.run_for(50);
    return peer.since(before);
  }
  std::vector<Message> says(Type type, uint16_t id) {
    return peer.exchange(std::vector<uint8_t>{static_cast<uint8_t>(0x40 | (static_cast<unsigned>(type) << 4)), 0,
                                              static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id)});
  }
  static std::optional<uint32_t> number(const Message& message) {
    const OptionView view = find_option(message.options, Option::kObserve);
    if (!view.is(Option::kObserve)) return {};
    return uint_value(view.value, 3).value();
  }

  testing::LossyLink link;
  Node node;
  RawPeer peer;
  uint16_t message_id = 0x200;
};

TEST(Observe, RegistersAndNotifies) {
  Watch watch;
  const auto answer = watch.registers(7);
  ASSERT_EQ(answer.size(), 1U);
  ASSERT_TRUE(Watch::number(answer[0]).has_value());
  const auto notification = watch.changes(watch.node.observable(), 'b');
  ASSERT_EQ(notification.size(), 1U);
  EXPECT_EQ(notification[0].type, Type::kConfirmable);
  EXPECT_EQ(notification[0].code, Code::kContent);
  EXPECT_EQ(as_text(notification[0].payload), "b");
  EXPECT_GT(*Watch::number(notification[0]), *Watch::number(answer[0]));
  EXPECT_TRUE(notification[0].token == answer[0].token);
}

TEST(Observe, WhatCannotBeObservedIsAPlainGet) {
  Watch watch;
  EXPECT_FALSE(Watch::number(watch.registers(7, "/shelf").at(0)).has_value());
  EXPECT_FALSE(Watch::number(watch.registers(7, "/state?x=1").at(0)).has_value());
  EXPECT_FALSE(Watch::number(watch.registers(7, "/state", 2).at(0)).has_value());
  watch.node.shelf.answer_error = Error::kNotFound;
  EXPECT_FALSE(Watch::number(watch.registers(7).at(0)).has_value());
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
}

TEST(Observe, RegisteringAgainKeepsOnePlace) {
  Watch watch;
  watch.registers(7);
  watch.registers(7);
  EXPECT_EQ(watch.node.endpoint->observers(), 1U);
  watch.registers(8);
  EXPECT_EQ(watch.node.endpoint->observers(), 2U);
  EXPECT_TRUE(Watch::number(watch.registers(9).at(0)).has_value());  // takes the place of an older one
  EXPECT_EQ(watch.node.endpoint->observers(), 2U);
  EXPECT_FALSE(Watch::number(watch.registers(10, "/gossip").at(0)).has_value());  // no place: a plain GET
}

TEST(Observe, Deregisters) {
  Watch watch;
  watch.registers(7);
  watch.registers(8, "/state", 1);  // another token
  EXPECT_EQ(watch.node.endpoint->observers(), 1U);
  EXPECT_FALSE(Watch::number(watch.registers(7, "/state", 1).at(0)).has_value());
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
  EXPECT_TRUE(watch.changes(watch.node.observable(), 'b').empty());
}

TEST(Observe, AResetCancels) {
  Watch watch;
  watch.registers(7);
  const auto notification = watch.changes(watch.node.observable(), 'b');
  watch.says(Type::kReset, notification.at(0).message_id);
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
  watch.link.run_for(100'000);
  EXPECT_EQ(watch.peer.heard.size(), 2U);

  watch.registers(7, "/gossip");
  const auto unconfirmed = watch.changes(watch.node.gossip(), 'c');
  EXPECT_EQ(unconfirmed.at(0).type, Type::kNonConfirmable);
  watch.says(Type::kReset, unconfirmed.at(0).message_id);
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
}

TEST(Observe, AnObserverThatIsGoneIsForgotten) {
  Watch watch;
  watch.registers(7);
  watch.changes(watch.node.observable(), 'b');
  watch.link.run_for(94'000);
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
  EXPECT_EQ(watch.peer.heard.size(), 1U + 5);
}

TEST(Observe, ChangesDuringANotificationBecomeOne) {
  Watch watch;
  watch.registers(7);
  const auto first = watch.changes(watch.node.observable(), 'b');
  EXPECT_TRUE(watch.changes(watch.node.observable(), 'c').empty());
  EXPECT_TRUE(watch.changes(watch.node.observable(), 'd').empty());
  const auto next = watch.says(Type::kAcknowledgement, first.at(0).message_id);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(as_text(next[0].payload), "d");
  EXPECT_TRUE(watch.says(Type::kAcknowledgement, next[0].message_id).empty());
}

TEST(Observe, EveryEighthOfAGossipIsConfirmed) {
  Watch watch;
  watch.registers(7, "/gossip");
  for (int i = 1; i <= 16; ++i) {
    const auto notification = watch.changes(watch.node.gossip(), static_cast<uint8_t>('a' + i));
    ASSERT_EQ(notification.size(), 1U) << i;
    EXPECT_EQ(notification[0].type, i % 8 == 0 ? Type::kConfirmable : Type::kNonConfirmable) << i;
    if (i % 8 == 0) watch.says(Type::kAcknowledgement, notification[0].message_id);
  }
}

TEST(Observe, AnErrorNotificationEndsIt) {
  Watch watch;
  watch.registers(7);
  watch.node.shelf.answer_error = Error::kDeviceRetired;
  const auto notification = watch.changes(watch.node.observable(), 'b');
  ASSERT_EQ(notification.size(), 1U);
  EXPECT_EQ(notification[0].code, Code::kForbidden);
  EXPECT_FALSE(Watch::number(notification[0]).has_value());
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
}

TEST(Observe, ANotificationMayBeDeferred) {
  Watch watch;
  watch.registers(7);
  watch.node.shelf.defer_next = true;
  EXPECT_TRUE(watch.changes(watch.node.observable(), 'b').empty());
  Response response = watch.node.endpoint->begin_response(*watch.node.shelf.deferred).value();
  response.set_code(Code::kContent);
  constexpr auto kState = "7a"_hex;
  response.set_payload(kState, 0);
  ASSERT_TRUE(watch.node.endpoint->finish_response(*watch.node.shelf.deferred, response, watch.link.now()).ok());
  watch.link.run_for(50);
  const auto notification = watch.peer.since(1);
  ASSERT_EQ(notification.size(), 1U);
  EXPECT_EQ(as_text(notification[0].payload), "z");
  EXPECT_TRUE(Watch::number(notification[0]).has_value());

  watch.says(Type::kAcknowledgement, notification[0].message_id);
  watch.changes(watch.node.observable(), 'c');
  const ExchangeId late = *watch.node.shelf.deferred;
  watch.node.shelf.defer_next = false;
  watch.registers(7, "/state", 1);  // gone before the answer is there
  EXPECT_EQ(watch.node.endpoint->begin_response(late).error(), Error::kNotFound);
}

TEST(Observe, ADeferredRegistrationCountsWhenItIsAnswered) {
  Watch watch;
  watch.node.shelf.defer_next = true;
  watch.registers(7);
  EXPECT_EQ(watch.node.endpoint->observers(), 0U);
  Response response = watch.node.endpoint->begin_response(*watch.node.shelf.deferred).value();
  response.set_code(Code::kContent);
  ASSERT_TRUE(watch.node.endpoint->finish_response(*watch.node.shelf.deferred, response, watch.link.now()).ok());
  EXPECT_EQ(watch.node.endpoint->observers(), 1U);
}

TEST(Observe, OurClientFollowsOurServer) {
  testing::LossyLink link(1);
  Node client(link, 1, {.max_szx = 2});
  Node server(link, 0);
  server.shelf.content = body_of(200, 1);
  server.shelf.etag = {1};
  Collector collector;
  const ExchangeId id = client.ask({.uri = "/state", .observe = true}, collector);
  link.run_for(1000);
  for (uint8_t version = 2; version <= 4; ++version) {
    server.shelf.content = body_of(200, version);
    server.shelf.etag = {version};
    server.endpoint->notify(server.observable());
    link.run_for(1000);
    ASSERT_EQ(collector.bodies.size(), version);
    EXPECT_EQ(collector.bodies.back(), server.shelf.content);
  }
  client.endpoint->cancel(id);
  server.endpoint->notify(server.observable());
  link.run_for(1000);
  EXPECT_EQ(server.endpoint->observers(), 0U);
  EXPECT_EQ(collector.bodies.size(), 4U);
}

}  // namespace
}  // namespace tailor::coap
