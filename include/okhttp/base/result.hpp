// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_RESULT_HPP
#define OKHTTP_BASE_RESULT_HPP

#include <okhttp/base/error.hpp>

#include <string>
#include <utility>
#include <variant>

OKHTTP_NAMESPACE_BEGIN

/// A value or the error that stood in its way. Every `try_` function returns one.
///
/// `if (result)` asks, `*result` and `result->` look (without a check, as with std::optional),
/// `value()` throws the error if there is no value, `error()` gives the error.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}        // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}    // NOLINT
  Result(Errc code, std::string message)
      : state_(std::in_place_index<1>, Error(code, std::move(message))) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the error (or, without exceptions, ends the program) if there is none.
  T& value() & { return require(), *std::get_if<0>(&state_); }
  const T& value() const& { return require(), *std::get_if<0>(&state_); }
  T value() && { return require(), std::move(*std::get_if<0>(&state_)); }

  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(other));
  }

  /// The error. Only when there is no value.
  Error& error() & noexcept { return *std::get_if<1>(&state_); }
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  void require() const {
    if (!has_value()) detail::throw_error(error());
  }
  std::variant<T, Error> state_;
};

/// Success, or the error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT
  Result(Errc code, std::string message) : failed_(true), error_(code, std::move(message)) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }
  void value() const {
    if (failed_) detail::throw_error(error_);
  }
  const Error& error() const& noexcept { return error_; }
  Error error() && noexcept { return std::move(error_); }

 private:
  bool failed_ = false;
  Error error_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_RESULT_HPP
