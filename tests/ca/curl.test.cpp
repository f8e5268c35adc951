// SPDX-License-Identifier: Apache-2.0
// Met by others: curl enrols over EST (RFC 7030) at the running service, and openssl reads and verifies what it gets.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "services/ca/service.hpp"

namespace tailor::ca {
namespace {

struct Ran {
  int status = -1;
  std::string output;  ///< standard output and error
};

class CurlTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(init_ca({folder_ / "ca"}, clock_).ok());
    start();
    ASSERT_EQ(run("openssl ecparam -name prime256v1 -genkey -noout -out key.pem").status, 0);
    ASSERT_EQ(run("openssl req -new -key key.pem -subj /CN=ignored -outform DER -out csr.der").status, 0);
    ASSERT_EQ(run("base64 csr.der > csr.b64").status, 0);
  }

  void start() {
    CaConfig config;
    config.folder = folder_ / "ca";
    config.https_port = 0;
    config.coaps_port = 0;
    service_ = CaService::start(config, clock_).value();
  }

  /// Runs a command in the test's folder. $BASE is the service's URL.
  Ran run(const std::string& command) const {
    const std::string base = "https://127.0.0.1:" + std::to_string(service_->https_port());
    const std::string whole = "cd '" + folder_.path().string() + "' && BASE=" + base + " && { " + command + "; } 2>&1";
    Ran out;
    FILE* pipe = ::popen(whole.c_str(), "r");  // NOLINT(cert-env33-c): the command is this test's
    char piece[4096];
    for (size_t n = 0; (n = std::fread(piece, 1, sizeof(piece), pipe)) > 0;) out.output.append(piece, n);
    out.status = WEXITSTATUS(::pclose(pipe));
    return out;
  }
  static std::string curl(const std::string& rest) {
    return "curl --silent --show-error --max-time 20 --cacert ca/ca.pem " + rest;
  }
  std::string enrol_command(const std::string& code, const std::string& out) const {
    return curl("--output " + out + " --write-out '%{http_code}' --user operator:" + code +
                " -H 'Content-Type: application/pkcs10' --data-binary @csr.b64 $BASE/.well-known/est/simpleenroll");
  }
  std::string code() { return std::string(service_->authority().issue_code({})->code.reveal()); }
  /// Enrols and leaves the certificate in cert.pem.
  void enrol() {
    ASSERT_EQ(run(enrol_command(code(), "cert.p7.b64")).output, "200");
    ASSERT_EQ(run("openssl base64 -d -in cert.p7.b64 | openssl pkcs7 -inform DER -print_certs -out cert.pem").status,
              0);
  }

  TemporaryFolder folder_;
  SystemUtcClock clock_;
  std::unique_ptr<CaService> service_;
};

TEST_F(CurlTest, CacertsIsWhatOpensslReads) {
  const Ran got = run(curl("--insecure $BASE/.well-known/est/cacerts") +
                      " | openssl base64 -d | openssl pkcs7 -inform DER -print_certs -out fetched.pem"
                      " && openssl x509 -in fetched.pem -outform DER -out a && openssl x509 -in ca/ca.pem -outform DER "
                      "-out b && cmp a b");
  EXPECT_EQ(got.status, 0) << got.output;
}

TEST_F(CurlTest, EnrolsOnceWithACode) {
  const std::string once = code();
  EXPECT_EQ(run(enrol_command(once, "cert.p7.b64")).output, "200");
  const Ran read = run("openssl base64 -d -in cert.p7.b64 | openssl pkcs7 -inform DER -print_certs -out cert.pem");
  EXPECT_EQ(read.status, 0) << read.output;
  const Ran verified = run("openssl verify -x509_strict -purpose sslclient -CAfile ca/ca.pem cert.pem");
  EXPECT_EQ(verified.status, 0) << verified.output;
  const Ran text = run("openssl x509 -in cert.pem -noout -text");
  EXPECT_NE(text.output.find("URI:tag:tailor,2026:default:operator:"), std::string::npos) << text.output;
  EXPECT_NE(text.output.find("TLS Web Client Authentication"), std::string::npos) << text.output;
  EXPECT_EQ(run(enrol_command(once, "second")).output, "401");
  EXPECT_NE(run("cat second").output.find("EnrolmentCodeInvalid"), std::string::npos);
}

TEST_F(CurlTest, RenewsWithTheCertificateAndIsRefusedOnceItIsRevoked) {
  enrol();
  const std::string renew = curl(
      "--cert cert.pem --key key.pem --output new.b64 --write-out '%{http_code}' -H 'Content-Type: application/pkcs10' "
      "--data-binary @csr.b64 $BASE/.well-known/est/simplereenroll");
  EXPECT_EQ(run(renew).output, "200");
  EXPECT_EQ(run("openssl base64 -d -in new.b64 | openssl pkcs7 -inform DER -print_certs -out new.pem && openssl verify "
                "-CAfile ca/ca.pem new.pem")
                .status,
            0);
  const std::string serial = pki::Certificate::read(folder_ / "cert.pem")->serial();
  const std::string list = curl("--cert cert.pem --key key.pem $BASE/v1/certificates?role=operator");
  EXPECT_NE(run(list).output.find(serial), std::string::npos);
  ASSERT_TRUE(service_->authority().revoke(serial, pki::RevocationReason::kKeyCompromise).ok());
  EXPECT_EQ(run(renew).output, "401");
  EXPECT_NE(run("cat new.b64").output.find("CertificateRevoked"), std::string::npos);
  const Ran crl = run(curl("--output list.crl $BASE/crl") +
                      " && openssl crl -inform DER -in list.crl -out list.pem && cat ca/ca.pem list.pem > both.pem");
  EXPECT_EQ(crl.status, 0) << crl.output;
  EXPECT_NE(run("openssl verify -crl_check -CAfile both.pem cert.pem").status, 0);
  EXPECT_EQ(run("openssl verify -crl_check -CAfile both.pem new.pem").status, 0);
}

TEST_F(CurlTest, EverythingIsThereAfterARestart) {
  enrol();
  const std::string late = code();
  service_->stop();
  service_.reset();
  start();
  EXPECT_EQ(run(enrol_command(late, "later.b64")).output, "200");
  EXPECT_EQ(run(curl("--cert cert.pem --key key.pem --output /dev/null --write-out '%{http_code}' "
                     "$BASE/v1/certificates"))
                .output,
            "200");
}

TEST_F(CurlTest, KeyFilesArePrivateAndInitReplacesNothing) {
  for (const char* name : {"ca.key", "secrets.key", "service.key", "ca.db"}) {
    struct stat info {};
    ASSERT_EQ(::stat((folder_ / "ca" / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
  }
  EXPECT_EQ(init_ca({folder_ / "ca"}, clock_).error().code, Error::kAlreadyExists);
}

}  // namespace
}  // namespace tailor::ca
