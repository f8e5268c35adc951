// SPDX-License-Identifier: Apache-2.0
#include "authoring/explain.hpp"

#include <algorithm>
#include <set>

#include "authoring/diagnostic.hpp"
#include "authoring/summary.hpp"
#include "authoring/version_text.hpp"
#include "authoring/walk/flow.hpp"
#include "core/suit/labels.hpp"
#include "hosted/utc_clock.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace parameter = suit::parameter;

std::string joined(const std::vector<std::string>& texts, const char* between = ", ") {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

std::string time_text(uint64_t seconds) {
  constexpr uint64_t kYear9999 = 253402300799;
  if (seconds > kYear9999) return std::to_string(seconds) + " s after 1970";
  return to_rfc3339(from_unix_seconds(static_cast<int64_t>(seconds)));
}

std::string uuid_in_words(const Node& node) {
  const Result<Uuid> uuid = Uuid::from_bytes(node.content);
  return uuid.ok() ? uuid_text(*uuid) : node_diagnostic(node);
}

std::string digest_in_words(const Node& node) {
  const auto digest = digest_of_node(node);
  if (!digest.ok()) return node_diagnostic(node);
  const char* name = hash_name(static_cast<int64_t>(digest->algorithm));
  return std::string(name == nullptr ? "digest" : name) + " " + to_hex(digest->bytes);
}

std::vector<int64_t> numbers_of(const Node& array) {
  std::vector<int64_t> out;
  for (const Node& child : array.children) out.push_back(child.number());
  return out;
}

std::string version_in_words(const Node& match) {
  const Node& pair = match.inner();
  if (pair.children.size() != 2) return node_diagnostic(match);
  return std::string(comparison_text(pair.children[0].number())) + version_to_text(numbers_of(pair.children[1]));
}

std::string clock_text(uint64_t seconds) {
  char text[16];
  std::snprintf(text, sizeof text, "%02u:%02u:%02u", static_cast<unsigned>(seconds / 3600 % 24),
                static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60));
  return text;
}

std::string event_in_words(const Node& event) {
  constexpr const char* kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  switch (event.key) {
    case suit::wait_event::kAuthorization:
      return "somebody authorizes it (priority " + std::to_string(event.number()) + ")";
    case suit::wait_event::kPower:
      return "power is as required (" + std::to_string(event.number()) + ")";
    case suit::wait_event::kNetwork:
      return "the network is as required (" + std::to_string(event.number()) + ")";
    case suit::wait_event::kOtherDeviceVersion:
      return "another device has the version required";
    case suit::wait_event::kTime:
      return "it is " + time_text(event.argument);
    case suit::wait_event::kTimeOfDay:
      return "it is " + clock_text(event.argument) + " local time";
    case suit::wait_event::kTimeOfDayUtc:
      return "it is " + clock_text(event.argument) + " UTC";
    case suit::wait_event::kDayOfWeek:
      return std::string("it is ") + (event.argument < 7 ? kDays[event.argument] : "no day") + " local time";
    case suit::wait_event::kDayOfWeekUtc:
      return std::string("it is ") + (event.argument < 7 ? kDays[event.argument] : "no day") + " UTC";
    default:
      return node_diagnostic(event);
  }
}

/// Puts commands into words, with what stands in the parameters then.
class Words {
 public:
  explicit Words(const Walked& walked) : walked_(walked), components_(components_of(walked)) {}

  std::string component(uint64_t index) const {
    if (index < components_.size()) return component_to_text(components_[index]);
    const Node* dependencies = walked_.common().find(suit::common_key::kDependencies);
    const Node* entry = dependencies == nullptr ? nullptr : dependencies->find(static_cast<int64_t>(index));
    const Node* prefix = entry == nullptr ? nullptr : entry->find(suit::dependency_key::kPrefix);
    if (prefix != nullptr) return component_to_text(component_of_node(*prefix));
    return "component " + std::to_string(index);
  }

