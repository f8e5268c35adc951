// SPDX-License-Identifier: Apache-2.0
// JSON in, a decision of the authority, JSON out. Unknown members of a request are refused, so that a misspelt one is
// never silently without effect.
#include "services/ca/api/admin_https.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "hosted/log.hpp"
#include "hosted/uuid_make.hpp"
#include "services/ca/api/peer.hpp"

namespace tailor::ca {
namespace {

using http::PathValues;
using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr size_t kDefaultPage = 100;
constexpr size_t kMaxPage = 1000;

Failure malformed(const std::string& what) {
  return fail(Error::kJsonMalformed, what);
}

/// Reads the members of a JSON object and refuses those that nobody asked for.
class Members {
 public:
  [[nodiscard]] static Outcome<Members> parse(const std::string& body) {
    Json json = Json::parse(body.empty() ? "{}" : body, nullptr, false);
    if (!json.is_object()) return malformed("body is not a JSON object");
    return Members(std::move(json));
  }
  std::optional<std::string> text(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    note(std::string(name) + " is not a string");
    return std::nullopt;
  }
  std::optional<int64_t> integer(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_integer()) return value->get<int64_t>();
    note(std::string(name) + " is not an integer");
    return std::nullopt;
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> out;
    const Json* value = find(name);
    if (value == nullptr) return out;
    if (!value->is_array()) note(std::string(name) + " is not an array");
    for (const Json& element : *value) {
      if (element.is_string()) {
        out.push_back(element.get<std::string>());
      } else {
        note(std::string(name) + " holds something that is no string");
      }
    }
    return out;
  }
  std::optional<Uuid> uuid(const char* name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const auto id = Uuid::from_text(*value);
    if (id.ok()) return *id;
    note(std::string(name) + " is not a UUID");
    return std::nullopt;
  }
  void note(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }
  [[nodiscard]] Outcome<void> finish() const {
    if (!problem_.empty()) return malformed(problem_);
    for (const auto& item : json_.items()) {
      if (!asked_.contains(item.key())) return malformed("unknown member " + item.key());
    }
    return kOk;
  }

