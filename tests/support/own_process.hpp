// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_OWN_PROCESS_HPP
#define OKHTTP_TESTS_SUPPORT_OWN_PROCESS_HPP

#include <doctest/doctest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "support/raw_server.hpp"

namespace okhttp_tests {

/// A skipped test of this very program, run in a process of its own: a server that must not share
/// descriptors and threads with its client, or a test that ends its program.
class OwnProcess {
 public:
  /// The descriptor through which the test in the process talks to the one that started it.
  static constexpr int link = 3;

  explicit OwnProcess(std::string test) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    ours_ = Descriptor(ends[0]);
    const Descriptor theirs(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), link);
    std::string name = "okhttp-test-process";
    std::string filter = "-tc=" + std::move(test);
    std::string unskip = "--no-skip";
    char* arguments[] = {name.data(), filter.data(), unskip.data(), nullptr};
    const int failed =
        ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    REQUIRE(failed == 0);
  }
  OwnProcess(const OwnProcess&) = delete;
  OwnProcess& operator=(const OwnProcess&) = delete;
  ~OwnProcess() { wait(); }

  int descriptor() const { return ours_.get(); }
  /// Closes the link and gives what waitpid says.
  int wait() {
    if (process_ <= 0) return status_;
    ours_ = Descriptor();
    ::waitpid(std::exchange(process_, -1), &status_, 0);
    return status_;
  }

 private:
  Descriptor ours_;
  pid_t process_ = -1;
  int status_ = -1;
};

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_OWN_PROCESS_HPP
