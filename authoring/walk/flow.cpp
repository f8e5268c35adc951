// SPDX-License-Identifier: Apache-2.0
#include "authoring/walk/flow.hpp"

#include <algorithm>

#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace parameter = suit::parameter;

size_t listed_components(const Walked& walked) {
  const Node* components = walked.common().find(suit::common_key::kComponents);
  return components == nullptr ? 0 : components->children.size();
}

/// Every command of a sequence and of those inside it.
template <typename Visit>
void each_command(const Node& sequence, const Visit& visit) {
  for (const Node& child : sequence.children) {
    visit(child);
    if (child.key == command::kRunSequence && child.opened) each_command(child.inner(), visit);
    if (child.key != command::kTryEach) continue;
    for (const Node& branch : child.children) {
      if (branch.opened) each_command(branch.inner(), visit);
    }
  }
}

/// The slot that a branch is for: the parameter that its condition-component-slot compares with.
std::optional<uint64_t> slot_of_branch(const Node& branch) {
  std::optional<uint64_t> slot;
  if (!branch.opened) return slot;
  for (const Node& child : branch.inner().children) {
    if (child.key == command::kOverrideParameters || child.key == command::kSetParameters) {
      const Node* set = child.find(parameter::kComponentSlot);
      if (set != nullptr) slot = set->argument;
    }
    if (child.key == command::kComponentSlot) return slot;
  }
  return std::nullopt;
}

class Runner {
 public:
  Runner(const Walked& walked, std::optional<uint64_t> slot)
      : components_(listed_components(walked)), slot_(slot), walked_(walked) {}

  Flow run() {
    const Node* shared = walked_.common().find(suit::common_key::kSharedSequence);
    if (shared != nullptr && shared->opened) section(0, shared->inner());
    for (const int64_t key : kSectionOrder) {
      const Node* member = walked_.member(key);
      if (member != nullptr) section(key, member->inner());
    }
    return std::move(flow_);
  }

 private:
  void section(int64_t key, const Node& sequence) {
    section_ = key;
    selected_.clear();
    if (components_ <= 1) selected_.push_back(0);
    commands(sequence, 0);
  }

  void commands(const Node& sequence, size_t depth) {
    for (const Node& child : sequence.children) one(child, depth);
  }

  void one(const Node& node, size_t depth) {
    const bool controls =
        node.key == command::kSetComponentIndex || node.key == command::kTryEach || node.key == command::kRunSequence;
    // A list or true runs what stands inside as a whole for each component; it is shown once.
    const std::vector<uint64_t> nobody = {0};
    for (const uint64_t index : controls&& selected_.empty() ? nobody : selected_) {
      flow_.steps.push_back({.section = section_,
                             .command = &node,
                             .component = index,
                             .parameters = flow_.last[index],
                             .depth = depth,
                             .branch = branch_});
      if (controls) break;
    }
    switch (node.key) {
      case command::kSetComponentIndex:
        select(node);
        break;
      case command::kOverrideParameters:
        for (const uint64_t index : selected_) set(flow_.last[index], node, true);
        break;
      case command::kSetParameters:
        for (const uint64_t index : selected_) set(flow_.last[index], node, false);
        break;
      case command::kOverrideMultiple:
        for (const Node& child : node.children) set(flow_.last[static_cast<uint64_t>(child.key)], child, true);
        break;
      case command::kCopyParameters:
        copy(node);
        break;
      case command::kRunSequence:
        if (node.opened) commands(node.inner(), depth + 1);
        break;
      case command::kTryEach:
        try_each(node, depth);
        break;
      default:
        break;
    }
  }

  void try_each(const Node& node, size_t depth) {
    for (size_t i = 0; i < node.children.size(); ++i) {
      const Node& branch = node.children[i];
      if (!branch.opened) continue;
      const std::optional<uint64_t> for_slot = slot_of_branch(branch);
      if (slot_ && for_slot && *slot_ != *for_slot) continue;
      branch_.push_back(i);
      commands(branch.inner(), depth + 1);
      branch_.pop_back();
    }
  }

  void select(const Node& node) {
    selected_.clear();
    if (node.type == cbor::Type::kUnsigned) selected_.push_back(node.argument);
    if (node.type == cbor::Type::kArray) {
      for (const Node& child : node.children) selected_.push_back(child.argument);
    }
    if (node.is_true()) {
      for (uint64_t i = 0; i < components_; ++i) selected_.push_back(i);
    }
  }

  static void set(SeenParameters& into, const Node& map, bool override) {
    for (const Node& child : map.children) {
      if (override || !into.contains(child.key)) into[child.key] = &child;
    }
  }

  void copy(const Node& node) {
    for (const Node& source : node.children) {
      const SeenParameters from = flow_.last[static_cast<uint64_t>(source.key)];
      for (const Node& label : source.children) {
        const auto found = from.find(label.number());
        if (found == from.end()) continue;
        for (const uint64_t index : selected_) flow_.last[index][found->first] = found->second;
      }
    }
  }

  size_t components_;
  std::optional<uint64_t> slot_;
  const Walked& walked_;
  Flow flow_;
  int64_t section_ = 0;
  std::vector<uint64_t> selected_;
  std::vector<size_t> branch_;
};

class Checker {
 public:
  Checker(Walked& walked, const suit::Leniency& leniency) : walked_(walked), leniency_(leniency) {}

