// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_FILE_COOKIE_JAR_IPP
#define OKHTTP_EXTRAS_FILE_COOKIE_JAR_IPP

#include <okhttp/extras/file_cookie_jar.hpp>
#include <okhttp/message/cookie_file.hpp>
#include <okhttp/message/file_io.hpp>

#if OKHTTP_BODIES && OKHTTP_FILES

#include <utility>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Result<std::shared_ptr<FileCookieJar>> FileCookieJar::try_open(std::string path, CookieLimits limits,
                                                                          CookieClock clock) {
  std::shared_ptr<FileCookieJar> jar(new FileCookieJar(std::move(path), limits, std::move(clock), Empty()));
  Result<void> was_read = jar->read();
  if (!was_read) return std::move(was_read).error();
  return jar;
}

OKHTTP_DECL FileCookieJar::~FileCookieJar() {
  (void)save_since(changes_.load(std::memory_order_acquire));
}

OKHTTP_DECL Result<void> FileCookieJar::read() {
  Result<std::optional<std::string>> text = detail::read_whole_file(path_, max_file_size);
  if (!text) return std::move(text).error();
  if (!*text) return {};
  detail::CookieFile file = detail::parse_cookie_file(**text);
  // Saving would destroy what somebody has named by mistake.
  if (file.cookies.empty() && !file.unreadable.empty() && !file.has_title)
    return Error(Errc::file, "cannot read " + path_ + ": it is no file of cookies");
  saves_every_change_ = false;
  for (const Cookie& cookie : file.cookies) add(cookie);
  saves_every_change_ = true;
  changes_ = 0;
  unreadable_ = std::move(file.unreadable);
  return {};
}

OKHTTP_DECL void FileCookieJar::changed() {
  // Told apart by numbers, so that whoever waits for another save learns that its own change went along. Acquired by
  // those who save: they see the cookies of each change they count.
  const std::uint64_t change = changes_.fetch_add(1, std::memory_order_acq_rel) + 1;
  if (saves_every_change_.load(std::memory_order_relaxed)) (void)save_since(change);
}

OKHTTP_DECL Result<void> FileCookieJar::save_since(std::uint64_t change) {
  const detail::SyncLock lock(save_mutex_);
  if (saved_changes_ >= change) return {};
  return write();
}

OKHTTP_DECL Result<void> FileCookieJar::try_save() {
  const detail::SyncLock lock(save_mutex_);
  return write();
}

OKHTTP_DECL Result<void> FileCookieJar::write() {
  const std::uint64_t changes = changes_.load(std::memory_order_acquire);
  Result<void> written = detail::replace_file(path_, detail::write_cookie_file(all(), unreadable_));
  if (written) {
    saved_changes_ = changes;
    failure_.reset();
  } else {
    failure_ = written.error();
  }
  return written;
}

OKHTTP_DECL std::optional<Error> FileCookieJar::save_failure() const {
  const detail::SyncLock lock(save_mutex_);
  return failure_;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_FILES
#endif  // OKHTTP_EXTRAS_FILE_COOKIE_JAR_IPP
