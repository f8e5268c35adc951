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

TEST_F(ManifestCommands, ANegativeOrHugeNumberIsNoSequenceNumber) {
  for (const char* number : {"-1", "18446744073709551616", "1.5", "seven", ""}) {
    const Finished refused = run_tailor({"manifest", "create", "--image", path("fw.bin"), "--vendor", "example.com",
                                         "--class", "bulb", "--sequence", number, "-o", path("fw.suit")});
    EXPECT_EQ(refused.code, ExitCode::kUnusable) << number << refused.out;
    EXPECT_FALSE(std::filesystem::exists(path("fw.suit"))) << number;
  }
  EXPECT_EQ(create({"--sequence", "18446744073709551615"}).code, ExitCode::kUnusable) << "twice";
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

TEST_F(ManifestCommands, CreateFromADescription) {
  ASSERT_TRUE(write_file(folder_ / "d.toml", as_bytes("vendor = \"example.com\"\nclass = \"bulb\"\nsequence = 7\n"
                                                      "invoke = \"app\"\n[[components]]\nimage = \"fw.bin\"\n"))
                  .ok());
  const Finished made = run_tailor({"manifest", "create", path("d.toml"), "-o", path("d.suit")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  ASSERT_EQ(create().code, ExitCode::kOk);
  EXPECT_EQ(read_file(path("d.suit")).value(), read_file(path("fw.suit")).value()) << "the same as from flags";
  EXPECT_EQ(create({path("d.toml")}).code, ExitCode::kUnusable) << "both";
  EXPECT_EQ(run_tailor({"manifest", "create", "-o", path("x.suit")}).code, ExitCode::kUnusable) << "neither";
  const Finished no_vendor = run_tailor({"manifest", "create", "--image", path("fw.bin"), "-o", path("x.suit")});
  EXPECT_EQ(no_vendor.code, ExitCode::kUnusable);
  EXPECT_NE(no_vendor.err.find("--vendor"), std::string::npos);
  ASSERT_TRUE(write_file(folder_ / "d.toml", as_bytes("vendor = 1\n")).ok());
  const Finished wrong = run_tailor({"manifest", "create", path("d.toml"), "-o", path("x.suit")});
  EXPECT_EQ(wrong.code, ExitCode::kUnusable);
  EXPECT_NE(wrong.err.find("d.toml:1: vendor is not a string"), std::string::npos) << wrong.err;
  EXPECT_FALSE(std::filesystem::exists(path("x.suit")));
}

TEST_F(ManifestCommands, ImportSaysWhatItLeavesOut) {
  ASSERT_TRUE(write_file(folder_ / "d.json", as_bytes(R"({"manifest-version": 1, "manifest-sequence-number": 3, "x": 1,
      "components": [{"install-id": ["00"], "file": "fw.bin", "uri": "/fw", "component-version": "1"}]})"))
                  .ok());
  const Finished made = run_tailor({"manifest", "import", path("d.json"), "-o", path("d.suit")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  EXPECT_NE(made.out.find("note: x is not carried"), std::string::npos) << made.out;
  EXPECT_NE(made.out.find("note: components[0].component-version is not carried"), std::string::npos) << made.out;
  const Finished all = run_tailor({"manifest", "import", "--all-texts", path("d.json"), "-o", path("d.suit")});
  EXPECT_EQ(all.out.find("component-version"), std::string::npos);
  ASSERT_TRUE(write_file(folder_ / "d.json", as_bytes("{}")).ok());
  EXPECT_EQ(run_tailor({"manifest", "import", path("d.json"), "-o", path("e.suit")}).code, ExitCode::kUnusable);
  EXPECT_FALSE(std::filesystem::exists(path("e.suit")));
}

TEST_F(ManifestCommands, ErrorsNamePlaceAndRule) {
  // an image digest of 2 bytes, in the third command of install
  const auto broken =
      "d86ba2025827815824822f58200000000000000000000000000000000000000000000000000000000000000000035821"
      "a4010102010346a101818141001451860e0f0e0f14a1034582 2f420102"_hex;
  Bytes bytes(broken.begin(), broken.end());
  ASSERT_TRUE(write_file(path("fw.suit"), bytes).ok());
  const Finished shown = run_tailor({"manifest", "inspect", path("fw.suit")});
  EXPECT_EQ(shown.code, ExitCode::kUnusable);
  EXPECT_NE(shown.err.find("fw.suit: at byte "), std::string::npos) << shown.err;
}

TEST_F(ManifestCommands, ExplainDiffLintAndTheirExitCodes) {
  ASSERT_EQ(create({"--key", path("author.key")}).code, ExitCode::kOk);
  const Finished explained = run_tailor({"manifest", "explain", path("fw.suit")});
  EXPECT_EQ(explained.code, ExitCode::kOk) << explained.err;
  EXPECT_NE(explained.out.find(
                "For which devices\n  It checks that the vendor of app is cfbff0d1-9375-5685-968c-48ce8b15ae17."),
            std::string::npos)
      << explained.out;
  EXPECT_EQ(run_tailor({"manifest", "inspect", "--explain", path("fw.suit")}).out, explained.out);
  EXPECT_EQ(
      run_tailor({"manifest", "inspect", "--diag", path("fw.suit")}).out.rfind("/ SUIT_Envelope_Tagged / 107({", 0),
      0U);
  const Finished linted = run_tailor({"manifest", "lint", path("fw.suit")});
  EXPECT_EQ(linted.code, ExitCode::kOk) << linted.out;
  std::filesystem::copy_file(path("fw.suit"), path("old.suit"));
  EXPECT_EQ(run_tailor({"manifest", "diff", path("old.suit"), path("fw.suit")}).code, ExitCode::kOk);
  ASSERT_EQ(create({"--uri", "/other"}).code, ExitCode::kOk);
  const Finished changed = run_tailor({"manifest", "diff", path("old.suit"), path("fw.suit")});
  EXPECT_EQ(changed.code, ExitCode::kRefused);
  EXPECT_NE(changed.out.find("~ manifest.install[0].override-parameters.uri: "), std::string::npos) << changed.out;
  const Finished bad = run_tailor({"--json", "manifest", "lint", path("fw.suit")});
  EXPECT_EQ(bad.code, ExitCode::kRefused);
  EXPECT_EQ(nlohmann::json::parse(bad.out)["remarks"][0]["rule"], "unsigned");
  EXPECT_EQ(run_tailor({"manifest", "lint", path("fw.bin")}).code, ExitCode::kUnusable);
}

TEST_F(ManifestCommands, SeverExtractAddPayload) {
  ASSERT_EQ(create({"--version", "1.2.0", "--integrated", "--key", path("author.key")}).code, ExitCode::kOk);
  const Finished severed = run_tailor({"manifest", "sever", path("fw.suit"), "-o", path("small.suit")});
  ASSERT_EQ(severed.code, ExitCode::kOk) << severed.err;
  EXPECT_NE(severed.out.find("without text"), std::string::npos) << severed.out;
  EXPECT_EQ(run_tailor({"manifest", "sever", "--member", "install", path("fw.suit")}).code, ExitCode::kRefused);
  EXPECT_EQ(run_tailor({"manifest", "sever", "--member", "validate", path("fw.suit")}).code, ExitCode::kUnusable);
  const Finished out = run_tailor({"manifest", "extract", "--remove", path("fw.suit"), "#app", "-o", path("copy.bin")});
  ASSERT_EQ(out.code, ExitCode::kOk) << out.err;
  EXPECT_EQ(read_file(path("copy.bin")).value(), read_file(path("fw.bin")).value());
  EXPECT_EQ(verify("author.pub").code, ExitCode::kOk) << "the signature does not cover payloads";
  EXPECT_EQ(
      run_tailor({"manifest", "add-payload", path("fw.suit"), "--uri", "#app", "--payload", path("author.pub")}).code,
      ExitCode::kRefused);
  ASSERT_EQ(run_tailor({"manifest", "add-payload", path("fw.suit"), "--uri", "#app", "--payload", path("fw.bin")}).code,
            ExitCode::kOk);
  EXPECT_EQ(verify("author.pub").code, ExitCode::kOk);
}

TEST_F(ManifestCommands, SignInTwoSteps) {
  ASSERT_EQ(create().code, ExitCode::kOk);
  const Finished digest =
      run_tailor({"--json", "manifest", "sign", "--digest-only", path("fw.suit"), "-o", path("tbs.bin")});
  ASSERT_EQ(digest.code, ExitCode::kOk) << digest.err;
  const auto document = nlohmann::json::parse(digest.out);
  EXPECT_EQ(document["to_be_signed"], to_hex(read_file(path("tbs.bin")).value()));
  EXPECT_EQ(document["sha256"].get<std::string>().size(), 64U);
  ASSERT_TRUE(write_file(path("sig.bin"), Bytes(64, 1)).ok());
  const std::vector<std::string> attach = {"manifest", "attach-signature", path("fw.suit"), "--signature",
                                           path("sig.bin")};
  std::vector<std::string> checked = attach;
  checked.insert(checked.end(), {"--key", path("author.pub")});
  const auto before = read_file(path("fw.suit")).value();
  EXPECT_EQ(run_tailor(checked).code, ExitCode::kRefused);
  EXPECT_EQ(read_file(path("fw.suit")).value(), before) << "nothing is written";
  ASSERT_TRUE(write_file(path("sig.bin"), Bytes(63, 1)).ok());
  EXPECT_EQ(run_tailor(attach).code, ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"manifest", "sign", path("fw.suit")}).code, ExitCode::kUnusable) << "no key";
}

TEST_F(ManifestCommands, EncryptNamesItsRecipientsWhenAsked) {
  for (const bool named : {false, true}) {
    std::vector<std::string> command = {"manifest",         "encrypt", "--image",      path("fw.bin"), "--recipient",
                                        path("author.pub"), "-o",      path("fw.enc"), "--info",       path("fw.info")};
    if (named) command.emplace_back("--key-id");
    ASSERT_EQ(run_tailor(command).code, ExitCode::kOk);
    const Finished shown = run_tailor({"key", "show", path("author.pub"), "--json"});
    const std::string thumbprint = nlohmann::json::parse(shown.out).at("thumbprint");
    EXPECT_EQ(to_hex(read_file(path("fw.info")).value()).find(thumbprint) != std::string::npos, named) << shown.out;
  }
}

TEST_F(ManifestCommands, EncryptThenCreate) {
  // a key-encryption key of 16 bytes, as COSE_Key
  ASSERT_TRUE(write_file(path("kek.cbor"), "a3 01 04 02 43 6b 65 6b 20 50 000102030405060708090a0b0c0d0e0f"_hex).ok());
  const Finished made = run_tailor({"manifest", "encrypt", "--image", path("fw.bin"), "--recipient", path("kek.cbor"),
                                    "-o", path("fw.enc"), "--info", path("fw.info")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  ASSERT_TRUE(write_file(folder_ / "d.toml",
                         as_bytes("vendor = \"v\"\nclass = \"c\"\nsequence = 1\n[[components]]\nimage = \"fw.bin\"\n"
                                  "ciphertext = \"fw.enc\"\nencryption_info = \"fw.info\"\nstaging = \"enc\"\n"))
                  .ok());
  ASSERT_EQ(run_tailor({"manifest", "create", path("d.toml"), "--key", path("author.key"), "-o", path("fw.suit")}).code,
            ExitCode::kOk);
  EXPECT_EQ(verify("author.pub").code, ExitCode::kOk);
  const Finished explained = run_tailor({"manifest", "explain", path("fw.suit")});
  EXPECT_NE(explained.out.find("copies enc to app, decrypting it (A128GCM, for a holder of key 'kek' (A128KW))"),
            std::string::npos)
      << explained.out;
  EXPECT_EQ(run_tailor({"manifest", "lint", path("fw.suit")}).code, ExitCode::kOk);
  EXPECT_EQ(run_tailor({"manifest", "encrypt", "--image", path("fw.bin"), "--recipient", path("fw.bin"), "-o",
                        path("x.enc"), "--info", path("x.info")})
                .code,
            ExitCode::kUnusable);
  EXPECT_FALSE(std::filesystem::exists(path("x.enc")));
  // Two files that belong together: both or none.
  EXPECT_EQ(run_tailor({"manifest", "encrypt", "--image", path("fw.bin"), "--recipient", path("kek.cbor"), "-o",
                        path("x.enc"), "--info", path("nowhere/x.info")})
                .code,
            ExitCode::kUnusable);
  EXPECT_FALSE(std::filesystem::exists(path("x.enc")));
  EXPECT_FALSE(std::filesystem::exists(path("x.enc.new")));
}

}  // namespace
}  // namespace tailor::cli
