// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/suit/declared_device.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/cose/key.hpp"
#include "core/suit/component_id.hpp"

namespace tailor::conformance {
namespace {

template <typename T>
T must(Result<T> result, const char* what) {
  if (!result.ok()) throw std::runtime_error(std::string(what) + ": " + std::string(name_of(result.error())));
  return std::move(result).value();
}

std::vector<Octets> parts_of(const Json& id) {
  std::vector<Octets> parts;
  for (const Json& part : id) parts.push_back(octets(part));
  return parts;
}

Octets encoded(const std::vector<Octets>& parts) {
  Octets buffer(256);
  cbor::Writer writer(buffer);
  writer.put_array(parts.size());
  for (const Octets& part : parts) writer.put_bytes(part);
  const ByteView bytes = must(writer.finish(), "component identifier");
  return Octets(bytes.begin(), bytes.end());
}

Uuid uuid(const Json& text) {
  return must(Uuid::from_text(text.get<std::string>()), "uuid");
}

processor::Answer answer(const std::string& word) {
  if (word == "yes") return processor::Answer::kYes;
  if (word == "no") return processor::Answer::kNo;
  if (word == "later") return processor::Answer::kLater;
  throw std::runtime_error("no answer: " + word);
}

bool begins_with(const suit::ComponentId& id, const std::vector<Octets>& prefix) {
  if (id.view().size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (!equal(id.view()[i], prefix[i])) return false;
  }
  return true;
}

bool among(const std::optional<std::vector<int64_t>>& labels, int64_t label) {
  return !labels || std::find(labels->begin(), labels->end(), label) != labels->end();
}

std::optional<std::vector<int64_t>> labels_of(const Json& key, const char* name) {
  if (!key.contains(name)) return std::nullopt;
  return key.at(name).get<std::vector<int64_t>>();
}

Result<processor::Answer> custom_holds(void*, processor::Component&, ByteView, const processor::Parameters&) {
  return processor::Answer::kYes;
}
Result<processor::Answer> custom_fails(void*, processor::Component&, ByteView, const processor::Parameters&) {
  return processor::Answer::kNo;
}

}  // namespace

Octets octets(const Json& text) {
  return testing::from_hex(text.get<std::string>());
}

std::string hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint8_t octet : bytes) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 15U];
  }
  return text;
}

DeclaredDevice::DeclaredDevice(const Json& state) {
  identity_ = {uuid(state.at("vendor")), uuid(state.at("class")), uuid(state.at("device")), {}};
  for (const Json& declared : state.at("components")) add_component(declared);
  for (const Json& declared : state.at("trusted")) add_key(declared);
  for (const Json& key : state.value("decryption", Json::array())) decryption_.add(octets(key));
  for (const Json& manifest : state.value("manifests", Json::array())) {
    manifests_[encoded(parts_of(manifest.at("id")))] = manifest.at("sequence_number").get<uint64_t>();
  }
  const Json none = Json::object();  // items() of a temporary would dangle
  const Json& payloads = state.contains("payloads") ? state.at("payloads") : none;
  const Json& fetch_arguments = state.contains("fetch_arguments") ? state.at("fetch_arguments") : none;
  const Json& custom = state.contains("custom") ? state.at("custom") : none;
  const Json& events = state.contains("events") ? state.at("events") : none;
  for (const auto& [uri, content] : payloads.items()) payloads_[uri] = octets(content);
  for (const auto& [uri, arguments] : fetch_arguments.items()) {
    fetch_arguments_[uri] = octets(arguments);
  }
  for (const Json& leniency : state.value("leniency", Json::array())) {
    const auto name = leniency.get<std::string>();
    if (name == "untagged-envelope")
      leniency_.untagged_envelope = true;
    else if (name == "legacy-algorithms")
      leniency_.legacy_algorithms = true;
    else if (name == "missing-dependency-integrity")
      leniency_.missing_dependency_integrity = true;
    else if (name == "index-beyond-components")
      leniency_.index_beyond_components = true;
    else
      throw std::runtime_error("no leniency: " + name);
  }
  if (state.contains("time")) time_ = {processor::Time::Kind::kSynced, state.at("time").get<uint64_t>()};
  if (state.contains("time_offset")) time_offset_ = state.at("time_offset").get<int32_t>();
  if (state.contains("battery_mwh")) battery_ = state.at("battery_mwh").get<uint64_t>();
  if (state.contains("authorization")) authorization_ = state.at("authorization").get<std::string>();
  for (const auto& [event, word] : events.items()) {
    events_[std::stoll(event)] = word.get<std::string>();
  }
  for (const auto& [label, word] : custom.items()) {
    custom_commands_.push_back({std::stoll(label), nullptr, word == "yes" ? custom_holds : custom_fails});
  }
}

