// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encoder/envelope_encoder.hpp"

#include "core/suit/digest.hpp"
#include "core/suit/envelope.hpp"

namespace tailor::suit {
namespace {

void put_envelope(cbor::Writer& writer, const EnvelopeParts& parts, ByteView signed_digest) noexcept {
  size_t severed = 0;
  for (const ManifestMember& member : parts.members) severed += member.severed ? 1 : 0;
  writer.put_tag(kEnvelopeTag).put_map(2 + severed + parts.payloads.size());
  writer.put_int(envelope_key::kAuthentication);
  const size_t wrapper = writer.open();
  writer.put_array(1 + parts.authentication_blocks.size()).put_bytes(signed_digest);
  for (const ByteView block : parts.authentication_blocks) writer.put_bytes(block);
  writer.close_bytes(wrapper);
  writer.put_int(envelope_key::kManifest).put_bytes(parts.manifest);
  for (const ManifestMember& member : parts.members) {
    if (member.severed) writer.put_int(member.key).put_bytes(member.content);
  }
  for (const IntegratedPayload& payload : parts.payloads) writer.put_text(payload.uri).put_bytes(payload.content);
}

bool stands_before(std::string_view a, std::string_view b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

Result<ByteView> encode_signed_digest(ByteView manifest, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, digest_of_item(manifest));
  cbor::Writer writer(out);
  return put_digest(writer, digest).finish();
}

Result<ByteView> encode_envelope(const EnvelopeParts& parts, MutableBytes out) noexcept {
  for (size_t i = 1; i < parts.payloads.size(); ++i) {
    if (!stands_before(parts.payloads[i - 1].uri, parts.payloads[i].uri)) return Error::kCborNotCanonical;
  }
  std::array<uint8_t, kDigestBytes> digest;
  TAILOR_TRY_ASSIGN(const ByteView signed_digest, encode_signed_digest(parts.manifest, digest));
  cbor::Writer writer(out);
  put_envelope(writer, parts, signed_digest);
  return writer.finish();
}

size_t envelope_bytes(const EnvelopeParts& parts) noexcept {
  constexpr std::array<uint8_t, kDigestBytes> kAnyDigest{};
  cbor::Writer writer = cbor::Writer::measuring();
  put_envelope(writer, parts, kAnyDigest);
  return writer.size();
}

Result<ByteView> sign_manifest(ByteView manifest, const crypto::P256PrivateKey& key, ByteView key_id,
                               MutableBytes out) noexcept {
  std::array<uint8_t, kDigestBytes> digest;
  TAILOR_TRY_ASSIGN(const ByteView signed_digest, encode_signed_digest(manifest, digest));
  cose::SignOptions options;
  options.key_id = key_id;
  options.detached = true;
  return cose::sign1(signed_digest, key, options, out);
}

Result<ByteView> add_authentication_block(ByteView envelope, ByteView block, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const Envelope parsed, Envelope::from_bytes(envelope));
  cbor::Reader blocks(parsed.authentication());
  TAILOR_TRY_ASSIGN(const size_t count, blocks.take_array());
  if (count > limits::kAuthenticationBlocks) return Error::kValueOutOfRange;
  cbor::Reader reader(envelope);
  TAILOR_TRY(reader.take_tag());
  TAILOR_TRY_ASSIGN(const size_t members, reader.take_map());
  cbor::Writer writer(out);
  writer.put_tag(kEnvelopeTag).put_map(members).put_int(envelope_key::kAuthentication);
  const size_t wrapper = writer.open();
  writer.put_array(count + 1).put_encoded(blocks.rest()).put_bytes(block).close_bytes(wrapper);
  TAILOR_TRY(reader.take_int());
  TAILOR_TRY(reader.take_bytes());
  return writer.put_encoded(reader.rest()).finish();
}

}  // namespace tailor::suit
