// SPDX-License-Identifier: Apache-2.0
// See manifest_reader.hpp.
#include "services/update/domain/manifest_reader.hpp"

#include <algorithm>
#include <map>

#include "core/suit/envelope.hpp"
#include "services/update/domain/sequence_walk.hpp"

namespace tailor::update_server {
namespace {

using Severed = std::map<int64_t, ByteView>;  ///< content of the members that stand beside the manifest

/// Checks the members behind the manifest and finds those that are command sequences.
Outcome<Severed> read_members(const suit::Envelope& envelope, const suit::Manifest& manifest, ManifestFacts& facts,
                              std::map<std::string, ByteView>& payloads) {
  Severed severed;
  for (suit::Envelope::Members members = envelope.members(); members.more();) {
    const Result<suit::EnvelopeMember> next = members.next();
    if (!next.ok()) return fail(next.error(), "envelope member");
    const suit::EnvelopeMember& member = next.value();
    if (member.key == 0) {
      facts.integrated.emplace_back(member.uri);
      payloads[std::string(member.uri)] = member.content;
      continue;
    }
    const suit::Member known = manifest.member(member.key);
    const bool severable = known.place == suit::Member::Place::kSevered;
    const Status held = severable ? suit::check_digest(known.digest(), member.item, Error::kSeveredDigestMismatch)
                                  : Status(Error::kSeveredDigestMismatch);
    if (!held.ok()) return fail(held.error(), "envelope member " + std::to_string(member.key));
    severed[member.key] = member.content;
  }
  return severed;
}

Outcome<void> check_integrated(const ManifestFacts& facts, const std::map<std::string, ByteView>& payloads) {
  for (const Payload& payload : facts.payloads) {
    if (!payload.uri.starts_with('#')) continue;
    const auto found = payloads.find(payload.uri);
    if (found == payloads.end()) return fail(Error::kMemberMissing, "payload " + payload.uri);
    if (payload.size_bytes && *payload.size_bytes != found->second.size()) {
      return fail(Error::kImageSizeMismatch, "payload " + payload.uri);
    }
    if (!payload.digest) continue;
    const suit::Digest digest{*payload.digest};
    const Status held = suit::check_digest(digest, found->second, Error::kImageDigestMismatch);
    if (!held.ok()) return fail(held.error(), "payload " + payload.uri);
  }
  return kOk;
}

Status read_components(const suit::Manifest& manifest, ManifestFacts& facts) {
  for (size_t i = 0; i < manifest.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView encoded, manifest.component(i));
    TAILOR_TRY_ASSIGN(const suit::ComponentId id, suit::decode_component_id(encoded));
    std::vector<Bytes>& parts = facts.components.emplace_back();
    for (const ByteView part : id) parts.emplace_back(part.begin(), part.end());
  }
  return kOk;
}

Outcome<void> read_sequences(const suit::Manifest& manifest, const Severed& severed, ManifestFacts& facts) {
  SequenceWalk walk(facts, manifest.component_count);
  const auto take = [&](ByteView sequence, const char* name) -> Outcome<void> {
    return sequence.empty() ? Outcome<void>(kOk) : with_context(walk.walk(sequence), name);
  };
  TAILOR_TRY(take(manifest.shared_sequence, "shared sequence"));
  constexpr std::pair<int64_t, const char*> kSections[] = {{suit::manifest_key::kPayloadFetch, "payload fetch"},
                                                           {suit::manifest_key::kInstall, "install"},
                                                           {suit::manifest_key::kValidate, "validate"}};
  for (const auto& [key, name] : kSections) {
    const suit::Member member = manifest.member(key);
    const auto beside = severed.find(key);
    const bool in_place = member.place == suit::Member::Place::kInPlace;
    TAILOR_TRY(take(in_place ? member.bytes : beside != severed.end() ? beside->second : ByteView(), name));
  }
  return kOk;
}

}  // namespace

SignerAnchors::SignerAnchors(std::vector<cose::VerificationKey> keys) {
  for (const cose::VerificationKey& key : keys) {
    const auto thumbprint = cose::thumbprint(key);
    if (thumbprint.ok()) entries_.push_back({key, Bytes(thumbprint.value().begin(), thumbprint.value().end())});
  }
}

const cose::VerificationKey* SignerAnchors::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const Entry& entry : entries_) {
    if (!key_id.empty() && !equal(entry.key_id, key_id)) continue;
    if (nth-- == 0) return &entry.key;
  }
  return nullptr;
}

Outcome<ManifestFacts> read_envelope(ByteView bytes, const SignerAnchors& signers) {
  const Result<suit::Envelope> envelope = suit::Envelope::from_bytes(bytes);
  if (!envelope.ok()) return fail(envelope.error(), "envelope");
  const auto authentic = suit::authenticate(envelope.value(), signers, suit::kStrict);
  // The digest was checked before the signers were asked for. Which algorithms they may use is for devices to say, too.
  const bool signers_are_devices_business =
      signers.empty() && !authentic.ok() &&
      (authentic.error() == Error::kSignerUnknown || authentic.error() == Error::kAlgorithmUnsupported);
  if (!authentic.ok() && !signers_are_devices_business) return fail(authentic.error(), "authentication wrapper");

  const Result<suit::Manifest> decoded = suit::decode_manifest(envelope.value().manifest());
  if (!decoded.ok()) return fail(decoded.error(), "manifest");
  const suit::Manifest& manifest = decoded.value();
  ManifestFacts facts;
  const Result<Digest> digest = crypto::sha256(envelope.value().manifest_item());
  if (!digest.ok()) return fail(digest.error(), "manifest digest");
  facts.digest = digest.value();
  facts.sequence_number = manifest.sequence_number;
  const Status components = read_components(manifest, facts);
  if (!components.ok()) return fail(components.error(), "components");
  std::map<std::string, ByteView> payloads;
  TAILOR_TRY_ASSIGN(const Severed severed, read_members(envelope.value(), manifest, facts, payloads));
  TAILOR_TRY(read_sequences(manifest, severed, facts));
  TAILOR_TRY(check_integrated(facts, payloads));
  return facts;
}

}  // namespace tailor::update_server
