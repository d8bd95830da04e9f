// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_REQUEST_BODY_IPP
#define OKHTTP_MESSAGE_REQUEST_BODY_IPP

#include <okhttp/message/request_body.hpp>

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

}  // namespace detail::request_body

OKHTTP_DECL RequestBody::Content::Content(std::string_view media_type) : media_type_(media_type) {
  if (!media_type.empty()) fault_ = detail::request_body::media_type_fault(media_type);
}

OKHTTP_DECL RequestBody RequestBody::create(std::string text, std::string_view media_type) {
  using Text = detail::request_body::MemoryContent<std::string>;
  return RequestBody(std::make_shared<const Text>(
      std::move(text), detail::request_body::text_media_type(media_type)));
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

OKHTTP_DECL RequestBody
RequestBody::from_reader(UniqueFunction<Result<std::size_t>(std::span<std::byte>)> reader,
                         std::string_view media_type) {
  using Function = detail::request_body::FunctionContent;
  return RequestBody(std::make_shared<const Function>(std::move(reader), media_type));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_REQUEST_BODY_IPP
