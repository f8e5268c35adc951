// SPDX-License-Identifier: Apache-2.0
// See progress_codec.hpp.
#include "services/update/store/progress_codec.hpp"

namespace tailor::update_server {

Outcome<Progressed> progress_from(std::string_view state, const std::optional<std::string>& reason) {
  const Result<UpdateState> known = update::update_state_from_name(state);
  if (!known.ok()) return fail(Error::kRecordMalformed, "state " + std::string(state));
  Progressed progress{known.value(), std::nullopt};
  if (progress.state == UpdateState::kAwaitingTrigger) {
    // Rows from before it was told what is awaited have none: it was the trigger.
    const auto awaited = update::awaited_from_name(reason.value_or(std::string(name_of(update::Awaited::kTrigger))));
    if (!awaited.ok()) return fail(Error::kRecordMalformed, "awaited " + *reason);
    progress.awaited = awaited.value();
    return progress;
  }
  if (!reason) return progress;
  for (unsigned code = 1; code < 256; ++code) {
    const ErrorInfo& info = describe(static_cast<Error>(code));
    if (info.name == *reason && static_cast<unsigned>(info.error) == code) progress.reason = info.error;
  }
  if (!progress.reason) return fail(Error::kRecordMalformed, "reason " + *reason);
  return progress;
}

}  // namespace tailor::update_server
