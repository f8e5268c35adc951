// SPDX-License-Identifier: Apache-2.0
#include "authoring/description_file.hpp"

#include <algorithm>

#include "authoring/manifest.hpp"
#include "authoring/names.hpp"
#include "authoring/version_text.hpp"
#include "authoring/walk/walker.hpp"
#include "hosted/config.hpp"
#include "hosted/file.hpp"
#include "hosted/utc_clock.hpp"

namespace tailor::authoring {
namespace {

/// Largest image or envelope that a description names.
constexpr size_t kImageBytes = 256U << 20U;

struct SectionName {
  const char* name;
  int64_t key;
};
constexpr SectionName kSeverable[] = {
    {"dependency-resolution", suit::manifest_key::kDependencyResolution},
    {"payload-fetch", suit::manifest_key::kPayloadFetch},
    {"install", suit::manifest_key::kInstall},
    {"text", suit::manifest_key::kText},
    {"coswid", suit::manifest_key::kCoswid},
};

/// Reads one description; the first thing that is wrong with a key is kept by the Config, files fail at once.
class Reader {
 public:
  explicit Reader(Config& root) : root_(root) {}

  Outcome<ManifestDescription> read() {
    out_.vendor = vendor_of(root_.required_text("vendor"));
    out_.device_class = class_of(out_.vendor, root_.required_text("class"));
    if (!root_.has("sequence")) root_.refuse("sequence", "is missing");
    out_.sequence_number = natural(root_, "sequence").value_or(0);
    read_algorithm();
    for (Config& component : components_ = root_.tables("components")) {
      TAILOR_TRY_ASSIGN(ComponentDescription read, read_component(component));
      out_.components.push_back(std::move(read));
    }
    std::vector<Config> dependencies = root_.tables("dependencies");
    for (Config& dependency : dependencies) TAILOR_TRY(read_dependency(dependency));
    read_sections();
    Config conditions = root_.table("conditions");
    read_conditions(conditions);
    Config text = root_.table("text");
    read_text(text);
    if (root_.has("coswid")) {
      TAILOR_TRY_ASSIGN(out_.coswid, file(root_, "coswid"));
    }
    TAILOR_TRY(root_.finish());
    return std::move(out_);
  }

 private:
  static std::optional<uint64_t> natural(Config& from, const char* key) {
    if (!from.has(key)) return std::nullopt;
    return static_cast<uint64_t>(from.integer(key, 0, 0, INT64_MAX));
  }

  static Outcome<Bytes> file(Config& from, const char* key) {
    const std::filesystem::path path = from.path(key, "");
    Outcome<Bytes> bytes = read_file(path, kImageBytes);
    if (!bytes.ok() && bytes.error().code == Error::kNotFound) return fail(Error::kFileFailed, bytes.error().context);
    return bytes;
  }

  static ComponentParts id(Config& from, const char* key, const std::string& text) {
    auto parts = component_from_text(text);
    if (parts.ok() && !parts->empty()) return std::move(parts).value();
    from.refuse(key, "'" + text + "' is no component");
    return {};
  }

  void read_algorithm() {
    const std::string name = root_.text("digest", "sha256");
    const auto algorithm = hash_from_name(name);
    if (algorithm) {
      out_.digest_algorithm = *algorithm;
    } else {
      root_.refuse("digest", "'" + name + "' is not supported");
    }
  }

  /// Digest and size from the file `key`, or as they stand in `digest_hex` and `size`; nothing when none is there.
  Outcome<bool> image(Config& from, ImageDigest& digest, uint64_t& size_bytes, Bytes* content) {
    if (from.has("image")) {
      TAILOR_TRY_ASSIGN(Bytes bytes, file(from, "image"));
      if (bytes.empty()) from.refuse("image", "is empty");
      TAILOR_TRY_ASSIGN(digest, digest_of(out_.digest_algorithm, bytes));
      size_bytes = bytes.size();
      if (content != nullptr) *content = std::move(bytes);
      return true;
    }
    if (!from.has("image_digest")) return false;
    auto bytes = from_hex(from.text("image_digest", ""));
    if (!bytes.ok()) from.refuse("image_digest", "is not hexadecimal");
    digest = ImageDigest(out_.digest_algorithm, bytes.ok() ? std::move(bytes).value() : Bytes());
    size_bytes = natural(from, "image_size").value_or(0);
    if (!from.has("image_size")) from.refuse("image_size", "is missing beside image_digest");
    return true;
  }

  std::string uri_of(Config& from, const ImageDigest& digest, const std::string& name, bool integrated) {
    std::string uri = from.text("uri", "");
    if (!uri.empty()) return uri;
    return integrated ? "#" + name : image_uri(digest.bytes);
  }

