// SPDX-License-Identifier: Apache-2.0
// The server half: what the framework answers by itself, assembly of bodies, blocks of responses, deferral.
#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

struct Ask {
  const char* name = "";
  const char* uri = "/shelf";
  Code code = Code::kGet;
  Type type = Type::kConfirmable;
  std::optional<Block> block1{};
  std::optional<Block> block2{};
  std::optional<uint32_t> accept{};
  std::optional<uint32_t> content_format{};
  std::optional<uint32_t> size1{};
  std::optional<uint32_t> observe{};
  std::vector<uint8_t> etag{};
  std::vector<uint8_t> payload{};
  bool proxy = false;
};

class Desk {
 public:
  explicit Desk(NodeSetup setup = {}) : link(1), node(link, 1, setup), peer(link) {}
  std::vector<uint8_t> datagram(const Ask& ask) {
    std::vector<uint8_t> buffer(1300);
    MessageWriter writer(buffer);
    writer.header(ask.type, ask.code, ++message_id, Token("c0 de"_hex));
    if (!ask.etag.empty()) writer.option(Option::kETag, ask.etag);
    if (ask.observe) writer.option_uint(Option::kObserve, *ask.observe);
    writer.path(ask.uri);
    if (ask.content_format) writer.option_uint(Option::kContentFormat, *ask.content_format);
    writer.query(ask.uri);
    if (ask.accept) writer.option_uint(Option::kAccept, *ask.accept);
    if (ask.block2) writer.option_uint(Option::kBlock2, ask.block2->value());
    if (ask.block1) writer.option_uint(Option::kBlock1, ask.block1->value());
    if (ask.proxy) writer.option(Option::kProxyUri, as_bytes("coap://x/"));
    if (ask.size1) writer.option_uint(Option::kSize1, *ask.size1);
    writer.payload(ask.payload);
    buffer.resize(writer.finish().value().size());
    return buffer;
  }
  /// Asks and expects one answer.
  Message ask(const Ask& question) {
    const auto answers = peer.exchange(datagram(question));
    EXPECT_EQ(answers.size(), 1U) << question.name;
    return answers.empty() ? Message{} : answers[0];
  }
  static std::optional<uint32_t> number(const Message& message, Option option) {
    const OptionView view = find_option(message.options, option);
    if (!view.is(option)) return {};
    return uint_value(view.value, 4).value();
  }
  static std::optional<Block> block(const Message& message, Option option) {
    const OptionView view = find_option(message.options, option);
    if (!view.is(option)) return {};
    return Block::from_value(view.value).value();
  }

  testing::LossyLink link;
  Node node;
  RawPeer peer;
  uint16_t message_id = 0x100;
};

TEST(Server, AnswersWhatTheFrameworkKnows) {
  struct Row {
    Ask ask;
    Code code;
    const char* diagnostic;
  };
  const Row rows[] = {
      {{.name = "no such path", .uri = "/none"}, Code::kNotFound, "NotFound"},
      {{.name = "root", .uri = "/"}, Code::kNotFound, "NotFound"},
      {{.name = "prefix of a path", .uri = "/img"}, Code::kNotFound, "NotFound"},
      {{.name = "longer path", .uri = "/shelf/x"}, Code::kNotFound, "NotFound"},
      {{.name = "parent", .uri = "/img/.."}, Code::kBadOption, "CriticalOptionUnknown"},
      {{.name = "escaped slash is no separator", .uri = "/img%2Fx"}, Code::kNotFound, "NotFound"},
      {{.name = "method", .code = Code::kDelete}, Code::kMethodNotAllowed, "MethodNotAllowed"},
      {{.name = "method of tomorrow", .code = static_cast<Code>(31)}, Code::kMethodNotAllowed, "MethodNotAllowed"},
      {{.name = "accept", .uri = "/img/x", .accept = 60}, Code::kNotAcceptable, "NotAcceptable"},
      {{.name = "content format", .uri = "/limited", .code = Code::kPut, .content_format = 60, .payload = {1}},
       Code::kUnsupportedContentFormat,
       "UnsupportedContentFormat"},
      {{.name = "no content format", .uri = "/limited", .code = Code::kPut, .payload = {1}},
       Code::kUnsupportedContentFormat,
       "UnsupportedContentFormat"},
      {{.name = "proxy", .proxy = true}, Code::kProxyingNotSupported, ""},
      {{.name = "SZX 7", .block2 = Block{0, false, 7}}, Code::kBadRequest, "CoapMalformed"},
      {{.name = "list of resources is for GET", .uri = "/.well-known/core", .code = Code::kPut},
       Code::kMethodNotAllowed,
       "MethodNotAllowed"},
  };
  for (const Row& row : rows) {
    Desk desk;
    const Message answer = desk.ask(row.ask);
    EXPECT_EQ(answer.type, Type::kAcknowledgement) << row.ask.name;
    EXPECT_EQ(answer.message_id, desk.message_id) << row.ask.name;
    EXPECT_EQ(answer.token, Token("c0 de"_hex)) << row.ask.name;
    EXPECT_EQ(answer.code, row.code) << row.ask.name;
    EXPECT_EQ(as_text(answer.payload), row.diagnostic) << row.ask.name;
    EXPECT_EQ(desk.node.shelf.calls, 0U) << row.ask.name;
  }
}

