// SPDX-License-Identifier: Apache-2.0
#include "authoring/compose.hpp"

#include <algorithm>

#include "authoring/description_check.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace manifest_key = suit::manifest_key;
namespace reporting = suit::reporting;

/// Policies of the draft's examples: conditions are always recorded, directives when they fail, slots by system info.
constexpr uint64_t kCondition = reporting::kAll;
constexpr uint64_t kDirective = reporting::kRecordOnFailure;
constexpr uint64_t kSlot = reporting::kRecordOnSuccess | reporting::kSystemInfoOnSuccess;

/// One command sequence; selects a component before its commands where there are several.
class Section {
 public:
  explicit Section(size_t components) : many_(components > 1) {}
  Sequence& on(uint64_t index) {
    if (many_ && index != selected_) sequence_.set_component_index(index);
    selected_ = index;
    return sequence_;
  }
  [[nodiscard]] const Sequence& sequence() const noexcept { return sequence_; }

 private:
  Sequence sequence_;
  std::optional<uint64_t> selected_;
  bool many_;
};

class Composer {
 public:
  explicit Composer(const ManifestDescription& description) : description_(description) {
    for (const ComponentDescription& component : description.components) {
      index_of(component.id);
      if (component.staging) index_of(component.staging->id);
      if (component.load) index_of(component.load->id);
    }
    for (const DependencyDescription& dependency : description.dependencies) {
      out_.manifest.dependencies[index_of(dependency.id)] = {};
    }
  }

  Composed compose() {
    ManifestModel& manifest = out_.manifest;
    manifest.sequence_number = description_.sequence_number;
    manifest.digest_algorithm = description_.digest_algorithm;
    manifest.reference_uri = description_.reference_uri;
    manifest.manifest_component_id = description_.manifest_component_id;
    manifest.set_version = description_.set_version;
    manifest.shared = shared();
    if (description_.install) {
      add(manifest_key::kDependencyResolution, dependency_resolution());
      add(manifest_key::kPayloadFetch, payload_fetch());
      add(manifest_key::kInstall, install());
    }
    if (description_.validate) add(manifest_key::kValidate, validate());
    add(manifest_key::kLoad, load());
    if (description_.invoke) add(manifest_key::kInvoke, invoke());
    if (description_.uninstall) add(manifest_key::kUninstall, uninstall());
    add_texts();
    if (!description_.coswid.empty()) {
      manifest.members[manifest_key::kCoswid] = {.content = description_.coswid,
                                                 .severed = severed(manifest_key::kCoswid)};
    }
    take_payloads();
    return std::move(out_);
  }

 private:
  uint64_t index_of(const ComponentParts& id) {
    auto& ids = out_.manifest.components;
    const auto found = std::find(ids.begin(), ids.end(), id);
    if (found != ids.end()) return static_cast<uint64_t>(found - ids.begin());
    ids.push_back(id);
    return ids.size() - 1;
  }
  Section section() { return Section(out_.manifest.components.size()); }

  bool severed(int64_t key) const {
    return std::find(description_.sever.begin(), description_.sever.end(), key) != description_.sever.end();
  }
  void add(int64_t key, const Section& made) { out_.manifest.add(key, made.sequence(), severed(key)); }

  /// Try-each over the slots of a component: in the branch of the slot that is written, `parameters_of` it are set.
  template <typename ParametersOf>
  void by_slot(Sequence& sequence, const ComponentDescription& component, const ParametersOf& parameters_of) {
    std::vector<Sequence> branches;
    for (const SlotDescription& slot : component.slots) {
      branches.push_back(Sequence()
                             .override_parameters(Parameters().slot(slot.slot))
                             .command(command::kComponentSlot, kSlot)
                             .override_parameters(parameters_of(slot)));
    }
    sequence.try_each(branches, false);
  }

  Sequence shared() {
    Section made = section();
    for (size_t i = 0; i < description_.components.size(); ++i) {
      const ComponentDescription& component = description_.components[i];
      Parameters parameters;
      const auto vendor = component.vendor ? component.vendor : of_manifest(i, description_.vendor);
      const auto device_class =
          component.device_class ? component.device_class : of_manifest(i, description_.device_class);
      if (vendor) parameters.vendor(*vendor);
      if (device_class) parameters.device_class(*device_class);
      if (i == 0 && description_.conditions.device) parameters.device(*description_.conditions.device);
      const bool has_image = !component.by_dependency && component.slots.empty();
      if (has_image) parameters.image_digest(component.digest).image_size(component.size_bytes);
      if (parameters.empty() && component.slots.empty()) continue;
      Sequence& sequence = made.on(index_of(component.id));
      sequence.override_parameters(parameters);
      if (!component.slots.empty()) {
        by_slot(sequence, component, [](const SlotDescription& slot) {
          return Parameters().image_digest(slot.digest).image_size(slot.size_bytes);
        });
      }
      if (vendor) sequence.command(command::kVendorIdentifier, kCondition);
      if (device_class) sequence.command(command::kClassIdentifier, kCondition);
      if (i == 0 && description_.conditions.device) sequence.command(command::kDeviceIdentifier, kCondition);
    }
    for (const DependencyDescription& dependency : description_.dependencies) {
      made.on(index_of(dependency.id))
          .override_parameters(Parameters().image_digest(dependency.digest).image_size(dependency.size_bytes));
    }
    return made.sequence();
  }

