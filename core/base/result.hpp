// SPDX-License-Identifier: Apache-2.0
// Result<T> and Status: a value or an error, without exceptions or heap. Hosted code uses the same shape with a Failure
// (error and context) in place of the bare Error.
#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "core/base/error.hpp"

namespace tailor {

/// Tells that a function has nothing more to say than "it worked".
struct Ok {};
inline constexpr Ok kOk{};

/// What a state machine says after a step; "not yet" is not an error.
enum class Progress : uint8_t { kDone, kNeedInput, kWait };

/// Holds either a T or an E. Reading the one that is not there is a programmer's error and traps.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(const T& value) : has_value_(true) {
    std::construct_at(&value_, value);
  }  // NOLINT(google-explicit-constructor)
  Result(T&& value) : has_value_(true) {
    std::construct_at(&value_, std::move(value));
  }  // NOLINT(google-explicit-constructor)
  Result(const E& error) : has_value_(false) {
    std::construct_at(&error_, error);
  }  // NOLINT(google-explicit-constructor)
  template <typename U>
  requires(std::is_same_v<std::remove_cvref_t<U>, E> && !std::is_trivially_copyable_v<E>) Result(U&& error)
      : has_value_(false) {
    std::construct_at(&error_, std::forward<U>(error));
  }  // NOLINT

  Result(const Result& other) requires(std::is_copy_constructible_v<T>) : has_value_(other.has_value_) {
    if (has_value_) {
      std::construct_at(&value_, other.value_);
    } else {
      std::construct_at(&error_, other.error_);
    }
  }
  Result(Result&& other) noexcept : has_value_(other.has_value_) {
    if (has_value_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&error_, std::move(other.error_));
    }
  }
  Result& operator=(const Result&) = delete;
  Result& operator=(Result&&) = delete;
  ~Result() {
    if (has_value_) {
      std::destroy_at(&value_);
    } else {
      std::destroy_at(&error_);
    }
  }

  [[nodiscard]] bool ok() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }

  [[nodiscard]] T& value() & noexcept { return trap_unless(has_value_), value_; }
  [[nodiscard]] const T& value() const& noexcept { return trap_unless(has_value_), value_; }
  [[nodiscard]] T&& value() && noexcept { return trap_unless(has_value_), std::move(value_); }
  [[nodiscard]] T& operator*() & noexcept { return value(); }
  [[nodiscard]] const T& operator*() const& noexcept { return value(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() noexcept { return &value(); }
  [[nodiscard]] const T* operator->() const noexcept { return &value(); }

  [[nodiscard]] const E& error() const noexcept { return trap_unless(!has_value_), error_; }

 private:
  static void trap_unless(bool condition) noexcept {
    if (!condition) __builtin_trap();
  }

  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

/// Success, or an error.
template <typename E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result(Ok) noexcept : Result(Result<Ok, E>(kOk)) {}  // NOLINT(google-explicit-constructor)
  Result(const E& error) : inner_(error) {}            // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return inner_.ok(); }
  explicit operator bool() const noexcept { return inner_.ok(); }
  [[nodiscard]] const E& error() const noexcept { return inner_.error(); }

 private:
  explicit Result(Result<Ok, E>&& inner) noexcept : inner_(std::move(inner)) {}
  Result<Ok, E> inner_;
};

using Status = Result<void, Error>;

}  // namespace tailor

/// Leaves the function with the error of a Status or Result, if it holds one.
#define TAILOR_TRY(expression)                                      \
  do {                                                              \
    if (auto tailor_status_ = (expression); !tailor_status_.ok()) { \
      return tailor_status_.error();                                \
    }                                                               \
  } while (false)

#define TAILOR_CONCAT_INNER(a, b) a##b
#define TAILOR_CONCAT(a, b) TAILOR_CONCAT_INNER(a, b)

/// Leaves the function with the error of a Result, or assigns its value: TAILOR_TRY_ASSIGN(const auto head,
/// read_head()).
#define TAILOR_TRY_ASSIGN(declaration, expression) \
  TAILOR_TRY_ASSIGN_INNER(TAILOR_CONCAT(tailor_result_, __COUNTER__), declaration, expression)
#define TAILOR_TRY_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) return result.error();                       \
  declaration = std::move(result).value()
