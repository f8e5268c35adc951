// SPDX-License-Identifier: Apache-2.0
// The subcommands of `tailor manifest`, one file each; manifest_commands.cpp puts them together.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "core/suit/leniency.hpp"

namespace tailor::cli {

void add_manifest_create(CLI::App& family, Session& session);
void add_manifest_import(CLI::App& family, Session& session);
void add_manifest_sign(CLI::App& family, Session& session);
void add_manifest_attach_signature(CLI::App& family, Session& session);
void add_manifest_verify(CLI::App& family, Session& session);
void add_manifest_show(CLI::App& family, Session& session);
void add_manifest_edit(CLI::App& family, Session& session);
void add_manifest_try(CLI::App& family, Session& session);
void add_manifest_encrypt(CLI::App& family, Session& session);

/// The switches of --lenient.
[[nodiscard]] std::vector<std::string> leniency_names();
/// @pre the command line has refused other names
[[nodiscard]] suit::Leniency leniency_of(const std::vector<std::string>& names);

}  // namespace tailor::cli
