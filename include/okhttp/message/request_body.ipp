// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_REQUEST_BODY_IPP
#define OKHTTP_MESSAGE_REQUEST_BODY_IPP

#include <okhttp/message/request_body.hpp>

#include <okhttp/message/deflate_encoder.hpp>
#include <okhttp/message/file_io.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstring>
#if OKHTTP_THREADS
#include <atomic>
#endif

OKHTTP_NAMESPACE_BEGIN

namespace detail::request_body {

/// Why a media type cannot stand in a Content-Type header.
OKHTTP_DECL std::optional<Error> media_type_fault(std::string_view media_type) {
  for (const char c : media_type)
    if (c != '\t' && (c < 0x20 || c > 0x7E))
      return Error(Errc::invalid_argument, "a media type has a character that no header can have");
  const std::size_t slash = media_type.find('/');
  if (slash != std::string_view::npos && ascii::is_token(media_type.substr(0, slash)) &&
      ascii::is_token(media_type.substr(slash + 1)))
    return std::nullopt;
  Result<MediaType> parsed = MediaType::try_parse(media_type);
  if (!parsed) return std::move(parsed).error();
  return std::nullopt;
}

/// The media type of a text that is in UTF-8 unless the media type says otherwise.
OKHTTP_DECL std::string text_media_type(std::string_view media_type) {
  std::string text(media_type);
  if (text.empty()) return text;
  if (text.find(';') != std::string::npos) {
    const std::optional<MediaTypeView> parsed = MediaTypeView::parse(text);
    if (!parsed || parsed->parameter("charset")) return text;
  }
  return text += "; charset=utf-8";
}

class MemoryReader final : public RequestBodyReader {
 public:
  explicit MemoryReader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t size = std::min(into.size(), rest_.size());
    if (size > 0) std::memcpy(into.data(), rest_.data(), size);
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  std::span<const std::byte> rest_;
};

/// `Bytes` is std::string or std::vector<std::byte>.
template <class Bytes>
class MemoryContent final : public RequestBody::Content {
 public:
  MemoryContent(Bytes bytes, std::string_view media_type)
      : Content(media_type), bytes_(std::move(bytes)) {}
  std::int64_t content_length() const override { return static_cast<std::int64_t>(bytes_.size()); }
  std::optional<std::span<const std::byte>> in_memory() const noexcept override {
    return std::as_bytes(std::span(bytes_.data(), bytes_.size()));
  }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    std::unique_ptr<RequestBodyReader> reader = std::make_unique<MemoryReader>(*in_memory());
    return reader;
  }

 private:
  const Bytes bytes_;
};

/// True once.
class Turnstile {
 public:
#if OKHTTP_THREADS
  // Whoever passes uses what was made before the body was shared; nobody else touches it
  // afterwards.
  bool pass() noexcept { return !passed_.exchange(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> passed_ = false;
#else
  bool pass() noexcept { return !std::exchange(passed_, true); }

 private:
  bool passed_ = false;
#endif
};

OKHTTP_DECL Error second_pass() {
  return Error(Errc::misuse,
               "a one-shot request body cannot be sent a second time; give every request its own");
}

using ReaderFunction = UniqueFunction<Result<std::size_t>(std::span<std::byte>)>;

class FunctionReader final : public RequestBodyReader {
 public:
  explicit FunctionReader(ReaderFunction function) noexcept : function_(std::move(function)) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    Result<std::size_t> count = function_(into);
    if (count && *count > into.size())
      return Error(Errc::misuse, "the reader of a request body says it wrote ", *count, " bytes where ",
                   into.size(), " have room");
    return count;
  }

 private:
  ReaderFunction function_;
};

class FunctionContent final : public RequestBody::Content {
 public:
  FunctionContent(ReaderFunction function, std::string_view media_type)
      : Content(media_type), function_(std::move(function)) {}
  std::int64_t content_length() const override { return -1; }
  bool is_one_shot() const noexcept override { return true; }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    if (!turnstile_.pass()) return second_pass();
    std::unique_ptr<RequestBodyReader> reader =
        std::make_unique<FunctionReader>(std::move(function_));
    return reader;
  }

 private:
  mutable Turnstile turnstile_;
  mutable ReaderFunction function_;
};

