// SPDX-License-Identifier: Apache-2.0
// See json.hpp. Texts from devices may hold anything that is UTF-8; what is not is replaced, never an exception.
#include "services/update/api/json.hpp"

#include <nlohmann/json.hpp>

#include "hosted/uuid_make.hpp"
#include "services/update/api/suit_report_json.hpp"
#include "trial/report_json.hpp"

namespace tailor::update_server {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string time_text(int64_t ms) {
  return to_rfc3339(from_unix_ms(ms));
}

void put_progress(Json& out, const char* state_name, const Progressed& progress) {
  out[state_name] = std::string(update::name_of(progress.state));
  if (progress.awaited) {
    out["awaits"] = std::string(update::name_of(*progress.awaited));
    out["waits_for"] = std::string(update::words_of(*progress.awaited));
  }
  if (!progress.reason) return;
  out["reason"] = std::string(name_of(*progress.reason));
  out["meaning"] = std::string(describe(*progress.reason).meaning);
}

Json ids(const std::vector<Uuid>& list) {
  Json out = Json::array();
  for (const Uuid& id : list) out.push_back(uuid_text(id));
  return out;
}

Json device_json(const Device& device) {
  Json modes = Json::array();
  for (const DeliveryMode mode : {DeliveryMode::kPull, DeliveryMode::kPush, DeliveryMode::kHybrid}) {
    if ((device.modes & static_cast<uint8_t>(mode)) != 0) modes.push_back(std::string(update::name_of(mode)));
  }
  Json components = Json::array();
  for (const Component& component : device.components) {
    components.push_back({{"id", component_text(component.id)},
                          {"sequence_number", component.sequence_number},
                          {"digest", digest_text(component.digest)},
                          {"size_bytes", component.size_bytes},
                          {"version", component.version}});
  }
  Json out = {{"id", uuid_text(device.id)},
              {"vendor", uuid_text(device.vendor)},
              {"class", uuid_text(device.device_class)},
              {"life_cycle", std::string(update::name_of(device.life_cycle))}};
  put_progress(out, "update_state", device.update);
  out["components"] = std::move(components);
  out["modes"] = std::move(modes);
  out["preferred_mode"] = std::string(update::name_of(device.preferred_mode));
  out["block_bytes"] = device.block_bytes;
  out["trust_store_version"] = device.trust_store_version;
  out["registered_at"] = time_text(device.registered_at_ms);
  out["last_seen"] = time_text(device.last_seen_ms);
  return out;
}

Json target_json(const Target& target) {
  Json out = {{"deployment", uuid_text(target.deployment)}, {"device", uuid_text(target.device)}};
  put_progress(out, "state", target.progress);
  out["detail"] = target.detail;
  out["updated_at"] = time_text(target.updated_at_ms);
  return out;
}

Json precheck_json(const Precheck& found) {
  Json refusals = Json::array();
  for (const Precheck::Refusal& refusal : found.refusals) {
    const Objection& objection = refusal.objection;
    Json item = {{"device", uuid_text(refusal.device)},
                 {"reason", std::string(name_of(objection.reason))},
                 {"path", objection.path},
                 {"rule", objection.rule}};
    if (!objection.command.empty()) item["command"] = objection.command;
    if (objection.offset) item["offset"] = *objection.offset;
    refusals.push_back(std::move(item));
  }
  return {
      {"judged", found.judged}, {"refusing", found.refusing}, {"all", found.all}, {"refusals", std::move(refusals)}};
}

/// Takes a member of the wanted type out of `object`; what is left at the end is unknown.
template <typename T>
Outcome<std::optional<T>> take(Json& object, const char* name, bool (Json::*is_type)() const noexcept,
                               const char* type_name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::optional<T>();
  if (!((*found).*is_type)()) return fail(Error::kJsonMalformed, std::string(name) + " is not " + type_name);
  std::optional<T> value(found->get<T>());
  object.erase(name);
  return value;
}

Outcome<std::vector<Uuid>> take_devices(Json& object) {
  std::vector<Uuid> devices;
  const auto found = object.find("devices");
  if (found == object.end()) return devices;
  if (!found->is_array()) return fail(Error::kJsonMalformed, "devices is not an array");
  for (const Json& item : *found) {
    const auto id = item.is_string() ? Uuid::from_text(item.get<std::string>()) : Result<Uuid>(Error::kValueOutOfRange);
    if (!id.ok()) return fail(Error::kValueOutOfRange, "devices: not a UUID");
    devices.push_back(id.value());
  }
  object.erase("devices");
  return devices;
}

}  // namespace

