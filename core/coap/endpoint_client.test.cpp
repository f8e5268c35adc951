// SPDX-License-Identifier: Apache-2.0
// The client half against a peer that says exactly what a test wants, and against our own server.
#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

/// What a scripted server answers to one request.
struct Answer {
  Code code = Code::kContent;
  std::optional<Block> block2{};
  std::optional<Block> block1{};
  std::vector<uint8_t> etag{};
  std::optional<uint32_t> observe{};
  std::optional<uint32_t> size2{};
  size_t payload = 0;
  bool unknown_critical = false;
};

class Script {
 public:
  explicit Script(NodeSetup setup = {}) : link(1), node(link, 1, setup), peer(link) {}
  /// Answers the oldest request that is not answered. @returns that request
  Message answers(const Answer& answer, Type type = Type::kAcknowledgement) {
    link.run_for(50);
    const Message request = peer.since(next_++).at(0);
    respond(answer, type, type == Type::kAcknowledgement ? request.message_id : ++message_id_, request.token);
    return request;
  }
  void respond(const Answer& answer, Type type, uint16_t message_id, const Token& token) {
    std::array<uint8_t, 1300> buffer{};
    MessageWriter writer(buffer);
    writer.header(type, answer.code, message_id, token);
    if (!answer.etag.empty()) writer.option(Option::kETag, answer.etag);
    if (answer.observe) writer.option_uint(Option::kObserve, *answer.observe);
    if (answer.unknown_critical) writer.option(static_cast<Option>(9), {});
    if (answer.block2) writer.option_uint(Option::kBlock2, answer.block2->value());
    if (answer.block1) writer.option_uint(Option::kBlock1, answer.block1->value());
    if (answer.size2) writer.option_uint(Option::kSize2, *answer.size2);
    writer.payload(body_of(answer.payload));
    peer.say(writer.finish().value());
    link.run_for(50);
  }
  void skip() { ++next_; }
  [[nodiscard]] size_t unanswered() const { return peer.heard.size() - next_; }
  static std::optional<Block> block(const Message& message, Option option) {
    const OptionView view = find_option(message.options, option);
    if (!view.is(option)) return {};
    return Block::from_value(view.value).value();
  }

  testing::LossyLink link;
  Node node;
  RawPeer peer;
  Collector collector;

 private:
  size_t next_ = 0;
  uint16_t message_id_ = 0x5000;
};

TEST(Client, WritesTheRequest) {
  Script script;
  script.collector.request_body = body_of(3);
  script.node.ask({.method = Code::kPost, .uri = "/a/b?x=1&y", .content_format = 60, .accept = 42, .body_bytes = 3},
                  script.collector);
  const Message request = script.answers({.code = Code::kChanged});
  EXPECT_EQ(request.type, Type::kConfirmable);
  EXPECT_EQ(request.code, Code::kPost);
  EXPECT_EQ(request.token.bytes().size(), 4U);
  EXPECT_TRUE(OptionList(request.options, Option::kUriPath).matches("a/b"));
  EXPECT_EQ(OptionList(request.options, Option::kUriQuery).count(), 2U);
  EXPECT_EQ(uint_value(find_option(request.options, Option::kContentFormat).value, 2).value(), 60U);
  EXPECT_EQ(uint_value(find_option(request.options, Option::kAccept).value, 2).value(), 42U);
  EXPECT_TRUE(equal(request.payload, script.collector.request_body));
  EXPECT_TRUE(script.collector.done);
}

TEST(Client, RefusesRequestsThatCannotBe) {
  Script script;
  const RequestSpec rows[] = {
      {.method = Code::kContent},
      {.method = Code::kEmpty},
      {.method = Code::kGet, .body_bytes = 1},
      {.method = Code::kDelete, .body_bytes = 1},
      {.method = Code::kPut, .body_bytes = 100, .body_offset = 8},
      {.method = Code::kPut, .body_bytes = 16, .body_offset = 16},
      {.method = Code::kPut, .body_offset = 16},
      {.method = Code::kGet, .response_offset = 24},
      {.method = Code::kPost, .observe = true},
  };
  for (const RequestSpec& spec : rows) {
    EXPECT_EQ(script.node.endpoint->request(spec, script.collector, 0).error(), Error::kValueOutOfRange);
  }
  const auto nine = body_of(9);
  EXPECT_EQ(script.node.endpoint->request({.etag = nine}, script.collector, 0).error(), Error::kValueOutOfRange);
  EXPECT_EQ(script.node.next_deadline(), kNever);
}

