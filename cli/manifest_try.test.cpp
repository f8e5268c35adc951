// SPDX-License-Identifier: Apache-2.0
// `tailor manifest try`: what an author sees of a manifest that a device takes, and of each way in which one refuses.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/encoding.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

class ManifestTry : public testing::Test {
 protected:
  void SetUp() override {
    write("fw.bin", "firmware 1.2.0");
    write("old.bin", "firmware 1.1.0");
    EXPECT_EQ(run_tailor({"keygen", "-o", path("author.key")}).code, ExitCode::kOk);
    EXPECT_EQ(run_tailor({"keygen", "-o", path("stranger.key")}).code, ExitCode::kOk);
    state_ = {{"vendor", "example.com"},
              {"class", "bulb"},
              {"components",
               {{{"id", "app"}, {"image", "old.bin"}, {"sequence_number", 6}, {"version", "1.1.0"}, {"slot", 0}}}},
              {"trusted", {{{"key", {{"file", "author.pub"}}}}}},
              {"images", {"fw.bin"}},
              {"time", "2026-11-20T12:00:00Z"}};
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) {
    EXPECT_TRUE(write_file(folder_ / name, as_bytes(text)).ok());
  }
  /// Makes and signs fw.suit from a description, which stands behind vendor, class and sequence number.
  void author(const std::string& description, const char* key = "author.key") {
    write("fw.toml", "vendor = \"example.com\"\nclass = \"bulb\"\nsequence = 7\n" + description);
    const Finished made =
        run_tailor({"manifest", "create", path("fw.toml"), "--key", path(key), "-o", path("fw.suit")});
    ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  }
  Finished tried(const std::vector<std::string>& more = {}) {
    write("state.json", state_.dump());
    std::vector<std::string> arguments = {"manifest", "try", "--device", path("state.json"), path("fw.suit")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tailor(arguments);
  }

  static constexpr const char* kSingle = "invoke = \"app\"\n[[components]]\nimage = \"fw.bin\"\n";
  TemporaryFolder folder_;
  nlohmann::json state_;
};

TEST_F(ManifestTry, ShowsEachCommandWithItsVerdictAndTheReport) {
  author(kSingle);
  const Finished done = tried({"--report", path("report.cbor")});
  ASSERT_EQ(done.code, ExitCode::kOk) << done.err;
  for (const char* line : {"update: whether it applies", "checks that the class of app is f91f5ec9", "update: install",
                           "manifest.install[1].fetch", "update: validate", "invoke: invoke", "starts app",
                           "report: success", "verdict: done"}) {
    EXPECT_NE(done.out.find(line), std::string::npos) << line << " is missing in\n" << done.out;
  }
  const Finished json = tried({"--json"});
  const auto document = nlohmann::json::parse(json.out);
  EXPECT_EQ(document["verdict"], "done");
  EXPECT_EQ(document["components"][0]["size_bytes"], 14);
  EXPECT_EQ(document["report"]["success"], true);
  // The trace names bytes of the file: the label of the command stands there.
  const auto envelope = read_file(path("fw.suit")).value();
  for (const auto& step : document["trace"]) {
    ASSERT_LT(step["label"].get<int>(), 256);
    const size_t head = step["label"].get<int>() < 24 ? 0 : 1;
    EXPECT_EQ(envelope[step["offset"].get<size_t>() + head], step["label"].get<int>()) << step;
  }
  // What --report wrote is what is shown: it names the manifest's digest.
  const std::string report = to_hex(read_file(path("report.cbor")).value());
  EXPECT_NE(report.find(document["report"]["manifest"].get<std::string>()), std::string::npos);
}

struct Refusal {
  const char* name;
  const char* description;          ///< null: kSingle
  void (*change)(nlohmann::json&);  ///< of the state
  std::vector<std::string> more;    ///< arguments
  ExitCode code;
  std::vector<const char*> says;  ///< on standard error
};

TEST_F(ManifestTry, EachRefusalNamesByteAndPathAndRule) {
  const auto nothing = [](nlohmann::json&) {};
  const Refusal rows[] = {
      {"another class",
       nullptr,
       [](nlohmann::json& s) { s["class"] = "lamp"; },
       {},
       ExitCode::kRefused,
       {"tailor: ClassMismatch: ", "fw.suit: at byte ", "manifest.common.shared-sequence[2].class-identifier",
        "the device's class is ", "(SUIT manifest 8.4.9)"}},
      {"another vendor",
       nullptr,
       [](nlohmann::json& s) { s["vendor"] = "example.org"; },
       {},
       ExitCode::kRefused,
       {"VendorMismatch", "shared-sequence[1].vendor-identifier"}},
      {"newer is installed",
       nullptr,
       [](nlohmann::json& s) { s["components"][0]["sequence_number"] = 9; },
       {},
       ExitCode::kRefused,
       {"SequenceNumberTooLow", "manifest.manifest-sequence-number", "app was installed with 9", "RFC 9124 4.3.1"}},
      {"no such component",
       nullptr,
       [](nlohmann::json& s) { s["components"][0]["id"] = "modem"; },
       {},
       ExitCode::kRefused,
       {"ComponentUnknown", "manifest.common.components[0]", "app: "}},
      {"no such payload",
       nullptr,
       [](nlohmann::json& s) { s.erase("images"); },
       {},
       ExitCode::kRefused,
       {"PayloadUnavailable", "manifest.install[1].fetch", "no such payload is declared"}},
      {"room for less",
       nullptr,
       [](nlohmann::json& s) { s["components"][0]["capacity"] = 10; },
       {},
       ExitCode::kRefused,
       {"ImageTooLarge", "manifest.install[1].fetch", "room for 10 bytes"}},
      {"a stranger's signature",
       nullptr,
       [](nlohmann::json& s) { s["trusted"][0]["key"]["file"] = "stranger.pub"; },
       {},
       ExitCode::kRefused,
       {"SignatureInvalid", "authentication-wrapper", "SUIT manifest 8.3"}},
      {"a signer without the right",
       nullptr,
       [](nlohmann::json& s) { s["trusted"][0]["components"] = {"modem"}; },
       {},
       ExitCode::kRefused,
       {"SignerNotPermitted", "manifest.common.shared-sequence[0].override-parameters"}},
      {"too late",
       "[conditions]\nuse_before = \"2026-11-01T00:00:00Z\"\n[[components]]\nimage = \"fw.bin\"\n",
       nothing,
       {},
       ExitCode::kRefused,
       {"ConditionFailed", ".use-before: ", "for the device it is 2026-11-20T12:00:00Z"}},
      {"no battery",
       "[conditions]\nminimum_battery = 500\n[[components]]\nimage = \"fw.bin\"\n",
       [](nlohmann::json& s) { s["battery_mwh"] = 499; },
       {},
       ExitCode::kRefused,
       {"BatteryTooLow", "the device has 499 mWh"}},
      {"another version",
       "[conditions]\nversion = \">=1.2\"\n[[components]]\nimage = \"fw.bin\"\n",
       nothing,
       {},
       ExitCode::kRefused,
       {"ComponentVersionMismatch", "the version is 1.1.0"}},
      {"another precursor",
       "[[components]]\nid = \"app\"\npresent = true\nimage = \"fw.bin\"\nprecursor = \"fw.bin\"\n[[components]]\nid = "
       "\"patch\"\nimage = "
       "\"fw.bin\"\n",
       [](nlohmann::json& s) {
         s["components"].push_back({{"id", "patch"}});
       },
       {},
       ExitCode::kRefused,
       {"ImageDigestMismatch", "app holds 14 bytes, sha256 "}},
      {"a slot that is not there",
       "[[components]]\n[[components.slots]]\nslot = 1\nimage = \"fw.bin\"\n[[components.slots]]\nslot = 2\nimage = "
       "\"fw.bin\"\n",
       nothing,
       {},
       ExitCode::kRefused,
       {"TryEachExhausted", "try-each"}},
      {"the user says later",
       "[conditions]\npriority = 1\n[[components]]\nimage = \"fw.bin\"\n",
       [](nlohmann::json& s) { s["authorization"] = "later"; },
       {},
       ExitCode::kRefused,
       {"tailor: waiting: ", ".update-authorized: ", "not yet"}},
      {"power is awaited",
       "[conditions.wait]\npower = 1\n[[components]]\nimage = \"fw.bin\"\n",
       [](nlohmann::json& s) {
         s["events"] = {{"power", "later"}};
       },
       {},
       ExitCode::kRefused,
       {"waiting", ".wait: waits until power is as required (1): not yet"}},
      {"no procedure of the kind",
       nullptr,
       nothing,
       {"--procedure", "uninstall"},
       ExitCode::kRefused,
       {"SequenceMissing", "SUIT manifest 6.3"}},
      {"nobody is trusted",
       nullptr,
       [](nlohmann::json& s) { s.erase("trusted"); },
       {},
       ExitCode::kUnusable,
       {"UsageInvalid", "--key, --trust, or 'trusted'"}},
      {"an unknown member",
       nullptr,
       [](nlohmann::json& s) { s["components"][0]["sequence"] = 9; },
       {},
       ExitCode::kUnusable,
       {"JsonMalformed", "state.json: components[0].sequence: is no member"}},
      {"a member of another type",
       nullptr,
       [](nlohmann::json& s) { s["battery_mwh"] = "full"; },
       {},
       ExitCode::kUnusable,
       {"state.json: battery_mwh: a whole number from 0 "}},
      {"no component list",
       nullptr,
       [](nlohmann::json& s) { s["components"] = 5; },
       {},
       ExitCode::kUnusable,
       {"components: an array is expected"}},
      {"no such file",
       nullptr,
       [](nlohmann::json& s) { s["images"] = {"none.bin"}; },
       {},
       ExitCode::kUnusable,
       {"FileFailed", "none.bin"}},
      {"a half payload option", nullptr, nothing, {"--payload", "coaps://x"}, ExitCode::kUnusable, {"URI=FILE"}},
  };
  const nlohmann::json fresh = state_;
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.name);
    author(row.description == nullptr ? kSingle : row.description);
    state_ = fresh;
    row.change(state_);
    const Finished ended = tried(row.more);
    EXPECT_EQ(ended.code, row.code) << ended.err << ended.out;
    for (const char* said : row.says) EXPECT_NE(ended.err.find(said), std::string::npos) << said << "\n" << ended.err;
  }
}

