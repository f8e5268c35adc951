// SPDX-License-Identifier: Apache-2.0
#include "authoring/trial_view.hpp"

#include <algorithm>

#include "authoring/explain.hpp"
#include "authoring/summary.hpp"
#include "authoring/version_text.hpp"
#include "core/suit/component_id.hpp"
#include "hosted/utc_clock.hpp"
#include "hosted/uuid_make.hpp"
#include "trial/report_json.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
using trial::DeclaredComponent;
using trial::TraceStep;

std::string text_of_id(ByteView encoded) {
  const auto parts = suit::decode_component_id(encoded);
  if (!parts.ok()) return "0x" + to_hex(encoded);
  ComponentParts owned;
  for (const ByteView part : *parts) owned.emplace_back(part.begin(), part.end());
  return component_to_text(owned);
}

/// The command whose label stands at `offset` in the file.
const Node* command_at(const Node& sequence, size_t offset) {
  for (const Node& child : sequence.children) {
    if (!child.key_item.empty() && child.key_offset == offset) return &child;
    if (child.key == command::kRunSequence && child.opened) {
      if (const Node* found = command_at(child.inner(), offset)) return found;
    }
    if (child.key != command::kTryEach) continue;
    for (const Node& branch : child.children) {
      if (!branch.opened) continue;
      if (const Node* found = command_at(branch.inner(), offset)) return found;
    }
  }
  return nullptr;
}

std::string content_in_words(const DeclaredComponent& component) {
  if (component.content_unknown) {
    return component.known_digest ? "sha256 " + to_hex(*component.known_digest) : "content that is not declared";
  }
  if (!component.claimed_digests.empty()) return "digest " + to_hex(component.claimed_digests.front());
  if (component.content.empty()) return "nothing";
  const auto digest = crypto::sha256(component.content);
  return std::to_string(component.content.size()) + " bytes" + (digest.ok() ? ", sha256 " + to_hex(*digest) : "");
}

std::string meaning_of(Error error) {
  return std::string(describe(error).meaning);
}

}  // namespace

/// One manifest of the tree, walked.
struct TrialView::Layer {
  Bytes bytes;           ///< of a dependency's envelope
  Walked own;            ///< of a dependency
  const Walked* walked;  ///< this, or the root's
  Flow flow;
  std::string prefix;  ///< before its paths
};

TrialView::TrialView(const Walked& walked, const trial::Recipient& recipient) : recipient_(recipient), root_(walked) {
  auto layer = std::make_unique<Layer>();
  layer->walked = &root_;
  layer->flow = flow_of(root_);
  layers_[""] = std::move(layer);
}

TrialView::~TrialView() = default;

TrialView::Layer* TrialView::layer_of(const std::string& manifest) {
  if (const auto known = layers_.find(manifest); known != layers_.end()) return known->second.get();
  const Layer* parent = layer_of(manifest.substr(0, manifest.size() - 1));
  if (parent == nullptr) return nullptr;
  const auto index = static_cast<uint8_t>(manifest.back());
  const std::vector<ComponentParts> listed = components_of(*parent->walked);
  ComponentParts id;
  if (index < listed.size()) {
    id = listed[index];
  } else {
    const Node* all = parent->walked->common().find(suit::common_key::kDependencies);
    const Node* entry = all == nullptr ? nullptr : all->find(index);
    const Node* prefix = entry == nullptr ? nullptr : entry->find(suit::dependency_key::kPrefix);
    if (prefix == nullptr) return nullptr;
    id = component_of_node(*prefix);
  }
  const DeclaredComponent* held = recipient_.device.component(encode_component(id));
  if (held == nullptr || held->content.empty()) return nullptr;
  auto layer = std::make_unique<Layer>();
  layer->bytes = held->content;
  layer->prefix = parent->prefix + "dependency " + component_to_text(id) + ": ";
  layer->own = walk_envelope(layer->bytes, recipient_.leniency);
  layer->walked = &layer->own;
  layer->flow = flow_of(layer->own);
  return (layers_[manifest] = std::move(layer)).get();
}

