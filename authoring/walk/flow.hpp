// SPDX-License-Identifier: Apache-2.0
// The commands of an envelope in the order in which they run, with the component that each works on and the parameters
// that stand then. Runs nothing: every branch is gone through. For explain, lint, diff, and checks across commands.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// Parameter label -> its node, as last set.
using SeenParameters = std::map<int64_t, const Node*>;

/// One command, once for each component that is selected.
struct Step {
  int64_t section = 0;  ///< manifest_key; 0: the shared sequence
  const Node* command = nullptr;
  uint64_t component = 0;
  SeenParameters parameters;        ///< of that component, before the command
  size_t depth = 0;                 ///< try-each and run-sequence around it
  std::vector<size_t> branch = {};  ///< which branch of each try-each around it
};

struct Flow {
  std::vector<Step> steps;
  std::map<uint64_t, SeenParameters> last;  ///< component -> parameters after all sequences
};

/// Sections in the order in which they run (trust-domains 6, manifest 6.3): update, then invocation, then uninstall.
inline constexpr int64_t kSectionOrder[] = {15, 16, 18, 20, 7, 8, 9, 24};

/// Goes through shared sequence and sections once each.
/// @param slot  if given, branches for other component slots are left out
[[nodiscard]] Flow flow_of(const Walked& walked, std::optional<uint64_t> slot = std::nullopt);

/// Slots that branches ask for with condition-component-slot.
[[nodiscard]] std::set<uint64_t> slots_of(const Walked& walked);

/// Components that have an index: those that are listed, and dependencies beyond the list.
[[nodiscard]] bool is_component(const Walked& walked, uint64_t index);
[[nodiscard]] bool is_dependency(const Walked& walked, uint64_t index);

/// Adds what only the order of commands shows: an index beyond the components, a command with nothing selected,
/// process-dependency on what is no dependency or was not checked.
void check_flow(Walked& walked, const suit::Leniency& leniency);

}  // namespace tailor::authoring
