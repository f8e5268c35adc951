// SPDX-License-Identifier: Apache-2.0
// What `tailor dev` and the test of the packaged settings borrow from `tailor update-server`.
#pragma once

#include "hosted/config.hpp"
#include "hosted/log.hpp"
#include "services/update/service.hpp"

namespace tailor::cli {

struct UpdateServerSettings {
  update_server::UpdateServiceConfig config;
  LogConfig log;
};

/// Reads the tables [update_server] and [log], strictly.
/// @param folder  of the server; its identity is there unless the file says otherwise
[[nodiscard]] Outcome<UpdateServerSettings> read_update_server_settings(Config& file,
                                                                        const std::filesystem::path& folder);

}  // namespace tailor::cli
