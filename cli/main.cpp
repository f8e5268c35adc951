// SPDX-License-Identifier: Apache-2.0
// The `tailor` program: arguments and environment in, exit code out.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/session.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const char* home = std::getenv("HOME");
  const bool interactive = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  const tailor::cli::Surroundings around{
      .out = std::cout, .err = std::cerr, .home = home == nullptr ? "" : home, .interactive = interactive};
  return static_cast<int>(tailor::cli::run(arguments, around));
}
