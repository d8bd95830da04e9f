// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FILE_IO_IPP
#define OKHTTP_MESSAGE_FILE_IO_IPP

#include <okhttp/message/file_io.hpp>

#if OKHTTP_BODIES && OKHTTP_FILES

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

namespace file_io {

// Linux moves at most a little less than 2 GiB in one call; other systems refuse more.
inline constexpr std::size_t max_transfer = std::size_t{1} << 30;
// A name taken by another save into the same folder is passed over; more than this is a fault.
inline constexpr int max_name_attempts = 1000;

OKHTTP_DECL Error failure(const char* action, const std::string& path, int code) {
  return Error(Errc::file, std::string("cannot ") + action + " " + path + ": " +
                               std::generic_category().message(code));
}

/// A path with a NUL would reach the system cut short.
OKHTTP_DECL bool is_usable(const std::string& path) noexcept {
  return !path.empty() && path.find('\0') == std::string::npos;
}

OKHTTP_DECL int open_retrying(const std::string& path, int flags, unsigned mode) noexcept {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

}  // namespace file_io

OKHTTP_DECL Result<FileFacts> look_at_file(const std::string& path) {
  if (!file_io::is_usable(path)) return file_io::failure("use", path, EINVAL);
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return file_io::failure("look at", path, errno);
  if (S_ISDIR(facts.st_mode)) return file_io::failure("read", path, EISDIR);
  FileFacts found;
  found.is_regular = S_ISREG(facts.st_mode);
  if (found.is_regular) found.size = static_cast<std::int64_t>(facts.st_size);
  return found;
}

OKHTTP_DECL Result<InputFile> InputFile::open(const std::string& path) {
  if (!file_io::is_usable(path)) return file_io::failure("open", path, EINVAL);
  const int descriptor = file_io::open_retrying(path, O_RDONLY, 0);
  if (descriptor < 0) return file_io::failure("open", path, errno);
  InputFile file(descriptor, path);
  return file;
}

OKHTTP_DECL InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OKHTTP_DECL Result<std::size_t> InputFile::read(std::span<std::byte> into) {
  for (;;) {
    const auto count =
        ::read(descriptor_, into.data(), std::min(into.size(), file_io::max_transfer));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return file_io::failure("read", path_, errno);
  }
}

OKHTTP_DECL OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

OKHTTP_DECL Result<void> OutputFile::open(const std::string& path, unsigned mode) {
  if (!file_io::is_usable(path)) return file_io::failure("write", path, EINVAL);
  path_ = path;
  struct stat facts{};
  const bool exists = ::stat(path.c_str(), &facts) == 0;
  if (exists && S_ISDIR(facts.st_mode)) return file_io::failure("write", path, EISDIR);
  if (exists && !S_ISREG(facts.st_mode)) {
    descriptor_ = file_io::open_retrying(path, O_WRONLY, 0);
    if (descriptor_ < 0) return file_io::failure("write", path, errno);
    return {};
  }
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    std::string name = path + ".part" + std::to_string(::getpid()) + "." + std::to_string(attempt);
    descriptor_ = file_io::open_retrying(name, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (descriptor_ >= 0)
      temporary_ = std::move(name);
    else if (errno != EEXIST || attempt == file_io::max_name_attempts)
      return file_io::failure("create", name, errno);
  }
  if (exists && ::fchmod(descriptor_, facts.st_mode & 07777) != 0)
    return file_io::failure("set the permissions of", temporary_, errno);
  return {};
}

OKHTTP_DECL Result<void> OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count =
        ::write(descriptor_, bytes.data(), std::min(bytes.size(), file_io::max_transfer));
    if (count >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return file_io::failure("write", temporary_.empty() ? path_ : temporary_, errno);
  }
  return {};
}

OKHTTP_DECL Result<void> OutputFile::sync() {
  int outcome = -1;
  do {
    outcome = ::fsync(descriptor_);
  } while (outcome != 0 && errno == EINTR);
  // A pipe or a device has no disk.
  if (outcome != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
    return file_io::failure("write", temporary_.empty() ? path_ : temporary_, errno);
  return {};
}

OKHTTP_DECL Result<void> OutputFile::commit() {
  // Some file systems report a failed write only here.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR)
    return file_io::failure("write", path_, errno);
  if (temporary_.empty()) return {};
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    return file_io::failure("create", path_, errno);
  temporary_.clear();
  return {};
}

OKHTTP_DECL Result<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t max_size) {
  if (!file_io::is_usable(path)) return file_io::failure("open", path, EINVAL);
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0 && errno == ENOENT) return std::optional<std::string>();
  Result<InputFile> file = InputFile::open(path);
  if (!file) return std::move(file).error();
  std::string content;
  constexpr std::size_t step = 64 * 1024;
  for (std::size_t size = 0;;) {
    content.resize(size + step);
    const Result<std::size_t> count = file->read(std::as_writable_bytes(std::span(content).subspan(size)));
    if (!count) return count.error();
    size += *count;
    if (size > max_size) return Error(Errc::file, "cannot read " + path + ": it is too long");
    if (*count != 0) continue;
    content.resize(size);
    return std::optional<std::string>(std::move(content));
  }
}

OKHTTP_DECL Result<void> replace_file(const std::string& path, std::string_view content) {
  OutputFile file;
  Result<void> done = file.open(path, 0600);
  if (done) done = file.write(std::as_bytes(std::span(content)));
  if (done) done = file.sync();
  if (done) done = file.commit();
  return done;
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_FILES
#endif  // OKHTTP_MESSAGE_FILE_IO_IPP
