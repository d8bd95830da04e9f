// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_COUNT_ALLOCATIONS_HPP
#define OKHTTP_TESTS_SUPPORT_COUNT_ALLOCATIONS_HPP

#include <cstddef>
#include <utility>

// The program of tests/costs replaces operator new; its count_allocations.cpp defines what is declared here.

namespace okhttp_tests {

/// How often this thread has come to operator new since it began, while it counted.
std::size_t counted_allocations() noexcept;
/// Lets this thread count, or not; gives what it did before.
bool count_allocations(bool wanted) noexcept;

/// How often `function` allocates on this thread; what it does on others is not counted.
template <class F>
std::size_t allocations_of(F&& function) {
  const std::size_t before = counted_allocations();
  const bool counted = count_allocations(true);
  std::forward<F>(function)();
  count_allocations(counted);
  return counted_allocations() - before;
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_COUNT_ALLOCATIONS_HPP
