// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RESPONSE_BODY_HPP
#define OKHTTP_MESSAGE_RESPONSE_BODY_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/body_source.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/json_adapter.hpp>
#include <okhttp/message/media_type.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

namespace detail {

template <class T>
concept ByteLike = std::same_as<T, char> || std::same_as<T, unsigned char> ||
                   std::same_as<T, signed char> || std::same_as<T, char8_t> ||
                   std::same_as<T, std::byte>;

}  // namespace detail

/// Bytes in a row that can be written to: an array, vector, string or span of any byte type.
template <class Buffer>
concept ByteBuffer = requires(Buffer& buffer) {
  { std::size(buffer) } -> std::convertible_to<std::size_t>;
  requires detail::ByteLike<std::remove_pointer_t<decltype(std::data(buffer))>>;
};

/// The content of a response. Cheap to copy: copies share one stream of bytes, which can be read
/// once.
///
/// Either take the whole with string(), bytes() or save_to(), which give what read() has left over,
/// or take pieces with read() until it gives 0. When the last copy goes away the rest is given up,
/// without waiting; that costs an HTTP/1 connection unless the rest has already arrived. Every
/// function that may wait has its `try_` and `async_` twin; the task of an `async_` function keeps
/// the body alive.
///
/// Errors: what the connection reports; Errc::unexpected_end and Errc::protocol_error when there
/// are fewer or more bytes than declared; Errc::content_coding; Errc::misuse for a body that was
/// already taken or closed, for two reads at once, and for a blocking function on an event loop's
/// own thread.
/// Cancellation: dropping an async_read() or async_peek() that waits loses no byte; dropping
/// another one leaves the body of no use but for close().
/// Thread safety: one user at a time, on any thread.
class ResponseBody {
 public:
  /// An empty body, which may be read any number of times.
  ResponseBody() = default;
  /// A body from a source. `content_type` is the value of the header, "" for none; `content_length`
  /// is -1 when the length is not known.
  explicit ResponseBody(std::unique_ptr<BodySource> source,
                        std::string content_type = {},
                        std::int64_t content_length = -1);
  /// A body in memory.
  static ResponseBody of(std::string content, std::string content_type = {});
  /// A body that has a type and a length but cannot be read, as a response inside another one has.
  static ResponseBody unreadable(std::string content_type, std::int64_t content_length);

  /// In bytes, or -1 when it is not known (chunked, until close, or compressed on the way).
  std::int64_t content_length() const noexcept;
  /// The media type, if there is one and it can be parsed.
  std::optional<MediaType> content_type() const;
  /// The value of the Content-Type header, "" for none.
  std::string_view content_type_text() const& noexcept;
  std::string content_type_text() && {
    return std::string(std::as_const(*this).content_type_text());
  }

  /// The whole as UTF-8. A byte order mark decides the charset and is dropped; else the media
  /// type's charset does; else it is UTF-8. What the charset does not allow becomes U+FFFD. UTF-8,
  /// and a charset that is not known (see charset_for_label), is handed over as it came: unchecked,
  /// so binary content survives, and without a copy.
  Task<std::string> async_string() const { return read_string(state_); }
  Result<std::string> try_string() const;

  /// The whole as the value that it is in JSON, taken as string() takes it: through nlohmann/json if
  /// okhttp_json.hpp is included, or any other library, see JsonAdapter. Whatever the Content-Type is.
  /// Errors: also Errc::malformed_body, with the position but no content.
  template <class T>
  Task<T> async_json() const {
    return read_json<T>(state_);
  }
  template <class T>
  Result<T> try_json() const {
    const Result<std::string> text = try_string();
    if (!text) return text.error();
    return detail::read_json<T>(*text);
  }

  /// The whole as bytes.
  Task<std::vector<std::byte>> async_bytes() const { return read_bytes(state_); }
  Result<std::vector<std::byte>> try_bytes() const;

