// SPDX-License-Identifier: Apache-2.0
// See event_detail.hpp.
#include "services/update/application/event_detail.hpp"

#include <nlohmann/json.hpp>

namespace tailor::update_server {

std::string detail_json(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : members) {
    if (!value.empty()) object[std::string(name)] = value;
  }
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string detail_json(const Progressed& progress, const std::string& where, const std::string& manifest,
                        const std::string& deployment) {
  return detail_json({{"state", std::string(update::name_of(progress.state))},
                      {"reason", reason_text(progress)},
                      {"where", where},
                      {"manifest", manifest},
                      {"deployment", deployment}});
}

}  // namespace tailor::update_server
