// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_FORK_HPP
#define OKHTTP_TESTS_SUPPORT_FORK_HPP

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <unistd.h>

// Tests that go on in a child process.

/// 0 under ThreadSanitizer, which allows a child of several threads neither new ones nor its own locks.
#define OKHTTP_TEST_FORKS 1
#if defined(__SANITIZE_THREAD__)
#undef OKHTTP_TEST_FORKS
#define OKHTTP_TEST_FORKS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef OKHTTP_TEST_FORKS
#define OKHTTP_TEST_FORKS 0
#endif
#endif

namespace okhttp_tests {

/// Waits until all other threads of this process sleep: a child made then finds no lock taken by a thread that it
/// does not have. False when some did not within a minute.
inline bool others_sleep() {
  namespace fs = std::filesystem;
  const auto all_sleep = [] {
    const auto threads = fs::directory_iterator("/proc/self/task");
    return std::all_of(begin(threads), end(threads), [](const fs::directory_entry& thread) {
      if (thread.path().filename() == std::to_string(::gettid())) return true;
      std::ifstream file(thread.path() / "stat");
      std::string line;
      std::getline(file, line);
      const std::size_t name_end = line.rfind(')');
      return name_end == std::string::npos || line.substr(name_end + 2, 1) == "S";
    });
  };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (int in_a_row = 0; in_a_row < 10; in_a_row = all_sleep() ? in_a_row + 1 : 0) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_FORK_HPP