TEST(Server, HandlerSeesPathAndQueryAndItsErrorsAreDiagnosed) {
  Desk desk;
  desk.node.shelf.answer_error = Error::kUpdateInProgress;
  const Message answer = desk.ask({.uri = "/img/abc?x=1"});
  EXPECT_EQ(desk.node.shelf.last_path, "abc");
  EXPECT_EQ(desk.node.shelf.last_query, "x=1");
  EXPECT_EQ(answer.code, Code::kServiceUnavailable);
  EXPECT_EQ(as_text(answer.payload), "UpdateInProgress: as the test says");
  EXPECT_FALSE(Desk::number(answer, Option::kContentFormat).has_value());
}

TEST(Server, NonConfirmableIsAnsweredInKind) {
  Desk desk;
  const Message answer = desk.ask({.type = Type::kNonConfirmable});
  EXPECT_EQ(answer.type, Type::kNonConfirmable);
  EXPECT_EQ(answer.code, Code::kContent);
  EXPECT_EQ(answer.token, Token("c0 de"_hex));
}

TEST(Server, ListsItsResources) {
  Desk desk({.max_szx = 1});
  std::string links;
  Block block{0, false, 1};
  while (true) {
    const Message answer = desk.ask({.uri = "/.well-known/core", .block2 = block});
    ASSERT_EQ(answer.code, Code::kContent);
    EXPECT_EQ(Desk::number(answer, Option::kContentFormat), 40U);
    links += as_text(answer.payload);
    if (!Desk::block(answer, Option::kBlock2)->more) break;
    ++block.number;
  }
  EXPECT_EQ(links, "</shelf>;rt=\"test.shelf\",</limited>,</img>;ct=42,</state>;obs");
  EXPECT_EQ(as_text(desk.ask({.uri = "/.well-known/core?rt=test.*"}).payload), "</shelf>;rt=\"test.shelf\"");
}

