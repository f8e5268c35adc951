// SPDX-License-Identifier: Apache-2.0
// Keys inside a PKCS#11 module, against SoftHSM: found by name, used without being read out, refused by reason.
#include "authoring/signing/pkcs11_key.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "authoring/signing/key_formats.hpp"
#include "core/cose/algorithms.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/key.hpp"

namespace tailor::authoring {
namespace {

using namespace literals;

constexpr auto kMessage = "74 61 69 6c 6f 72"_hex;
constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

/// A token with a P-256 key "author" and an Ed25519 key "edwards"; its PIN is 1234.
class Pkcs11KeyTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(kModule)) << "install softhsm2 (tools/packages.txt)";
    ASSERT_TRUE(std::filesystem::create_directory(folder_ / "tokens"));
    const std::string configuration =
        "directories.tokendir = " + (folder_ / "tokens").string() + "\nlog.level = ERROR\n";
    ASSERT_TRUE(write_file(folder_ / "softhsm2.conf", as_bytes(configuration)).ok());
    ASSERT_EQ(::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1), 0);
    softhsm("--init-token --free --label tailor --so-pin 5678 --pin 1234");
    p256_ = pki::PrivateKey::generate().value();
    import("author", "01", p256_->to_pem().value());
    import("edwards", "02", private_key_to_pem(edwards_).value());
  }
  void TearDown() override {
    ::unsetenv("SOFTHSM2_CONF");
    ::unsetenv("TAILOR_PKCS11_PIN");
  }
  void softhsm(const std::string& arguments) const {
    const std::string command = "softhsm2-util " + arguments + " >" + (folder_ / "log").string() + " 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << read_text_file(folder_ / "log").value();  // NOLINT: a fixed command
  }
  void import(const std::string& label, const std::string& id, const SecretString& pem) const {
    const auto file = folder_ / "import.pem";
    ASSERT_TRUE(write_file(file, as_bytes(pem.reveal()), FileMode::kPrivate).ok());
    softhsm("--import " + file.string() + " --token tailor --pin 1234 --label " + label + " --id " + id);
  }
  [[nodiscard]] static std::string uri(const std::string& path, const std::string& query = "&pin-value=1234") {
    return "pkcs11:" + path + "?module-path=" + kModule + query;
  }

  TemporaryFolder folder_;
  std::optional<pki::PrivateKey> p256_;
  crypto::Ed25519PrivateKey edwards_ = crypto::generate_ed25519().value();
};

TEST_F(Pkcs11KeyTest, SignsWithP256) {
  const auto key = open_signing_key(uri("token=tailor;object=author"));
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kEsp256);
  EXPECT_EQ((*key)->verification_key(), cose::VerificationKey(p256_->public_key()));
  const Bytes signature = (*key)->sign(kMessage).value();
  crypto::P256Signature rs{};
  ASSERT_EQ(signature.size(), rs.size());
  std::copy(signature.begin(), signature.end(), rs.begin());
  EXPECT_TRUE(crypto::verify_p256(p256_->public_key(), crypto::sha256(kMessage).value(), rs).ok());
}

TEST_F(Pkcs11KeyTest, SignsWithEd25519) {
  const auto key = open_signing_key(uri("token=tailor;id=%02"));
  ASSERT_TRUE(key.ok()) << key.error().to_text();
  EXPECT_EQ((*key)->cose_algorithm(), cose::algorithm::kEd25519);
  EXPECT_TRUE(equal((*key)->sign(kMessage).value(), crypto::sign_ed25519(edwards_, kMessage).value()));
}

TEST_F(Pkcs11KeyTest, TakesThePinFromAFileOrTheEnvironment) {
  ASSERT_TRUE(write_file(folder_ / "pin", as_bytes("1234\n"), FileMode::kPrivate).ok());
  EXPECT_TRUE(
      open_pkcs11_key(uri("token=tailor;object=author", "&pin-source=file:" + (folder_ / "pin").string())).ok());
  EXPECT_EQ(open_pkcs11_key(uri("token=tailor;object=author", "")).error().code, Error::kNotFound);
  ASSERT_EQ(::setenv("TAILOR_PKCS11_PIN", "1234", 1), 0);
  EXPECT_TRUE(open_pkcs11_key(uri("token=tailor;object=author", "")).ok());
}

TEST_F(Pkcs11KeyTest, RefusesWithTheReasonAndNeverSaysThePin) {
  struct Row {
    std::string uri;
    Error expected;
  };
  const Row rows[] = {
      {uri("token=tailor;object=author", "&pin-value=9999"), Error::kNotAuthenticated},
      {uri("token=other;object=author"), Error::kNotFound},
      {uri("token=tailor;object=none"), Error::kNotFound},
      {uri("token=tailor"), Error::kUsageInvalid},  // two keys
      {"pkcs11:token=tailor;object=author?pin-value=1234", Error::kUsageInvalid},
      {"pkcs11:token=%zz", Error::kUsageInvalid},
      {uri("token=tailor;colour=red"), Error::kUsageInvalid},
      {"pkcs11:token=tailor?module-path=/nowhere/module.so", Error::kFileFailed},
      {uri("token=tailor;object=author", "&pin-source=file:/nowhere/pin"), Error::kNotFound},
  };
  for (const Row& row : rows) {
    const auto key = open_signing_key(row.uri);
    ASSERT_FALSE(key.ok()) << row.uri;
    EXPECT_EQ(key.error().code, row.expected) << row.uri << " " << key.error().to_text();
    EXPECT_EQ(key.error().context.find("1234"), std::string::npos) << key.error().context;
    EXPECT_EQ(key.error().context.find("9999"), std::string::npos) << key.error().context;
  }
}

}  // namespace
}  // namespace tailor::authoring
