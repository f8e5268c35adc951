// SPDX-License-Identifier: Apache-2.0
#include "authoring/lint.hpp"

#include <algorithm>
#include <set>

#include "authoring/summary.hpp"
#include "authoring/walk/flow.hpp"
#include "core/base/limits.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace manifest_key = suit::manifest_key;
namespace parameter = suit::parameter;

constexpr LintRule kRules[] = {
    {"invalid", Severity::kError, "devices refuse it: tailor manifest verify says the same"},
    {"unsigned", Severity::kWarning, "no authentication block: every device refuses it"},
    {"weak-signature", Severity::kWarning,
     "an algorithm that leaves the curve open (ES256, EdDSA), or is none of the profiles"},
    {"shared-secret", Severity::kNote, "a MAC: whoever can verify it can make another"},
    {"no-vendor-check", Severity::kWarning,
     "condition-vendor-identifier is nowhere: devices of other vendors may take it"},
    {"no-class-check", Severity::kWarning,
     "condition-class-identifier is nowhere: devices of other classes may take it"},
    {"late-identity-check", Severity::kWarning,
     "vendor or class is not checked in the shared sequence, which runs before all else"},
    {"digest-without-size", Severity::kWarning,
     "an image digest without image size: the image may be longer than is digested"},
    {"unbounded-fetch", Severity::kWarning, "a fetch without image size: a server may send without end"},
    {"fetch-without-check", Severity::kError,
     "no image-match behind a fetch, copy or write: anything may have arrived"},
    {"no-validate", Severity::kWarning, "no validate section: nothing shows that the update succeeded"},
    {"not-validated", Severity::kWarning, "an installed component that validate does not check"},
    {"weak-digest", Severity::kNote, "a digest that devices need not support (all but SHA-256)"},
    {"condition-without-parameter", Severity::kError,
     "a condition or directive whose parameter is set nowhere before: it fails"},
    {"deadline-at-start", Severity::kError,
     "time, battery, permission or waiting in a section that runs at each start: devices may not start"},
    {"fetch-at-start", Severity::kError, "fetch in a section that runs at each start"},
    {"encrypted-fetch", Severity::kWarning,
     "encryption info where it is not defined: on a fetch (firmware encryption 6)"},
    {"unauthenticated-encryption", Severity::kError, "AES-CTR without a digest of the plaintext: changes go unnoticed"},
    {"missing-payload", Severity::kWarning, "a fetch from a payload that is not in the envelope"},
    {"unused-payload", Severity::kWarning, "a payload that nothing fetches"},
    {"severed-away", Severity::kNote, "a severed member that is not in the file"},
    {"text-in-manifest", Severity::kNote, "texts that every device has to receive; sever them"},
    {"large-manifest", Severity::kWarning, "a manifest larger than devices of Class 1 hold"},
    {"long-uri", Severity::kWarning, "a URI longer than devices keep"},
    {"no-manifest-component", Severity::kNote,
     "dependencies, but no manifest component id: devices may not keep this manifest apart"},
};

bool at_start(int64_t section) {
  return section == 0 || section == manifest_key::kValidate || section == manifest_key::kLoad ||
         section == manifest_key::kInvoke;
}

const Node* value(const Step& step, int64_t label) {
  const auto found = step.parameters.find(label);
  return found == step.parameters.end() ? nullptr : found->second;
}

/// The parameter without which a command fails; 0: none.
int64_t needed_by(int64_t label) {
  switch (label) {
    case command::kVendorIdentifier:
      return parameter::kVendorIdentifier;
    case command::kClassIdentifier:
      return parameter::kClassIdentifier;
    case command::kDeviceIdentifier:
      return parameter::kDeviceIdentifier;
    case command::kImageMatch:
    case command::kImageNotMatch:
    case command::kDependencyIntegrity:
      return parameter::kImageDigest;
    case command::kComponentSlot:
      return parameter::kComponentSlot;
    case command::kCheckContent:
    case command::kWrite:
      return parameter::kContent;
    case command::kUseBefore:
      return parameter::kUseBefore;
    case command::kMinimumBattery:
      return parameter::kMinimumBattery;
    case command::kUpdateAuthorized:
      return parameter::kUpdatePriority;
    case command::kVersion:
      return parameter::kVersion;
    case command::kWait:
      return parameter::kWaitInfo;
    case command::kFetch:
      return parameter::kUri;
    case command::kCopy:
    case command::kSwap:
      return parameter::kSourceComponent;
    default:
      return 0;
  }
}