  std::string in_words(const Step& step) const {
    const std::string on = component(step.component);
    const auto has = [&](int64_t label) { return step.parameters.contains(label); };
    const auto value = [&](int64_t label) -> const Node& { return *step.parameters.at(label); };
    const auto or_unset = [&](int64_t label, auto words) {
      return has(label) ? words(value(label)) : std::string("(not set here: it fails unless a dependent sets it)");
    };
    const auto text = [](const Node& node) { return node.text(); };
    const auto number = [](const Node& node) { return std::to_string(node.number()); };
    const std::string decrypted =
        has(parameter::kEncryptionInfo)
            ? ", decrypting it (" + encryption_in_words(value(parameter::kEncryptionInfo)) + ")"
            : "";
    switch (step.command->key) {
      case command::kVendorIdentifier:
        return "checks that the vendor of " + on + " is " + or_unset(parameter::kVendorIdentifier, uuid_in_words);
      case command::kClassIdentifier:
        return "checks that the class of " + on + " is " + or_unset(parameter::kClassIdentifier, uuid_in_words);
      case command::kDeviceIdentifier:
        return "checks that the device is " + or_unset(parameter::kDeviceIdentifier, uuid_in_words);
      case command::kImageMatch:
        return "checks that " + on + " holds the image " + or_unset(parameter::kImageDigest, digest_in_words) +
               size(step);
      case command::kImageNotMatch:
        return "checks that " + on + " does not hold the image " + or_unset(parameter::kImageDigest, digest_in_words);
      case command::kComponentSlot:
        return "checks that " + on + " is written to slot " + or_unset(parameter::kComponentSlot, number);
      case command::kCheckContent:
        return "checks that " + on + " holds the content given" +
               (has(parameter::kContent) ? bytes(value(parameter::kContent)) : "");
      case command::kUseBefore:
        return "checks that it is before " +
               or_unset(parameter::kUseBefore, [](const Node& n) { return time_text(n.argument); });
      case command::kMinimumBattery:
        return "checks that the battery has " + or_unset(parameter::kMinimumBattery, number) + " mWh";
      case command::kUpdateAuthorized:
        return "checks that somebody allowed the update (priority " + or_unset(parameter::kUpdatePriority, number) +
               ")";
      case command::kVersion:
        return "checks that the version of " + on + " is " + or_unset(parameter::kVersion, version_in_words);
      case command::kDependencyIntegrity:
        return "checks that " + on + " is the manifest " + or_unset(parameter::kImageDigest, digest_in_words);
      case command::kIsDependency:
        return "checks that " + on + " is a dependency";
      case command::kAbort:
        return "gives up";
      case command::kProcessDependency:
        return "does the same part of the manifest " + on;
      case command::kFetch:
        return "fetches " + or_unset(parameter::kUri, text) + " into " + on + size(step) + decrypted;
      case command::kWrite:
        return "writes " +
               std::string(has(parameter::kContent) ? "content" + bytes(value(parameter::kContent))
                                                    : "content that a dependent gives") +
               " into " + on + decrypted;
      case command::kCopy:
        return "copies " + or_unset(parameter::kSourceComponent, [&](const Node& n) { return component(n.argument); }) +
               " to " + on + decrypted;
      case command::kSwap:
        return "swaps " + on + " with " +
               or_unset(parameter::kSourceComponent, [&](const Node& n) { return component(n.argument); });
      case command::kInvoke:
        return "starts " + on +
               (has(parameter::kInvokeArguments) ? " with arguments" + bytes(value(parameter::kInvokeArguments)) : "");
      case command::kWait:
        return "waits until " + (has(parameter::kWaitInfo) ? wait_in_words(value(parameter::kWaitInfo)) : "(not set)");
      case command::kUnlink:
        return "gives up its use of " + on;
      default:
        return step.command->element == nullptr
                   ? "command " + std::to_string(step.command->key) + ", which is not known"
                   : short_name(step.command->element->name);
    }
  }

  std::string encryption_in_words(const Node& info) const {
    const Node& body = info.inner().inner();
    std::string out;
    const auto algorithm = [](const Node& layer) {
      for (size_t i = 0; i < 2 && i < layer.children.size(); ++i) {
        const Node* found = layer.children[i].inner().find(1);
        if (found != nullptr) return algorithm_name(found->number());
      }
      return std::string("no algorithm");
    };
    out = algorithm(body);
    if (body.children.size() < 4) return out;
    for (const Node& recipient : body.children[3].children) {
      out += ", for a holder of ";
      const Node* key_id = recipient.children.size() > 1 ? recipient.children[1].inner().find(4) : nullptr;
      out += key_id == nullptr ? "the key" : "key " + printable_bytes(key_id->content);
      out += " (" + algorithm(recipient) + ")";
    }
    return out;
  }

  static std::string printable_bytes(ByteView bytes) {
    const bool text = std::all_of(bytes.begin(), bytes.end(), [](uint8_t c) { return c >= 0x20 && c < 0x7F; });
    return text ? "'" + std::string(as_text(bytes)) + "'" : "0x" + to_hex(bytes);
  }

