// SPDX-License-Identifier: Apache-2.0
#include "core/report/sealed.hpp"

namespace tailor::report {
namespace {

Result<cose::Sign1> decode_attached(ByteView sealed) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, cose::decode_sign1(sealed));
  if (message.detached) return Error::kCoseUnsupported;
  return message;
}

}  // namespace

Result<ByteView> seal(ByteView report, const crypto::P256PrivateKey& key, MutableBytes out) noexcept {
  return cose::sign1(report, key, cose::SignOptions{}, out);
}

Result<ByteView> unseal(ByteView sealed, const cose::VerificationKey& key) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, decode_attached(sealed));
  TAILOR_TRY(cose::verify_sign1(message, message.payload, key, {}));
  return message.payload;
}

Result<ByteView> look_inside(ByteView sealed) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, decode_attached(sealed));
  return message.payload;
}

}  // namespace tailor::report
