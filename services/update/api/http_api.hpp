// SPDX-License-Identifier: Apache-2.0
// The operator API over HTTP: routes that turn requests into use cases and results into JSON. Who may call is asked of
// OperatorGate; sockets and TLS are net/http's. docs/protocols/openapi.yaml describes every route.
#pragma once

#include <functional>

#include "net/http/router.hpp"
#include "services/update/application/updates.hpp"

namespace tailor::update_server {

/// Decides who a request comes from.
class OperatorGate {
 public:
  virtual ~OperatorGate() = default;
  /// @returns kNotAuthenticated, kCertificateInvalid, kCertificateExpired, kCertificateRevoked, kRoleNotPermitted,
  ///          kOperatorNotListed
  [[nodiscard]] virtual Outcome<Actor> admit(const http::Request& request) = 0;
};

/// What the API needs besides the use cases.
struct HttpApiConfig {
  uint64_t max_image_bytes = 256U << 20U;
  std::string openapi;  ///< text of docs/protocols/openapi.yaml
  /// Figures that other parts of the server keep, in the text format of Prometheus; may be empty.
  std::function<std::string()> more_metrics;
};

class HttpApi {
 public:
  /// The arguments outlive the object; routes are added to `router` once.
  HttpApi(Updates& updates, OperatorGate& gate, HttpApiConfig config);

  void add_routes(http::Router& router);

 private:
  using Action = std::function<Outcome<http::Response>(const Actor&, const http::Request&, const http::PathValues&)>;

  /// Adds a route that only operators may call; failures become problem documents, and every answer is counted.
  void add(http::Router& router, const char* method, const char* pattern, Action action, http::PlanFunction plan = {});
  void add_artifacts(http::Router& router);
  void add_devices(http::Router& router);
  void add_deployments(http::Router& router);
  void add_open(http::Router& router);
  [[nodiscard]] std::string metrics();

  Updates& updates_;
  OperatorGate& gate_;
  HttpApiConfig config_;
  std::mutex counts_mutex_;
  std::map<unsigned, uint64_t> answers_;  ///< by status
};

}  // namespace tailor::update_server
