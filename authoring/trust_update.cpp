// SPDX-License-Identifier: Apache-2.0
#include "authoring/trust_update.hpp"

#include "authoring/manifest.hpp"
#include "core/base/limits.hpp"
#include "core/suit/encoder/envelope_encoder.hpp"
#include "core/trust/trust_policy.hpp"

namespace tailor::authoring {
namespace {

namespace command = suit::command;
namespace reporting = suit::reporting;

constexpr size_t kRoom = 1024;

template <typename Write>
Outcome<Bytes> encode(size_t room, const char* what, Write&& write) {
  Bytes buffer(room);
  TAILOR_TRY_ASSIGN(const ByteView written, with_context(write(MutableBytes(buffer)), what));
  buffer.resize(written.size());
  return buffer;
}

template <typename Append>
Outcome<Bytes> sequence(Append&& append) {
  return encode(kRoom, "command sequence", [&](MutableBytes out) {
    suit::SequenceWriter writer(out);
    append(writer);
    return writer.finish();
  });
}

}  // namespace

Outcome<Bytes> make_trust_update(const TrustUpdate& update, const crypto::P256PrivateKey& authority) {
  if (update.sealed.empty() || update.sealed.size() > limits::kTrustStoreBytes) {
    return fail(Error::kValueOutOfRange, "no trust store that devices would keep");
  }
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(update.sealed), "digest"));
  const std::string uri = update.integrated ? "#trust" : image_uri(digest);
  TAILOR_TRY_ASSIGN(const Bytes shared, sequence([&](suit::SequenceWriter& writer) {
                      writer.override_parameters({.vendor = update.vendor,
                                                  .device_class = update.device_class,
                                                  .digest = digest,
                                                  .image_size = update.sealed.size()});
                      if (update.vendor) writer.command(command::kVendorIdentifier, reporting::kAll);
                      if (update.device_class) writer.command(command::kClassIdentifier, reporting::kAll);
                    }));
  TAILOR_TRY_ASSIGN(const Bytes install, sequence([&](suit::SequenceWriter& writer) {
                      writer.override_parameters({.uri = uri});
                      writer.command(command::kFetch, reporting::kRecordOnFailure);
                      writer.command(command::kImageMatch, reporting::kAll);
                    }));
  TAILOR_TRY_ASSIGN(const Bytes validate, sequence([](suit::SequenceWriter& writer) {
                      writer.command(command::kImageMatch, reporting::kAll);
                    }));
  const suit::ManifestMember members[] = {{.key = suit::manifest_key::kValidate, .content = validate, .severed = false},
                                          {.key = suit::manifest_key::kInstall, .content = install, .severed = false}};
  TAILOR_TRY_ASSIGN(const suit::ComponentId id,
                    with_context(suit::decode_component_id(trust::kTrustComponent), "component identifier"));
  const suit::ManifestParts parts{.sequence_number = update.sequence_number,
                                  .components = std::span(&id, 1),
                                  .shared_sequence = shared,
                                  .reference_uri = {},
                                  .members = members};
  TAILOR_TRY_ASSIGN(const Bytes manifest,
                    encode(4 * kRoom, "manifest", [&](MutableBytes out) { return suit::encode_manifest(parts, out); }));
  const suit::IntegratedPayload payload{.uri = uri, .content = update.sealed};
  const suit::EnvelopeParts envelope{
      .manifest = manifest,
      .authentication_blocks = {},
      .members = members,
      .payloads = update.integrated ? std::span(&payload, 1) : std::span<const suit::IntegratedPayload>()};
  TAILOR_TRY_ASSIGN(const Bytes unsigned_envelope,
                    encode(suit::envelope_bytes(envelope), "envelope",
                           [&](MutableBytes out) { return suit::encode_envelope(envelope, out); }));
  return sign_envelope(unsigned_envelope, authority, KeyId::kThumbprint);
}

}  // namespace tailor::authoring
