// SPDX-License-Identifier: Apache-2.0
#include "core/suit/envelope.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/suit/manifest.hpp"

namespace tailor::suit {

Result<EnvelopeMember> Envelope::Members::next() noexcept {
  EnvelopeMember member;
  if (reader_.next_is(cbor::Type::kText)) {
    TAILOR_TRY_ASSIGN(member.uri, reader_.take_text());
  } else {
    TAILOR_TRY_ASSIGN(member.key, reader_.take_int());
    if (!is_severable(member.key)) return Error::kUnknownKey;
  }
  TAILOR_TRY_ASSIGN(member.item, reader_.take_item());
  TAILOR_TRY_ASSIGN(member.content, cbor::Reader(member.item).take_bytes());
  return member;
}

ByteView Envelope::manifest() const noexcept {
  cbor::Reader reader(manifest_item_);
  const auto content = reader.take_bytes();
  return content.ok() ? *content : ByteView{};
}

Result<Envelope> Envelope::from_bytes(ByteView bytes, const Leniency& leniency) noexcept {
  cbor::Reader reader(bytes);
  if (!leniency.untagged_envelope || !reader.next_is(cbor::Type::kMap)) {
    if (!reader.at_end() && !reader.next_is(cbor::Type::kTag)) return Error::kEnvelopeUntagged;
    TAILOR_TRY_ASSIGN(const uint64_t tag, reader.take_tag());
    if (tag != kEnvelopeTag) return Error::kEnvelopeUntagged;
  }
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Envelope envelope;
  for (const int64_t expected : {envelope_key::kAuthentication, envelope_key::kManifest}) {
    if (!map.more()) return Error::kMissingKey;
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    if (key != expected) return key < expected ? Error::kUnknownKey : Error::kMissingKey;
    TAILOR_TRY_ASSIGN(envelope.manifest_item_, reader.take_item());
    TAILOR_TRY_ASSIGN(const ByteView content, cbor::Reader(envelope.manifest_item_).take_bytes());
    if (key == envelope_key::kAuthentication) envelope.authentication_ = content;
  }
  const ByteView before = reader.rest();
  while (map.more()) {
    TAILOR_TRY(map.next_key_item());
    TAILOR_TRY(reader.take_item());
  }
  envelope.members_ = before.first(before.size() - reader.rest().size());
  TAILOR_TRY(reader.finish());
  for (Members members = envelope.members(); members.more();) TAILOR_TRY(members.next());
  envelope.whole_ = true;
  return envelope;
}

}  // namespace tailor::suit
