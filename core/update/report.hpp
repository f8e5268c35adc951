// SPDX-License-Identifier: Apache-2.0
// The report: one step of one update as the device saw it (POST /report). Encoder and decoder side by side;
// docs/formats/report.md has the format.
#pragma once

#include "core/update/profile.hpp"
#include "core/update/trusted_time.hpp"
#include "core/update/update_state.hpp"

namespace tailor::update {

/// Bytes of a sealed SUIT_Report, at most: a refusal with some records, and the capability report of a device.
inline constexpr size_t kSuitReportBytes = 1024;

struct Report {
  uint64_t number = 0;  ///< rises by one with each report of a device; a server drops what it has seen
  Uuid device;
  /// SHA-256 of the manifest as in its authentication wrapper; absent when the envelope was too broken to tell.
  std::optional<crypto::Sha256Digest> manifest_digest;
  std::optional<uint64_t> sequence_number;  ///< of that manifest, once it was read
  UpdateStatus update;
  std::string_view where;  ///< what failed, for people: at most kWhereBytes, may be empty
  BootInfo boot;
  TrustedTime time;
  ByteView suit_report;  ///< sealed (core/report/sealed.hpp), only with an outcome; empty: none
};

/// Writes the message in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a report that decode would refuse
[[nodiscard]] Result<ByteView> encode(const Report& report, MutableBytes out) noexcept;

/// Reads the message; anything that encode would not have written is refused. Views point into `message`.
[[nodiscard]] Result<Report> decode_report(ByteView message) noexcept;

}  // namespace tailor::update
