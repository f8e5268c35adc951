// SPDX-License-Identifier: Apache-2.0
#include "authoring/trial_state.hpp"

#include "authoring/component_text.hpp"
#include "authoring/key_file.hpp"
#include "authoring/manifest.hpp"
#include "authoring/names.hpp"
#include "authoring/signing/key_formats.hpp"
#include "authoring/version_text.hpp"
#include "core/cose/key.hpp"
#include "core/suit/labels.hpp"
#include "hosted/file.hpp"
#include "hosted/json_error.hpp"
#include "hosted/utc_clock.hpp"
#include "trial/device_state.hpp"

namespace tailor::authoring {
namespace {

using trial::Json;
using Path = std::filesystem::path;

constexpr size_t kFileBytes = 256U << 20U;

constexpr std::pair<const char*, int64_t> kEvents[] = {
    {"authorization", suit::wait_event::kAuthorization},
    {"power", suit::wait_event::kPower},
    {"network", suit::wait_event::kNetwork},
    {"other-device-version", suit::wait_event::kOtherDeviceVersion},
};

/// Puts plain values in the place of files, names and dates; what it does not know it leaves to the reader behind it.
class Expander {
 public:
  explicit Expander(Path folder) : folder_(std::move(folder)) {}

  Outcome<void> expand(Json& state) {
    if (!state.is_object()) return kOk;
    if (state.contains("vendor") && state["vendor"].is_string()) {
      const Uuid vendor = vendor_of(state["vendor"].get<std::string>());
      state["vendor"] = uuid_text(vendor);
      if (state.contains("class") && state["class"].is_string()) {
        state["class"] = uuid_text(class_of(vendor, state["class"].get<std::string>()));
      }
    }
    if (!state.contains("device")) state["device"] = uuid_text(Uuid{});
    TAILOR_TRY(each(state, "components", [&](Json& item) { return component(item); }));
    TAILOR_TRY(each(state, "manifests", [&](Json& item) { return id(item, "id"); }));
    TAILOR_TRY(each(state, "trusted", [&](Json& item) { return signer(item); }));
    TAILOR_TRY(each(state, "decryption", [&](Json& item) { return decryption_key(item); }));
    TAILOR_TRY(each(state, "payloads", [&](Json& item) { return octets(item); }));
    TAILOR_TRY(images(state));
    return surroundings(state);
  }

 private:
  template <typename Visit>
  static Outcome<void> each(Json& state, const char* member, const Visit& visit) {
    if (!state.contains(member)) return kOk;
    for (auto& [key, item] : state[member].items()) {
      const std::string place = state[member].is_array() ? "[" + key + "]" : "." + key;
      TAILOR_TRY(with_context(Outcome<void>(visit(item)), member + place));
    }
    return kOk;
  }

  [[nodiscard]] Outcome<Path> path(const Json& item) const {
    if (!item.is_string()) return fail(Error::kJsonMalformed, "the name of a file is expected");
    return folder_ / item.get<std::string>();
  }
  [[nodiscard]] Outcome<Bytes> content(const Json& name) const {
    TAILOR_TRY_ASSIGN(const Path file, path(name));
    auto bytes = read_file(file, kFileBytes);
    if (!bytes.ok() && bytes.error().code == Error::kNotFound) return fail(Error::kFileFailed, bytes.error().context);
    return bytes;
  }
  static bool names_file(const Json& item) { return item.is_object() && item.size() == 1 && item.contains("file"); }

  [[nodiscard]] Outcome<void> octets(Json& item) const {
    if (!names_file(item)) return kOk;
    TAILOR_TRY_ASSIGN(const Bytes bytes, content(item["file"]));
    item = to_hex(bytes);
    return kOk;
  }

  static Outcome<void> id_value(Json& item) {
    if (!item.is_string()) return kOk;
    TAILOR_TRY_ASSIGN(const ComponentParts parts, component_from_text(item.get<std::string>()));
    item = Json::array();
    for (const Bytes& part : parts) item.push_back(to_hex(part));
    return kOk;
  }
  static Outcome<void> id(Json& object, const char* member) {
    return object.is_object() && object.contains(member) ? id_value(object[member]) : Outcome<void>(kOk);
  }

