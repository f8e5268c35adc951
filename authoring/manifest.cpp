// SPDX-License-Identifier: Apache-2.0
// The shape of our manifests: a shared sequence that names vendor, class and images, then install, validate and invoke.
// Commands, order and reporting policies are those of the examples of the manifest draft.
#include "authoring/manifest.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/cbor/writer.hpp"
#include "core/suit/digest.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace manifest_key = suit::manifest_key;
namespace parameter = suit::parameter;
namespace reporting = suit::reporting;

/// Above what a manifest needs beside its texts: identifiers, digests and URIs of all components.
constexpr size_t kManifestRoom = 8192;

/// Runs `write` on a writer with `room` bytes and returns what it wrote.
template <typename Write>
Outcome<Bytes> encode(size_t room, Write&& write) {
  Bytes buffer(room);
  cbor::Writer writer(buffer);
  write(writer);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(writer.finish(), "encoding the manifest"));
  buffer.resize(written.size());
  return buffer;
}

/// Appends commands and counts them, because an array's head comes first.
class SequenceWriter {
 public:
  SequenceWriter() : writer_(buffer_) {}

  SequenceWriter& policy(int64_t label, uint64_t policy) {
    writer_.put_int(label).put_unsigned(policy);
    items_ += 2;
    return *this;
  }
  SequenceWriter& index(size_t component) {
    writer_.put_int(command::kSetComponentIndex).put_unsigned(component);
    items_ += 2;
    return *this;
  }
  /// The caller writes a map with the given number of pairs.
  cbor::Writer& parameters(size_t pairs) {
    items_ += 2;
    return writer_.put_int(command::kOverrideParameters).put_map(pairs);
  }

  Outcome<Bytes> finish() {
    TAILOR_TRY_ASSIGN(const ByteView commands, with_context(writer_.finish(), "encoding a command sequence"));
    return encode(commands.size() + cbor::kMaxHeadBytes,
                  [&](cbor::Writer& writer) { writer.put_array(items_).put_encoded(commands); });
  }

 private:
  Bytes buffer_ = Bytes(kManifestRoom);
  cbor::Writer writer_;
  size_t items_ = 0;
};

cbor::Writer& put_digest_parameter(cbor::Writer& writer, const ComponentDescription& component) {
  writer.put_int(parameter::kImageDigest);
  const size_t mark = writer.open();
  suit::put_digest(writer, component.digest).close_bytes(mark);
  return writer.put_int(parameter::kImageSize).put_unsigned(component.size_bytes);
}

/// Vendor and class are checked once, on the first component, as in the draft's example 5.
Outcome<Bytes> shared_sequence(const ManifestDescription& description) {
  SequenceWriter sequence;
  for (size_t i = 0; i < description.components.size(); ++i) {
    if (description.components.size() > 1) sequence.index(i);
    cbor::Writer& parameters = sequence.parameters(i == 0 ? 4 : 2);
    if (i == 0) {
      parameters.put_int(parameter::kVendorIdentifier).put_bytes(description.vendor.view());
      parameters.put_int(parameter::kClassIdentifier).put_bytes(description.device_class.view());
    }
    put_digest_parameter(parameters, description.components[i]);
    if (i == 0) {
      sequence.policy(command::kVendorIdentifier, reporting::kAll).policy(command::kClassIdentifier, reporting::kAll);
    }
  }
  return sequence.finish();
}

Outcome<Bytes> install_sequence(const ManifestDescription& description) {
  SequenceWriter sequence;
  const bool single = description.components.size() == 1;
  for (size_t i = 0; i < description.components.size(); ++i) {
    if (!single) sequence.index(i);
    sequence.parameters(1).put_int(parameter::kUri).put_text(description.components[i].uri);
    sequence.policy(command::kFetch, reporting::kRecordOnFailure);
    sequence.policy(command::kImageMatch, reporting::kAll);
  }
  return sequence.finish();
}

Outcome<Bytes> validate_sequence(const ManifestDescription& description) {
  SequenceWriter sequence;
  for (size_t i = 0; i < description.components.size(); ++i) {
    if (description.components.size() > 1) sequence.index(i);
    sequence.policy(command::kImageMatch, reporting::kAll);
  }
  return sequence.finish();
}