  void check() {
    check_dependencies();
    const Node* shared = walked_.common().find(suit::common_key::kSharedSequence);
    if (shared != nullptr && shared->opened) section(shared->inner());
    for (const int64_t key : kSectionOrder) {
      const Node* member = walked_.member(key);
      if (member != nullptr) section(member->inner());
    }
    check_integrity({15, 16, 18, 20, 7});
    check_integrity({7, 8, 9});
    check_integrity({24});
    for (Finding& finding : found_) {
      // The procedures share sections; one finding each.
      const auto same = [&](const Finding& other) {
        return other.offset == finding.offset && other.rule == finding.rule;
      };
      if (std::none_of(walked_.findings().begin(), walked_.findings().end(), same)) walked_.add(std::move(finding));
    }
  }

 private:
  void find(Error code, const Node& where, const std::string& rule) {
    const bool command = !where.key_item.empty() && where.element != nullptr && where.element->in == Shape::kSequence;
    found_.push_back(
        {.code = code, .offset = command ? where.key_offset : where.offset, .path = where.path, .rule = rule});
  }

  void check_dependencies() {
    const Node* dependencies = walked_.common().find(suit::common_key::kDependencies);
    if (dependencies == nullptr || leniency_.index_beyond_components) return;
    for (const Node& dependency : dependencies->children) {
      if (static_cast<uint64_t>(dependency.key) >= listed_components(walked_)) {
        find(Error::kComponentIndexInvalid, dependency,
             "the key of a dependency is the index of a listed component (SUIT trust domains; switch "
             "index-beyond-components)");
      }
    }
  }

  void index(const Node& where, uint64_t value) {
    if (is_component(walked_, value)) return;
    find(Error::kComponentIndexInvalid, where,
         "component " + std::to_string(value) + " does not exist (SUIT manifest 8.4.10.1)");
  }

  void section(const Node& sequence) {
    bool selected = listed_components(walked_) <= 1;
    for (const Node& child : sequence.children) {
      if (child.key == command::kSetComponentIndex) selected = true;
      const bool chooses = child.key == command::kTryEach || child.key == command::kRunSequence ||
                           child.key == command::kOverrideMultiple;
      if (selected || chooses) continue;
      find(Error::kComponentIndexInvalid, child,
           "with several components a sequence begins with set-component-index (SUIT manifest 8.4.10.1)");
      break;
    }
    each_command(sequence, [&](const Node& node) {
      if (node.key == command::kSetComponentIndex) {
        if (node.type == cbor::Type::kUnsigned) index(node, node.argument);
        for (const Node& child : node.children) index(child, child.argument);
      }
      if (node.key == command::kOverrideParameters || node.key == command::kSetParameters) source_of(node);
      if (node.key == command::kOverrideMultiple || node.key == command::kCopyParameters) {
        for (const Node& child : node.children) {
          index(child, static_cast<uint64_t>(child.key));
          if (node.key == command::kOverrideMultiple) source_of(child);
        }
      }
    });
  }

  void source_of(const Node& parameters) {
    const Node* source = parameters.find(parameter::kSourceComponent);
    if (source != nullptr) index(*source, source->argument);
  }

  void check_integrity(std::initializer_list<int64_t> procedure) {
    const Flow flow = flow_of(walked_);
    std::set<uint64_t> checked;
    for (const int64_t section : procedure) {
      for (const Step& step : flow.steps) {
        if (step.section != section) continue;
        if (step.command->key == command::kDependencyIntegrity) checked.insert(step.component);
        if (step.command->key != command::kProcessDependency) continue;
        if (!is_dependency(walked_, step.component)) {
          find(Error::kCommandNotAllowed, *step.command,
               "process-dependency works on a dependency (SUIT trust domains)");
        } else if (!checked.contains(step.component) && !leniency_.missing_dependency_integrity) {
          find(Error::kCommandNotAllowed, *step.command,
               "dependency-integrity comes before process-dependency (SUIT trust domains; switch "
               "missing-dependency-integrity)");
        }
      }
    }
  }

  Walked& walked_;
  const suit::Leniency& leniency_;
  std::vector<Finding> found_;
};

}  // namespace

Flow flow_of(const Walked& walked, std::optional<uint64_t> slot) {
  return Runner(walked, slot).run();
}

std::set<uint64_t> slots_of(const Walked& walked) {
  std::set<uint64_t> slots;
  const auto collect = [&](const Node& sequence) {
    each_command(sequence, [&](const Node& node) {
      if (node.key != command::kTryEach) return;
      for (const Node& branch : node.children) {
        if (const auto slot = slot_of_branch(branch)) slots.insert(*slot);
      }
    });
  };
  const Node* shared = walked.common().find(suit::common_key::kSharedSequence);
  if (shared != nullptr && shared->opened) collect(shared->inner());
  for (const int64_t key : kSectionOrder) {
    if (const Node* member = walked.member(key)) collect(member->inner());
  }
  return slots;
}

bool is_dependency(const Walked& walked, uint64_t index) {
  const Node* dependencies = walked.common().find(suit::common_key::kDependencies);
  return dependencies != nullptr && index <= INT64_MAX && dependencies->find(static_cast<int64_t>(index)) != nullptr;
}

bool is_component(const Walked& walked, uint64_t index) {
  return index < listed_components(walked) || is_dependency(walked, index);
}

void check_flow(Walked& walked, const suit::Leniency& leniency) {
  Checker(walked, leniency).check();
}

}  // namespace tailor::authoring
