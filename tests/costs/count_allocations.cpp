// SPDX-License-Identifier: Apache-2.0

// Counts the allocations of each thread for tests/support/count_allocations.hpp. There is one such file in a
// program, and the tests of costs are a program of their own because of it.

#include <support/count_allocations.hpp>

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t allocations_here = 0;
thread_local bool counts_here = false;

void* counted(std::size_t size) {
  if (counts_here) ++allocations_here;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void* counted(std::size_t size, std::align_val_t alignment) {
  if (counts_here) ++allocations_here;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
  throw std::bad_alloc();
}
}  // namespace

namespace okhttp_tests {
std::size_t counted_allocations() noexcept { return allocations_here; }
bool count_allocations(bool wanted) noexcept {
  const bool before = counts_here;
  counts_here = wanted;
  return before;
}
}  // namespace okhttp_tests

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
