// SPDX-License-Identifier: Apache-2.0
// A manifest's summary as JSON and as text.
#pragma once

#include <iosfwd>

#include "authoring/summary.hpp"
#include "cli/session.hpp"

namespace tailor::cli {

[[nodiscard]] Json summary_to_json(const authoring::EnvelopeSummary& summary);
void write_summary(std::ostream& out, const authoring::EnvelopeSummary& summary);

}  // namespace tailor::cli
