// SPDX-License-Identifier: Apache-2.0
#include "testing/suit/author.hpp"

#include <stdexcept>

namespace tailor::testing {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(std::string(name_of(result.error())));
  return std::move(result).value();
}

}  // namespace

Octets sequence(const std::function<void(suit::SequenceWriter&)>& write) {
  Octets buffer(4096);
  suit::SequenceWriter writer(buffer);
  write(writer);
  const ByteView bytes = must(writer.finish());
  return Octets(bytes.begin(), bytes.end());
}

Octets component_id(uint8_t part) {
  return {0x81, 0x41, part};
}

Author::Author() : key_(must(crypto::generate_p256())), anchors_({must(crypto::public_key_of(key_))}) {}

Author& Author::components(uint8_t count) {
  components_ = count;
  return *this;
}

Author& Author::number(uint64_t sequence_number) {
  number_ = sequence_number;
  return *this;
}

Author& Author::shared(Octets sequence) {
  shared_ = std::move(sequence);
  return *this;
}

Author& Author::member(int64_t key, Octets sequence, bool severed) {
  members_.push_back({key, std::move(sequence), severed});
  return *this;
}

Author& Author::payload(std::string uri, Octets content) {
  payloads_.emplace_back(std::move(uri), std::move(content));
  return *this;
}

Octets Author::envelope() const {
  std::vector<Octets> ids;
  std::vector<suit::ComponentId> components;
  for (uint8_t i = 0; i < components_; ++i) ids.push_back(component_id(i));
  for (const Octets& id : ids) components.push_back(must(suit::decode_component_id(id)));
  std::vector<suit::ManifestMember> members;
  for (const Part& part : members_) members.push_back({part.key, part.content, part.severed});
  std::vector<suit::IntegratedPayload> payloads;
  for (const auto& [uri, content] : payloads_) payloads.push_back({uri, content});

  Octets buffer(16384);
  const ByteView manifest = must(suit::encode_manifest({number_, components, shared_, {}, members}, buffer));
  std::array<uint8_t, 256> block_buffer;
  const ByteView block[] = {must(suit::sign_manifest(manifest, key_, {}, block_buffer))};
  const suit::EnvelopeParts parts{manifest, block, members, payloads};
  Octets out(suit::envelope_bytes(parts));
  must(suit::encode_envelope(parts, out));
  return out;
}

}  // namespace tailor::testing
