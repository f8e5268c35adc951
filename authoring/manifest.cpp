// SPDX-License-Identifier: Apache-2.0
#include "authoring/manifest.hpp"

#include "authoring/compose.hpp"
#include "core/base/limits.hpp"

namespace tailor::authoring {

std::string image_uri(ByteView digest) {
  return "/img/" + to_base64url(digest);
}

Outcome<ComponentDescription> describe_image(ComponentParts id, Bytes image, std::string uri, bool integrated) {
  if (image.empty()) return fail(Error::kValueOutOfRange, "an empty image");
  ComponentDescription out;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, with_context(crypto::sha256(image), "digest"));
  out.digest = digest;
  out.size_bytes = image.size();
  out.uri = std::move(uri);
  if (out.uri.empty()) out.uri = integrated ? "#" + component_to_text(id) : image_uri(out.digest.bytes);
  out.id = std::move(id);
  if (integrated) out.payload = std::move(image);
  return out;
}

Outcome<Bytes> create_envelope(const ManifestDescription& description) {
  TAILOR_TRY_ASSIGN(const Composed composed, compose(description));
  TAILOR_TRY_ASSIGN(const Bytes manifest, composed.manifest.encode());
  if (manifest.size() > limits::kManifestBytes) {
    return fail(Error::kManifestTooLarge, "the manifest has " + std::to_string(manifest.size()) +
                                              " bytes; devices hold " + std::to_string(limits::kManifestBytes));
  }
  return encode_envelope(composed.manifest, composed.payloads);
}

}  // namespace tailor::authoring
