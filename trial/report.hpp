// SPDX-License-Identifier: Apache-2.0
// The SUIT_Report that a device would send of a trial, unsealed: what its recorder kept, and how it ended.
#pragma once

#include "trial/recipient.hpp"

namespace tailor::trial {

/// Encodes the report (docs/formats/suit-report.md), without nonce and without a capability report, which are the
/// device's own.
/// @returns kNotFound when no manifest was believed, which a report has to name; kStateConflict for a trial that waits
[[nodiscard]] Outcome<Bytes> report_of(const Recipient& recipient, const Ending& ending);

}  // namespace tailor::trial
