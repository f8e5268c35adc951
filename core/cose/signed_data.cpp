// SPDX-License-Identifier: Apache-2.0
#include "core/cose/signed_data.hpp"

#include "core/cbor/writer.hpp"

namespace tailor::cose {
namespace {

std::string_view context_of(Structure structure) noexcept {
  switch (structure) {
    case Structure::kSign1:
      return "Signature1";
    case Structure::kSign:
      return "Signature";
    case Structure::kMac0:
      return "MAC0";
    case Structure::kMac:
      return "MAC";
  }
  return {};
}

}  // namespace

SignedData::SignedData(const Claim& claim, ByteView payload, ByteView external_data) noexcept
    : context_(context_of(claim.structure)) {
  parts_[count_++] = claim.body_protected;
  if (claim.structure == Structure::kSign) parts_[count_++] = claim.signer_protected;
  parts_[count_++] = external_data;
  parts_[count_++] = payload;
}

Result<crypto::Sha256Digest> SignedData::digest() const noexcept {
  std::array<uint8_t, 2 * cbor::kMaxHeadBytes + 10> head;
  cbor::Writer writer(head);
  writer.put_array(1 + count_).put_text(context_);
  crypto::Hash hash;
  for (size_t i = 0; i < count_; ++i) {
    writer.put_head(cbor::Type::kBytes, parts_[i].size());
    TAILOR_TRY_ASSIGN(const ByteView written, writer.finish());
    TAILOR_TRY(hash.update(written));
    TAILOR_TRY(hash.update(parts_[i]));
    writer = cbor::Writer(head);
  }
  crypto::Sha256Digest digest;
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

Result<ByteView> SignedData::assemble(MutableBytes out) const noexcept {
  cbor::Writer writer(out);
  writer.put_array(1 + count_).put_text(context_);
  for (size_t i = 0; i < count_; ++i) writer.put_bytes(parts_[i]);
  const auto written = writer.finish();
  if (!written.ok()) return Error::kBodyTooLarge;
  return *written;
}

}  // namespace tailor::cose
