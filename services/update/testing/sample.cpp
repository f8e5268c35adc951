// SPDX-License-Identifier: Apache-2.0
// See sample.hpp. Manifests are put together item by item here, apart from the project's encoder, so that the server is
// also tested with what that encoder would not write.
#include "services/update/testing/sample.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/sign1.hpp"
#include "core/suit/labels.hpp"

namespace tailor::update_server::testing {
namespace {

namespace sc = suit::command;
namespace sp = suit::parameter;

Bytes finish(const cbor::Writer& writer) {
  const ByteView bytes = writer.finish().value();
  return {bytes.begin(), bytes.end()};
}

Bytes encoded_digest(ByteView content) {
  Bytes room(64);
  cbor::Writer writer(room);
  writer.put_array(2).put_int(suit::digest_algorithm::kSha256).put_bytes(crypto::sha256(content).value());
  return finish(writer);
}

Bytes as_byte_string(ByteView content) {
  Bytes room(content.size() + 16);
  cbor::Writer writer(room);
  writer.put_bytes(content);
  return finish(writer);
}

Bytes shared_sequence(const EnvelopeSpec& spec) {
  Bytes room(1024);
  cbor::Writer w(room);
  w.put_array(6);
  w.put_int(sc::kOverrideParameters).put_map(4);
  w.put_int(sp::kVendorIdentifier).put_bytes(spec.vendor.view());
  w.put_int(sp::kClassIdentifier).put_bytes(spec.device_class.view());
  w.put_int(sp::kImageDigest).put_bytes(encoded_digest(spec.image));
  w.put_int(sp::kImageSize).put_unsigned(spec.image.size());
  w.put_int(sc::kVendorIdentifier).put_unsigned(suit::reporting::kAll);
  w.put_int(sc::kClassIdentifier).put_unsigned(suit::reporting::kAll);
  return finish(w);
}

Bytes install_sequence(const EnvelopeSpec& spec) {
  const std::string uri = spec.integrated ? "#image" : spec.uri.empty() ? image_uri(spec.image) : spec.uri;
  Bytes room(1024);
  cbor::Writer w(room);
  w.put_array(6);
  w.put_int(sc::kOverrideParameters).put_map(1).put_int(sp::kUri).put_text(uri);
  w.put_int(sc::kFetch).put_unsigned(suit::reporting::kRecordOnFailure);
  w.put_int(sc::kImageMatch).put_unsigned(suit::reporting::kAll);
  return finish(w);
}

Bytes manifest(const EnvelopeSpec& spec, const Bytes& install) {
  Bytes common_room(1200);
  cbor::Writer common(common_room);
  const uint8_t zero[] = {0x00};
  common.put_map(2);
  common.put_int(suit::common_key::kComponents).put_array(1).put_array(1).put_bytes(zero);
  common.put_int(suit::common_key::kSharedSequence).put_bytes(shared_sequence(spec));

  Bytes validate_room(64);
  cbor::Writer validate(validate_room);
  validate.put_array(2).put_int(sc::kImageMatch).put_unsigned(suit::reporting::kAll);

  Bytes room(4096);
  cbor::Writer w(room);
  w.put_map(5);
  w.put_int(suit::manifest_key::kVersion).put_unsigned(1);
  w.put_int(suit::manifest_key::kSequenceNumber).put_unsigned(spec.sequence_number);
  w.put_int(suit::manifest_key::kCommon).put_bytes(finish(common));
  w.put_int(suit::manifest_key::kValidate).put_bytes(finish(validate));
  w.put_int(suit::manifest_key::kInstall);
  if (spec.sever_install) {
    w.put_encoded(encoded_digest(as_byte_string(install)));
  } else {
    w.put_bytes(install);
  }
  return finish(w);
}

}  // namespace

Uuid id_of(uint8_t number) {
  Uuid id = Uuid::from_text("6f0c1d2e-3b4a-4c5d-8e6f-708192a3b400").value();
  id.bytes[15] = number;
  return id;
}

Digest digest_of_byte(uint8_t byte) {
  Digest digest;
  digest.fill(byte);
  return digest;
}

Device device(uint8_t number) {
  Device device;
  device.tenant = "default";
  device.id = id_of(number);
  device.vendor = kVendor;
  device.device_class = kClass;
  device.components = {{{{0x00}}, 1, digest_of_byte(1), 1000, "1.0"}};
  device.registered_at_ms = kNow;
  device.last_seen_ms = kNow;
  return device;
}

crypto::P256PrivateKey signing_key(uint8_t number) {
  std::array<uint8_t, 32> scalar{};
  scalar.fill(number);
  return crypto::P256PrivateKey(scalar);
}

crypto::P256PublicKey public_key(uint8_t number) {
  return crypto::public_key_of(signing_key(number)).value();
}

std::string image_uri(ByteView image) {
  return "/img/" + to_base64url(crypto::sha256(image).value());
}

Bytes envelope(const EnvelopeSpec& spec) {
  const Bytes install = install_sequence(spec);
  const Bytes manifest_item = as_byte_string(manifest(spec, install));
  const Bytes digest = encoded_digest(manifest_item);

  Bytes block_room(256);
  Bytes authentication_room(512);
  cbor::Writer authentication(authentication_room);
  authentication.put_array(spec.sign ? 2 : 1).put_bytes(digest);
  if (spec.sign) {
    cose::SignOptions options;
    options.detached = true;
    authentication.put_bytes(cose::sign1(digest, signing_key(spec.key), options, block_room).value());
  }

  Bytes room(manifest_item.size() + spec.image.size() + 2048);
  cbor::Writer w(room);
  w.put_tag(suit::kEnvelopeTag).put_map(2U + (spec.sever_install ? 1U : 0U) + (spec.integrated ? 1U : 0U));
  w.put_int(suit::envelope_key::kAuthentication).put_bytes(finish(authentication));
  w.put_int(suit::envelope_key::kManifest).put_encoded(manifest_item);
  if (spec.sever_install) w.put_int(suit::manifest_key::kInstall).put_bytes(install);
  if (spec.integrated) w.put_text("#image").put_bytes(spec.image);
  return finish(w);
}

}  // namespace tailor::update_server::testing
