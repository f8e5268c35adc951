// SPDX-License-Identifier: Apache-2.0
#include "authoring/envelope_edit.hpp"

#include <algorithm>

#include "authoring/payload_check.hpp"
#include "authoring/summary.hpp"
#include "authoring/walk/flow.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

Bytes copy_of(ByteView view) {
  return Bytes(view.begin(), view.end());
}

/// The members as they stand.
CborPairs members_of(const Walked& walked) {
  CborPairs out;
  for (const Node& member : walked.envelope().children)
    out.emplace_back(copy_of(member.key_item), copy_of(member.item));
  return out;
}

Bytes encoded(const Walked& walked, CborPairs members) {
  const Bytes map = cbor_map(std::move(members));
  return walked.tagged() ? cbor_tagged(suit::kEnvelopeTag, map) : map;
}

void put(CborPairs& members, const Bytes& key, Bytes item) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  if (found == members.end()) {
    members.emplace_back(key, std::move(item));
  } else {
    found->second = std::move(item);
  }
}

void drop(CborPairs& members, const Bytes& key) {
  members.erase(std::remove_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; }),
                members.end());
}

Outcome<void> readable(const Walked& walked) {
  if (!walked.readable()) return walked.check().error();
  if (walked.manifest().children.empty())
    return walked.check().ok() ? fail(Error::kMissingKey, "no manifest") : walked.check().error();
  return kOk;
}

std::string name_of_key(int64_t key) {
  const Element* element = find_element(Shape::kManifest, key);
  return element == nullptr ? std::to_string(key) : element->name;
}

}  // namespace

int64_t severable_key(const std::string& name) noexcept {
  const Element* element = find_element(Shape::kManifest, name.c_str());
  return element != nullptr && element->severable ? element->key : 0;
}

Outcome<Bytes> make_severable(ByteView envelope, const std::vector<int64_t>& keys) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(readable(walked));
  if (!blocks_of(walked).empty()) {
    return fail(Error::kStateConflict, "the manifest is signed: to sever what stands in it changes what was signed");
  }
  TAILOR_TRY_ASSIGN(const ImageDigest old, walked.manifest_digest());
  CborPairs members = members_of(walked), manifest;
  for (const Node& member : walked.manifest().children) {
    Bytes item = copy_of(member.item);
    if (!member.severed && std::find(keys.begin(), keys.end(), member.key) != keys.end()) {
      TAILOR_TRY_ASSIGN(const ImageDigest digest, digest_of_byte_string(old.algorithm, member.content));
      put(members, copy_of(member.key_item), std::move(item));
      item = cbor_digest(digest);
    }
    manifest.emplace_back(copy_of(member.key_item), std::move(item));
  }
  const Bytes content = cbor_map(std::move(manifest));
  TAILOR_TRY_ASSIGN(const ImageDigest digest, digest_of_byte_string(old.algorithm, content));
  put(members, cbor_int(suit::envelope_key::kManifest), cbor_bytes(content));
  put(members, cbor_int(suit::envelope_key::kAuthentication),
      cbor_bytes(cbor_array({cbor_bytes(cbor_digest(digest))})));
  return encoded(walked, std::move(members));
}

Outcome<Severed> sever(ByteView envelope, const std::vector<int64_t>& keys) {
  Bytes changed = copy_of(envelope);
  std::vector<int64_t> wanted = keys;
  {
    const Walked walked = walk_envelope(envelope);
    TAILOR_TRY(readable(walked));
    if (keys.empty()) {
      for (const Node& member : walked.manifest().children) {
        if (member.severed) wanted.push_back(member.key);
      }
    }
    bool in_place = false;
    for (const int64_t key : wanted) {
      const Node* member = walked.manifest().find(key);
      if (member == nullptr) return fail(Error::kNotFound, "the manifest has no " + name_of_key(key));
      in_place = in_place || !member->severed;
    }
    if (in_place) {
      TAILOR_TRY_ASSIGN(changed, make_severable(envelope, wanted));
    }
  }
  const Walked walked = walk_envelope(changed);
  CborPairs members = members_of(walked);
  Severed out;
  for (const int64_t key : wanted) {
    if (walked.envelope().find(key) == nullptr) continue;
    drop(members, cbor_int(key));
    out.members.push_back(name_of_key(key));
  }
  out.envelope = encoded(walked, std::move(members));
  return out;
}

Outcome<Bytes> add_payload(ByteView envelope, const std::string& uri, ByteView payload) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(readable(walked));
  if (!uri.starts_with('#')) return fail(Error::kValueOutOfRange, "the URI of a payload in the envelope is \"#name\"");
  CborPairs members = members_of(walked);
  const Bytes key = cbor_text(uri);
  for (const auto& [present, item] : members) {
    if (present == key) return fail(Error::kAlreadyExists, uri + " is in the envelope already");
  }
  bool fetched = false;
  for (const Step& step : flow_of(walked).steps) {
    if (step.command->key != suit::command::kFetch) continue;
    const auto from = step.parameters.find(suit::parameter::kUri);
    fetched = fetched || (from != step.parameters.end() && as_text(from->second->content) == uri);
  }
  // A branch may set the URI before a fetch behind it.
  const auto names_it = [&](const auto& self, const Node& node) -> bool {
    if (node.element != nullptr && node.element->in == Shape::kParameters && node.key == suit::parameter::kUri) {
      return as_text(node.content) == uri;
    }
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const Node& child) { return self(self, child); });
  };
  if (!fetched && !names_it(names_it, walked.envelope()))
    return fail(Error::kNotFound, "no command fetches from " + uri);
  put(members, key, cbor_bytes(payload));
  Bytes changed = encoded(walked, std::move(members));
  TAILOR_TRY(check_payloads(walk_envelope(changed)));
  return changed;
}

Outcome<Bytes> remove_payload(ByteView envelope, const std::string& uri) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(readable(walked));
  CborPairs members = members_of(walked);
  const size_t before = members.size();
  drop(members, cbor_text(uri));
  if (members.size() == before) return fail(Error::kNotFound, uri + " is not in the envelope");
  return encoded(walked, std::move(members));
}

Outcome<Bytes> extract(ByteView envelope, const std::string& part) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(readable(walked));
  for (const Node* payload : walked.payloads()) {
    if (uri_of_payload(*payload) == part) return copy_of(payload->content);
  }
  if (part == "manifest") return copy_of(walked.envelope().find(suit::envelope_key::kManifest)->content);
  const Element* element = find_element(Shape::kManifest, part.c_str());
  const Node* member = element == nullptr ? nullptr : walked.member(element->key);
  if (member == nullptr) return fail(Error::kNotFound, "'" + part + "' is not in the envelope");
  return copy_of(member->content);
}

}  // namespace tailor::authoring