const Node* TrialView::node_of(const TraceStep& step, Layer** layer) {
  Layer* where = layer_of(std::string(step.manifest.begin(), step.manifest.end()));
  if (layer != nullptr) *layer = where;
  if (where == nullptr) return nullptr;
  const Node* sequence = step.section == 0 ? where->walked->common().find(suit::common_key::kSharedSequence)
                                           : where->walked->member(step.section);
  if (sequence == nullptr || (!sequence->opened && step.section == 0)) return nullptr;
  return command_at(sequence->inner(), sequence->inner().offset + step.offset);
}

TrialPlace TrialView::place_of(const TraceStep& step) {
  Layer* layer = nullptr;
  const Node* node = node_of(step, &layer);
  if (node != nullptr) {
    return {layer->prefix + node->path, node->key_offset, node->element == nullptr ? "" : node->element->clause};
  }
  std::string path = layer == nullptr ? "a dependency: " : layer->prefix;
  return {path + trial::section_name(step.section == 0 ? report::kSharedSection : step.section) + ", byte " +
              std::to_string(step.offset) + " of the section",
          std::nullopt, ""};
}

std::string TrialView::name_of(const TraceStep& step) {
  const Element* element = find_element(Shape::kSequence, step.command);
  return element == nullptr ? "command " + std::to_string(step.command) : element->name;
}

std::string TrialView::words_of(const TraceStep& step) {
  // What these two work with may come from a branch or from a manifest above: the words are of what stood there.
  const std::string size = step.size_bytes ? ", " + std::to_string(*step.size_bytes) + " bytes" : "";
  if (step.command == command::kFetch && !step.uri.empty()) {
    return "fetches " + step.uri + " into " + text_of_id(step.component_id) + size;
  }
  if (step.command == command::kImageMatch && !step.digest.empty()) {
    const char* name = hash_name(static_cast<int64_t>(step.digest_algorithm));
    return "checks that " + text_of_id(step.component_id) + " holds the image " + (name == nullptr ? "" : name) + " " +
           to_hex(step.digest) + size;
  }
  Layer* layer = nullptr;
  const Node* node = node_of(step, &layer);
  if (node == nullptr) return name_of(step);
  const Step* any = nullptr;
  for (const Step& known : layer->flow.steps) {
    if (known.command != node) continue;
    any = &known;
    if (known.component == step.component) break;
  }
  return any == nullptr ? name_of(step) : command_in_words(*layer->walked, *any);
}

/// What the device has where a condition looked.
std::string TrialView::found_instead(const TraceStep& step) const {
  const trial::DeclaredDevice& device = recipient_.device;
  const DeclaredComponent* component = device.component(step.component_id);
  switch (step.command) {
    case command::kVendorIdentifier:
      return "the device's vendor is " + uuid_text(device.who.vendor);
    case command::kClassIdentifier:
      return "the device's class is " + uuid_text(device.who.device_class);
    case command::kDeviceIdentifier:
      return "the device is " + uuid_text(device.who.device);
    case command::kUseBefore:
      if (device.now.kind == processor::Time::Kind::kUnknown) return "the device does not know the time";
      return "for the device it is " + to_rfc3339(from_unix_seconds(static_cast<int64_t>(device.now.seconds)));
    case command::kMinimumBattery:
      return device.battery ? "the device has " + std::to_string(*device.battery) + " mWh"
                            : "the device has no battery";
    case command::kUpdateAuthorized:
      return device.authorization ? "the user says no" : "the device has nobody to ask";
    default:
      break;
  }
  if (component == nullptr) return "";
  switch (step.command) {
    case command::kImageMatch:
    case command::kImageNotMatch:
    case command::kCheckContent:
    case command::kDependencyIntegrity:
      return text_of_id(component->id) + " holds " + content_in_words(*component);
    case command::kComponentSlot:
      return component->present_slot ? "the next slot is " + std::to_string(*component->present_slot)
                                     : "the slot is not known";
    case command::kVersion:
      return component->version ? "the version is " + version_to_text(*component->version)
                                : "the version is not declared";
    case command::kFetch:
      if (step.error == Error::kPayloadUnavailable) return "no such payload is declared";
      if (step.error == Error::kImageTooLarge)
        return "there is room for " + std::to_string(component->capacity) + " bytes";
      return "";
    default:
      return "";
  }
}

