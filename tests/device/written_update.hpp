// SPDX-License-Identifier: Apache-2.0
// Updates whose commands a test writes itself: as many as it wants, each asking for a record, and a digest of any
// algorithm.
#pragma once

#include "authoring/model/manifest_model.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {

struct WrittenUpdate {
  size_t checks = 0;  ///< conditions before the fetch, each recorded
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::kSha256;
  UpdateSpec spec{};
};

/// The digest of an image with any algorithm.
[[nodiscard]] inline Bytes digest_of(ByteView image, crypto::HashAlgorithm algorithm) {
  Bytes digest(crypto::hash_bytes(algorithm));
  crypto::Hash hash(algorithm);
  EXPECT_TRUE(hash.update(image).ok());
  EXPECT_TRUE(hash.finish(digest).ok());
  return digest;
}

/// Its signed envelope. In the install section: parameters at offset 1, the checks, fetch, image match.
[[nodiscard]] inline Bytes envelope_of(World& world, const WrittenUpdate& update) {
  using namespace suit;
  const Bytes image = World::image_of(update.spec);
  const std::string uri = "/img/" + to_base64url(crypto::sha256(image).value());
  const Uuid vendor = vendor_id(update.spec.vendor);
  authoring::ManifestModel model;
  model.sequence_number = update.spec.sequence;
  model.components = {{update.spec.component}};
  model.shared.override_parameters(authoring::Parameters()
                                       .vendor(vendor)
                                       .device_class(class_id(vendor, update.spec.class_name))
                                       .image_digest({update.hash, digest_of(image, update.hash)})
                                       .image_size(image.size()));
  model.shared.command(command::kVendorIdentifier, 0).command(command::kClassIdentifier, 0);
  authoring::Sequence install, validate, invoke;
  install.override_parameters(authoring::Parameters().uri(uri));
  for (size_t i = 0; i < update.checks; ++i) install.command(command::kClassIdentifier, reporting::kRecordOnSuccess);
  install.command(command::kFetch, reporting::kRecordOnSuccess);
  install.command(command::kImageMatch, reporting::kRecordOnSuccess);
  validate.command(command::kImageMatch, reporting::kRecordOnFailure);
  invoke.command(command::kInvoke, 0);
  model.add(manifest_key::kInstall, install);
  model.add(manifest_key::kValidate, validate);
  model.add(manifest_key::kInvoke, invoke);
  return World::signed_envelope(authoring::encode_envelope(model, {}).value(), world.signer);
}

/// Both servers have its image, the first offers it.
inline void publish(World& world, const WrittenUpdate& update) {
  world.first.has_image(World::image_of(update.spec));
  world.second.has_image(World::image_of(update.spec));
  world.first.offers(envelope_of(world, update));
}

}  // namespace tailor::sim
