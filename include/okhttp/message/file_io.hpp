// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_FILE_IO_HPP
#define OKHTTP_MESSAGE_FILE_IO_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// The files behind file bodies, `save_to` and FileCookieJar. Everything here may block. Errors are Errc::file;
// their texts name the path and what the system said.

#if OKHTTP_FILES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What there is to know about a path before it is opened.
struct FileFacts {
  /// True for a plain file; a pipe or a device has no length and can be read once only.
  bool is_regular = false;
  std::int64_t size = -1;
};
Result<FileFacts> look_at_file(const std::string& path);

/// A file open for reading. Move-only.
class InputFile {
 public:
  static Result<InputFile> open(const std::string& path);
  InputFile(InputFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  /// Reads up to `into.size()` bytes; 0 only at the end.
  Result<std::size_t> read(std::span<std::byte> into);

 private:
  InputFile(int descriptor, std::string path) noexcept
      : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

/// A file that appears whole or not at all: written under another name in the same folder and
/// renamed by commit(). Dropped before that, it leaves nothing behind. A path that is no plain file
/// (a device, a pipe) is written to directly.
class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Opens the other name. It keeps the permissions of the file it is going to replace; without one it has those of
  /// `mode` that the system's mask lets through.
  Result<void> open(const std::string& path, unsigned mode = 0666);
  Result<void> write(std::span<const std::byte> bytes);
  /// Waits until what was written is on the disk.
  Result<void> sync();
  Result<void> commit();

 private:
  int descriptor_ = -1;
  std::string path_;
  std::string temporary_;  // empty when `path_` is written to directly
};

/// What is in a file, or nothing if there is none. Errors: also for a file of more than `max_size` bytes.
Result<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t max_size);

/// Puts this content in the place of a file's, which after a crash is the old or the new one. A new file is for its
/// owner alone.
Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_FILES

#include <okhttp/message/file_io.ipp>

#endif  // OKHTTP_MESSAGE_FILE_IO_HPP
