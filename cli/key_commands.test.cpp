// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/encoding.hpp"
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
  // A public key in the way keeps the private one from being written, too.
  ASSERT_TRUE(write_file(folder / "c.pub", as_bytes("mine")).ok());
  for (const char* type : {"p256", "ed25519"}) {
    EXPECT_EQ(run_tailor({"keygen", "--type", type, "-o", (folder / "c.key").string()}).code, ExitCode::kRefused);
    EXPECT_FALSE(std::filesystem::exists(folder / "c.key"));
    EXPECT_FALSE(std::filesystem::exists(folder / "c.key.new"));
  }
}

TEST(KeyCommands, MakesEveryKindAndShowsItWithoutItsSecret) {
  const TemporaryFolder folder;
  struct Row {
    std::vector<std::string> options;
    std::string type;
    std::string content_begins;
  };
  const Row rows[] = {{{"--type", "p256"}, "P-256", "-----BEGIN PRIVATE KEY-----"},
                      {{"--type", "ed25519"}, "Ed25519", "-----BEGIN PRIVATE KEY-----"},
                      {{"--type", "hss", "--parameters", "H5/W8"},
                       "HSS-LMS",
                       "\x86\x6e"
                       "tailor-hss-key"}};
  int number = 0;
  for (const Row& row : rows) {
    const std::string key = (folder / ("key" + std::to_string(number++))).string();
    std::vector<std::string> arguments{"keygen", "-o", key, "--json"};
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const Finished made = run_tailor(arguments);
    ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
    const auto document = nlohmann::json::parse(made.out);
    EXPECT_EQ(document["type"], row.type);
    const auto content = read_text_file(key).value();
    EXPECT_EQ(content.substr(0, row.content_begins.size()), row.content_begins);
    for (const std::string& file : {key, key + ".pub"}) {
      const Finished shown = run_tailor({"key", "show", file, "--json"});
      ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
      EXPECT_EQ(nlohmann::json::parse(shown.out)["thumbprint"], document["thumbprint"]);
      EXPECT_EQ(shown.out.find("PRIVATE"), std::string::npos);
    }
    EXPECT_EQ(run_tailor(arguments).code, ExitCode::kRefused);  // it is there
  }
  const std::string hss = (folder / "key2").string();
  const auto shown = nlohmann::json::parse(run_tailor({"key", "show", hss, "--json"}).out);
  EXPECT_EQ(shown["left"], 32);
  EXPECT_EQ(shown["capacity"], 32);
  EXPECT_EQ(shown["parameters"], "H5/W8");
}

TEST(KeyCommands, AnHmacKeyIsOneFileAndItsValueIsNeverShown) {
  const TemporaryFolder folder;
  const std::string key = (folder / "shared.key").string();
  const Finished made = run_tailor({"keygen", "--type", "hmac", "-o", key});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "shared.pub"));
  struct stat status {};
  ASSERT_EQ(stat(key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const Bytes content = read_file(key).value();
  ASSERT_EQ(content.size(), 38U);  // {1: 4, -1: h'...32 bytes...'}
  const std::string secret = to_hex(ByteView(content).last(32));
  const Finished shown = run_tailor({"key", "show", key, "--json"});
  ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
  EXPECT_EQ(nlohmann::json::parse(shown.out)["bits"], 256);
  EXPECT_EQ(shown.out.find(secret), std::string::npos);
  EXPECT_EQ(shown.out.find("thumbprint"), std::string::npos);
  EXPECT_EQ(made.out.find(secret), std::string::npos);
}

TEST(KeyCommands, OptionsThatDoNotFitTheKindAreRefused) {
  const TemporaryFolder folder;
  const std::string out = (folder / "k").string();
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"--type", "rsa"},
                                             {"--type", "hmac", "--public", out + "2"},
                                             {"--type", "p256", "--parameters", "H5/W8"},
                                             {"--type", "hss", "--parameters", "H20/W8"},
                                             {"--type", "hss", "--parameters", ""}}) {
    std::vector<std::string> arguments{"keygen", "-o", out};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_EQ(run_tailor(arguments).code, ExitCode::kUnusable) << options.back();
    EXPECT_FALSE(std::filesystem::exists(out));
  }
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
