// SPDX-License-Identifier: Apache-2.0
// `tailor trust show|diff|update`: what they say, their exit codes, and that the update is one that devices would take.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "core/suit/envelope.hpp"
#include "core/trust/trust_policy.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/key.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kServers = R"(
[[servers]]
id = "11111111-2222-4333-8444-555555555555"
uris = ["coaps://localhost"]
)";

class TrustCommands : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* key : {"tpa.key", "author.key", "owner.key", "other.key"}) {
      ASSERT_EQ(run_tailor({"keygen", "-o", path(key)}).code, ExitCode::kOk);
    }
    // A symmetric key: {1: 4, -1: h'..32..'}
    Bytes secret = {0xa2, 0x01, 0x04, 0x20, 0x58, 0x20};
    secret.resize(secret.size() + 32, 0x5a);
    ASSERT_TRUE(write_file(folder_ / "secret.cose", secret).ok());
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  /// Makes a trust store of these lines, signed by the authority.
  void make(const char* name, const std::string& lines) {
    ASSERT_TRUE(write_file(folder_ / "trust.toml", as_bytes(lines)).ok());
    const Finished made =
        run_tailor({"trust", "create", path("trust.toml"), "--key", path("tpa.key"), "-o", path(name)});
    ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  }
  static std::string signer(const std::string& key, const std::string& more = "components = [\"app\"]\n") {
    return "[[signers]]\nkey = \"" + key + "\"\n" + more;
  }
  TemporaryFolder folder_;
};

TEST_F(TrustCommands, ShowExplainsWhoMayDoWhat) {
  make("trust.cbor",
       "version = 4\n" + signer("author.pub", "components = [\"app\"]\ninstalled-only = true\n") +
           signer("owner.pub",
                  "role = \"operator\"\ncomponents = [\"*\"]\ncommands = [\"fetch\"]\nparameters = [\"uri\"]\n") +
           signer("secret.cose", "role = \"distributor\"\ncomponents = [\"app/config\"]\n") +
           "[[policies]]\ncomponents = [\"app\"]\nsignatures = [\"author\", \"2 of operator, distributor\"]\n" +
           kServers);
  const Finished text = run_tailor({"trust", "show", path("trust.cbor"), "--key", path("tpa.pub")});
  EXPECT_EQ(text.code, ExitCode::kOk) << text.err;
  for (const char* says :
       {"version     4", "signer      author, P-256 ", "keeps what it has installed as app, and installs nothing",
        "may use fetch on *, and set uri", "signer      distributor, HMAC\n", "may do everything to app/config",
        "policy      app needs 1 author and 2 of operator, distributor", "signature   valid",
        "an HMAC key of 32 bytes stands in the document"}) {
    EXPECT_NE(text.out.find(says), std::string::npos) << says << "\n" << text.out;
  }
  EXPECT_EQ(text.out.find("5a5a"), std::string::npos) << "no secret is shown";
  const auto json = nlohmann::json::parse(run_tailor({"trust", "show", path("trust.cbor"), "--json"}).out);
  EXPECT_EQ(json["signers"][1]["role"], "operator");
  EXPECT_EQ(json["signers"][1]["rights"][0]["commands"], nlohmann::json::array({"fetch"}));
  EXPECT_EQ(json["signers"][1]["rights"][0]["parameters"], nlohmann::json::array({"uri"}));
  EXPECT_EQ(json["signers"][2]["rights"][0]["commands"], "*");
  EXPECT_TRUE(json["signers"][2]["thumbprint"].is_null());
  EXPECT_EQ(json["policies"][0]["clauses"][1]["threshold"], 2);
  EXPECT_EQ(json["signature"], "not checked (no --key)");
}

TEST_F(TrustCommands, WarnsOfWhatIsHardlyMeant) {
  make("trust.cbor",
       "version = 1\n[[policies]]\ncomponents = [\"app\"]\nsignatures = [\"2 of author\"]\n" + signer("author.pub"));
  const auto json = nlohmann::json::parse(run_tailor({"trust", "show", path("trust.cbor"), "--json"}).out);
  std::string all;
  for (const auto& warning : json["warnings"]) all += warning.get<std::string>() + "\n";
  for (const char* says : {"nobody can update app: 2 of author must sign, and there are 1",
                           "no update server is listed", "no CA certificate"}) {
    EXPECT_NE(all.find(says), std::string::npos) << says << "\n" << all;
  }
}

