// SPDX-License-Identifier: Apache-2.0
// For tests: a CA of its own, and an HTTPS server whose answers the test gives, so that commands are tested over real
// TLS with client certificates.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "hosted/uuid_make.hpp"
#include "net/http/server.hpp"
#include "pki/issue.hpp"
#include "pki/key.hpp"

namespace tailor::cli {

/// A root that issues, valid around now.
class TestAuthority {
 public:
  TestAuthority()
      : issuer(pki::make_root(pki::PrivateKey::generate().value(),
                              {.tenant = "default", .role = pki::Role::kCa, .id = uuid4().value()}, "Test", validity())
                   .value()) {}

  static pki::Validity validity() {
    const UtcTime now = SystemUtcClock().now();
    return {.not_before = now - std::chrono::hours(1), .not_after = now + std::chrono::hours(24)};
  }
  pki::Certificate issue(pki::Role role, const crypto::P256PublicKey& key,
                         const std::vector<std::string>& host_names = {}) const {
    return pki::issue(issuer, {.tenant = "default", .role = role, .id = uuid4().value()}, key, validity(), host_names)
        .value();
  }

  pki::Issuer issuer;
};

/// Routes are added to `router` before start().
class TestServer {
 public:
  std::string start(const TestAuthority& authority, http::ClientCertificate client_certificate) {
    const pki::PrivateKey key = pki::PrivateKey::generate().value();
    http::ServerTls tls;
    tls.certificate_pem = authority.issue(pki::Role::kUpdateServer, key.public_key(), {"127.0.0.1"}).to_pem();
    tls.key_pem = key.to_pem().value();
    tls.client_anchors_pem = authority.issuer.certificate.to_pem();
    tls.client_certificate = client_certificate;
    server_ = http::Server::start({}, &tls, router).value();
    return "https://127.0.0.1:" + std::to_string(server_->port());
  }
  /// Answers a method and pattern, and notes "METHOD target" and the body of what was asked.
  void answer(const std::string& method, const std::string& pattern,
              const std::function<http::Response(const http::Request&)>& respond) {
    router.add(method, pattern, [this, respond](const http::Request& request, const http::PathValues&) {
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(request.method + " " + request.target);
        bodies_.push_back(request.body);
      }
      return respond(request);
    });
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string last_body() {
    const std::lock_guard lock(mutex_);
    return bodies_.empty() ? "" : bodies_.back();
  }

  http::Router router;

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_, bodies_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace tailor::cli
