// SPDX-License-Identifier: Apache-2.0
#include "cli/manifest_view.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/table.hpp"
#include "hosted/uuid_make.hpp"

namespace tailor::cli {
namespace {

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "none" : out;
}

}  // namespace

Json summary_to_json(const authoring::EnvelopeSummary& summary) {
  Json document = {{"digest", to_hex(summary.digest)},
                   {"sequence_number", summary.sequence_number},
                   {"reference_uri", or_null(summary.reference_uri)},
                   {"authentication", Json::array()},
                   {"components", Json::array()},
                   {"sections", summary.sections},
                   {"severed", summary.severed},
                   {"payloads", Json::array()},
                   {"description", or_null(summary.description)},
                   {"update_description", or_null(summary.update_description)}};
  for (const auto& block : summary.blocks) {
    document["authentication"].push_back({{"kind", block.kind},
                                          {"algorithm", authoring::algorithm_name(block.algorithm)},
                                          {"key_id", or_null(block.key_id)}});
  }
  for (const auto& component : summary.components) {
    document["components"].push_back(
        {{"component", authoring::component_to_text(component.id)},
         {"vendor", component.vendor ? Json(uuid_text(*component.vendor)) : Json(nullptr)},
         {"class", component.device_class ? Json(uuid_text(*component.device_class)) : Json(nullptr)},
         {"digest", component.digest ? Json(to_hex(component.digest->bytes)) : Json(nullptr)},
         {"size_bytes", component.size_bytes ? Json(*component.size_bytes) : Json(nullptr)},
         {"uri", or_null(component.uri)},
         {"version", or_null(component.version)}});
  }
  for (const auto& payload : summary.payloads) {
    document["payloads"].push_back({{"uri", payload.uri}, {"size_bytes", payload.size_bytes}});
  }
  return document;
}

void write_summary(std::ostream& out, const authoring::EnvelopeSummary& summary) {
  out << "digest           " << to_hex(summary.digest) << "\n"
      << "sequence number  " << summary.sequence_number << "\n"
      << "sections         " << joined(summary.sections) << "\n";
  if (!summary.severed.empty()) out << "severed          " << joined(summary.severed) << "\n";
  for (const auto& component : summary.components) {
    out << "component        " << printable(authoring::component_to_text(component.id));
    if (!component.version.empty()) out << ", version " << printable(component.version);
    if (component.size_bytes) out << ", " << *component.size_bytes << " bytes";
    if (!component.uri.empty()) out << ", from " << printable(component.uri);
    out << "\n";
    if (component.vendor) out << "  vendor         " << uuid_text(*component.vendor) << "\n";
    if (component.device_class) out << "  class          " << uuid_text(*component.device_class) << "\n";
    if (component.digest) out << "  image digest   " << to_hex(component.digest->bytes) << "\n";
  }
  for (const auto& payload : summary.payloads) {
    out << "payload          " << printable(payload.uri) << ", " << payload.size_bytes << " bytes, in the envelope\n";
  }
  if (summary.blocks.empty()) out << "signature        none: devices refuse this\n";
  for (const auto& block : summary.blocks) {
    out << "signature        " << block.kind << " " << authoring::algorithm_name(block.algorithm)
        << (block.key_id.empty() ? "" : ", key " + block.key_id) << " (not checked: tailor manifest verify)\n";
  }
}

}  // namespace tailor::cli
