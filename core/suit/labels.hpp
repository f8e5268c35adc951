// SPDX-License-Identifier: Apache-2.0
// Every label of SUIT that this project knows: manifest draft-37 (IANA SUIT registry), trust-domains-12,
// update-management-15, firmware-encryption-26, report-20. Names only; what is supported is said where it is read.
#pragma once

#include <cstdint>

namespace tailor::suit {

inline constexpr uint64_t kEnvelopeTag = 107;
inline constexpr uint64_t kManifestTag = 1070;
inline constexpr uint64_t kManifestVersion = 1;
/// A relative OID (RFC 9090): a vendor identifier as Private Enterprise Number.
inline constexpr uint64_t kRelativeOidTag = 112;

/// Keys of the envelope (manifest 8.2). Keys from 14 on are severable members, with the same key in the manifest.
namespace envelope_key {
inline constexpr int64_t kDelegation = 1;  ///< reserved
inline constexpr int64_t kAuthentication = 2;
inline constexpr int64_t kManifest = 3;
}  // namespace envelope_key

/// Keys of the manifest (manifest 8.4).
namespace manifest_key {
inline constexpr int64_t kVersion = 1;
inline constexpr int64_t kSequenceNumber = 2;
inline constexpr int64_t kCommon = 3;
inline constexpr int64_t kReferenceUri = 4;
inline constexpr int64_t kManifestComponentId = 5;
inline constexpr int64_t kSetVersion = 6;
inline constexpr int64_t kValidate = 7;
inline constexpr int64_t kLoad = 8;
inline constexpr int64_t kInvoke = 9;
inline constexpr int64_t kCoswid = 14;
inline constexpr int64_t kDependencyResolution = 15;
inline constexpr int64_t kPayloadFetch = 16;
inline constexpr int64_t kCandidateVerification = 18;
inline constexpr int64_t kInstall = 20;
inline constexpr int64_t kText = 23;
inline constexpr int64_t kUninstall = 24;
}  // namespace manifest_key

/// Keys of the common block (manifest 8.4.5).
namespace common_key {
inline constexpr int64_t kDependencies = 1;
inline constexpr int64_t kComponents = 2;
inline constexpr int64_t kSharedSequence = 4;
}  // namespace common_key

/// Keys of dependency metadata (trust-domains).
namespace dependency_key {
inline constexpr int64_t kPrefix = 1;
}  // namespace dependency_key

/// Conditions and directives (manifest 8.4.9, 8.4.10).
namespace command {
inline constexpr int64_t kVendorIdentifier = 1;
inline constexpr int64_t kClassIdentifier = 2;
inline constexpr int64_t kImageMatch = 3;
inline constexpr int64_t kUseBefore = 4;
inline constexpr int64_t kComponentSlot = 5;
inline constexpr int64_t kCheckContent = 6;
inline constexpr int64_t kDependencyIntegrity = 7;
inline constexpr int64_t kIsDependency = 8;
inline constexpr int64_t kProcessDependency = 11;
inline constexpr int64_t kSetComponentIndex = 12;
inline constexpr int64_t kAbort = 14;
inline constexpr int64_t kTryEach = 15;
inline constexpr int64_t kWrite = 18;
inline constexpr int64_t kSetParameters = 19;
inline constexpr int64_t kOverrideParameters = 20;
inline constexpr int64_t kFetch = 21;
inline constexpr int64_t kCopy = 22;
inline constexpr int64_t kInvoke = 23;
inline constexpr int64_t kDeviceIdentifier = 24;
inline constexpr int64_t kImageNotMatch = 25;
inline constexpr int64_t kMinimumBattery = 26;
inline constexpr int64_t kUpdateAuthorized = 27;
inline constexpr int64_t kVersion = 28;
inline constexpr int64_t kWait = 29;
inline constexpr int64_t kSwap = 31;
inline constexpr int64_t kRunSequence = 32;
inline constexpr int64_t kUnlink = 33;
inline constexpr int64_t kOverrideMultiple = 34;
inline constexpr int64_t kCopyParameters = 35;
/// Custom commands are below this number (manifest 8.4.10.12; -256 to -1 are refused).
inline constexpr int64_t kCustomBelow = -256;
}  // namespace command

/// Parameters (manifest 8.4.8).
namespace parameter {
inline constexpr int64_t kVendorIdentifier = 1;
inline constexpr int64_t kClassIdentifier = 2;
inline constexpr int64_t kImageDigest = 3;
inline constexpr int64_t kUseBefore = 4;
inline constexpr int64_t kComponentSlot = 5;
inline constexpr int64_t kStrictOrder = 12;
inline constexpr int64_t kSoftFailure = 13;
inline constexpr int64_t kImageSize = 14;
inline constexpr int64_t kContent = 18;
inline constexpr int64_t kEncryptionInfo = 19;
inline constexpr int64_t kUri = 21;
inline constexpr int64_t kSourceComponent = 22;
inline constexpr int64_t kInvokeArguments = 23;
inline constexpr int64_t kDeviceIdentifier = 24;
inline constexpr int64_t kFetchArguments = 25;
inline constexpr int64_t kMinimumBattery = 26;
inline constexpr int64_t kUpdatePriority = 27;
inline constexpr int64_t kVersion = 28;
inline constexpr int64_t kWaitInfo = 29;
inline constexpr int64_t kComponentMetadata = 30;
}  // namespace parameter

/// Bits of a reporting policy (manifest 8.4.7).
namespace reporting {
inline constexpr uint64_t kRecordOnSuccess = 1;
inline constexpr uint64_t kRecordOnFailure = 2;
inline constexpr uint64_t kSystemInfoOnSuccess = 4;
inline constexpr uint64_t kSystemInfoOnFailure = 8;
inline constexpr uint64_t kAll = 15;
}  // namespace reporting

/// Keys of the text maps (manifest 8.4.4).
namespace text_key {
inline constexpr int64_t kManifestDescription = 1;
inline constexpr int64_t kUpdateDescription = 2;
inline constexpr int64_t kJsonSource = 3;
inline constexpr int64_t kYamlSource = 4;
}  // namespace text_key
namespace component_text_key {
inline constexpr int64_t kVendorName = 1;
inline constexpr int64_t kModelName = 2;
inline constexpr int64_t kVendorDomain = 3;
inline constexpr int64_t kModelInfo = 4;
inline constexpr int64_t kComponentDescription = 5;
inline constexpr int64_t kComponentVersion = 6;
inline constexpr int64_t kVersionRequired = 7;
inline constexpr int64_t kCurrentVersion = 8;
}  // namespace component_text_key

/// Comparisons of parameter::kVersion (update-management).
namespace version_comparison {
inline constexpr int64_t kGreater = 1;
inline constexpr int64_t kGreaterEqual = 2;
inline constexpr int64_t kEqual = 3;
inline constexpr int64_t kLesserEqual = 4;
inline constexpr int64_t kLesser = 5;
}  // namespace version_comparison

/// Events of parameter::kWaitInfo (update-management).
namespace wait_event {
inline constexpr int64_t kAuthorization = 1;
inline constexpr int64_t kPower = 2;
inline constexpr int64_t kNetwork = 3;
inline constexpr int64_t kOtherDeviceVersion = 4;
inline constexpr int64_t kTime = 5;
inline constexpr int64_t kTimeOfDay = 6;
inline constexpr int64_t kDayOfWeek = 7;
inline constexpr int64_t kTimeOfDayUtc = 8;
inline constexpr int64_t kDayOfWeekUtc = 9;
}  // namespace wait_event

/// Keys of parameter::kComponentMetadata and its file types (update-management).
namespace metadata_key {
inline constexpr int64_t kDefaultPermissions = 1;
inline constexpr int64_t kUserPermissions = 2;
inline constexpr int64_t kGroupPermissions = 3;
inline constexpr int64_t kRolePermissions = 4;
inline constexpr int64_t kFileType = 5;
inline constexpr int64_t kModificationTime = 6;
inline constexpr int64_t kCreationTime = 7;
inline constexpr int64_t kCreator = 8;
}  // namespace metadata_key
namespace file_type {
inline constexpr int64_t kRegular = 1;
inline constexpr int64_t kDirectory = 2;
inline constexpr int64_t kSymbolicLink = 3;
}  // namespace file_type

/// Keys of a report (report 4).
namespace report_key {
inline constexpr int64_t kNonce = 2;
inline constexpr int64_t kRecords = 3;
inline constexpr int64_t kResult = 4;
inline constexpr int64_t kResultCode = 5;
inline constexpr int64_t kResultRecord = 6;
inline constexpr int64_t kResultReason = 7;
inline constexpr int64_t kCapabilities = 8;
inline constexpr int64_t kReference = 99;
}  // namespace report_key

/// Keys of a capability report (report 6).
namespace capability_key {
inline constexpr int64_t kComponents = 1;
inline constexpr int64_t kCommands = 2;
inline constexpr int64_t kParameters = 3;
inline constexpr int64_t kCryptoAlgorithms = 4;
inline constexpr int64_t kEnvelope = 5;
inline constexpr int64_t kManifest = 6;
inline constexpr int64_t kCommon = 7;
inline constexpr int64_t kText = 8;
inline constexpr int64_t kComponentText = 9;
inline constexpr int64_t kDependency = 10;
}  // namespace capability_key

/// Why an update failed (report 4.2); errors.def maps each error to one of these.
namespace report_reason {
inline constexpr int64_t kOk = 0;
inline constexpr int64_t kCborParse = 1;
inline constexpr int64_t kCoseUnsupported = 2;
inline constexpr int64_t kAlgorithmUnsupported = 3;
inline constexpr int64_t kUnauthorized = 4;
inline constexpr int64_t kCommandUnsupported = 5;
inline constexpr int64_t kComponentUnsupported = 6;
inline constexpr int64_t kComponentUnauthorized = 7;
inline constexpr int64_t kParameterUnsupported = 8;
inline constexpr int64_t kSeveringUnsupported = 9;
inline constexpr int64_t kConditionFailed = 10;
inline constexpr int64_t kOperationFailed = 11;
inline constexpr int64_t kInvokePending = 12;
}  // namespace report_reason

/// Digest algorithms (manifest 10, IANA COSE Algorithms).
namespace digest_algorithm {
inline constexpr int64_t kSha256 = -16;
inline constexpr int64_t kShake128 = -18;
inline constexpr int64_t kSha384 = -43;
inline constexpr int64_t kSha512 = -44;
inline constexpr int64_t kShake256 = -45;
}  // namespace digest_algorithm

}  // namespace tailor::suit