TEST_F(TrustCommands, DiffNamesEachChangeAndEndsWithOneWhenThereIsOne) {
  make("one.cbor", "version = 1\nrevoked = [\"0a\"]\n" + signer("author.pub") + signer("owner.pub") + kServers);
  make("two.cbor", "version = 2\nrevoked = [\"0b\"]\n" + signer("author.pub", "components = [\"app\", \"data\"]\n") +
                       signer("other.pub") + kServers);
  const Finished same = run_tailor({"trust", "diff", path("one.cbor"), path("one.cbor")});
  EXPECT_EQ(same.code, ExitCode::kOk);
  EXPECT_EQ(same.out, "");
  const Finished text = run_tailor({"trust", "diff", path("one.cbor"), path("two.cbor")});
  EXPECT_EQ(text.code, ExitCode::kRefused);
  EXPECT_EQ(text.err, "");
  for (const char* says :
       {"~ version: 1 -> 2\n",
        "author: may do everything to app -> author: may do everything to app; "
        "may do everything to data\n",
        "- revocation 0a: listed\n", "+ revocation 0b: listed\n", "\n- signer P-256 ", "\n+ signer P-256 "}) {
    EXPECT_NE(text.out.find(says), std::string::npos) << says << "\n" << text.out;
  }
  const Finished back = run_tailor({"trust", "diff", path("two.cbor"), path("one.cbor"), "--json"});
  EXPECT_EQ(back.code, ExitCode::kRefused);
  const auto json = nlohmann::json::parse(back.out);
  EXPECT_EQ(json["same"], false);
  EXPECT_EQ(json["changes"].size(), 6U);
  EXPECT_NE(json["warning"].get<std::string>().find("refuse version 1"), std::string::npos);
  EXPECT_EQ(run_tailor({"trust", "diff", path("one.cbor"), path("none.cbor")}).code, ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"trust", "diff", path("one.cbor")}).code, ExitCode::kUnusable);
}

TEST_F(TrustCommands, CheckSaysWhatDevicesWouldSay) {
  make("trust.cbor", "version = 1\n" + signer("author.pub") +
                         signer("owner.pub", "role = \"operator\"\ncomponents = [\"*\"]\n") +
                         "[[policies]]\ncomponents = [\"app\"]\nsignatures = [\"author\", \"operator\"]\n" + kServers);
  ASSERT_TRUE(write_file(folder_ / "fw.bin", as_bytes("firmware")).ok());
  ASSERT_EQ(run_tailor({"manifest", "create", "--image", path("fw.bin"), "--vendor", "example.com", "--class", "bulb",
                        "--sequence", "1", "--key", path("author.key"), "-o", path("fw.suit")})
                .code,
            ExitCode::kOk);
  const auto check = [&] {
    return run_tailor({"trust", "check", path("trust.cbor"), path("fw.suit"), "--key", path("tpa.pub")});
  };
  const Finished alone = check();
  EXPECT_EQ(alone.code, ExitCode::kRefused);
  EXPECT_EQ(alone.out, "app: SignerNotPermitted\n") << alone.err;
  ASSERT_EQ(run_tailor({"manifest", "sign", "--key", path("owner.key"), path("fw.suit")}).code, ExitCode::kOk);
  const Finished both = check();
  EXPECT_EQ(both.code, ExitCode::kOk) << both.err;
  EXPECT_EQ(both.out, "app: permitted\n");
  make("trust.cbor", "version = 2\n" + signer("other.pub") + kServers);
  EXPECT_EQ(check().code, ExitCode::kRefused) << "nobody of this trust store signed";
  EXPECT_EQ(run_tailor({"trust", "check", path("trust.cbor"), path("fw.bin"), "--key", path("tpa.pub")}).code,
            ExitCode::kUnusable);
}

