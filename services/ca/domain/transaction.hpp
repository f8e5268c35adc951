// SPDX-License-Identifier: Apache-2.0
// Runs a decision that returns an Outcome<T> in one transaction of the ledger.
#pragma once

#include <optional>
#include <type_traits>

#include "services/ca/domain/records.hpp"

namespace tailor::ca {

enum class Access : uint8_t { kRead, kWrite };

/// Runs `decide(Records&)` in one transaction, undone when it fails, and hands on what it returned.
template <typename Decide>
[[nodiscard]] auto transact(Ledger& ledger, Access access, Decide&& decide) -> std::invoke_result_t<Decide, Records&> {
  using Returned = std::invoke_result_t<Decide, Records&>;
  const auto run = [&](const Ledger::Work& work) {
    return access == Access::kWrite ? ledger.write(work) : ledger.read(work);
  };
  if constexpr (std::is_void_v<typename Returned::value_type>) {
    return run(decide);
  } else {
    std::optional<typename Returned::value_type> kept;
    const Outcome<void> done = run([&](Records& records) -> Outcome<void> {
      auto returned = decide(records);
      if (!returned.ok()) return returned.error();
      kept.emplace(std::move(returned).value());
      return kOk;
    });
    if (!done.ok()) return done.error();
    return std::move(*kept);
  }
}

}  // namespace tailor::ca
