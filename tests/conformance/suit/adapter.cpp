// SPDX-License-Identifier: Apache-2.0
// Lets the conformance kit drive this implementation: `suit_adapter ENVELOPE CASE.json` runs what README.md says and
// prints the result. `suit_adapter -` reads lines "ENVELOPE CASE.json" and answers each with one line.
#include <iostream>

#include "testing/vectors/vectors.hpp"
#include "trial/device_state.hpp"

namespace {

using namespace tailor;

trial::Json run(const std::string& envelope, const std::string& state) {
  const trial::Json file = trial::Json::parse(testing::read_text(state));
  const auto result = trial::run(testing::read_octets(envelope), file.at("device"));
  if (!result.ok()) throw std::runtime_error(state + ": " + result.error().to_text());
  return *result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3) {
      std::cout << run(argv[1], argv[2]).dump() << "\n";
      return 0;
    }
    if (argc == 2 && std::string_view(argv[1]) == "-") {
      for (std::string envelope, state; std::cin >> envelope >> state;) {
        std::cout << run(envelope, state).dump() << std::endl;
      }
      return 0;
    }
    std::cerr << "usage: suit_adapter ENVELOPE CASE.json | suit_adapter -\n";
  } catch (const std::exception& error) {
    std::cerr << "suit_adapter: " << error.what() << "\n";
  }
  return 2;
}
