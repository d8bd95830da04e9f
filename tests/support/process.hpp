// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_PROCESS_HPP
#define OKHTTP_TESTS_SUPPORT_PROCESS_HPP

#include "support/raw_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#  include <sys/prctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Programs that tests talk to: started for the test, gone with it.

namespace okhttp_tests {

/// The path of a program that has one of these names. What the system has installed comes first: a
/// wrapper that is earlier on the PATH may start slowly.
/// Throws when it is missing, with the command that installs it.
inline std::string find_program(std::initializer_list<const char*> names, const char* package) {
  std::string folders = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin:/bin:/sbin";
  if (const char* path = std::getenv("PATH")) folders.append(":").append(path);
  for (const char* name : names) {
    for (std::size_t begin = 0; begin < folders.size();) {
      const std::size_t end = std::min(folders.find(':', begin), folders.size());
      const std::string path = folders.substr(begin, end - begin) + "/" + name;
      if (::access(path.c_str(), X_OK) == 0) return path;
      begin = end + 1;
    }
  }
  throw std::runtime_error(std::string(*names.begin()) +
                           " is not installed; as root: apt-get install " + package);
}

/// A running program. It has no input, writes what it has to say to a file, and ends with this
/// object, or with the test program however that ends.
class Process {
 public:
  /// `command` begins with the path of the program.
  Process(std::vector<std::string> command, const std::string& log) {
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    // Everything the child needs is made here: after fork only system calls are allowed.
    const Descriptor output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const Descriptor input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    int ends[2];
    if (output.get() < 0 || input.get() < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
      throw std::runtime_error("no descriptors for " + command.front());
    life_ = Descriptor(ends[0]);
    const Descriptor child_end(ends[1]);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot start " + command.front());
    if (pid_ == 0) become(arguments.data(), input.get(), output.get(), child_end.get(), parent);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    constexpr int polite_ms = 3000;
    signal(SIGTERM);
    if (!wait_for_end(polite_ms)) signal(SIGKILL);
    while (!reaped_ && ::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// Waits up to `ms` for the program and all that it has started to end.
  bool wait_for_end(int ms) const {
    pollfd entry{life_.get(), 0, 0};
    return ::poll(&entry, 1, ms) > 0 && (entry.revents & POLLHUP) != 0;
  }
  /// Whether the program is still there.
  bool is_running() {
    if (!reaped_ && ::waitpid(pid_, nullptr, WNOHANG) == pid_) reaped_ = true;
    return !reaped_;
  }
  void signal(int number) const {
    if (::kill(-pid_, number) != 0 && !reaped_) ::kill(pid_, number);
  }

 private:
  /// In the child. The pipe stays open in everything it starts, so that its end tells.
  [[noreturn]] static void become(
      char* const* arguments, int input, int output, int life, pid_t parent) {
    constexpr int kept_pipe = 3;
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::dup2(life, kept_pipe);
    ::fcntl(kept_pipe, F_SETFD, 0);
    ::setpgid(0, 0);
#if defined(__linux__)
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (::getppid() == parent) ::execv(arguments[0], arguments);
    ::_exit(127);
  }

  Descriptor life_;
  pid_t pid_ = -1;
  bool reaped_ = false;
};

/// A port of 127.0.0.1 that was free a moment ago.
inline std::uint16_t free_port() { return Listener().port(); }

/// Whether somebody takes connections there.
inline bool accepts_connections(std::uint16_t port) {
  const Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  sockaddr_in own{};
  socklen_t size = sizeof own;
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  // A socket can meet itself when nobody else is there.
  return ::getsockname(client.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
         own.sin_port != address.sin_port;
}

/// A server program that listens on a free port of 127.0.0.1.
class ServerProcess {
 public:
  /// `command` says how to start it on a port. Returns when it takes connections; throws, with what
  /// it said, when it does not within a minute.
  ServerProcess(std::string name,
                const std::string& log,
                const std::function<std::vector<std::string>(std::uint16_t)>& command)
      : name_(std::move(name)), log_(log) {
    // Somebody else may be faster to take the port.
    for (int attempt = 0; attempt < 3; ++attempt) {
      port_ = free_port();
      process_ = std::make_unique<Process>(command(port_), log_);
      if (wait_until_ready()) return;
    }
    std::ifstream file(log_);
    throw std::runtime_error(
        name_ + " does not start: " + std::string(std::istreambuf_iterator<char>(file), {}));
  }

  std::uint16_t port() const { return port_; }
  /// As texts name it.
  std::string peer() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(std::string_view path) const { return "http://" + peer() + std::string(path); }

 private:
  /// False when the program ended, or a minute passed.
  bool wait_until_ready() {
    using Clock = std::chrono::steady_clock;
    constexpr int next_look_ms = 5;
    const Clock::time_point give_up = Clock::now() + std::chrono::minutes(1);
    while (Clock::now() < give_up) {
      if (accepts_connections(port_)) return process_->is_running();
      if (process_->wait_for_end(next_look_ms)) return false;
    }
    return false;
  }

  const std::string name_;
  const std::string log_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace okhttp_tests

#endif  // OKHTTP_TESTS_SUPPORT_PROCESS_HPP
