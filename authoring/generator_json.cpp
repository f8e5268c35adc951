// SPDX-License-Identifier: Apache-2.0
#include "authoring/generator_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "hosted/file.hpp"
#include "hosted/json_error.hpp"

namespace tailor::authoring {
namespace {

using Json = nlohmann::json;

Failure malformed(const std::string& path, const std::string& why) {
  return fail(Error::kJsonMalformed, path + ": " + why);
}

struct TextKey {
  const char* name;
  int64_t key;
  bool generated;  ///< whether the generator of the examples carries it
};
constexpr TextKey kManifestTexts[] = {
    {"manifest-description", suit::text_key::kManifestDescription, true},
    {"update-description", suit::text_key::kUpdateDescription, true},
};
constexpr TextKey kComponentTexts[] = {
    {"vendor-name", suit::component_text_key::kVendorName, true},
    {"model-name", suit::component_text_key::kModelName, true},
    {"vendor-domain", suit::component_text_key::kVendorDomain, true},
    {"model-info", suit::component_text_key::kModelInfo, false},
    {"component-description", suit::component_text_key::kComponentDescription, true},
    {"component-version", suit::component_text_key::kComponentVersion, false},
    {"version-required", suit::component_text_key::kVersionRequired, true},
};

/// What the document says of one image.
struct Choice {
  ComponentParts install, download, load;
  std::optional<ImageDigest> digest, download_digest, load_digest;
  std::optional<uint64_t> size, load_size, slot;
  std::optional<Uuid> vendor, device_class;
  std::string uri;
  bool bootable = false, loadable = false, install_on_download = true;
};

class Importer {
 public:
  Importer(const std::filesystem::path& folder, ImportTexts texts) : folder_(folder), texts_(texts) {}

  Outcome<ImportedDescription> read(const Json& document) {
    if (!document.is_object()) return malformed("document", "not an object");
    ManifestDescription& manifest = out_.description;
    TAILOR_TRY_ASSIGN(const auto version, number(document, "", "manifest-version"));
    if (version != 1) return malformed("manifest-version", "has to be 1");
    TAILOR_TRY_ASSIGN(const auto sequence_number, number(document, "", "manifest-sequence-number"));
    if (!sequence_number) return malformed("manifest-sequence-number", "is missing");
    manifest.sequence_number = *sequence_number;
    TAILOR_TRY_ASSIGN(manifest.reference_uri, text(document, "", "reference-uri"));
    TAILOR_TRY_ASSIGN(const bool severable, flag(document, "", "severable", false));
    manifest.sever = severable ? std::vector<int64_t>{suit::manifest_key::kPayloadFetch, suit::manifest_key::kInstall,
                                                      suit::manifest_key::kText}
                               : std::vector<int64_t>{};
    TAILOR_TRY(read_components(document));
    TAILOR_TRY(read_texts(document, "", {}, kManifestTexts));
    note_others(document, "",
                {"manifest-version", "manifest-sequence-number", "reference-uri", "severable", "components",
                 "description", "manifest-description", "update-description"});
    TAILOR_TRY(arrange());
    return std::move(out_);
  }

 private:
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  static Outcome<std::optional<uint64_t>> number(const Json& object, const std::string& path, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::optional<uint64_t>();
    if (!found->is_number_unsigned()) return malformed(join(path, key), "not a natural number");
    return std::optional<uint64_t>(found->get<uint64_t>());
  }

  static Outcome<std::string> text(const Json& object, const std::string& path, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::string();
    if (!found->is_string()) return malformed(join(path, key), "not a text");
    return found->get<std::string>();
  }

  static Outcome<bool> flag(const Json& object, const std::string& path, const char* key, bool otherwise) {
    const auto found = object.find(key);
    if (found == object.end()) return otherwise;
    if (!found->is_boolean()) return malformed(join(path, key), "neither true nor false");
    return found->get<bool>();
  }

  static Outcome<std::optional<Uuid>> uuid(const Json& object, const std::string& path, const char* key) {
    TAILOR_TRY_ASSIGN(const std::string value, text(object, path, key));
    if (value.empty()) return std::optional<Uuid>();
    const Result<Uuid> id = Uuid::from_text(value);
    if (!id.ok()) return malformed(join(path, key), "not a UUID");
    return std::optional<Uuid>(*id);
  }

  static Outcome<ComponentParts> id(const Json& object, const std::string& path, const char* key) {
    const auto found = object.find(key);
    ComponentParts parts;
    if (found == object.end()) return parts;
    if (!found->is_array() || found->empty()) return malformed(join(path, key), "not an array of hexadecimal texts");
    for (const Json& part : *found) {
      if (!part.is_string()) return malformed(join(path, key), "not an array of hexadecimal texts");
      const auto bytes = from_hex(part.get<std::string>());
      if (!bytes.ok()) return malformed(join(path, key), "'" + part.get<std::string>() + "' is not hexadecimal");
      parts.push_back(*bytes);
    }
    return parts;
  }

