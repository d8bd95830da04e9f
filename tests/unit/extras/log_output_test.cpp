// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/log_output.hpp>

#include <doctest/doctest.h>

namespace log_output_test {

using okhttp::Header;
using okhttp::HttpUrl;
using okhttp::LogRedaction;
using okhttp::detail::printable;
using okhttp::detail::redacted_header;
using okhttp::detail::redacted_url;

TEST_SUITE("extras/log_output") {
  TEST_CASE("control characters are written out") {
    CHECK(printable("a\tb") == "a\tb");
    CHECK(printable("a\r\nb\x1b[31m\x7f") == "a\\x0d\\x0ab\\x1b[31m\\x7f");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("a\r\nb\rc\nd", true) == "a\r\nb\\x0dc\nd");
    CHECK(printable("\xC2\x9B" "1m \xC2\xA0 \xC3\xA9 \xE2\x82\xAC") == "\\xc2\\x9b1m \xC2\xA0 \xC3\xA9 \xE2\x82\xAC");
    CHECK(printable("\xC2") == "\xC2");
  }

  TEST_CASE("URLs show no user, no fragment, and no query unless asked") {
    const HttpUrl url = HttpUrl::parse("https://me:secret@Example.com:8443/a%20b?token=1&x&Key=a%26b&to%6Ben=2#top");
    LogRedaction redaction;
    CHECK(redacted_url(url, redaction) == "https://example.com:8443/a%20b?\xE2\x96\x88\xE2\x96\x88");
    CHECK(redacted_url(HttpUrl::parse("http://[::1]/"), redaction) == "http://[::1]/");
    CHECK(redacted_url(HttpUrl::parse("http://a/?"), redaction) == "http://a/?\xE2\x96\x88\xE2\x96\x88");
    redaction.show_queries = true;
    CHECK(redacted_url(url, redaction) == "https://example.com:8443/a%20b?token=1&x&Key=a%26b&to%6Ben=2");
    redaction.query_parameters = {"TOKEN", "x", "key"};
    CHECK(redacted_url(url, redaction) == "https://example.com:8443/a%20b?token=\xE2\x96\x88\xE2\x96\x88" "&x&Key=\xE2\x96\x88\xE2\x96\x88" "&to%6Ben=\xE2\x96\x88\xE2\x96\x88");
  }

  TEST_CASE("headers show no secrets unless asked") {
    LogRedaction redaction;
    for (const char* name : {"Authorization", "cookie", "SET-COOKIE", "Proxy-Authorization"})
      CHECK(redacted_header({name, "secret"}, redaction) == std::string(name) + ": \xE2\x96\x88\xE2\x96\x88");
    CHECK(redacted_header({"Accept", "a\x1b"}, redaction) == "Accept: a\\x1b");
    CHECK(redacted_header({"X-Key", "1"}, redaction) == "X-Key: 1");
    redaction.headers = {"x-key"};
    CHECK(redacted_header({"X-Key", "1"}, redaction) == "X-Key: \xE2\x96\x88\xE2\x96\x88");
    redaction.show_secrets = true;
    CHECK(redacted_header({"Cookie", "a=b"}, redaction) == "Cookie: a=b");
    CHECK(redacted_header({"X-Key", "1"}, redaction) == "X-Key: \xE2\x96\x88\xE2\x96\x88");
  }

  TEST_CASE("headers that hold URLs are treated as URLs") {
    LogRedaction redaction;
    CHECK(redacted_header({"location", "http://u:p@a/b?code=1"}, redaction) == "location: http://a/b?\xE2\x96\x88\xE2\x96\x88");
    CHECK(redacted_header({"Referer", "/b?code=1&d"}, redaction) == "Referer: /b?\xE2\x96\x88\xE2\x96\x88");
    CHECK(redacted_header({"Content-Location", "/b"}, redaction) == "Content-Location: /b");
    CHECK(redacted_header({"Location", "/b#token=1"}, redaction) == "Location: /b");
    CHECK(redacted_header({"X-Other", "/b?code=1"}, redaction) == "X-Other: /b?code=1");
    redaction.show_queries = true;
    redaction.query_parameters = {"code"};
    CHECK(redacted_header({"Location", "/b?d=2#token=1"}, redaction) == "Location: /b?d=2");
    CHECK(redacted_header({"Location", "/b?code=1&d=2"}, redaction) == "Location: /b?code=\xE2\x96\x88\xE2\x96\x88" "&d=2");
  }
}

}  // namespace log_output_test