std::string to_json(const Device& device) {
  return text_of(device_json(device));
}

std::string to_json(const DeviceView& view) {
  Json out = device_json(view.device);
  Json targets = Json::array();
  for (const Target& target : view.targets) targets.push_back(target_json(target));
  out["deployments"] = std::move(targets);
  return text_of(out);
}

std::string to_json(const Manifest& manifest) {
  const ManifestFacts& facts = manifest.facts;
  Json components = Json::array();
  for (const auto& id : facts.components) components.push_back(component_text(id));
  Json payloads = Json::array();
  for (const Payload& payload : facts.payloads) {
    Json item = {{"uri", payload.uri}};
    if (payload.digest) item["digest"] = digest_text(*payload.digest);
    if (payload.size_bytes) item["size_bytes"] = *payload.size_bytes;
    payloads.push_back(std::move(item));
  }
  return text_of({{"digest", digest_text(facts.digest)},
                  {"sequence_number", facts.sequence_number},
                  {"envelope_bytes", manifest.envelope_bytes},
                  {"vendors", ids(facts.vendors)},
                  {"classes", ids(facts.classes)},
                  {"devices", ids(facts.devices)},
                  {"components", std::move(components)},
                  {"payloads", std::move(payloads)},
                  {"integrated", facts.integrated},
                  {"uploaded_by", manifest.uploaded_by},
                  {"uploaded_at", time_text(manifest.uploaded_at_ms)}});
}

std::string to_json(const Image& image) {
  return text_of({{"digest", digest_text(image.digest)},
                  {"uri", "/img/" + to_base64url(image.digest)},
                  {"size_bytes", image.size_bytes},
                  {"uploaded_by", image.uploaded_by},
                  {"uploaded_at", time_text(image.uploaded_at_ms)}});
}

std::string to_json(const DeploymentView& view, const Precheck* found) {
  const Deployment& deployment = view.deployment;
  Json states = Json::object();
  int64_t targets = 0;
  for (const auto& [state, count] : view.targets) {
    states[std::string(update::name_of(state))] = count;
    targets += count;
  }
  Json out = {{"id", uuid_text(deployment.id)},
              {"state", std::string(name_of(view.state))},
              {"manifest", digest_text(deployment.manifest)}};
  if (!deployment.filter.empty()) out["filter"] = deployment.filter;
  if (deployment.mode) out["mode"] = std::string(update::name_of(*deployment.mode));
  out["priority"] = deployment.priority;
  out["skip_precheck"] = deployment.skip_precheck;
  out["hold"] = deployment.hold;
  if (deployment.triggered_at_ms) out["triggered_at"] = time_text(*deployment.triggered_at_ms);
  if (deployment.expires_at_ms) out["expires_at"] = time_text(*deployment.expires_at_ms);
  out["created_by"] = deployment.created_by;
  out["created_at"] = time_text(deployment.created_at_ms);
  out["targets"] = targets;
  out["target_states"] = std::move(states);
  if (found != nullptr) out["precheck"] = precheck_json(*found);
  return text_of(out);
}

std::string with_precheck(const std::string& problem, const Precheck& found) {
  Json out = Json::parse(problem, nullptr, false);
  if (!out.is_object()) return problem;
  out["precheck"] = precheck_json(found);
  return text_of(out);
}

std::string to_json(const Uuid& device, const KeptCapability& capability) {
  Json out = {{"device", uuid_text(device)},
              {"source", capability.source},
              {"received_at", time_text(capability.received_at_ms)},
              {"encoded", to_hex(capability.encoded)}};
  if (const auto view = report::decode_capabilities(capability.encoded); view.ok()) {
    out.update(trial::capabilities_json(*view));
  }
  return text_of(out);
}

std::string to_json(const Target& target) {
  return text_of(target_json(target));
}

