// SPDX-License-Identifier: Apache-2.0
// Checks answers of the operator API against docs/protocols/openapi.yaml: the part of JSON Schema that the document
// uses, and nothing that it does not.
#pragma once

#include <string>

#include "net/http/message.hpp"

namespace tailor::update_server::testing {

/// Says what is wrong with an answer; empty when the document describes it.
///
/// @param method   "GET"
/// @param pattern  the path as in the document: "/v1/devices/{id}"
[[nodiscard]] std::string check_answer(const std::string& method, const std::string& pattern,
                                       const http::Response& response);
/// All "METHOD /pattern" of the document.
[[nodiscard]] std::vector<std::string> documented_routes();

}  // namespace tailor::update_server::testing