TEST(Client, ABrokenUriFailsTheRequest) {
  Script script;
  script.node.ask({.uri = "/%zz"}, script.collector);
  script.link.run_for(10);
  EXPECT_EQ(script.collector.failure, Error::kValueOutOfRange);
  EXPECT_TRUE(script.peer.heard.empty());
}

TEST(Client, FetchesBlocksWithATokenEach) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x"}, script.collector);
  const Message first = script.answers({.block2 = Block{0, true, 2}, .etag = {1}, .size2 = 150, .payload = 64});
  EXPECT_EQ(Script::block(first, Option::kBlock2), (Block{0, false, 2}));
  const Message second = script.answers({.block2 = Block{1, true, 2}, .etag = {1}, .payload = 64});
  EXPECT_EQ(Script::block(second, Option::kBlock2), (Block{1, false, 2}));
  EXPECT_FALSE(first.token == second.token);
  script.answers({.block2 = Block{2, false, 2}, .etag = {1}, .payload = 22});
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.pieces, 3U);
  EXPECT_EQ(script.collector.body.size(), 150U);
  EXPECT_EQ(script.collector.total_bytes, 150U);
}

TEST(Client, GoesDownToTheServersBlockSize) {
  Script script;
  script.node.ask({.uri = "/x"}, script.collector);
  script.answers({.block2 = Block{0, true, 2}, .payload = 64});
  const Message second = script.answers({.block2 = Block{1, true, 2}, .payload = 64});
  EXPECT_EQ(Script::block(second, Option::kBlock2), (Block{1, false, 2}));
  // And once more in the middle: 128 bytes are here, block 8 of 16 bytes is next.
  const Message third = script.answers({.block2 = Block{8, true, 0}, .payload = 16});
  EXPECT_EQ(Script::block(third, Option::kBlock2), (Block{2, false, 2}));
  const Message fourth = script.answers({.block2 = Block{9, false, 0}, .payload = 5});
  EXPECT_EQ(Script::block(fourth, Option::kBlock2), (Block{9, false, 0}));
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.body.size(), 64U + 64 + 16 + 5);
}

TEST(Client, EndsWhereBlockNumbersEnd) {
  constexpr uint32_t kLast = Block::kMaxNumber * 16;
  Script script({.max_szx = 0});
  script.node.ask({.uri = "/x", .response_offset = kLast}, script.collector);
  const Message request = script.answers({.block2 = Block{Block::kMaxNumber, true, 0}, .payload = 16});
  EXPECT_EQ(Script::block(request, Option::kBlock2), (Block{Block::kMaxNumber, false, 0}));
  EXPECT_EQ(script.collector.failure, Error::kBodyTooLarge);
}

TEST(Client, ResumesAtABlock) {
  Script script;
  const std::vector<uint8_t> etag = {9};
  script.node.ask({.uri = "/x", .response_offset = 2048 + 256, .etag = etag}, script.collector);
  const Message request = script.answers({.block2 = Block{9, false, 4}, .etag = {9}, .payload = 100});
  EXPECT_EQ(Script::block(request, Option::kBlock2), (Block{9, false, 4}));
  EXPECT_FALSE(find_option(request.options, Option::kETag).is(Option::kETag));
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.first_offset, 2304U);
}

struct BadSecond {
  const char* name;
  Answer answer;
  Error error;
};

TEST(Client, EndsATransferThatGoesWrong) {
  const BadSecond rows[] = {
      {"another ETag", {.block2 = Block{1, true, 2}, .etag = {2}, .payload = 64}, Error::kResourceChanged},
      {"no ETag any more", {.block2 = Block{1, true, 2}, .payload = 64}, Error::kResourceChanged},
      {"the wrong block", {.block2 = Block{2, true, 2}, .etag = {1}, .payload = 64}, Error::kBlockSequence},
      {"the first block again", {.block2 = Block{0, true, 2}, .etag = {1}, .payload = 64}, Error::kBlockSequence},
      {"no block option", {.etag = {1}, .payload = 64}, Error::kBlockSequence},
      {"a larger block", {.block2 = Block{0, true, 3}, .etag = {1}, .payload = 128}, Error::kBlockSequence},
      {"too short with more to come", {.block2 = Block{1, true, 2}, .etag = {1}, .payload = 63}, Error::kBlockSequence},
      {"too long", {.block2 = Block{1, false, 2}, .etag = {1}, .payload = 65}, Error::kBlockSequence},
      {"empty with more to come", {.block2 = Block{1, true, 2}, .etag = {1}, .payload = 0}, Error::kBlockSequence},
      {"2.31",
       {.code = Code::kContinue, .block2 = Block{1, true, 2}, .etag = {1}, .payload = 64},
       Error::kBlockSequence},
      {"unknown critical option",
       {.block2 = Block{1, true, 2}, .etag = {1}, .payload = 64, .unknown_critical = true},
       Error::kCriticalOptionUnknown},
  };
  for (const BadSecond& row : rows) {
    Script script({.max_szx = 2});
    script.node.ask({.uri = "/x"}, script.collector);
    script.answers({.block2 = Block{0, true, 2}, .etag = {1}, .payload = 64});
    script.answers(row.answer);
    ASSERT_TRUE(script.collector.failure.has_value()) << row.name;
    EXPECT_EQ(*script.collector.failure, row.error) << row.name;
    EXPECT_EQ(script.collector.pieces, 1U) << row.name;
    EXPECT_EQ(script.node.next_deadline(), kNever) << row.name;
  }
}

