// SPDX-License-Identifier: Apache-2.0
#include "authoring/summary.hpp"

#include <algorithm>

#include "authoring/model/sequence.hpp"
#include "authoring/walk/flow.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

namespace parameter = suit::parameter;

const Node* parameter_of(const SeenParameters& parameters, int64_t label) {
  const auto found = parameters.find(label);
  return found == parameters.end() ? nullptr : found->second;
}

std::optional<Uuid> uuid_of(const Node* node) {
  if (node == nullptr) return std::nullopt;
  const Result<Uuid> uuid = Uuid::from_bytes(node->content);
  return uuid.ok() ? std::optional<Uuid>(*uuid) : std::nullopt;
}

void read_component(const SeenParameters& set, ComponentSummary& out) {
  out.vendor = uuid_of(parameter_of(set, parameter::kVendorIdentifier));
  out.device_class = uuid_of(parameter_of(set, parameter::kClassIdentifier));
  if (const Node* digest = parameter_of(set, parameter::kImageDigest)) {
    const auto read = digest_of_node(*digest);
    if (read.ok()) out.digest = *read;
  }
  if (const Node* size = parameter_of(set, parameter::kImageSize)) out.size_bytes = size->argument;
  if (const Node* uri = parameter_of(set, parameter::kUri)) out.uri = uri->text();
}

void read_text(const Node& text, EnvelopeSummary& out) {
  for (const Node& language : text.children) {
    if (const Node* found = language.find(suit::text_key::kManifestDescription)) out.description = found->text();
    if (const Node* found = language.find(suit::text_key::kUpdateDescription)) out.update_description = found->text();
    for (const Node& entry : language.children) {
      const Node* version = entry.find(suit::component_text_key::kComponentVersion);
      if (version == nullptr || entry.shape != Shape::kComponentTexts) continue;
      for (ComponentSummary& component : out.components) {
        if (equal(cbor_component_id(component.id), entry.key_item)) component.version = version->text();
      }
    }
  }
}

}  // namespace

ComponentParts component_of_node(const Node& node) {
  ComponentParts parts;
  for (const Node& part : node.children) parts.emplace_back(part.content.begin(), part.content.end());
  return parts;
}

std::vector<ComponentParts> components_of(const Walked& walked) {
  std::vector<ComponentParts> out;
  if (const Node* listed = walked.common().find(suit::common_key::kComponents)) {
    for (const Node& component : listed->children) out.push_back(component_of_node(component));
  }
  return out;
}

std::vector<AuthenticationBlock> blocks_of(const Walked& walked) {
  std::vector<AuthenticationBlock> out;
  const Node* wrapper = walked.envelope().find(suit::envelope_key::kAuthentication);
  if (wrapper == nullptr || !wrapper->opened) return out;
  for (size_t i = 1; i < wrapper->inner().children.size(); ++i) {
    const Node& block = wrapper->inner().children[i].inner();
    AuthenticationBlock read;
    const char* name = block.type == cbor::Type::kTag ? cose_structure_name(block.argument) : nullptr;
    read.kind = name != nullptr ? name : "unknown";
    const auto header = [&](const Node& body, size_t index) {
      if (index >= body.children.size()) return;
      const Node& map = body.children[index].inner();
      if (const Node* algorithm = map.find(1)) read.algorithm = algorithm->number();
      if (const Node* key_id = map.find(4)) read.key_id = to_hex(key_id->content);
    };
    const Node& body = block.inner();
    header(body, 0);
    header(body, 1);
    if (block.argument == 98 && body.children.size() > 3) {
      for (const Node& signer : body.children[3].children) {
        header(signer, 0);
        header(signer, 1);
      }
    }
    out.push_back(std::move(read));
  }
  return out;
}

EnvelopeSummary summary_of(const Walked& walked) {
  EnvelopeSummary out;
  const auto digest = walked.manifest_digest();
  if (digest.ok()) out.digest = digest->bytes;
  const Node& manifest = walked.manifest();
  if (const Node* number = manifest.find(suit::manifest_key::kSequenceNumber)) out.sequence_number = number->argument;
  if (const Node* uri = manifest.find(suit::manifest_key::kReferenceUri)) out.reference_uri = uri->text();
  out.blocks = blocks_of(walked);
  for (ComponentParts& id : components_of(walked)) {
    ComponentSummary component;
    component.id = std::move(id);
    out.components.push_back(std::move(component));
  }
  for (const int64_t key : kSectionOrder) {
    if (const Node* member = walked.member(key)) out.sections.emplace_back(member->element->name);
  }
  for (const Node& member : manifest.children) {
    if (member.severed) out.severed.emplace_back(member.element->name);
  }
  for (const Node* payload : walked.payloads()) {
    out.payloads.push_back({uri_of_payload(*payload), payload->content.size()});
  }
  const Flow flow = flow_of(walked);
  for (const auto& [index, parameters] : flow.last) {
    if (index < out.components.size()) read_component(parameters, out.components[index]);
  }
  if (const Node* text = walked.member(suit::manifest_key::kText)) read_text(text->inner(), out);
  return out;
}

Outcome<EnvelopeSummary> summarize(ByteView envelope) {
  const Walked walked = walk_envelope(envelope);
  TAILOR_TRY(walked.check());
  return summary_of(walked);
}

std::string uri_of_payload(const Node& payload) {
  cbor::Head head;
  if (!cbor::decode_head(payload.key_item, head).ok()) return {};
  return std::string(as_text(payload.key_item.subspan(head.size)));
}

std::string algorithm_name(int64_t cose_algorithm) {
  const char* name = cose_algorithm_name(cose_algorithm);
  return name != nullptr ? name : std::to_string(cose_algorithm);
}

}  // namespace tailor::authoring
