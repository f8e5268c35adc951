// SPDX-License-Identifier: Apache-2.0
// Any text as a filter: only kUsageInvalid comes out; what was read can be evaluated and compiled, and SQL gets every
// value as a parameter.
#include <algorithm>

#include "services/update/store/filter_sql.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto filter = update_server::parse_filter(as_text({data, size}));
  if (!filter.ok()) {
    if (filter.error().code != Error::kUsageInvalid) __builtin_trap();
    return 0;
  }
  update_server::Device device;
  device.components.emplace_back();
  static_cast<void>(update_server::matches(*filter, device));
  const update_server::SqlCondition sql = update_server::compile(*filter);
  const auto marks = static_cast<size_t>(std::count(sql.text.begin(), sql.text.end(), '?'));
  if (marks != sql.params.size() || sql.text.find('\'') != std::string::npos) __builtin_trap();
  return 0;
}