  Outcome<ComponentDescription> read_component(Config& from) {
    ComponentDescription out;
    const std::string name = from.text("id", "app");
    out.id = id(from, "id", name);
    out.present = from.flag("present", false);
    out.by_dependency = from.flag("by_dependency", false);
    out.overridable = from.flag("overridable", false);
    const std::string arguments = from.text("invoke_arguments", "");
    out.invoke_arguments.assign(arguments.begin(), arguments.end());
    TAILOR_TRY(read_slots(from, out, name));
    Bytes content;
    TAILOR_TRY_ASSIGN(const bool has_image, image(from, out.digest, out.size_bytes, &content));
    if (!has_image && out.slots.empty() && !out.by_dependency) from.refuse("image", "is missing");
    TAILOR_TRY(read_encryption(from, out, content));
    const bool written = from.flag("content", false);
    const bool integrated = from.flag("integrated", false);
    if ((written || integrated) && content.empty()) from.refuse("image", "is missing");
    if (written) {
      out.content = content;
    } else if (has_image && !out.present) {
      const ImageDigest& fetched = out.staging && out.staging->digest ? *out.staging->digest : out.digest;
      out.uri = uri_of(from, fetched, name, integrated);
      if (integrated) out.payload = content;
    } else if (out.by_dependency) {
      out.uri = from.text("uri", "");
    }
    if (from.has("load")) out.load = PlaceDescription{.id = id(from, "load", from.text("load", ""))};
    if (from.has("precursor")) {
      TAILOR_TRY_ASSIGN(const Bytes before, file(from, "precursor"));
      TAILOR_TRY_ASSIGN(out.precursor, digest_of(out_.digest_algorithm, before));
      out.precursor_bytes = before.size();
    }
    return out;
  }

  Outcome<void> read_slots(Config& from, ComponentDescription& out, const std::string& name) {
    std::vector<Config> slots = from.tables("slots");
    for (Config& slot : slots) {
      SlotDescription read;
      if (!slot.has("slot")) slot.refuse("slot", "is missing");
      read.slot = natural(slot, "slot").value_or(0);
      Bytes content;
      TAILOR_TRY_ASSIGN(const bool has_image, image(slot, read.digest, read.size_bytes, &content));
      if (!has_image) slot.refuse("image", "is missing");
      const bool integrated = slot.flag("integrated", false);
      read.uri = uri_of(slot, read.digest, name + "-" + std::to_string(read.slot), integrated);
      if (integrated) read.payload = std::move(content);
      out.slots.push_back(std::move(read));
    }
    return kOk;
  }

  /// `ciphertext` and `encryption_info` are files of `tailor manifest encrypt`; `content` becomes the ciphertext, which
  /// is what travels.
  Outcome<void> read_encryption(Config& from, ComponentDescription& out, Bytes& content) {
    const std::string staging = from.text("staging", "");
    if (!staging.empty()) out.staging = PlaceDescription{.id = id(from, "staging", staging)};
    if (!from.has("encryption_info")) {
      // What a distributor may encrypt has another digest there.
      if (out.staging && !out.overridable) {
        out.staging->digest = out.digest;
        out.staging->size_bytes = out.size_bytes;
      }
      return kOk;
    }
    TAILOR_TRY_ASSIGN(out.encryption_info, file(from, "encryption_info"));
    if (!from.has("ciphertext")) {
      if (!out.by_dependency) from.refuse("ciphertext", "is missing beside encryption_info");
      return kOk;
    }
    TAILOR_TRY_ASSIGN(content, file(from, "ciphertext"));
    if (!out.staging) return kOk;
    TAILOR_TRY_ASSIGN(out.staging->digest, digest_of(out_.digest_algorithm, content));
    out.staging->size_bytes = content.size();
    return kOk;
  }

  Outcome<void> read_dependency(Config& from) {
    ComponentParts parts = id(from, "id", from.required_text("id"));
    const bool integrated = from.flag("integrated", false);
    TAILOR_TRY_ASSIGN(Bytes envelope, file(from, "envelope"));
    std::string uri = from.text("uri", "");
    if (uri.empty()) uri = integrated ? "#" + component_to_text(parts) : "";
    TAILOR_TRY_ASSIGN(DependencyDescription read,
                      with_context(describe_dependency(std::move(parts), std::move(envelope), uri, integrated),
                                   from.path("envelope", "").string()));
    if (read.uri.empty()) from.refuse("uri", "is missing: where devices fetch the dependency");
    out_.dependencies.push_back(std::move(read));
    return kOk;
  }

  void read_sections() {
    out_.reference_uri = root_.text("reference_uri", "");
    out_.install = root_.flag("install", true);
    out_.validate = root_.flag("validate", true);
    out_.uninstall = root_.flag("uninstall", false);
    const std::string started = root_.text("invoke", "");
    if (!started.empty()) {
      const ComponentParts wanted = id(root_, "invoke", started);
      const auto found = std::find_if(out_.components.begin(), out_.components.end(),
                                      [&](const auto& component) { return component.id == wanted; });
      if (found == out_.components.end()) root_.refuse("invoke", "'" + started + "' is no component of this update");
      out_.invoke = found != out_.components.end();
      out_.invoked = static_cast<size_t>(found - out_.components.begin());
    }
    if (root_.has("manifest_component")) {
      out_.manifest_component_id = id(root_, "manifest_component", root_.text("manifest_component", ""));
    }
    if (root_.has("set_version")) {
      auto version = version_from_text(root_.text("set_version", ""));
      if (version.ok()) {
        out_.set_version = std::move(version).value();
      } else {
        root_.refuse("set_version", version.error().context);
      }
    }
    if (!root_.has("sever")) return;
    out_.sever.clear();
    for (const std::string& name : root_.texts("sever")) {
      const auto* known = std::find_if(std::begin(kSeverable), std::end(kSeverable),
                                       [&](const SectionName& section) { return name == section.name; });
      if (known == std::end(kSeverable)) {
        root_.refuse("sever", "'" + name + "' cannot be severed");
      } else {
        out_.sever.push_back(known->key);
      }
    }
  }