/// The first component is what is started.
Outcome<Bytes> invoke_sequence(const ManifestDescription& description) {
  SequenceWriter sequence;
  if (description.components.size() > 1) sequence.index(0);
  return sequence.policy(command::kInvoke, reporting::kRecordOnFailure).finish();
}

void put_component(cbor::Writer& writer, const ComponentParts& id) {
  writer.put_array(id.size());
  for (const Bytes& part : id) writer.put_bytes(part);
}

Outcome<Bytes> common_block(const ManifestDescription& description) {
  TAILOR_TRY_ASSIGN(const Bytes shared, shared_sequence(description));
  return encode(kManifestRoom, [&](cbor::Writer& writer) {
    writer.put_map(2).put_int(suit::common_key::kComponents).put_array(description.components.size());
    for (const ComponentDescription& component : description.components) put_component(writer, component.id);
    writer.put_int(suit::common_key::kSharedSequence).put_bytes(shared);
  });
}

size_t text_bytes(const TextDescription& text) {
  return text.language.size() + text.description.size() + text.update_description.size() +
         (text.vendor_name.size() + text.model_name.size() + text.vendor_domain.size() + text.version.size()) *
             limits::kComponents;
}

/// The text member: one language; components in the order of their encoded identifiers (RFC 8949 4.2.1).
Outcome<Bytes> text_member(const ManifestDescription& description) {
  const TextDescription& text = *description.text;
  const std::pair<int64_t, const std::string*> of_manifest[] = {
      {suit::text_key::kManifestDescription, &text.description},
      {suit::text_key::kUpdateDescription, &text.update_description}};
  const std::pair<int64_t, const std::string*> of_component[] = {
      {suit::component_text_key::kVendorName, &text.vendor_name},
      {suit::component_text_key::kModelName, &text.model_name},
      {suit::component_text_key::kVendorDomain, &text.vendor_domain},
      {suit::component_text_key::kComponentVersion, &text.version}};
  const auto present = [](const auto& texts) {
    return static_cast<size_t>(
        std::count_if(std::begin(texts), std::end(texts), [](const auto& entry) { return !entry.second->empty(); }));
  };
  const auto put = [](cbor::Writer& writer, const auto& texts) {
    for (const auto& [key, value] : texts) {
      if (!value->empty()) writer.put_int(key).put_text(*value);
    }
  };

  std::vector<Bytes> ids;
  for (const ComponentDescription& component : description.components) {
    TAILOR_TRY_ASSIGN(Bytes id,
                      encode(kManifestRoom, [&](cbor::Writer& writer) { put_component(writer, component.id); }));
    ids.push_back(std::move(id));
  }
  std::sort(ids.begin(), ids.end());
  const size_t described = present(of_component) > 0 ? ids.size() : 0;
  return encode(kManifestRoom + text_bytes(text), [&](cbor::Writer& writer) {
    writer.put_map(1).put_text(text.language).put_map(present(of_manifest) + described);
    put(writer, of_manifest);
    for (size_t i = 0; i < described; ++i) {
      writer.put_encoded(ids[i]).put_map(present(of_component));
      put(writer, of_component);
    }
  });
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
      if (description.components[other].id == component.id) return refuse(name + " stands twice");
      if (component.payload && description.components[other].uri == component.uri)
        return refuse(component.uri + " stands twice");
    }
  }
  if (!description.install && !description.validate && !description.invoke)
    return refuse("a manifest without sections");
  if (description.text && description.text->language.empty()) return refuse("texts need a language");
  return kOk;
}

/// A SUIT_Digest over a byte string with its head.
Outcome<Bytes> digest_of_item(ByteView content) {
  TAILOR_TRY_ASSIGN(const Bytes item, encode(content.size() + cbor::kMaxHeadBytes,
                                             [&](cbor::Writer& writer) { writer.put_bytes(content); }));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(item), "digest"));
  return encode(suit::kDigestBytes, [&](cbor::Writer& writer) { suit::put_digest(writer, digest); });
}