class Linter {
 public:
  explicit Linter(const Walked& walked) : walked_(walked), flow_(flow_of(walked)), summary_(summary_of(walked)) {}

  std::vector<Remark> lint() {
    for (const Finding& finding : walked_.findings()) {
      remark("invalid", finding.path, finding.offset, finding.rule);
    }
    if (walked_.manifest().children.empty()) return std::move(out_);
    signatures();
    identity();
    for (const Step& step : flow_.steps) look_at(step);
    checks_behind_writes();
    validation();
    payloads();
    members();
    std::stable_sort(out_.begin(), out_.end(), [](const Remark& a, const Remark& b) { return place(a) < place(b); });
    return std::move(out_);
  }

 private:
  static size_t place(const Remark& remark) {
    const auto* found = std::find_if(std::begin(kRules), std::end(kRules),
                                     [&](const LintRule& rule) { return remark.rule == rule.id; });
    return static_cast<size_t>(found - std::begin(kRules));
  }

  void remark(const char* id, const std::string& path, size_t offset, std::string text = {}) {
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                    [&](const LintRule& row) { return std::string(row.id) == id; });
    if (text.empty()) text = rule->meaning;
    if (!seen_.insert(std::string(id) + path).second) return;
    out_.push_back({.rule = id, .severity = rule->severity, .path = path, .offset = offset, .text = std::move(text)});
  }
  void remark(const char* id, const Node& node) {
    remark(id, node.path, node.key_offset != 0 ? node.key_offset : node.offset);
  }
  void remark(const char* id) { remark(id, "", 0); }

  void signatures() {
    if (summary_.blocks.empty()) remark("unsigned");
    for (const AuthenticationBlock& block : summary_.blocks) {
      switch (block.algorithm) {
        case -9:
        case -19:
        case -46:
          break;
        case 5:
          remark("shared-secret", "authentication-wrapper", 0);
          break;
        default:
          remark("weak-signature", "authentication-wrapper", 0,
                 algorithm_name(block.algorithm) + " is none of the algorithms of the SUIT profiles (suit-mti)");
      }
    }
  }

  void identity() {
    for (const int64_t label : {command::kVendorIdentifier, command::kClassIdentifier}) {
      bool anywhere = false, shared = false;
      for (const Step& step : flow_.steps) {
        if (step.command->key != label) continue;
        anywhere = true;
        shared = shared || step.section == 0;
      }
      if (!anywhere) {
        remark(label == command::kVendorIdentifier ? "no-vendor-check" : "no-class-check");
      } else if (!shared) {
        remark("late-identity-check");
      }
    }
  }

  void look_at(const Step& step) {
    const int64_t label = step.command->key;
    const int64_t needed = needed_by(label);
    // What a dependent sets is seen on the device only; a dependency's fetch and write may leave it to that.
    const bool may_be_injected = (label == command::kFetch || label == command::kWrite) && is_kept_apart();
    if (needed != 0 && value(step, needed) == nullptr && !may_be_injected) {
      const Element* element = find_element(Shape::kParameters, needed);
      remark("condition-without-parameter", step.command->path, step.command->key_offset,
             std::string("needs ") + element->name + ", which is set nowhere before");
    }
    const bool digest = value(step, parameter::kImageDigest) != nullptr;
    const bool size = value(step, parameter::kImageSize) != nullptr;
    if (label == command::kFetch && !size) remark("unbounded-fetch", *step.command);
    if (label == command::kImageMatch && digest && !size) remark("digest-without-size", *step.command);
    if (label == command::kFetch && at_start(step.section)) remark("fetch-at-start", *step.command);
    const bool deadline = label == command::kUseBefore || label == command::kMinimumBattery ||
                          label == command::kUpdateAuthorized || label == command::kWait;
    if (deadline && at_start(step.section)) remark("deadline-at-start", *step.command);
    if (const Node* info = value(step, parameter::kEncryptionInfo)) look_at_encryption(step, *info);
    if (const Node* uri = value(step, parameter::kUri); uri != nullptr && uri->content.size() > limits::kUriBytes) {
      remark("long-uri", *uri);
    }
    if (const Node* expected = value(step, parameter::kImageDigest)) {
      const auto read = digest_of_node(*expected);
      if (read.ok() && read->algorithm != crypto::HashAlgorithm::kSha256) remark("weak-digest", *expected);
    }
  }

  bool is_kept_apart() const { return walked_.manifest().find(manifest_key::kManifestComponentId) != nullptr; }

  void look_at_encryption(const Step& step, const Node& info) {
    if (step.command->key == command::kFetch) remark("encrypted-fetch", *step.command);
    if (step.command->key != command::kCopy && step.command->key != command::kWrite) return;
    const Node& body = info.inner().inner();
    for (size_t i = 0; i < 2 && i < body.children.size(); ++i) {
      const Node* algorithm = body.children[i].inner().find(1);
      const bool counter = algorithm != nullptr && algorithm->number() <= -65532 && algorithm->number() >= -65534;
      if (counter && value(step, parameter::kImageDigest) == nullptr)
        remark("unauthenticated-encryption", *step.command);
    }
  }

  /// Behind each fetch, copy and write an image-match on the same component, before its section ends.
  void checks_behind_writes() {
    for (size_t i = 0; i < flow_.steps.size(); ++i) {
      const Step& step = flow_.steps[i];
      const int64_t label = step.command->key;
      if (label != command::kFetch && label != command::kCopy && label != command::kWrite) continue;
      const bool checked =
          std::any_of(flow_.steps.begin() + static_cast<std::ptrdiff_t>(i), flow_.steps.end(), [&](const Step& later) {
            return later.component == step.component &&
                   (later.command->key == command::kImageMatch || later.command->key == command::kDependencyIntegrity);
          });
      // An authenticated cipher checks what it decrypts from there.
      const bool decrypted =
          std::any_of(flow_.steps.begin() + static_cast<std::ptrdiff_t>(i), flow_.steps.end(), [&](const Step& later) {
            const Node* source = value(later, parameter::kSourceComponent);
            return later.command->key == command::kCopy && source != nullptr && source->argument == step.component &&
                   value(later, parameter::kEncryptionInfo) != nullptr;
          });
      if (!checked && !decrypted && value(step, parameter::kEncryptionInfo) == nullptr)
        remark("fetch-without-check", *step.command);
    }
  }

  void validation() {
    const bool installs = walked_.member(manifest_key::kInstall) != nullptr;
    if (walked_.manifest().find(manifest_key::kValidate) == nullptr) {
      remark("no-validate");
      return;
    }
    if (!installs) return;
    std::set<uint64_t> written, validated;
    for (const Step& step : flow_.steps) {
      const int64_t label = step.command->key;
      if (step.section == manifest_key::kInstall &&
          (label == command::kFetch || label == command::kCopy || label == command::kWrite) &&
          !is_dependency(walked_, step.component)) {
        written.insert(step.component);
      }
      if (step.section == manifest_key::kValidate && label == command::kImageMatch) validated.insert(step.component);
    }
    for (const uint64_t index : written) {
      if (!validated.contains(index)) remark("not-validated", "component " + std::to_string(index), 0);
    }
  }

  void payloads() {
    std::set<std::string> present;
    for (const Node* payload : walked_.payloads()) present.insert(uri_of_payload(*payload));
    std::set<std::string> named;
    const auto collect = [&](const auto& self, const Node& node) -> void {
      if (node.element != nullptr && node.element->in == Shape::kParameters && node.key == parameter::kUri) {
        named.insert(node.text());
        if (node.text().starts_with('#') && !present.contains(node.text())) remark("missing-payload", node);
      }
      for (const Node& child : node.children) self(self, child);
    };
    collect(collect, walked_.envelope());
    for (const Node* payload : walked_.payloads()) {
      if (!named.contains(uri_of_payload(*payload))) remark("unused-payload", *payload);
    }
  }

  void members() {
    for (const Node& member : walked_.manifest().children) {
      if (member.severed && walked_.member(member.key) == nullptr) remark("severed-away", member);
      if (member.key == manifest_key::kText && !member.severed) remark("text-in-manifest", member);
    }
    const Node* manifest = walked_.envelope().find(suit::envelope_key::kManifest);
    if (manifest != nullptr && manifest->content.size() > limits::kManifestBytes) remark("large-manifest", *manifest);
    if (walked_.common().find(suit::common_key::kDependencies) != nullptr && !is_kept_apart())
      remark("no-manifest-component");
  }

  const Walked& walked_;
  Flow flow_;
  EnvelopeSummary summary_;
  std::vector<Remark> out_;
  std::set<std::string> seen_;
};

}  // namespace

std::span<const LintRule> lint_rules() noexcept {
  return kRules;
}

std::vector<Remark> lint(const Walked& walked) {
  return Linter(walked).lint();
}

}  // namespace tailor::authoring
