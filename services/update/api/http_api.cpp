// SPDX-License-Identifier: Apache-2.0
// See http_api.hpp: what all routes share, and those that anybody may call. The other routes stand in
// http_artifacts.cpp, http_devices.cpp and http_deployments.cpp.
#include "services/update/api/http_api.hpp"

#include "services/update/api/json.hpp"

namespace tailor::update_server {

HttpApi::HttpApi(Updates& updates, OperatorGate& gate, HttpApiConfig config)
    : updates_(updates), gate_(gate), config_(std::move(config)) {}

void HttpApi::add(http::Router& router, const char* method, const char* pattern, Action action,
                  http::PlanFunction plan) {
  const auto count = [this](http::Response response) {
    const std::lock_guard lock(counts_mutex_);
    ++answers_[response.status];
    return response;
  };
  const auto run = [this, action = std::move(action), count](const http::Request& request,
                                                             const http::PathValues& values) -> http::Response {
    const Outcome<Actor> actor = gate_.admit(request);
    if (!actor.ok()) return count(http::problem(actor.error()));
    Outcome<http::Response> response = action(actor.value(), request, values);
    return count(response.ok() ? std::move(response).value() : http::problem(response.error()));
  };
  // Nobody's body is read before it is known whose it is.
  const auto guarded_plan = [this, plan = std::move(plan)](const http::Request& head) -> http::BodyPlan {
    const Outcome<Actor> actor = gate_.admit(head);
    http::BodyPlan planned = plan ? plan(head) : http::BodyPlan{};
    if (!actor.ok()) planned.refuse = http::problem(actor.error());
    return planned;
  };
  router.add(method, pattern, run, guarded_plan);
}

void HttpApi::add_routes(http::Router& router) {
  add_open(router);
  add_artifacts(router);
  add_devices(router);
  add_deployments(router);
}

void HttpApi::add_open(http::Router& router) {
  router.add("GET", "/health", [this](const http::Request&, const http::PathValues&) {
    // A server whose database does not answer is not healthy, whatever else works.
    const auto counted = updates_.count_states("default");
    if (!counted.ok()) return http::problem(fail(Error::kStoreFailed, "the database does not answer"));
    return http::json_response(R"({"status":"ok"})");
  });
  router.add("GET", "/metrics", [this](const http::Request&, const http::PathValues&) {
    return http::Response{200, "text/plain; version=0.0.4", metrics(), {}};
  });
  router.add("GET", "/v1/openapi.yaml", [this](const http::Request&, const http::PathValues&) {
    return http::Response{200, "application/yaml", config_.openapi, {}};
  });
}

std::string HttpApi::metrics() {
  std::string out =
      "# HELP tailor_http_responses_total Answers of the operator API by HTTP status.\n"
      "# TYPE tailor_http_responses_total counter\n";
  {
    const std::lock_guard lock(counts_mutex_);
    for (const auto& [status, number] : answers_) {
      out += "tailor_http_responses_total{status=\"" + std::to_string(status) + "\"} " + std::to_string(number) + "\n";
    }
  }
  if (config_.more_metrics) out += config_.more_metrics();
  return out;
}

}  // namespace tailor::update_server
