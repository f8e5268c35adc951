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

/// The MAC of RFC 9052 6.3 over a report of any length: HMAC (RFC 2104) in pieces over the contract's hash, since the
/// contract's own HMAC wants its message in one.
/// @pre  a key of at most one block, as VerificationKey has it
Result<crypto::Sha256Digest> mac_of(ByteView protected_header, ByteView report, ByteView key) noexcept {
  constexpr size_t kBlockBytes = 64;
  static_assert(cose::VerificationKey::kMaxBytes <= kBlockBytes);
  std::array<uint8_t, 24> before_payload;
  cbor::Writer writer(before_payload);
  writer.put_array(4).put_text("MAC0").put_bytes(protected_header).put_bytes({});
  writer.put_head(cbor::Type::kBytes, report.size());
  TAILOR_TRY_ASSIGN(const ByteView before, writer.finish());
  crypto::Sha256Digest digest{};
  ByteView pieces[2] = {before, report};
  std::array<uint8_t, kBlockBytes> padded;
  Status status = kOk;
  for (const uint8_t pad : {uint8_t{0x36}, uint8_t{0x5C}}) {
    for (size_t i = 0; i < padded.size(); ++i) padded[i] = static_cast<uint8_t>((i < key.size() ? key[i] : 0) ^ pad);
    crypto::Hash hash;
    if (status.ok()) status = hash.update(padded);
    for (const ByteView piece : pieces) {
      if (status.ok()) status = hash.update(piece);
    }
    if (status.ok()) {
      const Result<ByteView> hashed = hash.finish(digest);
      if (!hashed.ok()) status = hashed.error();
    }
    pieces[0] = digest;
    pieces[1] = {};
  }
  wipe(padded);
  TAILOR_TRY(status);
  return digest;
}

Status check_mac(const cose::Block& block, const cose::VerificationKey& key) noexcept {
  // The one header that seal_mac0() writes: nothing in it could say another algorithm.
  if (key.kind() != cose::KeyKind::kHmac256 || !equal(block.headers.protected_content, kMac0Header)) {
    return Error::kAlgorithmUnsupported;
  }
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest mac,
                    mac_of(block.headers.protected_content, block.payload, key.bytes()));
  return crypto::constant_time_equal(mac, block.authenticator) ? Status(kOk) : Status(Error::kSignatureInvalid);
}

}  // namespace

Result<ByteView> seal(ByteView report, const crypto::P256PrivateKey& key, MutableBytes out) noexcept {
  return cose::sign1(report, key, cose::SignOptions{}, out);
}

Result<ByteView> seal_mac0(ByteView report, const cose::VerificationKey& key, MutableBytes out) noexcept {
  if (key.kind() != cose::KeyKind::kHmac256) return Error::kAlgorithmUnsupported;
  TAILOR_TRY_ASSIGN(const crypto::Sha256Digest tag, mac_of(kMac0Header, report, key.bytes()));
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
