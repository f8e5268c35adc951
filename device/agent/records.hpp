// SPDX-License-Identifier: Apache-2.0
// The names of the agent's records in flash. Numbers are stable; docs/formats/agent-records.md says what each holds.
#pragma once

#include "device/storage/record_store.hpp"

namespace tailor::agent::record {

using storage::RecordId;

inline constexpr RecordId kBundle = 1;
inline constexpr RecordId kTrustStore = 2;
inline constexpr RecordId kKeys = 3;
inline constexpr RecordId kCertificate = 4;  ///< and 5: one for each key pair
inline constexpr RecordId kPendingKeys = 6;
inline constexpr RecordId kPendingCertificate = 7;  ///< and 8
inline constexpr RecordId kLifeCycle = 9;
inline constexpr RecordId kUpdate = 10;
inline constexpr RecordId kReportNumber = 11;
inline constexpr RecordId kTimeFloor = 12;
inline constexpr RecordId kGeneration = 13;
inline constexpr RecordId kFirstUse = 14;
inline constexpr RecordId kStagedTrust = 15;
inline constexpr RecordId kReport = 16;  ///< and the next kReportSlots - 1
inline constexpr RecordId kReportSlots = 8;
inline constexpr RecordId kTrustManifest = kReport + kReportSlots;
inline constexpr RecordId kJournal = kTrustManifest + 1;
inline constexpr RecordId kStaging = kJournal + 1;
inline constexpr RecordId kManifestNumbers = kStaging + 1;
inline constexpr RecordId kStagedNumbers = kManifestNumbers + 1;
inline constexpr RecordId kBegun = kStagedNumbers + 1;

}  // namespace tailor::agent::record