  void read_conditions(Config& from) {
    ConditionsDescription& out = out_.conditions;
    out.minimum_battery = natural(from, "minimum_battery");
    if (from.has("device")) {
      const Result<Uuid> device = Uuid::from_text(from.text("device", ""));
      if (device.ok()) {
        out.device = *device;
      } else {
        from.refuse("device", "is not a UUID");
      }
    }
    if (from.has("use_before")) {
      const auto time = from_rfc3339(from.text("use_before", ""));
      if (time.ok() && to_unix_seconds(*time) >= 0) {
        out.use_before = static_cast<uint64_t>(to_unix_seconds(*time));
      } else {
        from.refuse("use_before", "is no time of the form 2027-01-31T12:00:00Z");
      }
    }
    if (from.has("priority")) out.authorized = from.integer("priority", 0, INT64_MIN, INT64_MAX);
    if (from.has("version")) {
      const auto rule = version_rule_from_text(from.text("version", ""));
      if (rule.ok()) {
        out.version = *rule;
      } else {
        from.refuse("version", rule.error().context);
      }
    }
    Config wait = from.table("wait");
    read_wait(wait);
  }

  void read_wait(Config& from) {
    const struct {
      const char* key;
      int64_t event;
      int64_t most;
    } events[] = {
        {"authorization", suit::wait_event::kAuthorization, INT64_MAX},
        {"power", suit::wait_event::kPower, INT64_MAX},
        {"network", suit::wait_event::kNetwork, INT64_MAX},
        {"time_of_day", suit::wait_event::kTimeOfDay, 86399},
        {"day_of_week", suit::wait_event::kDayOfWeek, 6},
        {"time_of_day_utc", suit::wait_event::kTimeOfDayUtc, 86399},
        {"day_of_week_utc", suit::wait_event::kDayOfWeekUtc, 6},
    };
    CborPairs& out = out_.conditions.wait;
    for (const auto& event : events) {
      if (!from.has(event.key)) continue;
      out.emplace_back(cbor_int(event.event), cbor_int(from.integer(event.key, 0, 0, event.most)));
    }
    if (!from.has("time")) return;
    const auto time = from_rfc3339(from.text("time", ""));
    if (time.ok() && to_unix_seconds(*time) >= 0) {
      out.emplace_back(cbor_int(suit::wait_event::kTime), cbor_int(to_unix_seconds(*time)));
    } else {
      from.refuse("time", "is no time of the form 2027-01-31T12:00:00Z");
    }
  }

  void read_text(Config& from) {
    const TextDescription text{.language = from.text("language", "en"),
                               .description = from.text("description", ""),
                               .update_description = from.text("update_description", ""),
                               .vendor_name = from.text("vendor_name", ""),
                               .model_name = from.text("model", ""),
                               .vendor_domain = from.text("vendor_domain", ""),
                               .version = from.text("version", "")};
    if (root_.has("text")) out_.text = text;
  }

  Config& root_;
  std::vector<Config> components_;
  ManifestDescription out_;
};

}  // namespace

Outcome<DependencyDescription> describe_dependency(ComponentParts id, Bytes envelope, std::string uri,
                                                   bool integrated) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(walked.check());
  DependencyDescription out;
  out.id = std::move(id);
  out.size_bytes = envelope.size();
  out.uri = std::move(uri);
  TAILOR_TRY_ASSIGN(out.digest, walked.manifest_digest());
  for (const Node& member : walked.manifest().children) {
    if (member.holds_sequence()) out.sections.push_back(member.key);
  }
  if (integrated) out.payload = std::move(envelope);
  return out;
}

Outcome<ManifestDescription> read_description(const std::filesystem::path& path) {
  const auto read = [&]() -> Outcome<Config> {
    if (path.extension() != ".json") return Config::read_file(path);
    TAILOR_TRY_ASSIGN(const std::string text, read_text_file(path));
    return Config::parse_json(text, path.string(), std::filesystem::absolute(path).parent_path());
  };
  Outcome<Config> config = read();
  if (!config.ok()) {
    const bool missing = config.error().code == Error::kNotFound;
    return fail(missing ? Error::kFileFailed : config.error().code, config.error().context);
  }
  return Reader(*config).read();
}

}  // namespace tailor::authoring
