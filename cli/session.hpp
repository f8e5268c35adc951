// SPDX-License-Identifier: Apache-2.0
// One run of the `tailor` program as its commands see it: where output goes, which form it has, which profile is in
// force, and what the run ends with. Commands know a Session and never std::cout or exit().
#pragma once

#include <functional>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "hosted/failure.hpp"

namespace tailor::cli {

using Json = nlohmann::ordered_json;

/// What the program ends with; documented in docs/cli.md, scripts depend on it.
enum class ExitCode : int {
  kOk = 0,       ///< done; for `verify`: authentic
  kRefused = 1,  ///< understood but not done: not authentic, refused by a peer, failed on the way
  kUnusable = 2  ///< not understood: wrong usage, unreadable or unsupported input
};

/// Sorts a failure into an exit code: malformed input, usage and files that cannot be read are kUnusable.
[[nodiscard]] ExitCode exit_code_of(Error code) noexcept;

/// What a command is given besides its own options.
struct Session {
  std::ostream& out;
  std::ostream& err;
  /// $HOME, or empty: where the default configuration stands.
  std::string home = {};
  bool json = false;
  /// `out` and `err` are a person's terminal: lines may be drawn over.
  bool interactive = false;
  /// What services wait for; empty: SIGINT or SIGTERM. Tests bring their own.
  std::function<void()> wait_for_stop = {};
  std::string config_path = {};  ///< of --config; empty: the default place, which may be absent
  /// The leaf command that the arguments chose; set while they are parsed, run once after.
  std::function<Outcome<ExitCode>()> action = {};

  /// Prints `document` when --json was given, else what `as_text` writes.
  void print(const Json& document, const std::function<void(std::ostream&)>& as_text);
};

/// What stands around one run.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::string home = {};
  bool interactive = false;
  std::function<void()> wait_for_stop = {};
};

/// Runs one command line (without the program's name) and returns what the process has to end with.
///
/// Reports a failure on `err` as "tailor: <ErrorName>: <context>".
[[nodiscard]] ExitCode run(const std::vector<std::string>& arguments, const Surroundings& around);

}  // namespace tailor::cli
