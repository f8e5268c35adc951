// SPDX-License-Identifier: Apache-2.0
// The command tables: which commands a build has. A program that names only the boot table does not link the rest.
#include "core/processor/commands.hpp"

namespace tailor::processor {
namespace {

using namespace suit;  // command:: labels
using enum Command::Argument;

constexpr uint8_t kShared = Command::kInShared;
constexpr uint8_t kDirective = Command::kNone;
constexpr uint8_t kOnce = Command::kInShared | Command::kOncePerRun;
constexpr Error kNever = Error::kInternal;  // directives do not fail as conditions do

constexpr Command kBootRows[] = {
    {command::kVendorIdentifier, kShared, kPolicy, Error::kVendorMismatch, check_vendor},
    {command::kClassIdentifier, kShared, kPolicy, Error::kClassMismatch, check_class},
    {command::kImageMatch, kShared, kPolicy, Error::kImageDigestMismatch, check_image},
    {command::kSetComponentIndex, kOnce, kIndex, kNever, set_component_index},
    {command::kOverrideParameters, kShared, kParameters, kNever, override_parameters},
    {command::kInvoke, kDirective, kPolicy, kNever, invoke},
#if TAILOR_SUIT_SEQUENCES
    {command::kTryEach, kShared, kSequences, kNever, try_each},
    {command::kRunSequence, kShared, kSequence, kNever, run_sequence},
#endif
#if TAILOR_SUIT_CONDITIONS
    {command::kComponentSlot, kShared, kPolicy, Error::kSlotMismatch, check_slot},
    {command::kDeviceIdentifier, kShared, kPolicy, Error::kDeviceMismatch, check_device},
    {command::kAbort, kShared, kPolicy, Error::kManifestAborted, abort},
#endif
};

constexpr Command kMoreRows[] = {
    {command::kFetch, kDirective, kPolicy, kNever, fetch},
#if TAILOR_SUIT_CHECK_CONTENT
    {command::kCheckContent, kShared, kPolicy, Error::kConditionFailed, check_content},
#endif
#if TAILOR_SUIT_WRITE
    {command::kWrite, kDirective, kPolicy, kNever, write},
#endif
#if TAILOR_SUIT_COPY
    {command::kCopy, kDirective, kPolicy, kNever, copy},
#endif
#if TAILOR_SUIT_SWAP
    {command::kSwap, kDirective, kPolicy, kNever, swap},
#endif
#if TAILOR_SUIT_DEPENDENCIES
    {command::kDependencyIntegrity, kDirective, kPolicy, kNever, check_dependency_integrity},
    {command::kIsDependency, kShared, kPolicy, Error::kConditionFailed, is_dependency},
    {command::kProcessDependency, kDirective, kPolicy, kNever, process_dependency},
    {command::kSetParameters, kShared, kParameters, kNever, set_parameters},
    {command::kUnlink, kDirective, kPolicy, kNever, unlink},
#endif
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    {command::kUseBefore, kShared, kPolicy, Error::kConditionFailed, check_use_before},
    {command::kImageNotMatch, kShared, kPolicy, Error::kConditionFailed, check_image_differs},
    {command::kMinimumBattery, kShared, kPolicy, Error::kBatteryTooLow, check_battery},
    {command::kUpdateAuthorized, kShared, kPolicy, Error::kUpdateNotAuthorized, check_authorized},
    {command::kVersion, kShared, kPolicy, Error::kComponentVersionMismatch, check_version},
    {command::kWait, kDirective, kPolicy, kNever, wait},
    {command::kOverrideMultiple, Command::kOncePerRun, kMultiple, kNever, override_multiple},
    {command::kCopyParameters, kDirective, kCopies, kNever, copy_parameters},
#endif
};

#if TAILOR_SUIT_DEPENDENCIES
constexpr Command kDependencyRows[] = {
    {command::kDependencyIntegrity, kDirective, kPolicy, kNever, check_dependency_integrity},
    {command::kIsDependency, kShared, kPolicy, Error::kConditionFailed, is_dependency},
    {command::kProcessDependency, kDirective, kPolicy, kNever, process_dependency},
    {command::kSetParameters, kShared, kParameters, kNever, set_parameters},
};
constexpr auto kBootDependencyRows = [] {
  std::array<Command, std::size(kBootRows) + std::size(kDependencyRows)> rows{};
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = i < std::size(kBootRows) ? kBootRows[i] : kDependencyRows[i - std::size(kBootRows)];
  }
  return rows;
}();
#endif

constexpr auto kUpdateRows = [] {
  std::array<Command, std::size(kBootRows) + std::size(kMoreRows)> rows{};
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = i < std::size(kBootRows) ? kBootRows[i] : kMoreRows[i - std::size(kBootRows)];
  }
  return rows;
}();

using namespace manifest_key;
constexpr int8_t kAllSections[] = {
    kDependencyResolution, kPayloadFetch, kCandidateVerification, kInstall, kValidate, kLoad,
    manifest_key::kInvoke, kUninstall};
constexpr int8_t kBootSections[] = {kValidate, kLoad, manifest_key::kInvoke};

}  // namespace

bool CommandTable::runs(int32_t section) const noexcept {
  for (const int8_t key : sections) {
    if (key == section) return true;
  }
  return false;
}

const Command* CommandTable::find(int64_t label) const noexcept {
  for (const Command& row : rows) {
    if (row.label == label) return &row;
  }
  return nullptr;
}

constinit const CommandTable kUpdateCommands{kUpdateRows, kAllSections};
constinit const CommandTable kBootCommands{kBootRows, kBootSections};
#if TAILOR_SUIT_DEPENDENCIES
constinit const CommandTable kBootDependencyCommands{kBootDependencyRows, kBootSections};
#endif

}  // namespace tailor::processor