std::string to_json(const KeptReport& report) {
  Json out = {{"number", report.number}, {"device", uuid_text(report.device)}};
  if (report.manifest) out["manifest"] = digest_text(*report.manifest);
  if (report.sequence_number) out["sequence_number"] = *report.sequence_number;
  put_progress(out, "state", report.progress);
  out["where"] = report.where;
  out["boot"] = {{"running_slot", report.boot.running_slot},
                 {"slots", report.boot.slots},
                 {"trial", report.boot.trial},
                 {"trial_attempts", report.boot.trial_attempts}};
  out["device_time"] = {{"kind", std::string(update::name_of(report.device_time.kind()))}};
  if (report.device_time.kind() != update::TrustedTime::Kind::kUnknown) {
    out["device_time"]["seconds"] = report.device_time.seconds();
  }
  if (report.deployment) out["deployment"] = uuid_text(*report.deployment);
  if (!report.suit_report.empty()) out["suit_report"] = suit_report_json(report);
  out["received_at"] = time_text(report.received_at_ms);
  return text_of(out);
}

std::string to_json(const Event& event) {
  Json detail = event.detail.empty() ? Json::object() : Json::parse(event.detail, nullptr, false);
  if (detail.is_discarded()) detail = Json::object();
  return text_of({{"number", event.number},
                  {"at", time_text(event.at_ms)},
                  {"kind", event.kind},
                  {"subject", event.subject},
                  {"actor", event.actor},
                  {"detail", std::move(detail)}});
}

std::string page_json(const std::vector<std::string>& items, const std::string& next_cursor) {
  std::string out = "{\"items\":[";
  for (size_t i = 0; i < items.size(); ++i) out.append(i == 0 ? "" : ",").append(items[i]);
  out += "]";
  if (!next_cursor.empty()) out += ",\"next_cursor\":" + Json(next_cursor).dump();
  return out + "}";
}

Outcome<NewDeployment> deployment_from_json(const std::string& body) {
  Json object = Json::parse(body, nullptr, false);
  if (!object.is_object()) return fail(Error::kJsonMalformed, "body is not a JSON object");
  NewDeployment wanted;
  TAILOR_TRY_ASSIGN(const auto manifest, take<std::string>(object, "manifest", &Json::is_string, "a text"));
  TAILOR_TRY_ASSIGN(const auto filter, take<std::string>(object, "filter", &Json::is_string, "a text"));
  TAILOR_TRY_ASSIGN(wanted.devices, take_devices(object));
  TAILOR_TRY_ASSIGN(const auto mode, take<std::string>(object, "mode", &Json::is_string, "a text"));
  TAILOR_TRY_ASSIGN(const auto priority, take<int64_t>(object, "priority", &Json::is_number_integer, "a whole number"));
  TAILOR_TRY_ASSIGN(const auto skip, take<bool>(object, "skip_precheck", &Json::is_boolean, "true or false"));
  TAILOR_TRY_ASSIGN(const auto hold, take<bool>(object, "hold", &Json::is_boolean, "true or false"));
  TAILOR_TRY_ASSIGN(const auto expires, take<std::string>(object, "expires_at", &Json::is_string, "a text"));
  if (!object.empty()) return fail(Error::kJsonMalformed, "unknown member " + object.begin().key());
  if (!manifest) return fail(Error::kJsonMalformed, "manifest is missing");
  TAILOR_TRY_ASSIGN(wanted.manifest, with_context(digest_from_text(*manifest), "manifest"));
  wanted.filter = filter.value_or("");
  wanted.priority = priority.value_or(0);
  wanted.skip_precheck = skip.value_or(false);
  wanted.hold = hold.value_or(false);
  if (mode) {
    const auto known = update::delivery_mode_from_name(*mode);
    if (!known.ok()) return fail(Error::kValueOutOfRange, "mode is pull, push or hybrid");
    wanted.mode = known.value();
  }
  if (expires) {
    TAILOR_TRY_ASSIGN(const UtcTime time, with_context(from_rfc3339(*expires), "expires_at"));
    wanted.expires_at_ms = to_unix_ms(time);
  }
  return wanted;
}

}  // namespace tailor::update_server
