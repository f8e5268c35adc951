// SPDX-License-Identifier: Apache-2.0
// Enrolment and renewal against an EST server that is played here.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli/testing.hpp"
#include "cli/testing_server.hpp"
#include "pki/est_format.hpp"

namespace tailor::cli {
namespace {

class EnrolCommands : public testing::Test {
 protected:
  void SetUp() override {
    server_.answer("POST", "/.well-known/est/simpleenroll", [this](const http::Request& request) {
      const auto credentials = http::basic_credentials(request);
      if (!credentials || credentials->user != "operator" || credentials->password.reveal() != "GOOD") {
        return http::problem(fail(Error::kEnrolmentCodeInvalid));
      }
      return issue(request);
    });
    server_.answer("POST", "/.well-known/est/simplereenroll", [this](const http::Request& request) {
      if (request.peer_certificate.empty()) return http::problem(fail(Error::kNotAuthenticated));
      return issue(request);
    });
    url_ = server_.start(authority_, http::ClientCertificate::kOptional);
    EXPECT_TRUE(write_file(folder_ / "root.pem", as_bytes(authority_.issuer.certificate.to_pem())).ok());
  }
  http::Response issue(const http::Request& request) {
    const auto csr = pki::CertificateRequest::from_der(from_base64(request.body, Whitespace::kSkip).value());
    const crypto::P256PublicKey key = wrong_key_ ? pki::PrivateKey::generate()->public_key() : csr->public_key;
    const pki::Certificate certificate = (foreign_ca_ ? other_ : authority_).issue(pki::Role::kOperator, key);
    const Bytes der = pki::make_certs_only({&certificate, 1}).value();
    return {200, "application/pkcs7-mime", to_base64(der, 64), {}};
  }
  Finished enrol(const std::string& code, const std::string& role = "operator") {
    return run_tailor({"enrol", "--ca", url_, "--ca-cert", (folder_ / "root.pem").string(), "--code", code, "--role",
                       role, "--name", "alice", "--server", "https://localhost:1", "--out",
                       (folder_ / "alice").string(), "--json"});
  }

  TemporaryFolder folder_;
  TestAuthority authority_, other_;
  TestServer server_;
  std::string url_;
  bool wrong_key_ = false, foreign_ca_ = false;
};

TEST_F(EnrolCommands, FirstCertificateAndRenewal) {
  const Finished done = enrol("GOOD");
  ASSERT_EQ(done.code, ExitCode::kOk) << done.err;
  const auto document = nlohmann::json::parse(done.out);
  EXPECT_EQ(document["role"], "operator");
  EXPECT_EQ(document["id"].get<std::string>().size(), 36U);
  struct stat status {};
  ASSERT_EQ(stat((folder_ / "alice/key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto certificate = pki::Certificate::read(folder_ / "alice/cert.pem").value();
  const auto key = pki::PrivateKey::read(folder_ / "alice/key.pem").value();
  EXPECT_EQ(certificate.public_key(), key.public_key());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "alice/tailor.toml"));

  const Finished renewed = run_tailor({"renew", "--dir", (folder_ / "alice").string(), "--ca", url_});
  ASSERT_EQ(renewed.code, ExitCode::kOk) << renewed.err;
  const auto again = pki::Certificate::read(folder_ / "alice/cert.pem").value();
  EXPECT_NE(again.serial(), certificate.serial());
  EXPECT_EQ(again.public_key(), key.public_key());
}

TEST_F(EnrolCommands, ARefusedCodeLeavesNoKey) {
  const Finished refused = enrol("BAD");
  EXPECT_EQ(refused.code, ExitCode::kRefused);
  EXPECT_EQ(refused.err.find("tailor: EnrolmentCodeInvalid: "), 0U) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "alice/key.pem"));
  EXPECT_EQ(refused.err.find("BAD"), std::string::npos);
  ASSERT_EQ(enrol("GOOD").code, ExitCode::kOk);
  // A second enrolment into the same folder would orphan a certificate that works.
  EXPECT_EQ(enrol("GOOD").code, ExitCode::kRefused);
}

TEST_F(EnrolCommands, CertificatesThatAreNotOursAreRefused) {
  wrong_key_ = true;
  EXPECT_NE(enrol("GOOD").err.find("CertificateInvalid"), std::string::npos);
  wrong_key_ = false;
  foreign_ca_ = true;
  EXPECT_NE(enrol("GOOD").err.find("CertificateInvalid"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "alice/cert.pem"));
}

TEST_F(EnrolCommands, Usage) {
  EXPECT_EQ(enrol("GOOD", "king").code, ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"enrol", "--ca", url_}).code, ExitCode::kUnusable);
  EXPECT_EQ(run_tailor({"renew", "--dir", (folder_ / "none").string(), "--ca", url_}).code, ExitCode::kUnusable);
  EXPECT_TRUE(server_.asked().empty());
}

}  // namespace
}  // namespace tailor::cli
