// SPDX-License-Identifier: Apache-2.0
#include "cli/capability_view.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "authoring/component_text.hpp"
#include "authoring/summary.hpp"
#include "authoring/walk/grammar.hpp"
#include "core/cbor/reader.hpp"

namespace tailor::cli {
namespace {

using authoring::Shape;

std::string label_text(Shape in, const Json& number) {
  if (!number.is_number_integer()) return "?";
  const authoring::Element* element = authoring::find_element(in, number.get<int64_t>());
  return element == nullptr ? number.dump() : authoring::short_name(element->name);
}

std::string joined(const Json& list, const std::function<std::string(const Json&)>& word) {
  std::string out;
  for (const Json& item : list) out += (out.empty() ? "" : " ") + word(item);
  return out;
}

/// The encoded array of [*5 (bstr / true)]; a last "*" stands for all below.
std::string components_text(const std::string& hex) {
  const Outcome<Bytes> encoded = from_hex(hex);
  if (!encoded.ok()) return "?";
  std::string out;
  cbor::Reader reader(*encoded);
  const auto count = reader.take_array();
  for (size_t i = 0; count.ok() && i < *count; ++i) {
    authoring::ComponentParts parts;
    bool below = false;
    const auto size = reader.take_array();
    for (size_t k = 0; size.ok() && k < *size; ++k) {
      if (!reader.next_is(cbor::Type::kBytes)) {
        below = reader.take_bool().ok();
      } else if (const auto part = reader.take_bytes(); part.ok()) {
        parts.emplace_back(part->begin(), part->end());
      }
    }
    out += (out.empty() ? "" : " ") + authoring::component_to_text(parts) + (below ? "/*" : "");
  }
  return out;
}

}  // namespace

void write_capability(std::ostream& out, const Json& capability) {
  const auto line = [&](const char* member, const char* heading, const std::function<std::string(const Json&)>& word) {
    const auto found = capability.find(member);
    if (found != capability.end() && found->is_array()) out << heading << joined(*found, word) << "\n";
  };
  if (const auto found = capability.find("components"); found != capability.end() && found->is_string()) {
    out << "components   " << components_text(found->get<std::string>()) << "\n";
  }
  line("commands", "commands     ", [](const Json& number) { return label_text(Shape::kSequence, number); });
  line("parameters", "parameters   ", [](const Json& number) { return label_text(Shape::kParameters, number); });
  line("algorithms", "algorithms   ", [](const Json& number) {
    if (!number.is_number_integer()) return std::string("?");
    const char* hash = authoring::hash_name(number.get<int64_t>());
    return hash != nullptr ? std::string(hash) : authoring::algorithm_name(number.get<int64_t>());
  });
}

}  // namespace tailor::cli