TEST(Server, ServesBlocksOfABody) {
  for (const bool from_source : {false, true}) {
    Desk desk({.max_szx = 3});
    MemorySource source;
    source.body = body_of(300);
    desk.node.shelf.content = source.body;
    desk.node.shelf.etag = {5, 6};
    desk.node.shelf.max_age_s = 7;
    if (from_source) desk.node.shelf.source = &source;
    struct Row {
      std::optional<Block> asked;
      Block given;
      size_t size;
    };
    const Row rows[] = {{{}, {0, true, 3}, 128},
                        {Block{0, false, 6}, {0, true, 3}, 128},
                        {Block{1, false, 3}, {1, true, 3}, 128},
                        {Block{2, false, 3}, {2, false, 3}, 44},
                        {Block{18, false, 0}, {18, false, 0}, 12}};
    for (const Row& row : rows) {
      const Message answer = desk.ask({.block2 = row.asked});
      EXPECT_EQ(answer.code, Code::kContent);
      EXPECT_EQ(Desk::block(answer, Option::kBlock2), row.given);
      EXPECT_EQ(Desk::number(answer, Option::kSize2), 300U);
      EXPECT_EQ(Desk::number(answer, Option::kMaxAge), 7U);
      EXPECT_EQ(Desk::number(answer, Option::kETag), 0x0506U);
      EXPECT_TRUE(equal(answer.payload, ByteView{source.body}.subspan(row.given.offset(), row.size)));
    }
    EXPECT_EQ(desk.ask({.block2 = Block{3, false, 3}}).code, Code::kBadRequest);
    EXPECT_EQ(desk.ask({.block2 = Block{Block::kMaxNumber, false, 6}}).code, Code::kBadRequest);
    EXPECT_EQ(source.released, from_source ? std::size(rows) + 2 : 0U);
    EXPECT_EQ(desk.ask({.etag = {5, 6}}).code, Code::kValid);
    EXPECT_EQ(desk.node.memory.used, 0U);
  }
}

TEST(Server, ASmallBodyNeedsNoBlocks) {
  Desk desk;
  desk.node.shelf.content = body_of(1024);
  const Message whole = desk.ask({});
  EXPECT_EQ(whole.payload.size(), 1024U);
  EXPECT_FALSE(Desk::block(whole, Option::kBlock2).has_value());
  desk.node.shelf.content = body_of(1025);
  EXPECT_TRUE(Desk::block(desk.ask({}), Option::kBlock2)->more);
  desk.node.shelf.content.clear();
  EXPECT_TRUE(desk.ask({.block2 = Block{0, false, 6}}).payload.empty());
}

// --- Block1 ----------------------------------------------------------------------------------------------------------

TEST(Server, AssemblesABody) {
  Desk desk;
  const auto body = body_of(150);
  const auto piece = [&](size_t offset, size_t size) {
    return std::vector<uint8_t>(body.begin() + static_cast<std::ptrdiff_t>(offset),
                                body.begin() + static_cast<std::ptrdiff_t>(offset + size));
  };
  const Message first = desk.ask({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = piece(0, 64)});
  EXPECT_EQ(first.code, Code::kContinue);
  EXPECT_EQ(Desk::block(first, Option::kBlock1), (Block{0, true, 2}));
  EXPECT_TRUE(first.payload.empty());
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{1, true, 2}, .payload = piece(64, 64)}).code,
            Code::kContinue);
  const Message last = desk.ask({.code = Code::kPut, .block1 = Block{2, false, 2}, .payload = piece(128, 22)});
  EXPECT_EQ(last.code, Code::kChanged);
  EXPECT_EQ(Desk::block(last, Option::kBlock1), (Block{2, false, 2}));
  ASSERT_EQ(desk.node.shelf.bodies.size(), 1U);
  EXPECT_EQ(desk.node.shelf.bodies[0], body);
}

TEST(Server, AsksForSmallerBlocks) {
  Desk desk({.max_szx = 2});
  const Message first = desk.ask({.code = Code::kPut, .block1 = Block{0, true, 6}, .payload = body_of(1024)});
  EXPECT_EQ(Desk::block(first, Option::kBlock1), (Block{0, true, 2}));
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{16, false, 2}, .payload = {1}}).code, Code::kChanged);
  EXPECT_EQ(desk.node.shelf.bodies.at(0).size(), 1025U);
}