  static Outcome<std::optional<ImageDigest>> digest(const Json& object, const std::string& path, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::optional<ImageDigest>();
    const std::string here = join(path, key);
    if (!found->is_object()) return malformed(here, "not an object");
    TAILOR_TRY_ASSIGN(const std::string name, text(*found, here, "algorithm-id"));
    TAILOR_TRY_ASSIGN(const std::string digits, text(*found, here, "digest-bytes"));
    const auto algorithm = hash_from_name(name);
    if (!algorithm) return malformed(here + ".algorithm-id", "'" + name + "' is not supported");
    auto bytes = from_hex(digits);
    if (!bytes.ok() || bytes->size() != crypto::hash_bytes(*algorithm)) {
      return malformed(here + ".digest-bytes", "not a digest of " + name);
    }
    return std::optional<ImageDigest>(ImageDigest(*algorithm, std::move(bytes).value()));
  }

  void note_others(const Json& object, const std::string& path, const std::set<std::string>& known) {
    for (const auto& [key, value] : object.items()) {
      if (!known.contains(key)) out_.notes.push_back(join(path, key) + " is not carried");
    }
  }

  Outcome<void> read_components(const Json& document) {
    const auto components = document.find("components");
    if (components == document.end() || !components->is_array() || components->empty()) {
      return malformed("components", "not an array of components");
    }
    if (document.contains("dependencies")) {
      return malformed("dependencies", "of old drafts; describe them with [[dependencies]]");
    }
    for (size_t i = 0; i < components->size(); ++i) {
      const std::string path = "components[" + std::to_string(i) + "]";
      const Json& object = (*components)[i];
      if (!object.is_object()) return malformed(path, "not an object");
      TAILOR_TRY(read_component(object, path));
    }
    return kOk;
  }

  Outcome<void> read_component(const Json& object, const std::string& path) {
    for (const char* gone : {"offset", "compression-info"}) {
      if (object.contains(gone)) return malformed(join(path, gone), "is not in the manifest draft any more");
    }
    Choice choice;
    TAILOR_TRY_ASSIGN(choice.install, id(object, path, "install-id"));
    if (choice.install.empty()) return malformed(path + ".install-id", "is missing");
    TAILOR_TRY_ASSIGN(choice.download, id(object, path, "download-id"));
    TAILOR_TRY_ASSIGN(choice.load, id(object, path, "load-id"));
    TAILOR_TRY_ASSIGN(choice.digest, digest(object, path, "install-digest"));
    TAILOR_TRY_ASSIGN(choice.download_digest, digest(object, path, "download-digest"));
    TAILOR_TRY_ASSIGN(choice.load_digest, digest(object, path, "load-digest"));
    TAILOR_TRY_ASSIGN(choice.size, number(object, path, "install-size"));
    TAILOR_TRY_ASSIGN(choice.load_size, number(object, path, "load-size"));
    TAILOR_TRY_ASSIGN(choice.slot, number(object, path, "slot"));
    TAILOR_TRY_ASSIGN(choice.vendor, uuid(object, path, "vendor-id"));
    TAILOR_TRY_ASSIGN(choice.device_class, uuid(object, path, "class-id"));
    TAILOR_TRY_ASSIGN(choice.uri, text(object, path, "uri"));
    TAILOR_TRY_ASSIGN(choice.bootable, flag(object, path, "bootable", false));
    TAILOR_TRY_ASSIGN(choice.loadable, flag(object, path, "loadable", false));
    TAILOR_TRY_ASSIGN(choice.install_on_download, flag(object, path, "install-on-download", true));
    TAILOR_TRY_ASSIGN(const std::string file, text(object, path, "file"));
    if (!file.empty()) {
      TAILOR_TRY_ASSIGN(const Bytes image, read_file(folder_ / file));
      TAILOR_TRY_ASSIGN(choice.digest, digest_of(crypto::HashAlgorithm::kSha256, image));
      choice.size = image.size();
    }
    if (!choice.digest) return malformed(path + ".install-digest", "is missing");
    if (!choice.size) return malformed(path + ".install-size", "is missing");
    TAILOR_TRY(read_texts(object, path, choice.install, kComponentTexts));
    note_others(object, path,
                {"install-id",
                 "download-id",
                 "load-id",
                 "install-digest",
                 "download-digest",
                 "load-digest",
                 "install-size",
                 "load-size",
                 "slot",
                 "vendor-id",
                 "class-id",
                 "uri",
                 "bootable",
                 "loadable",
                 "install-on-download",
                 "file",
                 "description",
                 "vendor-name",
                 "model-name",
                 "vendor-domain",
                 "model-info",
                 "component-description",
                 "component-version",
                 "version-required"});
    choices_.push_back(std::move(choice));
    return kOk;
  }

