// SPDX-License-Identifier: Apache-2.0
// The command tables: which commands a build has. A program that names only the boot table does not link the rest.
#include "core/processor/commands.hpp"

namespace tailor::processor {
namespace {

using namespace suit;  // command:: labels

constexpr uint8_t kCondition = Command::kHasPolicy | Command::kInShared;
constexpr uint8_t kDirective = Command::kHasPolicy;
constexpr uint8_t kControl = Command::kInShared;
constexpr uint8_t kOnce = Command::kInShared | Command::kOncePerRun;

constexpr std::array kBootRows = {
    Command{command::kVendorIdentifier, kCondition, Error::kVendorMismatch, check_vendor},
    Command{command::kClassIdentifier, kCondition, Error::kClassMismatch, check_class},
    Command{command::kImageMatch, kCondition, Error::kImageDigestMismatch, check_image},
    Command{command::kComponentSlot, kCondition, Error::kSlotMismatch, check_slot},
    Command{command::kSetComponentIndex, kOnce, Error::kInternal, set_component_index},
    Command{command::kTryEach, kControl, Error::kInternal, try_each},
    Command{command::kOverrideParameters, kControl, Error::kInternal, override_parameters},
    Command{command::kInvoke, kDirective, Error::kInternal, invoke},
};

constexpr std::array kMoreRows = {
    Command{command::kAbort, kCondition, Error::kManifestAborted, abort},
    Command{command::kDeviceIdentifier, kCondition, Error::kDeviceMismatch, check_device},
    Command{command::kRunSequence, kControl, Error::kInternal, run_sequence},
    Command{command::kWrite, kDirective, Error::kInternal, write},
    Command{command::kFetch, kDirective, Error::kInternal, fetch},
    Command{command::kCopy, kDirective, Error::kInternal, copy},
};

constexpr auto kUpdateRows = [] {
  std::array<Command, kBootRows.size() + kMoreRows.size()> rows{};
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = i < kBootRows.size() ? kBootRows[i] : kMoreRows[i - kBootRows.size()];
  }
  return rows;
}();

}  // namespace

constinit const CommandTable kUpdateCommands = kUpdateRows;
constinit const CommandTable kBootCommands = kBootRows;

}  // namespace tailor::processor
