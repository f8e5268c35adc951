// SPDX-License-Identifier: Apache-2.0
// States and reasons in columns: by name, as operators read them.
#pragma once

#include "services/store/value.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

[[nodiscard]] inline store::Value state_value(const Progressed& progress) {
  return store::Value(update::name_of(progress.state));
}
[[nodiscard]] inline store::Value reason_value(const Progressed& progress) {
  const std::string text = reason_text(progress);  // with awaiting-trigger: what is awaited
  return text.empty() ? store::Value() : store::Value(text);
}
/// Reads the two columns. @returns kRecordMalformed for a name that is none
[[nodiscard]] Outcome<Progressed> progress_from(std::string_view state, const std::optional<std::string>& reason);

}  // namespace tailor::update_server
