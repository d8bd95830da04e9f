// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_KEY_LOG_HPP
#define OKHTTP_TRANSPORT_TLS_KEY_LOG_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// Where the secrets of TLS connections go, so that a tool like Wireshark can read what was captured of
/// them. Whoever has the log can read the traffic: for debugging only.
///
/// Nothing is logged unless a client is given one; the environment is looked at by `from_environment` alone.
/// A value; copies share one log, and equal are those that share it.
/// Thread safety: any thread; a given function may run on several threads at once.
/// Spec: the lines are those of NSS (draft-ietf-tls-keylogfile), "LABEL client_random secret".
class KeyLog {
 public:
  /// Takes one line without its end. Must not block on an event loop.
  using Function = UniqueFunction<void(std::string_view line)>;

  /// Logs nothing.
  KeyLog() = default;
  explicit KeyLog(Function function) {
    if (function) function_ = std::make_shared<const Function>(std::move(function));
  }

  /// Appends to a file, which is made if there is none. Errors: Errc::file, naming the path.
  static Result<KeyLog> try_to_file(const std::string& path);
  /// Appends to the file that the environment variable SSLKEYLOGFILE names; logs nothing without it.
  /// Errors: as try_to_file.
  static Result<KeyLog> try_from_environment();
#if OKHTTP_EXCEPTIONS
  /// As the try_ twins, but throw.
  static KeyLog to_file(const std::string& path) { return try_to_file(path).value(); }
  static KeyLog from_environment() { return try_from_environment().value(); }
#endif

  bool is_enabled() const noexcept { return function_ != nullptr; }
  void write(std::string_view line) const {
    if (function_) (*function_)(line);
  }

  friend bool operator==(const KeyLog&, const KeyLog&) = default;

 private:
  std::shared_ptr<const Function> function_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/transport/tls_key_log.ipp>

#endif  // OKHTTP_TRANSPORT_TLS_KEY_LOG_HPP
