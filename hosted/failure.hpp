// SPDX-License-Identifier: Apache-2.0
// The error type of hosted programs: an Error of errors.def with the context that a person needs. Everything hosted
// returns Outcome<T>; core functions return Result<T>, and with_context() joins the two.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.hpp"

namespace tailor {

/// What went wrong and where. The context names objects (a path, a URL, a column), never a secret.
struct Failure {
  Error code = Error::kInternal;
  std::string context;

  /// Says "<ErrorName>: <meaning>" and, when there is one, " (<context>)".
  [[nodiscard]] std::string to_text() const;
};

/// A value, or a Failure. Outcome<void> takes kOk.
template <typename T>
using Outcome = Result<T, Failure>;

/// Makes a Failure: `return fail(Error::kNotFound, path.string());`.
[[nodiscard]] inline Failure fail(Error code, std::string context = {}) {
  return Failure{code, std::move(context)};
}

/// Turns a result of the core into an Outcome, saying what was being done.
template <typename T>
[[nodiscard]] Outcome<T> with_context(Result<T, Error> result, std::string_view context) {
  if (!result.ok()) return fail(result.error(), std::string(context));
  if constexpr (std::is_void_v<T>) {
    return kOk;
  } else {
    return Outcome<T>(std::move(result).value());
  }
}

/// Puts the outer step before the context of a failure: "<step>: <context>".
template <typename T>
[[nodiscard]] Outcome<T> with_context(Outcome<T> outcome, std::string_view step) {
  if (outcome.ok()) return outcome;
  std::string context(step);
  if (!outcome.error().context.empty()) context.append(": ").append(outcome.error().context);
  return fail(outcome.error().code, std::move(context));
}

}  // namespace tailor
