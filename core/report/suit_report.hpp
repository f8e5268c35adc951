// SPDX-License-Identifier: Apache-2.0
// SUIT_Report (report-20): what a manifest processor did with one manifest, for those who have the manifest. Encoder
// and strict decoder side by side; docs/formats/suit-report.md has the format. How it is protected: sealed.hpp.
#pragma once

#include <optional>

#include "core/report/reason.hpp"
#include "core/report/record.hpp"
#include "core/suit/digest.hpp"

namespace tailor::report {

/// Bytes of a nonce, at most.
inline constexpr size_t kNonceBytes = 64;

/// Key of the one extension of ours ($$SUIT_Report_Extensions): how many records are missing. As with commands of a
/// device's own, it is below -256.
inline constexpr int64_t kRecordsMissing = -257;

/// Why the procedure did not succeed.
struct Failure {
  int64_t code = 0;  ///< for debugging; ours: the number in errors.def
  Record record;     ///< where it stopped
  Reason reason = Reason::kOperationFailed;
};

/// Views point into what it was decoded from.
struct SuitReport {
  std::string_view uri;  ///< reference URI of the root manifest; empty when it has none
  suit::Digest digest;   ///< of the root manifest, as in its authentication wrapper
  std::optional<ByteView> nonce;
  ByteView records;                ///< encoded elements, without the head of their array; Entries walks them
  size_t record_count = 0;         ///< of those elements
  uint32_t records_missing = 0;    ///< elements that there was no room for; they were the oldest
  std::optional<Failure> failure;  ///< absent: the procedure succeeded
  ByteView capabilities;           ///< encoded SUIT_Capability_Report; empty: none
};

/// Writes the report in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a report that decode_suit_report() would refuse
[[nodiscard]] Result<ByteView> encode(const SuitReport& report, MutableBytes out) noexcept;

/// Reads a report. Extensions but the one of ours (records_missing) are refused: none is registered.
/// @returns kUnknownKey, kMissingKey, kValueOutOfRange, kAlgorithmUnsupported for a digest of another algorithm, a CBOR
///          error
[[nodiscard]] Result<SuitReport> decode_suit_report(ByteView bytes) noexcept;

}  // namespace tailor::report
