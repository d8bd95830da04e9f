// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_IPP
#define OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/extras/logging_interceptor.hpp>
#include <okhttp/message/gzip_decoder.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <span>
#include <string>

OKHTTP_NAMESPACE_BEGIN

struct LoggingInterceptor::Shared {
  std::atomic<LogLevel> level;
  std::shared_ptr<const LogFunction> log;
  LogRedaction redaction;
  std::size_t max_body_bytes;

  void write(std::string_view line) const { (*log)(line); }
  void write_request(const Request& request, const Connection* connection, LogLevel wanted) const;
  void write_request_body(const Request& request) const;
  void write_response(const Response& response, LogLevel wanted, const std::string& took) const;
  void write_response_body(const Response& response, std::string bytes, const std::string& took) const;
  void write_failure(const Error& error, const HttpUrl& url, const std::string& took) const {
    write("<-- HTTP FAILED: " + detail::printable(error.message()) + ". " + detail::redacted_url(url, redaction) + " (" +
          took + ")");
  }
  void write_headers(const Headers& headers) const {
    for (const auto& [name, value] : headers) write(detail::redacted_header({name, value}, redaction));
  }
};

OKHTTP_DECL LoggingInterceptor::LoggingInterceptor(LoggingOptions options) : shared_(std::make_shared<Shared>()) {
  shared_->level.store(options.level, std::memory_order_relaxed);
  shared_->log = detail::log_output(std::move(options.log));
  shared_->redaction = std::move(options.redaction);
  shared_->max_body_bytes = options.max_body_bytes;
}
OKHTTP_DECL LogLevel LoggingInterceptor::level() const noexcept {
  return shared_->level.load(std::memory_order_relaxed);
}
OKHTTP_DECL void LoggingInterceptor::set_level(LogLevel level) const noexcept {
  shared_->level.store(level, std::memory_order_relaxed);
}

namespace detail {

/// A body as a log shows it.
struct LoggedBody {
  std::string text;  // the first bytes, without a gzip coding
  /// The text is all of it.
  bool complete = true;
  bool gzipped = false;
};

/// "5-byte", "5-gzipped-byte".
OKHTTP_DECL std::string byte_count(std::int64_t length, bool gzipped = false) {
  if (length < 0) return "unknown-length";
  return std::to_string(length) + (gzipped ? "-gzipped-byte" : "-byte");
}

/// What stands before the length of a body on the wire, if the text is not just that.
OKHTTP_DECL std::string shown_size(const LoggedBody& body) {
  const std::string size = std::to_string(body.text.size());
  if (!body.complete) return "first " + size + " bytes of ";
  return body.gzipped ? size + "-byte, " : std::string();
}

/// How long it takes, in the time of the runtime.
class Stopwatch {
 public:
  std::string took() const {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now() - begun_).count()) + "ms";
  }

 private:
  static TimePoint now() {
    const Runtime* const runtime = Runtime::current();
    return runtime != nullptr ? runtime->now() : Clock::now();
  }
  const TimePoint begun_ = now();
};

/// Whether text of a coding can be shown: "" and "identity" as it is, "gzip" if there is a decoder.
OKHTTP_DECL bool is_known_coding(std::string_view coding) {
  return coding.empty() || ascii::iequals(coding, "identity") || (OKHTTP_ZLIB && ascii::iequals(coding, "gzip"));
}

/// Inflates what is there of a gzip body, as far as it may be shown. False for damaged input.
OKHTTP_DECL bool inflate(LoggedBody& body, std::size_t most) {
  body.gzipped = true;
#if OKHTTP_ZLIB
  GzipDecoder decoder;
  std::string out(most + 1, '\0');
  std::span<const std::byte> in = std::as_bytes(std::span<const char>(body.text));
  std::size_t size = 0;
  for (;;) {
    const std::span<std::byte> room = std::as_writable_bytes(std::span<char>(out)).subspan(size);
    const Result<ContentDecoder::Progress> progress = decoder.decode(in, room);
    if (!progress) return false;
    in = in.subspan(progress->consumed);
    size += progress->produced;
    if (progress->end || size > most || (in.empty() && progress->produced < room.size())) break;
  }
  if (size > most) body.complete = false;
  out.resize(std::min(size, most));
  body.text = std::move(out);
#else
  (void)most;
#endif
  return true;
}