TEST(Client, AnErrorInTheMiddleIsAResponse) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x"}, script.collector);
  script.answers({.block2 = Block{0, true, 2}, .payload = 64});
  script.link.run_for(50);
  script.collector.body.clear();
  script.answers({.code = Code::kNotFound, .payload = 5});
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.code, Code::kNotFound);
}

TEST(Client, ADuplicateOfAnEarlierBlockIsNotTheNext) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x"}, script.collector);
  const Message first = script.answers({.block2 = Block{0, true, 2}, .payload = 64});
  script.respond({.block2 = Block{0, true, 2}, .payload = 64}, Type::kAcknowledgement, first.message_id, first.token);
  script.respond({.block2 = Block{0, true, 2}, .payload = 64}, Type::kNonConfirmable, 0x4444, first.token);
  EXPECT_FALSE(script.collector.ended());
  EXPECT_EQ(script.collector.pieces, 1U);
  script.answers({.block2 = Block{1, false, 2}, .payload = 64});
  EXPECT_TRUE(script.collector.done);
}

TEST(Client, TheHandlerMayRefuseAPieceOrAskAnew) {
  Script script({.max_szx = 2});
  script.collector.refuse_piece = 2;
  script.node.ask({.uri = "/x"}, script.collector);
  script.answers({.block2 = Block{0, true, 2}, .payload = 64});
  script.answers({.block2 = Block{1, true, 2}, .payload = 64});
  EXPECT_EQ(script.collector.failure, Error::kStorageFull);
  EXPECT_EQ(script.unanswered(), 0U);

  struct Chain final : ClientHandler {
    Status on_response(const ClientResponse& response) noexcept override {
      if (response.last && --left > 0) {
        EXPECT_TRUE(endpoint->request({.uri = "/next"}, *this, 0).ok());
      }
      return kOk;
    }
    void on_failure(Error) noexcept override { ADD_FAILURE(); }
    Endpoint* endpoint = nullptr;
    int left = 3;
  } chain;
  chain.endpoint = &*script.node.endpoint;
  script.node.ask({.uri = "/next"}, chain);
  for (int i = 0; i < 3; ++i) script.answers({.payload = 3});
  EXPECT_EQ(chain.left, 0);
}

TEST(Client, CancelForgets) {
  Script script;
  const ExchangeId id = script.node.ask({.uri = "/x"}, script.collector);
  script.link.run_for(50);
  script.node.endpoint->cancel(id);
  script.node.endpoint->cancel(id);
  EXPECT_EQ(script.node.next_deadline(), kNever);
  Collector other;
  script.node.ask({.uri = "/y"}, other);
  script.node.endpoint->cancel(id);  // an id that has ended says nothing of its slot's next request
  script.link.run_for(200'000);
  EXPECT_FALSE(script.collector.ended());
  EXPECT_EQ(other.failure, Error::kTimeout);
}

// --- Block1 ----------------------------------------------------------------------------------------------------------

TEST(Client, SendsABodyInBlocks) {
  Script script({.max_szx = 2});
  script.collector.request_body = body_of(150);
  script.node.ask({.method = Code::kPut, .uri = "/x", .content_format = 42, .body_bytes = 150}, script.collector);
  const Message first = script.answers({.code = Code::kContinue, .block1 = Block{0, true, 2}});
  EXPECT_EQ(Script::block(first, Option::kBlock1), (Block{0, true, 2}));
  EXPECT_EQ(uint_value(find_option(first.options, Option::kSize1).value, 4).value(), 150U);
  const Message second = script.answers({.code = Code::kContinue, .block1 = Block{1, true, 2}});
  EXPECT_EQ(Script::block(second, Option::kBlock1), (Block{1, true, 2}));
  EXPECT_TRUE(equal(second.payload, ByteView{script.collector.request_body}.subspan(64, 64)));
  const Message third = script.answers({.code = Code::kChanged, .block1 = Block{2, false, 2}});
  EXPECT_EQ(Script::block(third, Option::kBlock1), (Block{2, false, 2}));
  EXPECT_EQ(third.payload.size(), 22U);
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.code, Code::kChanged);
}

