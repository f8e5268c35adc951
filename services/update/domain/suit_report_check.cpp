// SPDX-License-Identifier: Apache-2.0
#include "services/update/domain/suit_report_check.hpp"

#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"

namespace tailor::update_server {
namespace {

Status check(const update::Report& report, const crypto::P256PublicKey& key) {
  TAILOR_TRY_ASSIGN(const ByteView inside, report::unseal(report.suit_report, key));
  TAILOR_TRY_ASSIGN(const report::SuitReport told, report::decode_suit_report(inside));
  if (!report.manifest_digest || !equal(told.digest.bytes, *report.manifest_digest))
    return Error::kManifestDigestMismatch;
  if (!told.nonce || told.nonce->size() != 8) return Error::kPreconditionFailed;
  TAILOR_TRY_ASSIGN(const uint64_t number, Cursor(*told.nonce).take_be<8>());
  return number == report.number ? Status(kOk) : Status(Error::kPreconditionFailed);
}

}  // namespace

std::optional<Error> check_seal(const update::Report& report, const crypto::P256PublicKey* key) {
  if (report.suit_report.empty()) return std::nullopt;
  if (key == nullptr) return Error::kNotAuthenticated;
  const Status checked = check(report, *key);
  return checked.ok() ? std::nullopt : std::optional(checked.error());
}

}  // namespace tailor::update_server
