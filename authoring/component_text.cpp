// SPDX-License-Identifier: Apache-2.0
#include "authoring/component_text.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/suit/component_id.hpp"

namespace tailor::authoring {
namespace {

bool prints_as_text(const Bytes& part) {
  const std::string_view text = as_text(part);
  return !part.empty() && !text.starts_with("0x") &&
         std::all_of(part.begin(), part.end(), [](uint8_t c) { return c > 0x20 && c < 0x7F && c != '/'; });
}

Outcome<Bytes> part_from_text(std::string_view text) {
  if (text.starts_with("0x")) return from_hex(text.substr(2));
  const ByteView bytes = as_bytes(text);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

Outcome<ComponentParts> component_from_text(std::string_view text) {
  ComponentParts parts;
  if (text.empty()) return parts;
  size_t total = 0;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('/', start), text.size());
    TAILOR_TRY_ASSIGN(Bytes part, part_from_text(text.substr(start, end - start)));
    if (part.empty()) return fail(Error::kValueOutOfRange, "component '" + std::string(text) + "': an empty part");
    total += part.size();
    parts.push_back(std::move(part));
    start = end + 1;
  }
  if (parts.size() > limits::kComponentIdParts || total > limits::kComponentIdBytes) {
    return fail(Error::kValueOutOfRange, "component '" + std::string(text) + "': more than " +
                                             std::to_string(limits::kComponentIdParts) + " parts or " +
                                             std::to_string(limits::kComponentIdBytes) + " bytes");
  }
  return parts;
}

std::string component_to_text(const ComponentParts& parts) {
  std::string text;
  for (const Bytes& part : parts) {
    if (!text.empty()) text += '/';
    if (prints_as_text(part)) {
      text += as_text(part);
    } else {
      text += "0x" + to_hex(part);
    }
  }
  return text;
}

Bytes encode_component(const ComponentParts& parts) {
  suit::ComponentId id;
  for (const Bytes& part : parts) {
    if (!id.push_back(part, Error::kInternal).ok()) return {};
  }
  Bytes buffer(1024);
  cbor::Writer writer(buffer);
  const auto bytes = suit::put_component_id(writer, id).finish();
  return bytes.ok() ? Bytes(bytes->begin(), bytes->end()) : Bytes();
}

}  // namespace tailor::authoring
