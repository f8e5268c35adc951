// SPDX-License-Identifier: Apache-2.0
#include "core/coap/stateless.hpp"

#include "core/coap/endpoint_fixture.test.hpp"

namespace tailor::coap {
namespace {

class OneObject final : public ImmutableStore {
 public:
  [[nodiscard]] Result<ImmutableObject> find(std::string_view name) const noexcept override {
    if (name != "abc") return Error::kNotFound;
    return ImmutableObject{body, etag, format::kOctetStream};
  }
  std::vector<uint8_t> body = body_of(2500);
  std::vector<uint8_t> etag = {7, 7};
};

struct Question {
  const char* name;
  const char* uri = "/img/abc";
  Type type = Type::kConfirmable;
  Code code = Code::kGet;
  std::optional<Block> block2{};
  std::vector<uint8_t> etag{};
  std::optional<uint32_t> accept{};
  std::optional<uint32_t> observe{};
  bool unknown_critical = false;
};

std::vector<uint8_t> datagram_of(const Question& question) {
  std::vector<uint8_t> buffer(200);
  MessageWriter writer(buffer);
  writer.header(question.type, question.code, 0x1234, Token("aa bb"_hex));
  if (!question.etag.empty()) writer.option(Option::kETag, question.etag);
  if (question.observe) writer.option_uint(Option::kObserve, *question.observe);
  if (question.unknown_critical) writer.option(static_cast<Option>(9), {});
  writer.path(question.uri);
  writer.query(question.uri);
  if (question.accept) writer.option_uint(Option::kAccept, *question.accept);
  if (question.block2) writer.option_uint(Option::kBlock2, question.block2->value());
  buffer.resize(writer.finish().value().size());
  return buffer;
}

TEST(Stateless, LeavesToTheEndpointWhatIsNotItsBusiness) {
  const OneObject store;
  const Question rows[] = {
      {.name = "another folder", .uri = "/image/abc"},
      {.name = "folder only", .uri = "/img"},
      {.name = "deeper", .uri = "/img/abc/x"},
      {.name = "unknown object", .uri = "/img/abd"},
      {.name = "parent", .uri = "/img/.."},
      {.name = "non-confirmable", .type = Type::kNonConfirmable},
      {.name = "acknowledgement", .type = Type::kAcknowledgement},
      {.name = "another method", .code = Code::kPut},
      {.name = "response", .code = Code::kContent},
      {.name = "beyond the body", .block2 = Block{3, false, 6}},
      {.name = "another format", .accept = 60},
      {.name = "unknown critical option", .unknown_critical = true},
  };
  for (const Question& row : rows) {
    std::array<uint8_t, 1200> out{};
    EXPECT_EQ(answer_immutable(datagram_of(row), "img", store, 6, out).error(), Error::kNotFound) << row.name;
  }
  std::array<uint8_t, 1200> out{};
  EXPECT_EQ(answer_immutable("40 01 00"_hex, "img", store, 6, out).error(), Error::kNotFound);
}

TEST(Stateless, AnswersBlocks) {
  const OneObject store;
  struct Row {
    Question question;
    Block block;
    size_t size;
  };
  const Row rows[] = {
      {{.name = "no block option"}, {0, true, 6}, 1024},
      {{.name = "first", .block2 = Block{0, false, 6}}, {0, true, 6}, 1024},
      {{.name = "last", .block2 = Block{2, false, 6}}, {2, false, 6}, 452},
      {{.name = "small", .block2 = Block{156, false, 0}}, {156, false, 0}, 4},
      {{.name = "acceptable", .block2 = Block{1, false, 4}, .accept = 42}, {1, true, 4}, 256},
      {{.name = "observe is elective", .block2 = Block{1, false, 6}, .observe = 0}, {1, true, 6}, 1024},
      {{.name = "query is not looked at", .uri = "/img/abc?x=1"}, {0, true, 6}, 1024},
      {{.name = "another ETag", .etag = {1}}, {0, true, 6}, 1024},
  };
  for (const Row& row : rows) {
    std::array<uint8_t, 1200> out{};
    const Message answer = decode(answer_immutable(datagram_of(row.question), "img", store, 6, out).value()).value();
    EXPECT_EQ(answer.type, Type::kAcknowledgement) << row.question.name;
    EXPECT_EQ(answer.code, Code::kContent) << row.question.name;
    EXPECT_EQ(answer.message_id, 0x1234) << row.question.name;
    EXPECT_EQ(answer.token, Token("aa bb"_hex)) << row.question.name;
    EXPECT_EQ(Block::from_value(find_option(answer.options, Option::kBlock2).value).value(), row.block)
        << row.question.name;
    EXPECT_TRUE(equal(find_option(answer.options, Option::kETag).value, store.etag)) << row.question.name;
    EXPECT_EQ(uint_value(find_option(answer.options, Option::kSize2).value, 4).value(), 2500U) << row.question.name;
    EXPECT_TRUE(equal(answer.payload, ByteView{store.body}.subspan(row.block.offset(), row.size))) << row.question.name;
  }
}

TEST(Stateless, ValidatesAndLimits) {
  OneObject store;
  std::array<uint8_t, 1200> out{};
  const Message valid =
      decode(answer_immutable(datagram_of({.name = "", .etag = {7, 7}}), "img", store, 6, out).value()).value();
  EXPECT_EQ(valid.code, Code::kValid);
  EXPECT_TRUE(valid.payload.empty());
  const Message small = decode(answer_immutable(datagram_of({.name = ""}), "img", store, 2, out).value()).value();
  EXPECT_EQ(small.payload.size(), 64U);
  EXPECT_EQ(answer_immutable(datagram_of({.name = ""}), "img", store, 6, MutableBytes{out}.first(1040)).error(),
            Error::kDatagramTooLarge);
  store.body.clear();
  const Message empty = decode(answer_immutable(datagram_of({.name = ""}), "img", store, 6, out).value()).value();
  EXPECT_EQ(empty.code, Code::kContent);
  EXPECT_TRUE(empty.payload.empty());
}

/// A peer that is nothing but the pure function.
class StatelessParty final : public testing::Party {
 public:
  explicit StatelessParty(testing::LossyLink& link) : link_(link), address_(link.join(*this)) {}
  void on_datagram(size_t from, ByteView datagram, MonotonicMs) override {
    std::array<uint8_t, 1200> out{};
    const Result<ByteView> answer = answer_immutable(datagram, "img", store, 6, out);
    if (answer.ok()) link_.send(address_, from, answer.value());
  }
  void tick(MonotonicMs) override {}
  [[nodiscard]] MonotonicMs next_deadline() const override { return kNever; }
  OneObject store;

 private:
  testing::LossyLink& link_;
  size_t address_;
};

TEST(Stateless, AClientFetchesTheWholeOverABadLink) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    testing::LossyLink link(seed,
                            {.loss_percent = 30, .duplicate_percent = 20, .min_delay_ms = 5, .max_delay_ms = 500});
    Node client(link, 1, {.max_szx = 3, .transmission = {.max_retransmit = 12}, .seed = seed});
    StatelessParty server(link);
    Collector collector;
    client.ask({.uri = "/img/abc"}, collector);
    ASSERT_TRUE(link.run_until([&] { return collector.ended(); }, 36'000'000));
    EXPECT_EQ(collector.body, server.store.body) << seed;
    EXPECT_EQ(collector.total_bytes, 2500U);
  }
}

}  // namespace
}  // namespace tailor::coap