TEST(Client, TakesASmallerBlockSizeFor231And413) {  // RFC 7959 2.3, 2.9.3
  for (const Code code : {Code::kContinue, Code::kRequestEntityTooLarge}) {
    Script script({.max_szx = 3});
    script.collector.request_body = body_of(300);
    script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 300}, script.collector);
    script.answers({.code = code, .block1 = Block{0, true, 1}});
    script.link.run_for(50);
    const Message next = script.peer.since(1).at(0);
    EXPECT_EQ(Script::block(next, Option::kBlock1), (code == Code::kContinue ? Block{4, true, 1} : Block{0, true, 1}));
    EXPECT_EQ(next.payload.size(), 32U);
  }
}

TEST(Client, RestartsOnceWhenTheServerLostThePieces) {
  Script script({.max_szx = 2});
  script.collector.request_body = body_of(150);
  script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 150}, script.collector);
  script.answers({.code = Code::kContinue, .block1 = Block{0, true, 2}});
  script.answers({.code = Code::kRequestEntityIncomplete});
  const Message again = script.answers({.code = Code::kContinue, .block1 = Block{0, true, 2}});
  EXPECT_EQ(Script::block(again, Option::kBlock1), (Block{0, true, 2}));
  EXPECT_FALSE(script.collector.ended());
  script.answers({.code = Code::kRequestEntityIncomplete});
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.code, Code::kRequestEntityIncomplete);
}

TEST(Client, AFinalAnswerBeforeTheLastBlockEndsTheRequest) {
  for (const Code code : {Code::kUnsupportedContentFormat, Code::kRequestEntityTooLarge, Code::kForbidden}) {
    Script script({.max_szx = 2});
    script.collector.request_body = body_of(150);
    script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 150}, script.collector);
    script.answers({.code = code});
    EXPECT_TRUE(script.collector.done);
    EXPECT_EQ(script.collector.code, code);
    EXPECT_EQ(script.unanswered(), 0U);
  }
}

TEST(Client, AnUploadThatTheServerNeverFinishesFails) {
  Script script({.max_szx = 2});
  script.collector.request_body = body_of(70);
  script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 70}, script.collector);
  script.answers({.code = Code::kContinue, .block1 = Block{0, true, 2}});
  script.answers({.code = Code::kContinue, .block1 = Block{1, false, 2}});
  EXPECT_EQ(script.collector.failure, Error::kBlockSequence);
}

TEST(Client, ResumesAnUpload) {
  Script script({.max_szx = 2});
  script.collector.request_body = body_of(150);
  script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 150, .body_offset = 128}, script.collector);
  const Message request = script.answers({.code = Code::kChanged});
  EXPECT_EQ(Script::block(request, Option::kBlock1), (Block{2, false, 2}));
  EXPECT_TRUE(equal(request.payload, ByteView{script.collector.request_body}.subspan(128)));
}

TEST(Client, ABodySourceThatFailsEndsTheRequest) {
  struct Failing final : ClientHandler {
    Status on_response(const ClientResponse&) noexcept override { return kOk; }
    void on_failure(Error error) noexcept override { failure = error; }
    std::optional<Error> failure;
  } failing;
  Script script;
  script.node.ask({.method = Code::kPut, .uri = "/x", .body_bytes = 150}, failing);
  script.link.run_for(10);
  EXPECT_EQ(failing.failure, Error::kInternal);
}

// --- observation -----------------------------------------------------------------------------------------------------

