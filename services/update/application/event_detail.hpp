// SPDX-License-Identifier: Apache-2.0
// The JSON objects in the event log's detail column, and the events themselves.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// A flat JSON object of texts; members with an empty value are left out.
[[nodiscard]] std::string detail_json(std::initializer_list<std::pair<std::string_view, std::string>> members);
[[nodiscard]] std::string detail_json(const Progressed& progress, const std::string& where, const std::string& manifest,
                                      const std::string& deployment);

[[nodiscard]] inline std::string device_actor(const std::string& id) {
  return "device:" + id;
}

}  // namespace tailor::update_server