TEST(Server, RefusesPiecesThatDoNotFit) {
  struct Row {
    Ask ask;
    Code code;
  };
  const Row rows[] = {
      {{.name = "gap", .block1 = Block{2, true, 2}, .payload = body_of(64)}, Code::kRequestEntityIncomplete},
      {{.name = "again", .block1 = Block{0, true, 2}, .payload = body_of(64)}, Code::kContinue},
      {{.name = "short", .block1 = Block{1, true, 2}, .payload = body_of(63)}, Code::kBadRequest},
      {{.name = "empty", .block1 = Block{1, true, 2}}, Code::kBadRequest},
      {{.name = "long last", .block1 = Block{1, false, 2}, .payload = body_of(65)}, Code::kBadRequest},
      {{.name = "another path",
        .uri = "/limited",
        .block1 = Block{1, true, 2},
        .content_format = 42,
        .payload = body_of(64)},
       Code::kRequestEntityIncomplete},
      {{.name = "another query", .uri = "/shelf?x", .block1 = Block{2, true, 2}, .payload = body_of(64)},
       Code::kRequestEntityIncomplete},
  };
  for (Row row : rows) {
    Desk desk;
    ASSERT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)}).code,
              Code::kContinue);
    if (std::string_view(row.ask.name).substr(0, 7) == "another") desk.node.shelf.received.clear();
    row.ask.code = Code::kPut;
    EXPECT_EQ(desk.ask(row.ask).code, row.code) << row.ask.name;
    // The transfer is as it was: the piece that was due still fits.
    if (std::string_view(row.ask.name).substr(0, 7) == "another") desk.node.shelf.received = body_of(64);
    EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{1, false, 2}, .payload = body_of(3)}).code, Code::kChanged)
        << row.ask.name;
  }
}

TEST(Server, RefusesBodiesBeyondTheLimit) {
  struct Row {
    Ask ask;
    Code code;
  };
  const Row rows[] = {
      {{.name = "at the limit", .payload = body_of(600)}, Code::kChanged},
      {{.name = "one past", .payload = body_of(601)}, Code::kRequestEntityTooLarge},
      {{.name = "announced at the limit", .block1 = Block{0, true, 2}, .size1 = 600, .payload = body_of(64)},
       Code::kContinue},
      {{.name = "announced one past", .block1 = Block{0, true, 2}, .size1 = 601, .payload = body_of(64)},
       Code::kRequestEntityTooLarge},
      {{.name = "piece beyond", .block1 = Block{9, true, 2}, .payload = body_of(64)}, Code::kRequestEntityTooLarge},
      {{.name = "far beyond", .block1 = Block{Block::kMaxNumber, true, 6}, .payload = body_of(1024)},
       Code::kRequestEntityTooLarge},
  };
  for (Row row : rows) {
    Desk desk;
    row.ask.uri = "/limited";
    row.ask.code = Code::kPut;
    row.ask.content_format = 42;
    const Message answer = desk.ask(row.ask);
    EXPECT_EQ(answer.code, row.code) << row.ask.name;
    if (row.code == Code::kRequestEntityTooLarge) {
      EXPECT_EQ(Desk::number(answer, Option::kSize1), 600U) << row.ask.name;
      EXPECT_EQ(desk.node.shelf.calls, 0U) << row.ask.name;
    }
  }
}

TEST(Server, AHandlersErrorEndsTheTransfer) {
  Desk desk;
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)}).code, Code::kContinue);
  desk.node.shelf.answer_error = Error::kSignatureInvalid;
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{1, true, 2}, .payload = body_of(64)}).code,
            Code::kBadRequest);
  desk.node.shelf.answer_error.reset();
  desk.node.shelf.received.clear();
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{2, true, 2}, .payload = body_of(64)}).code,
            Code::kRequestEntityIncomplete);
  EXPECT_EQ(desk.node.shelf.abandonments, 0U);
}

TEST(Server, AnUnfinishedBodyIsAbandoned) {
  Desk desk;
  desk.ask({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)});
  desk.link.run_for(92'000);
  EXPECT_EQ(desk.node.shelf.abandonments, 0U);
  desk.link.run_for(2000);
  EXPECT_EQ(desk.node.shelf.abandonments, 1U);
  desk.ask({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)});
  desk.node.endpoint->close(Error::kSessionClosed);
  EXPECT_EQ(desk.node.shelf.abandonments, 2U);
}

TEST(Server, ALateDuplicateOfTheFirstPieceDoesNotStartAnew) {
  Desk desk;
  const auto first = desk.datagram({.code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)});
  desk.peer.exchange(first);
  for (uint32_t i = 1; i <= 5; ++i) {
    desk.ask({.code = Code::kPut, .block1 = Block{i, true, 2}, .payload = body_of(64)});
  }
  EXPECT_TRUE(desk.peer.exchange(first).empty());
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{6, false, 2}, .payload = body_of(64)}).code, Code::kChanged);
  EXPECT_EQ(desk.node.shelf.bodies.at(0).size(), 7U * 64);
}

