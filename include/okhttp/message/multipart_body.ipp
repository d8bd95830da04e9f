// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MULTIPART_BODY_IPP
#define OKHTTP_MESSAGE_MULTIPART_BODY_IPP

#include <okhttp/message/multipart_body.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/message/file_io.hpp>
#include <okhttp/message/media_type.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstring>
#if OKHTTP_THREADS
#include <atomic>
#endif

OKHTTP_NAMESPACE_BEGIN

namespace detail::multipart_body {

// Parts in memory that are no larger together are put together when the body is made: it can then leave with
// the head of the request, in one packet mostly.
inline constexpr std::int64_t max_assembled = 16 * 1024;

/// Two numbers of 64 bits that are new each time.
struct Bits {
  std::uint64_t numbers[2];
};

/// Spreads what little there is without an operating system: where things lie in memory, and how often somebody
/// has asked.
OKHTTP_DECL Bits mixed_bits() noexcept {
#if OKHTTP_THREADS
  static constinit std::atomic<std::uint64_t> asked{0};
  std::uint64_t bits = asked.fetch_add(2, std::memory_order_relaxed);
#else
  static constinit std::uint64_t asked = 0;
  std::uint64_t bits = asked;
  asked += 2;
#endif
  bits = bits * 0x9E3779B97F4A7C15U + reinterpret_cast<std::uintptr_t>(&asked) +
         (static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&bits)) << 24);
  Bits out{};
  for (std::uint64_t& number : out.numbers) {  // splitmix64
    number = bits += 0x9E3779B97F4A7C15U;
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
    number ^= number >> 31;
  }
  return out;
}

OKHTTP_DECL Bits random_bits() {
  Bits bits = mixed_bits();
#if OKHTTP_FILES
  // The one source of random bytes that needs no header of its own.
  if (Result<InputFile> source = InputFile::open("/dev/urandom")) {
    Bits read{};
    const std::span<std::byte> into = std::as_writable_bytes(std::span(read.numbers));
    const Result<std::size_t> size = source->read(into);
    if (size && *size == into.size()) bits = read;
  }
#endif
  return bits;
}

OKHTTP_DECL std::string random_boundary() {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::uint64_t number : random_bits().numbers)
    for (int i = 0; i < 16; ++i, number >>= 4) text += digits[number & 15];
  return text;
}

OKHTTP_DECL bool is_boundary(std::string_view text) noexcept {
  if (text.empty() || text.size() > 70 || text.back() == ' ') return false;
  for (const char c : text)
    if (!ascii::is_alpha(c) && !ascii::is_digit(c) && std::string_view("'()+_,-./:=? ").find(c) == std::string_view::npos)
      return false;
  return true;
}

/// Spec: WHATWG HTML, 4.10.21.8 (multipart form data), and OkHttp's appendQuotedString.
OKHTTP_DECL void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '\n')
      out += "%0A";
    else if (c == '\r')
      out += "%0D";
    else if (c == '"')
      out += "%22";
    else
      out += c;
  }
  out += '"';
}

/// What stands in a header for a parameter's value. A token may have apostrophes, but readers (MediaType, too) take
/// them off when they stand around all of it.
OKHTTP_DECL std::string parameter_value(std::string_view text) {
  return ascii::is_token(text) && text.front() != '\'' ? std::string(text) : '"' + std::string(text) + '"';
}

}  // namespace detail::multipart_body

// ---- Parts ----

OKHTTP_DECL MultipartBody::Part::Part(Headers headers, RequestBody body)
    : headers_(std::move(headers)), body_(std::move(body)) {
  for (const char* name : {"Content-Type", "Content-Length"})
    if (headers_.contains(name) && !fault_)
      fault_ = Error(Errc::invalid_argument, "the headers of a part cannot have ", name, ", which its body says");
  if (const Error* fault = body_.fault(); fault != nullptr && !fault_) fault_ = *fault;
  if (body_.is_duplex() && !fault_)
    fault_ = Error(Errc::invalid_argument, "a part of a multipart body cannot be duplex");
}

OKHTTP_DECL MultipartBody::Part MultipartBody::Part::make_form_data(std::string_view name,
                                                                    const std::string_view* file_name,
                                                                    RequestBody body) {
  std::string value = "form-data; name=";
  detail::multipart_body::append_quoted(value, name);
  if (file_name != nullptr) {
    value += "; filename=";
    detail::multipart_body::append_quoted(value, *file_name);
  }
  Headers::Builder headers;
  headers.add_unsafe_non_ascii("Content-Disposition", value);
  Part part(std::move(body));
  Result<Headers> built = std::move(headers).try_build();
  if (built)
    part.headers_ = *std::move(built);
  else if (!part.fault_)
    part.fault_ = std::move(built).error();
  return part;
}

// ---- The whole ----

