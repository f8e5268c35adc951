// SPDX-License-Identifier: Apache-2.0
#include "core/suit/envelope.hpp"

#include "core/cbor/map_reader.hpp"
#include "core/suit/manifest.hpp"

namespace tailor::suit {

Result<EnvelopeMember> Envelope::Members::next() noexcept {
  EnvelopeMember member;
  if (reader_.next_is(cbor::Type::kText)) {
    member.uri = reader_.text();
  } else {
    member.key = reader_.label();
    reader_.require(is_severable(member.key), Error::kUnknownKey);
  }
  const uint8_t* const start = reader_.rest().data();
  reader_.bytes(member.content);
  TAILOR_TRY(reader_.status());
  member.item = {start, member.content.data() + member.content.size()};
  return member;
}

ByteView Envelope::manifest() const noexcept {
  return cbor::Reader(manifest_item_).bytes();
}

Result<Envelope> Envelope::from_bytes(ByteView bytes, const Leniency& leniency) noexcept {
  cbor::Reader reader(bytes);
  if (!leniency.untagged_envelope || !reader.next_is(cbor::Type::kMap)) {
    reader.require(reader.at_end() || reader.next_is(cbor::Type::kTag), Error::kEnvelopeUntagged);
    reader.require(reader.tag() == kEnvelopeTag, Error::kEnvelopeUntagged);
    TAILOR_TRY(reader.status());
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
