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

namespace detail {

/// How an accessor hands out an E: an enumerator as itself, so that it stays in a register.
template <typename E>
using ByValueIfSmall = std::conditional_t<std::is_enum_v<E>, E, const E&>;

/// Where a Result keeps its value or error. The first form copies like the plain bytes it is, so that small results
/// travel in a register: on Cortex-M3 a fifth of the parser's code.
template <typename T, typename E, bool kTrivial = std::is_trivially_copyable_v<T>&& std::is_trivially_copyable_v<E>>
struct ResultStorage {
  explicit ResultStorage(const T& value) noexcept : value_(value), has_value_(true) {}
  explicit ResultStorage(const E& error) noexcept : error_(error), has_value_(false) {}

  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

template <typename T, typename E>
struct ResultStorage<T, E, false> {
  explicit ResultStorage(const T& value) : has_value_(true) { std::construct_at(&value_, value); }
  explicit ResultStorage(T&& value) : has_value_(true) { std::construct_at(&value_, std::move(value)); }
  explicit ResultStorage(const E& error) : has_value_(false) { std::construct_at(&error_, error); }
  explicit ResultStorage(E&& error) : has_value_(false) { std::construct_at(&error_, std::move(error)); }
  ResultStorage(const ResultStorage& other) requires(std::is_copy_constructible_v<T>) : has_value_(other.has_value_) {
    if (has_value_) {
      std::construct_at(&value_, other.value_);
    } else {
      std::construct_at(&error_, other.error_);
    }
  }
  ResultStorage(ResultStorage&& other) noexcept : has_value_(other.has_value_) {
    if (has_value_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&error_, std::move(other.error_));
    }
  }
  ResultStorage& operator=(const ResultStorage&) = delete;
  ResultStorage& operator=(ResultStorage&&) = delete;
  ~ResultStorage() {
    if (has_value_) {
      std::destroy_at(&value_);
    } else {
      std::destroy_at(&error_);
    }
  }

  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

}  // namespace detail

/// Holds either a T or an E. Reading the one that is not there is a programmer's error and traps.
template <typename T, typename E = Error>
class [[nodiscard]] Result : private detail::ResultStorage<T, E> {
  using Storage = detail::ResultStorage<T, E>;
  using Storage::error_;
  using Storage::has_value_;
  using Storage::value_;
  using ErrorAccess = detail::ByValueIfSmall<E>;

 public:
  using value_type = T;
  using error_type = E;

  Result(const T& value) : Storage(value) {}        // NOLINT(google-explicit-constructor)
  Result(T&& value) : Storage(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(const E& error) : Storage(error) {}        // NOLINT(google-explicit-constructor)
  template <typename U>  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): restricted to E
  requires(std::is_same_v<std::remove_cvref_t<U>, E> && !std::is_trivially_copyable_v<E>) Result(U&& error)
      : Storage(std::forward<U>(error)) {}  // NOLINT

  Result(const Result&) = default;
  Result(Result&&) = default;  // NOLINT(performance-noexcept-move-constructor): as T has it
  Result& operator=(const Result&) = delete;
  Result& operator=(Result&&) = delete;
  ~Result() = default;

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

  [[nodiscard, gnu::always_inline]] ErrorAccess error() const noexcept { return trap_unless(!has_value_), error_; }

 private:
  [[gnu::always_inline]] static void trap_unless(bool condition) noexcept {
    if (!condition) __builtin_trap();
  }
};

/// Success, or an error.
template <typename E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result(Ok) noexcept : inner_(kOk) {}       // NOLINT(google-explicit-constructor)
  Result(const E& error) : inner_(error) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return inner_.ok(); }
  explicit operator bool() const noexcept { return inner_.ok(); }
  [[nodiscard]] detail::ByValueIfSmall<E> error() const noexcept { return inner_.error(); }

 private:
  Result<Ok, E> inner_;
};

namespace detail {

/// What a byte holds: with the error beside it, all of it is one number.
template <typename T>
concept OneByte = (std::is_enum_v<T> || std::is_same_v<T, bool>)&&sizeof(T) == 1;

}  // namespace detail

/// A small value or an error of the core as one number, so that it travels in a register and is asked there: a struct
/// of two bytes is taken apart and put together again at each return.
template <detail::OneByte T>
class [[nodiscard]] Result<T, Error> {
 public:
  using value_type = T;
  using error_type = Error;

  constexpr Result(T value) noexcept : code_(static_cast<unsigned>(value) << 8U) {}  // NOLINT
  constexpr Result(Error error) noexcept : code_(static_cast<unsigned>(error)) {}    // NOLINT

  [[nodiscard]] constexpr bool ok() const noexcept { return (code_ & 0xFFU) == 0; }
  explicit constexpr operator bool() const noexcept { return ok(); }
  [[nodiscard]] T value() const noexcept {
    if (!ok()) __builtin_trap();
    return static_cast<T>(code_ >> 8U);
  }
  [[nodiscard]] T operator*() const noexcept { return value(); }
  [[nodiscard, gnu::always_inline]] Error error() const noexcept {
    if (ok()) __builtin_trap();
    return static_cast<Error>(code_);
  }

 private:
  unsigned code_;
};

/// Success, or an error of the core, as one number: no Error is zero.
template <>
class [[nodiscard]] Result<void, Error> {
 public:
  using value_type = void;
  using error_type = Error;

  constexpr Result(Ok) noexcept : code_(0) {}  // NOLINT(google-explicit-constructor)
  constexpr Result(Error error) noexcept
      : code_(static_cast<unsigned>(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] constexpr bool ok() const noexcept { return code_ == 0; }
  explicit constexpr operator bool() const noexcept { return ok(); }
  [[nodiscard, gnu::always_inline]] Error error() const noexcept {
    if (ok()) __builtin_trap();
    return static_cast<Error>(code_);
  }

 private:
  unsigned code_;
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
