// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_COPY_ON_WRITE_HPP
#define OKHTTP_BASE_COPY_ON_WRITE_HPP

#include <okhttp/base/frame_pool.hpp>

#include <memory>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// A value that its copies share until one of them writes to it.
///
/// Thread safety: copies may be used on different threads.
template <class T>
class CopyOnWrite {
 public:
  /// Shares nothing yet: reading it is a bug, write() makes a T.
  CopyOnWrite() = default;

  const T& operator*() const noexcept { return *shared_; }
  const T* operator->() const noexcept { return shared_.get(); }
  explicit operator bool() const noexcept { return shared_ != nullptr; }

  /// The value, which no other copy shares any more.
  T& write() {
    if (!shared_)
      shared_ = make_recycled<T>();
    else if (!is_sole_owner())
      shared_ = make_recycled<T>(std::as_const(*shared_));
    return *shared_;
  }

 private:
  bool is_sole_owner() const noexcept {
    if (shared_.use_count() != 1) return false;
    // use_count() synchronizes with nothing. Letting a copy go does, with every earlier release:
    // what other threads read through their copies happens before our write.
    std::shared_ptr<T>(shared_).reset();
    return true;
  }

  std::shared_ptr<T> shared_;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BASE_COPY_ON_WRITE_HPP