  static std::optional<Uuid> of_manifest(size_t component, const Uuid& id) {
    return component == 0 && !id.is_nil() ? std::optional<Uuid>(id) : std::nullopt;
  }

  /// Conditions go before the first command that changes anything, whichever section that is in.
  void add_conditions(Section& made) {
    const ConditionsDescription& wanted = description_.conditions;
    if (conditions_done_) return;
    conditions_done_ = true;
    Parameters parameters;
    std::vector<int64_t> commands;
    if (wanted.use_before) {
      parameters.use_before(*wanted.use_before);
      commands.push_back(command::kUseBefore);
    }
    if (wanted.minimum_battery) {
      parameters.minimum_battery(*wanted.minimum_battery);
      commands.push_back(command::kMinimumBattery);
    }
    if (wanted.version) {
      parameters.version(wanted.version->comparison, wanted.version->value);
      commands.push_back(command::kVersion);
    }
    if (wanted.authorized) {
      parameters.update_priority(*wanted.authorized);
      commands.push_back(command::kUpdateAuthorized);
    }
    if (!commands.empty()) {
      Sequence& sequence = made.on(0).override_parameters(parameters);
      for (const int64_t label : commands) sequence.command(label, kCondition);
    }
    for (const ComponentDescription& component : description_.components) {
      if (!component.precursor) continue;
      Parameters before, after;
      before.image_digest(*component.precursor);
      after.image_digest(component.digest);
      if (component.precursor_bytes) {
        before.image_size(*component.precursor_bytes);
        after.image_size(component.size_bytes);
      }
      made.on(index_of(component.id))
          .override_parameters(before)
          .command(command::kImageMatch, kCondition)
          .override_parameters(after);
    }
  }

  void process_dependencies(Section& made, int64_t key) {
    for (const DependencyDescription& dependency : description_.dependencies) {
      const auto& has = dependency.sections;
      if (std::find(has.begin(), has.end(), key) == has.end()) continue;
      made.on(index_of(dependency.id))
          .command(command::kDependencyIntegrity, kCondition)
          .command(command::kProcessDependency, kDirective);
    }
  }

  Section dependency_resolution() {
    Section made = section();
    for (const DependencyDescription& dependency : description_.dependencies) {
      add_conditions(made);
      made.on(index_of(dependency.id))
          .override_parameters(Parameters().uri(dependency.uri))
          .command(command::kFetch, kDirective)
          .command(command::kDependencyIntegrity, kCondition);
    }
    return made;
  }

  /// For a component that a dependency installs: what the dependency is to find set.
  void add_injected(Section& made) {
    for (const ComponentDescription& component : description_.components) {
      if (!component.by_dependency) continue;
      Parameters parameters;
      if (component.content) parameters.content(*component.content);
      if (!component.encryption_info.empty()) parameters.encryption_info(component.encryption_info);
      if (!component.uri.empty()) parameters.uri(component.uri);
      if (!parameters.empty()) made.on(index_of(component.id)).override_parameters(parameters);
    }
  }

  Section payload_fetch() {
    Section made = section();
    const bool staged = std::any_of(description_.components.begin(), description_.components.end(),
                                    [](const auto& component) { return component.staging.has_value(); });
    const bool by_dependency =
        std::any_of(description_.dependencies.begin(), description_.dependencies.end(), [](const auto& dependency) {
          const auto& has = dependency.sections;
          return std::find(has.begin(), has.end(), manifest_key::kPayloadFetch) != has.end();
        });
    if (!staged && !by_dependency) return made;
    add_conditions(made);
    if (by_dependency) {
      add_injected(made);
      process_dependencies(made, manifest_key::kPayloadFetch);
    }
    for (const ComponentDescription& component : description_.components) {
      if (!component.staging) continue;
      const PlaceDescription& staging = *component.staging;
      Parameters parameters;
      if (staging.digest) parameters.image_digest(*staging.digest);
      if (staging.size_bytes) parameters.image_size(*staging.size_bytes);
      parameters.uri(component.uri);
      Sequence& sequence = made.on(index_of(staging.id));
      set(sequence, component, parameters).command(command::kFetch, kDirective);
      if (staging.digest) sequence.command(command::kImageMatch, kCondition);
    }
    return made;
  }

  static Sequence& set(Sequence& sequence, const ComponentDescription& component, const Parameters& parameters) {
    return component.overridable ? sequence.set_parameters(parameters) : sequence.override_parameters(parameters);
  }

