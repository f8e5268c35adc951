// SPDX-License-Identifier: Apache-2.0
// See openapi.hpp.
#include "services/update/testing/openapi.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "services/update/api/openapi.hpp"

namespace tailor::update_server::testing {
namespace {

using Json = nlohmann::json;

const Json& document() {
  static const Json parsed = [] {
    // The comment lines in front are YAML, the rest is its JSON subset.
    const std::string text(openapi_text());
    return Json::parse(text.substr(text.find('{')));
  }();
  return parsed;
}

const Json& resolve(const Json& node) {
  if (!node.contains("$ref")) return node;
  return document().at(Json::json_pointer(node["$ref"].get<std::string>().substr(1)));
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  throw std::invalid_argument("the checker does not know type " + type);
}

std::string check(const Json& value, const Json& reference, const std::string& where);

std::string check_object(const Json& value, const Json& schema, const std::string& where) {
  const Json properties = schema.value("properties", Json::object());
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) return where + ": lacks " + name.get<std::string>();
  }
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      if (std::string wrong = check(member, properties[name], where + "." + name); !wrong.empty()) return wrong;
      continue;
    }
    const Json others = schema.value("additionalProperties", Json(true));
    if (others.is_boolean() && !others.get<bool>()) return where + ": has " + name + ", which is not documented";
    if (others.is_object()) {
      if (std::string wrong = check(member, others, where + "." + name); !wrong.empty()) return wrong;
    }
  }
  return "";
}

std::string check(const Json& value, const Json& reference, const std::string& where) {
  const Json& schema = resolve(reference);
  if (schema.contains("type") && !has_type(value, schema["type"])) return where + ": is not " + schema["type"].dump();
  if (schema.contains("enum")) {
    const Json& values = schema["enum"];
    if (std::find(values.begin(), values.end(), value) == values.end()) return where + ": " + value.dump() + " is none";
  }
  if (schema.contains("pattern") && !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"]))) {
    return where + ": does not look like " + schema["pattern"].dump();
  }
  if (value.is_object()) return check_object(value, schema, where);
  if (value.is_array() && schema.contains("items")) {
    for (size_t i = 0; i < value.size(); ++i) {
      if (std::string wrong = check(value[i], schema["items"], where + "[" + std::to_string(i) + "]"); !wrong.empty()) {
        return wrong;
      }
    }
  }
  return "";
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

}  // namespace

std::string check_answer(const std::string& method, const std::string& pattern, const http::Response& response) {
  const std::string where = method + " " + pattern + " " + std::to_string(response.status);
  const Json& paths = document().at("paths");
  if (!paths.contains(pattern) || !paths[pattern].contains(lower(method))) return where + ": not documented";
  const Json& answers = paths[pattern][lower(method)].at("responses");
  const bool problem = response.status >= 400;
  if (!answers.contains(std::to_string(response.status))) {
    // Authentication and refusals of HTTP itself are the same everywhere and not repeated for each path.
    const bool general = response.status == 401 || response.status == 403 || response.status == 405;
    if (!general) return where + ": status is not documented";
  }
  const Json reference = answers.contains(std::to_string(response.status))
                             ? answers[std::to_string(response.status)]
                             : Json{{"$ref", "#/components/responses/Problem"}};
  const Json& answer = resolve(reference);
  if (problem && response.content_type != "application/problem+json") return where + ": is no problem document";
  if (!answer.contains("content")) return response.body.empty() ? "" : where + ": has a body";
  const std::string media = response.content_type.substr(0, response.content_type.find(';'));
  if (!answer["content"].contains(media)) return where + ": media type " + media;
  if (media.find("json") == std::string::npos) return "";
  return check(Json::parse(response.body), answer["content"][media]["schema"], where);
}

std::vector<std::string> documented_routes() {
  std::vector<std::string> routes;
  for (const auto& [pattern, methods] : document().at("paths").items()) {
    for (const auto& [method, description] : methods.items()) {
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
      routes.push_back(upper + " " + pattern);
    }
  }
  return routes;
}

}  // namespace tailor::update_server::testing
