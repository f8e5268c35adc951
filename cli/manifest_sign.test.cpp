// SPDX-License-Identifier: Apache-2.0
// `tailor manifest sign` with keys that are no PEM files: inside a PKCS#11 module (SoftHSM), and HSS/LMS keys whose
// numbers are used once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/encoding.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

class ManifestSign : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_TRUE(write_file(folder_ / "fw.bin", as_bytes("firmware 1.2.0")).ok());
    const Finished made = run_tailor({"manifest", "create", "--image", path("fw.bin"), "--vendor", "example.com",
                                      "--class", "bulb", "--sequence", "7", "-o", path("fw.suit")});
    ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  Finished sign(const std::string& key) { return run_tailor({"manifest", "sign", "--key", key, path("fw.suit")}); }
  Finished verify(const std::string& key) {
    return run_tailor({"manifest", "verify", "--key", path(key), path("fw.suit")});
  }
  Bytes envelope() const { return read_file(folder_ / "fw.suit").value(); }
  uint64_t signatures_left(const std::string& key) {
    const Finished shown = run_tailor({"--json", "key", "show", path(key)});
    EXPECT_EQ(shown.code, ExitCode::kOk) << shown.err;
    return nlohmann::json::parse(shown.out)["left"].get<uint64_t>();
  }
  TemporaryFolder folder_;
};

/// A token with a P-256 key "author"; its PIN is 1234.
class ManifestSignByToken : public ManifestSign {
 protected:
  void SetUp() override {
    ManifestSign::SetUp();
    ASSERT_TRUE(std::filesystem::exists(kModule)) << "install softhsm2 (tools/packages.txt)";
    ASSERT_TRUE(std::filesystem::create_directory(folder_ / "tokens"));
    ASSERT_TRUE(write_file(folder_ / "softhsm2.conf",
                           as_bytes("directories.tokendir = " + path("tokens") + "\nlog.level = ERROR\n"))
                    .ok());
    ASSERT_EQ(::setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1), 0);
    softhsm("--init-token --free --label tailor --so-pin 5678 --pin 1234");
    ASSERT_EQ(run_tailor({"keygen", "-o", path("author.key")}).code, ExitCode::kOk);
    softhsm("--import " + path("author.key") + " --token tailor --pin 1234 --label author --id 01");
  }
  void TearDown() override {
    ::unsetenv("SOFTHSM2_CONF");
    ::unsetenv("TAILOR_PKCS11_PIN");
  }
  void softhsm(const std::string& arguments) const {
    const std::string command = "softhsm2-util " + arguments + " >" + path("log") + " 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << read_text_file(folder_ / "log").value();  // NOLINT: a fixed command
  }
  static std::string uri(const std::string& object) {
    return "pkcs11:token=tailor;object=" + object + "?module-path=" + kModule;
  }
};

TEST_F(ManifestSignByToken, TheKeyStaysInTheTokenAndTheEnvelopeVerifies) {
  ASSERT_EQ(::setenv("TAILOR_PKCS11_PIN", "1234", 1), 0);
  const Finished sealed = sign(uri("author"));
  ASSERT_EQ(sealed.code, ExitCode::kOk) << sealed.err;
  EXPECT_EQ(verify("author.pub").code, ExitCode::kOk);
  EXPECT_EQ(sign(path("author.key")).code, ExitCode::kOk) << "another signature beside it";
  // The PIN may stand in a file instead.
  ::unsetenv("TAILOR_PKCS11_PIN");
  ASSERT_TRUE(write_file(folder_ / "pin", as_bytes("1234\n"), FileMode::kPrivate).ok());
  EXPECT_EQ(sign(uri("author") + "&pin-source=file:" + path("pin")).code, ExitCode::kOk);
  EXPECT_EQ(verify("author.pub").code, ExitCode::kOk);
}

TEST_F(ManifestSignByToken, RefusalsLeaveTheEnvelopeAndNeverSayThePin) {
  const Bytes before = envelope();
  struct Row {
    const char* pin;
    std::string key;
    const char* says;
  };
  const Row rows[] = {
      {"9999", uri("author"), "tailor: NotAuthenticated: "},
      {"1234", uri("nobody"), "tailor: NotFound: "},
      {"1234", "pkcs11:token=tailor;object=author?module-path=/nowhere.so", "tailor: FileFailed: "},
      {"1234", "pkcs11:token=%zz", "tailor: UsageInvalid: "},
      {nullptr, uri("author"), "tailor: NotFound: "},
  };
  for (const Row& row : rows) {
    row.pin == nullptr ? ::unsetenv("TAILOR_PKCS11_PIN") : ::setenv("TAILOR_PKCS11_PIN", row.pin, 1);
    const Finished refused = sign(row.key);
    EXPECT_NE(refused.code, ExitCode::kOk) << row.key;
    EXPECT_EQ(refused.err.find(row.says), 0U) << row.key << ": " << refused.err;
    EXPECT_EQ(refused.err.find(row.pin == nullptr ? "1234" : row.pin), std::string::npos) << refused.err;
    EXPECT_EQ(envelope(), before) << row.key;
  }
}

TEST_F(ManifestSign, AnHssKeySignsAndUsesNumbersUp) {
  const Finished made = run_tailor({"keygen", "--type", "hss", "--parameters", "H5/W8", "-o", path("post.key")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  EXPECT_EQ(signatures_left("post.key"), 32U);
  const Bytes bare = envelope();
  const Finished sealed = sign(path("post.key"));
  ASSERT_EQ(sealed.code, ExitCode::kOk) << sealed.err;
  EXPECT_EQ(signatures_left("post.key"), 31U);
  EXPECT_EQ(verify("post.pub").code, ExitCode::kOk);
  EXPECT_EQ(verify("post.key").code, ExitCode::kOk);
  EXPECT_NE(run_tailor({"manifest", "inspect", path("fw.suit")}).out.find("HSS-LMS"), std::string::npos);
  // What is refused for another reason uses nothing up.
  Bytes damaged = bare;
  damaged.back() ^= 1;
  ASSERT_TRUE(write_file(folder_ / "fw.suit", damaged).ok());
  EXPECT_EQ(sign(path("post.key")).code, ExitCode::kRefused);
  EXPECT_EQ(signatures_left("post.key"), 31U);
}

TEST_F(ManifestSign, AnHssKeyThatIsUsedUpIsRefusedAndTheEnvelopeStays) {
  ASSERT_EQ(run_tailor({"keygen", "--type", "hss", "--parameters", "H5/W8", "-o", path("post.key")}).code,
            ExitCode::kOk);
  const Bytes bare = envelope();
  for (uint64_t left = 32; left > 0; --left) {
    ASSERT_TRUE(write_file(folder_ / "fw.suit", bare).ok());
    ASSERT_EQ(sign(path("post.key")).code, ExitCode::kOk) << left;
  }
  EXPECT_EQ(verify("post.pub").code, ExitCode::kOk) << "the last signature";
  ASSERT_TRUE(write_file(folder_ / "fw.suit", bare).ok());
  const Finished refused = sign(path("post.key"));
  EXPECT_EQ(refused.code, ExitCode::kRefused);
  EXPECT_EQ(refused.err.find("tailor: KeyExhausted: "), 0U) << refused.err;
  EXPECT_EQ(envelope(), bare);
}

}  // namespace
}  // namespace tailor::cli
