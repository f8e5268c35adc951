// SPDX-License-Identifier: Apache-2.0
#include "core/coap/link_format.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/coap/message.hpp"

namespace tailor::coap {
namespace {

constexpr Resource kTable[] = {
    {.path = "reg", .methods = kAllowPost, .type = "tailor.reg"},
    {.path = "update", .methods = kAllowGet, .type = "tailor.update core.s", .produces = 65000, .observable = true},
    {.path = "img/*", .methods = kAllowGet, .type = "tailor.img", .produces = 42},
    {.path = "secret", .methods = kAllowGet, .type = "tailor.secret", .hidden = true},
    {.path = "plain", .methods = kAllowGet, .produces = 0},
};

std::string links(const char* query, std::span<const Resource> table = kTable) {
  std::array<uint8_t, 100> buffer{};
  MessageWriter writer(buffer);
  writer.header(Type::kConfirmable, Code::kGet, 1, Token{});
  writer.query(query);
  const Message message = decode(writer.finish().value()).value();
  LinkFormat format(table, OptionList(message.options, Option::kUriQuery));
  std::vector<uint8_t> out(format.size());
  EXPECT_EQ(format.read(0, out).value(), out.size());
  // Every other way to cut it gives the same.
  for (size_t step = 1; step <= 17; step += 4) {
    std::vector<uint8_t> pieces;
    std::vector<uint8_t> piece(step);
    while (true) {
      const size_t count = format.read(static_cast<uint32_t>(pieces.size()), piece).value();
      pieces.insert(pieces.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
      if (count < step) break;
    }
    EXPECT_EQ(pieces, out);
  }
  return {out.begin(), out.end()};
}

TEST(LinkFormat, ListsAndFilters) {
  struct Row {
    const char* query;
    const char* links;
  };
  const char* const kReg = "</reg>;rt=\"tailor.reg\"";
  const char* const kUpdate = "</update>;rt=\"tailor.update core.s\";ct=65000;obs";
  const char* const kImg = "</img>;rt=\"tailor.img\";ct=42";
  const std::string all = std::string(kReg) + "," + kUpdate + "," + kImg + ",</plain>;ct=0";
  const std::string types = std::string(kReg) + "," + kUpdate + "," + kImg;
  const Row rows[] = {
      {"", all.c_str()},         {"?rt=tailor.reg", kReg},   {"?rt=tailor.*", types.c_str()},
      {"?rt=*", types.c_str()},  {"?rt=core.s", kUpdate},    {"?rt=tailor", ""},
      {"?rt=tailor.secret", ""}, {"?href=/update", kUpdate}, {"?href=/u*", kUpdate},
      {"?href=/img", kImg},      {"?href=/none", ""},        {"?rt=tailor.*&href=/reg", kReg},
      {"?if=x", all.c_str()},
  };
  for (const Row& row : rows) EXPECT_EQ(links(row.query), row.links) << row.query;
  EXPECT_EQ(links("", {}), "");
}

}  // namespace
}  // namespace tailor::coap
