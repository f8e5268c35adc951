// SPDX-License-Identifier: Apache-2.0
// `tailor version`: what program this is and which standards it was written against.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"

namespace tailor::cli {

void add_version_command(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("version", "print the version");
  command->callback([&session] {
    session.action = [&session]() -> Outcome<ExitCode> {
      const Json document = {{"tailor", TAILOR_VERSION}, {"suit_manifest", "draft-ietf-suit-manifest-37"}};
      session.print(document, [](std::ostream& out) {
        out << "tailor " << TAILOR_VERSION << " (SUIT manifest draft-ietf-suit-manifest-37)\n";
      });
      return ExitCode::kOk;
    };
  });
}

}  // namespace tailor::cli