TEST_F(ManifestTry, AssumeTakesWhatIsNotDeclaredAsWanted) {
  author(
      "invoke = \"app\"\n[conditions]\nminimum_battery = 500\nversion = \">=1.0\"\npriority = "
      "1\n[conditions.wait]\npower = 1\n"
      "[[components]]\nimage = \"fw.bin\"\n");
  state_.erase("images");
  state_["components"][0] = {{"id", "app"}, {"content", nullptr}, {"slot", nullptr}};
  EXPECT_EQ(tried().code, ExitCode::kRefused);
  const Finished assumed = tried({"--assume", "--json"});
  EXPECT_EQ(assumed.code, ExitCode::kOk) << assumed.err;
  size_t count = 0;
  const auto document = nlohmann::json::parse(assumed.out);
  for (const auto& step : document["trace"]) count += step["result"] == "assumed" ? 1 : 0;
  EXPECT_GE(count, 5U) << document["trace"].dump(1);
  // What is declared is not assumed.
  state_["battery_mwh"] = 1;
  EXPECT_EQ(tried({"--assume"}).code, ExitCode::kRefused);
}

TEST_F(ManifestTry, PayloadsComeFromTheCommandLineToo) {
  author("[[components]]\nimage = \"fw.bin\"\nuri = \"coaps://example.com/fw?v=2\"\n");
  EXPECT_EQ(tried().code, ExitCode::kRefused);
  EXPECT_EQ(tried({"--payload", "coaps://example.com/fw?v=2=" + path("fw.bin")}).code, ExitCode::kOk);
  EXPECT_NE(tried({"--payload", "coaps://example.com/fw?v=2=" + path("old.bin")}).err.find("ImageDigestMismatch"),
            std::string::npos);
  author(kSingle);
  state_.erase("images");
  EXPECT_EQ(tried({"--image", path("fw.bin")}).code, ExitCode::kOk);
}

