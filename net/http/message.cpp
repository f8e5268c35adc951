// SPDX-License-Identifier: Apache-2.0
// Targets, header look-up and problem documents.
#include "net/http/message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tailor::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

Outcome<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (text.size() - i < 3) return fail(Error::kValueOutOfRange, "percent-encoding in the request target");
      const auto byte = from_hex(text.substr(i + 1, 2));
      if (!byte.ok()) return fail(Error::kValueOutOfRange, "percent-encoding in the request target");
      out.push_back(static_cast<char>(byte->front()));
      i += 2;
    }
  }
  return out;
}

template <typename Function>
Outcome<void> for_each_part(std::string_view text, char separator, Function&& function) {
  while (true) {
    const size_t at = text.find(separator);
    TAILOR_TRY(function(text.substr(0, at)));
    if (at == std::string_view::npos) return kOk;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::optional<std::string> Fields::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string Request::path() const {
  if (segments.empty()) return "/";
  std::string out;
  for (const std::string& segment : segments) out.append("/").append(segment);
  return out;
}

Outcome<void> parse_target(std::string_view target, Request& into) {
  if (!target.starts_with('/')) return fail(Error::kValueOutOfRange, "request target does not start with '/'");
  const size_t question = target.find('?');
  const std::string_view path = target.substr(1, question == std::string_view::npos ? question : question - 1);
  into.target = target;
  into.segments.clear();
  into.query.clear();
  if (!path.empty()) {
    TAILOR_TRY(for_each_part(path, '/', [&](std::string_view part) -> Outcome<void> {
      TAILOR_TRY_ASSIGN(std::string segment, percent_decode(part, false));
      into.segments.push_back(std::move(segment));
      return kOk;
    }));
  }
  if (question == std::string_view::npos) return kOk;
  return for_each_part(target.substr(question + 1), '&', [&](std::string_view part) -> Outcome<void> {
    if (part.empty()) return kOk;
    const size_t equals = part.find('=');
    TAILOR_TRY_ASSIGN(std::string name, percent_decode(part.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      TAILOR_TRY_ASSIGN(value, percent_decode(part.substr(equals + 1), true));
    }
    into.query.emplace_back(std::move(name), std::move(value));
    return kOk;
  });
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<uint8_t>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4U]);
      out.push_back(kDigits[byte & 0xFU]);
    }
  }
  return out;
}

Response problem(const Failure& failure) {
  const ErrorInfo& info = describe(failure.code);
  nlohmann::ordered_json document;
  document["type"] = "tag:tailor,2026:error:" + std::string(info.name);
  document["title"] = info.meaning;
  document["status"] = info.http_status;
  if (!failure.context.empty()) document["detail"] = failure.context;
  document["error"] = info.name;
  document["code"] = static_cast<unsigned>(info.error);
  Response response{info.http_status,
                    "application/problem+json",
                    document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                    {}};
  if (info.http_status == 401) response.headers.add("WWW-Authenticate", "Basic realm=\"tailor\"");
  if (info.http_status == 503) response.headers.add("Retry-After", "5");
  return response;
}

Failure failure_from(const Response& response) {
  const auto document = nlohmann::json::parse(response.body, nullptr, false);
  if (document.is_object() && document.contains("code") && document["code"].is_number_unsigned()) {
    const auto code = document["code"].get<uint64_t>();
    const Error error = code <= 255 ? error_from_code(static_cast<uint8_t>(code)) : Error::kInternal;
    std::string detail;
    if (document.contains("detail") && document["detail"].is_string()) detail = document["detail"].get<std::string>();
    return fail(error, std::move(detail));
  }
  return fail(Error::kPeerRefused, "HTTP status " + std::to_string(response.status));
}

std::optional<BasicCredentials> basic_credentials(const Request& request) {
  const auto field = request.headers.find("Authorization");
  if (!field || field->size() < 6 || !equal_ignoring_case(std::string_view(*field).substr(0, 6), "Basic ")) {
    return std::nullopt;
  }
  auto decoded = from_base64(std::string_view(*field).substr(6));
  if (!decoded.ok()) return std::nullopt;
  const std::string_view text = as_text(*decoded);
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  BasicCredentials out{std::string(text.substr(0, colon)), SecretString(text.substr(colon + 1))};
  wipe(*decoded);
  return out;
}

}  // namespace tailor::http
