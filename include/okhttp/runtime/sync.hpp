// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_RUNTIME_SYNC_HPP
#define OKHTTP_RUNTIME_SYNC_HPP

#include <okhttp/config.hpp>

#if OKHTTP_THREADS
#include <condition_variable>
#include <mutex>
#endif

OKHTTP_NAMESPACE_BEGIN
namespace detail {

// Locks vanish when the build has no threads.
#if OKHTTP_THREADS
using SyncMutex = std::mutex;
using SyncLock = std::unique_lock<std::mutex>;
#else
struct SyncMutex {
  void lock() noexcept {}
  void unlock() noexcept {}
};
class SyncLock {
 public:
  explicit SyncLock(SyncMutex&) noexcept {}
  ~SyncLock() {}
  void lock() noexcept {}
  void unlock() noexcept {}
};
#endif

#if OKHTTP_THREADS
inline constinit thread_local char thread_mark = 0;
#else
inline constinit char thread_mark = 0;
#endif
/// An address that no other living thread gives; tells threads apart without <thread>.
inline const void* this_thread() noexcept { return &thread_mark; }

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_RUNTIME_SYNC_HPP
