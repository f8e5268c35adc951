// SPDX-License-Identifier: Apache-2.0
#include "cli/api_client.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/files.hpp"
#include "cli/table.hpp"

namespace tailor::cli {
namespace {

std::string with_query(std::string path, const Query& query) {
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    path += separator + name + "=" + http::percent_encode(value);
    separator = '&';
  }
  return path;
}

Outcome<Json> parse(const http::Response& response, const std::string& url) {
  if (response.body.empty()) return Json::object();
  Json document = Json::parse(response.body, nullptr, false);
  if (document.is_discarded()) return fail(Error::kJsonMalformed, url + ": answer is no JSON");
  return document;
}

}  // namespace

Outcome<ApiClient> ApiClient::open(const Session& session) {
  TAILOR_TRY_ASSIGN(const Profile profile, read_profile(session));
  TAILOR_TRY_ASSIGN(const Bytes certificate, read_input(profile.certificate));
  TAILOR_TRY_ASSIGN(const Bytes authorities, read_input(profile.authorities));
  TAILOR_TRY_ASSIGN(Bytes key, read_input(profile.key));
  http::ClientTls tls;
  tls.certificate_pem = as_text(certificate);
  tls.anchors_pem = as_text(authorities);
  tls.key_pem = SecretString(as_text(key));
  wipe(key);
  TAILOR_TRY_ASSIGN(http::Client client, http::Client::create(profile.server_url, std::move(tls)));
  return ApiClient(std::move(client), profile.server_url);
}

Outcome<http::Response> ApiClient::send(const http::ClientRequest& request) const {
  TAILOR_TRY_ASSIGN(http::Response response, with_context(client_.send(request), url_));
  if (response.status < 200 || response.status > 299) return http::failure_from(response);
  return response;
}

Outcome<Json> ApiClient::get(const std::string& path, const Query& query) const {
  http::ClientRequest request;
  request.target = with_query(path, query);
  TAILOR_TRY_ASSIGN(const http::Response response, send(request));
  return parse(response, url_);
}

Outcome<Json> ApiClient::get_all(const std::string& path, Query query, size_t limit) const {
  constexpr size_t kLargestPage = 1000;
  Json items = Json::array();
  if (limit > 0) query.emplace_back("limit", std::to_string(std::min(limit, kLargestPage)));
  query.emplace_back("cursor", "");
  while (true) {
    TAILOR_TRY_ASSIGN(const Json page, get(path, query));
    if (!page.is_object() || !page.contains("items") || !page["items"].is_array()) {
      return fail(Error::kJsonMalformed, url_ + path + ": answer has no items");
    }
    for (const Json& item : page["items"]) {
      items.push_back(item);
      if (items.size() == limit) return Json{{"items", std::move(items)}};
    }
    const auto next = page.find("next_cursor");
    if (next == page.end() || !next->is_string()) return Json{{"items", std::move(items)}};
    // A cursor that stands still would be asked for again and again.
    if (next->get<std::string>() == query.back().second) {
      return fail(Error::kJsonMalformed, url_ + path + ": the cursor does not move");
    }
    query.back().second = next->get<std::string>();
  }
}

Outcome<Json> ApiClient::post(const std::string& path, const Json& body, const std::string& idempotency_key) const {
  http::ClientRequest request;
  request.method = "POST";
  request.target = path;
  request.content_type = "application/json";
  request.body = body.dump();
  if (!idempotency_key.empty()) request.headers.add("Idempotency-Key", idempotency_key);
  TAILOR_TRY_ASSIGN(const http::Response response, send(request));
  return parse(response, url_);
}

Outcome<Json> ApiClient::upload(const std::string& path, const std::filesystem::path& file,
                                const std::string& content_type, const Query& query,
                                const std::function<void(uint64_t, uint64_t)>& progress) const {
  http::ClientRequest request;
  request.method = "POST";
  request.target = with_query(path, query);
  request.content_type = content_type;
  request.body_file = file;
  request.progress = progress;
  TAILOR_TRY_ASSIGN(const http::Response response, send(request));
  return parse(response, url_);
}

Outcome<std::string> ApiClient::get_octets(const std::string& path) const {
  http::ClientRequest request;
  request.target = path;
  TAILOR_TRY_ASSIGN(http::Response response, send(request));
  return std::move(response.body);
}

std::string cell(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return "-";
  if (found->is_string()) return found->get<std::string>().empty() ? "-" : found->get<std::string>();
  return found->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string state_in_words(const Json& object, const char* member) {
  const std::string state = cell(object, member);
  const std::string awaited = cell(object, "waits_for");
  return awaited == "-" ? state : state + " (" + awaited + ")";
}

void write_members(std::ostream& out, const Json& object) {
  size_t width = 0;
  for (const auto& [name, value] : object.items()) width = std::max(width, name.size());
  for (const auto& [name, value] : object.items()) {
    out << printable(name) << std::string(width - name.size() + 2, ' ') << printable(cell(object, name.c_str()))
        << "\n";
  }
}

}  // namespace tailor::cli