 private:
  explicit Members(Json json) : json_(std::move(json)) {}
  const Json* find(const char* name) {
    asked_.insert(name);
    const auto at = json_.find(name);
    return at == json_.end() ? nullptr : &*at;
  }
  Json json_;
  std::set<std::string> asked_;
  std::string problem_;
};

Json time_or_null(const std::optional<UtcTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

Json to_json(const CertificateRecord& record) {
  Json out;
  out["serial"] = record.serial;
  out["tenant"] = record.subject.tenant;
  out["role"] = pki::to_text(record.subject.role);
  out["id"] = uuid_text(record.subject.id);
  out["thumbprint"] = record.thumbprint;
  out["not_before"] = to_rfc3339(record.not_before);
  out["not_after"] = to_rfc3339(record.not_after);
  out["issued_at"] = to_rfc3339(record.issued_at);
  out["origin"] = to_text(record.origin);
  out["used_at"] = time_or_null(record.used_at);
  out["revoked_at"] = time_or_null(record.revoked_at);
  out["reason"] = record.revoked_at ? Json(pki::to_text(record.reason)) : Json(nullptr);
  return out;
}

Json to_json(const DeviceRecord& record) {
  Json out;
  out["id"] = uuid_text(record.id);
  out["tenant"] = record.tenant;
  out["key_pairs"] = record.key_pairs;
  out["has_secret"] = !record.sealed_secret.empty();
  out["registered_at"] = to_rfc3339(record.registered_at);
  out["retired_at"] = time_or_null(record.retired_at);
  out["generation"] = record.generation ? Json(*record.generation) : Json(nullptr);
  return out;
}

Response answer(const Json& json, unsigned status = 200) {
  return http::json_response(json.dump(), status);
}

template <typename T, typename ToResponse>
Response answer(const Outcome<T>& outcome, ToResponse&& to_response) {
  if (!outcome.ok()) {
    if (describe(outcome.error().code).http_status >= 500) log_failure("ca", "request failed", outcome.error());
    return http::problem(outcome.error());
  }
  return to_response(*outcome);
}

Response done_or_problem(const Outcome<void>& outcome) {
  if (outcome.ok()) return {204, "", "", {}};
  return answer(Outcome<int>(outcome.error()), [](int) { return Response{}; });
}

/// Objects of another tenant do not exist for an operator.
Outcome<void> same_tenant(const pki::Identity& who, const std::string& tenant) {
  if (who.tenant != tenant) return fail(Error::kNotFound);
  return kOk;
}

Outcome<Uuid> path_uuid(const PathValues& values) {
  return with_context(Uuid::from_text(values.find("id")->second), "device id in the path");
}

Outcome<Json> issue_code(Authority& authority, const pki::Identity& who, const Request& request) {
  TAILOR_TRY_ASSIGN(Members members, Members::parse(request.body));
  NewCode wanted;
  wanted.tenant = who.tenant;
  const auto role = pki::role_from_text(members.text("role").value_or(""));
  if (!role) members.note("role is none of update-server, operator, ca");
  wanted.role = role.value_or(pki::Role::kOperator);
  wanted.id = members.uuid("id");
  wanted.host_names = members.texts("host_names");
  if (const auto seconds = members.integer("lifetime_s")) wanted.lifetime = std::chrono::seconds(*seconds);
  TAILOR_TRY(members.finish());
  TAILOR_TRY_ASSIGN(const IssuedCode code, authority.issue_code(wanted));
  Json out;
  out["code"] = code.code.reveal();
  out["role"] = pki::to_text(code.subject.role);
  out["id"] = uuid_text(code.subject.id);
  out["expires_at"] = to_rfc3339(code.expires_at);
  return out;
}

Outcome<Json> register_device(Authority& authority, const pki::Identity& who, const Request& request) {
  TAILOR_TRY_ASSIGN(Members members, Members::parse(request.body));
  NewDevice device;
  device.tenant = who.tenant;
  const auto id = members.uuid("id");
  if (!id) members.note("id is missing");
  auto secret = from_hex(members.text("secret").value_or(""));
  if (!secret.ok()) members.note("secret is not hexadecimal");
  const int64_t key_pairs = members.integer("key_pairs").value_or(device.key_pairs);
  TAILOR_TRY(members.finish());
  if (key_pairs != 1 && key_pairs != 2) return fail(Error::kValueOutOfRange, "key_pairs: 1 or 2");
  device.id = *id;
  device.secret = SecretBytes(*secret);
  wipe(*secret);
  device.key_pairs = static_cast<unsigned>(key_pairs);
  TAILOR_TRY(authority.register_device(device));
  TAILOR_TRY_ASSIGN(const DeviceRecord record, authority.device(device.id));
  return to_json(record);
}

Outcome<Json> show_device(Authority& authority, const pki::Identity& who, const PathValues& values) {
  TAILOR_TRY_ASSIGN(const Uuid id, path_uuid(values));
  TAILOR_TRY_ASSIGN(const DeviceRecord record, authority.device(id));
  TAILOR_TRY(same_tenant(who, record.tenant));
  return to_json(record);
}

Outcome<void> retire_device(Authority& authority, const pki::Identity& who, const PathValues& values) {
  TAILOR_TRY_ASSIGN(const Uuid id, path_uuid(values));
  TAILOR_TRY_ASSIGN(const DeviceRecord record, authority.device(id));
  TAILOR_TRY(same_tenant(who, record.tenant));
  return authority.retire_device(id);
}

std::string write_cursor(const CertificateRecord& last) {
  return to_base64url(as_bytes(std::to_string(to_unix_ms(last.issued_at)) + ":" + last.serial));
}

Outcome<CertificateCursor> read_cursor(const std::string& text) {
  const Failure bad = fail(Error::kUsageInvalid, "cursor");
  const auto bytes = from_base64url(text);
  if (!bytes.ok()) return bad;
  const std::string_view plain = as_text(*bytes);
  CertificateCursor out;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), out.issued_at_ms);
  if (error != std::errc() || end == plain.data() + plain.size() || *end != ':') return bad;
  out.serial = std::string(end + 1, plain.data() + plain.size());
  return out;
}

Outcome<size_t> read_limit(const Request& request) {
  const auto text = request.query_value("limit");
  if (!text) return kDefaultPage;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMaxPage) {
    return fail(Error::kUsageInvalid, "limit is not between 1 and " + std::to_string(kMaxPage));
  }
  return limit;
}

Outcome<Json> list_certificates(Authority& authority, const pki::Identity& who, const Request& request) {
  CertificateFilter filter;
  CertificateCursor after;
  filter.tenant = who.tenant;
  for (const auto& [name, value] : request.query) {
    if (name == "role") {
      filter.role = pki::role_from_text(value);
      if (!filter.role) return fail(Error::kUsageInvalid, "role");
    } else if (name == "id") {
      TAILOR_TRY_ASSIGN(filter.id, with_context(Uuid::from_text(value), "id"));
    } else if (name == "revoked" && (value == "true" || value == "false")) {
      filter.revoked = value == "true";
    } else if (name == "cursor") {
      TAILOR_TRY_ASSIGN(after, read_cursor(value));
    } else if (name != "limit") {
      return fail(Error::kUsageInvalid, "query parameter " + name);
    }
  }
  TAILOR_TRY_ASSIGN(const size_t limit, read_limit(request));
  TAILOR_TRY_ASSIGN(const auto records, authority.certificates(filter, after, limit));
  Json out;
  out["certificates"] = Json::array();
  for (const CertificateRecord& record : records) out["certificates"].push_back(to_json(record));
  out["next_cursor"] = records.size() == limit ? Json(write_cursor(records.back())) : Json(nullptr);
  return out;
}