TEST(Server, AHandlerMayTakeUpAnInterruptedBody) {
  Desk desk;
  desk.node.shelf.received = body_of(128);
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{1, true, 2}, .payload = body_of(64)}).code,
            Code::kRequestEntityIncomplete);
  EXPECT_EQ(desk.ask({.code = Code::kPut, .block1 = Block{2, false, 2}, .payload = body_of(64)}).code, Code::kChanged);
  EXPECT_EQ(desk.node.shelf.bodies.at(0).size(), 192U);
}

TEST(Server, MoreTransfersThanSlotsAreToldToWait) {
  Desk desk;  // three slots
  const char* const uris[] = {"/shelf?a", "/shelf?b", "/shelf?c", "/shelf?d"};
  for (int i = 0; i < 4; ++i) {
    desk.node.shelf.received.clear();
    EXPECT_EQ(desk.ask({.uri = uris[i], .code = Code::kPut, .block1 = Block{0, true, 2}, .payload = body_of(64)}).code,
              i < 3 ? Code::kContinue : Code::kServiceUnavailable);
  }
}

// --- bodies of other responses, deferral -----------------------------------------------------------------------------

TEST(Server, KeepsTheBodyThatAPostAnswers) {
  Desk desk({.max_szx = 2});
  desk.node.shelf.write_response = body_of(150);
  const auto whole = desk.node.shelf.write_response;
  const Message first = desk.ask({.code = Code::kPost});
  EXPECT_EQ(Desk::block(first, Option::kBlock2), (Block{0, true, 2}));
  EXPECT_EQ(Desk::number(first, Option::kSize2), 150U);
  desk.node.shelf.write_response = {1};
  const Message second = desk.ask({.code = Code::kPost, .block2 = Block{1, false, 2}});
  EXPECT_TRUE(equal(second.payload, ByteView{whole}.subspan(64, 64)));
  EXPECT_EQ(second.code, Code::kChanged);
  const Message third = desk.ask({.code = Code::kPost, .block2 = Block{2, false, 2}});
  EXPECT_TRUE(equal(third.payload, ByteView{whole}.subspan(128)));
  EXPECT_EQ(desk.node.shelf.calls, 1U);
  EXPECT_EQ(desk.ask({.uri = "/shelf?other", .code = Code::kPost, .block2 = Block{1, false, 2}}).code,
            Code::kRequestEntityIncomplete);
  desk.link.run_for(250'000);
  EXPECT_EQ(desk.ask({.code = Code::kPost, .block2 = Block{1, false, 2}}).code, Code::kRequestEntityIncomplete);
  EXPECT_EQ(desk.node.shelf.calls, 1U);
}

TEST(Server, AnswersLater) {
  for (const bool confirmable : {true, false}) {
    Desk desk;
    desk.node.shelf.defer_next = true;
    const auto post = desk.datagram(
        {.code = Code::kPost, .type = confirmable ? Type::kConfirmable : Type::kNonConfirmable, .payload = {1}});
    const auto at_once = desk.peer.exchange(post);
    ASSERT_EQ(at_once.size(), confirmable ? 1U : 0U);
    if (confirmable) {
      EXPECT_EQ(at_once[0].code, Code::kEmpty);
      EXPECT_EQ(desk.peer.exchange(post).at(0).code, Code::kEmpty);  // a duplicate in the meantime
    }
    EXPECT_EQ(desk.node.shelf.calls, 1U);
    const size_t before = desk.peer.heard.size();
    Result<Response> response = desk.node.endpoint->begin_response(*desk.node.shelf.deferred);
    ASSERT_TRUE(response.ok());
    response->set_code(Code::kCreated);
    response->set_location("shelf/1");
    EXPECT_TRUE(desk.node.endpoint->finish_response(*desk.node.shelf.deferred, *response, desk.link.now()).ok());
    desk.link.run_for(20);
    const auto later = desk.peer.since(before);
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later[0].type, confirmable ? Type::kConfirmable : Type::kNonConfirmable);
    EXPECT_EQ(later[0].code, Code::kCreated);
    EXPECT_EQ(later[0].token, Token("c0 de"_hex));
    EXPECT_TRUE(OptionList(later[0].options, Option::kLocationPath).matches("shelf/1"));
    EXPECT_EQ(desk.node.endpoint->begin_response(*desk.node.shelf.deferred).error(), Error::kNotFound);
  }
}

