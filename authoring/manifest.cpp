// SPDX-License-Identifier: Apache-2.0
// The shape of our manifests: a shared sequence that names vendor, class and images, then install, validate and invoke.
// Commands, order and reporting policies are those of the examples of the manifest draft; their encoding is the core's.
#include "authoring/manifest.hpp"

#include <algorithm>
#include <deque>

#include "core/base/limits.hpp"
#include "core/suit/encoder/envelope_encoder.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace manifest_key = suit::manifest_key;
namespace reporting = suit::reporting;

/// Above what one part of a manifest needs beside its texts: identifiers, digests and URIs of all components.
constexpr size_t kRoom = 8192;

/// Lets `write` fill a buffer and keeps what it wrote.
template <typename Write>
Outcome<Bytes> encode(size_t room, const char* what, Write&& write) {
  Bytes buffer(room);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(write(MutableBytes(buffer)), what));
  buffer.resize(written.size());
  return buffer;
}

/// A sequence whose commands `append` gives.
template <typename Append>
Outcome<Bytes> sequence(Append&& append) {
  return encode(kRoom, "command sequence", [&](MutableBytes out) {
    suit::SequenceWriter writer(out);
    append(writer);
    return writer.finish();
  });
}

/// Does `append` for each component, which is selected first where there are several.
template <typename Append>
Outcome<Bytes> sequence_of_each(const ManifestDescription& description, Append&& append) {
  return sequence([&](suit::SequenceWriter& writer) {
    for (size_t i = 0; i < description.components.size(); ++i) {
      if (description.components.size() > 1) writer.set_component_index(i);
      append(writer, i);
    }
  });
}

/// Vendor and class are checked once, on the first component, as in the draft's example 5.
Outcome<Bytes> shared_sequence(const ManifestDescription& description) {
  return sequence_of_each(description, [&](suit::SequenceWriter& writer, size_t i) {
    suit::Parameters parameters;
    parameters.digest = description.components[i].digest;
    parameters.image_size = description.components[i].size_bytes;
    if (i > 0) {
      writer.override_parameters(parameters);
      return;
    }
    parameters.vendor = description.vendor;
    parameters.device_class = description.device_class;
    writer.override_parameters(parameters);
    writer.command(command::kVendorIdentifier, reporting::kAll);
    writer.command(command::kClassIdentifier, reporting::kAll);
  });
}

Outcome<Bytes> install_sequence(const ManifestDescription& description) {
  return sequence_of_each(description, [&](suit::SequenceWriter& writer, size_t i) {
    suit::Parameters parameters;
    parameters.uri = description.components[i].uri;
    writer.override_parameters(parameters);
    writer.command(command::kFetch, reporting::kRecordOnFailure).command(command::kImageMatch, reporting::kAll);
  });
}

Outcome<Bytes> validate_sequence(const ManifestDescription& description) {
  return sequence_of_each(
      description, [](suit::SequenceWriter& writer, size_t) { writer.command(command::kImageMatch, reporting::kAll); });
}

/// The first component is what is started.
Outcome<Bytes> invoke_sequence(const ManifestDescription& description) {
  return sequence([&](suit::SequenceWriter& writer) {
    if (description.components.size() > 1) writer.set_component_index(0);
    writer.command(command::kInvoke, reporting::kRecordOnFailure);
  });
}

std::vector<suit::TextEntry> present(std::initializer_list<suit::TextEntry> entries) {
  std::vector<suit::TextEntry> out;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(out),
               [](const auto& entry) { return !entry.text.empty(); });
  return out;
}

