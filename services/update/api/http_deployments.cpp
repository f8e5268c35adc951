// SPDX-License-Identifier: Apache-2.0
// Routes of the operator API for deployments.
#include "hosted/uuid_make.hpp"
#include "services/update/api/http_api.hpp"
#include "services/update/api/json.hpp"
#include "services/update/api/paging.hpp"

namespace tailor::update_server {
namespace {

using http::PathValues;
using http::Request;
using http::Response;

/// Longest Idempotency-Key that is kept.
constexpr size_t kKeyBytes = 128;

Outcome<Uuid> deployment_value(const PathValues& values) {
  return with_context(Uuid::from_text(values.find("id")->second), "deployment id");
}

Outcome<std::string> idempotency_key(const Request& request) {
  const std::string key = request.headers.find("Idempotency-Key").value_or("");
  if (key.size() > kKeyBytes) return fail(Error::kUsageInvalid, "Idempotency-Key is longer than 128 bytes");
  for (const char c : key) {
    if (c < 0x20 || c > 0x7E) return fail(Error::kUsageInvalid, "Idempotency-Key is not printable ASCII");
  }
  return key;
}

/// "created_at_ms:id"
std::string cursor_key(const DeploymentView& view) {
  return std::to_string(view.deployment.created_at_ms) + ":" + uuid_text(view.deployment.id);
}

Outcome<std::optional<DeploymentCursor>> deployment_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::optional<DeploymentCursor>();
  const size_t colon = cursor.find(':');
  if (colon == std::string::npos) return bad_cursor();
  TAILOR_TRY_ASSIGN(const auto time, number_cursor(cursor.substr(0, colon)));
  TAILOR_TRY_ASSIGN(const auto id, uuid_cursor(cursor.substr(colon + 1)));
  if (!time || !id) return bad_cursor();
  return std::optional<DeploymentCursor>(DeploymentCursor{static_cast<int64_t>(*time), *id});
}

}  // namespace

void HttpApi::add_deployments(http::Router& router) {
  add(router, "POST", "/v1/deployments",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(NewDeployment wanted, deployment_from_json(request.body));
        TAILOR_TRY_ASSIGN(wanted.idempotency_key, idempotency_key(request));
        TAILOR_TRY_ASSIGN(const Digest fingerprint, with_context(crypto::sha256(as_bytes(request.body)), "body"));
        wanted.fingerprint = digest_text(fingerprint);
        Precheck found;
        const auto made = updates_.deploy(actor, wanted, &found);
        if (!made.ok()) {
          Response refused = http::problem(made.error());
          if (found.refusing > 0) refused.body = with_precheck(refused.body, found);
          return refused;
        }
        const bool judged = made->is_new && !wanted.skip_precheck;
        Response response = http::json_response(to_json(made->item, judged ? &found : nullptr), 201);
        response.headers.add("Location", "/v1/deployments/" + uuid_text(made->item.deployment.id));
        return response;
      });
  add(router, "GET", "/v1/deployments",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto after, deployment_cursor(cursor));
        TAILOR_TRY_ASSIGN(auto deployments, updates_.list_deployments(actor.tenant, after, limit + 1));
        return http::json_response(page_of<DeploymentView>(std::move(deployments), limit, cursor_key));
      });
  add(router, "GET", "/v1/deployments/{id}",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, deployment_value(values));
        TAILOR_TRY_ASSIGN(const DeploymentView deployment, updates_.find_deployment(actor.tenant, id));
        return http::json_response(to_json(deployment));
      });
  add(router, "GET", "/v1/deployments/{id}/devices",
      [this](const Actor& actor, const Request& request, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, deployment_value(values));
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto after, uuid_cursor(cursor));
        TAILOR_TRY_ASSIGN(auto targets, updates_.list_targets(actor.tenant, id, after, limit + 1));
        return http::json_response(
            page_of<Target>(std::move(targets), limit, [](const Target& target) { return uuid_text(target.device); }));
      });
  add(router, "POST", "/v1/deployments/{id}/trigger",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uuid id, deployment_value(values));
        TAILOR_TRY_ASSIGN(const DeploymentView deployment, updates_.trigger(actor, id));
        return http::json_response(to_json(deployment));
      });
  constexpr std::pair<const char*, Order> kOrders[] = {{"/v1/deployments/{id}/pause", Order::kPaused},
                                                       {"/v1/deployments/{id}/resume", Order::kActive},
                                                       {"/v1/deployments/{id}/cancel", Order::kCancelled}};
  for (const auto& [pattern, order] : kOrders) {
    add(router, "POST", pattern,
        [this, order = order](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
          TAILOR_TRY_ASSIGN(const Uuid id, deployment_value(values));
          TAILOR_TRY_ASSIGN(const DeploymentView deployment, updates_.give_order(actor, id, order));
          return http::json_response(to_json(deployment));
        });
  }
}

}  // namespace tailor::update_server
