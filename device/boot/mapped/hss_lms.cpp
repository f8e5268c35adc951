// SPDX-License-Identifier: Apache-2.0
// HSS/LMS for boot programs; see sign1.hpp. The signature is read from flash as it is verified.
#include "core/hss/verify.hpp"
#include "device/boot/mapped/sign1.hpp"

namespace tailor::boot::mapped {
namespace {

/// {1: 5, -1: h'...'} in deterministic encoding: what stands before the length of the key.
constexpr uint8_t kBefore[] = {0xa2, 0x01, 0x05, 0x20, 0x58};
constexpr size_t kKeyAt = sizeof kBefore + 1;

Status verify(ByteView cose_key, std::span<const ByteView> message, ByteView signature) noexcept {
  const bool is_hss = cose_key.size() > kKeyAt && same(cose_key.data(), kBefore, sizeof kBefore) &&
                      cose_key[kKeyAt - 1] == cose_key.size() - kKeyAt;
  if (!is_hss) return Error::kAlgorithmUnsupported;
  hss::SignatureInMemory source(signature);
  return hss::verify(cose_key.subspan(kKeyAt), message, source);
}

}  // namespace

constinit const Scheme kHssLms{Reader::kMinusOne + 45, verify};

}  // namespace tailor::boot::mapped