/// Another body with a flag more. It is no longer taken as a whole from memory, past open().
class FlaggedContent final : public RequestBody::Content {
 public:
  FlaggedContent(RequestBody body, bool one_shot, bool duplex)
      : Content(body.content_type().value_or("")), body_(std::move(body)), one_shot_(one_shot), duplex_(duplex) {
    set_content_encoding(body_.content_encoding());
  }
  std::int64_t content_length() const override { return body_.content_length(); }
  bool is_one_shot() const noexcept override { return one_shot_ || body_.is_one_shot(); }
  bool is_duplex() const noexcept override { return duplex_ || body_.is_duplex(); }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    if (one_shot_ && !turnstile_.pass()) return second_pass();
    return body_.open();
  }

 private:
  const RequestBody body_;
  const bool one_shot_;
  const bool duplex_;
  mutable Turnstile turnstile_;
};

#if OKHTTP_FILES

class FileReader final : public RequestBodyReader {
 public:
  explicit FileReader(InputFile file) noexcept : file_(std::move(file)) {}
  Result<std::size_t> read(std::span<std::byte> into) override { return file_.read(into); }
  bool may_block() const noexcept override { return true; }

 private:
  InputFile file_;
};

class FileContent final : public RequestBody::Content {
 public:
  FileContent(std::string path, std::string_view media_type)
      : Content(media_type), path_(std::move(path)) {}
  std::int64_t content_length() const override {
    const Result<FileFacts> facts = look_at_file(path_);
    return facts ? facts->size : -1;
  }
  bool is_one_shot() const noexcept override {
    const Result<FileFacts> facts = look_at_file(path_);
    return facts && !facts->is_regular;
  }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    const Result<FileFacts> facts = look_at_file(path_);
    if (!facts) return facts.error();
    if (!facts->is_regular && !turnstile_.pass()) return second_pass();
    Result<InputFile> file = InputFile::open(path_);
    if (!file) return std::move(file).error();
    std::unique_ptr<RequestBodyReader> reader = std::make_unique<FileReader>(*std::move(file));
    return reader;
  }

 private:
  const std::string path_;
  mutable Turnstile turnstile_;
};

#endif  // OKHTTP_FILES

/// Reads another body and encodes it.
class EncodingReader final : public RequestBodyReader {
 public:
  /// `is_live`: what the plain body gives is sent at once, since it may wait for an answer to that.
  EncodingReader(std::unique_ptr<RequestBodyReader> plain, std::unique_ptr<ContentEncoder> encoder, bool is_live) noexcept
      : plain_(std::move(plain)), encoder_(std::move(encoder)), is_live_(is_live) {}
  OKHTTP_DECL Result<std::size_t> read(std::span<std::byte> into) override;
  bool may_block() const noexcept override { return plain_->may_block(); }

 private:
  static constexpr std::size_t buffer_size = 16 * 1024;
  // A coding can swallow much before it gives something. Past this, whatever there is is sent.
  static constexpr std::size_t enough_input = 256 * 1024;

  const std::unique_ptr<RequestBodyReader> plain_;
  const std::unique_ptr<ContentEncoder> encoder_;
  const bool is_live_;
  std::unique_ptr<std::byte[]> buffer_;  // [begin_, end_) waits to be encoded
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_flushing_ = false;  // not all of what was given to the encoder has come out
  bool is_last_ = false;      // the plain body is at its end
  bool is_done_ = false;
};

OKHTTP_DECL Result<std::size_t> EncodingReader::read(std::span<std::byte> into) {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
  std::size_t size = 0;
  std::size_t used = 0;
  while (!is_done_ && size < into.size() && (size == 0 || used < enough_input)) {
    if (begin_ == end_ && !is_last_ && !is_flushing_) {
      if (is_live_ && size > 0) break;
      const Result<std::size_t> count = plain_->read(std::span(buffer_.get(), buffer_size));
      if (!count) return count.error();
      if (*count > buffer_size) return Error(Errc::misuse, "a request body says it wrote more than has room");
      begin_ = 0;
      end_ = *count;
      is_last_ = end_ == 0;
      is_flushing_ = is_live_ && !is_last_;
    }
    const std::span<const std::byte> plain(buffer_.get() + begin_, end_ - begin_);
    const std::span<std::byte> room = into.subspan(size);
    using Flush = ContentEncoder::Flush;
    const Flush flush = is_last_ ? Flush::end : is_flushing_ ? Flush::now : Flush::none;
    const Result<ContentEncoder::Progress> step = encoder_->encode(plain, room, flush);
    if (!step) return step.error();
    if (!step->end && !step->flushed && step->consumed + step->produced == 0)
      return Error(Errc::content_coding, "the encoder of a request body makes no progress");
    begin_ += step->consumed;
    used += step->consumed;
    size += step->produced;
    if (step->flushed) is_flushing_ = false;
    is_done_ = step->end;
  }
  return size;
}

