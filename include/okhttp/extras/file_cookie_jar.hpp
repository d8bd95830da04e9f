// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_FILE_COOKIE_JAR_HPP
#define OKHTTP_EXTRAS_FILE_COOKIE_JAR_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/extras/memory_cookie_jar.hpp>
#include <okhttp/runtime/sync.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#if OKHTTP_FILES

OKHTTP_NAMESPACE_BEGIN

/// A cookie jar in a file that curl (`-b`, `-c`), wget (`--load-cookies`) and Python read and write, too: Netscape's
/// cookies.txt. It is read once, in the beginning; a file that is not there is an empty one.
///
/// Saved is whenever cookies have changed, before the function that has changed them returns, so when a call ends
/// what its responses have set is on the disk; changes that come while another one is being saved are saved together.
/// The new file is written whole under another name, brought to the disk and renamed, so that after a crash there is
/// the old file or the new one. A new file is for its owner alone (0600); the permissions of an old one stay.
/// Two jars, or programs, must not use one file at once: the last to save wins.
///
/// Session cookies are saved and read back, as curl does it: `remove_if` takes them away. SameSite is lost, as the
/// format has no place for it, and so are cookies with a tab in their name. Lines that cannot be read are written
/// back as they are, at the end; comments are not.
/// Thread safety: any thread. An event loop saves on a helper thread.
class FileCookieJar final : public MemoryCookieJar {
 public:
  /// Longer files are not read. In bytes; 3,000 cookies of the usual size have 300,000.
  static constexpr std::size_t max_file_size = std::size_t{32} << 20;

  /// Reads the file. Errors: Errc::file when it cannot be read, is too long, or has something in it, but nothing that
  /// belongs into a cookies.txt.
  static Result<std::shared_ptr<FileCookieJar>> try_open(std::string path, CookieLimits limits = {},
                                                         CookieClock clock = {});
#if OKHTTP_EXCEPTIONS
  /// As try_open, but throws.
  explicit FileCookieJar(std::string path, CookieLimits limits = {}, CookieClock clock = {})
      : FileCookieJar(std::move(path), limits, std::move(clock), Empty()) {
    read().value();
  }
#endif
  /// Saves what is not saved yet; what goes wrong then stays unknown.
  OKHTTP_DECL ~FileCookieJar() override;

  /// Whether to save after every change (the default), or only in `save` and in the end.
  void save_every_change(bool every) noexcept { saves_every_change_.store(every, std::memory_order_relaxed); }
  /// Saves now, changed or not, and waits for the disk. Errors: Errc::file.
  Result<void> try_save();
#if OKHTTP_EXCEPTIONS
  /// As try_save, but throws.
  void save() { try_save().value(); }
#endif
  /// Why the last attempt to save has failed; nothing if it has not. What is not saved is tried again with the next
  /// change and in the end.
  std::optional<Error> save_failure() const;
  /// How many lines of the file could not be read.
  std::size_t unreadable_lines() const noexcept { return unreadable_.size(); }
  const std::string& path() const noexcept { return path_; }

  bool saving_may_block() const noexcept override { return true; }

 protected:
  OKHTTP_DECL void changed() override;

 private:
  struct Empty {};
  FileCookieJar(std::string path, CookieLimits limits, CookieClock clock, Empty)
      : MemoryCookieJar(limits, std::move(clock)), path_(std::move(path)) {}
  Result<void> read();
  /// Not if all there was at this change, or later, is saved.
  Result<void> save_since(std::uint64_t change);
  Result<void> write();

  const std::string path_;
  std::vector<std::string> unreadable_;  // never changed once the file is read
  std::atomic<bool> saves_every_change_{true};
  std::atomic<std::uint64_t> changes_{0};
  mutable detail::SyncMutex save_mutex_;  // held while saving; guards what follows; taken before the base's
  std::uint64_t saved_changes_ = 0;
  std::optional<Error> failure_;
};

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_FILES

#include <okhttp/extras/file_cookie_jar.ipp>

#endif  // OKHTTP_EXTRAS_FILE_COOKIE_JAR_HPP