/// Cuts a character that is not complete off the end.
OKHTTP_DECL void cut_at_character(std::string& text) {
  std::size_t end = text.size();
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end - 1]) & 0xC0) == 0x80; ++back) --end;
  if (end > 0 && static_cast<unsigned char>(text[end - 1]) >= 0xC0) {
    const auto lead = static_cast<unsigned char>(text[end - 1]);
    const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (text.size() - (end - 1) < wanted) text.resize(end - 1);
  }
}

/// No control character but blanks among the first 16 characters.
OKHTTP_DECL bool is_probably_text(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size() && characters < 16; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xC0) != 0x80) ++characters;
    const bool is_blank = c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
    if ((c < 0x20 && !is_blank) || c == 0x7f) return false;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return true;
}

/// Text for people, whatever charset the media type names.
OKHTTP_DECL std::string shown_text(const LoggedBody& body, std::string_view content_type) {
  std::string text = body.text;
  if (Result<std::string> decoded = ResponseBody::of(text, std::string(content_type)).try_string()) text = *std::move(decoded);
  if (!body.complete) cut_at_character(text);
  return printable(text, true);
}

/// The body of a request, without taking anything from whoever sends it; or why it is not shown.
OKHTTP_DECL Result<LoggedBody> logged_request_body(const RequestBody& body, const Headers& headers, std::size_t most) {
  LoggedBody logged;
  const std::string_view coding = headers.get("Content-Encoding").value_or(body.content_encoding());
  if (!is_known_coding(coding)) return {Errc::misuse, "encoded body omitted"};
  if (body.is_duplex()) return {Errc::misuse, "duplex body omitted"};
  if (body.is_one_shot()) return {Errc::misuse, "one-shot body omitted"};
  if (const std::optional<std::span<const std::byte>> memory = body.in_memory()) {
    logged.text.assign(reinterpret_cast<const char*>(memory->data()), std::min(memory->size(), most));
    logged.complete = memory->size() <= most;
  } else {
    const Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
    if (!reader) return {Errc::misuse, "body omitted: " + reader.error().message()};
    const Runtime* const runtime = Runtime::current();
    if ((*reader)->may_block() && runtime != nullptr && !runtime->blocks())
      return {Errc::misuse, byte_count(body.content_length()) + " body in a file omitted"};
    std::string text(most + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
      const Result<std::size_t> count = (*reader)->read(std::as_writable_bytes(std::span<char>(text)).subspan(size));
      if (!count) return {Errc::misuse, "body omitted: " + count.error().message()};
      if (*count == 0 || *count > text.size() - size) break;
      size += *count;
    }
    logged.complete = size <= most;
    text.resize(std::min(size, most));
    logged.text = std::move(text);
  }
  if (ascii::iequals(coding, "gzip") && !inflate(logged, most)) return {Errc::misuse, "damaged gzip body omitted"};
  return logged;
}

/// Rule: OkHttp's promisesBody.
OKHTTP_DECL bool promises_body(const Response& response) {
  if (response.request().method() == "HEAD") return false;
  const int code = response.code();
  if (code >= 200 && code != 204 && code != 304) return true;
  return response.header("Content-Length").value_or("0") != "0" ||
         ascii::iequals(response.header("Transfer-Encoding", ""), "chunked");
}

}  // namespace detail

/// The request's last line, and its body before it.
OKHTTP_DECL void LoggingInterceptor::Shared::write_request_body(const Request& request) const {
  const RequestBody& body = *request.body();
  std::string line = "--> END " + std::string(request.method()) + " (";
  const Result<detail::LoggedBody> logged = detail::logged_request_body(body, request.headers(), max_body_bytes);
  if (!logged) return write(line + logged.error().message() + ")");
  write("");
  if (!detail::is_probably_text(logged->text))
    return write(line + "binary " + detail::byte_count(body.content_length()) + " body omitted)");
  write(detail::shown_text(*logged, body.content_type().value_or("")));
  line += detail::shown_size(*logged);
  write(line + detail::byte_count(body.content_length(), logged->gzipped) + " body)");
}

