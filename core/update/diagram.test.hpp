// SPDX-License-Identifier: Apache-2.0
// For the tests of the two state machines: reads the transitions of one Mermaid diagram of docs/protocols/states.md.
#pragma once

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

namespace tailor::update {

/// {from, event, to}
using Transitions = std::set<std::tuple<std::string, std::string, std::string>>;

/// Reads the n-th diagram (0 is the first) of docs/protocols/states.md.
inline Transitions transitions_of_diagram(int n) {
  const char* root = std::getenv("TAILOR_SOURCE_DIR");
  std::ifstream file(std::string(root != nullptr ? root : ".") + "/docs/protocols/states.md");
  Transitions transitions;
  int diagram = -1;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("stateDiagram", 0) == 0) ++diagram;
    if (diagram != n || line.find("-->") == std::string::npos || line.find("[*]") != std::string::npos) continue;
    std::istringstream words(line);
    std::string from, arrow, to, event;
    words >> from >> arrow >> to >> event;
    to.pop_back();  // the colon
    transitions.insert({from, event, to});
  }
  return transitions;
}

}  // namespace tailor::update
