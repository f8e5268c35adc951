// SPDX-License-Identifier: Apache-2.0
// For tests: one run of the program in this process, with what it wrote.
#pragma once

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

}  // namespace tailor::cli
