// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_RESULT_HPP
#define OKHTTP_BASE_RESULT_HPP

#include <okhttp/base/error.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// A value or the error that stood in its way. Every `try_` function returns one.
///
/// `if (result)` asks, `*result` and `result->` look (without a check, as with std::optional),
/// `value()` throws the error if there is no value, `error()` gives the error.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : value_(std::move(value)), has_value_(true) {}  // NOLINT
  Result(Error error) noexcept : error_(std::move(error)), has_value_(false) {}  // NOLINT
  Result(Errc code, std::string message) : error_(code, std::move(message)), has_value_(false) {}
  /// As Error puts a sentence together.
  template <ErrorTextPart... Parts>
    requires(sizeof...(Parts) > 0)
  Result(Errc code, const Parts&... parts) : error_(Error::Opaque(), code, parts...), has_value_(false) {}  // NOLINT
  Result(const Result& other)
    requires std::copy_constructible<T>
      : has_value_(other.has_value_) {
    construct(other);
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : has_value_(other.has_value_) {
    construct(std::move(other));
  }
  Result& operator=(const Result& other)
    requires std::copy_constructible<T>
  {
    return *this = Result(other);
  }
  Result& operator=(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    if (this == &other) return *this;
    destroy();
    Refill refill{this};
    has_value_ = other.has_value_;
    construct(std::move(other));
    refill.empty = nullptr;
    return *this;
  }
  ~Result() { destroy(); }

  bool has_value() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }

  /// The value; throws the error (or, without exceptions, ends the program) if there is none.
  T& value() & { return require(), value_; }
  const T& value() const& { return require(), value_; }
  T value() && { return require(), std::move(value_); }

  T& operator*() & noexcept { return value_; }
  const T& operator*() const& noexcept { return value_; }
  T&& operator*() && noexcept { return std::move(value_); }
  T* operator->() noexcept { return std::addressof(value_); }
  const T* operator->() const noexcept { return std::addressof(value_); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value_ ? value_ : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return has_value_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
  }

  /// The error. Only when there is no value.
  Error& error() & noexcept { return error_; }
  const Error& error() const& noexcept { return error_; }
  Error error() && noexcept { return std::move(error_); }

 private:
  // Moving a value into an emptied result threw: it is left as an error.
  struct Refill {
    ~Refill() {
      if (empty == nullptr) return;
      empty->has_value_ = false;
      std::construct_at(&empty->error_);
    }
    Result* empty;
  };
  void require() const {
    if (!has_value_) detail::throw_error(error_);
  }
  template <class Other>
  void construct(Other&& other) {
    if (has_value_)
      std::construct_at(std::addressof(value_), std::forward<Other>(other).value_);
    else
      std::construct_at(&error_, std::forward<Other>(other).error_);
  }
  void destroy() noexcept {
    if (has_value_)
      std::destroy_at(std::addressof(value_));
    else
      std::destroy_at(&error_);
  }

  // Not a std::variant: GCC 12 takes one inside a coroutine for uninitialized, and this compiles faster.
  union {
    T value_;
    Error error_;
  };
  bool has_value_;
};

/// Success, or the error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT
  Result(Errc code, std::string message) : failed_(true), error_(code, std::move(message)) {}
  template <ErrorTextPart... Parts>
    requires(sizeof...(Parts) > 0)
  Result(Errc code, const Parts&... parts) : failed_(true), error_(code, parts...) {}  // NOLINT

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
