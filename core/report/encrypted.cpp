// SPDX-License-Identifier: Apache-2.0
#include "core/report/encrypted.hpp"

#include "core/cbor/writer.hpp"
#include "core/cose/headers.hpp"

namespace tailor::report {
namespace {

using crypto::ContentSizes;

constexpr char kPurpose[] = "tailor report";
constexpr size_t kPurposeBytes = sizeof kPurpose - 1;
/// Enc_structure; a protected header of more than an algorithm and a key id does not fit.
using EncBuffer = std::array<uint8_t, 64>;

/// Puts the Enc_structure together (RFC 9052 5.3); AES-CTR has none.
Result<ByteView> enc_structure(const ContentSizes& sizes, ByteView protected_header, EncBuffer& buffer) noexcept {
  if (sizes.tag == 0) return ByteView();
  cbor::Writer writer(buffer);
  writer.put_array(3).put_text("Encrypt0").put_bytes(protected_header).put_bytes({});
  return writer.finish();
}

/// The algorithm's place is its kind's: an AEAD protects it, AES-CTR cannot (RFC 9459 4).
Status check_headers(const cose::Headers& headers, const ReportKey& key, const ContentSizes& sizes) noexcept {
  if (headers.algorithm == 0) return Error::kCoseUnsupported;
  if (headers.algorithm != static_cast<int64_t>(key.algorithm)) return Error::kAlgorithmUnsupported;
  if (headers.algorithm_is_protected != (sizes.tag != 0)) return Error::kCoseUnsupported;
  if (sizes.tag == 0 && !headers.protected_content.empty()) return Error::kCoseUnsupported;
  if (headers.iv.data() == nullptr) return Error::kMissingKey;
  return headers.iv.size() == sizes.iv ? Status(kOk) : Status(Error::kValueOutOfRange);
}

Status open(const ReportKey& key, ByteView iv, ByteView additional, ByteView ciphertext, ByteView tag,
            MutableBytes out) noexcept {
  crypto::ContentDecryption content;
  TAILOR_TRY(content.start(key.algorithm, key.secret, iv, additional));
  TAILOR_TRY(content.update(ciphertext, out));
  const Status held = content.finish(tag);
  return held.ok() || held.error() != Error::kSignatureInvalid ? held : Status(Error::kDecryptionFailed);
}

}  // namespace

Result<std::array<uint8_t, kReportKeyBytes>> derive_report_key(ByteView secret, const Uuid& device) noexcept {
  if (secret.size() < kReportKeyBytes) return Error::kValueOutOfRange;
  std::array<uint8_t, kPurposeBytes + sizeof(Uuid)> info;
  std::memcpy(info.data(), kPurpose, kPurposeBytes);
  std::memcpy(info.data() + kPurposeBytes, device.bytes.data(), device.bytes.size());
  std::array<uint8_t, kReportKeyBytes> key;
  TAILOR_TRY(crypto::hkdf_sha256(secret, {}, info, key));
  return key;
}

Result<ByteView> encrypt(ByteView report, const ReportKey& key, MutableBytes out) noexcept {
  const ContentSizes sizes = crypto::content_sizes(key.algorithm);
  const bool is_aead = sizes.tag != 0;
  const auto algorithm = static_cast<int64_t>(key.algorithm);
  std::array<uint8_t, 8> header;
  cbor::Writer header_writer(header);
  if (is_aead) header_writer.put_map(1).put_int(cose::header::kAlgorithm).put_int(algorithm);
  TAILOR_TRY_ASSIGN(const ByteView protected_header, header_writer.finish());
  std::array<uint8_t, 16> iv_octets;
  const MutableBytes iv = MutableBytes(iv_octets).first(sizes.iv);
  TAILOR_TRY(crypto::random(iv));
  EncBuffer buffer;
  TAILOR_TRY_ASSIGN(const ByteView additional, enc_structure(sizes, protected_header, buffer));

  cbor::Writer writer(out);
  writer.put_array(3).put_bytes(protected_header).put_map(is_aead ? 1 : 2);
  if (!is_aead) writer.put_int(cose::header::kAlgorithm).put_int(algorithm);
  writer.put_int(cose::header::kIv).put_bytes(iv).put_head(cbor::Type::kBytes, report.size() + sizes.tag);
  TAILOR_TRY_ASSIGN(const ByteView before, writer.finish());
  TAILOR_TRY_ASSIGN(const ByteView ciphertext, crypto::encrypt_content(key.algorithm, key.secret, iv, additional,
                                                                       report, out.subspan(before.size())));
  return ByteView(out.first(before.size() + ciphertext.size()));
}

bool is_encrypted(ByteView inside) noexcept {
  return cbor::Reader(inside).next_is(cbor::Type::kArray);
}

Result<ByteView> decrypt(ByteView inside, const ReportKey& key, MutableBytes out) noexcept {
  const ContentSizes sizes = crypto::content_sizes(key.algorithm);
  cbor::Reader reader(inside);
  if (reader.next_is(cbor::Type::kTag)) return Error::kCoseUnsupported;
  TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
  if (elements != 3) return Error::kCoseUnsupported;
  cose::Headers headers;
  cose::read_headers(reader, headers);
  TAILOR_TRY(reader.status());
  TAILOR_TRY(check_headers(headers, key, sizes));
  if (reader.next_is_null()) return Error::kCoseUnsupported;
  TAILOR_TRY_ASSIGN(const ByteView sealed, reader.take_bytes());
  TAILOR_TRY(reader.finish());
  if (sealed.size() < sizes.tag) return Error::kValueOutOfRange;
  const ByteView ciphertext = sealed.first(sealed.size() - sizes.tag);
  if (out.size() < ciphertext.size()) return Error::kBufferTooSmall;
  EncBuffer buffer;
  const auto additional = enc_structure(sizes, headers.protected_content, buffer);
  if (!additional.ok()) return Error::kCoseUnsupported;
  const Status opened = open(key, headers.iv, *additional, ciphertext, sealed.subspan(ciphertext.size()), out);
  if (!opened.ok()) {
    wipe(out.first(ciphertext.size()));
    return opened.error();
  }
  return ByteView(out.first(ciphertext.size()));
}

}  // namespace tailor::report