Outcome<CertificateRecord> find_certificate(Authority& authority, const pki::Identity& who, const PathValues& values) {
  TAILOR_TRY_ASSIGN(CertificateRecord record, authority.certificate(values.find("serial")->second));
  TAILOR_TRY(same_tenant(who, record.subject.tenant));
  return record;
}

Outcome<Json> show_certificate(Authority& authority, const pki::Identity& who, const PathValues& values) {
  TAILOR_TRY_ASSIGN(const CertificateRecord record, find_certificate(authority, who, values));
  TAILOR_TRY_ASSIGN(const pki::Certificate certificate, pki::Certificate::from_der(record.der));
  Json out = to_json(record);
  out["pem"] = certificate.to_pem();
  return out;
}

Outcome<void> revoke(Authority& authority, const pki::Identity& who, const Request& request, const PathValues& values) {
  TAILOR_TRY_ASSIGN(Members members, Members::parse(request.body));
  const auto reason = pki::reason_from_text(members.text("reason").value_or("unspecified"));
  if (!reason) members.note("reason is not one of the list");
  TAILOR_TRY(members.finish());
  TAILOR_TRY_ASSIGN(const CertificateRecord record, find_certificate(authority, who, values));
  return authority.revoke(record.serial, *reason);
}

Outcome<void> note_use(Authority& authority, const pki::Identity& who, const PathValues& values) {
  TAILOR_TRY_ASSIGN(const CertificateRecord record, find_certificate(authority, who, values));
  return authority.note_use(record.serial);
}

/// Runs an operation for a client in one of these roles.
template <typename Operation>
http::Function guarded(Authority& authority, std::initializer_list<pki::Role> roles, Operation operation) {
  return [&authority, allowed = std::vector<pki::Role>(roles), operation](const Request& request,
                                                                          const PathValues& values) -> Response {
    const auto who = require_role(authority, request, allowed);
    if (!who.ok()) return http::problem(who.error());
    return operation(*who, request, values);
  };
}

}  // namespace

void add_admin_routes(http::Router& router, Authority& authority) {
  const auto operators = {pki::Role::kOperator};
  const auto created = [](const Json& json) { return answer(json, 201); };
  const auto found = [](const Json& json) { return answer(json); };
  router.add("GET", "/health", [](const Request&, const PathValues&) { return answer(Json{{"status", "ok"}}); });
  router.add("POST", "/v1/codes",
             guarded(authority, operators, [&, created](const pki::Identity& who, const Request& r, const PathValues&) {
               return answer(issue_code(authority, who, r), created);
             }));
  router.add("POST", "/v1/devices",
             guarded(authority, operators, [&, created](const pki::Identity& who, const Request& r, const PathValues&) {
               return answer(register_device(authority, who, r), created);
             }));
  router.add("GET", "/v1/devices/{id}",
             guarded(authority, operators, [&, found](const pki::Identity& who, const Request&, const PathValues& v) {
               return answer(show_device(authority, who, v), found);
             }));
  router.add("POST", "/v1/devices/{id}/retire",
             guarded(authority, operators, [&](const pki::Identity& who, const Request&, const PathValues& v) {
               return done_or_problem(retire_device(authority, who, v));
             }));
  router.add("GET", "/v1/certificates",
             guarded(authority, operators, [&, found](const pki::Identity& who, const Request& r, const PathValues&) {
               return answer(list_certificates(authority, who, r), found);
             }));
  router.add("GET", "/v1/certificates/{serial}",
             guarded(authority, operators, [&, found](const pki::Identity& who, const Request&, const PathValues& v) {
               return answer(show_certificate(authority, who, v), found);
             }));
  router.add("POST", "/v1/certificates/{serial}/revoke",
             guarded(authority, operators, [&](const pki::Identity& who, const Request& r, const PathValues& v) {
               return done_or_problem(revoke(authority, who, r, v));
             }));
  router.add("POST", "/v1/certificates/{serial}/used",
             guarded(authority, {pki::Role::kUpdateServer},
                     [&](const pki::Identity& who, const Request&, const PathValues& v) {
                       return done_or_problem(note_use(authority, who, v));
                     }));
}

}  // namespace tailor::ca
