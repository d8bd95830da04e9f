// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/curl_command.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// The input is a command; and its parts, split at NULs, are a method, a header and a body.

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::optional<std::string> content_of(const okhttp::Request& request) {
  if (request.body() == nullptr) return std::nullopt;
  const auto reader = request.body()->open();
  require(reader.has_value());
  std::string content;
  for (std::array<std::byte, 512> part;;) {
    const okhttp::Result<std::size_t> count = (*reader)->read(part);
    require(count.has_value());
    if (*count == 0) return content;
    content.append(reinterpret_cast<const char*>(part.data()), *count);
  }
}

bool are_equal(const okhttp::Request& a, const okhttp::Request& b) {
  if (a.method() != b.method() || a.url() != b.url() || content_of(a) != content_of(b)) return false;
  if (a.body() != nullptr && a.body()->content_type() != b.body()->content_type()) return false;
  return a.headers() == b.headers();
}

// The command for a request is one word after the other for the shell, harmless for the terminal, and makes the
// same request.
void check(const okhttp::Request& request) {
  const std::string command = okhttp::to_curl(request);
  require(okhttp::detail::shell::is_plain_text(command));
  const okhttp::Result<okhttp::Request> again = okhttp::try_parse_curl(command);
  require(again.has_value() && are_equal(request, *again));
  require(okhttp::to_curl(*again) == command);
  require(okhttp::to_curl(request, okhttp::CurlOptions().redact(true)).find("curl ") != std::string::npos);
}

void check_words(std::string_view text) {
  std::string quoted;
  okhttp::detail::shell::append_quoted(quoted, text);
  const auto split = okhttp::detail::shell::split(quoted);
  // "$(printf '...')" would lose these.
  const bool is_possible = text.find('\0') == std::string_view::npos &&
                           (okhttp::detail::shell::is_plain_text(text) || !text.ends_with('\n'));
  if (is_possible) require(split.has_value() && split->words.size() == 1 && split->words[0] == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const okhttp::Result<okhttp::Request> request = okhttp::try_parse_curl(input)) {
    check(*request);
  } else {
    require(request.error() == okhttp::Errc::invalid_argument || request.error() == okhttp::Errc::bad_url);
  }
  check_words(input);

  std::string_view rest = input;
  const auto next = [&rest] {
    const std::string_view part = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : rest.size());
    return part;
  };
  const std::string_view method = next();
  const std::string_view name = next();
  const std::string_view value = next();
  okhttp::Request::Builder builder;
  builder.url("http://x/?" + std::string(value)).add_header("A" + std::string(name), value);
  // What the command leaves to curl, or what becomes the body's, is not the same request again.
  if (const auto request = builder.try_build()) {
    if (!request->headers().contains("Content-Type")) check(*request);
    const auto with_body = request->new_builder()
                               .method(method, okhttp::RequestBody::create(std::as_bytes(std::span(rest))))
                               .try_build();
    if (with_body) check(*with_body);
  }
  return 0;
}