  /// Reads at least one byte into `buffer` and returns how many; 0 only at the end of the body.
  /// Errors: also Errc::invalid_argument for a buffer of size 0.
  template <ByteBuffer Buffer>
  Task<std::size_t> async_read(Buffer&& buffer) const {
    return read_some(state_, bytes_of(buffer));
  }
  template <ByteBuffer Buffer>
  Result<std::size_t> try_read(Buffer&& buffer) const {
    return try_read_some(bytes_of(buffer));
  }

  /// The next `count` bytes, or all there are if they are fewer, which later reads give again. They
  /// are kept in memory until then.
  Task<std::string> async_peek(std::size_t count) const { return read_ahead(state_, count); }
  Result<std::string> try_peek(std::size_t count) const;

#if OKHTTP_FILES
  /// Writes the whole to a file and returns how many bytes that were. The file appears under its
  /// name once it is complete, and then replaces what was there (a link too, but not what it points
  /// to); until then the bytes go to `path` plus ".part" and a number, which is removed on any
  /// failure. A device or a pipe is written to directly.
  /// Errors: also Errc::file, naming the path.
  Task<std::uint64_t> async_save_to(std::string path) const {
    return save(state_, std::move(path));
  }
  Result<std::uint64_t> try_save_to(std::string path) const;
#endif

  /// Gives up the rest. Unlike the destructor it may take up to 100 ms to make the connection
  /// reusable. Closing a body twice, or one that was read to its end, does nothing. What goes wrong
  /// with the connection is not reported.
  Task<void> async_close() const { return close_source(state_); }
  Result<void> try_close() const;

  /// The trailers: headers that follow the body. Errors: Errc::misuse before the body was read to
  /// its end.
  Result<Headers> try_trailers() const;

#if OKHTTP_EXCEPTIONS
  /// As try_string, but throws; the same holds for the functions below.
  std::string string() const { return try_string().value(); }
  template <class T>
  T json() const {
    return try_json<T>().value();
  }
  std::vector<std::byte> bytes() const { return try_bytes().value(); }
  template <ByteBuffer Buffer>
  std::size_t read(Buffer&& buffer) const {
    return try_read(buffer).value();
  }
  std::string peek(std::size_t count) const { return try_peek(count).value(); }
#if OKHTTP_FILES
  std::uint64_t save_to(std::string path) const { return try_save_to(std::move(path)).value(); }
#endif
  void close() const { try_close().value(); }
  Headers trailers() const { return try_trailers().value(); }
#endif

  // ---- For the pipeline ----

  /// Takes over the source, and what was peeked at, to wrap it; this body and its copies are taken.
  /// Null when the body was already read from, taken or closed.
  std::unique_ptr<BodySource> take_source() const;

 private:
  struct State;
  using StateHandle = std::shared_ptr<State>;

  explicit ResponseBody(StateHandle state) noexcept : state_(std::move(state)) {}

  template <class Buffer>
  static std::span<std::byte> bytes_of(Buffer& buffer) noexcept {
    return {reinterpret_cast<std::byte*>(std::data(buffer)), std::size(buffer)};
  }
  template <class T>
  Result<T> wait_for(Task<T> task, const char* async_twin) const;
  Result<std::size_t> try_read_some(std::span<std::byte> into) const;

  static Task<std::string> read_string(StateHandle state);
  template <class T>
  static Task<T> read_json(StateHandle state) {
    Task<std::string> task = read_string(std::move(state));
    const std::string text = co_await std::move(task);
    Result<T> value = detail::read_json<T>(text);
    if (!value) co_await fail(std::move(value).error());
    co_return *std::move(value);
  }
  static Task<std::vector<std::byte>> read_bytes(StateHandle state);
  static Task<std::size_t> read_some(StateHandle state, std::span<std::byte> into);
  static Task<std::string> read_ahead(StateHandle state, std::size_t count);
  static Task<std::uint64_t> save(StateHandle state, std::string path);
  static Task<void> close_source(StateHandle state);

  StateHandle state_;  // null for the empty body
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/response_body.ipp>

#endif  // OKHTTP_MESSAGE_RESPONSE_BODY_HPP
