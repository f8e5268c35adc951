// SPDX-License-Identifier: Apache-2.0
#include "trial/report_json.hpp"

#include "core/suit/labels.hpp"
#include "hosted/encoding.hpp"

namespace tailor::trial {
namespace {

using Json = nlohmann::ordered_json;

/// Labels and encoded values, as hex: what a value means stands in the manifest's documents.
Json properties_json(ByteView pairs, size_t count) {
  Json out = Json::object();
  cbor::Reader reader(pairs);
  for (; count > 0; --count) {
    const auto label = reader.take_int();
    const auto value = reader.take_item();
    if (!label.ok() || !value.ok()) break;  // the decoder has refused such a report
    out[std::to_string(*label)] = to_hex(*value);
  }
  return out;
}

Json record_json(const report::Record& record) {
  Json manifest = Json::array();
  for (const uint32_t index : record.manifest) manifest.push_back(index);
  cbor::Reader properties(record.properties);
  const auto count = record.properties.empty() ? Result<size_t>(size_t{0}) : properties.take_map();
  return {{"manifest", std::move(manifest)},
          {"section", section_name(record.section)},
          {"offset", record.offset},
          {"component", record.component},
          {"measured", properties_json(properties.rest(), count.ok() ? *count : 0)}};
}

Json failure_json(const report::Failure& failure) {
  Json out = {{"code", failure.code}, {"reason", std::string(report::words_of(failure.reason))}};
  if (failure.code > 0 && failure.code < 256) {
    const ErrorInfo& info = describe(error_from_code(static_cast<uint8_t>(failure.code)));
    if (static_cast<int64_t>(info.error) == failure.code) out["error"] = std::string(info.name);
  }
  out["record"] = record_json(failure.record);
  return out;
}

Json records_json(const report::SuitReport& report) {
  Json out = Json::array();
  for (report::Entries entries(report.records); entries.more();) {
    if (entries.next_is_record()) {
      const auto record = entries.take_record();
      if (!record.ok()) break;
      out.push_back(record_json(*record));
    } else {
      const auto claims = entries.take_claims();
      if (!claims.ok()) break;
      out.push_back({{"component_id", to_hex(claims->component)},
                     {"measured", properties_json(claims->parameters, claims->count)}});
    }
  }
  return out;
}

Json numbers_json(ByteView list) {
  Json out = Json::array();
  cbor::Reader reader(list);
  const auto count = reader.take_array();
  for (size_t i = 0; count.ok() && i < *count; ++i) {
    const auto number = reader.take_int();
    if (number.ok()) out.push_back(*number);
  }
  return out;
}

}  // namespace

std::string section_name(int64_t section) {
  using namespace suit::manifest_key;
  switch (section) {
    case 0:
      return "none";
    case report::kSharedSection:
      return "shared";
    case kValidate:
      return "validate";
    case kLoad:
      return "load";
    case kInvoke:
      return "invoke";
    case kDependencyResolution:
      return "dependency-resolution";
    case kPayloadFetch:
      return "payload-fetch";
    case kCandidateVerification:
      return "candidate-verification";
    case kInstall:
      return "install";
    case kUninstall:
      return "uninstall";
    default:
      return std::to_string(section);
  }
}

Json capabilities_json(const report::CapabilityView& view) {
  constexpr const char* kNames[report::kLists] = {"commands", "parameters", "algorithms",     "envelope",  "manifest",
                                                  "common",   "text",       "component_text", "dependency"};
  Json out = {{"components", to_hex(view.components)}};
  for (size_t i = 0; i < report::kLists; ++i) {
    if (!view.lists[i].empty()) out[kNames[i]] = numbers_json(view.lists[i]);
  }
  return out;
}

Json report_json(const report::SuitReport& report) {
  Json out = Json::object();
  if (!report.uri.empty()) out["uri"] = std::string(report.uri);
  out["manifest"] = to_hex(report.digest.bytes);
  out["success"] = !report.failure.has_value();
  if (report.failure) out["failure"] = failure_json(*report.failure);
  out["records"] = records_json(report);
  if (report.records_missing != 0) out["records_missing"] = report.records_missing;
  if (!report.capabilities.empty()) {
    if (const auto view = report::decode_capabilities(report.capabilities); view.ok()) {
      out["capabilities"] = capabilities_json(*view);
    }
  }
  return out;
}

}  // namespace tailor::trial
