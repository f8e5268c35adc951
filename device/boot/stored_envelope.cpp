// SPDX-License-Identifier: Apache-2.0
// See stored_envelope.hpp.
#include "device/boot/stored_envelope.hpp"

#include <algorithm>

#include "core/cbor/reader.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::boot {

Result<ComponentKey> component_key(ByteView id) noexcept {
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, crypto::sha256(id));
  ComponentKey key;
  std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

Result<StoredEnvelope> StoredEnvelope::from_reader(ByteView buffer, const suit::AuthenticManifest& manifest) noexcept {
  const ByteView region = manifest.region();
  const bool inside = region.data() >= buffer.data() && region.data() + region.size() <= buffer.data() + buffer.size();
  if (!inside) return Error::kStateConflict;
  cbor::Reader reader(region);
  TAILOR_TRY(reader.take_bytes());
  return StoredEnvelope(buffer.first(static_cast<size_t>(region.data() - buffer.data())),
                        region.first(region.size() - reader.rest().size()));
}

StoredEnvelope StoredEnvelope::from_envelope(const suit::Envelope& envelope) noexcept {
  // The reader takes deterministic encoding only, so the wrapper's head is the shortest, right before its content.
  const ByteView content = envelope.authentication();
  uint8_t head[cbor::kMaxHeadBytes];
  const size_t head_bytes = cbor::encode_head(cbor::Type::kBytes, content.size(), head);
  return StoredEnvelope({content.data() - head_bytes, content.size() + head_bytes}, envelope.manifest_item());
}

bool StoredEnvelope::is(ByteView stored) const noexcept {
  for (const ByteView piece : pieces()) {
    if (stored.size() < piece.size() || !equal(stored.first(piece.size()), piece)) return false;
    stored = stored.subspan(piece.size());
  }
  return stored.empty();
}

}  // namespace tailor::boot
