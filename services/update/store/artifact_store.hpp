// SPDX-License-Identifier: Apache-2.0
// Manifests and images of one tenant in one transaction: what is known of them. Their bytes are files
// (blob_folder.hpp).
#pragma once

#include "services/store/database.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// A manifest with the name of the file that holds its envelope.
struct KeptManifest {
  Manifest manifest;
  Digest envelope_digest{};
};

class ArtifactStore {
 public:
  ArtifactStore(store::Session& session, std::string tenant) : session_(session), tenant_(std::move(tenant)) {}

  /// Keeps a manifest; the same one again only replaces its envelope, which may carry another signature.
  [[nodiscard]] Outcome<void> put_manifest(const KeptManifest& kept);
  [[nodiscard]] Outcome<std::optional<KeptManifest>> find_manifest(const Digest& digest);
  [[nodiscard]] Outcome<std::vector<KeptManifest>> list_manifests(const std::optional<Digest>& after, size_t limit);

  /// Keeps an image; the same one again changes nothing.
  [[nodiscard]] Outcome<void> put_image(const Image& image);
  [[nodiscard]] Outcome<std::optional<Image>> find_image(const Digest& digest);
  [[nodiscard]] Outcome<std::vector<Image>> list_images(const std::optional<Digest>& after, size_t limit);

 private:
  store::Session& session_;
  std::string tenant_;
};

}  // namespace tailor::update_server
