// SPDX-License-Identifier: Apache-2.0
// The HTTPS routes in process: no sockets, a clock that stands still, a ledger in SQLite.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hosted/temporary_folder.hpp"
#include "pki/est_format.hpp"
#include "services/ca/api/admin_https.hpp"
#include "services/ca/api/est_https.hpp"
#include "services/ca/testing/world.hpp"
#include "services/store/database.hpp"

namespace tailor::ca {
namespace {

using http::Request;
using http::Response;
using Json = nlohmann::json;

class HttpsTest : public testing::Test {
 protected:
  HttpsTest() {
    add_est_routes(router_, world_.authority());
    add_admin_routes(router_, world_.authority());
    operator_ = enrol(pki::Role::kOperator);
    server_ = enrol(pki::Role::kUpdateServer);
  }

  /// A certificate by code, straight from the rules.
  Bytes enrol(pki::Role role) {
    NewCode wanted;
    wanted.role = role;
    const IssuedCode code = world_.authority().issue_code(wanted).value();
    return world_.authority().enrol_with_code(pki::to_text(role), code.code, Applicant().request)->der();
  }

  Response send(const std::string& method, const std::string& target, const Bytes& certificate = {},
                const std::string& body = {}, const http::Fields& headers = {}) {
    Request request;
    request.method = method;
    EXPECT_TRUE(http::parse_target(target, request).ok());
    request.headers = headers;
    request.body = body;
    request.peer_certificate = certificate;
    const auto plan = router_.plan(request);
    if (plan.refuse) return *plan.refuse;
    if (body.size() > plan.max_bytes) return http::problem(fail(Error::kBodyTooLarge));
    return router_.handle(request);
  }
  Response enrol_over_est(const std::string& user, std::string_view code, const Bytes& csr,
                          const std::string& type = "application/pkcs10") {
    http::Fields headers;
    headers.add("Content-Type", type);
    headers.add("Authorization", "Basic " + to_base64(as_bytes(user + ":" + std::string(code))));
    return send("POST", "/.well-known/est/simpleenroll", {}, to_base64(csr, 64), headers);
  }
  Response reenrol_over_est(const Bytes& current, const Bytes& csr) {
    http::Fields headers;
    headers.add("Content-Type", "application/pkcs10");
    return send("POST", "/.well-known/est/simplereenroll", current, to_base64(csr), headers);
  }
  static std::vector<pki::Certificate> certificates_of(const Response& response) {
    return pki::parse_certs_only(from_base64(response.body, Whitespace::kSkip).value()).value();
  }
  static Error error_of(const Response& response) { return http::failure_from(response).code; }

