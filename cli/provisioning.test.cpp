// SPDX-License-Identifier: Apache-2.0
// `tailor trust` and `tailor factory` together, as the trust provisioning authority and the factory use them.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "authoring/encryption.hpp"
#include "cli/testing.hpp"
#include "core/trust/factory_bundle.hpp"
#include "core/trust/kek.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/certificate.hpp"

namespace tailor::cli {
namespace {

class Provisioning : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_tailor({"trust", "keygen", "-o", path("tpa.key")}).code, ExitCode::kOk);
    ASSERT_EQ(run_tailor({"key", "generate", "-o", path("author.key")}).code, ExitCode::kOk);
    const std::string text =
        "version = 1\n[[signers]]\nkey = \"author.pub\"\ncomponents = [\"app\"]\n"
        "[[servers]]\nid = \"11111111-2222-4333-8444-555555555555\"\nuris = [\"coaps://localhost\"]\n";
    ASSERT_TRUE(write_file(path("trust.toml"), as_bytes(text)).ok());
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  Finished make_trust() {
    return run_tailor({"trust", "create", path("trust.toml"), "--key", path("tpa.key"), "-o", path("trust.cbor")});
  }
  Finished make_device(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"factory",  "create",
                                          "--vendor", "example.com",
                                          "--class",  "bulb",
                                          "--ca-uri", "coaps://localhost:5684",
                                          "--trust",  path("trust.cbor"),
                                          "--anchor", path("tpa.pub"),
                                          "-o",       path("device.bundle")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tailor(arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(Provisioning, TrustInOneStepAndInTwo) {
  ASSERT_EQ(make_trust().code, ExitCode::kOk);
  const Finished unsealed = run_tailor({"trust", "create", path("trust.toml"), "-o", path("trust.unsigned")});
  ASSERT_EQ(unsealed.code, ExitCode::kOk) << unsealed.err;
  EXPECT_NE(unsealed.out.find("not signed"), std::string::npos);
  ASSERT_EQ(
      run_tailor({"trust", "sign", path("trust.unsigned"), "--key", path("tpa.key"), "-o", path("two.cbor")}).code,
      ExitCode::kOk);
  for (const char* file : {"trust.cbor", "two.cbor"}) {
    const Finished shown = run_tailor({"trust", "show", path(file), "--key", path("tpa.pub"), "--json"});
    ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
    const auto document = nlohmann::json::parse(shown.out);
    EXPECT_EQ(document["signature"], "valid");
    EXPECT_EQ(document["version"], 1);
    EXPECT_EQ(document["signers"][0]["components"][0], "app");
    EXPECT_EQ(document["server_uris"][0], "coaps://localhost");
  }
  const Finished stranger = run_tailor({"trust", "show", path("trust.cbor"), "--key", path("author.pub")});
  EXPECT_EQ(stranger.code, ExitCode::kRefused);
  EXPECT_NE(stranger.out.find("INVALID"), std::string::npos);
  const Finished unchecked = run_tailor({"trust", "show", path("trust.unsigned")});
  EXPECT_EQ(unchecked.code, ExitCode::kOk);
  EXPECT_NE(unchecked.out.find("signature   none"), std::string::npos) << unchecked.out;
}

TEST_F(Provisioning, FactoryMakesBundleAndRecord) {
  ASSERT_EQ(make_trust().code, ExitCode::kOk);
  const std::string id = "01234567-89ab-4def-8123-456789abcdef";
  const Finished made = make_device({"--device", id, "--keys", "2"});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  for (const char* file : {"device.bundle", "device.bundle.json"}) {
    struct stat status {};
    ASSERT_EQ(stat(path(file).c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << file;
  }
  const auto record = nlohmann::json::parse(read_text_file(path("device.bundle.json")).value());
  EXPECT_EQ(record["device"], id);
  const Finished shown = run_tailor({"factory", "show", path("device.bundle"), "--json"});
  ASSERT_EQ(shown.code, ExitCode::kOk) << shown.err;
  const auto document = nlohmann::json::parse(shown.out);
  EXPECT_EQ(document["device"], id);
  EXPECT_EQ(document["key_pairs"], 2);
  EXPECT_EQ(document["trust_store_version"], 1);
  EXPECT_EQ(document["vendor"], "cfbff0d1-9375-5685-968c-48ce8b15ae17");
  // no output shows the secret
  const std::string secret = record["factory_secret"];
  EXPECT_EQ((shown.out + made.out + run_tailor({"factory", "show", path("device.bundle")}).out).find(secret),
            std::string::npos);
}

TEST_F(Provisioning, WhoHasTheRecordCanEncryptForTheDevice) {
  ASSERT_EQ(make_trust().code, ExitCode::kOk);
  ASSERT_EQ(make_device({}).code, ExitCode::kOk);
  const Finished made = run_tailor({"factory", "kek", path("device.bundle.json"), "-o", path("device.kek")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const auto bytes = read_file(path("device.bundle")).value();
  const auto bundle = trust::decode_factory_bundle(bytes).value();
  const auto kek = trust::derive_kek(bundle.factory_secret, bundle.device).value();
  const auto recipient = authoring::read_recipient_key(path("device.kek"));
  ASSERT_TRUE(recipient.ok());
  EXPECT_TRUE(equal(recipient->key.reveal(), kek.secret_bytes()));
  EXPECT_EQ(as_text(recipient->key_id), trust::kKekId);
  EXPECT_EQ(made.out.find(to_hex(kek.secret_bytes())), std::string::npos);
  EXPECT_EQ(run_tailor({"factory", "kek", path("device.bundle.json"), "-o", path("device.kek")}).code,
            ExitCode::kRefused)
      << "a key is not written over";
}

TEST_F(Provisioning, IdevidDevicesGetAFactoryCertificateOfTheMakersRoot) {
  ASSERT_EQ(make_trust().code, ExitCode::kOk);
  ASSERT_EQ(run_tailor({"ca", "init", "--dir", path("ca")}).code, ExitCode::kOk);
  const Finished made = make_device(
      {"--mode", "idevid", "--factory-ca", path("ca/factory.pem"), "--factory-ca-key", path("ca/factory.key")});
  ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
  const auto bytes = read_file(path("device.bundle")).value();
  const auto bundle = trust::decode_factory_bundle(bytes);
  ASSERT_TRUE(bundle.ok());
  const auto certificate = pki::Certificate::from_der(bundle->factory_certificate);
  ASSERT_TRUE(certificate.ok());
  EXPECT_EQ(certificate->identity()->id, bundle->device);
  EXPECT_EQ(certificate->public_key(), crypto::public_key_of(*bundle->factory_key).value());
  const auto record = nlohmann::json::parse(read_text_file(path("device.bundle.json")).value());
  EXPECT_FALSE(record.contains("factory_secret"));
  EXPECT_EQ(run_tailor({"ca", "devices", "add", "--dir", path("ca"), path("device.bundle.json")}).code, ExitCode::kOk);
  // A key of another root would make certificates that nobody believes.
  const Finished mismatch = run_tailor({"factory",
                                        "create",
                                        "--vendor",
                                        "example.com",
                                        "--class",
                                        "bulb",
                                        "--ca-uri",
                                        "coaps://localhost",
                                        "--trust",
                                        path("trust.cbor"),
                                        "--anchor",
                                        path("tpa.pub"),
                                        "--mode",
                                        "idevid",
                                        "--factory-ca",
                                        path("ca/factory.pem"),
                                        "--factory-ca-key",
                                        path("ca/ca.key"),
                                        "-o",
                                        path("other.bundle")});
  EXPECT_EQ(mismatch.code, ExitCode::kRefused) << mismatch.err;
}

TEST_F(Provisioning, FactoryRefuses) {
  ASSERT_EQ(make_trust().code, ExitCode::kOk);
  const Finished anchor = make_device({"--device", "no-uuid"});
  EXPECT_EQ(anchor.code, ExitCode::kUnusable);
  EXPECT_EQ(make_device({"--mode", "idevid"}).code, ExitCode::kUnusable);
  EXPECT_EQ(make_device({"--mode", "magic"}).code, ExitCode::kUnusable);
  EXPECT_EQ(make_device({"--keys", "3"}).code, ExitCode::kUnusable);
  EXPECT_FALSE(std::filesystem::exists(path("device.bundle")));
  ASSERT_EQ(make_device().code, ExitCode::kOk);
  const auto before = read_file(path("device.bundle")).value();
  EXPECT_EQ(make_device().code, ExitCode::kRefused);  // never over an existing secret
  EXPECT_EQ(read_file(path("device.bundle")).value(), before);
  ASSERT_TRUE(write_file(path("broken"), ByteView(before).first(before.size() - 1)).ok());
  EXPECT_EQ(run_tailor({"factory", "show", path("broken")}).code, ExitCode::kUnusable);
}

}  // namespace
}  // namespace tailor::cli
