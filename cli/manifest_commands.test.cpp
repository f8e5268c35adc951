// SPDX-License-Identifier: Apache-2.0
// The author's commands from image to verified envelope, their exit codes, and a golden inspection.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/encoding.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

class ManifestCommands : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_TRUE(write_file(folder_ / "fw.bin", as_bytes("firmware 1.2.0")).ok());
    EXPECT_EQ(run_tailor({"keygen", "-o", path("author.key")}).code, ExitCode::kOk);
    EXPECT_EQ(run_tailor({"keygen", "-o", path("stranger.key")}).code, ExitCode::kOk);
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }

  Finished create(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"manifest",   "create",      "--image", path("fw.bin"),
                                          "--vendor",   "example.com", "--class", "bulb",
                                          "--sequence", "7",           "-o",      path("fw.suit")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tailor(arguments);
  }
  Finished verify(const char* key, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"manifest", "verify", "--key", path(key), path("fw.suit")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tailor(arguments);
  }
  void alter(size_t from_end) {
    auto bytes = read_file(path("fw.suit")).value();
    bytes[bytes.size() - from_end] ^= 1;
    EXPECT_TRUE(write_file(path("fw.suit"), bytes).ok());
  }

  TemporaryFolder folder_;
};

TEST_F(ManifestCommands, CreateSignVerify) {
  const Finished created = create();
  ASSERT_EQ(created.code, ExitCode::kOk) << created.err;
  EXPECT_NE(created.out.find("not signed"), std::string::npos);
  EXPECT_EQ(verify("author.pub").code, ExitCode::kRefused);

  const Finished sealed = run_tailor({"manifest", "sign", "--key", path("author.key"), path("fw.suit")});
  ASSERT_EQ(sealed.code, ExitCode::kOk) << sealed.err;
  const Finished valid = verify("author.pub");
  EXPECT_EQ(valid.code, ExitCode::kOk) << valid.err;
  EXPECT_NE(valid.out.find("valid, signed by "), std::string::npos);
  // a private key has the public one in it
  EXPECT_EQ(verify("author.key").code, ExitCode::kOk);
  EXPECT_EQ(verify("stranger.pub", {"--key", path("author.pub")}).code, ExitCode::kOk);
}

TEST_F(ManifestCommands, VerifyEndsWithOneForWhatIsNotAuthentic) {
  ASSERT_EQ(create({"--key", path("author.key"), "--integrated"}).code, ExitCode::kOk);
  ASSERT_EQ(verify("author.pub").code, ExitCode::kOk);
  const Finished stranger = verify("stranger.pub");
  EXPECT_EQ(stranger.code, ExitCode::kRefused);
  EXPECT_EQ(stranger.err.find("tailor: SignatureInvalid: "), 0U) << stranger.err;
  alter(1);  // the image
  const Finished altered = verify("author.pub");
  EXPECT_EQ(altered.code, ExitCode::kRefused);
  EXPECT_EQ(altered.err.find("tailor: ImageDigestMismatch: "), 0U) << altered.err;
  ASSERT_EQ(create({"--key", path("author.key")}).code, ExitCode::kOk);
  alter(1);  // the manifest
  const Finished manifest = verify("author.pub", {"--json"});
  EXPECT_EQ(manifest.code, ExitCode::kRefused);
  EXPECT_EQ(nlohmann::json::parse(manifest.out)["valid"], false);
  EXPECT_EQ(nlohmann::json::parse(manifest.out)["error"], "ManifestDigestMismatch");
}

TEST_F(ManifestCommands, VerifyEndsWithTwoForWhatCannotBeJudged) {
  EXPECT_EQ(verify("author.pub").code, ExitCode::kUnusable);  // no such file
  ASSERT_TRUE(write_file(path("fw.suit"), as_bytes("not CBOR at all")).ok());
  EXPECT_EQ(verify("author.pub").code, ExitCode::kUnusable);
  ASSERT_EQ(create({"--key", path("author.key")}).code, ExitCode::kOk);
  EXPECT_EQ(verify("no-such.pub").code, ExitCode::kUnusable);
  auto bytes = read_file(path("fw.suit")).value();
  bytes.pop_back();
  ASSERT_TRUE(write_file(path("fw.suit"), bytes).ok());
  EXPECT_EQ(verify("author.pub").code, ExitCode::kUnusable);
}

