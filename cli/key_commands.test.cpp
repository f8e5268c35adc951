// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

TEST(KeyCommands, GenerateWritesAPairThatShowKnows) {
  const TemporaryFolder folder;
  const std::string key = (folder / "author.key").string(), open = (folder / "author.pub").string();
  const Finished made = run_tailor({"key", "generate", "-o", key, "--json"});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const auto document = nlohmann::json::parse(made.out);
  EXPECT_EQ(document["file"], key);
  EXPECT_EQ(document["public_file"], open);

  struct stat status {};
  ASSERT_EQ(stat(key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  for (const std::string& file : {key, open}) {
    const Finished shown = run_tailor({"key", "show", file, "--json"});
    ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
    const auto seen = nlohmann::json::parse(shown.out);
    EXPECT_EQ(seen["thumbprint"], document["thumbprint"]);
    EXPECT_EQ(seen["thumbprint"].get<std::string>().size(), 64U);
    EXPECT_EQ(shown.out.find("PRIVATE"), std::string::npos);
  }
}

TEST(KeyCommands, NeverOverwritesAKey) {
  const TemporaryFolder folder;
  const std::string key = (folder / "a.key").string();
  ASSERT_EQ(run_tailor({"keygen", "-o", key}).code, ExitCode::kOk);
  const auto before = read_file(key).value();
  const Finished again = run_tailor({"keygen", "-o", key});
  EXPECT_EQ(again.code, ExitCode::kRefused);
  EXPECT_NE(again.err.find("tailor: AlreadyExists: "), std::string::npos) << again.err;
  EXPECT_EQ(read_file(key).value(), before);
  EXPECT_EQ(run_tailor({"keygen", "-o", (folder / "b.pub").string()}).code, ExitCode::kUnusable);
}

TEST(KeyCommands, ShowRefusesWhatIsNoKey) {
  const TemporaryFolder folder;
  const auto file = folder / "noise";
  for (const std::string& content : {std::string(), std::string("hello"), std::string("\xa1\x01\x02"),
                                     std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
                                     std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    ASSERT_TRUE(write_file(file, as_bytes(content)).ok());
    const Finished shown = run_tailor({"key", "show", file.string()});
    EXPECT_EQ(shown.code, ExitCode::kUnusable) << content << shown.err;
    EXPECT_NE(shown.err.find(file.string()), std::string::npos) << shown.err;
  }
  const Finished missing = run_tailor({"key", "show", (folder / "none").string()});
  EXPECT_EQ(missing.code, ExitCode::kUnusable);
  EXPECT_NE(missing.err.find("tailor: FileFailed: "), std::string::npos) << missing.err;
}

}  // namespace
}  // namespace tailor::cli
