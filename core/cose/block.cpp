// SPDX-License-Identifier: Apache-2.0
#include "core/cose/block.hpp"

namespace tailor::cose {
namespace {

struct AlgorithmRow {
  int16_t algorithm;
  KeyKind kind;
  bool built_in, legacy;
};
constexpr AlgorithmRow kAlgorithms[] = {
    {algorithm::kEsp256, KeyKind::kP256, options::kEsp256, false},
    {algorithm::kEs256, KeyKind::kP256, options::kEsp256, true},
    {algorithm::kEd25519, KeyKind::kEd25519, options::kEd25519, false},
    {algorithm::kEdDsa, KeyKind::kEd25519, options::kEd25519, true},
    {algorithm::kHssLms, KeyKind::kHssLms, options::kHssLms, false},
    {algorithm::kHmac256, KeyKind::kHmac256, options::kMac, false},
};

constexpr bool is_mac(Structure structure) noexcept {
  return structure == Structure::kMac0 || structure == Structure::kMac;
}

/// Whether it has several signers or recipients.
constexpr bool is_list(Structure structure) noexcept {
  return (options::kSign && structure == Structure::kSign) || (options::kMac && structure == Structure::kMac);
}

bool is_built_in(uint64_t tag) noexcept {
  switch (tag) {
    case static_cast<uint64_t>(Structure::kSign1):
      return true;
    case static_cast<uint64_t>(Structure::kSign):
      return options::kSign;
    case static_cast<uint64_t>(Structure::kMac0):
    case static_cast<uint64_t>(Structure::kMac):
      return options::kMac;
    default:
      return false;
  }
}

/// Sets what the algorithm that authenticates the payload means.
Status set_algorithm(const Headers& headers, const VerificationPolicy& policy, Claim& claim) noexcept {
  if (!headers.algorithm_is_protected || headers.algorithm == 0) return Error::kCoseUnsupported;
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.algorithm != headers.algorithm) continue;
    const bool fits = is_mac(claim.structure) == (row.kind == KeyKind::kHmac256);
    if (!fits || !row.built_in || (row.legacy && !policy.legacy_algorithms)) break;
    claim.algorithm = headers.algorithm;
    claim.kind = row.kind;
    return kOk;
  }
  return Error::kAlgorithmUnsupported;
}

/// Takes a COSE_recipient that says which key the tag was made with.
Status take_recipient(cbor::Reader& reader, bool is_only, Claim& claim) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 3) return Error::kCoseUnsupported;
  Headers headers;
  TAILOR_TRY(take_headers(reader, headers));
  TAILOR_TRY_ASSIGN(const ByteView wrapped, reader.take_bytes());
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

/// Takes a COSE_Signature.
Status take_signature(cbor::Reader& reader, const VerificationPolicy& policy, Claim& claim) noexcept {
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 3) return Error::kCoseUnsupported;
  Headers headers;
  TAILOR_TRY(take_headers(reader, headers));
  TAILOR_TRY_ASSIGN(claim.authenticator, reader.take_bytes());
  claim.signer_protected = headers.protected_content;
  claim.key_id = headers.key_id;
  return set_algorithm(headers, policy, claim);
}

}  // namespace

Status decode_block(ByteView bytes, Block& block) noexcept {
  cbor::Reader reader(bytes);
  TAILOR_TRY_ASSIGN(const uint64_t tag, reader.take_tag());
  if (!is_built_in(tag)) return Error::kCoseUnsupported;
  block = Block{};
  block.structure = static_cast<Structure>(tag);
  const bool has_entries = is_list(block.structure);
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != (options::kMac && block.structure == Structure::kMac ? 5U : 4U)) return Error::kCoseUnsupported;
  TAILOR_TRY(take_headers(reader, block.headers));
  block.detached = reader.next_is_null();
  if (block.detached) {
    TAILOR_TRY(reader.take_null());
  } else {
    TAILOR_TRY_ASSIGN(block.payload, reader.take_bytes());
  }
  if (!options::kSign || block.structure != Structure::kSign) {
    TAILOR_TRY_ASSIGN(block.authenticator, reader.take_bytes());
  }
  if (has_entries) {
    TAILOR_TRY_ASSIGN(block.entry_count, reader.take_array());
    if (block.entry_count == 0 || block.entry_count > kMaxEntries) return Error::kCoseUnsupported;
    block.entries = reader.rest();
    for (size_t i = 0; i < block.entry_count; ++i) TAILOR_TRY(reader.take_item());
  }
  return reader.finish();
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
  if (!is_list(block_.structure)) return set_algorithm(block_.headers, policy_, claim);
  // The item is taken first, so that a claim that is not understood does not hide the next one.
  TAILOR_TRY_ASSIGN(const ByteView entry, entries_.take_item());
  cbor::Reader reader(entry);
  if (options::kSign && block_.structure == Structure::kSign) return take_signature(reader, policy_, claim);
  TAILOR_TRY(set_algorithm(block_.headers, policy_, claim));
  return take_recipient(reader, block_.entry_count == 1, claim);
}

}  // namespace tailor::cose
