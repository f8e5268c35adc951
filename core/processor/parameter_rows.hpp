// SPDX-License-Identifier: Apache-2.0
// The parameters of components that a build knows (manifest 8.4.8; update-management 5), and what each has to look
// like. The processor names a parameter by its row here, which the compiler looks up; labels stand only in manifests.
#pragma once

#include <iterator>

#include "core/cbor/head.hpp"
#include "core/processor/options.hpp"
#include "core/suit/labels.hpp"

namespace tailor::processor {

/// What the content has to be, beside its CBOR type.
enum class ParameterForm : uint8_t { kAny, kUuid, kVendor, kDigest, kUri, kVersion, kWaitInfo, kInteger };

struct ParameterRule {
  int8_t label;
  cbor::Type type;
  ParameterForm form;
};

inline constexpr ParameterRule kParameterRules[] = {
    {suit::parameter::kVendorIdentifier, cbor::Type::kBytes, ParameterForm::kVendor},
    {suit::parameter::kClassIdentifier, cbor::Type::kBytes, ParameterForm::kUuid},
    {suit::parameter::kImageDigest, cbor::Type::kBytes, ParameterForm::kDigest},
    {suit::parameter::kImageSize, cbor::Type::kUnsigned, ParameterForm::kAny},
    {suit::parameter::kUri, cbor::Type::kText, ParameterForm::kUri},
    {suit::parameter::kSourceComponent, cbor::Type::kUnsigned, ParameterForm::kAny},
    {suit::parameter::kInvokeArguments, cbor::Type::kBytes, ParameterForm::kAny},
    {suit::parameter::kFetchArguments, cbor::Type::kBytes, ParameterForm::kAny},
#if TAILOR_SUIT_WRITE || TAILOR_SUIT_CHECK_CONTENT
    {suit::parameter::kContent, cbor::Type::kBytes, ParameterForm::kAny},
#endif
#if TAILOR_SUIT_ENCRYPTION
    {suit::parameter::kEncryptionInfo, cbor::Type::kBytes, ParameterForm::kAny},
#endif
#if TAILOR_SUIT_CONDITIONS
    {suit::parameter::kComponentSlot, cbor::Type::kUnsigned, ParameterForm::kAny},
    {suit::parameter::kDeviceIdentifier, cbor::Type::kBytes, ParameterForm::kUuid},
#endif
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    {suit::parameter::kUseBefore, cbor::Type::kUnsigned, ParameterForm::kAny},
    {suit::parameter::kMinimumBattery, cbor::Type::kUnsigned, ParameterForm::kAny},
    {suit::parameter::kUpdatePriority, cbor::Type::kUnsigned, ParameterForm::kInteger},
    {suit::parameter::kVersion, cbor::Type::kBytes, ParameterForm::kVersion},
    {suit::parameter::kWaitInfo, cbor::Type::kBytes, ParameterForm::kWaitInfo},
    {suit::parameter::kComponentMetadata, cbor::Type::kBytes, ParameterForm::kAny},
#endif
};

inline constexpr uint8_t kNoRow = 0xFF;

/// Names a parameter: a row of the table, and behind it those of the device's own.
struct ParameterRow {
  constexpr explicit ParameterRow(uint8_t number) noexcept : row(number) {}
  consteval ParameterRow(int64_t label) noexcept {  // NOLINT(google-explicit-constructor): a suit::parameter
    for (size_t i = 0; i < std::size(kParameterRules); ++i) {
      if (kParameterRules[i].label == label) row = static_cast<uint8_t>(i);
    }
  }
  uint8_t row = kNoRow;  ///< kNoRow: left out of this build, and never set
};

}  // namespace tailor::processor
