// SPDX-License-Identifier: Apache-2.0
// The tables of the update server, as migrations. docs/formats/update-store.md describes them.
#pragma once

#include <span>

#include "services/store/migrations.hpp"

namespace tailor::update_server {

inline constexpr std::string_view kServiceName = "update";

[[nodiscard]] std::span<const store::Migration> schema();

}  // namespace tailor::update_server