  std::unique_ptr<store::Database> open() {
    store::StoreConfig config;
    config.url = "sqlite:" + (folder_ / "ca.db").string();
    return store::open_database(config).value();
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = open();
  World world_{*database_};
  http::Router router_;
  Bytes operator_;
  Bytes server_;
};

// --- EST (RFC 7030) --------------------------------------------------------------------------------------------------

TEST_F(HttpsTest, CacertsAndCsrattrsAreForEverybody) {
  const Response crts = send("GET", "/.well-known/est/cacerts");
  EXPECT_EQ(crts.status, 200U);
  EXPECT_EQ(crts.content_type.rfind("application/pkcs7-mime", 0), 0U);
  EXPECT_EQ(crts.headers.find("Content-Transfer-Encoding"), "base64");
  EXPECT_EQ(certificates_of(crts), std::vector<pki::Certificate>{world_.ca().root()});
  const Response att = send("GET", "/.well-known/est/csrattrs");
  EXPECT_EQ(att.content_type, "application/csrattrs");
  EXPECT_TRUE(equal(from_base64(att.body, Whitespace::kSkip).value(), pki::csr_attributes()));
}

TEST_F(HttpsTest, EnrolWithACodeThenRenewWithTheCertificate) {
  const Json code = Json::parse(send("POST", "/v1/codes", operator_, R"({"role":"operator"})").body);
  const Applicant applicant;
  const Response first = enrol_over_est("operator", code["code"].get<std::string>(), applicant.request);
  ASSERT_EQ(first.status, 200U) << first.body;
  const pki::Certificate certificate = certificates_of(first).at(0);
  EXPECT_EQ(uuid_text(certificate.identity()->id), code["id"]);
  EXPECT_EQ(error_of(enrol_over_est("operator", code["code"].get<std::string>(), applicant.request)),
            Error::kEnrolmentCodeInvalid);
  const Applicant next;
  const Response renewed = reenrol_over_est(certificate.der(), next.request);
  ASSERT_EQ(renewed.status, 200U) << renewed.body;
  EXPECT_EQ(certificates_of(renewed).at(0).identity(), certificate.identity());
}

TEST_F(HttpsTest, EnrolmentWithoutOrWithWrongCredentials) {
  const Applicant applicant;
  http::Fields type;
  type.add("Content-Type", "application/pkcs10");
  const Response none = send("POST", "/.well-known/est/simpleenroll", {}, to_base64(applicant.request), type);
  EXPECT_EQ(none.status, 401U);
  EXPECT_TRUE(none.headers.find("WWW-Authenticate").has_value());
  EXPECT_EQ(enrol_over_est("operator", "guess", applicant.request).status, 401U);
  EXPECT_EQ(reenrol_over_est({}, applicant.request).status, 401U);
  const auto device_key = pki::PrivateKey::generate().value();
  EXPECT_EQ(reenrol_over_est(world_.maker().issues(pki::Role::kDevice, device_key).der(), applicant.request).status,
            401U);
}

TEST_F(HttpsTest, MalformedEnrolmentBodies) {
  const IssuedCode code = world_.authority().issue_code({}).value();
  const Applicant applicant;
  const std::string secret(code.code.reveal());
  EXPECT_EQ(enrol_over_est("operator", secret, applicant.request, "text/plain").status, 415U);
  EXPECT_EQ(error_of(enrol_over_est("operator", secret, Bytes{1, 2, 3})), Error::kCsrInvalid);
  Bytes cut = applicant.request;
  cut.pop_back();
  EXPECT_EQ(error_of(enrol_over_est("operator", secret, cut)), Error::kCsrInvalid);
  EXPECT_EQ(error_of(enrol_over_est("operator", secret, Bytes(8192, 0))), Error::kBodyTooLarge);
  http::Fields headers;
  headers.add("Content-Type", "application/pkcs10");
  headers.add("Authorization", "Basic " + to_base64(as_bytes("operator:" + secret)));
  EXPECT_EQ(error_of(send("POST", "/.well-known/est/simpleenroll", {}, "not base64!", headers)), Error::kCsrInvalid);
  EXPECT_EQ(enrol_over_est("operator", secret, applicant.request).status, 200U) << "none of that spent the code";
}

TEST_F(HttpsTest, OtherPathsAndMethods) {
  EXPECT_EQ(send("GET", "/.well-known/est/fullcmc").status, 404U);
  EXPECT_EQ(send("GET", "/.well-known/est/label/cacerts").status, 404U);
  EXPECT_EQ(send("GET", "/.well-known/est/simpleenroll").status, 405U);
  EXPECT_EQ(send("GET", "/health").status, 200U);
}

// --- administration --------------------------------------------------------------------------------------------------

TEST_F(HttpsTest, OnlyOperatorsAdminister) {
  const Bytes device = world_.ca().issues(pki::Role::kDevice, pki::PrivateKey::generate().value()).der();
  const std::pair<const char*, const char*> routes[] = {{"POST", "/v1/codes"},
                                                        {"POST", "/v1/devices"},
                                                        {"GET", "/v1/devices/x"},
                                                        {"POST", "/v1/devices/x/retire"},
                                                        {"GET", "/v1/certificates"},
                                                        {"GET", "/v1/certificates/00"},
                                                        {"POST", "/v1/certificates/00/revoke"}};
  for (const auto& [method, path] : routes) {
    EXPECT_EQ(send(method, path).status, 401U) << path;
    EXPECT_EQ(send(method, path, server_).status, 403U) << path;
    EXPECT_EQ(send(method, path, device).status, 401U) << path << ": signed, but not in the ledger";
  }
  EXPECT_EQ(send("POST", "/v1/certificates/00/used", operator_).status, 403U);
}

TEST_F(HttpsTest, DevicesAreRegisteredShownAndRetired) {
  const std::string id = uuid_text(uuid4().value());
  const std::string body = R"({"id":")" + id + R"(","secret":"000102030405060708090a0b0c0d0e0f","key_pairs":1})";
  const Response made = send("POST", "/v1/devices", operator_, body);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(made.body.find("0001020304"), std::string::npos) << "a secret never comes back";
  EXPECT_EQ(error_of(send("POST", "/v1/devices", operator_, body)), Error::kAlreadyExists);
  Json shown = Json::parse(send("GET", "/v1/devices/" + id, operator_).body);
  EXPECT_EQ(shown["has_secret"], true);
  EXPECT_EQ(shown["key_pairs"], 1);
  EXPECT_EQ(shown["generation"], nullptr);
  EXPECT_EQ(send("POST", "/v1/devices/" + id + "/retire", operator_).status, 204U);
  shown = Json::parse(send("GET", "/v1/devices/" + id, operator_).body);
  EXPECT_EQ(shown["has_secret"], false);
  EXPECT_TRUE(shown["retired_at"].is_string());
  EXPECT_EQ(send("GET", "/v1/devices/" + uuid_text(uuid4().value()), operator_).status, 404U);
}

TEST_F(HttpsTest, MalformedBodiesAreRefusedWithTheReason) {
  const std::string id = uuid_text(uuid4().value());
  const std::string bodies[] = {"",
                                "[]",
                                "{",
                                R"({"id":1})",
                                R"({"id":"x"})",
                                R"({"id":")" + id + R"(","secret":"0"})",
                                R"({"id":")" + id + R"(","secrte":""})",
                                R"({"id":")" + id + R"(","key_pairs":"1"})"};
  for (const std::string& body : bodies) {
    EXPECT_EQ(error_of(send("POST", "/v1/devices", operator_, body)), Error::kJsonMalformed) << body;
  }
  for (const char* body :
       {R"({"role":"device","x":1})", R"({"role":"king"})", R"({})", R"({"role":"operator","host_names":"a"})"}) {
    EXPECT_EQ(error_of(send("POST", "/v1/codes", operator_, body)), Error::kJsonMalformed) << body;
  }
  EXPECT_EQ(error_of(send("POST", "/v1/codes", operator_, R"({"role":"device"})")), Error::kValueOutOfRange);
}

TEST_F(HttpsTest, CertificatesAreListedInPagesRevokedAndOnTheList) {
  const Json first = Json::parse(send("GET", "/v1/certificates?limit=1", operator_).body);
  ASSERT_EQ(first["certificates"].size(), 1U);
  const Json second = Json::parse(
      send("GET", "/v1/certificates?limit=1&cursor=" + first["next_cursor"].get<std::string>(), operator_).body);
  ASSERT_EQ(second["certificates"].size(), 1U);
  EXPECT_NE(first["certificates"][0]["serial"], second["certificates"][0]["serial"]);
  const Json servers = Json::parse(send("GET", "/v1/certificates?role=update-server", operator_).body);
  ASSERT_EQ(servers["certificates"].size(), 1U);
  EXPECT_EQ(servers["next_cursor"], nullptr);
  const std::string serial = servers["certificates"][0]["serial"];
  const Json shown = Json::parse(send("GET", "/v1/certificates/" + serial, operator_).body);
  EXPECT_EQ(pki::Certificate::from_pem(shown["pem"].get<std::string>())->der(), server_);
  EXPECT_EQ(send("POST", "/v1/certificates/" + serial + "/revoke", operator_, R"({"reason":"bored"})").status, 400U);
  EXPECT_EQ(send("POST", "/v1/certificates/" + serial + "/revoke", operator_, R"({"reason":"key-compromise"})").status,
            204U);
  const Response list = send("GET", "/crl");
  EXPECT_EQ(list.content_type, "application/pkix-crl");
  const pki::Crl crl = pki::Crl::from_der(as_bytes(list.body), world_.ca().root()).value();
  EXPECT_TRUE(crl.revokes(pki::Certificate::from_der(server_).value()));
  EXPECT_EQ(error_of(reenrol_over_est(server_, Applicant().request)), Error::kCertificateRevoked);
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "cursor=%21", "cursor=eA", "role=king", "revoked=maybe",
                            "serial=1", "id=x"}) {
    EXPECT_EQ(send("GET", std::string("/v1/certificates?") + query, operator_).status, 400U) << query;
  }
}

TEST_F(HttpsTest, AnUpdateServerReportsTheUseOfACertificate) {
  const Uuid id = world_.device();
  const Applicant device;
  const pki::Certificate certificate = world_.authority().enrol_with_psk(id, 0, device.request).value();
  EXPECT_EQ(send("POST", "/v1/certificates/" + certificate.serial() + "/used", server_).status, 204U);
  EXPECT_EQ(world_.authority().enrol_with_psk(id, 0, device.request).error().code, Error::kPskSpent);
  EXPECT_EQ(send("POST", "/v1/certificates/00/used", server_).status, 404U);
}

TEST_F(HttpsTest, OtherTenantsDoNotExist) {
  NewCode wanted;
  wanted.tenant = "other";
  const IssuedCode code = world_.authority().issue_code(wanted).value();
  const Bytes stranger = world_.authority().enrol_with_code("operator", code.code, Applicant().request)->der();
  const Uuid id = world_.device();
  EXPECT_EQ(send("GET", "/v1/devices/" + uuid_text(id), stranger).status, 404U);
  EXPECT_EQ(send("POST", "/v1/devices/" + uuid_text(id) + "/retire", stranger).status, 404U);
  const std::string serial = pki::Certificate::from_der(server_)->serial();
  EXPECT_EQ(send("POST", "/v1/certificates/" + serial + "/revoke", stranger, "{}").status, 404U);
  EXPECT_EQ(Json::parse(send("GET", "/v1/certificates", stranger).body)["certificates"].size(), 1U) << "its own";
}

}  // namespace
}  // namespace tailor::ca
