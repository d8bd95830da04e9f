// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TLS_KEY_LOG_IPP
#define OKHTTP_TRANSPORT_TLS_KEY_LOG_IPP

#include <okhttp/transport/tls_key_log.hpp>

#if OKHTTP_BODIES

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Result<KeyLog> KeyLog::try_to_file(const std::string& path) {
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  errno = 0;
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "ab"));
  if (!file)
    return Error(Errc::file, "cannot open the key log " + path + ": " +
                                 std::generic_category().message(errno));
  return KeyLog(Function([file = std::move(file)](std::string_view line) {
    // One write of a whole line: lines of several threads do not mix.
    const std::string text = std::string(line) + '\n';
    std::fwrite(text.data(), 1, text.size(), file.get());
    std::fflush(file.get());
  }));
}

OKHTTP_DECL Result<KeyLog> KeyLog::try_from_environment() {
  const char* const path = std::getenv("SSLKEYLOGFILE");
  if (path == nullptr || *path == '\0') return KeyLog();
  return try_to_file(path);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_TLS_KEY_LOG_IPP
