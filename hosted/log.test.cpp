// SPDX-License-Identifier: Apache-2.0
#include "hosted/log.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor {
namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream in(read_text_file(path).value());
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class LogTest : public testing::Test {
 protected:
  void use(LogFormat format, LogLevel level = LogLevel::kInfo) {
    ASSERT_TRUE(configure_log({level, format, folder_ / "log"}).ok());
  }
  void TearDown() override { ASSERT_TRUE(configure_log({}).ok()); }
  TemporaryFolder folder_;
};

TEST_F(LogTest, TextLineQuotesWhatCouldBeMisread) {
  use(LogFormat::kText);
  log(LogLevel::kInfo, "ca", "issued", {{"id", "abc"}, {"n", 7}, {"who", "a b\nforged line"}});
  const auto lines = lines_of(folder_ / "log");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("Z info ca: issued id=abc n=7 who=\"a b\\nforged line\""), std::string::npos) << lines[0];
}

TEST_F(LogTest, JsonLineIsOneObjectWithNumbersAsNumbers) {
  use(LogFormat::kJson);
  log(LogLevel::kError, "http", "bad \"thing\"", {{"port", 8443}, {"error", Error::kTimeout}, {"raw", "\xff"}});
  const auto lines = lines_of(folder_ / "log");
  ASSERT_EQ(lines.size(), 1U);
  const auto json = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(json["level"], "error");
  EXPECT_EQ(json["message"], "bad \"thing\"");
  EXPECT_EQ(json["port"], 8443);
  EXPECT_EQ(json["error"], "Timeout");
}

TEST_F(LogTest, LevelsBelowTheConfiguredOneAreDropped) {
  use(LogFormat::kText, LogLevel::kWarning);
  log(LogLevel::kInfo, "x", "quiet");
  log_failure("x", "loud", fail(Error::kDiskFull, "/var"));
  const auto lines = lines_of(folder_ / "log");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("loud error=DiskFull context=/var"), std::string::npos);
}

TEST_F(LogTest, ThreadsDoNotMixLines) {
  use(LogFormat::kJson);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 50; ++i) log(LogLevel::kInfo, "t", "line", {{"t", t}, {"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = lines_of(folder_ / "log");
  EXPECT_EQ(lines.size(), 200U);
  for (const auto& line : lines) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(LogConfig, TextsOfLevelsAndFormats) {
  EXPECT_EQ(log_level_from_text("debug").value(), LogLevel::kDebug);
  EXPECT_EQ(log_format_from_text("json").value(), LogFormat::kJson);
  EXPECT_EQ(log_level_from_text("loud").error().code, Error::kConfigMalformed);
  EXPECT_EQ(log_format_from_text("xml").error().code, Error::kConfigMalformed);
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "file", as_bytes("no folder")).ok());
  const auto status = configure_log({.file = folder / "file/log"});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Error::kFileFailed);
}

}  // namespace
}  // namespace tailor
