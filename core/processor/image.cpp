// SPDX-License-Identifier: Apache-2.0
#include "core/processor/image.hpp"

#include "core/processor/stored_envelope.hpp"

namespace tailor::processor {
namespace {

using suit::parameter::kImageDigest;
using suit::parameter::kImageSize;

#if TAILOR_SUIT_DEPENDENCIES
bool is_no_envelope(Error error) noexcept {
  return error <= Error::kValueOutOfRange || error == Error::kPayloadUnavailable;  // the format's own errors come first
}
#endif

/// Empty when the component should hold an envelope and does not: then nothing matches.
Result<ByteView> digest_of(Machine& machine, crypto::HashAlgorithm algorithm, MutableBytes out) noexcept {
#if TAILOR_SUIT_DEPENDENCIES
  if (machine.is_dependency()) {
    StoredMember manifest;
    const Status found = find_member(machine.component(), suit::envelope_key::kManifest, {}, manifest);
    if (!found.ok()) return is_no_envelope(found.error()) ? Result<ByteView>(ByteView{}) : found.error();
    return digest_by_reading(machine.component(), algorithm, out, manifest.item,
                             manifest.size + (manifest.content - manifest.item));
  }
#endif
  return machine.component().digest(algorithm, out);
}

}  // namespace

Status match_image(Machine& machine, bool& matches) noexcept {
  suit::Digest expected;
  matches = false;
  if (!machine.digest_parameter(expected)) return kOk;
  if (uint64_t size = 0; machine.number_parameter(kImageSize, size)) {
    TAILOR_TRY_ASSIGN(const uint32_t present, machine.component().size());
    machine.measured(kImageSize, uint64_t{present});
    if (size != present) return kOk;
  }
  std::array<uint8_t, crypto::kMaxHashBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView digest, digest_of(machine, expected.algorithm, buffer));
  machine.measured(kImageDigest, suit::Digest{digest, expected.algorithm});
  matches = equal(digest, expected.bytes);
  return kOk;
}

}  // namespace tailor::processor