 private:
  static std::string bytes(const Node& node) { return " (" + std::to_string(node.content.size()) + " bytes)"; }
  static std::string size(const Step& step) {
    const auto found = step.parameters.find(parameter::kImageSize);
    return found == step.parameters.end() ? "" : ", " + std::to_string(found->second->argument) + " bytes";
  }
  static std::string wait_in_words(const Node& info) {
    std::vector<std::string> events;
    for (const Node& event : info.inner().children) events.push_back(event_in_words(event));
    return joined(events, " and ");
  }

  const Walked& walked_;
  std::vector<ComponentParts> components_;
};

struct SectionWords {
  int64_t key;
  const char* heading;
};
constexpr SectionWords kSections[] = {
    {0, "First, before each of the parts below, it"},
    {15, "To find what it depends on (update), it"},
    {16, "To download (update), it"},
    {18, "To check what was downloaded (update), it"},
    {20, "To install (update), it"},
    {7, "To check what is installed (update and each start), it"},
    {8, "To load (each start), it"},
    {9, "To start (each start), it"},
    {24, "To uninstall, it"},
};

class Explainer {
 public:
  explicit Explainer(const Walked& walked)
      : walked_(walked), summary_(summary_of(walked)), flow_(flow_of(walked)), words_(walked) {}

  std::vector<Paragraph> explain() {
    what();
    who();
    devices();
    needs();
    for (const SectionWords& section : kSections) order(section);
    problems();
    return std::move(out_);
  }

 private:
  void what() {
    Paragraph& paragraph = start("What it is");
    std::vector<std::string> names;
    for (const ComponentSummary& component : summary_.components) names.push_back(component_to_text(component.id));
    paragraph.lines.push_back("A manifest with sequence number " + std::to_string(summary_.sequence_number) + " for " +
                              (names.empty() ? "dependencies only" : joined(names)) + ".");
    if (!summary_.description.empty()) paragraph.lines.push_back("It says of itself: " + summary_.description);
    if (!summary_.update_description.empty())
      paragraph.lines.push_back("It says what is new: " + summary_.update_description);
    for (const ComponentSummary& component : summary_.components) {
      if (!component.version.empty()) {
        paragraph.lines.push_back(component_to_text(component.id) + " is called version " + component.version + ".");
      }
    }
    if (const Node* id = walked_.manifest().find(suit::manifest_key::kManifestComponentId)) {
      paragraph.lines.push_back("Devices keep it as " + component_to_text(component_of_node(*id)) + ".");
    }
    const Node* version = walked_.manifest().find(suit::manifest_key::kSetVersion);
    if (version != nullptr && version->opened) {
      paragraph.lines.push_back("After it, the version is " + version_to_text(numbers_of(version->inner())) + ".");
    }
    paragraph.lines.push_back("Its digest is " + to_hex(summary_.digest) + ".");
  }

  void who() {
    Paragraph& paragraph = start("Who signed");
    if (summary_.blocks.empty()) paragraph.lines.emplace_back("Nobody: every device refuses it.");
    for (const AuthenticationBlock& block : summary_.blocks) {
      paragraph.lines.push_back(block.kind + " with " + algorithm_name(block.algorithm) +
                                (block.key_id.empty() ? "; it does not name its key" : ", key " + block.key_id) +
                                " (not checked here: tailor manifest verify).");
    }
  }

  void devices() {
    Paragraph& paragraph = start("For which devices");
    bool vendor = false, device_class = false;
    std::set<std::string> lines;
    for (const Step& step : flow_.steps) {
      const bool identity = step.command->key == command::kVendorIdentifier ||
                            step.command->key == command::kClassIdentifier ||
                            step.command->key == command::kDeviceIdentifier;
      if (!identity) continue;
      vendor = vendor || step.command->key == command::kVendorIdentifier;
      device_class = device_class || step.command->key == command::kClassIdentifier;
      const std::string line = "It " + words_.in_words(step) + ".";
      if (lines.insert(line).second) paragraph.lines.push_back(line);
    }
    if (!vendor)
      paragraph.lines.emplace_back("No vendor is checked: any vendor's device that trusts the signer takes it.");
    if (!device_class) paragraph.lines.emplace_back("No class is checked.");
  }

