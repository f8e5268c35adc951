// SPDX-License-Identifier: Apache-2.0
#include "authoring/difference.hpp"

#include <map>

#include "authoring/diagnostic.hpp"

namespace tailor::authoring {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

/// Whether an element is compared as one, because its parts mean nothing alone.
bool is_one(const Node& node) {
  if (node.children.empty()) return true;
  switch (node.shape) {
    case Shape::kComponentId:
    case Shape::kComponents:
    case Shape::kDigest:
    case Shape::kAny:
    case Shape::kBlock:
    case Shape::kEncryptionInfo:
    case Shape::kVersion:
    case Shape::kVersionMatch:
    case Shape::kIndexArgument:
    case Shape::kLabels:
      return true;
    default:
      return false;
  }
}

std::string value_of(const Node& node) {
  if (node.type == cbor::Type::kBytes && !node.opened && node.content.size() > kShownBytes) {
    const auto digest = digest_of(crypto::HashAlgorithm::kSha256, node.content);
    return std::to_string(node.content.size()) + " bytes, sha256 " + (digest.ok() ? to_hex(digest->bytes) : "");
  }
  return node_diagnostic(node);
}

void collect(const Node& node, Values& out) {
  const Node& inner = node.inner();
  if (is_one(inner) || (node.type == cbor::Type::kTag && is_one(node))) {
    out.emplace_back(node.path, value_of(node));
    return;
  }
  for (const Node& child : inner.children) collect(child, out);
}

Values values_of(const Walked& walked) {
  Values out;
  collect(walked.envelope(), out);
  return out;
}

}  // namespace

std::vector<Difference> differences(const Walked& before, const Walked& after) {
  const Values old_values = values_of(before), new_values = values_of(after);
  std::multimap<std::string, std::string> left(old_values.begin(), old_values.end());
  std::vector<Difference> out;
  for (const auto& [path, value] : new_values) {
    const auto found = left.lower_bound(path);
    if (found == left.end() || found->first != path) {
      out.push_back({path, "", value});
      continue;
    }
    if (found->second != value) out.push_back({path, found->second, value});
    left.erase(found);
  }
  for (const auto& [path, value] : old_values) {
    const auto found = left.lower_bound(path);
    if (found == left.end() || found->first != path) continue;
    out.push_back({path, found->second, ""});
    left.erase(found);
  }
  return out;
}

}  // namespace tailor::authoring
