// SPDX-License-Identifier: Apache-2.0
// For tests: one run of the program in this process, with what it wrote.
#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace tailor::cli {

struct Finished {
  ExitCode code = ExitCode::kUnusable;
  std::string out, err;
};

inline Finished run_tailor(const std::vector<std::string>& arguments, const std::string& home = "/nonexistent") {
  std::ostringstream out, err;
  const ExitCode code = run(arguments, {.out = out, .err = err, .home = home});
  return {code, out.str(), err.str()};
}

/// Runs a command that serves; `during` is called once it does, with what was written until then, and its end is the
/// signal to stop.
inline Finished run_serving(const std::vector<std::string>& arguments,
                            const std::function<void(const std::string& out)>& during) {
  std::ostringstream out, err;
  const ExitCode code = run(arguments, {.out = out, .err = err, .wait_for_stop = [&] { during(out.str()); }});
  return {code, out.str(), err.str()};
}

}  // namespace tailor::cli
