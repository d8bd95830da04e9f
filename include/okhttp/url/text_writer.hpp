// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_TEXT_WRITER_HPP
#define OKHTTP_URL_TEXT_WRITER_HPP

#include <okhttp/config.hpp>
#include <okhttp/url/percent_encoding.hpp>

#include <cstddef>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// Where a text is put together: on the stack while it is of an ordinary size, so that nothing is
/// allocated but what keeps it in the end. A longer one is written where it can stay.
class TextWriter {
 public:
  /// Longer than nearly every URL there is.
  static constexpr std::size_t ordinary_size = 512;
  /// What a block of memory has in front of a long text, for whatever its keeper puts there.
  static constexpr std::size_t head_size = 36;

  /// `expected_size` saves moving a long text; it may be wrong.
  explicit TextWriter(std::size_t expected_size = 0) {
    if (expected_size > ordinary_size) grow(expected_size);
  }
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter() { ::operator delete(block_); }

  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  std::string_view view() const noexcept { return {begin_, size()}; }
  /// To a size that is not above the present one.
  void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

  TextWriter& operator+=(char c) {
    *make_room(1) = c;
    ++end_;
    return *this;
  }
  TextWriter& operator+=(std::string_view text);
  void append_encoded(std::string_view text, const EncodeSet& set);
  void append_number(unsigned number);
  /// Room for so many bytes behind the text; `commit` then says how many of them were written.
  char* make_room(std::size_t count) {
    if (count > static_cast<std::size_t>(limit_ - end_)) grow(count);
    return end_;
  }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// The memory of a long text, from `operator new`: `head_size` bytes, the text, and a zero byte.
  /// Null for a text of ordinary size. The writer is of no use once it has given a block away.
  void* release() noexcept;

 private:
  void grow(std::size_t count);

  char* begin_ = local_;
  char* end_ = local_;
  char* limit_ = local_ + ordinary_size;
  void* block_ = nullptr;
  char local_[ordinary_size];
};

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/text_writer.ipp>

#endif  // OKHTTP_URL_TEXT_WRITER_HPP
