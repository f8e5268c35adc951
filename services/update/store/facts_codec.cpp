// SPDX-License-Identifier: Apache-2.0
// See facts_codec.hpp. JSON with a version; sequence numbers stay hex, since JSON numbers are doubles to many readers.
#include "services/update/store/facts_codec.hpp"

#include <nlohmann/json.hpp>

#include "hosted/uuid_make.hpp"
#include "services/store/value.hpp"

namespace tailor::update_server {
namespace {

using Json = nlohmann::json;

Json ids_to_json(const std::vector<Uuid>& ids) {
  Json out = Json::array();
  for (const Uuid& id : ids) out.push_back(uuid_text(id));
  return out;
}

std::vector<Uuid> ids_from_json(const Json& json) {
  std::vector<Uuid> ids;
  for (const Json& item : json) {
    const auto id = Uuid::from_text(item.get<std::string>());
    if (!id.ok()) throw std::invalid_argument("not a UUID");
    ids.push_back(id.value());
  }
  return ids;
}

Digest digest_from_json(const Json& json) {
  const Outcome<Digest> digest = digest_from_text(json.get<std::string>());
  if (!digest.ok()) throw std::invalid_argument("not a digest");
  return digest.value();
}

uint64_t number_from_json(const Json& json) {
  const Outcome<uint64_t> number = store::parse_hex_u64(json.get<std::string>());
  if (!number.ok()) throw std::invalid_argument("not a number");
  return number.value();
}

Json payload_to_json(const Payload& payload) {
  Json out = {{"uri", payload.uri}};
  if (payload.digest) out["digest"] = digest_text(*payload.digest);
  if (payload.size_bytes) out["size"] = store::hex_u64(*payload.size_bytes);
  return out;
}

Payload payload_from_json(const Json& json) {
  Payload payload;
  payload.uri = json.at("uri").get<std::string>();
  if (json.contains("digest")) payload.digest = digest_from_json(json["digest"]);
  if (json.contains("size")) payload.size_bytes = number_from_json(json["size"]);
  return payload;
}

}  // namespace

std::string facts_to_text(const ManifestFacts& facts) {
  Json components = Json::array();
  for (const auto& id : facts.components) {
    Json parts = Json::array();
    for (const Bytes& part : id) parts.push_back(to_hex(part));
    components.push_back(std::move(parts));
  }
  Json payloads = Json::array();
  for (const Payload& payload : facts.payloads) payloads.push_back(payload_to_json(payload));
  const Json out = {{"version", 1},
                    {"digest", digest_text(facts.digest)},
                    {"sequence_number", store::hex_u64(facts.sequence_number)},
                    {"vendors", ids_to_json(facts.vendors)},
                    {"classes", ids_to_json(facts.classes)},
                    {"devices", ids_to_json(facts.devices)},
                    {"components", std::move(components)},
                    {"payloads", std::move(payloads)},
                    {"integrated", facts.integrated}};
  return out.dump();
}

Outcome<ManifestFacts> facts_from_text(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != 1) return fail(Error::kRecordMalformed, "facts of an unknown version");
    ManifestFacts facts;
    facts.digest = digest_from_json(json.at("digest"));
    facts.sequence_number = number_from_json(json.at("sequence_number"));
    facts.vendors = ids_from_json(json.at("vendors"));
    facts.classes = ids_from_json(json.at("classes"));
    facts.devices = ids_from_json(json.at("devices"));
    for (const Json& id : json.at("components")) {
      std::vector<Bytes>& parts = facts.components.emplace_back();
      for (const Json& part : id) {
        const Outcome<Bytes> bytes = from_hex(part.get<std::string>());
        if (!bytes.ok()) return bytes.error();
        parts.push_back(bytes.value());
      }
    }
    for (const Json& payload : json.at("payloads")) facts.payloads.push_back(payload_from_json(payload));
    facts.integrated = json.at("integrated").get<std::vector<std::string>>();
    return facts;
  } catch (const std::exception& error) {
    return fail(Error::kRecordMalformed, std::string("facts of a manifest: ") + error.what());
  }
}

}  // namespace tailor::update_server
