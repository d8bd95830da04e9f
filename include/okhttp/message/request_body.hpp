// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_REQUEST_BODY_HPP
#define OKHTTP_MESSAGE_REQUEST_BODY_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/content_encoder.hpp>
#include <okhttp/message/json_adapter.hpp>
#include <okhttp/message/media_type.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// One pass over a request body.
///
/// Thread safety: one thread at a time, not always the same one.
class RequestBodyReader {
 public:
  RequestBodyReader() = default;
  RequestBodyReader(const RequestBodyReader&) = delete;
  RequestBodyReader& operator=(const RequestBodyReader&) = delete;
  virtual ~RequestBodyReader() = default;

  /// Writes at least one byte into `into` (not empty) and returns how many; 0 only at the end. An
  /// exception fails the call with what was thrown.
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;

  /// True when read() may wait for a disk, so that an event loop runs it on a helper thread.
  virtual bool may_block() const noexcept { return false; }
};

/// What a request sends after its headers. Cheap to copy: copies share the content.
///
/// A media type that cannot be parsed is kept as a fault, which Request::Builder reports.
/// Thread safety: immutable; may be sent by several calls at once unless it is one-shot.
class RequestBody {
 public:
  /// Where the bytes come from. Derive from it for a body of your own kind; it has to allow several
  /// passes at once, from any threads, unless it is one-shot.
  class Content {
   public:
    Content(const Content&) = delete;
    Content& operator=(const Content&) = delete;
    virtual ~Content() = default;

    /// The value of Content-Type; empty for none.
    const std::string& media_type() const noexcept { return media_type_; }
    /// The value of Content-Encoding, for content that is encoded; else empty.
    std::string_view content_encoding() const noexcept { return content_encoding_; }
    /// Why this body cannot be sent, or null.
    const Error* fault() const noexcept { return fault_ ? &*fault_ : nullptr; }

    /// How many bytes a pass gives, or -1 when that is not known before.
    virtual std::int64_t content_length() const = 0;
    /// True when there can be one pass only, so that a request cannot be repeated.
    virtual bool is_one_shot() const noexcept { return false; }
    /// True when it goes on while the response is read already.
    virtual bool is_duplex() const noexcept { return false; }
    /// All of it, if it lies in memory.
    virtual std::optional<std::span<const std::byte>> in_memory() const noexcept {
      return std::nullopt;
    }
    /// Begins a pass from the first byte. The content outlives the reader.
    virtual Result<std::unique_ptr<RequestBodyReader>> open() const = 0;

   protected:
    explicit Content(std::string_view media_type);
    /// For a constructor. The content keeps what is viewed. Anything but a list of tokens is kept as a fault.
    void set_content_encoding(std::string_view encoding);

   private:
    std::string media_type_;
    std::string_view content_encoding_;
    std::optional<Error> fault_;
  };

  explicit RequestBody(std::shared_ptr<const Content> content) noexcept
      : content_(std::move(content)) {}

  /// A body of text, sent as it is. As with OkHttp, "; charset=utf-8" is added to a media type that
  /// names no charset; one that names another promises that the text is in it. "" as the media
  /// type: no Content-Type.
  static RequestBody create(std::string text, std::string_view media_type = "");
  static RequestBody create(std::string_view text, std::string_view media_type = "") {
    return create(std::string(text), media_type);
  }
  static RequestBody create(const char* text, std::string_view media_type = "") {
    return create(std::string(text), media_type);
  }
  /// A body of bytes: a copy of `bytes`, or the vector itself. The media type is sent as it is.
  static RequestBody create(std::span<const std::byte> bytes, std::string_view media_type = "");
  static RequestBody create(std::vector<std::byte> bytes, std::string_view media_type = "");

  /// The value as JSON, of type application/json, written now: through nlohmann/json if okhttp_json.hpp is
  /// included, or any other library, see JsonAdapter.
  template <class T>
  static RequestBody json(const T& value) {
    return create_json(detail::write_json(value));
  }

#if OKHTTP_FILES
  /// The bytes of a file, read while they are sent. It is looked at when the call needs its length
  /// and again when sending begins; one that changes its length meanwhile fails the call. A pipe or
  /// a device has no length and is one-shot. Sending fails with Errc::file when it cannot be read.
  static RequestBody from_file(std::string path, std::string_view media_type = "");
#endif

  /// The bytes that `reader` gives: `std::size_t reader(std::span<std::byte> into)`, or with a
  /// Result<std::size_t>. It writes at least one byte into `into` and returns how many; 0 at the
  /// end. The length is not known before, so HTTP/1 sends it chunked, and there is one pass only.
  /// The reader runs on the thread that drives the call, on an event loop it must not wait.
  static RequestBody from_reader(UniqueFunction<Result<std::size_t>(std::span<std::byte>)> reader,
                                 std::string_view media_type = "");

  /// The same body, for one pass only, so that a request is never repeated whatever happens to it.
  static RequestBody one_shot(RequestBody body);
  /// The same body, sent while the response is read: a conversation, whose reader may wait for what the
  /// response says. HTTP/1 cannot do that and fails such a call with Errc::invalid_argument.
  static RequestBody duplex(RequestBody body);
#if OKHTTP_ZLIB
  /// The body compressed with gzip while it is sent, see encoded().
  static RequestBody gzip(RequestBody body);
#endif
  /// The body encoded while it is sent: `RequestBody::encoded<Brotli>(body)`. The length is not known
  /// before, so HTTP/1 sends it chunked; it is one-shot only if `body` is. The request says
  /// Content-Encoding unless it has one of its own. Only for servers that are known to take it: there
  /// is no way to ask (but they answer 415 if they do not).
  template <EncodingPolicy Coding>
  static RequestBody encoded(RequestBody body) {
    return encoded(std::move(body), Coding::encodings, &Coding::make_encoder);
  }
  /// The same for a coding without a type of its own; `encoding` is its name, a token, else the body has a fault.
  static RequestBody encoded(RequestBody body, std::string_view encoding,
                             std::unique_ptr<ContentEncoder> (*make_encoder)());

  /// The value of Content-Type, if the body has one.
  std::optional<std::string_view> content_type() const& noexcept {
    const std::string& text = content_->media_type();
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  }
  std::optional<std::string> content_type() && {
    const std::string& text = content_->media_type();
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  }
  /// The value of Content-Encoding, for a body that is encoded; else empty.
  std::string_view content_encoding() const& noexcept { return content_->content_encoding(); }
  std::string content_encoding() && { return std::string(content_->content_encoding()); }
  /// In bytes; -1 when it is not known before, or a file cannot be looked at.
  std::int64_t content_length() const { return content_->content_length(); }
  /// True when open() works once only.
  bool is_one_shot() const noexcept { return content_->is_one_shot(); }
  /// True when it goes on while the response is read already.
  bool is_duplex() const noexcept { return content_->is_duplex(); }
  /// All of it, if it lies in memory; valid as long as any copy of this body.
  std::optional<std::span<const std::byte>> in_memory() const noexcept {
    return content_->in_memory();
  }
  /// Why this body cannot be sent, or null.
  const Error* fault() const noexcept { return content_->fault(); }

  /// Begins a pass from the first byte; a copy of this body has to outlive it.
  /// Errors: the fault; Errc::misuse for a second pass over a one-shot body; Errc::file.
  Result<std::unique_ptr<RequestBodyReader>> open() const {
    if (const Error* error = fault()) return *error;
    return content_->open();
  }

 private:
  static RequestBody create_json(std::string text);

  std::shared_ptr<const Content> content_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/request_body.ipp>

#endif  // OKHTTP_MESSAGE_REQUEST_BODY_HPP
