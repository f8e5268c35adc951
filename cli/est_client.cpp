// SPDX-License-Identifier: Apache-2.0
#include "cli/est_client.hpp"

#include <algorithm>

#include "net/http/client.hpp"
#include "pki/est_format.hpp"
#include "pki/verify.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kPath = "/.well-known/est/";

/// Sends a request and takes the one certificate for our key out of the answer.
Outcome<pki::Certificate> ask(const EstServer& server, http::ClientTls tls, const char* operation,
                              const http::Fields& headers, ByteView csr, const pki::PrivateKey& key) {
  TAILOR_TRY_ASSIGN(const std::vector<pki::Certificate> anchors, pki::certificates_from_pem(server.anchors_pem));
  tls.anchors_pem = server.anchors_pem;
  TAILOR_TRY_ASSIGN(const http::Client client, http::Client::create(server.url, std::move(tls)));
  http::ClientRequest request;
  request.method = "POST";
  request.target = std::string(kPath) + operation;
  request.headers = headers;
  request.content_type = "application/pkcs10";
  request.body = to_base64(csr, 64);
  TAILOR_TRY_ASSIGN(const http::Response response, with_context(client.send(request), server.url));
  if (response.status != 200) return with_context(Outcome<pki::Certificate>(http::failure_from(response)), server.url);
  TAILOR_TRY_ASSIGN(const Bytes der, with_context(from_base64(response.body, Whitespace::kSkip), "EST answer"));
  TAILOR_TRY_ASSIGN(const std::vector<pki::Certificate> certificates,
                    with_context(pki::parse_certs_only(der), "EST answer"));
  const auto ours = std::find_if(certificates.begin(), certificates.end(), [&](const pki::Certificate& certificate) {
    return certificate.public_key() == key.public_key();
  });
  if (ours == certificates.end()) return fail(Error::kCertificateInvalid, "EST answer: no certificate for our key");
  const SystemUtcClock clock;
  const pki::VerifyPolicy policy{
      .anchors = anchors, .now = clock.now(), .roles = {}, .usage = pki::Usage::kClient, .crl = nullptr};
  TAILOR_TRY(with_context(pki::verify(*ours, policy), "certificate from the CA"));
  return *ours;
}

}  // namespace

Outcome<pki::Certificate> est_enrol(const EstServer& server, const std::string& role, const SecretString& code,
                                    const pki::PrivateKey& key) {
  TAILOR_TRY_ASSIGN(const Bytes csr, pki::make_request(key));
  const std::string credentials = role + ":" + std::string(code.reveal());
  http::Fields headers;
  headers.add("Authorization", "Basic " + to_base64(as_bytes(credentials)));
  return ask(server, {}, "simpleenroll", headers, csr, key);
}

Outcome<pki::Certificate> est_renew(const EstServer& server, const pki::Certificate& current,
                                    const pki::PrivateKey& key) {
  if (!current.identity()) return fail(Error::kCertificateProfile, "the certificate names nobody");
  TAILOR_TRY_ASSIGN(const Bytes csr, pki::make_request(key, *current.identity(), current.host_names()));
  http::ClientTls tls;
  tls.certificate_pem = current.to_pem();
  TAILOR_TRY_ASSIGN(tls.key_pem, key.to_pem());
  return ask(server, std::move(tls), "simplereenroll", {}, csr, key);
}

}  // namespace tailor::cli
