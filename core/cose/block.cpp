// SPDX-License-Identifier: Apache-2.0
#include "core/cose/block.hpp"

namespace tailor::cose {
namespace {

/// Algorithms that this build verifies.
struct AlgorithmRow {
  int8_t algorithm;
  KeyKind kind;
  bool legacy;
};
constexpr AlgorithmRow kAlgorithms[] = {
#if TAILOR_COSE_ESP256
    {algorithm::kEsp256, KeyKind::kP256, false},     {algorithm::kEs256, KeyKind::kP256, true},
#endif
#if TAILOR_COSE_ED25519
    {algorithm::kEd25519, KeyKind::kEd25519, false}, {algorithm::kEdDsa, KeyKind::kEd25519, true},
#endif
#if TAILOR_COSE_HSS_LMS
    {algorithm::kHssLms, KeyKind::kHssLms, false},
#endif
#if TAILOR_COSE_MAC
    {algorithm::kHmac256, KeyKind::kHmac256, false},
#endif
};

constexpr bool is_mac(Structure structure) noexcept {
  return options::kMac && (structure == Structure::kMac0 || structure == Structure::kMac);
}

/// Whether it has several signers or recipients.
constexpr bool is_list(Structure structure) noexcept {
  return (options::kSign && structure == Structure::kSign) || (options::kMac && structure == Structure::kMac);
}

bool is_built_in(uint64_t tag) noexcept {
  return tag == static_cast<uint64_t>(Structure::kSign1) ||
         (options::kSign && tag == static_cast<uint64_t>(Structure::kSign)) ||
         (options::kMac &&
          (tag == static_cast<uint64_t>(Structure::kMac0) || tag == static_cast<uint64_t>(Structure::kMac)));
}

/// Sets what the algorithm that authenticates the payload means.
Status set_algorithm(const Headers& headers, const VerificationPolicy& policy, Claim& claim) noexcept {
  if (!headers.algorithm_is_protected || headers.algorithm == 0) return Error::kCoseUnsupported;
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.algorithm != headers.algorithm) continue;
    const bool fits = is_mac(claim.structure) == (row.kind == KeyKind::kHmac256);
    if (!fits || (row.legacy && !policy.legacy_algorithms)) break;
    claim.algorithm = headers.algorithm;
    claim.kind = row.kind;
    return kOk;
  }
  return Error::kAlgorithmUnsupported;
}

#if TAILOR_COSE_SIGN || TAILOR_COSE_MAC
/// Takes a COSE_Signature or a COSE_recipient: headers and a byte string.
Status take_entry(ByteView entry, Headers& headers, ByteView& content) noexcept {
  cbor::Reader reader(entry);
  reader.require(reader.array() == 3, Error::kCoseUnsupported);
  read_headers(reader, headers);
  reader.bytes(content);
  return reader.status();
}

/// Takes a COSE_recipient that says which key the tag was made with.
Status take_recipient(const Headers& headers, ByteView wrapped, bool is_only, Claim& claim) noexcept {
  // Both ways have nothing to protect, and a direct key is for one recipient (RFC 9052 8.5.1, 8.5.2).
  if (!headers.protected_content.empty()) return Error::kCoseUnsupported;
  claim.key_id = headers.key_id;
  if (headers.algorithm == algorithm::kDirect)
    return is_only && wrapped.empty() ? kOk : Status(Error::kCoseUnsupported);
  if (!algorithm::is_key_wrap(headers.algorithm)) return Error::kAlgorithmUnsupported;
  claim.kind = KeyKind::kAesKw;
  claim.algorithm = headers.algorithm;
  claim.wrapped_key = wrapped;
  return kOk;
}
#endif

}  // namespace

Status decode_block(ByteView bytes, Block& block) noexcept {
  cbor::Reader reader(bytes);
  const uint64_t tag = reader.tag();
  reader.require(is_built_in(tag), Error::kCoseUnsupported);
  block = Block{};
  block.structure = static_cast<Structure>(tag);
  const bool has_tag_and_entries = options::kMac && block.structure == Structure::kMac;
  reader.require(reader.array() == (has_tag_and_entries ? 5U : 4U), Error::kCoseUnsupported);
  read_headers(reader, block.headers);
  block.detached = reader.next_is_null();
  if (block.detached) {
    reader.null();
  } else {
    reader.bytes(block.payload);
  }
  if (!options::kSign || block.structure != Structure::kSign) reader.bytes(block.authenticator);
  if (is_list(block.structure)) {
    block.entry_count = reader.array();
    reader.require(block.entry_count != 0 && block.entry_count <= kMaxEntries, Error::kCoseUnsupported);
    block.entries = reader.rest();
    for (size_t i = 0; i < block.entry_count; ++i) reader.item();
  }
  return reader.finished();
}

Claims::Claims(const Block& block, const VerificationPolicy& policy) noexcept
    : block_(block), policy_(policy), entries_(block.entries), left_(block.entry_count == 0 ? 1 : block.entry_count) {}

Status Claims::next(Claim& claim) noexcept {
  --left_;
  claim = Claim{};
  claim.structure = block_.structure;
  claim.body_protected = block_.headers.protected_content;
  claim.key_id = block_.headers.key_id;
  claim.authenticator = block_.authenticator;
#if TAILOR_COSE_SIGN || TAILOR_COSE_MAC
  if (is_list(block_.structure)) {
    // The item is taken first, so that a claim that is not understood does not hide the next one.
    ByteView entry, content;
    Headers headers;
    entries_.item(entry);
    const bool is_signature = options::kSign && block_.structure == Structure::kSign;
    if (!is_signature) TAILOR_TRY(set_algorithm(block_.headers, policy_, claim));
    TAILOR_TRY(take_entry(entry, headers, content));
    if (!is_signature) return take_recipient(headers, content, block_.entry_count == 1, claim);
    claim.authenticator = content;
    claim.signer_protected = headers.protected_content;
    claim.key_id = headers.key_id;
    return set_algorithm(headers, policy_, claim);
  }
#endif
  return set_algorithm(block_.headers, policy_, claim);
}

}  // namespace tailor::cose
