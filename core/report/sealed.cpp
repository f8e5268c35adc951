// SPDX-License-Identifier: Apache-2.0
#include "core/report/sealed.hpp"

#include "core/cbor/writer.hpp"

namespace tailor::report {
namespace {

constexpr auto kMac0Tag = static_cast<uint64_t>(cose::Structure::kMac0);
/// {1: 5}: HMAC with SHA-256.
constexpr std::array<uint8_t, 3> kMac0Header = {0xA1, 0x01, 0x05};

Result<cose::Sign1> decode_signed(ByteView sealed) noexcept {
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, cose::decode_sign1(sealed));
  if (message.detached) return Error::kCoseUnsupported;
  return message;
}

Status decode_maced(ByteView sealed, cose::Block& block) noexcept {
  TAILOR_TRY(cose::decode_block(sealed, block));
  return block.structure == cose::Structure::kMac0 && !block.detached ? Status(kOk) : Status(Error::kCoseUnsupported);
}

bool is_maced(ByteView sealed) noexcept {
  const auto tag = cbor::Reader(sealed).take_tag();
  return tag.ok() && *tag == kMac0Tag;
}

using MacBuffer = std::array<uint8_t, kMacedReportBytes + 32>;

/// Puts the MAC_structure together (RFC 9052 6.3).
Result<ByteView> mac_structure(ByteView protected_header, ByteView report, MacBuffer& buffer) noexcept {
  if (report.size() > kMacedReportBytes) return Error::kBodyTooLarge;
  cbor::Writer writer(buffer);
  writer.put_array(4).put_text("MAC0").put_bytes(protected_header).put_bytes({}).put_bytes(report);
  return writer.finish();
}

Status check_mac(const cose::Block& block, const cose::VerificationKey& key) noexcept {
  // The one header that seal_mac0() writes: nothing in it could say another algorithm.
  if (key.kind() != cose::KeyKind::kHmac256 || !equal(block.headers.protected_content, kMac0Header)) {
    return Error::kAlgorithmUnsupported;
  }
  MacBuffer buffer;
  TAILOR_TRY_ASSIGN(const ByteView maced, mac_structure(block.headers.protected_content, block.payload, buffer));
  return crypto::verify_hmac_sha256(key.bytes(), maced, block.authenticator);
}

}  // namespace

Result<ByteView> seal(ByteView report, const crypto::P256PrivateKey& key, MutableBytes out) noexcept {
  return cose::sign1(report, key, cose::SignOptions{}, out);
}

Result<ByteView> seal_mac0(ByteView report, const cose::VerificationKey& key, MutableBytes out) noexcept {
  if (key.kind() != cose::KeyKind::kHmac256) return Error::kAlgorithmUnsupported;
  MacBuffer buffer;
  TAILOR_TRY_ASSIGN(const ByteView maced, mac_structure(kMac0Header, report, buffer));
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag, crypto::hmac_sha256(key.bytes(), maced));
  cbor::Writer writer(out);
  writer.put_tag(kMac0Tag).put_array(4).put_bytes(kMac0Header).put_map(0).put_bytes(report).put_bytes(tag);
  return writer.finish();
}

Result<ByteView> unseal(ByteView sealed, const cose::VerificationKey& key) noexcept {
  if (is_maced(sealed)) {
    cose::Block block;
    TAILOR_TRY(decode_maced(sealed, block));
    TAILOR_TRY(check_mac(block, key));
    return block.payload;
  }
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, decode_signed(sealed));
  TAILOR_TRY(cose::verify_sign1(message, message.payload, key, {}));
  return message.payload;
}

Result<ByteView> look_inside(ByteView sealed) noexcept {
  if (is_maced(sealed)) {
    cose::Block block;
    TAILOR_TRY(decode_maced(sealed, block));
    return block.payload;
  }
  TAILOR_TRY_ASSIGN(const cose::Sign1 message, decode_signed(sealed));
  return message.payload;
}

}  // namespace tailor::report
