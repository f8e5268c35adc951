// SPDX-License-Identifier: Apache-2.0
// Linear matching: a service has a few dozen routes.
#include "net/http/router.hpp"

namespace tailor::http {
namespace {

bool is_variable(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::optional<PathValues> match(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  PathValues values;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (is_variable(pattern[i])) {
      values[pattern[i].substr(1, pattern[i].size() - 2)] = segments[i];
    } else if (pattern[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Function function, PlanFunction plan) {
  Request parsed;
  if (!parse_target(pattern, parsed).ok()) __builtin_trap();  // a programmer's error
  routes_.push_back({std::move(method), std::move(parsed.segments), std::move(function), std::move(plan)});
}

Router::Found Router::find(const Request& request) const {
  Found found;
  const std::string& method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes_) {
    auto values = match(route.pattern, request.segments);
    if (!values) continue;
    if (!found.allowed.empty()) found.allowed += ", ";
    found.allowed += route.method;
    if (route.method == method && found.route == nullptr) {
      found.route = &route;
      found.values = std::move(*values);
    }
  }
  return found;
}

BodyPlan Router::plan(const Request& head) {
  const Found found = find(head);
  if (found.route == nullptr) return {kBodyBytes, {}, handle(head)};
  if (guard_) {
    if (auto allowed = guard_(head); !allowed.ok()) return {kBodyBytes, {}, problem(allowed.error())};
  }
  if (!found.route->plan) return {};
  return found.route->plan(head);
}

Response Router::handle(const Request& request) {
  const Found found = find(request);
  if (found.route == nullptr) {
    if (found.allowed.empty()) return problem(fail(Error::kNotFound, request.path()));
    Response response = problem(fail(Error::kMethodNotAllowed, request.method + " " + request.path()));
    response.headers.add("Allow", found.allowed);
    return response;
  }
  if (guard_) {
    if (auto allowed = guard_(request); !allowed.ok()) return problem(allowed.error());
  }
  return found.route->function(request, found.values);
}

}  // namespace tailor::http
