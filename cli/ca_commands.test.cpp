// SPDX-License-Identifier: Apache-2.0
// A certificate authority in its folder: made, served, administered beside the running service.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "pki/certificate.hpp"

namespace tailor::cli {
namespace {

using nlohmann::json;

class CaCommands : public testing::Test {
 protected:
  void SetUp() override {
    const Finished made = run_tailor({"ca", "init", "--dir", ca_});
    ASSERT_EQ(made.code, ExitCode::kOk) << made.err;
    ASSERT_TRUE(write_file(ca_ + "/ca.toml", as_bytes("[log]\nlevel = \"off\"\n")).ok());
  }
  Finished ca(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ca");
    arguments.insert(arguments.end(), {"--dir", ca_});
    return run_tailor(arguments);
  }
  json ca_json(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const Finished done = ca(arguments);
    EXPECT_EQ(done.code, ExitCode::kOk) << done.err;
    return json::parse(done.out, nullptr, false);
  }
  Finished enrol(const std::string& url, const std::string& code, const std::string& role, const std::string& name) {
    return run_tailor({"enrol", "--ca", url, "--ca-cert", ca_ + "/ca.pem", "--code", code, "--role", role, "--name",
                       name, "--out", (folder_ / name).string(), "--json"});
  }

  TemporaryFolder folder_;
  const std::string ca_ = (folder_ / "ca").string();
};

TEST_F(CaCommands, InitMakesSecretKeysOnce) {
  for (const char* name : {"/ca.key", "/factory.key"}) {
    struct stat status {};
    ASSERT_EQ(stat((ca_ + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
  EXPECT_TRUE(pki::Certificate::read(ca_ + "/ca.pem")->is_authority());
  EXPECT_TRUE(pki::Certificate::read(ca_ + "/factory.pem")->is_authority());
  const auto before = read_file(ca_ + "/ca.key").value();
  const Finished again = run_tailor({"ca", "init", "--dir", ca_});
  EXPECT_EQ(again.code, ExitCode::kRefused);
  EXPECT_NE(again.err.find("AlreadyExists"), std::string::npos);
  EXPECT_EQ(read_file(ca_ + "/ca.key").value(), before);
}

TEST_F(CaCommands, ACodeBuysOneCertificateOfItsRole) {
  const json code = ca_json({"code", "--role", "update-server"});
  EXPECT_EQ(code["host_names"], json::array({"localhost", "127.0.0.1", "::1"}));
  const Finished served =
      run_serving({"ca", "serve", "--dir", ca_, "--https", "127.0.0.1:0", "--coaps", "127.0.0.1:0", "--json"},
                  [&](const std::string& out) {
                    const std::string url = "https://" + json::parse(out)["https"].get<std::string>();
                    EXPECT_EQ(enrol(url, code["code"], "operator", "wrong-role").code, ExitCode::kRefused);
                    const Finished enrolled = enrol(url, code["code"], "update-server", "server");
                    ASSERT_EQ(enrolled.code, ExitCode::kOk) << enrolled.err;
                    EXPECT_EQ(json::parse(enrolled.out)["id"], code["id"]);
                    const Finished twice = enrol(url, code["code"], "update-server", "twice");
                    EXPECT_EQ(twice.code, ExitCode::kRefused);
                    EXPECT_NE(twice.err.find("EnrolmentCodeInvalid"), std::string::npos) << twice.err;
                    const Finished renewed = run_tailor({"renew", "--dir", (folder_ / "server").string(), "--ca", url});
                    EXPECT_EQ(renewed.code, ExitCode::kOk) << renewed.err;

                    // Administration beside the running service: a revoked certificate renews no more.
                    const std::string serial = pki::Certificate::read(folder_ / "server/cert.pem")->serial();
                    EXPECT_EQ(ca({"revoke", serial, "--reason", "key-compromise"}).code, ExitCode::kOk);
                    const Finished refused = run_tailor({"renew", "--dir", (folder_ / "server").string(), "--ca", url});
                    EXPECT_EQ(refused.code, ExitCode::kRefused);
                    EXPECT_NE(refused.err.find("CertificateRevoked"), std::string::npos) << refused.err;
                  });
  ASSERT_EQ(served.code, ExitCode::kOk) << served.err;

  const json listed = ca_json({"certificates", "--role", "update-server"});
  ASSERT_EQ(listed["items"].size(), 2U);
  EXPECT_EQ(listed["items"][0]["id"], code["id"]);
  EXPECT_EQ(listed["items"][1]["reason"], "key-compromise");
  const std::string held = listed["items"][0]["serial"], file = (folder_ / "exported.pem").string();
  EXPECT_EQ(ca_json({"certificate", held, "-o", file})["id"], code["id"]);
  EXPECT_EQ(pki::Certificate::read(file)->serial(), held);
  EXPECT_EQ(ca({"certificate", "00ff", "-o", (folder_ / "none.pem").string()}).code, ExitCode::kRefused);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.pem"));
  const json list = ca_json({"crl", "-o", (folder_ / "crl.pem").string()});
  EXPECT_EQ(list["revoked"], 1);
}

TEST_F(CaCommands, DevicesAreRegisteredByTheirRecords) {
  const std::string record = R"({"format":1,"device":"11111111-2222-4333-8444-555555555555",
    "vendor":"11111111-2222-4333-8444-555555555555","class":"11111111-2222-4333-8444-555555555555",
    "tenant":"default","mode":"psk","key_pairs":1,"factory_secret":"000102030405060708090a0b0c0d0e0f"})";
  ASSERT_TRUE(write_file(folder_ / "record.json", as_bytes(record)).ok());
  const std::string file = (folder_ / "record.json").string();
  EXPECT_EQ(ca_json({"devices", "add", file})["items"][0]["device"], "11111111-2222-4333-8444-555555555555");
  const Finished again = ca({"devices", "add", file});
  EXPECT_EQ(again.code, ExitCode::kRefused);
  EXPECT_NE(again.err.find("AlreadyExists: " + file), std::string::npos) << again.err;
  EXPECT_EQ(ca({"devices", "retire", "11111111-2222-4333-8444-555555555555"}).code, ExitCode::kOk);
  EXPECT_EQ(ca({"devices", "retire", "99999999-2222-4333-8444-555555555555"}).code, ExitCode::kRefused);
  ASSERT_TRUE(write_file(folder_ / "record.json", as_bytes("{}")).ok());
  EXPECT_EQ(ca({"devices", "add", file}).code, ExitCode::kUnusable);
  // The secret is kept encrypted: the database does not hold it.
  const auto database = read_file(ca_ + "/ca.db").value();
  const auto secret = "000102030405060708090a0b0c0d0e0f"_hex;
  EXPECT_EQ(std::search(database.begin(), database.end(), secret.begin(), secret.end()), database.end());
}

TEST_F(CaCommands, Usage) {
  EXPECT_EQ(run_tailor({"ca", "code", "--dir", (folder_ / "none").string(), "--role", "operator"}).code,
            ExitCode::kUnusable);
  EXPECT_EQ(ca({"code", "--role", "device"}).code, ExitCode::kUnusable);
  EXPECT_EQ(ca({"code", "--role", "operator", "--id", "me"}).code, ExitCode::kUnusable);
  EXPECT_EQ(ca({"revoke", "00", "--reason", "boredom"}).code, ExitCode::kUnusable);
  EXPECT_EQ(ca({"revoke", "00"}).code, ExitCode::kRefused);
  EXPECT_EQ(ca({"serve", "--https", "nowhere"}).code, ExitCode::kUnusable);
  ASSERT_TRUE(write_file(ca_ + "/ca.toml", as_bytes("[ca]\nhttps_prot = 1\n")).ok());
  const Finished strict = ca({"code", "--role", "operator"});
  EXPECT_EQ(strict.code, ExitCode::kUnusable);
  EXPECT_NE(strict.err.find("ca.toml:2: unknown key ca.https_prot"), std::string::npos) << strict.err;
}

}  // namespace
}  // namespace tailor::cli