class EncodedContent final : public RequestBody::Content {
 public:
  using MakeEncoder = std::unique_ptr<ContentEncoder> (*)();
  EncodedContent(RequestBody plain, std::string_view encoding, MakeEncoder make_encoder)
      : Content(plain.content_type().value_or("")),
        encodings_(plain.content_encoding()),
        plain_(std::move(plain)),
        make_encoder_(make_encoder) {
    if (!encodings_.empty()) encodings_ += ", ";  // in the order they were applied (RFC 9110, 8.4)
    set_content_encoding(encodings_ += encoding);
  }
  std::int64_t content_length() const override { return -1; }
  bool is_one_shot() const noexcept override { return plain_.is_one_shot(); }
  bool is_duplex() const noexcept override { return plain_.is_duplex(); }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    Result<std::unique_ptr<RequestBodyReader>> plain = plain_.open();
    if (!plain) return plain;
    std::unique_ptr<RequestBodyReader> reader =
        std::make_unique<EncodingReader>(*std::move(plain), make_encoder_(), plain_.is_duplex());
    return reader;
  }

 private:
  std::string encodings_;
  const RequestBody plain_;
  const MakeEncoder make_encoder_;
};

#if OKHTTP_ZLIB
OKHTTP_DECL std::unique_ptr<ContentEncoder> make_gzip_encoder() {
  return std::make_unique<DeflateEncoder>(DeflateEncoder::Format::gzip);
}
#endif

}  // namespace detail::request_body

OKHTTP_DECL RequestBody::Content::Content(std::string_view media_type) : media_type_(media_type) {
  if (!media_type.empty()) fault_ = detail::request_body::media_type_fault(media_type);
}

OKHTTP_DECL void RequestBody::Content::set_content_encoding(std::string_view encoding) {
  content_encoding_ = encoding;
  for (const char c : encoding)
    if (!ascii::is_token_char(c) && c != ',' && c != ' ' && !fault_)
      fault_ = Error(Errc::invalid_argument, "a content coding has a character that none can have");
}

OKHTTP_DECL RequestBody RequestBody::create(std::string text, std::string_view media_type) {
  using Text = detail::request_body::MemoryContent<std::string>;
  return RequestBody(std::make_shared<const Text>(
      std::move(text), detail::request_body::text_media_type(media_type)));
}

OKHTTP_DECL RequestBody RequestBody::create_json(std::string text) {
  using Text = detail::request_body::MemoryContent<std::string>;
  return RequestBody(std::make_shared<const Text>(std::move(text), "application/json"));
}

OKHTTP_DECL RequestBody RequestBody::create(std::span<const std::byte> bytes,
                                            std::string_view media_type) {
  return create(std::vector<std::byte>(bytes.begin(), bytes.end()), media_type);
}

OKHTTP_DECL RequestBody RequestBody::create(std::vector<std::byte> bytes,
                                            std::string_view media_type) {
  using Bytes = detail::request_body::MemoryContent<std::vector<std::byte>>;
  return RequestBody(std::make_shared<const Bytes>(std::move(bytes), media_type));
}

#if OKHTTP_FILES
OKHTTP_DECL RequestBody RequestBody::from_file(std::string path, std::string_view media_type) {
  using File = detail::request_body::FileContent;
  return RequestBody(std::make_shared<const File>(std::move(path), media_type));
}
#endif

OKHTTP_DECL RequestBody RequestBody::encoded(RequestBody body, std::string_view encoding,
                                             std::unique_ptr<ContentEncoder> (*make_encoder)()) {
  using Encoded = detail::request_body::EncodedContent;
  return RequestBody(std::make_shared<const Encoded>(std::move(body), encoding, make_encoder));
}

#if OKHTTP_ZLIB
OKHTTP_DECL RequestBody RequestBody::gzip(RequestBody body) {
  return encoded(std::move(body), "gzip", &detail::request_body::make_gzip_encoder);
}
#endif

OKHTTP_DECL RequestBody
RequestBody::from_reader(UniqueFunction<Result<std::size_t>(std::span<std::byte>)> reader,
                         std::string_view media_type) {
  using Function = detail::request_body::FunctionContent;
  return RequestBody(std::make_shared<const Function>(std::move(reader), media_type));
}

OKHTTP_DECL RequestBody RequestBody::one_shot(RequestBody body) {
  using Flagged = detail::request_body::FlaggedContent;
  return RequestBody(std::make_shared<const Flagged>(std::move(body), true, false));
}

OKHTTP_DECL RequestBody RequestBody::duplex(RequestBody body) {
  using Flagged = detail::request_body::FlaggedContent;
  return RequestBody(std::make_shared<const Flagged>(std::move(body), false, true));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_REQUEST_BODY_IPP
