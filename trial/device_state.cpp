// SPDX-License-Identifier: Apache-2.0
#include "trial/device_state.hpp"

#include <algorithm>
#include <array>

#include "core/cose/key.hpp"
#include "core/suit/component_id.hpp"

namespace tailor::trial {
namespace {

using processor::Answer;

/// One object of the document, with its place in it. Members that nobody asked for are refused at the end.
class Object {
 public:
  Object(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  [[nodiscard]] Outcome<void> check() const {
    if (!json_.is_object()) return fail(Error::kJsonMalformed, (path_.empty() ? "device" : path_) + " is no object");
    return kOk;
  }
  [[nodiscard]] Failure refuse(const std::string& member, const std::string& why) const {
    return fail(Error::kJsonMalformed, place(member) + ": " + why);
  }
  [[nodiscard]] std::string place(const std::string& member) const {
    return path_.empty() ? member : path_ + "." + member;
  }
  /// Null when it is absent.
  [[nodiscard]] const Json* find(const char* member) {
    asked_.insert(member);
    const auto found = json_.find(member);
    return found == json_.end() ? nullptr : &*found;
  }
  [[nodiscard]] Outcome<void> finish() const {
    for (const auto& item : json_.items()) {
      if (!asked_.contains(item.key())) return refuse(item.key(), "is no member of a device state");
    }
    return kOk;
  }

  template <typename T>
  [[nodiscard]] Outcome<void> number(const char* member, T& into, int64_t least, uint64_t most) {
    const Json* value = find(member);
    if (value == nullptr) return kOk;
    const bool in_range = value->is_number_unsigned() ? value->get<uint64_t>() <= most
                                                      : value->is_number_integer() && value->get<int64_t>() >= least;
    if (!in_range) {
      return refuse(member,
                    "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is expected");
    }
    into = static_cast<T>(value->is_number_unsigned() ? value->get<uint64_t>()
                                                      : static_cast<uint64_t>(value->get<int64_t>()));
    return kOk;
  }
  [[nodiscard]] Outcome<std::string> text(const char* member) {
    const Json* value = find(member);
    if (value == nullptr) return refuse(member, "is missing");
    if (!value->is_string()) return refuse(member, "a text is expected");
    return value->get<std::string>();
  }
  [[nodiscard]] Outcome<Bytes> octets(const char* member) {
    TAILOR_TRY_ASSIGN(const std::string digits, text(member));
    return octets_of(digits, member);
  }
  [[nodiscard]] Outcome<Bytes> octets_of(const Json& value, const std::string& member) const {
    Outcome<Bytes> bytes =
        value.is_string() ? from_hex(value.get<std::string>()) : Outcome<Bytes>(fail(Error::kValueOutOfRange));
    if (!bytes.ok()) return refuse(member, "hexadecimal digits are expected");
    return bytes;
  }
  /// Elements of an array; none when it is absent.
  [[nodiscard]] Outcome<std::vector<const Json*>> list(const char* member) {
    std::vector<const Json*> out;
    const Json* value = find(member);
    if (value == nullptr) return out;
    if (!value->is_array()) return refuse(member, "an array is expected");
    for (const Json& item : *value) out.push_back(&item);
    return out;
  }
  /// Pairs of an object; none when it is absent.
  [[nodiscard]] Outcome<std::vector<std::pair<std::string, const Json*>>> map(const char* member) {
    std::vector<std::pair<std::string, const Json*>> out;
    const Json* value = find(member);
    if (value == nullptr) return out;
    if (!value->is_object()) return refuse(member, "an object is expected");
    for (const auto& [key, item] : value->items()) out.emplace_back(key, &item);
    return out;
  }
  [[nodiscard]] Outcome<std::optional<std::vector<int64_t>>> numbers(const char* member) {
    if (find(member) == nullptr) return std::optional<std::vector<int64_t>>();
    std::vector<int64_t> out;
    TAILOR_TRY_ASSIGN(const auto items, list(member));
    for (const Json* item : items) {
      if (!item->is_number_integer()) return refuse(member, "whole numbers are expected");
      out.push_back(item->get<int64_t>());
    }
    return std::optional(std::move(out));
  }

 private:
  const Json& json_;
  std::string path_;
  std::set<std::string, std::less<>> asked_;
};

std::string at(const char* member, size_t index) {
  return std::string(member) + "[" + std::to_string(index) + "]";
}

Outcome<std::vector<Bytes>> parts_from(const Object& in, const Json& id, const std::string& member) {
  if (!id.is_array()) return in.refuse(member, "an array of hexadecimal texts is expected");
  std::vector<Bytes> parts;
  for (const Json& part : id) {
    TAILOR_TRY_ASSIGN(Bytes bytes, in.octets_of(part, member));
    parts.push_back(std::move(bytes));
  }
  return parts;
}

Outcome<Bytes> encoded_id(Object& in, const char* member) {
  const Json* id = in.find(member);
  if (id == nullptr) return in.refuse(member, "is missing");
  TAILOR_TRY_ASSIGN(const std::vector<Bytes> parts, parts_from(in, *id, member));
  suit::ComponentId out;
  for (const Bytes& part : parts) {
    if (!out.push_back(part, Error::kTooManyComponents).ok()) return in.refuse(member, "has too many parts");
  }
  Bytes buffer(1024);
  cbor::Writer writer(buffer);
  const auto bytes = suit::put_component_id(writer, out).finish();
  if (!bytes.ok()) return in.refuse(member, "is too long");
  return Bytes(bytes->begin(), bytes->end());
}

Outcome<Answer> answer_from(const Object& in, const Json& word, const std::string& member) {
  constexpr std::pair<std::string_view, Answer> kWords[] = {
      {"yes", Answer::kYes}, {"no", Answer::kNo}, {"later", Answer::kLater}};
  for (const auto& [name, meant] : kWords) {
    if (word.is_string() && word.get<std::string>() == name) return meant;
  }
  return in.refuse(member, "yes, no or later is expected");
}

Outcome<void> read_answers(Object& in, const char* member, std::map<int64_t, Answer>& out) {
  TAILOR_TRY_ASSIGN(const auto pairs, in.map(member));
  for (const auto& [key, word] : pairs) {
    char* end = nullptr;
    const int64_t label = std::strtoll(key.c_str(), &end, 10);
    const std::string place = std::string(member) + "." + key;
    if (key.empty() || *end != '\0') return in.refuse(place, "a number is expected before the answer");
    TAILOR_TRY_ASSIGN(out[label], answer_from(in, *word, place));
  }
  return kOk;
}

Outcome<void> read_content(Object& in, DeclaredComponent& component) {
  const Json* content = in.find("content");
  const Json* digest = in.find("digest");
  const Json* size = in.find("size");
  if (digest == nullptr && size == nullptr) {
    if (content == nullptr) return kOk;
    component.content_unknown = content->is_null();
    if (component.content_unknown) return kOk;
    TAILOR_TRY_ASSIGN(component.content, in.octets_of(*content, "content"));
    return kOk;
  }
  if (content != nullptr) return in.refuse("content", "stands beside digest or size");
  component.content_unknown = true;
  if (digest != nullptr) {
    TAILOR_TRY_ASSIGN(const Bytes bytes, in.octets_of(*digest, "digest"));
    crypto::Sha256Digest known{};
    if (bytes.size() != known.size()) return in.refuse("digest", "a SHA-256 digest of 32 bytes is expected");
    std::copy(bytes.begin(), bytes.end(), known.begin());
    component.known_digest = known;
  }
  uint32_t known_size = 0;
  TAILOR_TRY(in.number("size", known_size, 0, UINT32_MAX));
  if (size != nullptr) component.known_size = known_size;
  return kOk;
}

Outcome<std::unique_ptr<DeclaredComponent>> read_component(Object& in) {
  TAILOR_TRY(in.check());
  TAILOR_TRY_ASSIGN(Bytes id, encoded_id(in, "id"));
  auto component = std::make_unique<DeclaredComponent>(std::move(id));
  TAILOR_TRY(read_content(in, *component));
  uint64_t slot = 0;
  if (const Json* declared = in.find("slot"); declared != nullptr && declared->is_null()) {
    component->present_slot.reset();
  } else {
    TAILOR_TRY(in.number("slot", slot, 0, UINT64_MAX));
    component->present_slot = slot;
  }
  TAILOR_TRY(in.number("capacity", component->capacity, 0, UINT32_MAX));
  TAILOR_TRY(in.number("sequence_number", component->sequence_number, 0, UINT64_MAX));
  TAILOR_TRY_ASSIGN(component->version, in.numbers("version"));
  TAILOR_TRY_ASSIGN(const auto references, in.list("references"));
  for (const Json* digest : references) {
    TAILOR_TRY_ASSIGN(Bytes bytes, in.octets_of(*digest, "references"));
    component->references.insert(std::move(bytes));
  }
  TAILOR_TRY_ASSIGN(const auto claims, in.list("claimed_digests"));
  for (const Json* digest : claims) {
    TAILOR_TRY_ASSIGN(Bytes bytes, in.octets_of(*digest, "claimed_digests"));
    component->claimed_digests.push_back(std::move(bytes));
  }
  if (in.find("claimed_size") != nullptr) {
    uint32_t claimed = 0;
    TAILOR_TRY(in.number("claimed_size", claimed, 0, UINT32_MAX));
    component->claimed_size = claimed;
  }
  TAILOR_TRY(in.finish());
  return component;
}

Outcome<DeclaredSigners::Signer> read_signer(Object& in) {
  TAILOR_TRY(in.check());
  TAILOR_TRY_ASSIGN(const Bytes bytes, in.octets("key"));
  TAILOR_TRY_ASSIGN(const cose::Key key, with_context(cose::decode_key(bytes), in.place("key")));
  DeclaredSigners::Signer signer{key.key, Bytes(key.key_id.begin(), key.key_id.end()), {}, {}, {}};
  TAILOR_TRY_ASSIGN(signer.commands, in.numbers("commands"));
  TAILOR_TRY_ASSIGN(signer.parameters, in.numbers("parameters"));
  if (in.find("components") == nullptr) signer.prefixes.emplace_back();
  TAILOR_TRY_ASSIGN(const auto prefixes, in.list("components"));
  for (const Json* prefix : prefixes) {
    TAILOR_TRY_ASSIGN(auto parts, parts_from(in, *prefix, "components"));
    signer.prefixes.push_back(std::move(parts));
  }
  TAILOR_TRY(in.finish());
  return signer;
}

constexpr std::pair<std::string_view, bool suit::Leniency::*> kLeniencies[] = {
    {"untagged-envelope", &suit::Leniency::untagged_envelope},
    {"legacy-algorithms", &suit::Leniency::legacy_algorithms},
    {"missing-dependency-integrity", &suit::Leniency::missing_dependency_integrity},
    {"index-beyond-components", &suit::Leniency::index_beyond_components},
};

Outcome<Uuid> read_uuid(Object& in, const char* member) {
  TAILOR_TRY_ASSIGN(const std::string text, in.text(member));
  const auto uuid = Uuid::from_text(text);
  if (!uuid.ok()) return in.refuse(member, "a UUID is expected");
  return *uuid;
}

Outcome<void> read_surroundings(Object& in, Recipient& out) {
  DeclaredDevice& device = out.device;
  if (in.find("time") != nullptr) {
    device.now.kind = processor::Time::Kind::kSynced;
    TAILOR_TRY(in.number("time", device.now.seconds, 0, UINT64_MAX));
  }
  if (in.find("time_offset") != nullptr) {
    int32_t offset = 0;
    TAILOR_TRY(in.number("time_offset", offset, -86400, 86400));
    device.local_offset = offset;
  }
  if (in.find("battery_mwh") != nullptr) {
    uint64_t battery = 0;
    TAILOR_TRY(in.number("battery_mwh", battery, 0, UINT64_MAX));
    device.battery = battery;
  }
  if (const Json* word = in.find("authorization")) {
    TAILOR_TRY_ASSIGN(device.authorization, answer_from(in, *word, "authorization"));
  }
  TAILOR_TRY(read_answers(in, "events", device.events));
  return read_answers(in, "custom", out.custom);
}

Outcome<void> read_payloads(Object& in, const char* member, std::map<std::string, Bytes, std::less<>>& out) {
  TAILOR_TRY_ASSIGN(const auto pairs, in.map(member));
  for (const auto& [uri, content] : pairs) {
    TAILOR_TRY_ASSIGN(out[uri], in.octets_of(*content, std::string(member) + "." + uri));
  }
  return kOk;
}

Outcome<void> read_trust(Object& in, Recipient& out) {
  TAILOR_TRY_ASSIGN(const auto trusted, in.list("trusted"));
  for (size_t i = 0; i < trusted.size(); ++i) {
    Object entry(*trusted[i], at("trusted", i));
    TAILOR_TRY_ASSIGN(auto signer, read_signer(entry));
    out.signers.signers.push_back(std::move(signer));
  }
  TAILOR_TRY_ASSIGN(const auto decryption, in.list("decryption"));
  for (size_t i = 0; i < decryption.size(); ++i) {
    TAILOR_TRY_ASSIGN(const Bytes encoded, in.octets_of(*decryption[i], at("decryption", i)));
    TAILOR_TRY_ASSIGN(auto key, with_context(decryption_key_from_cose(encoded), at("decryption", i)));
    out.keys.keys.push_back(std::move(key));
  }
  TAILOR_TRY_ASSIGN(const auto leniencies, in.list("leniency"));
  for (const Json* item : leniencies) {
    const auto* known = std::find_if(std::begin(kLeniencies), std::end(kLeniencies), [&](const auto& row) {
      return item->is_string() && item->get<std::string>() == row.first;
    });
    if (known == std::end(kLeniencies)) return in.refuse("leniency", "no such switch");
    out.leniency.*known->second = true;
  }
  return kOk;
}

}  // namespace

Outcome<std::unique_ptr<Recipient>> recipient_from_json(const Json& state) {
  Object in(state, "");
  TAILOR_TRY(in.check());
  auto out = std::make_unique<Recipient>();
  TAILOR_TRY_ASSIGN(out->device.who.vendor, read_uuid(in, "vendor"));
  TAILOR_TRY_ASSIGN(out->device.who.device_class, read_uuid(in, "class"));
  TAILOR_TRY_ASSIGN(out->device.who.device, read_uuid(in, "device"));
  if (in.find("procedure") != nullptr) {
    TAILOR_TRY_ASSIGN(out->procedure, in.text("procedure"));
    if (!Recipient::is_procedure(out->procedure)) return in.refuse("procedure", "no such procedure");
  }
  TAILOR_TRY_ASSIGN(const auto components, in.list("components"));
  for (size_t i = 0; i < components.size(); ++i) {
    Object entry(*components[i], at("components", i));
    TAILOR_TRY_ASSIGN(auto component, read_component(entry));
    out->device.add(std::move(component));
  }
  TAILOR_TRY_ASSIGN(const auto manifests, in.list("manifests"));
  for (size_t i = 0; i < manifests.size(); ++i) {
    Object entry(*manifests[i], at("manifests", i));
    TAILOR_TRY(entry.check());
    TAILOR_TRY_ASSIGN(const Bytes id, encoded_id(entry, "id"));
    TAILOR_TRY(entry.number("sequence_number", out->device.manifest_numbers[id], 0, UINT64_MAX));
    TAILOR_TRY(entry.finish());
  }
  TAILOR_TRY(read_trust(in, *out));
  TAILOR_TRY(read_payloads(in, "payloads", out->payloads.payloads));
  TAILOR_TRY(read_payloads(in, "fetch_arguments", out->payloads.arguments));
  TAILOR_TRY(read_surroundings(in, *out));
  TAILOR_TRY(in.finish());
  return out;
}

Outcome<std::pair<Bytes, suit::ContentDecryptionKey>> decryption_key_from_cose(ByteView encoded) {
  constexpr int64_t kKty = 1, kKid = 2, kCurveOrSecret = -1, kPrivate = -4;
  constexpr uint64_t kOkp = 1, kSymmetric = 4;
  const auto read = [&](Bytes& id, Bytes& secret, uint64_t& type) -> Status {
    cbor::Reader reader(encoded);
    TAILOR_TRY_ASSIGN(size_t pairs, reader.take_map());
    for (; pairs > 0; --pairs) {
      TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
      TAILOR_TRY_ASSIGN(const ByteView item, reader.take_item());
      cbor::Reader value(item);
      const bool holds_secret = label == kPrivate || (label == kCurveOrSecret && type == kSymmetric);
      if (label == kKty) {
        TAILOR_TRY_ASSIGN(type, value.take_unsigned());
      }
      if (label != kKid && !holds_secret) continue;
      TAILOR_TRY_ASSIGN(const ByteView bytes, value.take_bytes());
      (label == kKid ? id : secret).assign(bytes.begin(), bytes.end());
    }
    return reader.finish();
  };
  Bytes id, secret;
  uint64_t type = 0;
  TAILOR_TRY(with_context(read(id, secret, type), "COSE_Key"));
  const auto kind = type == kSymmetric ? suit::DecryptionKeyKind::kAesKw
                    : type == kOkp     ? suit::DecryptionKeyKind::kX25519
                                       : suit::DecryptionKeyKind::kP256;
  const auto key = suit::ContentDecryptionKey::from_bytes(kind, secret);
  wipe(secret);
  if (!key.ok()) return fail(key.error(), "no key that decrypts");
  return std::pair(std::move(id), *key);
}

std::vector<std::string> parts_of(ByteView encoded) {
  std::vector<std::string> out;
  const auto parts = suit::decode_component_id(encoded);
  if (!parts.ok()) return out;
  for (const ByteView part : *parts) out.push_back(to_hex(part));
  return out;
}

std::string_view name_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kWaiting:
      return "waiting";
    case Verdict::kRefused:
      return "refused";
  }
  return "";
}

