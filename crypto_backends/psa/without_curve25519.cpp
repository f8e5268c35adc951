// SPDX-License-Identifier: Apache-2.0
// Ed25519 and X25519 where the backend has none: Mbed TLS 3.6 lacks the first. crypto_backends/sodium has both.
#include "core/crypto/curve25519.hpp"

namespace tailor::crypto {

Status verify_ed25519(const Ed25519PublicKey& /*key*/, ByteView /*message*/,
                      const Ed25519Signature& /*signature*/) noexcept {
  return Error::kAlgorithmUnsupported;
}
Result<Ed25519Signature> sign_ed25519(const Ed25519PrivateKey& /*key*/, ByteView /*message*/) noexcept {
  return Error::kAlgorithmUnsupported;
}
Result<Ed25519PrivateKey> generate_ed25519() noexcept {
  return Error::kAlgorithmUnsupported;
}
Result<Ed25519PublicKey> public_key_of(const Ed25519PrivateKey& /*key*/) noexcept {
  return Error::kAlgorithmUnsupported;
}
Status ecdh_x25519(const X25519PrivateKey& /*key*/, const X25519PublicKey& /*peer*/,
                   SharedSecret& /*secret*/) noexcept {
  return Error::kAlgorithmUnsupported;
}
Result<X25519PrivateKey> generate_x25519() noexcept {
  return Error::kAlgorithmUnsupported;
}
Result<X25519PublicKey> public_key_of(const X25519PrivateKey& /*key*/) noexcept {
  return Error::kAlgorithmUnsupported;
}

}  // namespace tailor::crypto