// What is sent, with N parts:
//
//   N times:  --boundary CRLF, headers of the part, Content-Type (and -Encoding) of its body, CRLF   (head_of)
//             the body, CRLF
//   --boundary-- CRLF
class MultipartBody::Content final : public RequestBody::Content {
 public:
  Content(std::string type, std::string boundary, std::vector<Part> parts)
      : RequestBody::Content(type + "; boundary=" + detail::multipart_body::parameter_value(boundary)),
        type_(std::move(type)),
        boundary_(std::move(boundary)),
        parts_(std::move(parts)) {}

  const std::string& type() const noexcept { return type_; }
  const std::string& boundary() const noexcept { return boundary_; }
  const std::vector<Part>& parts() const noexcept { return parts_; }

  OKHTTP_DECL std::int64_t content_length() const override;
  OKHTTP_DECL bool is_one_shot() const noexcept override;
  std::optional<std::span<const std::byte>> in_memory() const noexcept override {
    if (assembled_.empty()) return std::nullopt;
    return std::as_bytes(std::span(assembled_.data(), assembled_.size()));
  }
  OKHTTP_DECL Result<std::unique_ptr<RequestBodyReader>> open() const override;

  OKHTTP_DECL std::string head_of(std::size_t index) const;
  std::string end() const { return "--" + boundary_ + "--\r\n"; }
  /// Puts small parts in memory together. Before anybody else has it.
  OKHTTP_DECL void assemble();

 private:
  const std::string type_;
  const std::string boundary_;
  const std::vector<Part> parts_;
  std::string assembled_;  // all of it, or empty
};

// Gives text_, then the body of the part (memory_ or reader_), then its CRLF as text_, and so on.
//
// A part that is not in memory is opened, and read, only at the begin of a read(), so that may_block() has told
// of it before.
class MultipartBody::Reader final : public RequestBodyReader {
 public:
  explicit Reader(const Content& content) noexcept : content_(content) {}

  OKHTTP_DECL Result<std::size_t> read(std::span<std::byte> into) override;
  bool may_block() const noexcept override {
    if (!text_.empty() || !memory_.empty()) return false;
    if (reader_ != nullptr) return reader_->may_block();
    return !in_part_ && next_ < content_.parts().size() && !content_.parts()[next_].body().in_memory();
  }

 private:
  OKHTTP_DECL Result<void> enter_part();
  OKHTTP_DECL Result<std::size_t> read_part(std::span<std::byte> into);
  void leave_part() {
    reader_.reset();
    in_part_ = false;
    say(next_ < content_.parts().size() ? std::string("\r\n") : "\r\n" + content_.end());
  }
  void say(std::string text) {
    said_ = std::move(text);
    text_ = said_;
  }

  const Content& content_;
  std::size_t next_ = 0;  // the part to enter when this one is over
  std::string said_;
  std::string_view text_;  // the rest of said_
  std::span<const std::byte> memory_;
  std::unique_ptr<RequestBodyReader> reader_;
  std::int64_t declared_ = -1;  // bytes of the part
  std::int64_t given_ = 0;
  bool in_part_ = false;
};

OKHTTP_DECL Result<void> MultipartBody::Reader::enter_part() {
  const RequestBody& body = content_.parts()[next_].body();
  if (const std::optional<std::span<const std::byte>> memory = body.in_memory()) {
    memory_ = *memory;
  } else {
    declared_ = body.content_length();
    given_ = 0;
    Result<std::unique_ptr<RequestBodyReader>> opened = body.open();
    if (!opened) return std::move(opened).error();
    reader_ = *std::move(opened);
  }
  say(content_.head_of(next_++));
  in_part_ = true;
  return {};
}

OKHTTP_DECL Result<std::size_t> MultipartBody::Reader::read_part(std::span<std::byte> into) {
  const Result<std::size_t> size = reader_->read(into);
  if (!size) return size;
  if (*size > into.size()) return {Errc::body_length, "the reader of part ", next_, " reports more bytes than fit"};
  given_ += static_cast<std::int64_t>(*size);
  if (declared_ >= 0 && (given_ > declared_ || (*size == 0 && given_ != declared_)))
    return {Errc::body_length, "part ", next_, " of the multipart body has ", static_cast<std::uint64_t>(given_),
            (*size == 0 ? " bytes" : " bytes or more"), " but declared ", static_cast<std::uint64_t>(declared_)};
  return size;
}