TEST_F(TrustCommands, UpdateIsWhatTheAuthoritySignsForDevices) {
  make("trust.cbor", "version = 7\n" + signer("author.pub") + kServers);
  const Finished made =
      run_tailor({"trust", "update", path("trust.cbor"), "--key", path("tpa.key"), "-o", path("trust.suit"), "--json"});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const auto json = nlohmann::json::parse(made.out);
  EXPECT_EQ(json["version"], 7);
  EXPECT_EQ(json["sequence_number"], 7);
  const Bytes bytes = read_file(path("trust.suit")).value();
  const auto envelope = suit::Envelope::from_bytes(bytes);
  ASSERT_TRUE(envelope.ok());
  const pki::PrivateKey authority = pki::PrivateKey::from_pem(read_text_file(path("tpa.key")).value()).value();
  const trust::TrustStore nothing;
  const trust::Key anchor = authority.public_key();
  const trust::TrustPolicy policy(nothing, anchor);
  const auto manifest = suit::authenticate(*envelope, policy, suit::kStrict);
  ASSERT_TRUE(manifest.ok()) << name_of(manifest.error());
  ASSERT_EQ(manifest->manifest().component_count, 1U);
  EXPECT_TRUE(equal(*manifest->manifest().component(0), trust::kTrustComponent));
  EXPECT_TRUE(policy.permits(manifest->signers(), trust::kTrustComponent, {}).ok());
  const Bytes store = read_file(path("trust.cbor")).value();
  EXPECT_EQ(Bytes(bytes.end() - static_cast<std::ptrdiff_t>(store.size()), bytes.end()), store) << "it is integrated";
  const Finished shown = run_tailor({"manifest", "verify", "--key", path("tpa.pub"), path("trust.suit")});
  EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
}

TEST_F(TrustCommands, UpdateOfAnUnsignedStoreSignsItAndASeparateOneLiesBeside) {
  ASSERT_TRUE(write_file(folder_ / "trust.toml", as_bytes("version = 2\n" + signer("author.pub") + kServers)).ok());
  ASSERT_EQ(run_tailor({"trust", "create", path("trust.toml"), "-o", path("plain.cbor")}).code, ExitCode::kOk);
  const Finished made =
      run_tailor({"trust", "update", path("plain.cbor"), "--key", path("tpa.key"), "--separate", "--sequence", "9",
                  "--vendor", "example.com", "--class", "bulb", "-o", path("trust.suit")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const Finished shown = run_tailor({"trust", "show", path("trust.suit.image"), "--key", path("tpa.pub")});
  EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
  EXPECT_LT(read_file(path("trust.suit")).value().size(), 400U);
}

TEST_F(TrustCommands, UpdateRefuses) {
  make("trust.cbor", "version = 7\n" + signer("author.pub") + kServers);
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"trust", "update", path("trust.cbor"), "-o", path("trust.suit")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = run_tailor(arguments);
    EXPECT_FALSE(std::filesystem::exists(path("trust.suit")));
    return finished;
  };
  EXPECT_EQ(refused({"--key", path("author.key")}).code, ExitCode::kRefused) << "another authority's store";
  EXPECT_EQ(refused({"--key", path("tpa.key"), "--class", "bulb"}).code, ExitCode::kUnusable);
  EXPECT_EQ(refused({}).code, ExitCode::kUnusable);
  EXPECT_EQ(refused({"--key", path("none.key")}).code, ExitCode::kUnusable);
}

TEST_F(TrustCommands, AStoreOfAnotherFormatIsNamedAsSuch) {
  make("trust.cbor", "version = 1\n" + signer("author.pub") + kServers);
  ASSERT_EQ(run_tailor({"trust", "create", path("trust.toml"), "-o", path("plain.cbor")}).code, ExitCode::kOk);
  Bytes bytes = read_file(path("plain.cbor")).value();
  ASSERT_EQ(bytes[2], 0x02);
  bytes[2] = 0x01;
  ASSERT_TRUE(write_file(folder_ / "old.cbor", bytes).ok());
  const Finished shown = run_tailor({"trust", "show", path("old.cbor")});
  EXPECT_EQ(shown.code, ExitCode::kUnusable);
  EXPECT_NE(shown.err.find("another format than 2"), std::string::npos) << shown.err;
}

}  // namespace
}  // namespace tailor::cli
