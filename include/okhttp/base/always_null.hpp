// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ALWAYS_NULL_HPP
#define OKHTTP_BASE_ALWAYS_NULL_HPP

#include <okhttp/config.hpp>

#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// In place of a pointer that is null in builds without what it points to: what stands behind a look at it leaves
/// no code, and compilers do not warn of it as they do of a constant.
template <class T>
struct AlwaysNull {
  T* operator->() const noexcept { return nullptr; }
  friend constexpr bool operator==(AlwaysNull, std::nullptr_t) noexcept { return true; }
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_ALWAYS_NULL_HPP
