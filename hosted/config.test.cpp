// SPDX-License-Identifier: Apache-2.0
#include "hosted/config.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor {
namespace {

struct Sample {
  std::string listen;
  int64_t port = 0;
  bool tls = false;
  std::vector<std::string> names;
  std::vector<std::string> servers;
};

Outcome<Sample> read(std::string_view toml) {
  TAILOR_TRY_ASSIGN(Config config, Config::parse(toml, "t.toml"));
  Sample sample;
  Config http = config.table("http");
  sample.listen = http.required_text("listen");
  sample.port = http.integer("port", 8443, 0, 65535);
  sample.tls = http.flag("tls", true);
  sample.names = http.texts("names");
  for (Config& server : config.tables("server")) sample.servers.push_back(server.required_text("url"));
  TAILOR_TRY(config.finish());
  return sample;
}

TEST(Config, LettersBeyondAsciiAreRefusedButMayBeEscaped) {
  for (const char* toml : {"\xC3\xA9 = 1", "a = 1 # \xC3\xB6", "a = \"\xE2\xB8\xAE\"",
                           "\xEF\xBB\xBF"
                           "a = 1"}) {
    const auto config = Config::parse(toml, "t.toml");
    ASSERT_FALSE(config.ok()) << toml;
    EXPECT_EQ(config.error().code, Error::kConfigMalformed);
    EXPECT_EQ(config.error().context.rfind("t.toml:1: only ASCII", 0), 0U) << config.error().context;
  }
  auto escaped = Config::parse("name = \"Gr\\u00F6\\u00DFe\"", "t.toml");
  ASSERT_TRUE(escaped.ok());
  EXPECT_EQ(escaped->text("name", ""),
            "Gr\xC3\xB6\xC3\x9F"
            "e");
}

TEST(Config, ReadsEveryTypeAndDefaults) {
  const auto sample = read(R"([http]
listen = "::1"
names = ["a", "b"]
[[server]]
url = "coaps://x"
[[server]]
url = "coaps://y"
)");
  ASSERT_TRUE(sample.ok()) << sample.error().to_text();
  EXPECT_EQ(sample->listen, "::1");
  EXPECT_EQ(sample->port, 8443);
  EXPECT_TRUE(sample->tls);
  EXPECT_EQ(sample->names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sample->servers, (std::vector<std::string>{"coaps://x", "coaps://y"}));
}

TEST(Config, ErrorsNameFileLineAndKey) {
  const struct {
    const char* toml;
    const char* context;
  } rows[] = {
      {"[http]\nlisten = \"x\"\nprot = 1\n", "t.toml:3: unknown key http.prot"},
      {"extra = 1\n[http]\nlisten = \"x\"\n", "t.toml:1: unknown key extra"},
      {"[http]\nlisten = \"x\"\n[htpp]\n", "t.toml:3: unknown key htpp"},
      {"[http]\nlisten = 5\n", "t.toml:2: http.listen is not a string"},
      {"[http]\nport = 1\n", "t.toml:1: key http.listen is missing"},
      {"[http]\nlisten = \"x\"\nport = \"y\"\n", "t.toml:3: http.port is not an integer"},
      {"[http]\nlisten = \"x\"\nport = 65536\n", "t.toml:3: http.port is not between 0 and 65535"},
      {"[http]\nlisten = \"x\"\nport = -1\n", "t.toml:3: http.port is not between 0 and 65535"},
      {"[http]\nlisten = \"x\"\ntls = \"no\"\n", "t.toml:3: http.tls is not true or false"},
      {"[http]\nlisten = \"x\"\nnames = \"a\"\n", "t.toml:3: http.names is not an array"},
      {"[http]\nlisten = \"x\"\nnames = [1]\n", "t.toml:3: http.names holds something that is no string"},
      {"http = 1\n", "t.toml:1: http is not a table"},
      {"server = 1\n[http]\nlisten = \"x\"\n", "t.toml:1: server is not an array of tables"},
      {"[http]\nlisten = \"x\"\n[[server]]\nurl = \"u\"\nulr = \"v\"\n", "t.toml:5: unknown key server.ulr"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.toml);
    const auto sample = read(row.toml);
    ASSERT_FALSE(sample.ok());
    EXPECT_EQ(sample.error().code, Error::kConfigMalformed);
    EXPECT_EQ(sample.error().context, row.context);
  }
}

TEST(Config, SyntaxErrorsCarryTheLine) {
  const auto sample = read("[http]\nlisten = \n");
  ASSERT_FALSE(sample.ok());
  EXPECT_EQ(sample.error().code, Error::kConfigMalformed);
  EXPECT_EQ(sample.error().context.rfind("t.toml:2: ", 0), 0U) << sample.error().context;
}

TEST(Config, MalformedTableHeadersAreErrorsNotAssertions) {
  for (const char* toml :
       {"[/a]\n", "[", "[[", "[]\n", "[[]]\n", "[.a]\n", "[a.]\n", "[a", "[ [a]]\n", "[[a]\n", "[=]\n"}) {
    EXPECT_EQ(Config::parse(toml, "t.toml").error().code, Error::kConfigMalformed) << toml;
  }
}

TEST(Config, CallerRefusesByItsOwnRule) {
  Config config = Config::parse("a = 1\nb = 2\n", "t.toml").value();
  EXPECT_EQ(config.integer("b", 0, 0, 9), 2);
  config.refuse("b", "must be odd");
  EXPECT_EQ(config.finish().error().context, "t.toml:2: b: must be odd");
}

TEST(Config, RelativePathsStartAtTheFile) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "c.toml", as_bytes("a = \"key.pem\"\nb = \"/etc/x\"\n")).ok());
  Config config = Config::read_file(folder / "c.toml").value();
  EXPECT_EQ(config.path("a", ""), folder / "key.pem");
  EXPECT_EQ(config.path("b", ""), "/etc/x");
  EXPECT_EQ(config.path("c", ""), "");
  EXPECT_TRUE(config.finish().ok());
  EXPECT_EQ(Config::read_file(folder / "none").error().code, Error::kNotFound);
}

TEST(Config, ReadsTheSameAsJson) {
  auto config = Config::parse_json(R"({"name": "caf\u00e9", "count": 3, "on": true, "list": ["a", "b"],
                                       "inner": {"x": 1}, "many": [{"y": 2}]})",
                                   "d.json", "/folder")
                    .value();
  EXPECT_EQ(config.text("name", ""), "caf\xC3\xA9");
  EXPECT_EQ(config.integer("count", 0, 0, 9), 3);
  EXPECT_TRUE(config.flag("on", false));
  EXPECT_EQ(config.texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.table("inner").integer("x", 0, 0, 9), 1);
  EXPECT_EQ(config.tables("many").at(0).integer("y", 0, 0, 9), 2);
  EXPECT_EQ(config.path("nowhere", "file"), std::filesystem::path("/folder/file"));
  EXPECT_TRUE(config.finish().ok());
}

TEST(Config, JsonThatIsNoConfigurationIsRefused) {
  for (const char* text : {"", "[]", "{", "{\"a\": null}", "{\"a\": 1.5}", "{\"a\": 9223372036854775808}",
                           "{\"a\": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"}) {
    const auto config = Config::parse_json(text, "d.json", "");
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_EQ(config.error().code, Error::kConfigMalformed) << text;
  }
  auto config = Config::parse_json(R"({"a": {"unknown": 1}})", "d.json", "").value();
  (void)config.table("a");
  EXPECT_EQ(config.finish().error().context, "d.json: unknown key a.unknown");
}

}  // namespace
}  // namespace tailor
