// SPDX-License-Identifier: Apache-2.0
// The text of docs/protocols/openapi.yaml, put into the program by the build.
#pragma once

#include <string_view>

namespace tailor::update_server {

[[nodiscard]] std::string_view openapi_text() noexcept;

}  // namespace tailor::update_server