TEST_F(ManifestTry, KeysAndTrustStoresFromTheCommandLineCountInstead) {
  author(kSingle);
  EXPECT_EQ(tried({"--key", path("stranger.pub")}).code, ExitCode::kRefused);
  EXPECT_EQ(tried({"--key", path("stranger.pub"), "--key", path("author.pub")}).code, ExitCode::kOk);
  write("trust.toml",
        "version = 1\n"
        "[[signers]]\nkey = \"author.pub\"\nrights = [{components = [\"modem\"]}]\n");
  const Finished made =
      run_tailor({"trust", "create", path("trust.toml"), "--key", path("stranger.key"), "-o", path("trust.cbor")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const Finished refused = tried({"--trust", path("trust.cbor"), "--authority", path("stranger.pub")});
  EXPECT_NE(refused.err.find("SignerNotPermitted"), std::string::npos) << refused.err;
  EXPECT_NE(tried({"--trust", path("trust.cbor")}).err.find("--authority"), std::string::npos);
  EXPECT_NE(tried({"--trust", path("trust.cbor"), "--authority", path("author.pub")}).err.find("SignatureInvalid"),
            std::string::npos);
}

TEST_F(ManifestTry, EncryptedImagesNeedTheDevicesKey) {
  ASSERT_EQ(run_tailor({"keygen", "-o", path("device.key")}).code, ExitCode::kOk);
  const Finished sealed = run_tailor({"manifest", "encrypt", "--image", path("fw.bin"), "--recipient",
                                      path("device.pub"), "-o", path("fw.enc"), "--info", path("fw.info")});
  ASSERT_EQ(sealed.code, ExitCode::kOk) << sealed.err;
  author(
      "[[components]]\nimage = \"fw.bin\"\nciphertext = \"fw.enc\"\nencryption_info = \"fw.info\"\nstaging = "
      "\"download\"\n");
  state_["components"].push_back({{"id", "download"}});
  state_["images"] = {"fw.enc"};
  EXPECT_NE(tried().err.find("tailor: DecryptionKeyMissing: "), std::string::npos) << tried().err;
  state_["decryption"] = {{{"file", "device.key"}}};
  const Finished opened = tried({"--json"});
  ASSERT_EQ(opened.code, ExitCode::kOk) << opened.err;
  EXPECT_EQ(nlohmann::json::parse(opened.out)["components"][0]["size_bytes"], 14);
}

TEST_F(ManifestTry, WordsAreOfWhatIsDoneNotOfWhatStandsInAnotherBranchOrManifest) {
  author(
      "[[components]]\n[[components.slots]]\nslot = 0\nimage = \"fw.bin\"\nuri = \"/zero\"\n"
      "[[components.slots]]\nslot = 1\nimage = \"old.bin\"\nuri = \"/one\"\n");
  state_["payloads"] = {{"/zero", {{"file", "fw.bin"}}}, {"/one", {{"file", "old.bin"}}}};
  for (const int slot : {0, 1}) {
    state_["components"][0]["slot"] = slot;
    const Finished done = tried();
    EXPECT_EQ(done.code, ExitCode::kOk) << done.err;
    EXPECT_NE(done.out.find(slot == 0 ? "fetches /zero into app" : "fetches /one into app"), std::string::npos)
        << done.out;
    EXPECT_EQ(done.out.find(slot == 0 ? "/one" : "/zero"), std::string::npos) << done.out;
  }
  author("[[components]]\nimage = \"fw.bin\"\noverridable = true\n");
  ASSERT_TRUE(write_file(folder_ / "inner.suit", read_file(path("fw.suit")).value()).ok());
  author(
      "[[dependencies]]\nid = \"inner\"\nenvelope = \"inner.suit\"\nintegrated = true\n"
      "[[components]]\nimage = \"fw.bin\"\nby_dependency = true\nuri = \"/mirror\"\n");
  state_["components"].push_back({{"id", "inner"}});
  const Finished refused = tried();
  EXPECT_NE(refused.err.find("fetches /mirror into app"), std::string::npos) << refused.err;
  state_["payloads"] = {{"/mirror", {{"file", "fw.bin"}}}};
  EXPECT_EQ(tried().code, ExitCode::kOk);
}

TEST_F(ManifestTry, AFaultInADependencyIsNamedInTheDependency) {
  author("[[components]]\nimage = \"fw.bin\"\n");
  ASSERT_TRUE(write_file(folder_ / "inner.suit", read_file(path("fw.suit")).value()).ok());
  author("[[dependencies]]\nid = \"inner\"\nenvelope = \"inner.suit\"\nintegrated = true\n");
  state_["components"].push_back({{"id", "inner"}});
  ASSERT_EQ(tried().code, ExitCode::kOk) << tried().err;
  state_.erase("images");
  const Finished refused = tried();
  EXPECT_NE(refused.err.find("dependency inner: manifest.install[1].fetch"), std::string::npos) << refused.err;
}

// THREAT.MFST.MODIFICATION: whoever signs looks at what the manifest does, on the device it is meant for, and at what
// changed since the last release.
TEST_F(ManifestTry, WhatWasAlteredBeforeSigningShowsBeforeAnyDeviceSeesIt) {
  author(kSingle);
  ASSERT_EQ(tried().code, ExitCode::kOk);
  ASSERT_TRUE(write_file(folder_ / "release.suit", read_file(path("fw.suit")).value()).ok());
  write("evil.bin", "firmware 6.6.6");
  struct Row {
    const char* name;
    std::string description;  ///< whole
    const char* tried;        ///< error that the dry run ends with; null: the dry run alone does not tell
    const char* changed;      ///< in the output of diff
  };
  const std::string head = "vendor = \"example.com\"\nclass = \"bulb\"\nsequence = 7\n";
  const Row rows[] = {
      {"another image", head + "invoke = \"app\"\n[[components]]\nimage = \"evil.bin\"\n", "PayloadUnavailable",
       "image-digest"},
      {"fetched from elsewhere",
       head + "invoke = \"app\"\n[[components]]\nimage = \"fw.bin\"\nuri = \"coaps://evil.example/x\"\n",
       "PayloadUnavailable", "uri"},
      {"for another class", "vendor = \"example.com\"\nclass = \"lamp\"\nsequence = 7\n" + std::string(kSingle),
       "ClassMismatch", "class-identifier"},
      {"into another component", head + "invoke = \"boot\"\n[[components]]\nid = \"boot\"\nimage = \"fw.bin\"\n",
       "ComponentUnknown", "components"},
      {"an older number", "vendor = \"example.com\"\nclass = \"bulb\"\nsequence = 5\n" + std::string(kSingle),
       "SequenceNumberTooLow", "sequence-number"},
      {"never checked at the start", head + "validate = false\ninvoke = \"app\"\n[[components]]\nimage = \"fw.bin\"\n",
       nullptr, "validate"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    write("fw.toml", row.description);
    ASSERT_EQ(
        run_tailor({"manifest", "create", path("fw.toml"), "--key", path("author.key"), "-o", path("fw.suit")}).code,
        ExitCode::kOk);
    const Finished ended = tried();
    EXPECT_EQ(ended.code, row.tried == nullptr ? ExitCode::kOk : ExitCode::kRefused) << ended.err;
    if (row.tried != nullptr) {
      EXPECT_NE(ended.err.find(row.tried), std::string::npos) << ended.err;
    }
    const Finished diff = run_tailor({"manifest", "diff", path("release.suit"), path("fw.suit")});
    EXPECT_EQ(diff.code, ExitCode::kRefused);
    EXPECT_NE(diff.out.find(row.changed), std::string::npos) << diff.out;
  }
}

TEST_F(ManifestTry, WhatIsNoEnvelopeEndsWithTwoAndWritesNothing) {
  for (const char* text : {"", "{}", "no envelope"}) {
    write("fw.suit", text);
    const Finished refused = tried({"--report", path("report.cbor")});
    EXPECT_EQ(refused.code, ExitCode::kUnusable) << text << refused.err;
    EXPECT_NE(refused.err.find("nothing was written: no report"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(path("report.cbor")));
  }
  write("state.json", "{\"vendor\": ");
  const Finished broken = run_tailor({"manifest", "try", "--device", path("state.json"), path("fw.suit")});
  EXPECT_EQ(broken.code, ExitCode::kUnusable);
  EXPECT_NE(broken.err.find("state.json: at byte 11: no JSON"), std::string::npos) << broken.err;
}

TEST_F(ManifestTry, TakesTheStatesOfTheConformanceKit) {
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  const std::filesystem::path folder = std::filesystem::path(source == nullptr ? "." : source) / "tests/vectors/suit";
  const std::pair<const char*, ExitCode> rows[] = {
      {"fetch", ExitCode::kOk}, {"class-of-others", ExitCode::kRefused}, {"secure-boot", ExitCode::kOk}};
  for (const auto& [name, code] : rows) {
    EXPECT_EQ(run_tailor({"manifest", "try", "--device", (folder / name / "case.json").string(),
                          (folder / name / "envelope.suit").string()})
                  .code,
              code)
        << name;
  }
}

}  // namespace
}  // namespace tailor::cli
