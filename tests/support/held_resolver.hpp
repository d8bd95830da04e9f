// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_HELD_RESOLVER_HPP
#define OKHTTP_TESTS_SUPPORT_HELD_RESOLVER_HPP

#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

// The system's resolver as tests want it. For one source file of a program.

namespace support {

/// Where lookups wait for as long as the test likes.
class Gate {
 public:
  void wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    while (!open_) changed_.wait(lock);
    --waiting_;
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = false;
  }
  void wait_until_waiting(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (waiting_ != count) changed_.wait(lock);
  }
  void count_lookup() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++lookups_;
  }
  int lookups() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return lookups_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  int lookups_ = 0;
  bool open_ = false;
};

/// Of names under .held.test. Counts the lookups of all names under .test.
inline Gate& gate() {
  static Gate* const only = new Gate;
  return *only;
}

}  // namespace support

// In front of the C library's; names outside of .test go on to it.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto system = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = node != nullptr ? node : "";
  if (!name.ends_with(".test")) return system(node, service, hints, result);
  support::gate().count_lookup();
  if (name.ends_with(".held.test")) support::gate().wait();
  if (name == "missing.test") return EAI_NONAME;
  if (name == "unreachable.test") return EAI_AGAIN;
  return system(name == "six.test" ? "::1" : "127.0.0.1", service, hints, result);
}

#endif  // OKHTTP_TESTS_SUPPORT_HELD_RESOLVER_HPP
