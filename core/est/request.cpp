// SPDX-License-Identifier: Apache-2.0
#include "core/est/request.hpp"

#include <algorithm>

namespace tailor::est {
namespace {

// CertificationRequestInfo { version 0, subject { CN = UTF8String of 36 }, SubjectPublicKeyInfo, no attributes }.
constexpr auto kBeforeName = "30 81 91  02 01 00  30 2f 31 2d 30 2b 06 03 55 04 03 0c 24"_hex;
constexpr auto kBeforeKey = "30 59 30 13 06 07 2a 86 48 ce 3d 02 01 06 08 2a 86 48 ce 3d 03 01 07 03 42 00 04"_hex;
constexpr auto kNoAttributes = "a0 00"_hex;
// AlgorithmIdentifier ecdsa-with-SHA256 (RFC 5758 3.2).
constexpr auto kSignatureAlgorithm = "30 0a 06 08 2a 86 48 ce 3d 04 03 02"_hex;

constexpr size_t kInfoBytes = kBeforeName.size() + Uuid::kTextLength + kBeforeKey.size() + 64 + kNoAttributes.size();
static_assert(kInfoBytes == 3 + 0x91, "the lengths in the template are those of its content");

/// Appends to a buffer that the caller knows to be large enough.
class Appender {
 public:
  explicit Appender(uint8_t* at) noexcept : at_(at) {}
  void bytes(ByteView bytes) noexcept { at_ = std::copy(bytes.begin(), bytes.end(), at_); }
  void byte(size_t value) noexcept { *at_++ = static_cast<uint8_t>(value); }
  [[nodiscard]] uint8_t* end() const noexcept { return at_; }

 private:
  uint8_t* at_;
};

/// Bytes of an unsigned number as the content of a DER INTEGER: without leading zeros, with one where the sign bit is
/// set.
ByteView significant(ByteView number) noexcept {
  size_t zeros = 0;
  while (zeros + 1 < number.size() && number[zeros] == 0) ++zeros;
  return number.subspan(zeros);
}
size_t integer_bytes(ByteView number) noexcept {
  return 2 + number.size() + (number[0] >> 7U);
}
void put_integer(Appender& out, ByteView number) noexcept {
  const size_t pad = number[0] >> 7U;
  out.byte(0x02);
  out.byte(number.size() + pad);
  if (pad != 0) out.byte(0);
  out.bytes(number);
}

}  // namespace

Result<ByteView> write_request(const Uuid& device, const crypto::P256PrivateKey& key, MutableBytes out) noexcept {
  if (out.size() < kMaxRequestBytes) return Error::kBufferTooSmall;
  TAILOR_TRY_ASSIGN(const crypto::P256PublicKey public_key, crypto::public_key_of(key));

  // Content of the outer SEQUENCE, which gets a head of three bytes: its length is above 127 and below 256.
  constexpr size_t kHeadBytes = 3;
  uint8_t* const info = out.data() + kHeadBytes;
  Appender body(info);
  const auto name = device.to_text();
  body.bytes(kBeforeName);
  body.bytes(as_bytes({name.data(), name.size()}));
  body.bytes(kBeforeKey);
  body.bytes(public_key.xy);
  body.bytes(kNoAttributes);

  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, crypto::sha256({info, kInfoBytes}));
  TAILOR_TRY_ASSIGN(const crypto::P256Signature signature, crypto::sign_p256(key, digest));
  const ByteView r = significant(ByteView{signature}.first(32));
  const ByteView s = significant(ByteView{signature}.last(32));
  const size_t numbers = integer_bytes(r) + integer_bytes(s);

  body.bytes(kSignatureAlgorithm);
  body.byte(0x03);  // BIT STRING of whole bytes around SEQUENCE { r, s }
  body.byte(numbers + 3);
  body.byte(0);
  body.byte(0x30);
  body.byte(numbers);
  put_integer(body, r);
  put_integer(body, s);

  const auto length = static_cast<size_t>(body.end() - info);
  Appender head(out.data());
  head.byte(0x30);
  head.byte(0x81);
  head.byte(length);
  return ByteView{out.data(), kHeadBytes + length};
}

}  // namespace tailor::est
