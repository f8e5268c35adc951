// SPDX-License-Identifier: Apache-2.0
#include "core/cose/signed_data.hpp"

#include "core/cbor/writer.hpp"

namespace tailor::cose {
namespace {

std::string_view context_of(Structure structure) noexcept {
  if (!options::kSign && !options::kMac) return "Signature1";
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

Result<ByteView> encode_before_payload(const Claim& claim, ByteView external_data, size_t payload_bytes,
                                       MutableBytes out) noexcept {
  const bool has_signer = options::kSign && claim.structure == Structure::kSign;
  cbor::Writer writer(out);
  writer.put_array(has_signer ? 5 : 4).put_text(context_of(claim.structure)).put_bytes(claim.body_protected);
  if (has_signer) writer.put_bytes(claim.signer_protected);
  writer.put_bytes(external_data).put_head(cbor::Type::kBytes, payload_bytes);
  const auto written = writer.finish();
  if (!written.ok()) return Error::kBodyTooLarge;
  return *written;
}

Result<ByteView> assemble(const Claim& claim, ByteView external_data, ByteView payload, MutableBytes out) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView before, encode_before_payload(claim, external_data, payload.size(), out));
  if (!copy_into(out.subspan(before.size()), payload).ok()) return Error::kBodyTooLarge;
  return ByteView(out.first(before.size() + payload.size()));
}

Status digest(ByteView before_payload, ByteView payload, crypto::Sha256Digest& digest) noexcept {
  crypto::Hash hash;
  TAILOR_TRY(hash.update(before_payload));
  TAILOR_TRY(hash.update(payload));
  TAILOR_TRY(hash.finish(digest));
  return kOk;
}

}  // namespace tailor::cose
