// SPDX-License-Identifier: Apache-2.0
// What other families borrow from `tailor key`: making a key pair under a name of their own.
#pragma once

#include "cli/session.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace tailor::cli {

/// Adds a subcommand that makes a P-256 key pair.
void add_key_generate(CLI::App& parent, const char* name, Session& session);

}  // namespace tailor::cli
