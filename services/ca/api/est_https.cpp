// SPDX-License-Identifier: Apache-2.0
// Translates between RFC 7030's bodies and the authority's rules.
#include "services/ca/api/est_https.hpp"

#include "hosted/log.hpp"
#include "pki/est_format.hpp"
#include "services/ca/api/peer.hpp"

namespace tailor::ca {
namespace {

using http::Request;
using http::Response;

constexpr uint64_t kRequestBodyBytes = 8192;  // base64 of the longest request that pki looks at, with line ends
constexpr size_t kBase64Line = 64;

Response refuse(const Failure& failure) {
  if (describe(failure.code).http_status >= 500) log_failure("ca", "request failed", failure);
  return http::problem(failure);
}

/// RFC 7030 bodies are base64 with Content-Transfer-Encoding (RFC 8951 makes the field superfluous; it does no harm).
Response base64_response(std::string content_type, ByteView der) {
  Response response{200, std::move(content_type), to_base64(der, kBase64Line), {}};
  response.headers.add("Content-Transfer-Encoding", "base64");
  return response;
}

Response certs_only(std::span<const pki::Certificate> certificates) {
  const auto der = pki::make_certs_only(certificates);
  if (!der.ok()) return refuse(der.error());
  return base64_response("application/pkcs7-mime; smime-type=certs-only", *der);
}

/// Reads the PKCS#10 request of an enrolment.
Outcome<Bytes> request_body(const Request& request) {
  const std::string type = request.headers.find("Content-Type").value_or("");
  if (type.substr(0, type.find(';')) != "application/pkcs10") {
    return fail(Error::kUnsupportedContentFormat, "application/pkcs10 is expected");
  }
  auto der = from_base64(request.body, Whitespace::kSkip);
  if (!der.ok()) return fail(Error::kCsrInvalid, "body is not base64");
  return der;
}

Response certificate_or_problem(const Outcome<pki::Certificate>& certificate) {
  if (!certificate.ok()) return refuse(certificate.error());
  return certs_only(std::span(&*certificate, 1));
}

Response simple_enrol(Authority& authority, const Request& request) {
  const auto credentials = http::basic_credentials(request);
  if (!credentials) return refuse(fail(Error::kNotAuthenticated, "HTTP Basic with role and enrolment code is needed"));
  const auto der = request_body(request);
  if (!der.ok()) return refuse(der.error());
  return certificate_or_problem(authority.enrol_with_code(credentials->user, credentials->password, *der));
}

Response simple_reenrol(Authority& authority, const Request& request) {
  const auto current = client_certificate(request);
  if (!current.ok()) return refuse(current.error());
  const auto der = request_body(request);
  if (!der.ok()) return refuse(der.error());
  return certificate_or_problem(authority.renew(*current, *der));
}

Response revocation_list(Authority& authority) {
  const auto crl = authority.crl();
  if (!crl.ok()) return refuse(crl.error());
  return {200, "application/pkix-crl", std::string(as_text(crl->der())), {}};
}

}  // namespace

void add_est_routes(http::Router& router, Authority& authority) {
  const auto small = [](const Request&) { return http::BodyPlan{kRequestBodyBytes, {}, std::nullopt}; };
  const std::string root = "/.well-known/est/";
  router.add("GET", root + "cacerts", [&authority](const Request&, const http::PathValues&) {
    return certs_only(std::span(&authority.root(), 1));
  });
  router.add("GET", root + "csrattrs", [](const Request&, const http::PathValues&) {
    return base64_response("application/csrattrs", pki::csr_attributes());
  });
  router.add(
      "POST", root + "simpleenroll",
      [&authority](const Request& request, const http::PathValues&) { return simple_enrol(authority, request); },
      small);
  router.add(
      "POST", root + "simplereenroll",
      [&authority](const Request& request, const http::PathValues&) { return simple_reenrol(authority, request); },
      small);
  router.add("GET", "/crl",
             [&authority](const Request&, const http::PathValues&) { return revocation_list(authority); });
}

}  // namespace tailor::ca
