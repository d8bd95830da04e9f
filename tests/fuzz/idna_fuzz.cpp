// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/host.hpp>
#include <okhttp/url/idna.hpp>
#include <okhttp/url/punycode.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input is a domain name in UTF-8, and, as it is, Punycode; as code points (3 bytes each) it is what
// Punycode has to bring back.

namespace {

namespace url = okhttp::url;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_punycode(std::string_view input) {
  if (const std::optional<std::u32string> text = url::decode_punycode(input)) {
    require(text->size() <= input.size());
    std::string again;
    // What was read can be written, and differs in the case of the digits at most.
    require(url::append_punycode(again, *text) && again.size() <= input.size());
    require(url::decode_punycode(again) == text);
  }
  std::u32string points;
  for (std::size_t i = 0; i + 2 < input.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[i + at]); };
    points += static_cast<char32_t>((byte(0) & 0x1F) << 16 | byte(1) << 8 | byte(2));
  }
  std::string code = "before";
  if (!url::append_punycode(code, points)) {
    require(code == "before");
    return;
  }
  code.erase(0, 6);
  for (char c : code) require(static_cast<std::uint8_t>(c) < 0x80);
  if (code.size() <= url::max_punycode) require(url::decode_punycode(code) == points);
}

void check_domain(std::string_view input) {
  std::string ascii = "before";
  const char* const reason = url::domain_to_ascii(ascii, input);
  if (reason != nullptr) {
    require(ascii == "before" && *reason != '\0');
    std::string unicode;
    require(url::domain_to_unicode(unicode, input) != nullptr || input.size() > url::max_punycode);
    return;
  }
  ascii.erase(0, 6);
  require(!ascii.empty());
  for (char c : ascii) require(static_cast<std::uint8_t>(c) < 0x80 && !(c >= 'A' && c <= 'Z'));
  // Longer forms than those that are taken cannot come back.
  if (ascii.size() > url::max_punycode) return;

  std::string again;
  require(url::domain_to_ascii(again, ascii) == nullptr && again == ascii);
  std::string unicode;
  require(url::domain_to_unicode(unicode, ascii) == nullptr);
  std::string direct;
  require(url::domain_to_unicode(direct, input) == nullptr && direct == unicode);
  std::string back;
  require(url::domain_to_ascii(back, unicode) == nullptr && back == ascii);
  require(url::is_international(ascii) == (unicode != ascii));
}

void check_host(std::string_view input) {
  std::string host;
  if (url::append_host(host, input) != nullptr) {
    require(host.empty());
    return;
  }
  for (char c : host) require(c > ' ' && c < 0x7F && !(c >= 'A' && c <= 'Z'));
  if (host.size() > url::max_punycode) return;
  std::string again;
  require(url::append_host(again, host) == nullptr && again == host);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_punycode(input);
  check_domain(input);
  check_host(input);
  return 0;
}
