// SPDX-License-Identifier: Apache-2.0
// ESP256 for boot programs; see sign1.hpp.
#include "core/crypto/p256.hpp"
#include "device/boot/mapped/sign1.hpp"

namespace tailor::boot::mapped {
namespace {

constexpr size_t kCoordinateBytes = 32;
/// {1: 2, -1: 1, -2: h'...', -3: h'...'} in deterministic encoding: what stands before each coordinate.
constexpr uint8_t kBeforeX[] = {0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20};
constexpr uint8_t kBeforeY[] = {0x22, 0x58, 0x20};
constexpr size_t kYAt = sizeof kBeforeX + kCoordinateBytes;

// By itself, so that the hash is gone from the stack when the curve needs it.
[[gnu::noinline]] Status hash(std::span<const ByteView> message, crypto::Sha256Digest& digest) noexcept {
  crypto::Hash running;
  for (const ByteView piece : message) TAILOR_TRY(running.update(piece));
  TAILOR_TRY(running.finish(digest));
  return kOk;
}

Status verify(ByteView cose_key, std::span<const ByteView> message, ByteView signature) noexcept {
  const bool is_p256 = cose_key.size() == kYAt + sizeof kBeforeY + kCoordinateBytes &&
                       same(cose_key.data(), kBeforeX, sizeof kBeforeX) &&
                       same(&cose_key[kYAt], kBeforeY, sizeof kBeforeY);
  if (!is_p256) return Error::kAlgorithmUnsupported;
  crypto::Sha256Digest digest;
  TAILOR_TRY(hash(message, digest));
  crypto::P256PublicKey key;
  crypto::P256Signature octets;
  if (signature.size() != octets.size()) return Error::kSignatureInvalid;
  std::memcpy(octets.data(), signature.data(), octets.size());
  std::memcpy(key.xy.data(), &cose_key[sizeof kBeforeX], kCoordinateBytes);
  std::memcpy(&key.xy[kCoordinateBytes], &cose_key[kYAt + sizeof kBeforeY], kCoordinateBytes);
  return crypto::verify_p256(key, digest, octets);
}

}  // namespace

constinit const Scheme kEsp256{Reader::kMinusOne + 8, verify};

}  // namespace tailor::boot::mapped