void DeclaredDevice::add_component(const Json& declared) {
  auto component = std::make_unique<DeclaredComponent>();
  component->id = encoded(parts_of(declared.at("id")));
  component->parts = declared.at("id").get<std::vector<std::string>>();
  component->content = octets(declared.at("content"));
  component->present_slot = declared.value("slot", uint64_t{0});
  component->capacity = declared.value("capacity", component->capacity);
  component->sequence_number = declared.value("sequence_number", uint64_t{0});
  component->version = declared.value("version", std::vector<int64_t>{});
  for (const Json& digest : declared.value("references", Json::array())) component->references.insert(octets(digest));
  for (const Json& digest : declared.value("claimed_digests", Json::array())) {
    component->claimed_digests.push_back(octets(digest));
  }
  if (declared.contains("claimed_size")) component->claimed_size = declared.at("claimed_size").get<uint32_t>();
  components_.push_back(std::move(component));
}

void DeclaredDevice::add_key(const Json& declared) {
  const Octets bytes = octets(declared.at("key"));
  const cose::Key key = must(cose::decode_key(bytes), "trusted key");
  TrustedKey trusted{key.key,
                     Octets(key.key_id.begin(), key.key_id.end()),
                     {},
                     labels_of(declared, "commands"),
                     labels_of(declared, "parameters")};
  for (const Json& prefix : declared.value("components", Json::array({Json::array()}))) {
    trusted.prefixes.push_back(parts_of(prefix));
  }
  keys_.push_back(std::move(trusted));
}

void DeclaredKeys::add(const Octets& encoded) {
  constexpr int64_t kKty = 1, kKid = 2, kCurveOrSecret = -1, kPrivate = -4;
  constexpr uint64_t kOkp = 1, kSymmetric = 4;
  cbor::Reader reader(encoded);
  Octets id, secret;
  uint64_t type = 0;
  for (size_t pairs = must(reader.take_map(), "key"); pairs > 0; --pairs) {
    const int64_t label = must(reader.take_int(), "key");
    const ByteView item = must(reader.take_item(), "key");
    cbor::Reader value(item);
    const bool holds_secret = label == kPrivate || (label == kCurveOrSecret && type == kSymmetric);
    if (label == kKty) type = must(value.take_unsigned(), "kty");
    if (label != kKid && !holds_secret) continue;
    const ByteView bytes = must(value.take_bytes(), "key");
    (label == kKid ? id : secret).assign(bytes.begin(), bytes.end());
  }
  const auto kind = type == kSymmetric ? suit::DecryptionKeyKind::kAesKw
                    : type == kOkp     ? suit::DecryptionKeyKind::kX25519
                                       : suit::DecryptionKeyKind::kP256;
  keys_.emplace_back(id, must(suit::ContentDecryptionKey::from_bytes(kind, secret), "key for decryption"));
}

const suit::ContentDecryptionKey* DeclaredKeys::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const auto& [id, key] : keys_) {
    if (!key_id.empty() && !id.empty() && !equal(id, key_id)) continue;
    if (nth-- == 0) return &key;
  }
  return nullptr;
}

DeclaredComponent* DeclaredDevice::component(ByteView id) noexcept {
  for (const auto& component : components_) {
    if (equal(component->id, id)) return component.get();
  }
  return nullptr;
}

Result<uint64_t> DeclaredDevice::sequence_number(ByteView id) noexcept {
  const DeclaredComponent* known = component(id);
  return known == nullptr ? uint64_t{0} : known->sequence_number;
}

Result<uint64_t> DeclaredDevice::manifest_sequence_number(ByteView id) noexcept {
  const auto found = manifests_.find(Octets(id.begin(), id.end()));
  return found == manifests_.end() ? uint64_t{0} : found->second;
}

Status DeclaredDevice::invoke(processor::Component& component, ByteView arguments) noexcept {
  invoked_.push_back({{"id", static_cast<DeclaredComponent&>(component).parts}, {"arguments", hex(arguments)}});
  return kOk;
}

Result<int32_t> DeclaredDevice::local_time_offset_seconds() noexcept {
  if (!time_offset_) return Error::kParameterUnsupported;
  return *time_offset_;
}

Result<uint64_t> DeclaredDevice::battery_mwh() noexcept {
  if (!battery_) return Error::kCommandUnsupported;
  return *battery_;
}

Result<processor::Answer> DeclaredDevice::authorizes_update(int64_t) noexcept {
  if (!authorization_) return Error::kCommandUnsupported;
  return answer(*authorization_);
}

