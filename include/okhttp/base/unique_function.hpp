// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_UNIQUE_FUNCTION_HPP
#define OKHTTP_BASE_UNIQUE_FUNCTION_HPP

#include <okhttp/config.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

template <class Signature>
class UniqueFunction;

/// A callable of any kind behind one signature; may hold a move-only callable (C++20 has no
/// std::move_only_function). Needs no RTTI. Calling an empty one is a bug of the caller.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT: an empty function, as with std::function
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, UniqueFunction> &&
             !std::is_member_pointer_v<std::decay_t<F>> &&
             std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& function) {  // NOLINT: implicit, a lambda is passed as it is
    using Callable = std::decay_t<F>;
    if constexpr (std::is_pointer_v<std::remove_cvref_t<F>>)
      if (function == nullptr) return;  // empty, as with std::function
    target_ = std::make_unique<Holder<Callable>>(std::forward<F>(function));
  }

  R operator()(Args... args) const { return target_->call(std::forward<Args>(args)...); }
  explicit operator bool() const { return target_ != nullptr; }

 private:
  struct Target {
    virtual ~Target() = default;
    virtual R call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Target {
    explicit Holder(F&& f) : function(std::move(f)) {}
    explicit Holder(const F& f) : function(f) {}
    R call(Args... args) override { return static_cast<R>(function(std::forward<Args>(args)...)); }
    F function;
  };
  std::unique_ptr<Target> target_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_UNIQUE_FUNCTION_HPP