OKHTTP_DECL void LoggingInterceptor::Shared::write_request(const Request& request, const Connection* connection,
                                                           LogLevel wanted) const {
  const RequestBody* const body = request.body();
  std::string line = "--> " + std::string(request.method()) + " " + detail::redacted_url(request.url(), redaction);
  if (connection != nullptr) line += " " + std::string(to_string(connection->protocol()));
  if (wanted == LogLevel::basic && body != nullptr) line += " (" + detail::byte_count(body->content_length()) + " body)";
  write(line);
  if (wanted == LogLevel::basic) return;
  if (body != nullptr) {
    // The client adds them later on; a network interceptor sees them among the others.
    if (const std::optional<std::string_view> type = body->content_type(); type && !request.headers().contains("Content-Type"))
      write("Content-Type: " + detail::printable(*type));
    if (!body->content_encoding().empty() && !request.headers().contains("Content-Encoding"))
      write("Content-Encoding: " + detail::printable(body->content_encoding()));
    if (body->content_length() >= 0 && !request.headers().contains("Content-Length"))
      write("Content-Length: " + std::to_string(body->content_length()));
  }
  write_headers(request.headers());
  if (wanted == LogLevel::body && body != nullptr)
    write_request_body(request);
  else
    write("--> END " + std::string(request.method()));
}

OKHTTP_DECL void LoggingInterceptor::Shared::write_response(const Response& response, LogLevel wanted,
                                                            const std::string& took) const {
  std::string line = "<-- " + std::to_string(response.code());
  if (!response.message().empty()) line += " " + detail::printable(response.message());
  line += " " + detail::redacted_url(response.request().url(), redaction) + " (" + took;
  if (wanted == LogLevel::basic) line += ", " + detail::byte_count(response.body().content_length()) + " body";
  write(line + ")");
  if (wanted != LogLevel::basic) write_headers(response.headers());
}

/// The first bytes of a response's body, and its last line.
OKHTTP_DECL void LoggingInterceptor::Shared::write_response_body(const Response& response, std::string bytes,
                                                                 const std::string& took) const {
  const std::int64_t declared = response.body().content_length();
  detail::LoggedBody body;
  body.complete = bytes.size() <= max_body_bytes;
  const std::int64_t length = body.complete ? static_cast<std::int64_t>(bytes.size()) : declared;
  if (!body.complete) bytes.resize(max_body_bytes);
  body.text = std::move(bytes);
  std::string line = "<-- END HTTP (" + took + ", ";
  const bool is_gzip = ascii::iequals(response.header("Content-Encoding", ""), "gzip") && !body.text.empty();
  if (is_gzip && !detail::inflate(body, max_body_bytes)) return write(line + "damaged gzip body omitted)");
  if (!body.text.empty()) write("");
  if (!detail::is_probably_text(body.text)) return write(line + "binary " + detail::byte_count(length) + " body omitted)");
  const std::string_view type = response.body().content_type_text();
  if (!body.text.empty()) write(detail::shown_text(body, type.empty() ? response.header("Content-Type", "") : type));
  line += detail::shown_size(body);
  write(line + detail::byte_count(length, body.gzipped) + " body)");
}

OKHTTP_DECL Task<Response> LoggingInterceptor::operator()(Chain& chain) const {
  const std::shared_ptr<const Shared> shared = shared_;
  const LogLevel wanted = level();
  const Request& request = chain.request();
  if (wanted == LogLevel::none) co_return co_await chain.proceed(request);
  shared->write_request(request, chain.connection(), wanted);

  const detail::Stopwatch watch;
  Result<Response> outcome = co_await chain.proceed(request).outcome();
  if (!outcome) {
    shared->write_failure(outcome.error(), request.url(), watch.took());
    co_await fail(std::move(outcome).error());
  }
  Response response = *std::move(outcome);
  shared->write_response(response, wanted, watch.took());
  if (wanted == LogLevel::basic) co_return response;

  const std::optional<MediaTypeView> media = MediaTypeView::parse(response.body().content_type_text());
  if (wanted != LogLevel::body || !detail::promises_body(response)) {
    shared->write("<-- END HTTP");
  } else if (!detail::is_known_coding(response.header("Content-Encoding", ""))) {
    shared->write("<-- END HTTP (encoded body omitted)");
  } else if (media && media->is("text/event-stream")) {
    shared->write("<-- END HTTP (streaming)");
  } else {
    Task<std::string> peek = response.body().async_peek(shared->max_body_bytes + 1);
    Result<std::string> bytes = co_await std::move(peek).outcome();
    // A broken one is for whoever reads the body, who finds the same.
    if (bytes)
      shared->write_response_body(response, *std::move(bytes), watch.took());
    else
      shared->write_failure(bytes.error(), response.request().url(), watch.took());
  }
  co_return response;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_LOGGING_INTERCEPTOR_IPP
