// SPDX-License-Identifier: Apache-2.0
// See artifact_store.hpp.
#include "services/update/store/artifact_store.hpp"

#include "services/update/store/facts_codec.hpp"

namespace tailor::update_server {
namespace {

using store::Params;
using store::Row;
using store::RowReader;
using store::Rows;

constexpr const char* kManifestColumns =
    "SELECT facts, envelope_digest, envelope_bytes, uploaded_by, uploaded_at_ms "
    "FROM manifest WHERE tenant = ?";
constexpr const char* kImageColumns =
    "SELECT digest, size_bytes, uploaded_by, uploaded_at_ms FROM image "
    "WHERE tenant = ?";

Outcome<KeptManifest> manifest_from(const Row& row) {
  RowReader reader(row);
  KeptManifest kept;
  const std::string facts = reader.text();
  const std::string envelope = reader.text();
  kept.manifest.envelope_bytes = static_cast<uint64_t>(reader.integer());
  kept.manifest.uploaded_by = reader.text();
  kept.manifest.uploaded_at_ms = reader.integer();
  TAILOR_TRY(reader.finish());
  TAILOR_TRY_ASSIGN(kept.manifest.facts, facts_from_text(facts));
  TAILOR_TRY_ASSIGN(kept.envelope_digest, digest_from_text(envelope));
  return kept;
}

Outcome<Image> image_from(const Row& row) {
  RowReader reader(row);
  Image image;
  const std::string digest = reader.text();
  image.size_bytes = static_cast<uint64_t>(reader.integer());
  image.uploaded_by = reader.text();
  image.uploaded_at_ms = reader.integer();
  TAILOR_TRY(reader.finish());
  TAILOR_TRY_ASSIGN(image.digest, digest_from_text(digest));
  return image;
}

/// Runs a keyset page over digests and decodes each row.
template <typename T>
Outcome<std::vector<T>> page(store::Session& session, const char* columns, const std::string& tenant,
                             const std::optional<Digest>& after, size_t limit, Outcome<T> (*decode)(const Row&)) {
  Params params = {tenant};
  std::string sql = columns;
  if (after) {
    sql += " AND digest > ?";
    params.emplace_back(digest_text(*after));
  }
  params.emplace_back(static_cast<int64_t>(limit));
  TAILOR_TRY_ASSIGN(const Rows rows, session.query(sql + " ORDER BY digest LIMIT ?", params));
  std::vector<T> items;
  for (const Row& row : rows) {
    TAILOR_TRY_ASSIGN(T item, decode(row));
    items.push_back(std::move(item));
  }
  return items;
}

template <typename T>
Outcome<std::optional<T>> one(store::Session& session, const char* columns, const std::string& tenant,
                              const Digest& digest, Outcome<T> (*decode)(const Row&)) {
  TAILOR_TRY_ASSIGN(const std::optional<Row> row,
                    session.find(std::string(columns) + " AND digest = ?", {tenant, digest_text(digest)}));
  if (!row) return std::optional<T>();
  TAILOR_TRY_ASSIGN(T item, decode(*row));
  return std::optional<T>(std::move(item));
}

}  // namespace

Outcome<void> ArtifactStore::put_manifest(const KeptManifest& kept) {
  const Manifest& manifest = kept.manifest;
  TAILOR_TRY(session_.execute(
      "INSERT INTO manifest (tenant, digest, sequence_number, facts, envelope_digest, envelope_bytes, uploaded_by, "
      "uploaded_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, digest) DO UPDATE SET "
      "facts = excluded.facts, envelope_digest = excluded.envelope_digest, envelope_bytes = excluded.envelope_bytes",
      {tenant_, digest_text(manifest.facts.digest), store::hex_u64(manifest.facts.sequence_number),
       facts_to_text(manifest.facts), digest_text(kept.envelope_digest), static_cast<int64_t>(manifest.envelope_bytes),
       manifest.uploaded_by, manifest.uploaded_at_ms}));
  return kOk;
}

Outcome<std::optional<KeptManifest>> ArtifactStore::find_manifest(const Digest& digest) {
  return one<KeptManifest>(session_, kManifestColumns, tenant_, digest, manifest_from);
}

Outcome<std::vector<KeptManifest>> ArtifactStore::list_manifests(const std::optional<Digest>& after, size_t limit) {
  return page<KeptManifest>(session_, kManifestColumns, tenant_, after, limit, manifest_from);
}

Outcome<void> ArtifactStore::put_image(const Image& image) {
  TAILOR_TRY(session_.execute(
      "INSERT INTO image (tenant, digest, size_bytes, uploaded_by, uploaded_at_ms) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (tenant, digest) DO NOTHING",
      {tenant_, digest_text(image.digest), static_cast<int64_t>(image.size_bytes), image.uploaded_by,
       image.uploaded_at_ms}));
  return kOk;
}

Outcome<std::optional<Image>> ArtifactStore::find_image(const Digest& digest) {
  return one<Image>(session_, kImageColumns, tenant_, digest, image_from);
}

Outcome<std::vector<Image>> ArtifactStore::list_images(const std::optional<Digest>& after, size_t limit) {
  return page<Image>(session_, kImageColumns, tenant_, after, limit, image_from);
}

}  // namespace tailor::update_server
