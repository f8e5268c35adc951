// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/trust.hpp"

namespace tailor::boot::mapped {
namespace {

/// What a signer may do with the component.
struct Signer {
  uint8_t roles = 0;  ///< one bit
  Needs may;
};

struct Clause {
  uint32_t threshold = 1;
  uint32_t roles = 0xff;
};

/// Of both arguments, the parts of an identifier stand behind a head of one byte.
bool begins_with(ByteView component, ByteView prefix) noexcept {
  return component.size() >= prefix.size() && same(component.data() + 1, prefix.data() + 1, prefix.size() - 1);
}

/// The labels of an encoded array.
uint32_t read_labels(Reader& reader) noexcept {
  uint32_t labels = 0;
  for (uint32_t left = reader.count(Reader::kArray); left > 0; --left) {
    if (const uint32_t label = reader.label(); label < 32) labels |= 1U << label;
  }
  return labels;
}

/// Adds what an encoded array of rights allows with the component.
void read_rights(Reader& reader, ByteView component, Needs& may) noexcept {
  for (uint32_t left = reader.count(Reader::kArray); left > 0; --left) {
    uint32_t labels[2] = {UINT32_MAX, UINT32_MAX};
    ByteView prefix;
    Map map(reader);
    for (uint32_t key; map.next(key);) {
      if (key == 0) {
        prefix = reader.item();
      } else {
        labels[key == 1 ? 0 : 1] = read_labels(reader);
      }
    }
    if (prefix.empty() || !begins_with(component, prefix)) continue;
    may.commands |= labels[0];
    may.parameters |= labels[1];
  }
}

}  // namespace

Status Trust::open(const Scheme& scheme, ByteView bundle, ByteView sealed) noexcept {
  scheme_ = &scheme;
  Reader reader(bundle);
  Map map(reader);
  for (uint32_t key; map.next(key);) {
    const ByteView item = reader.item();
    const uint8_t* const identifier = item.data() + 1;
    const bool is_identifier = item.size() == 17;
    if (key == 1 && is_identifier) device_ = identifier;
    if (key == 2 && is_identifier) vendor_ = identifier;
    if (key == 3 && is_identifier) class_ = identifier;
    if (key == 6) anchor_ = item;
  }
  reader.require(device_ != nullptr && vendor_ != nullptr && class_ != nullptr, Error::kMissingKey);
  TAILOR_TRY(reader.finished());

  Sign1 message;
  TAILOR_TRY(message.read(sealed));
  if (message.algorithm != scheme.algorithm) return Error::kAlgorithmUnsupported;
  TAILOR_TRY(message.verify(scheme, anchor_, message.payload_item));
  Reader document(Reader(message.payload_item).bytes());
  Map fields(document);
  for (uint32_t key; fields.next(key);) {
    const ByteView item = document.item();
    if (key == 0 && (item.size() != 1 || item[0] != 2)) return Error::kUnsupportedVersion;
    if (key == 2) signers_ = item;
    if (key == 8) policies_ = item;
  }
  return document.finished();
}

const uint8_t* Trust::identifier(uint32_t label) const noexcept {
  return label == 1 ? vendor_ : label == 2 ? class_ : device_;
}

ByteView Trust::key(unsigned nth) const noexcept {
  Reader reader(signers_);
  const uint32_t count = reader.count(Reader::kArray);
  if (nth >= count) return nth == count ? anchor_ : ByteView{};
  for (;;) {
    reader.count(Reader::kMap);
    reader.label();
    const ByteView key = reader.item();
    if (nth-- == 0) return key;
    for (unsigned left = 4; left > 0; --left) reader.item();
  }
}

// Not inlined, as some others here: what one step keeps on the stack is gone in the next.
[[gnu::noinline]] Status Trust::check_permitted(SignerSet signed_by, ByteView component,
                                                const Needs& needs) const noexcept {
  if (signed_by == 0) return Error::kSignerUnknown;
  Signer signers[limits::kTrustSigners];
  Clause clauses[limits::kTrustClauses];
  Reader reader(signers_);
  const uint32_t signer_count = reader.count(Reader::kArray);
  reader.require(signer_count <= limits::kTrustSigners, Error::kValueOutOfRange);
  for (uint32_t i = 0; i < signer_count && reader.ok(); ++i) {
    reader.count(Reader::kMap);
    reader.label();
    reader.item();
    reader.label();
    const uint32_t role = reader.number();
    reader.label();
    Needs may;
    read_rights(reader, component, may);
    if ((signed_by >> i & 1U) == 0) continue;
    signers[i].roles = static_cast<uint8_t>(1U << (role & 7U));
    signers[i].may = may;
  }
  TAILOR_TRY(reader.finished());

  unsigned clause_count = 1;
  size_t longest = 0;
  reader.take_up(policies_);
  for (uint32_t left = reader.count(Reader::kArray); left > 0; --left) {
    reader.count(Reader::kMap);
    reader.label();
    const ByteView prefix = reader.item();
    reader.label();
    if (!begins_with(component, prefix) || prefix.size() <= longest) {
      reader.item();
      continue;
    }
    longest = prefix.size();
    clause_count = reader.count(Reader::kArray);
    reader.require(clause_count <= limits::kTrustClauses, Error::kValueOutOfRange);
    for (unsigned i = 0; i < clause_count && reader.ok(); ++i) {
      reader.count(Reader::kArray);
      clauses[i].threshold = reader.number();
      clauses[i].roles = read_labels(reader);
    }
  }
  TAILOR_TRY(reader.finished());

  for (unsigned i = 0; i < clause_count; ++i) {
    for (unsigned label = 0; label < 32; ++label) {
      uint32_t commands = 0, parameters = 0;
      for (const Signer& signer : signers) {
        if ((signer.roles & clauses[i].roles) == 0) continue;
        commands += signer.may.commands >> label & 1U;
        parameters += signer.may.parameters >> label & 1U;
      }
      const bool enough = ((needs.commands >> label & 1U) == 0 || commands >= clauses[i].threshold) &&
                          ((needs.parameters >> label & 1U) == 0 || parameters >= clauses[i].threshold);
      if (!enough) return Error::kSignerNotPermitted;
    }
  }
  return kOk;
}

}  // namespace tailor::boot::mapped