TEST_F(ManifestCommands, UsageErrors) {
  const struct {
    std::vector<std::string> more;
    const char* says;
  } rows[] = {
      {{"--image", path("fw.bin")}, "several images need a --component each"},
      {{"--component", "a", "--component", "b"}, "--component is given once for each --image"},
      {{"--uri", "/a", "--uri", "/b"}, "--uri is given once for each --image"},
      {{"--component", "a//b"}, "empty part"},
      {{"--sequence", "-1"}, "--sequence"},
      {{"--sequence", "18446744073709551616"}, "--sequence"},
      {{"--image", path("none"), "--component", "a", "--component", "b"}, "none"},
      {{"--key", path("author.pub")}, "author.pub"},
  };
  for (const auto& row : rows) {
    const Finished done = create(row.more);
    EXPECT_EQ(done.code, ExitCode::kUnusable) << row.says;
    EXPECT_NE(done.err.find(row.says), std::string::npos) << done.err;
    EXPECT_FALSE(std::filesystem::exists(path("fw.suit"))) << row.says;
  }
}

TEST_F(ManifestCommands, InspectShowsNotationAndSummary) {
  ASSERT_EQ(create({"--version", "1.2.0"}).code, ExitCode::kOk);
  const Finished shown = run_tailor({"manifest", "inspect", path("fw.suit")});
  ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
  const std::string expected =
      "/ SUIT_Envelope_Tagged / 107({\n"
      "  / authentication-wrapper / 2: << [\n"
      "    / digest / << [/ sha256 / -16, h'";
  EXPECT_EQ(shown.out.substr(0, expected.size()), expected);
  for (const char* line :
       {"      / components / 2: [[h'617070']],\n",
        "          / vendor-identifier / 1: h'cfbff0d193755685968c48ce8b15ae17',\n", "        / uri / 21: \"/img/",
        "sections         install, validate, invoke\n", "severed          text\n",
        "component        app, version 1.2.0, 14 bytes, from /img/", "signature        none: devices refuse this\n"}) {
    EXPECT_NE(shown.out.find(line), std::string::npos) << line << shown.out;
  }
}

TEST_F(ManifestCommands, InspectAsJson) {
  ASSERT_EQ(create({"--key", path("author.key"), "--key-id"}).code, ExitCode::kOk);
  const Finished shown = run_tailor({"manifest", "inspect", "--json", path("fw.suit")});
  ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
  const auto document = nlohmann::json::parse(shown.out);
  const auto key = nlohmann::json::parse(run_tailor({"--json", "key", "show", path("author.pub")}).out);
  EXPECT_EQ(document["understood"], true);
  EXPECT_EQ(document["sequence_number"], 7);
  EXPECT_EQ(document["authentication"][0]["algorithm"], "ESP256");
  EXPECT_EQ(document["authentication"][0]["key_id"], key["thumbprint"]);
  EXPECT_EQ(document["components"][0]["component"], "app");
  EXPECT_EQ(document["components"][0]["size_bytes"], 14);
  // vendor and class are UUIDv5 of their names
  EXPECT_EQ(document["components"][0]["vendor"], "cfbff0d1-9375-5685-968c-48ce8b15ae17");
}

TEST_F(ManifestCommands, InspectShowsWhatADecoderRefuses) {
  // an envelope whose manifest has key 17, install of old drafts
  const auto old = "d8 6b a2 02 43 81 41 80 03 44 a1 11 41 80"_hex;
  ASSERT_TRUE(write_file(path("fw.suit"), old).ok());
  const Finished shown = run_tailor({"manifest", "inspect", path("fw.suit")});
  EXPECT_EQ(shown.code, ExitCode::kUnusable);
  EXPECT_NE(shown.out.find("17: h'80'"), std::string::npos) << shown.out;
  EXPECT_NE(shown.err.find("tailor: "), std::string::npos);
  ASSERT_TRUE(write_file(path("fw.suit"), "d8 6b a2 02"_hex).ok());
  const Finished broken = run_tailor({"manifest", "inspect", path("fw.suit")});
  EXPECT_EQ(broken.code, ExitCode::kUnusable);
  EXPECT_NE(broken.err.find("tailor: Truncated: " + path("fw.suit") + ": at byte "), std::string::npos) << broken.err;
}

}  // namespace
}  // namespace tailor::cli