  void needs() {
    Paragraph& paragraph = start("What it needs");
    std::set<std::string> lines;
    const auto add = [&](const std::string& line) {
      if (lines.insert(line).second) paragraph.lines.push_back(line);
    };
    for (const Step& step : flow_.steps) {
      const auto found = [&](int64_t label) {
        const auto at = step.parameters.find(label);
        return at == step.parameters.end() ? nullptr : at->second;
      };
      if (step.command->key == command::kFetch) {
        const Node* uri = found(parameter::kUri);
        const std::string from = uri == nullptr ? "" : uri->text();
        const bool inside = std::any_of(summary_.payloads.begin(), summary_.payloads.end(),
                                        [&](const auto& payload) { return payload.uri == from; });
        const Node* size = found(parameter::kImageSize);
        add("The payload " + from +
            (size == nullptr ? ", of unknown size" : ", " + std::to_string(size->argument) + " bytes") +
            (inside ? " (it is in the envelope)." : "."));
      }
      const bool decrypts = step.command->key == command::kCopy || step.command->key == command::kWrite ||
                            step.command->key == command::kFetch;
      if (decrypts && found(parameter::kEncryptionInfo) != nullptr) {
        add("To decrypt: " + words_.encryption_in_words(*found(parameter::kEncryptionInfo)) + ".");
      }
      switch (step.command->key) {
        case command::kMinimumBattery:
        case command::kUseBefore:
        case command::kUpdateAuthorized:
        case command::kVersion:
        case command::kWait:
          add("It " + words_.in_words(step) + ".");
          break;
        case command::kProcessDependency:
          add("The manifest " + words_.component(step.component) + ", which it depends on.");
          break;
        default:
          break;
      }
    }
    for (const std::string& member : summary_.severed) {
      const Element* element = find_element(Shape::kManifest, member.c_str());
      if (element != nullptr && walked_.member(element->key) == nullptr) {
        add("The part '" + member + "', which was severed and is not in this file.");
      }
    }
    if (paragraph.lines.empty()) paragraph.lines.emplace_back("Nothing besides what is on the device.");
  }

  void order(const SectionWords& section) {
    Paragraph paragraph{section.heading, {}};
    std::vector<size_t> branch;
    for (const Step& step : flow_.steps) {
      if (step.section != section.key) continue;
      announce(step, branch, paragraph);
      if (is_silent(step)) continue;
      paragraph.lines.push_back(std::string(2 * step.depth, ' ') + words_.in_words(step));
    }
    if (!paragraph.lines.empty()) out_.push_back(std::move(paragraph));
  }

  /// What only prepares the commands behind it, and shows in their words.
  static bool is_silent(const Step& step) {
    switch (step.command->key) {
      case command::kSetComponentIndex:
      case command::kOverrideParameters:
      case command::kSetParameters:
      case command::kOverrideMultiple:
      case command::kCopyParameters:
      case command::kTryEach:
      case command::kRunSequence:
        return true;
      default:
        return false;
    }
  }

  void announce(const Step& step, std::vector<size_t>& branch, Paragraph& paragraph) {
    if (step.command->key == command::kTryEach) {
      const bool nothing = !step.command->children.empty() && step.command->children.back().is_null();
      paragraph.lines.push_back(std::string(2 * step.depth, ' ') + "takes the first of these that goes through" +
                                (nothing ? ", or none:" : ":"));
      branch = step.branch;
      return;
    }
    if (step.branch == branch) return;
    if (step.branch.size() >= branch.size() && !step.branch.empty()) {
      const size_t indent = step.depth > 0 ? 2 * step.depth - 1 : 0;
      paragraph.lines.push_back(std::string(indent, ' ') + std::to_string(step.branch.back() + 1) + ".");
    }
    branch = step.branch;
  }

  void problems() {
    if (walked_.findings().empty()) return;
    Paragraph& paragraph = start("What is wrong with it");
    for (const Finding& finding : walked_.findings()) paragraph.lines.push_back(finding.to_failure().context);
  }

  Paragraph& start(const char* heading) {
    out_.push_back({heading, {}});
    return out_.back();
  }

  const Walked& walked_;
  EnvelopeSummary summary_;
  Flow flow_;
  Words words_;
  std::vector<Paragraph> out_;
};

}  // namespace

std::vector<Paragraph> explain(const Walked& walked) {
  return Explainer(walked).explain();
}

std::string command_in_words(const Walked& walked, const Step& step) {
  return Words(walked).in_words(step);
}

}  // namespace tailor::authoring