  /// Texts stand in "description", by language; older documents have them beside the other keys, without a language.
  template <size_t N>
  Outcome<void> read_texts(const Json& object, const std::string& path, const ComponentParts& component,
                           const TextKey (&keys)[N]) {
    TAILOR_TRY(read_language(object, path, "en", component, keys, false));
    const auto found = object.find("description");
    if (found == object.end()) return kOk;
    const std::string here = join(path, "description");
    if (!found->is_object()) return malformed(here, "not an object");
    for (const auto& [language, texts] : found->items()) {
      if (!texts.is_object()) return malformed(join(here, language), "not an object");
      TAILOR_TRY(read_language(texts, join(here, language), language, component, keys, true));
    }
    return kOk;
  }

  template <size_t N>
  Outcome<void> read_language(const Json& texts, const std::string& path, const std::string& language,
                              const ComponentParts& component, const TextKey (&keys)[N], bool note) {
    std::set<std::string> known;
    for (const TextKey& key : keys) {
      known.insert(key.name);
      if (!texts.contains(key.name)) continue;
      TAILOR_TRY_ASSIGN(const std::string value, text(texts, path, key.name));
      if (!key.generated && texts_ == ImportTexts::kAsGenerated) {
        out_.notes.push_back(join(path, key.name) + " is not carried: the generator leaves it out");
        continue;
      }
      LanguageTexts& into = out_.description.texts[language];
      (component.empty() ? into.manifest : into.components[component])[key.key] = value;
    }
    if (note) note_others(texts, path, known);
    return kOk;
  }

  /// Components with one identifier are slots of one; the rest is one component each.
  Outcome<void> arrange() {
    ManifestDescription& manifest = out_.description;
    std::vector<ComponentParts> order;
    for (const Choice& choice : choices_) {
      if (std::find(order.begin(), order.end(), choice.install) == order.end()) order.push_back(choice.install);
    }
    manifest.install = std::any_of(choices_.begin(), choices_.end(), [](const auto& c) { return !c.uri.empty(); });
    const auto bootable = std::count_if(choices_.begin(), choices_.end(), [](const auto& c) { return c.bootable; });
    manifest.invoke = bootable == 1;
    if (bootable > 1) out_.notes.emplace_back("bootable is not carried: the generator starts one component only");
    for (const ComponentParts& install : order) {
      std::vector<const Choice*> same;
      for (const Choice& choice : choices_) {
        if (choice.install == install) same.push_back(&choice);
      }
      if (manifest.invoke && same.front()->bootable) manifest.invoked = manifest.components.size();
      TAILOR_TRY_ASSIGN(ComponentDescription component, same.size() == 1 ? single(*same.front()) : slots(same));
      manifest.components.push_back(std::move(component));
    }
    return kOk;
  }

  static Outcome<ComponentDescription> single(const Choice& choice) {
    ComponentDescription component;
    component.id = choice.install;
    component.vendor = choice.vendor;
    component.device_class = choice.device_class;
    component.digest = *choice.digest;
    component.size_bytes = *choice.size;
    component.uri = choice.uri;
    component.present = choice.uri.empty();
    if (!choice.install_on_download) {
      if (choice.download.empty()) return malformed("download-id", "is missing for install-on-download false");
      component.staging = PlaceDescription{
          .id = choice.download, .digest = choice.download_digest.value_or(*choice.digest), .size_bytes = {}};
    }
    if (choice.loadable) {
      if (choice.load.empty()) return malformed("load-id", "is missing for loadable");
      component.load = PlaceDescription{.id = choice.load,
                                        .digest = choice.load_digest.value_or(*choice.digest),
                                        .size_bytes = choice.load_size.value_or(*choice.size)};
    }
    return component;
  }

  static Outcome<ComponentDescription> slots(const std::vector<const Choice*>& same) {
    ComponentDescription component;
    component.id = same.front()->install;
    component.vendor = same.front()->vendor;
    component.device_class = same.front()->device_class;
    for (const Choice* choice : same) {
      if (!choice->slot) return malformed("slot", "is missing: components with the same install-id are slots");
      if (choice->vendor != component.vendor || choice->device_class != component.device_class) {
        return malformed("vendor-id, class-id", "differ between slots of one component");
      }
      if (choice->loadable || !choice->install_on_download) {
        return malformed("slot", "goes with neither loadable nor install-on-download false");
      }
      component.slots.push_back(
          {.slot = *choice->slot, .digest = *choice->digest, .size_bytes = *choice->size, .uri = choice->uri});
    }
    return component;
  }

  const std::filesystem::path& folder_;
  ImportTexts texts_;
  ImportedDescription out_;
  std::vector<Choice> choices_;
};

}  // namespace

Outcome<ImportedDescription> import_generator_json(std::string_view text, const std::filesystem::path& folder,
                                                   ImportTexts texts) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(Error::kJsonMalformed, json_error(text));
  return Importer(folder, texts).read(document);
}

}  // namespace tailor::authoring