OKHTTP_DECL Result<std::size_t> MultipartBody::Reader::read(std::span<std::byte> into) {
  std::size_t filled = 0;
  const auto copy = [&](const void* from, std::size_t available) {
    const std::size_t size = std::min(available, into.size() - filled);
    std::memcpy(into.data() + filled, from, size);
    filled += size;
    return size;
  };
  while (filled < into.size()) {
    if (!text_.empty()) {
      text_.remove_prefix(copy(text_.data(), text_.size()));
    } else if (!memory_.empty()) {
      memory_ = memory_.subspan(copy(memory_.data(), memory_.size()));
    } else if (reader_ != nullptr) {
      if (filled > 0) break;
      const Result<std::size_t> size = read_part(into);
      if (!size || *size > 0) return size;
      leave_part();
    } else if (in_part_) {
      leave_part();
    } else {
      if (next_ == content_.parts().size()) break;
      if (filled > 0 && !content_.parts()[next_].body().in_memory()) break;
      const Result<void> entered = enter_part();
      if (!entered) return entered.error();
    }
  }
  return filled;
}

OKHTTP_DECL std::string MultipartBody::Content::head_of(std::size_t index) const {
  const Part& part = parts_[index];
  std::string text = "--" + boundary_ + "\r\n";
  part.headers().append_lines_to(text);
  if (const std::optional<std::string_view> type = part.body().content_type())
    text.append("Content-Type: ").append(*type).append("\r\n");
  if (const std::string_view coding = part.body().content_encoding();
      !coding.empty() && !part.headers().contains("Content-Encoding"))
    text.append("Content-Encoding: ").append(coding).append("\r\n");
  return text += "\r\n";
}

OKHTTP_DECL std::int64_t MultipartBody::Content::content_length() const {
  if (!assembled_.empty()) return static_cast<std::int64_t>(assembled_.size());
  auto length = static_cast<std::int64_t>(end().size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::int64_t body = parts_[i].body().content_length();
    const std::int64_t rest = INT64_MAX - length - static_cast<std::int64_t>(head_of(i).size()) - 2;
    if (body < 0 || body > rest) return -1;
    length = INT64_MAX - rest + body;
  }
  return length;
}

OKHTTP_DECL bool MultipartBody::Content::is_one_shot() const noexcept {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.body().is_one_shot(); });
}

OKHTTP_DECL Result<std::unique_ptr<RequestBodyReader>> MultipartBody::Content::open() const {
  std::unique_ptr<RequestBodyReader> reader = std::make_unique<Reader>(*this);
  return reader;
}

OKHTTP_DECL void MultipartBody::Content::assemble() {
  for (const Part& part : parts_)
    if (!part.body().in_memory()) return;
  const std::int64_t length = content_length();
  if (length < 0 || length > detail::multipart_body::max_assembled) return;
  std::string text(static_cast<std::size_t>(length), '\0');
  const Result<std::size_t> size = Reader(*this).read(std::as_writable_bytes(std::span(text)));
  if (size && *size == text.size()) assembled_ = std::move(text);
}

OKHTTP_DECL const std::vector<MultipartBody::Part>& MultipartBody::parts() const& noexcept { return content_->parts(); }
OKHTTP_DECL const std::string& MultipartBody::boundary() const& noexcept { return content_->boundary(); }
OKHTTP_DECL const std::string& MultipartBody::type() const& noexcept { return content_->type(); }
OKHTTP_DECL std::int64_t MultipartBody::content_length() const { return content_->content_length(); }
OKHTTP_DECL bool MultipartBody::is_one_shot() const noexcept { return content_->is_one_shot(); }
OKHTTP_DECL RequestBody MultipartBody::to_request_body() const { return RequestBody(content_); }

// ---- The builder ----

OKHTTP_DECL MultipartBody::Builder::Builder(std::string boundary) : boundary_(std::move(boundary)) {
  if (!detail::multipart_body::is_boundary(boundary_))
    fail(Error(Errc::invalid_argument,
               "a boundary has 1 to 70 letters, digits, spaces and '()+_,-./:=? and no space at its end"));
}

OKHTTP_DECL MultipartBody::Builder& MultipartBody::Builder::type(std::string_view media_type) & {
  const Result<MediaType> parsed = MediaType::try_parse(media_type);
  if (!parsed)
    fail(parsed.error());
  else if (parsed->type() != "multipart" || parsed->parameter("boundary"))
    fail(Error(Errc::invalid_argument, "the type of a multipart body begins with multipart/ and names no boundary"));
  else
    type_ = media_type;
  return *this;
}

OKHTTP_DECL MultipartBody::Builder& MultipartBody::Builder::add_part(Part part) & {
  if (const Error* fault = part.fault(); fault != nullptr) fail(*fault);
  parts_.push_back(std::move(part));
  return *this;
}

OKHTTP_DECL Result<MultipartBody> MultipartBody::Builder::try_build() const {
  if (fault_) return *fault_;
  if (parts_.empty()) return Error(Errc::invalid_argument, "a multipart body has at least one part");
  auto content = std::make_shared<Content>(
      type_, boundary_.empty() ? detail::multipart_body::random_boundary() : boundary_, parts_);
  if (const Error* fault = content->fault(); fault != nullptr) return *fault;
  content->assemble();
  return MultipartBody(std::move(content));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_MULTIPART_BODY_IPP