/// The text member: one language; the same texts for every component.
Outcome<Bytes> text_member(const ManifestDescription& description, std::span<const suit::ComponentId> ids) {
  const TextDescription& text = *description.text;
  const auto of_manifest = present({{suit::text_key::kManifestDescription, text.description},
                                    {suit::text_key::kUpdateDescription, text.update_description}});
  const auto of_component = present({{suit::component_text_key::kVendorName, text.vendor_name},
                                     {suit::component_text_key::kModelName, text.model_name},
                                     {suit::component_text_key::kVendorDomain, text.vendor_domain},
                                     {suit::component_text_key::kComponentVersion, text.version}});
  // Keys of a map stand in the order of their encoding (RFC 8949 4.2.1).
  std::vector<std::pair<Bytes, suit::ComponentText>> ordered;
  for (const suit::ComponentId& id : ids) {
    if (of_component.empty()) break;
    TAILOR_TRY_ASSIGN(Bytes key, encode(kRoom, "component identifier", [&](MutableBytes out) {
                        cbor::Writer writer(out);
                        return suit::put_component_id(writer, id).finish();
                      }));
    ordered.emplace_back(std::move(key), suit::ComponentText{.id = id, .entries = of_component});
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<suit::ComponentText> components;
  size_t room = kRoom + text.language.size() + text.description.size() + text.update_description.size();
  for (auto& [key, component] : ordered) {
    components.push_back(component);
    for (const suit::TextEntry& entry : of_component) room += entry.text.size();
  }
  return encode(room, "texts",
                [&](MutableBytes out) { return suit::encode_text(text.language, of_manifest, components, out); });
}

Outcome<std::vector<suit::ComponentId>> component_ids(const ManifestDescription& description) {
  std::vector<suit::ComponentId> out;
  for (const ComponentDescription& component : description.components) {
    suit::ComponentId id;
    for (const Bytes& part : component.id) {
      TAILOR_TRY(with_context(id.push_back(part, Error::kValueOutOfRange), "component identifier"));
    }
    out.push_back(id);
  }
  return out;
}

Outcome<void> check(const ManifestDescription& description) {
  const auto refuse = [](const std::string& why) { return fail(Error::kValueOutOfRange, why); };
  if (description.components.empty()) return refuse("a manifest needs a component");
  if (description.components.size() > limits::kComponents) {
    return refuse("more than " + std::to_string(limits::kComponents) + " components");
  }
  for (size_t i = 0; i < description.components.size(); ++i) {
    const ComponentDescription& component = description.components[i];
    const std::string name = "component " + component_to_text(component.id);
    if (component.id.empty()) return refuse("a component needs an identifier");
    if (component.uri.size() > limits::kUriBytes) return refuse(name + ": URI is too long");
    if (description.install && component.uri.empty()) return refuse(name + ": no URI");
    if (component.payload && !component.uri.starts_with('#')) return refuse(name + ": a payload's URI is \"#name\"");
    for (size_t other = 0; other < i; ++other) {
      const ComponentDescription& before = description.components[other];
      if (before.id == component.id) return refuse(name + " stands twice");
      if (component.payload && before.payload && before.uri == component.uri)
        return refuse(component.uri + " stands twice");
    }
  }
  if (!description.install && !description.validate && !description.invoke)
    return refuse("a manifest without sections");
  if (description.text && description.text->language.empty()) return refuse("texts need a language");
  return kOk;
}

}  // namespace

std::string image_uri(const crypto::Sha256Digest& digest) {
  return "/img/" + to_base64url(digest);
}

Outcome<ComponentDescription> describe_image(ComponentParts id, Bytes image, std::string uri, bool integrated) {
  if (image.empty()) return fail(Error::kValueOutOfRange, "an empty image");
  ComponentDescription out;
  TAILOR_TRY_ASSIGN(out.digest, with_context(crypto::sha256(image), "digest"));
  out.size_bytes = image.size();
  out.uri = std::move(uri);
  if (out.uri.empty()) out.uri = integrated ? "#" + component_to_text(id) : image_uri(out.digest);
  out.id = std::move(id);
  if (integrated) out.payload = std::move(image);
  return out;
}

Outcome<Bytes> create_envelope(const ManifestDescription& description) {
  TAILOR_TRY(check(description));
  TAILOR_TRY_ASSIGN(const std::vector<suit::ComponentId> ids, component_ids(description));
  TAILOR_TRY_ASSIGN(const Bytes shared, shared_sequence(description));
  std::deque<Bytes> contents;  // views of these stand in `members`
  std::vector<suit::ManifestMember> members;
  const auto add = [&](int64_t key, bool wanted, bool severed, const auto& make) -> Outcome<void> {
    if (!wanted) return kOk;
    TAILOR_TRY_ASSIGN(Bytes content, make());
    contents.push_back(std::move(content));
    members.push_back({.key = key, .content = contents.back(), .severed = severed});
    return kOk;
  };
  TAILOR_TRY(add(manifest_key::kValidate, description.validate, false, [&] { return validate_sequence(description); }));
  TAILOR_TRY(add(manifest_key::kInvoke, description.invoke, false, [&] { return invoke_sequence(description); }));
  TAILOR_TRY(add(manifest_key::kInstall, description.install, false, [&] { return install_sequence(description); }));
  TAILOR_TRY(
      add(manifest_key::kText, description.text.has_value(), true, [&] { return text_member(description, ids); }));
  const suit::ManifestParts manifest_parts{.sequence_number = description.sequence_number,
                                           .components = ids,
                                           .shared_sequence = shared,
                                           .reference_uri = description.reference_uri,
                                           .members = members};
  TAILOR_TRY_ASSIGN(const Bytes manifest,
                    encode(kRoom * 4 + description.reference_uri.size(), "manifest",
                           [&](MutableBytes out) { return suit::encode_manifest(manifest_parts, out); }));
  if (manifest.size() > limits::kManifestBytes) {
    return fail(Error::kManifestTooLarge, "the manifest has " + std::to_string(manifest.size()) +
                                              " bytes; devices hold " + std::to_string(limits::kManifestBytes));
  }

  std::vector<suit::IntegratedPayload> payloads;
  for (const ComponentDescription& component : description.components) {
    if (component.payload) payloads.push_back({.uri = component.uri, .content = *component.payload});
  }
  std::sort(payloads.begin(), payloads.end(), [](const auto& a, const auto& b) {
    return a.uri.size() != b.uri.size() ? a.uri.size() < b.uri.size() : a.uri < b.uri;
  });
  const suit::EnvelopeParts parts{
      .manifest = manifest, .authentication_blocks = {}, .members = members, .payloads = payloads};
  return encode(suit::envelope_bytes(parts), "envelope",
                [&](MutableBytes out) { return suit::encode_envelope(parts, out); });
}

}  // namespace tailor::authoring
