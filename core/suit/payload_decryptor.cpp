// SPDX-License-Identifier: Apache-2.0
#include "core/suit/payload_decryptor.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/options.hpp"

namespace tailor::suit {
namespace {

/// Bytes of Enc_structure with a protected header of 64 bytes; an algorithm alone has 4.
constexpr size_t kMaxEncStructureBytes = 80;

/// Writes ["Encrypt", protected, h''] (RFC 9052 5.3, firmware-encryption 7), or nothing for a cipher without AAD.
Result<ByteView> encode_additional_data(const EncryptionInfo& info, MutableBytes out) noexcept {
  if (info.tag_bytes == 0) return ByteView{};
  cbor::Writer writer(out);
  return writer.put_array(3).put_text("Encrypt").put_bytes(info.protected_content).put_bytes({}).finish();
}

}  // namespace

Status PayloadDecryptor::start(const EncryptionInfo& info, const DecryptionKeys& keys) noexcept {
  if constexpr (!cose::options::kEncrypt) return Error::kParameterUnsupported;
  if (!info.detached) return Error::kCoseUnsupported;
  std::array<uint8_t, kMaxEncStructureBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView additional, encode_additional_data(info, buffer));
  ContentKey key;
  TAILOR_TRY(open_content_key(info, keys, key));
  held_size_ = 0;
  tag_bytes_ = info.tag_bytes;
  plaintext_size_ = 0;
  return content_.start(info.algorithm, key.secret_bytes(), info.iv, additional);
}

Result<ByteView> PayloadDecryptor::update(ByteView ciphertext, MutableBytes out) noexcept {
  if constexpr (!cose::options::kEncrypt) return Error::kStateConflict;
  const size_t available = held_size_ + ciphertext.size();
  const size_t given = available > tag_bytes_ ? available - tag_bytes_ : 0;
  if (given > out.size()) return Error::kBufferTooSmall;
  const size_t from_held = given < held_size_ ? given : held_size_;
  const size_t from_piece = given - from_held;
  // What is held back next is taken first: the piece may be where the plaintext goes.
  std::array<uint8_t, kMaxTagBytes> next;
  const size_t kept = held_size_ - from_held;
  if (kept != 0) std::memcpy(next.data(), held_.data() + from_held, kept);
  const ByteView rest = ciphertext.subspan(from_piece);
  if (!rest.empty()) std::memcpy(next.data() + kept, rest.data(), rest.size());
  if (from_piece != 0) std::memmove(out.data() + from_held, ciphertext.data(), from_piece);
  if (from_held != 0) std::memcpy(out.data(), held_.data(), from_held);
  held_ = next;
  held_size_ = kept + rest.size();
  TAILOR_TRY_ASSIGN(const ByteView plaintext, content_.update(out.first(given), out));
  plaintext_size_ += plaintext.size();
  return plaintext;
}

Status PayloadDecryptor::finish() noexcept {
  if constexpr (!cose::options::kEncrypt) return Error::kStateConflict;
  const Status status = content_.finish(ByteView(held_).first(held_size_));
  if (!status.ok() && status.error() == Error::kSignatureInvalid) return Error::kDecryptionFailed;
  return status;
}

}  // namespace tailor::suit