TEST(Client, OrdersNotifications) {  // RFC 7641 3.4
  struct Row {
    const char* name;
    uint32_t number;
    uint64_t later_ms;
    bool fresh;
  };
  const Row rows[] = {{"next", 101, 0, true},
                      {"same", 100, 0, false},
                      {"older", 99, 0, false},
                      {"far ahead", 100 + 0x7f'ffff, 0, true},
                      {"too far ahead is old", 100 + 0x80'0000, 0, false},
                      {"old number after 128 s", 99, 129'000, true}};
  for (const Row& row : rows) {
    Script script;
    script.node.ask({.uri = "/x", .observe = true}, script.collector);
    const Message request = script.answers({.observe = 100, .payload = 3});
    EXPECT_TRUE(find_option(request.options, Option::kObserve).value.empty());
    script.link.run_for(row.later_ms);
    script.respond({.observe = row.number, .payload = 4}, Type::kConfirmable, 0x6001, request.token);
    EXPECT_EQ(script.collector.bodies.size(), row.fresh ? 2U : 1U) << row.name;
    EXPECT_EQ(script.peer.since(1).at(0).type, Type::kAcknowledgement) << row.name;  // also of an old one
    EXPECT_FALSE(script.collector.ended());
  }
}

TEST(Client, WithoutObserveInTheResponseItIsAPlainGet) {
  Script script;
  script.node.ask({.uri = "/x", .observe = true}, script.collector);
  const Message request = script.answers({.payload = 3});
  EXPECT_TRUE(script.collector.done);
  script.respond({.observe = 1, .payload = 3}, Type::kConfirmable, 0x6001, request.token);
  EXPECT_EQ(script.peer.since(1).at(0).type, Type::kReset);
}

TEST(Client, AnErrorNotificationEndsTheObservation) {
  Script script;
  script.node.ask({.uri = "/x", .observe = true}, script.collector);
  const Message request = script.answers({.observe = 1, .payload = 3});
  script.respond({.code = Code::kNotFound}, Type::kConfirmable, 0x6001, request.token);
  EXPECT_TRUE(script.collector.done);
  EXPECT_EQ(script.collector.code, Code::kNotFound);
  EXPECT_EQ(script.node.next_deadline(), kNever);
}

TEST(Client, ACancelledObservationIsReset) {
  Script script;
  const ExchangeId id = script.node.ask({.uri = "/x", .observe = true}, script.collector);
  const Message request = script.answers({.observe = 1, .payload = 3});
  script.node.endpoint->cancel(id);
  script.respond({.observe = 2, .payload = 3}, Type::kNonConfirmable, 0x6001, request.token);
  EXPECT_EQ(script.peer.since(1).at(0).type, Type::kReset);
  EXPECT_EQ(script.collector.bodies.size(), 1U);
}

TEST(Client, FetchesTheRestOfANotification) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x", .observe = true}, script.collector);
  const Message request = script.answers({.observe = 1, .payload = 3});
  script.respond({.block2 = Block{0, true, 2}, .etag = {2}, .observe = 2, .payload = 64}, Type::kConfirmable, 0x6001,
                 request.token);
  script.skip();  // the acknowledgement
  const Message rest = script.answers({.block2 = Block{1, false, 2}, .etag = {2}, .payload = 10});
  EXPECT_FALSE(find_option(rest.options, Option::kObserve).is(Option::kObserve));
  EXPECT_FALSE(rest.token == request.token);
  ASSERT_EQ(script.collector.bodies.size(), 2U);
  EXPECT_EQ(script.collector.bodies[1].size(), 74U);
  EXPECT_FALSE(script.collector.ended());
  EXPECT_EQ(script.node.next_deadline(), kNever);
}

TEST(Client, StartsAnewWhenTheBodyChangesUnderAnObservation) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x", .observe = true}, script.collector);
  script.answers({.block2 = Block{0, true, 2}, .etag = {1}, .observe = 1, .payload = 64});
  script.answers({.block2 = Block{1, false, 2}, .etag = {2}, .payload = 10});
  const Message again = script.answers({.block2 = Block{0, true, 2}, .etag = {2}, .payload = 64});
  EXPECT_EQ(Script::block(again, Option::kBlock2), (Block{0, false, 2}));
  EXPECT_FALSE(find_option(again.options, Option::kETag).is(Option::kETag));
  script.answers({.block2 = Block{1, false, 2}, .etag = {2}, .payload = 10});
  ASSERT_EQ(script.collector.bodies.size(), 1U);
  EXPECT_EQ(script.collector.bodies[0].size(), 74U);
}

TEST(Client, ANewerNotificationReplacesAFetch) {
  Script script({.max_szx = 2});
  script.node.ask({.uri = "/x", .observe = true}, script.collector);
  const Message request = script.answers({.block2 = Block{0, true, 2}, .etag = {1}, .observe = 1, .payload = 64});
  script.link.run_for(50);
  script.skip();  // the fetch of block 1 is under way
  script.respond({.etag = {2}, .observe = 2, .payload = 20}, Type::kConfirmable, 0x6001, request.token);
  ASSERT_EQ(script.collector.bodies.size(), 1U);
  EXPECT_EQ(script.collector.bodies[0].size(), 20U);
  script.link.run_for(100'000);
  EXPECT_FALSE(script.collector.ended());
}

}  // namespace
}  // namespace tailor::coap
