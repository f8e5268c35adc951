// SPDX-License-Identifier: Apache-2.0
// Where a configuration keeps the store; backup() and restore() of service.hpp are in backup.cpp.
#pragma once

#include "services/store/database.hpp"
#include "services/update/service.hpp"

namespace tailor::update_server {

[[nodiscard]] store::StoreConfig store_config(const UpdateServiceConfig& config);

}  // namespace tailor::update_server