Result<processor::Answer> DeclaredDevice::has_happened(const processor::WaitEvent& event) noexcept {
  const auto found = events_.find(event.event);
  if (found == events_.end()) return Error::kParameterUnsupported;
  return answer(found->second);
}

Result<std::span<const int64_t>> DeclaredDevice::installed_version(ByteView id) noexcept {
  const DeclaredComponent* known = component(id);
  if (known == nullptr || known->version.empty()) return Error::kCommandUnsupported;
  return std::span<const int64_t>(known->version);
}

Result<uint32_t> DeclaredDevice::references_of_others(ByteView id, std::span<const ByteView> manifests) noexcept {
  const DeclaredComponent* known = component(id);
  if (known == nullptr) return uint32_t{0};
  std::set<Octets> others = known->references;
  for (const ByteView manifest : manifests) others.erase(Octets(manifest.begin(), manifest.end()));
  return static_cast<uint32_t>(others.size());
}

Status DeclaredDevice::unlink(ByteView id, ByteView manifest) noexcept {
  if (DeclaredComponent* known = component(id)) known->references.erase(Octets(manifest.begin(), manifest.end()));
  return kOk;
}

Status DeclaredDevice::staged(const processor::StagedManifest& manifest) noexcept {
  staged_.push_back({{"id", hex(manifest.id)}, {"sequence_number", manifest.sequence_number}});
  for (const ByteView id : manifest.components) {
    if (DeclaredComponent* known = component(id)) {
      known->references.insert(Octets(manifest.digest.begin(), manifest.digest.end()));
    }
  }
  return kOk;
}

Status DeclaredDevice::use_arguments(std::string_view uri, ByteView arguments) noexcept {
  const auto found = fetch_arguments_.find(uri);
  if (found == fetch_arguments_.end() || !equal(found->second, arguments)) return Error::kParameterUnsupported;
  return kOk;
}

Result<processor::PayloadSource::Piece> DeclaredDevice::read(std::string_view uri, uint32_t offset) noexcept {
  constexpr size_t kPiece = 64;
  const auto found = payloads_.find(uri);
  if (found == payloads_.end() || offset > found->second.size()) return Error::kPayloadUnavailable;
  const ByteView rest = ByteView(found->second).subspan(offset);
  const ByteView bytes = rest.first(std::min(rest.size(), kPiece));
  return Piece{bytes, bytes.size() == rest.size()};
}

Status DeclaredDevice::permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                               processor::Action action) const noexcept {
  using Kind = processor::Action::Kind;
  const auto parts = suit::decode_component_id(id);
  if (!parts.ok()) return parts.error();
  for (const TrustedKey& trusted : keys_) {
    const bool signed_it = std::any_of(signers.begin(), signers.end(), [&](auto* key) { return key == &trusted.key; });
    const bool covers = std::any_of(trusted.prefixes.begin(), trusted.prefixes.end(),
                                    [&](const auto& prefix) { return begins_with(*parts, prefix); });
    const bool may = action.kind == Kind::kParameter ? among(trusted.parameters, action.label)
                                                     : among(trusted.commands, action.label);
    if (signed_it && covers && may) return kOk;
  }
  return Error::kSignerNotPermitted;
}

void DeclaredDevice::record(const processor::Record& record) noexcept {
  trace_.push_back({{"manifest", std::vector<int>(record.manifest.begin(), record.manifest.end())},
                    {"section", record.section},
                    {"offset", record.offset},
                    {"component", record.component},
                    {"command", record.command},
                    {"held", record.result.ok()}});
}

const cose::VerificationKey* DeclaredDevice::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const TrustedKey& trusted : keys_) {
    if (!equal(trusted.key_id, key_id) && !cose::may_have_key_id(trusted.key, key_id)) continue;
    if (nth-- == 0) return &trusted.key;
  }
  return nullptr;
}

processor::Seams DeclaredDevice::seams() noexcept {
  processor::Seams seams{*this, *this, *this};
  seams.recorder = this;
  custom_.commands = custom_commands_;
  seams.custom = &custom_;
  seams.leniency = leniency_;
  seams.dependencies = &dependencies_;
  seams.keys = &decryption_;
  return seams;
}

Json DeclaredDevice::outcome() const {
  Json components = Json::array();
  for (const auto& component : components_) {
    components.push_back(
        {{"id", component->parts}, {"content", hex(component->content)}, {"references", component->references.size()}});
  }
  return {{"trace", trace_}, {"components", components}, {"invoked", invoked_}, {"staged", staged_}};
}

bool DeclaredDevice::untouched() const {
  return std::none_of(components_.begin(), components_.end(), [](const auto& component) { return component->touched; });
}

}  // namespace tailor::conformance