TEST(Server, ADeferredGetKeepsItsBody) {
  testing::LossyLink link(1);
  Node client(link, 1);
  Node server(link, 0);
  server.shelf.defer_next = true;
  Collector collector;
  client.ask({.uri = "/shelf"}, collector);
  link.run_for(100);
  const auto body = body_of(3000);
  Response response = server.endpoint->begin_response(*server.shelf.deferred).value();
  response.set_code(Code::kContent);
  response.set_payload(body, 42);
  ASSERT_TRUE(server.endpoint->finish_response(*server.shelf.deferred, response, link.now()).ok());
  link.run_for(1000);
  EXPECT_TRUE(collector.done);
  EXPECT_EQ(collector.body, body);
  EXPECT_EQ(server.shelf.calls, 1U);
}

TEST(Server, APieceMayBeDeferredToSlowTheSenderDown) {
  testing::LossyLink link(1);
  Node client(link, 1, {.max_szx = 2});
  Node server(link, 0, {.max_szx = 2});
  server.shelf.defer_next = true;
  Collector collector;
  collector.request_body = body_of(150);
  client.ask({.method = Code::kPut, .uri = "/shelf", .body_bytes = 150}, collector);
  for (const Code code : {Code::kChanged, Code::kChanged, Code::kCreated}) {
    link.run_for(5000);
    Response response = server.endpoint->begin_response(*server.shelf.deferred).value();
    response.set_code(code);
    ASSERT_TRUE(server.endpoint->finish_response(*server.shelf.deferred, response, link.now()).ok());
  }
  link.run_for(1000);
  EXPECT_EQ(server.shelf.calls, 3U);
  EXPECT_TRUE(collector.done);
  EXPECT_EQ(collector.code, Code::kCreated);
}

TEST(Server, DeferralNeedsASlot) {
  Desk desk;
  desk.node.shelf.defer_next = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(desk.ask({}).code, Code::kEmpty);
  EXPECT_EQ(desk.ask({}).code, Code::kServiceUnavailable);
}

TEST(Server, LaterAnswersWaitForTheirTurn) {
  Desk desk;
  desk.node.shelf.defer_next = true;
  std::vector<ExchangeId> ids;
  for (int i = 0; i < 2; ++i) {
    desk.ask({});
    ids.push_back(*desk.node.shelf.deferred);
  }
  const size_t before = desk.peer.heard.size();
  for (const ExchangeId id : ids) {
    Response response = desk.node.endpoint->begin_response(id).value();
    response.set_code(Code::kContent);
    ASSERT_TRUE(desk.node.endpoint->finish_response(id, response, desk.link.now()).ok());
  }
  desk.link.run_for(50);
  auto heard = desk.peer.since(before);
  ASSERT_EQ(heard.size(), 1U);
  const std::vector<uint8_t> acknowledgement = {0x60, 0, static_cast<uint8_t>(heard[0].message_id >> 8U),
                                                static_cast<uint8_t>(heard[0].message_id)};
  EXPECT_EQ(desk.peer.exchange(acknowledgement).size(), 1U);
}

TEST(Server, ALocationThatIsTooLongIsAnError) {
  Desk desk;
  desk.node.shelf.location = std::string(Response::kLocationBytes, 'x');
  EXPECT_EQ(desk.ask({.code = Code::kPost}).code, Code::kChanged);
  desk.node.shelf.location += 'x';
  EXPECT_EQ(desk.ask({.code = Code::kPost}).code, Code::kInternalServerError);
}

}  // namespace
}  // namespace tailor::coap
