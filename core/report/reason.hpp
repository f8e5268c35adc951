// SPDX-License-Identifier: Apache-2.0
// Why an update failed, in the words of SUIT_Report (report-20, SUIT_Report Reasons): what each error of errors.def is
// called there, and what people read. The column of errors.def is the table; nobody keeps a second one.
#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace tailor::report {

/// Values of suit-report-result-reason.
enum class Reason : uint8_t {
  kOk = 0,
  kCborParse = 1,
  kCoseUnsupported = 2,
  kAlgorithmUnsupported = 3,
  kUnauthorised = 4,
  kCommandUnsupported = 5,
  kComponentUnsupported = 6,
  kComponentUnauthorised = 7,
  kParameterUnsupported = 8,
  kSeveringUnsupported = 9,
  kConditionFailed = 10,
  kOperationFailed = 11,
  kInvokePending = 12,
};
inline constexpr uint8_t kReasons = 13;

/// The reason that an error is reported with; never kOk.
[[nodiscard]] Reason reason_of(Error error) noexcept;
/// @returns kValueOutOfRange for a number that is no reason
[[nodiscard]] Result<Reason> reason_from_code(uint64_t code) noexcept;
/// The reason as the registry names it, in lower case: "condition failed".
[[nodiscard]] std::string_view words_of(Reason reason) noexcept;

/// Whether the manifest asked for something that this device does not have: the draft's occasion for a capability
/// report that nobody requested (report-20, suit-report-result).
[[nodiscard]] bool is_unsupported(Reason reason) noexcept;

}  // namespace tailor::report