/// The manifest; `text_digest` stands for the severed text.
Outcome<Bytes> encode_manifest(const ManifestDescription& description, const Bytes& text_digest) {
  Bytes validate, invoke, install;
  TAILOR_TRY_ASSIGN(const Bytes common, common_block(description));
  if (description.validate) {
    TAILOR_TRY_ASSIGN(validate, validate_sequence(description));
  }
  if (description.invoke) {
    TAILOR_TRY_ASSIGN(invoke, invoke_sequence(description));
  }
  if (description.install) {
    TAILOR_TRY_ASSIGN(install, install_sequence(description));
  }
  const size_t pairs = 3U + (description.reference_uri.empty() ? 0U : 1U) + (validate.empty() ? 0U : 1U) +
                       (invoke.empty() ? 0U : 1U) + (install.empty() ? 0U : 1U) + (text_digest.empty() ? 0U : 1U);
  return encode(kManifestRoom * 3 + description.reference_uri.size(), [&](cbor::Writer& writer) {
    writer.put_map(pairs).put_int(manifest_key::kVersion).put_unsigned(suit::kManifestVersion);
    writer.put_int(manifest_key::kSequenceNumber).put_unsigned(description.sequence_number);
    writer.put_int(manifest_key::kCommon).put_bytes(common);
    if (!description.reference_uri.empty()) {
      writer.put_int(manifest_key::kReferenceUri).put_text(description.reference_uri);
    }
    if (!validate.empty()) writer.put_int(manifest_key::kValidate).put_bytes(validate);
    if (!invoke.empty()) writer.put_int(manifest_key::kInvoke).put_bytes(invoke);
    if (!install.empty()) writer.put_int(manifest_key::kInstall).put_bytes(install);
    if (!text_digest.empty()) writer.put_int(manifest_key::kText).put_encoded(text_digest);
  });
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
  Bytes text, text_digest;
  if (description.text) {
    TAILOR_TRY_ASSIGN(text, text_member(description));
    TAILOR_TRY_ASSIGN(text_digest, digest_of_item(text));
  }
  TAILOR_TRY_ASSIGN(const Bytes manifest, encode_manifest(description, text_digest));
  if (manifest.size() > limits::kManifestBytes) {
    return fail(Error::kManifestTooLarge, "the manifest has " + std::to_string(manifest.size()) +
                                              " bytes; devices hold " + std::to_string(limits::kManifestBytes));
  }
  TAILOR_TRY_ASSIGN(const Bytes digest, digest_of_item(manifest));
  TAILOR_TRY_ASSIGN(const Bytes wrapper,
                    encode(digest.size() + 16, [&](cbor::Writer& writer) { writer.put_array(1).put_bytes(digest); }));

  // Integrated payloads are keyed by text and sorted as RFC 8949 4.2.1 says: shorter keys first, because their heads
  // are smaller, then by their characters.
  std::vector<const ComponentDescription*> payloads;
  size_t room = manifest.size() + text.size() + 256;
  for (const ComponentDescription& component : description.components) {
    if (!component.payload) continue;
    payloads.push_back(&component);
    room += component.payload->size() + component.uri.size() + 2 * cbor::kMaxHeadBytes;
  }
  std::sort(payloads.begin(), payloads.end(), [](const auto* a, const auto* b) {
    return a->uri.size() != b->uri.size() ? a->uri.size() < b->uri.size() : a->uri < b->uri;
  });
  return encode(room, [&](cbor::Writer& writer) {
    writer.put_tag(suit::kEnvelopeTag).put_map(2 + (text.empty() ? 0 : 1) + payloads.size());
    writer.put_int(suit::envelope_key::kAuthentication).put_bytes(wrapper);
    writer.put_int(suit::envelope_key::kManifest).put_bytes(manifest);
    if (!text.empty()) writer.put_int(manifest_key::kText).put_bytes(text);
    for (const ComponentDescription* component : payloads) {
      writer.put_text(component->uri).put_bytes(*component->payload);
    }
  });
}

}  // namespace tailor::authoring