  Section install() {
    Section made = section();
    add_conditions(made);
    if (!description_.conditions.wait.empty()) {
      made.on(0)
          .override_parameters(Parameters().wait_info(description_.conditions.wait))
          .command(command::kWait, kDirective);
    }
    if (!description_.dependencies.empty()) add_injected(made);
    process_dependencies(made, manifest_key::kInstall);
    for (const ComponentDescription& component : description_.components) {
      if (!component.by_dependency && !component.present) install_one(made.on(index_of(component.id)), component);
    }
    return made;
  }

  void install_one(Sequence& sequence, const ComponentDescription& component) {
    Parameters parameters;
    int64_t directive = command::kFetch;
    if (component.content) {
      parameters.content(*component.content);
      directive = command::kWrite;
    } else if (component.staging) {
      parameters.source_component(index_of(component.staging->id));
      directive = command::kCopy;
    } else if (component.slots.empty()) {
      parameters.uri(component.uri);
    }
    if (!component.encryption_info.empty()) parameters.encryption_info(component.encryption_info);
    if (!component.slots.empty()) {
      by_slot(sequence, component, [](const SlotDescription& slot) { return Parameters().uri(slot.uri); });
    }
    const bool uri = directive == command::kFetch;
    (uri ? set(sequence, component, parameters) : sequence.override_parameters(parameters))
        .command(directive, kDirective)
        .command(command::kImageMatch, kCondition);
  }

  Section validate() {
    Section made = section();
    process_dependencies(made, manifest_key::kValidate);
    for (const ComponentDescription& component : description_.components) {
      if (!component.by_dependency) made.on(index_of(component.id)).command(command::kImageMatch, kCondition);
    }
    return made;
  }

  Section load() {
    Section made = section();
    process_dependencies(made, manifest_key::kLoad);
    for (const ComponentDescription& component : description_.components) {
      if (!component.load) continue;
      Parameters parameters;
      parameters.image_digest(component.load->digest.value_or(component.digest));
      parameters.image_size(component.load->size_bytes.value_or(component.size_bytes));
      parameters.source_component(index_of(component.id));
      made.on(index_of(component.load->id))
          .override_parameters(parameters)
          .command(command::kCopy, kDirective)
          .command(command::kImageMatch, kCondition);
    }
    return made;
  }

  Section invoke() {
    Section made = section();
    process_dependencies(made, manifest_key::kInvoke);
    if (description_.invoked >= description_.components.size()) return made;
    const ComponentDescription& component = description_.components[description_.invoked];
    if (component.by_dependency) return made;
    Parameters parameters;
    if (!component.invoke_arguments.empty()) parameters.invoke_arguments(component.invoke_arguments);
    made.on(index_of(component.load ? component.load->id : component.id))
        .override_parameters(parameters)
        .command(command::kInvoke, kDirective);
    return made;
  }

  Section uninstall() {
    Section made = section();
    process_dependencies(made, manifest_key::kUninstall);
    for (const ComponentDescription& component : description_.components) {
      if (!component.by_dependency) made.on(index_of(component.id)).command(command::kUnlink, kDirective);
    }
    return made;
  }

  void add_texts() {
    Texts texts = description_.texts;
    if (description_.text) {
      const TextDescription& text = *description_.text;
      LanguageTexts& into = texts[text.language];
      const auto put = [](std::map<int64_t, std::string>& map, int64_t key, const std::string& value) {
        if (!value.empty()) map[key] = value;
      };
      put(into.manifest, suit::text_key::kManifestDescription, text.description);
      put(into.manifest, suit::text_key::kUpdateDescription, text.update_description);
      std::map<int64_t, std::string> of_component;
      put(of_component, suit::component_text_key::kVendorName, text.vendor_name);
      put(of_component, suit::component_text_key::kModelName, text.model_name);
      put(of_component, suit::component_text_key::kVendorDomain, text.vendor_domain);
      put(of_component, suit::component_text_key::kComponentVersion, text.version);
      if (!of_component.empty()) {
        for (const ComponentDescription& component : description_.components) {
          into.components[component.id].insert(of_component.begin(), of_component.end());
        }
      }
    }
    if (texts.empty()) return;
    out_.manifest.members[manifest_key::kText] = {.content = encode_texts(texts),
                                                  .severed = severed(manifest_key::kText)};
  }

  void take_payloads() {
    for (const ComponentDescription& component : description_.components) {
      if (component.payload) out_.payloads[component.uri] = *component.payload;
      for (const SlotDescription& slot : component.slots) {
        if (slot.payload) out_.payloads[slot.uri] = *slot.payload;
      }
    }
    for (const DependencyDescription& dependency : description_.dependencies) {
      if (dependency.payload) out_.payloads[dependency.uri] = *dependency.payload;
    }
  }

  const ManifestDescription& description_;
  Composed out_;
  bool conditions_done_ = false;
};

}  // namespace

Outcome<Composed> compose(const ManifestDescription& description) {
  TAILOR_TRY(check_description(description));
  return Composer(description).compose();
}

}  // namespace tailor::authoring