TrialCause TrialView::cause_of_step(const TraceStep& step) {
  TrialCause cause{place_of(step), ""};
  const std::string words = words_of(step), found = found_instead(step);
  cause.rule = words + ": " + meaning_of(step.error);
  if (!found.empty()) cause.rule += "; " + found;
  if (!cause.place.clause.empty()) cause.rule += " (" + cause.place.clause + ")";
  return cause;
}

TrialCause TrialView::cause_before_steps(Error error) {
  const auto at = [](const Node* node, std::string rule) {
    TrialCause cause;
    if (node != nullptr)
      cause.place = {node->path, node->offset, node->element == nullptr ? "" : node->element->clause};
    cause.rule = std::move(rule);
    return cause;
  };
  for (const Finding& finding : root_.findings()) {
    if (finding.code == error) return {{finding.path, finding.offset, ""}, finding.rule};
  }
  const Node& manifest = root_.manifest();
  const std::vector<ComponentParts> listed = components_of(root_);
  if (error == Error::kSequenceNumberTooLow) {
    const Node* number = manifest.find(suit::manifest_key::kSequenceNumber);
    std::string rule = meaning_of(error);
    for (const ComponentParts& id : listed) {
      const DeclaredComponent* held = recipient_.device.component(encode_component(id));
      if (held == nullptr || number == nullptr || held->sequence_number <= number->argument) continue;
      rule += "; " + component_to_text(id) + " was installed with " + std::to_string(held->sequence_number);
    }
    return at(number, rule + " (RFC 9124 4.3.1, SUIT manifest 8.4.2)");
  }
  if (error == Error::kComponentUnknown) {
    const Node* components = root_.common().find(suit::common_key::kComponents);
    for (size_t i = 0; components != nullptr && i < listed.size(); ++i) {
      if (recipient_.device.component(encode_component(listed[i])) != nullptr) continue;
      return at(&components->children[i],
                component_to_text(listed[i]) + ": " + meaning_of(error) + " (SUIT manifest 8.4.5)");
    }
  }
  if (error == Error::kCommandUnsupported || error == Error::kCommandNotAllowed) {
    for (const Step& step : flow_of(root_).steps) {
      const int64_t label = step.command->key;
      if (recipient_.commands->find(label) != nullptr || recipient_.custom.contains(label)) continue;
      TrialCause cause = at(step.command, command_in_words(root_, step) + ": " + meaning_of(error));
      cause.place.offset = step.command->key_offset;
      if (!cause.place.clause.empty()) cause.rule += " (" + cause.place.clause + ")";
      return cause;
    }
  }
  const bool unauthentic =
      describe(error).error_class == ErrorClass::kUnauthentic || error == Error::kAlgorithmUnsupported;
  const Node* wrapper = root_.envelope().find(suit::envelope_key::kAuthentication);
  if (unauthentic && wrapper != nullptr) return at(wrapper, meaning_of(error) + " (SUIT manifest 8.3)");
  if (error == Error::kSequenceMissing) return at(&manifest, meaning_of(error) + " (SUIT manifest 6.3)");
  if (!root_.findings().empty()) {
    const Finding& first = root_.findings().front();
    return {{first.path, first.offset, ""}, first.rule};
  }
  return at(nullptr, meaning_of(error));
}

TrialCause TrialView::cause_of(const trial::Ending& ending, const std::vector<TraceStep>& steps) {
  if (ending.verdict == trial::Verdict::kWaiting) {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      if (step->result == TraceStep::Result::kWaits) return {place_of(*step), words_of(*step) + ": not yet"};
    }
    return {{}, "something has not come yet"};
  }
  // A try-each fails after its branches did; the last thing that went wrong is what ended it.
  if (!steps.empty() && ending.authentic) {
    const TraceStep& last = steps.back();
    const auto wrong = [](const TraceStep& step) {
      return step.result == TraceStep::Result::kFailed || step.result == TraceStep::Result::kError;
    };
    if (wrong(last) && last.error == ending.error) return cause_of_step(last);
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      if (wrong(*step) && step->error == ending.error) return cause_of_step(*step);
    }
  }
  return cause_before_steps(ending.error);
}

std::string TrialCause::to_text() const {
  if (place.path.empty()) return rule;
  const std::string where = place.path + ": " + rule;
  return place.offset ? "at byte " + std::to_string(*place.offset) + ", " + where : where;
}

}  // namespace tailor::authoring
