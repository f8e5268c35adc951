// SPDX-License-Identifier: Apache-2.0
// The families of subcommands, one file each; each adds its commands to the parser and leaves the chosen one's action
// in the session. Includers need not know CLI11.
#pragma once

#include "cli/session.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace tailor::cli {

void add_artifact_commands(CLI::App& app, Session& session);
void add_ca_commands(CLI::App& app, Session& session);
void add_deployment_commands(CLI::App& app, Session& session);
void add_dev_command(CLI::App& app, Session& session);
void add_device_commands(CLI::App& app, Session& session);
void add_device_link_commands(CLI::App& app, Session& session);
void add_enrol_commands(CLI::App& app, Session& session);
void add_factory_commands(CLI::App& app, Session& session);
void add_key_commands(CLI::App& app, Session& session);
void add_manifest_commands(CLI::App& app, Session& session);
void add_recover_command(CLI::App& app, Session& session);
void add_trust_commands(CLI::App& app, Session& session);
void add_update_server_commands(CLI::App& app, Session& session);
void add_version_command(CLI::App& app, Session& session);

}  // namespace tailor::cli