  [[nodiscard]] Outcome<void> component(Json& item) const {
    if (!item.is_object()) return kOk;
    TAILOR_TRY(with_context(id(item, "id"), "id"));
    if (item.contains("image")) {
      if (item.contains("content")) return fail(Error::kJsonMalformed, "image stands beside content");
      TAILOR_TRY_ASSIGN(const Bytes image, content(item["image"]));
      item.erase("image");
      item["content"] = to_hex(image);
    }
    if (!item.contains("capacity")) item["capacity"] = UINT32_MAX;
    if (!item.contains("version") || !item["version"].is_string()) return kOk;
    TAILOR_TRY_ASSIGN(const std::vector<int64_t> version, version_from_text(item["version"].get<std::string>()));
    item["version"] = version;
    return kOk;
  }

  [[nodiscard]] Outcome<void> signer(Json& item) const {
    if (!item.is_object()) return kOk;
    if (item.contains("components") && item["components"].is_array()) {
      for (Json& prefix : item["components"]) TAILOR_TRY(with_context(id_value(prefix), "components"));
    }
    if (!item.contains("key") || !names_file(item["key"])) return kOk;
    TAILOR_TRY_ASSIGN(const Path file, path(item["key"]["file"]));
    TAILOR_TRY_ASSIGN(const cose::VerificationKey key, read_key_to_verify(file));
    std::array<uint8_t, cose::kMaxKeyBytes> buffer;
    TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(cose::encode_key({key, {}, 0}, buffer), file.string()));
    item["key"] = to_hex(encoded);
    return kOk;
  }

  /// A private or symmetric COSE_Key, or a P-256 key in PEM, which becomes one.
  [[nodiscard]] Outcome<void> decryption_key(Json& item) const {
    if (!names_file(item)) return kOk;
    TAILOR_TRY_ASSIGN(Bytes key, content(item["file"]));
    if (as_text(key).find("-----BEGIN ") != std::string_view::npos) {
      TAILOR_TRY_ASSIGN(const PrivateKey pem, private_key_from_pem(as_text(key)));
      const auto* p256 = std::get_if<crypto::P256PrivateKey>(&pem);
      if (p256 == nullptr) return fail(Error::kAlgorithmUnsupported, "only P-256 keys in PEM decrypt");
      constexpr int64_t kKty = 1, kEc2 = 2, kCrv = -1, kP256 = 1, kPrivate = -4;
      key.assign(64, 0);
      cbor::Writer writer(key);
      writer.put_map(3).put_int(kKty).put_int(kEc2).put_int(kCrv).put_int(kP256).put_int(kPrivate);
      TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(writer.put_bytes(p256->secret_scalar()).finish(), "key"));
      key.resize(encoded.size());
    }
    item = to_hex(key);
    wipe(key);
    return kOk;
  }

  /// `images`: files that the server has by their digest.
  [[nodiscard]] Outcome<void> images(Json& state) const {
    if (!state.contains("images")) return kOk;
    Json& payloads = state["payloads"];
    TAILOR_TRY(each(state, "images", [&](const Json& item) -> Outcome<void> {
      TAILOR_TRY_ASSIGN(const Bytes image, content(item));
      TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(image), "digest"));
      payloads[image_uri(digest)] = to_hex(image);
      return kOk;
    }));
    state.erase("images");
    return kOk;
  }

  static Outcome<void> surroundings(Json& state) {
    if (state.contains("time") && state["time"].is_string()) {
      TAILOR_TRY_ASSIGN(const UtcTime time, with_context(from_rfc3339(state["time"].get<std::string>()), "time"));
      state["time"] = to_unix_seconds(time);
    }
    if (!state.contains("events") || !state["events"].is_object()) return kOk;
    Json events = Json::object();
    for (const auto& [key, word] : state["events"].items()) {
      std::string number = key;
      for (const auto& [name, event] : kEvents) {
        if (key == name) number = std::to_string(event);
      }
      events[number] = word;
    }
    state["events"] = std::move(events);
    return kOk;
  }

  Path folder_;
};

}  // namespace

Outcome<std::unique_ptr<trial::Recipient>> read_device_state(const Path& file) {
  const Outcome<std::string> text = read_text_file(file);
  if (!text.ok()) {
    return fail(text.error().code == Error::kNotFound ? Error::kFileFailed : text.error().code, text.error().context);
  }
  Json state = Json::parse(*text, nullptr, false);
  if (state.is_discarded()) return fail(Error::kJsonMalformed, file.string() + ": " + json_error(*text));
  if (state.is_object() && state.contains("device") && state["device"].is_object()) state = Json(state["device"]);
  TAILOR_TRY(with_context(Expander(std::filesystem::absolute(file).parent_path()).expand(state), file.string()));
  return with_context(trial::recipient_from_json(state), file.string());
}

}  // namespace tailor::authoring
