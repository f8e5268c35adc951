// SPDX-License-Identifier: Apache-2.0
// Compiles an RSQL filter to a condition over the table `device`, with every value a bound parameter. Means the same as
// matches() in domain/filter.hpp; a test compares the two.
#pragma once

#include "services/store/value.hpp"
#include "services/update/domain/filter.hpp"

namespace tailor::update_server {

struct SqlCondition {
  std::string text;
  store::Params params;
};

[[nodiscard]] SqlCondition compile(const FilterNode& filter);

}  // namespace tailor::update_server
