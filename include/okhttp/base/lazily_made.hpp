// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_LAZILY_MADE_HPP
#define OKHTTP_BASE_LAZILY_MADE_HPP

#include <okhttp/config.hpp>

#include <memory>
#include <utility>
#if OKHTTP_THREADS
#include <atomic>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A value that is made when it is first asked for. A copy starts without one.
///
/// Thread safety: get() may be called on several threads at once.
template <class T>
class LazilyMade {
 public:
  LazilyMade() = default;
  LazilyMade(const LazilyMade&) noexcept {}
  LazilyMade& operator=(const LazilyMade&) = delete;
  ~LazilyMade() { delete current(); }

  /// Forgets the value. Not while another thread uses this object.
  void reset() noexcept {
    delete current();
    value_ = nullptr;
  }

  /// The value; `make()` gives it. Two threads may both make one, and the first to be done wins.
  template <class F>
  const T& get(F&& make) const {
    if (const T* const made = current()) return *made;
    auto mine = std::make_unique<const T>(make());
#if OKHTTP_THREADS
    const T* theirs = nullptr;
    // Release: whoever sees the pointer sees the value. Acquire: the same for a value of another
    // thread that was faster.
    if (!value_.compare_exchange_strong(theirs, mine.get(), std::memory_order_acq_rel))
      return *theirs;
#else
    value_ = mine.get();
#endif
    return *mine.release();
  }

 private:
#if OKHTTP_THREADS
  const T* current() const noexcept { return value_.load(std::memory_order_acquire); }
  mutable std::atomic<const T*> value_ = nullptr;
#else
  const T* current() const noexcept { return value_; }
  mutable const T* value_ = nullptr;
#endif
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_LAZILY_MADE_HPP
