// SPDX-License-Identifier: Apache-2.0
// The frame of the program: global options, the families of commands, parsing, and how failures are told. Knows no
// command's work.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"

namespace tailor::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done (verify: authentic), 1 refused or failed (verify: not authentic),\n"
    "2 not understood: usage, unreadable or unsupported input.\n"
    "Every command takes --json. Start with: tailor dev --help";

void tell(std::ostream& err, Error code, const std::string& context) {
  err << "tailor: " << name_of(code) << ": " << (context.empty() ? std::string(describe(code).meaning) : context)
      << '\n';
}

}  // namespace

ExitCode exit_code_of(Error code) noexcept {
  if (code == Error::kFileFailed) return ExitCode::kUnusable;
  return describe(code).error_class == ErrorClass::kMalformed ? ExitCode::kUnusable : ExitCode::kRefused;
}

void Session::print(const Json& document, const std::function<void(std::ostream&)>& as_text) {
  if (json) {
    // Text from peers may be no UTF-8; it is replaced, because output that fails half way helps nobody.
    out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    as_text(out);
  }
}

ExitCode run(const std::vector<std::string>& arguments, const Surroundings& around) {
  std::ostream& out = around.out;
  std::ostream& err = around.err;
  Session session{.out = out,
                  .err = err,
                  .home = around.home,
                  .interactive = around.interactive,
                  .wait_for_stop = around.wait_for_stop};
  CLI::App app("Software and firmware updates for constrained devices, on open standards.", "tailor");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kFooter);
  app.add_flag("--json", session.json, "print JSON instead of tables");
  app.add_option("--config", session.config_path, "client profile (default: ~/.config/tailor/tailor.toml)");
  add_key_commands(app, session);
  add_manifest_commands(app, session);
  add_trust_commands(app, session);
  add_factory_commands(app, session);
  add_ca_commands(app, session);
  add_enrol_commands(app, session);
  add_artifact_commands(app, session);
  add_device_commands(app, session);
  add_deployment_commands(app, session);
  add_device_link_commands(app, session);
  add_recover_command(app, session);
  add_update_server_commands(app, session);
  add_dev_command(app, session);
  add_version_command(app, session);

  // CLI11 takes the arguments from the back.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::Success& success) {
    // --help of the program or of a command
    app.exit(success, out, err);
    return ExitCode::kOk;
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    tell(err, Error::kUsageInvalid, unknown.empty() ? error.what() : "no command '" + unknown.front() + "'");
    err << "run with --help for more information\n";
    return ExitCode::kUnusable;
  } catch (const CLI::ParseError& error) {
    tell(err, Error::kUsageInvalid, error.what());
    err << "run with --help for more information\n";
    return ExitCode::kUnusable;
  }
  if (!session.action) {
    tell(err, Error::kUsageInvalid, "a subcommand is required");
    return ExitCode::kUnusable;
  }
  const Outcome<ExitCode> outcome = session.action();
  if (!outcome.ok()) {
    tell(err, outcome.error().code, outcome.error().context);
    return exit_code_of(outcome.error().code);
  }
  return outcome.value();
}

}  // namespace tailor::cli
