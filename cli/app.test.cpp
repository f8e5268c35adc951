// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/testing.hpp"

namespace tailor::cli {
namespace {

TEST(App, UsageErrorsEndWithTwoAndNameTheProblem) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } rows[] = {
      {{}, "UsageInvalid: A subcommand is required"},
      {{"nonsense"}, "UsageInvalid: no command 'nonsense'"},
      {{"version", "extra"}, "UsageInvalid: The following argument was not expected: extra"},
      {{"version", "--nonsense"}, "--nonsense"},
  };
  for (const auto& row : rows) {
    const Finished done = run_tailor(row.arguments);
    EXPECT_EQ(done.code, ExitCode::kUnusable);
    EXPECT_NE(done.err.find(row.says), std::string::npos) << done.err;
    EXPECT_EQ(done.out, "");
  }
}

TEST(App, HelpIsForStandardOutput) {
  const Finished done = run_tailor({"--help"});
  EXPECT_EQ(done.code, ExitCode::kOk);
  EXPECT_NE(done.out.find("Exit codes:"), std::string::npos);
  EXPECT_EQ(done.err, "");
}

TEST(App, JsonMayStandBeforeAndAfterTheCommand) {
  const Finished before = run_tailor({"--json", "version"});
  const Finished after = run_tailor({"version", "--json"});
  EXPECT_EQ(before.code, ExitCode::kOk);
  EXPECT_EQ(before.out.front(), '{');
  EXPECT_EQ(before.out, after.out);
}

TEST(App, ExitCodesFollowTheClassOfTheError) {
  EXPECT_EQ(exit_code_of(Error::kCborMalformed), ExitCode::kUnusable);
  EXPECT_EQ(exit_code_of(Error::kUsageInvalid), ExitCode::kUnusable);
  EXPECT_EQ(exit_code_of(Error::kConfigMalformed), ExitCode::kUnusable);
  EXPECT_EQ(exit_code_of(Error::kFileFailed), ExitCode::kUnusable);
  EXPECT_EQ(exit_code_of(Error::kSignatureInvalid), ExitCode::kRefused);
  EXPECT_EQ(exit_code_of(Error::kPeerRefused), ExitCode::kRefused);
  EXPECT_EQ(exit_code_of(Error::kTimeout), ExitCode::kRefused);
}

}  // namespace
}  // namespace tailor::cli