Json outcome_of(const Recipient& recipient) {
  Json trace = Json::array(), components = Json::array(), invoked = Json::array();
  for (const RecordLog::Line& line : recipient.records.lines) {
    trace.push_back({{"manifest", std::vector<int>(line.manifest.begin(), line.manifest.end())},
                     {"section", line.section},
                     {"offset", line.offset},
                     {"component", line.component},
                     {"command", line.command},
                     {"held", line.ok}});
  }
  for (const auto& component : recipient.device.components()) {
    components.push_back({{"id", parts_of(component->id)},
                          {"content", component->content_unknown ? Json(nullptr) : Json(to_hex(component->content))},
                          {"references", component->references.size()}});
  }
  for (const DeclaredDevice::Invocation& one : recipient.device.invoked) {
    invoked.push_back({{"id", parts_of(one.component)}, {"arguments", to_hex(one.arguments)}});
  }
  return {{"trace", trace}, {"components", components}, {"invoked", invoked}};
}

Json result_of(const Recipient& recipient, const Ending& ending) {
  Json result = outcome_of(recipient);
  result["verdict"] = name_of(ending.verdict);
  result["reason"] = 0;
  if (ending.verdict == Verdict::kRefused) {
    result["reason"] = describe(ending.error).suit_reason;
    result["error"] = tailor::name_of(ending.error);
  }
  return result;
}

Outcome<Json> run(ByteView envelope, const Json& state) {
  TAILOR_TRY_ASSIGN(const auto recipient, recipient_from_json(state));
  const Ending ending = recipient->receive(envelope, recipient->procedure.empty() ? "update" : recipient->procedure);
  return result_of(*recipient, ending);
}

}  // namespace tailor::trial
