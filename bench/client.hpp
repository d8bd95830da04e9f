// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BENCH_CLIENT_HPP
#define OKHTTP_BENCH_CLIENT_HPP

// What every client of the bench shares: the command line, the check of an answer and the report.
// Nothing here runs between two requests but `require_body`.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace bench {

/// The body of every answer of bench/server.cpp.
inline constexpr std::string_view expected_body = "Hello, world!";

[[noreturn]] inline void die(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

/// The command line of every client, and the pieces of its URL.
struct Options {
  std::string url;
  std::string ca;               ///< PEM file with the only certificate to trust
  std::string dispatcher;       ///< read by client_okhttp alone
  std::size_t requests = 1000;  ///< measured requests
  std::size_t concurrency = 1;  ///< requests in flight at once
  std::size_t warmup = 100;     ///< requests before the measurement, the same way
  bool fresh = false;           ///< a new connection for every request
  bool no_sessions = false;     ///< read by client_okhttp alone: every handshake is a full one

  bool tls = false;
  std::string host;
  std::string port;
  std::string target;

  /// The request that most clients send, made once by those that make their own.
  std::string request_head() const {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + ":" + port +
           "\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
  }
};

inline std::size_t parse_count(std::string_view name, std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    die(std::string(name) + " wants a number, not \"" + std::string(text) + "\"");
  return value;
}

/// Reads the command line; ends the program with a sentence when it is wrong.
inline Options parse_options(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a harness that is stopped leaves no client behind
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--fresh") {
      options.fresh = true;
      continue;
    }
    if (name == "--no-sessions") {
      options.no_sessions = true;
      continue;
    }
    if (i + 1 == argc) die("no value for " + std::string(name));
    const std::string_view value = argv[++i];
    if (name == "--url")
      options.url = value;
    else if (name == "--ca")
      options.ca = value;
    else if (name == "--dispatcher")
      options.dispatcher = value;
    else if (name == "--requests")
      options.requests = parse_count(name, value);
    else if (name == "--concurrency")
      options.concurrency = parse_count(name, value);
    else if (name == "--warmup")
      options.warmup = parse_count(name, value);
    else
      die("unknown option " + std::string(name) +
          "\nusage: --url URL --requests N [--concurrency K] [--ca FILE] [--warmup N] [--fresh]");
  }

  // Only the form that the harness gives: scheme://host:port/target.
  const std::size_t authority = options.url.find("://") + 3;
  const std::size_t slash = options.url.find('/', authority);
  const std::size_t colon = options.url.find(':', authority);
  if (options.url.find("://") == std::string::npos || slash == std::string::npos || colon > slash)
    die("--url wants scheme://host:port/target, not \"" + options.url + "\"");
  options.tls = options.url.starts_with("https:");
  options.host = options.url.substr(authority, colon - authority);
  options.port = options.url.substr(colon + 1, slash - colon - 1);
  options.target = options.url.substr(slash);
  if (options.concurrency == 0) die("--concurrency wants at least 1");
  return options;
}

inline void require_body(std::string_view body) {
  if (body != expected_body) die("unexpected answer body");
}

/// Peak resident memory of this program in KiB. Not ru_maxrss: that one remembers the memory of the
/// process that started this program.
inline long peak_memory() {
  long kibibytes = 0;
  std::FILE* status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) return 0;
  char line[256];
  while (std::fgets(line, sizeof line, status) != nullptr)
    if (std::sscanf(line, "VmHWM: %ld", &kibibytes) == 1) break;
  std::fclose(status);
  return kibibytes;
}

/// Wall and processor time of this process (all threads) since construction.
class Meter {
 public:
  Meter() : start_(std::chrono::steady_clock::now()) { getrusage(RUSAGE_SELF, &usage_); }

  /// Prints the one line of results: times since construction, peak memory of the whole process.
  void report(std::size_t requests) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    rusage now{};
    getrusage(RUSAGE_SELF, &now);
    std::printf("requests=%zu seconds=%.6f user_us=%lld sys_us=%lld maxrss_kib=%ld\n", requests,
                seconds.count(), microseconds(now.ru_utime) - microseconds(usage_.ru_utime),
                microseconds(now.ru_stime) - microseconds(usage_.ru_stime), peak_memory());
    std::fflush(stdout);
  }

 private:
  static long long microseconds(const timeval& time) {
    return static_cast<long long>(time.tv_sec) * 1'000'000 + time.tv_usec;
  }
  std::chrono::steady_clock::time_point start_;
  rusage usage_{};
};

/// Runs `exchanges(n)` for the warm-up, then measured, and reports.
template <class Exchanges>
void measure(const Options& options, Exchanges&& exchanges) {
  if (options.warmup != 0) exchanges(options.warmup);
  const Meter meter;
  exchanges(options.requests);
  meter.report(options.requests);
}

}  // namespace bench

#endif  // OKHTTP_BENCH_CLIENT_HPP
