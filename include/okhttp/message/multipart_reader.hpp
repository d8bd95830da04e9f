// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_READER_HPP
#define OKHTTP_MESSAGE_MULTIPART_READER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/body_source.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/multipart_decoder.hpp>
#include <okhttp/message/response_body.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// Reads a multipart body part by part while it arrives:
/// `for (auto& part : okhttp::MultipartReader(response.body())) part.body().save_to(...)`.
///
/// One part is open at a time, and going on to the next one skips what is left of it. Holds 32 KiB, and the headers of one
/// part within MultipartLimits, however large the body is. What stands before the first part and behind the last
/// is ignored; when there are no more parts, that is dropped as by ResponseBody::close. When the last copy of reader
/// and parts goes away before, the rest of the body is given up.
///
/// Errors: those of the body; Errc::protocol_error for a body that is no multipart, for a Content-Type without a
/// boundary and past a limit; Errc::unexpected_end for a body that ends too early. All are final, and come from the
/// first function that has to read. Errc::misuse for a body that was already read, for a part that is over, and
/// for two reads at once.
/// Cancellation: dropping async_next_part() or a part's async_read() that waits loses no byte.
/// Thread safety: one user at a time, on any thread.
/// Spec: RFC 2046, 5.1; the rules are those of MultipartDecoder.
class MultipartReader {
 public:
  /// One part. Cheap to copy: copies share the content.
  class Part {
   public:
    const Headers& headers() const& noexcept { return headers_; }
    Headers headers() && noexcept { return std::move(headers_); }
    /// The value of the last header of this name.
    std::optional<std::string_view> header(std::string_view name) const& noexcept { return headers_.get(name); }
    std::optional<std::string> header(std::string_view name) && { return std::move(headers_).get(name); }
    /// The content, to be read before the reader goes on. Its length is not known; its media type is that of the
    /// part's Content-Type.
    const ResponseBody& body() const& noexcept { return body_; }
    ResponseBody body() && noexcept { return std::move(body_); }

   private:
    friend class MultipartReader;
    Part(Headers headers, ResponseBody body) : headers_(std::move(headers)), body_(std::move(body)) {}
    Headers headers_;
    ResponseBody body_;
  };
  class iterator;

  /// The parts of a response, or of text by ResponseBody::of. Takes over what of the body is not read yet; the
  /// boundary is the one in its content type.
  explicit MultipartReader(const ResponseBody& body, const MultipartLimits& limits = {});
  /// The same with a boundary of which the content type says nothing.
  MultipartReader(const ResponseBody& body, std::string_view boundary, const MultipartLimits& limits = {});
  /// From a source of one's own.
  MultipartReader(std::unique_ptr<BodySource> source, std::string_view boundary, const MultipartLimits& limits = {});

  MultipartReader(MultipartReader&&) noexcept = default;
  MultipartReader& operator=(MultipartReader&&) noexcept = default;

  /// The next part, or nothing when there are no more.
  Task<std::optional<Part>> async_next_part() const { return advance(state_); }
  Result<std::optional<Part>> try_next_part() const;
#if OKHTTP_EXCEPTIONS
  /// As try_next_part, but throws.
  std::optional<Part> next_part() const { return try_next_part().value(); }

  /// For a range-for, once: goes on to the first part, and each step to the next one. Throws as next_part.
  iterator begin();
  std::default_sentinel_t end() const noexcept { return {}; }
#endif

 private:
  struct State;
  class PartSource;
  using StateHandle = std::shared_ptr<State>;

  static Task<std::optional<Part>> advance(StateHandle state);

  StateHandle state_;
  std::optional<Part> current_;  // of the range-for
};

#if OKHTTP_EXCEPTIONS

/// Stands at a part of a MultipartReader, which must not be moved meanwhile.
class MultipartReader::iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Part;
  using difference_type = std::ptrdiff_t;
  using reference = Part&;
  using pointer = Part*;

  iterator() = default;
  Part& operator*() const noexcept { return *reader_->current_; }
  Part* operator->() const noexcept { return &*reader_->current_; }
  iterator& operator++() {
    reader_->current_ = reader_->next_part();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept { return i.is_over(); }

 private:
  friend class MultipartReader;
  explicit iterator(MultipartReader& reader) noexcept : reader_(&reader) {}
  bool is_over() const noexcept { return !reader_->current_; }
  MultipartReader* reader_ = nullptr;
};

inline MultipartReader::iterator MultipartReader::begin() {
  current_ = next_part();
  return iterator(*this);
}

#endif  // OKHTTP_EXCEPTIONS

OKHTTP_NAMESPACE_END

#include <okhttp/message/multipart_reader.ipp>

#endif  // OKHTTP_MESSAGE_MULTIPART_READER_HPP
