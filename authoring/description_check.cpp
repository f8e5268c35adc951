// SPDX-License-Identifier: Apache-2.0
#include "authoring/description_check.hpp"

#include <set>

#include "authoring/walk/walker.hpp"
#include "core/base/limits.hpp"

namespace tailor::authoring {
namespace {

Failure refuse(const std::string& why) {
  return fail(Error::kValueOutOfRange, why);
}

Outcome<void> check_id(const ComponentParts& id, const std::string& what) {
  if (id.empty()) return refuse(what + " needs an identifier");
  size_t bytes = 0;
  for (const Bytes& part : id) bytes += part.size();
  if (id.size() > limits::kComponentIdParts || bytes > limits::kComponentIdBytes) {
    return refuse(component_to_text(id) + ": the identifier is longer than devices keep");
  }
  return kOk;
}

/// What is fetched once: a URI that devices can keep, and for a payload in the envelope its name.
Outcome<void> check_source(const std::string& name, const std::string& uri, bool payload,
                           std::set<std::string>& taken) {
  if (uri.empty()) return refuse(name + ": no URI");
  if (uri.size() > limits::kUriBytes) return refuse(name + ": URI is too long");
  if (!payload) return kOk;
  if (!uri.starts_with('#')) return refuse(name + ": a payload's URI is \"#name\"");
  if (!taken.insert(uri).second) return refuse(uri + " stands twice");
  return kOk;
}

Outcome<void> check_image(const std::string& name, const ImageDigest& digest) {
  if (digest.bytes.size() == crypto::hash_bytes(digest.algorithm)) return kOk;
  return refuse(name + ": no digest of its image");
}

Outcome<void> check_component(const ManifestDescription& description, const ComponentDescription& component,
                              std::set<std::string>& taken) {
  const std::string name = "component " + component_to_text(component.id);
  if (component.by_dependency) {
    if (description.dependencies.empty()) return refuse(name + ": there is no dependency that installs it");
    return kOk;
  }
  if (!component.slots.empty()) {
    if (component.slots.size() < 2) return refuse(name + ": one slot is no choice");
    if (component.staging || component.load || component.content || component.precursor) {
      return refuse(name + ": slots go with neither staging, load, content nor precursor");
    }
    std::set<uint64_t> numbers;
    for (const SlotDescription& slot : component.slots) {
      if (!numbers.insert(slot.slot).second)
        return refuse(name + ": slot " + std::to_string(slot.slot) + " stands twice");
      TAILOR_TRY(check_image(name, slot.digest));
      if (description.install) TAILOR_TRY(check_source(name, slot.uri, slot.payload.has_value(), taken));
    }
    return kOk;
  }
  TAILOR_TRY(check_image(name, component.digest));
  if (component.present) return kOk;
  if (!component.encryption_info.empty() && !component.staging && !component.content) {
    return refuse(name +
                  ": an encrypted image needs a staging place or stands in the manifest (firmware-encryption 6)");
  }
  if (component.content) {
    if (component.staging || component.payload || !component.uri.empty()) {
      return refuse(name + ": content in the manifest is not fetched");
    }
    return kOk;
  }
  if (description.install) TAILOR_TRY(check_source(name, component.uri, component.payload.has_value(), taken));
  return kOk;
}

}  // namespace

Outcome<void> check_description(const ManifestDescription& description) {
  if (!description.coswid.empty()) {
    const Walked tag = walk_item(description.coswid);
    const bool map = tag.readable() && tag.root().inner().type == cbor::Type::kMap;
    if (!map || !tag.check().ok()) {
      return fail(Error::kValueOutOfRange,
                  "coswid: no concise SWID tag in canonical CBOR, which is a map (RFC 9393 2.3)");
    }
  }
  if (description.components.empty() && description.dependencies.empty()) return refuse("a manifest needs a component");
  std::set<ComponentParts> places, images;
  std::set<std::string> taken;
  for (const ComponentDescription& component : description.components) {
    TAILOR_TRY(check_id(component.id, "a component"));
    const std::string name = "component " + component_to_text(component.id);
    if (!images.insert(component.id).second) return refuse(name + " stands twice");
    places.insert(component.id);
    for (const auto* place : {&component.staging, &component.load}) {
      if (!*place) continue;
      TAILOR_TRY(check_id((*place)->id, name + ": its place"));
      if ((*place)->id == component.id) return refuse(name + ": its place is itself");
      places.insert((*place)->id);
    }
    TAILOR_TRY(check_component(description, component, taken));
  }
  for (const DependencyDescription& dependency : description.dependencies) {
    TAILOR_TRY(check_id(dependency.id, "a dependency"));
    const std::string name = "dependency " + component_to_text(dependency.id);
    if (!places.insert(dependency.id).second) return refuse(name + " stands twice");
    TAILOR_TRY(check_image(name, dependency.digest));
    TAILOR_TRY(check_source(name, dependency.uri, dependency.payload.has_value(), taken));
  }
  if (places.size() > limits::kComponents) {
    return refuse("more than " + std::to_string(limits::kComponents) + " components");
  }
  if (!description.install && !description.validate && !description.invoke && !description.uninstall) {
    return refuse("a manifest without sections");
  }
  if (description.text && description.text->language.empty()) return refuse("texts need a language");
  if (description.invoke && !description.components.empty() && description.invoked >= description.components.size()) {
    return refuse("the component that is started does not exist");
  }
  return kOk;
}

}  // namespace tailor::authoring
