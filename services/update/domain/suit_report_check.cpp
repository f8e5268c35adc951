// SPDX-License-Identifier: Apache-2.0
#include "services/update/domain/suit_report_check.hpp"

#include "core/report/encrypted.hpp"
#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"

namespace tailor::update_server {
namespace {

Result<Bytes> open(ByteView inside, const Uuid& device, ByteView report_secret) {
  if (!report::is_encrypted(inside)) return Bytes(inside.begin(), inside.end());
  if (report_secret.empty()) return Error::kDecryptionKeyMissing;
  TAILOR_TRY_ASSIGN(auto key, report::derive_report_key(report_secret, device));
  Bytes room(inside.size());
  const Result<ByteView> plain = report::decrypt(inside, {crypto::ContentAlgorithm::kA128Gcm, key}, room);
  wipe(key);
  TAILOR_TRY(plain);
  return Bytes(plain->begin(), plain->end());
}

Status check(const update::Report& report, const crypto::P256PublicKey& key, ByteView report_secret) {
  TAILOR_TRY_ASSIGN(const ByteView inside, report::unseal(report.suit_report, key));
  TAILOR_TRY_ASSIGN(const Bytes plain, open(inside, report.device, report_secret));
  TAILOR_TRY_ASSIGN(const report::SuitReport told, report::decode_suit_report(plain));
  if (!report.manifest_digest || !equal(told.digest.bytes, *report.manifest_digest))
    return Error::kManifestDigestMismatch;
  if (!told.nonce || told.nonce->size() != 8) return Error::kPreconditionFailed;
  TAILOR_TRY_ASSIGN(const uint64_t number, Cursor(*told.nonce).take_be<8>());
  return number == report.number ? Status(kOk) : Status(Error::kPreconditionFailed);
}

}  // namespace

std::optional<Error> check_seal(const update::Report& report, const crypto::P256PublicKey* key,
                                ByteView report_secret) {
  if (report.suit_report.empty()) return std::nullopt;
  if (key == nullptr) return Error::kNotAuthenticated;
  const Status checked = check(report, *key, report_secret);
  return checked.ok() ? std::nullopt : std::optional(checked.error());
}

OpenedReport open_suit_report(ByteView sealed, const Uuid& device, ByteView report_secret) {
  OpenedReport opened;
  const Result<ByteView> inside = report::look_inside(sealed);
  if (!inside.ok()) return opened;
  opened.is_encrypted = report::is_encrypted(*inside);
  Result<Bytes> plain = open(*inside, device, report_secret);
  if (plain.ok()) opened.bytes = std::move(*plain);
  return opened;
}

}  // namespace tailor::update_server
