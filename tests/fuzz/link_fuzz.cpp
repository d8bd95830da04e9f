// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/link.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Every line of the input is a Link header; all together they are one message's.

namespace {

using namespace okhttp;

void require(bool condition) {
  if (!condition) std::abort();
}

/// A link that a careful sender would write, if its parts can be sent at all.
Result<std::string> written(const Link& link) {
  Link::Builder builder(link.target());
  if (const auto rel = link.rel()) builder.rel(*rel);
  if (const auto title = link.title()) builder.title(*title);
  if (const auto anchor = link.anchor()) builder.anchor(*anchor);
  if (const auto type = link.type()) builder.type(*type);
  if (const auto hreflang = link.hreflang()) builder.hreflang(*hreflang);
  if (const auto media = link.media()) builder.parameter("media", *media);
  return builder.try_build();
}

void require_same(const Link& a, const Link& b) {
  require(a.target() == b.target() && a.rel() == b.rel() && a.title() == b.title() && a.anchor() == b.anchor());
  require(a.type() == b.type() && a.hreflang() == b.hreflang() && a.media() == b.media());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string clean;  // of what no header can have
  for (const char c : std::string_view(reinterpret_cast<const char*>(data), size))
    if (c != '\r' && c != '\0') clean += c;
  std::string_view rest = clean;
  Headers headers;
  for (;;) {
    const std::size_t end = rest.find('\n');
    headers.append_unchecked("link", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const HttpUrl base = HttpUrl::try_parse("https://example.com/a/b?c").value();
  std::vector<Link> sent;
  std::string joined;
  for (const Link& link : Links(headers)) {
    require(link.target().find('>') == std::string_view::npos);
    (void)link.resolve(base);
    if (const std::optional<std::string> rel = link.rel()) {
      std::string_view types = *rel;
      const std::string_view first = types.substr(0, types.find_first_of(" \t"));
      if (!first.empty()) {
        require(link.has_rel(first));
        require(link.has_parameter("anchor") || Links(headers).find(first)->has_rel(first));
      }
    }
    const Result<std::string> text = written(link);
    if (!text) {
      require(text.error() == Errc::invalid_argument);
      continue;
    }
    std::size_t count = 0;
    for (const Link& again : Links(*text)) {
      ++count;
      require_same(link, again);
    }
    require(count == 1);
    sent.push_back(link);
    joined += *text + ", ";
  }
  std::size_t index = 0;
  for (const Link& again : Links(joined)) {
    require(index < sent.size());
    require_same(sent[index++], again);
  }
  require(index == sent.size());
  return 0;
}
