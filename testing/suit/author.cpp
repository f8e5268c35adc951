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
  ids_.clear();
  for (uint8_t i = 0; i < count; ++i) ids_.push_back(component_id(i));
  return *this;
}

Author& Author::named(std::vector<Octets> ids) {
  ids_ = std::move(ids);
  return *this;
}

Author& Author::depends_on(uint64_t index, Octets prefix) {
  dependencies_.emplace_back(index, std::move(prefix));
  return *this;
}

Author& Author::kept_at(Octets id) {
  kept_at_ = std::move(id);
  return *this;
}

Author& Author::version(std::vector<int64_t> numbers) {
  version_ = std::move(numbers);
  return *this;
}

Author& Author::like(const Author& other) {
  key_ = other.key_;
  anchors_ = other.anchors_;
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
  const auto decode = [](const Octets& id) { return must(suit::decode_component_id(id)); };
  std::vector<suit::ComponentId> components;
  for (const Octets& id : ids_) components.push_back(decode(id));
  std::vector<suit::DependencyPart> dependencies;
  for (const auto& [index, prefix] : dependencies_) {
    dependencies.push_back({index, prefix.empty() ? suit::ComponentId{} : decode(prefix)});
  }
  std::vector<suit::ManifestMember> members;
  for (const Part& part : members_) members.push_back({part.key, part.content, part.severed});
  std::vector<suit::IntegratedPayload> payloads;
  for (const auto& [uri, content] : payloads_) payloads.push_back({uri, content});

  Octets buffer(16384);
  const ByteView manifest = must(suit::encode_manifest({number_,
                                                        components,
                                                        shared_,
                                                        {},
                                                        members,
                                                        dependencies,
                                                        kept_at_.empty() ? suit::ComponentId{} : decode(kept_at_),
                                                        version_},
                                                       buffer));
  std::array<uint8_t, 256> block_buffer;
  const ByteView block[] = {must(suit::sign_manifest(manifest, key_, {}, block_buffer))};
  const suit::EnvelopeParts parts{manifest, block, members, payloads};
  Octets out(suit::envelope_bytes(parts));
  must(suit::encode_envelope(parts, out));
  return out;
}

}  // namespace tailor::testing
