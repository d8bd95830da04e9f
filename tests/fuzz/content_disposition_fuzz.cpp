// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/content_disposition.hpp>
#include <okhttp/message/extended_value.hpp>
#include <okhttp/url/percent_encoding.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input is a Content-Disposition header, an extended value, and a file name to be sent.

namespace {

using namespace okhttp;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_utf8(const std::string& text) { return url::to_valid_utf8(text) == text; }

void check_safe(const std::string& name) {
  require(!name.empty() && name.size() <= ContentDisposition::max_safe_filename && is_utf8(name));
  require(name.find_first_of("/\\<>:\"|?*") == std::string::npos && name != "." && name != "..");
  for (const char c : name) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  for (const std::string_view direction : {"\xE2\x80\xAE", "\xE2\x80\x8F", "\xE2\x81\xA6"})
    require(name.find(direction) == std::string::npos);
  require(name.front() != '.' && name.front() != ' ' && name.back() != '.' && name.back() != ' ');
}

/// What is sent is read back; a name that is safe stays as it is.
void check_round_trip(std::string_view name) {
  const Result<std::string> text = ContentDisposition::Builder("attachment").filename(name).try_build();
  if (!text) {
    require(text.error() == Errc::invalid_argument);
    return;
  }
  for (const char c : *text) require(c >= 0x20 && c < 0x7F);
  const ContentDisposition again(*text);
  require(again.type() == "attachment" && again.is_attachment());
  require(again.filename() == url::to_valid_utf8(std::string(name)));
  if (const std::optional<std::string> safe = again.safe_filename()) {
    check_safe(*safe);
    const std::string second = ContentDisposition::Builder("attachment").filename(*safe).try_build().value();
    require(ContentDisposition(second).safe_filename() == safe);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::size_t end = rest.find('\n');
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return taken;
  };
  const ContentDisposition parsed(line());
  if (const std::optional<std::string> name = parsed.filename()) {
    require(is_utf8(*name));
    require(parsed.parameter("FileName") || parsed.parameter("filename*"));
    check_round_trip(*name);
  }
  if (const std::optional<std::string> safe = parsed.safe_filename()) check_safe(*safe);

  const std::string_view extended = line();
  const std::optional<ExtendedValue> parts = ExtendedValue::try_parse(extended);
  if (const std::optional<std::string> decoded = decode_extended_value(extended)) {
    require(is_utf8(*decoded));
    require(decode_extended_value(encode_extended_value(*decoded, parts.value().language)) == decoded);
  }
  if (parts)
    require(std::string(parts->charset) + "'" + std::string(parts->language) + "'" + std::string(parts->encoded) ==
            extended);
  require(decode_extended_value(encode_extended_value(rest)) == url::to_valid_utf8(std::string(rest)));
  check_round_trip(rest);
  return 0;
}
