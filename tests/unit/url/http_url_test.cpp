// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/http_url.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace http_url_test {

using okhttp::Errc;
using okhttp::HttpUrl;

namespace {

using Strings = std::vector<std::string>;

std::string canonical(std::string_view text) {
  const okhttp::Result<HttpUrl> url = HttpUrl::try_parse(text);
  return url ? url->to_string() : "";
}

std::string resolved(std::string_view base, std::string_view link) {
  const std::optional<HttpUrl> url = HttpUrl::parse(base).resolve(link);
  return url ? url->to_string() : "";
}

HttpUrl::Builder at_host() { return HttpUrl::Builder().scheme("http").host("host"); }

std::string message_of(std::string_view text) {
  const okhttp::Result<HttpUrl> url = HttpUrl::try_parse(text);
  REQUIRE_FALSE(url.has_value());
  CHECK(url.error() == Errc::bad_url);
  return url.error().message();
}

}  // namespace

TEST_SUITE("url/http_url") {
  TEST_CASE("gives every part of a URL that has them all") {
    const HttpUrl url = HttpUrl::parse(
        "HTTPS://us%20er:p%40ss@Example.COM:8443/a%2fb/./c%20d?q=1+2&q=%263&r#f%20g");
    CHECK_EQ(url.to_string(),
             "https://us%20er:p%40ss@example.com:8443/a%2fb/c%20d?q=1+2&q=%263&r#f%20g");
    CHECK_EQ(url.scheme(), "https");
    CHECK(url.is_https());
    CHECK_EQ(url.username(), "us er");
    CHECK_EQ(url.encoded_username(), "us%20er");
    CHECK_EQ(url.password(), "p@ss");
    CHECK_EQ(url.encoded_password(), "p%40ss");
    CHECK_EQ(url.host(), "example.com");
    CHECK_EQ(url.port(), 8443);
    CHECK_EQ(url.default_port(), 443);
    CHECK_EQ(url.host_header(), "example.com:8443");
    CHECK_EQ(url.path(), "/a/b/c d");
    CHECK_EQ(url.encoded_path(), "/a%2fb/c%20d");
    CHECK(url.path_segments() == Strings{"a/b", "c d"});
    CHECK(url.encoded_path_segments() == std::vector<std::string_view>{"a%2fb", "c%20d"});
    CHECK_EQ(url.request_target(), "/a%2fb/c%20d?q=1+2&q=%263&r");
    CHECK(url.query() == "q=1 2&q=&3&r");
    CHECK(url.encoded_query() == "q=1+2&q=%263&r");
    CHECK(url.query_parameter("q") == "1 2");
    CHECK(url.fragment() == "f g");
    CHECK(url.encoded_fragment() == "f%20g");
  }

  TEST_CASE("gives empty parts where a URL has none") {
    const HttpUrl url = HttpUrl::parse("http://h");
    CHECK_EQ(url.to_string(), "http://h/");
    CHECK_FALSE(url.is_https());
    CHECK_EQ(url.username(), "");
    CHECK_EQ(url.password(), "");
    CHECK_EQ(url.encoded_username(), "");
    CHECK_EQ(url.encoded_password(), "");
    CHECK_EQ(url.port(), 80);
    CHECK_EQ(url.host_header(), "h");
    CHECK_EQ(url.path(), "/");
    CHECK(url.path_segments() == Strings{""});
    CHECK_EQ(url.request_target(), "/");
    CHECK_FALSE(url.query().has_value());
    CHECK_FALSE(url.encoded_query().has_value());
    CHECK_FALSE(url.query_parameter("q").has_value());
    CHECK(url.query_parameters().empty());
    CHECK(url.query_parameter_names().empty());
    CHECK(url.query_parameter_values("q").empty());
    CHECK_FALSE(url.fragment().has_value());
    CHECK_FALSE(url.encoded_fragment().has_value());
  }

  TEST_CASE("accessors give views into the URL, and values when it is a temporary") {
    const HttpUrl url = HttpUrl::parse("http://u:p@h/x?y#z");
    const HttpUrl copy = url;
    CHECK(static_cast<const void*>(url.host().data()) == copy.host().data());  // copies share
    static_assert(std::is_same_v<decltype(url.host()), std::string_view>);
    static_assert(std::is_same_v<decltype(url.encoded_query()), std::optional<std::string_view>>);
    static_assert(std::is_same_v<decltype(url.to_string()), okhttp::url::CanonicalText>);

    std::string host = HttpUrl::parse("http://h/").host();
    std::string scheme = HttpUrl::parse("http://h/").scheme();
    std::string path = HttpUrl::parse("http://h/p").encoded_path();
    std::string text = HttpUrl::parse("http://h/").to_string();
    std::string target = HttpUrl::parse("http://h/p?q").request_target();
    std::string host_header = HttpUrl::parse("http://h:1/").host_header();
    std::optional<std::string> query = HttpUrl::parse("http://h/?q").encoded_query();
    std::optional<std::string> fragment = HttpUrl::parse("http://h/#f").encoded_fragment();
    CHECK_EQ(host, "h");
    CHECK_EQ(scheme, "http");
    CHECK_EQ(path, "/p");
    CHECK_EQ(text, "http://h/");
    CHECK_EQ(target, "/p?q");
    CHECK_EQ(host_header, "h:1");
    CHECK(query == "q");
    CHECK(fragment == "f");
    CHECK_FALSE(HttpUrl::parse("http://h/").encoded_query().has_value());
    Strings segments;
    for (const std::string& segment : HttpUrl::parse("http://h/a/b").encoded_path_segments())
      segments.push_back(segment);
    CHECK(segments == Strings{"a", "b"});
    CHECK_EQ(HttpUrl::parse("http://u:p@h/").encoded_username(), "u");
    CHECK_EQ(HttpUrl::parse("http://u:p@h/").encoded_password(), "p");
  }

  TEST_CASE("the whole text passes for a view and for a string") {
    const HttpUrl url = HttpUrl::parse("http://h/a");
    const std::string copied = url.to_string();
    const std::string& bound = url.to_string();
    const std::string_view view = url.to_string();
    CHECK_EQ(copied, "http://h/a");
    CHECK_EQ(bound, copied);
    CHECK(static_cast<const void*>(view.data()) == url.to_string().c_str());
    CHECK_EQ(std::string_view(url.to_string().c_str()), copied);  // ends with a zero byte
    CHECK_EQ("GET " + url.to_string() + "?" + copied, "GET http://h/a?http://h/a");
    CHECK_EQ(copied + url.to_string(), "http://h/ahttp://h/a");
    CHECK_EQ(url.to_string() + url.to_string(), copied + copied);
    CHECK(url.to_string() == copied);
    std::string assigned;
    assigned = url.to_string();
    assigned += url.to_string();
    CHECK_EQ(assigned, copied + copied);
    const std::optional<HttpUrl> none;
    const std::string chosen = none ? none->to_string() : "none";
    CHECK_EQ(chosen, "none");
  }

  TEST_CASE("a copy keeps the text when the others go, and a moved-from URL can be assigned to") {
    std::optional<HttpUrl> first = HttpUrl::parse("http://h/a");
    HttpUrl second = *first;
    HttpUrl third = std::move(*first);
    first.reset();
    CHECK_EQ(second.to_string(), "http://h/a");
    const HttpUrl& same = second;
    second = same;
    CHECK(second == third);
    HttpUrl fourth = std::move(second);
    second = HttpUrl::parse("http://other/");
    CHECK_EQ(second.host(), "other");
    CHECK_EQ(third.to_string(), fourth.to_string());
  }

  TEST_CASE("what is canonical already, and what only nearly is, come out alike") {
    // Each is canonical but for one thing, or nothing, and must be told from those that are.
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"http://h", "http://h/"},
        {"https://h:80", "https://h:80/"},
        {"http://h:80", "http://h/"},
        {"http://h:080/", "http://h/"},
        {"http://h:0/", "http://h:0/"},
        {"http://h:65535/", "http://h:65535/"},
        {"http://h:65536/", ""},
        {"http://h:000081/", "http://h:81/"},
        {"http://h:/", "http://h/"},
        {"http://h:8x/", ""},
        {"http://u@h/", "http://u@h/"},
        {"http://u:80@h/", "http://u:80@h/"},
        {"http://H/", "http://h/"},
        {"http:///h/", "http://h/"},
        {"HTTP://h/", "http://h/"},
        {"http://h./", "http://h./"},
        {"http://./", "http://./"},
        {"http://1.2.3.4/", "http://1.2.3.4/"},
        {"http://1.2.3.4./", "http://1.2.3.4/"},
        {"http://1.2.3/", "http://1.2.0.3/"},
        {"http://1.2.3.04/", "http://1.2.3.4/"},
        {"http://1.2.3.256/", ""},
        {"http://a.0x1/", ""},
        {"http://a.1x/", "http://a.1x/"},
        {"http://a.b1/", "http://a.b1/"},
        {"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"},
        {"http://xn--/", ""},
        {"http://a--b/", "http://a--b/"},
        {"http://h/a/./b", "http://h/a/b"},
        {"http://h/a/%2E", "http://h/a/"},
        {"http://h/.a/%20.b", "http://h/.a/%20.b"},
        {"http://h/...", "http://h/..."},
        {"http://h/a/..?q", "http://h/?q"},
        {"http://h\\a", "http://h/a"},
        {"http://h/a\\b", "http://h/a/b"},
        {"http://h/a?b\\c", "http://h/a?b\\c"},
        {"http://h?q", "http://h/?q"},
        {"http://h#f", "http://h/#f"},
        {"http://h/?", "http://h/?"},
        {"http://h/#", "http://h/#"},
        {"http://h/?#", "http://h/?#"},
        {"http://h/?a'b", "http://h/?a%27b"},
        {"http://h/a'b#a'b?", "http://h/a'b#a'b?"},
        {"http://h/#a`b", "http://h/#a%60b"},
        {"http://h/a{b", "http://h/a%7Bb"},
        {"http://h/?a{b", "http://h/?a{b"},
        {"http://h/?a?b#c#d", "http://h/?a?b#c#d"},
        {"http://h/a ", "http://h/a"},
        {"http://h/a\tb", "http://h/ab"},
        {"http://h/?a\nb#c\rd", "http://h/?ab#cd"},
        {"http://h/a/../\tb", "http://h/b"},
    };
    for (const auto& row : cases) {
      const std::string_view input = row.first;
      const std::string_view wanted = row.second;
      CAPTURE(input);
      CHECK_EQ(canonical(input), wanted);
      if (wanted.empty()) continue;
      const HttpUrl url = HttpUrl::parse(input);
      // The same through the careful way: a blank in front keeps the quick one from it.
      const HttpUrl careful = HttpUrl::parse(" " + std::string(input));
      CHECK(url == careful);
      CHECK_EQ(url.host_header(), careful.host_header());
      CHECK_EQ(url.port(), careful.port());
      CHECK_EQ(url.request_target(), careful.request_target());
      CHECK(url.encoded_query() == careful.encoded_query());
      CHECK(url.encoded_fragment() == careful.encoded_fragment());
      CHECK_EQ(url.encoded_username(), careful.encoded_username());
      CHECK_EQ(url.encoded_password(), careful.encoded_password());
      CHECK(HttpUrl::parse("https://other/").resolve(input) == url);
    }
  }

  TEST_CASE("long URLs are like short ones") {
    for (std::size_t length : {400U, 500U, 511U, 512U, 513U, 600U, 5000U, 100'000U}) {
      CAPTURE(length);
      const std::string path(length, 'p');
      CHECK_EQ(canonical("http://h/" + path), "http://h/" + path);
      CHECK_EQ(canonical(" HTTP://h/" + path), "http://h/" + path);
      CHECK_EQ(canonical("http://h/" + path + " \xC3\xA9"), "http://h/" + path + "%20%C3%A9");
      CHECK_EQ(resolved("http://h/" + path + "/a?b", "c#d"), "http://h/" + path + "/c#d");
      std::string blanks;
      for (std::size_t i = 0; i < length; ++i) blanks += "%20";
      CHECK_EQ(canonical("http://h/?" + std::string(length, ' ') + "x"),
               "http://h/?" + blanks + "x");
      CHECK_EQ(at_host().encoded_query(path).build().to_string(), "http://host/?" + path);
    }
    const std::string too_long = "http://h/" + std::string(okhttp::url::longest_url, 'a');
    CHECK_EQ(message_of(too_long), "bad URL: it is longer than 64 MiB");
  }

  TEST_CASE("segments and parameters are counted, and parameters given by their place") {
    const HttpUrl url = HttpUrl::parse("http://h/a/b/?x=1&y&x=%32");
    CHECK_EQ(url.path_size(), 3);
    CHECK_EQ(url.query_size(), 3);
    CHECK(url.query_parameter_name(0) == "x");
    CHECK(url.query_parameter_name(1) == "y");
    CHECK_FALSE(url.query_parameter_name(3).has_value());
    CHECK(url.query_parameter_value(2) == "2");
    CHECK_FALSE(url.query_parameter_value(1).has_value());
    CHECK_FALSE(url.query_parameter_value(3).has_value());
    const HttpUrl bare = HttpUrl::parse("http://h");
    CHECK_EQ(bare.path_size(), 1);
    CHECK_EQ(bare.query_size(), 0);
    CHECK_FALSE(bare.query_parameter_name(0).has_value());
    CHECK_EQ(HttpUrl::parse("http://h/?").query_size(), 1);
  }

  TEST_CASE("a link gives a builder, or none") {
    const HttpUrl url = HttpUrl::parse("http://h/a/b?c");
    std::optional<HttpUrl::Builder> builder = url.new_builder("../d");
    REQUIRE(builder.has_value());
    CHECK_EQ(builder->query("e").build().to_string(), "http://h/d?e");
    CHECK_FALSE(url.new_builder("mailto:a@b").has_value());
  }

  TEST_CASE("text arguments may be literals, strings and views") {
    const std::string text = "http://h/a?b=c";
    CHECK(HttpUrl::parse(text) == HttpUrl::parse("http://h/a?b=c"));
    CHECK(HttpUrl::parse(std::string_view(text)) == HttpUrl::parse(text.c_str()));
    const std::string value = "v&w";
    CHECK_EQ(HttpUrl::parse(text).new_builder().add_query_parameter("k", value).build().to_string(),
             "http://h/a?b=c&k=v%26w");
    CHECK_EQ(HttpUrl::parse(text).new_builder().query(value).fragment("f").build().to_string(),
             "http://h/a?v&w#f");
  }

  TEST_CASE("blanks around, and tabs and line ends anywhere, mean nothing") {
    CHECK_EQ(canonical(" \t\r\n\f http://h/a \x1F"), "http://h/a");
    CHECK_EQ(canonical("ht\ntp:/\t/exa\rmple/a\nb?c\td#e\r\nf"), "http://example/ab?cd#ef");
    CHECK_EQ(canonical("http://h/\v\f"), "http://h/");
    CHECK_EQ(canonical("http://h/\v\fx"), "http://h/%0B%0Cx");
    CHECK_EQ(canonical(std::string_view("http://h/\0x", 11)), "http://h/%00x");
  }

  TEST_CASE("takes any number of slashes and backslashes after the scheme") {
    for (std::string_view text : {"http:h/p", "http:/h/p", "http://h/p", "http:///h/p",
                                  "http:\\\\h\\p", "http:/\\/\\h/p"}) {
      CAPTURE(text);
      CHECK_EQ(canonical(text), "http://h/p");
    }
  }

  TEST_CASE(
      "user information ends at the last at sign and its password begins at the first colon") {
    const HttpUrl url = HttpUrl::parse("http://a@b:c@d:e@host/p@q");
    CHECK_EQ(url.username(), "a@b");
    CHECK_EQ(url.password(), "c@d:e");
    CHECK_EQ(url.to_string(), "http://a%40b:c%40d%3Ae@host/p@q");
    CHECK_EQ(canonical("http://@h/"), "http://h/");
    CHECK_EQ(canonical("http://:@h/"), "http://h/");
    CHECK_EQ(canonical("http://u:@h/"), "http://u@h/");
    CHECK_EQ(canonical("http://:p@h/"), "http://:p@h/");
    CHECK_EQ(HttpUrl::parse("http://:p@h/").password(), "p");
    CHECK_EQ(HttpUrl::parse("http://:p@h/").username(), "");
    CHECK_EQ(canonical("http://u\\@h/"), "http://u/@h/");
    CHECK_EQ(canonical("http://%zz;=[]^|@h/"), "http://%zz%3B%3D%5B%5D%5E%7C@h/");
  }

  TEST_CASE("an IPv6 host has no brackets, its Host header has them") {
    const HttpUrl url = HttpUrl::parse("https://[2001:DB8::0:1]:8443/");
    CHECK_EQ(url.host(), "2001:db8::1");
    CHECK_EQ(url.host_header(), "[2001:db8::1]:8443");
    CHECK_EQ(HttpUrl::parse("https://[::1]").host_header(), "[::1]");
    CHECK_EQ(canonical("http://[::127.0.0.1]/"), "http://[::7f00:1]/");
    CHECK_EQ(canonical("http://0x7f.1/"), "http://127.0.0.1/");
  }

  TEST_CASE("a port is 0 to 65535 and left out when it is the scheme's own") {
    CHECK_EQ(canonical("http://h:80/"), "http://h/");
    CHECK_EQ(canonical("https://h:443/"), "https://h/");
    CHECK_EQ(canonical("https://h:80/"), "https://h:80/");
    CHECK_EQ(canonical("http://h:/"), "http://h/");
    CHECK_EQ(canonical("http://h:"), "http://h/");
    CHECK_EQ(canonical("http://h:0/"), "http://h:0/");
    CHECK_EQ(canonical("http://h:65535/"), "http://h:65535/");
    CHECK_EQ(canonical("http://h:00000000000000000000008080?"), "http://h:8080/?");
    for (std::string_view text :
         {"http://h:65536/", "http://h:-1/", "http://h:+1/", "http://h:8a/", "http://h: 80/",
          "http://h:80:80/", "http://h:99999999999999999999/", "http://h:0x50/"}) {
      CAPTURE(text);
      CHECK_EQ(canonical(text), "");
    }
    CHECK(HttpUrl::default_port("http") == 80);
    CHECK(HttpUrl::default_port("HTTPS") == 443);
    CHECK_FALSE(HttpUrl::default_port("ftp").has_value());
  }

  TEST_CASE("dot segments act in every spelling and never climb above the root") {
    CHECK_EQ(canonical("http://h/a/./b/../c"), "http://h/a/c");
    CHECK_EQ(canonical("http://h/a/%2e/%2E%2e/c/.%2e/%2E."), "http://h/");
    CHECK_EQ(canonical("http://h/../../a"), "http://h/a");
    CHECK_EQ(canonical("http://h/a/b/.."), "http://h/a/");
    CHECK_EQ(canonical("http://h/a/b/."), "http://h/a/b/");
    CHECK_EQ(canonical("http://h/a//..//b"), "http://h/a//b");
    CHECK_EQ(canonical("http://h//"), "http://h//");
    CHECK_EQ(canonical("http://h/.../..a/.b/%2e%2e%2e"), "http://h/.../..a/.b/%2e%2e%2e");
    CHECK_EQ(canonical("http://h/a\\..\\b"), "http://h/b");
    CHECK_EQ(canonical("http://h/a%5C..%2fb"), "http://h/a%5C..%2fb");
    CHECK_EQ(canonical("http://h?a/../b#c/../d"), "http://h/?a/../b#c/../d");
  }

  TEST_CASE("encodes what may not stand in a part and keeps the rest") {
    CHECK_EQ(canonical("http://h/ \"<>^`{}|[]'\xC3\xBC%zz"),
             "http://h/%20%22%3C%3E%5E%60%7B%7D|[]'%C3%BC%zz");
    CHECK_EQ(canonical("http://h/? \"<>^`{}|[]'\xC3\xBC%zz?/"),
             "http://h/?%20%22%3C%3E^`{}|[]%27%C3%BC%zz?/");
    CHECK_EQ(canonical("http://h/# \"<>^`{}|[]'\xC3\xBC%zz#?/"),
             "http://h/#%20%22%3C%3E^%60{}|[]'%C3%BC%zz#?/");
    CHECK_EQ(canonical("http://h/\xFF"), "http://h/%FF");
    CHECK_EQ(HttpUrl::parse("http://h/\xFF").path(), "/\xEF\xBF\xBD");
  }

  TEST_CASE("what no browser would load is an error that names the fault") {
    CHECK_EQ(message_of(""), "bad URL: it does not begin with http:// or https://");
    CHECK_EQ(message_of("example.com/a"), "bad URL: it does not begin with http:// or https://");
    CHECK_EQ(message_of("//example.com/"), "bad URL: it does not begin with http:// or https://");
    CHECK_EQ(message_of("ftp://example.com/"),
             "bad URL: it does not begin with http:// or https:// (scheme 'ftp')");
    CHECK_EQ(message_of("ws://h/"),
             "bad URL: it does not begin with http:// or https:// (scheme 'ws')");
    CHECK_EQ(message_of("http://"), "bad URL: it has no host");
    CHECK_EQ(message_of("http://u@/p"), "bad URL: it has no host");
    CHECK_EQ(message_of("http://:80/"), "bad URL: it has no host");
    CHECK_EQ(message_of("http://h:x/"),
             "bad URL: its port is no number from 0 to 65535 (host 'h')");
    CHECK_EQ(message_of("http://a b/"),
             "bad URL: its host has a character that no host may have (host 'a b')");
    CHECK_EQ(message_of("http://[::1/"), "bad URL: the '[' of its host has no ']' (host '[::1')");
    CHECK_EQ(message_of("http://1.2.3.400/"),
             "bad URL: its host ends in a number but is no IPv4 address (host '1.2.3.400')");
    CHECK_EQ(message_of("http://a\xEF\xBF\xBD/"),
             "bad URL: its host has a character that no international name may have (host 'a%EF%BF%BD')");
    CHECK_EQ(canonical("http://xn--bcher-kva.example/"), "http://xn--bcher-kva.example/");
    CHECK_THROWS_AS(HttpUrl::parse("nonsense"), okhttp::Exception);
  }

  TEST_CASE("messages hold no user information and no query") {
    for (std::string_view text :
         {"http://secret:secret@a b/?secret#secret", "http://secret:secret@h:x/?secret",
          "http://secret:secret/@h/", "http://secret:se#cret@h/", "http://sec ret/secret@h/",
          "secret:secret@h/?secret", "secret@h/", "http://secret@[x?secret", "?secret",
          "http://a b/?secret", "http://h:secret/", "http://secret%40h/"}) {
      CAPTURE(text);
      const std::string message = message_of(text);
      CAPTURE(message);
      CHECK(message.find("sec") == std::string::npos);
    }
  }

  TEST_CASE("resolving keeps the authority unless the link brings its own") {
    constexpr std::string_view base = "https://u:p@h:8443/a/b?q#f";
    CHECK_EQ(resolved(base, "c"), "https://u:p@h:8443/a/c");
    CHECK_EQ(resolved(base, "?"), "https://u:p@h:8443/a/b?");
    CHECK_EQ(resolved(base, "#"), "https://u:p@h:8443/a/b?q#");
    CHECK_EQ(resolved(base, "//other/x"), "https://other/x");
    CHECK_EQ(resolved(base, "\\\\other\\x"), "https://other/x");
    CHECK_EQ(resolved(base, "/\\other"), "https://other/");
    CHECK_EQ(resolved(base, "\\x"), "https://u:p@h:8443/x");
    CHECK_EQ(resolved(base, "https:/x"), "https://u:p@h:8443/x");
    CHECK_EQ(resolved(base, "https:\\\\x"), "https://x/");
    CHECK_EQ(resolved(base, "http:x"), "http://x/");
    CHECK_EQ(resolved(base, " HTTP://x:80/ "), "http://x/");
    CHECK_EQ(resolved(base, "//[x"), "");
    CHECK_EQ(resolved(base, "///x"), "https://x/");
    CHECK_EQ(resolved(base, "mailto:a@b"), "");
    CHECK_EQ(resolved(base, "//:80"), "");
  }

  TEST_CASE("a relative link's parts are found in the new URL") {
    const HttpUrl url = *HttpUrl::parse("https://u:p@h:8443/a/b?q#f").resolve("#new");
    CHECK_EQ(url.encoded_path(), "/a/b");
    CHECK(url.encoded_query() == "q");
    CHECK(url.encoded_fragment() == "new");
    CHECK_EQ(url.username(), "u");
    CHECK_EQ(url.password(), "p");
    CHECK_EQ(url.host_header(), "h:8443");
    CHECK(HttpUrl::parse("http://h/").try_resolve("data:x").error() == Errc::bad_url);
  }

  TEST_CASE("query parameters are a list of names with or without values") {
    const HttpUrl url = HttpUrl::parse("http://h/?a=1&b&a=2&=x&&c=%26+%2B&a=1=2&%61=3");
    CHECK(url.query_parameter("a") == "1");
    CHECK_FALSE(url.query_parameter("b").has_value());
    CHECK_FALSE(url.query_parameter("absent").has_value());
    CHECK(url.query_parameter("c") == "& +");
    CHECK(url.query_parameter("") == "x");
    CHECK(url.query_parameter_names() == Strings{"a", "b", "", "c"});
    using Values = std::vector<std::optional<std::string>>;
    CHECK(url.query_parameter_values("a") == Values{"1", "2", "1=2", "3"});
    CHECK(url.query_parameter_values("") == Values{"x", std::nullopt});
    CHECK(url.query_parameters().size() == 8);
    CHECK(url.query_parameters()[1] == HttpUrl::QueryParameter("b", std::nullopt));
    CHECK(HttpUrl::parse("http://h/?").query_parameter_names() == Strings{""});
    CHECK(HttpUrl::parse("http://h/?").encoded_query() == "");
    CHECK(HttpUrl::parse("http://h/?=").query_parameter("") == "");
  }

  TEST_CASE("is equal, hashed and streamed by its canonical text") {
    const HttpUrl a = HttpUrl::parse("HTTP://H:80/x/../y");
    const HttpUrl b = HttpUrl::parse("http://h/y");
    CHECK(a == b);
    CHECK(a != HttpUrl::parse("http://h/y#"));
    CHECK(a != HttpUrl::parse("https://h/y"));
    std::unordered_set<HttpUrl> set = {a, b, HttpUrl::parse("http://h/z")};
    CHECK_EQ(set.size(), 2);
    std::ostringstream stream;
    std::ostream& base = stream;
    base << a << " -> " << 200;
    stream << ' ' << HttpUrl::parse("http://temporary/");
    CHECK_EQ(stream.str(), "http://h/y -> 200 http://temporary/");
  }

  TEST_CASE("the redacted form shows scheme, host and port only") {
    CHECK_EQ(HttpUrl::parse("https://u:p@h:8443/secret?secret#secret").redact(),
             "https://h:8443/...");
    CHECK_EQ(HttpUrl::parse("http://[::1]/").redact(), "http://[::1]/...");
  }
}

TEST_SUITE("url/http_url/builder") {
  TEST_CASE("puts a URL together from its parts") {
    const HttpUrl url = HttpUrl::Builder()
                            .scheme("HTTPS")
                            .username("u:er")
                            .password("p@ss%")
                            .host("Example.com")
                            .port(8443)
                            .add_path_segment("a/b")
                            .add_path_segments("c d/e")
                            .add_query_parameter("q", "1&2=3+4 5")
                            .add_query_parameter("r")
                            .fragment("f g#")
                            .build();
    CHECK_EQ(
        url.to_string(),
        "https://u%3Aer:p%40ss%25@example.com:8443/a%2Fb/c%20d/e?q=1%262%3D3%2B4%205&r#f%20g#");
    CHECK_EQ(url.username(), "u:er");
    CHECK_EQ(url.password(), "p@ss%");
    CHECK(url.path_segments() == Strings{"a/b", "c d", "e"});
    CHECK(url.query_parameter("q") == "1&2=3+4 5");
    CHECK(url.fragment() == "f g#");
    CHECK(HttpUrl::parse(url.to_string()) == url);
  }

  TEST_CASE("needs a scheme and a host") {
    CHECK_EQ(HttpUrl::Builder().host("h").try_build().error().message(),
             "bad URL: its scheme was never set");
    CHECK_EQ(HttpUrl::Builder().scheme("http").try_build().error().message(),
             "bad URL: its host was never set");
    CHECK_THROWS_AS(HttpUrl::Builder().build(), okhttp::Exception);
  }

  TEST_CASE("keeps the first fault") {
    const okhttp::Result<HttpUrl> url =
        HttpUrl::Builder().scheme("ftp").host("a b").port(-1).scheme("http").host("h").try_build();
    REQUIRE_FALSE(url.has_value());
    CHECK_EQ(url.error().message(), "bad URL: its scheme is not http or https");
    CHECK(at_host().port(65536).try_build().error() == Errc::invalid_argument);
    CHECK(at_host().port(-1).try_build().error() == Errc::invalid_argument);
    CHECK(at_host().host("").try_build().error() == Errc::bad_url);
    CHECK(at_host().host("a/b").try_build().error() == Errc::bad_url);
    CHECK(at_host().host("h:80").try_build().error() == Errc::bad_url);
    CHECK(at_host().encoded_path("a").try_build().error() == Errc::bad_url);
    CHECK(at_host().encoded_path("").try_build().error() == Errc::bad_url);
    CHECK(at_host().set_path_segment(1, "a").try_build().error() == Errc::invalid_argument);
    CHECK(at_host().remove_path_segment(1).try_build().error() == Errc::invalid_argument);
    CHECK(at_host().set_path_segment(0, "..").try_build().error() == Errc::invalid_argument);
    CHECK(at_host().set_encoded_path_segment(0, "%2e").try_build().error() ==
          Errc::invalid_argument);
  }

  TEST_CASE("starts from a URL and keeps what is not changed") {
    const HttpUrl url = HttpUrl::parse("https://u:p@h:8443/a%2fb?q=%27#f");
    CHECK(url.new_builder().build() == url);
    CHECK_EQ(url.new_builder().scheme("http").build().to_string(),
             "http://u:p@h:8443/a%2fb?q=%27#f");
    CHECK_EQ(url.new_builder().username("").password("").build().to_string(),
             "https://h:8443/a%2fb?q=%27#f");
    CHECK_EQ(url.new_builder().port(443).build().to_string(), "https://u:p@h/a%2fb?q=%27#f");
    CHECK_EQ(url.new_builder().query(std::nullopt).fragment(std::nullopt).build().to_string(),
             "https://u:p@h:8443/a%2fb");
    // A port that was not named follows the scheme.
    CHECK_EQ(HttpUrl::parse("http://h/").new_builder().scheme("https").build().port(), 443);
    CHECK_EQ(at_host().port(443).scheme("https").build().to_string(), "https://host/");
    CHECK_EQ(at_host().port(0).build().to_string(), "http://host:0/");
  }

  TEST_CASE("takes IPv6 hosts with and without brackets") {
    CHECK_EQ(at_host().host("::1").build().to_string(), "http://[::1]/");
    CHECK_EQ(at_host().host("[0::1]").port(8080).build().to_string(), "http://[::1]:8080/");
    CHECK_EQ(HttpUrl::parse("http://[::1]:1/").new_builder().port(2).build().host_header(),
             "[::1]:2");
    CHECK_EQ(at_host().host("0x7f.1").build().host(), "127.0.0.1");
  }

  TEST_CASE("encoded setters keep percent sequences, plain ones encode the sign") {
    const HttpUrl plain = at_host()
                              .username("%41")
                              .password("%41")
                              .add_path_segment("%41")
                              .query("%41+")
                              .fragment("%41")
                              .build();
    CHECK_EQ(plain.to_string(), "http://%2541:%2541@host/%2541?%2541%2B#%2541");
    CHECK_EQ(plain.path(), "/%41");
    CHECK(plain.query() == "%41+");
    const HttpUrl encoded = at_host()
                                .encoded_username("%41@")
                                .encoded_password("%41:%")
                                .add_encoded_path_segment("%41/?")
                                .encoded_query("%41+#")
                                .encoded_fragment("%41 ")
                                .build();
    CHECK_EQ(encoded.to_string(), "http://%41%40:%41%3A%@host/%41%2F%3F?%41+%23#%41%20");
    CHECK_EQ(at_host().encoded_query("a\r\nb").build().to_string(), "http://host/?ab");
    CHECK_EQ(at_host().query("a\r\nb").build().to_string(), "http://host/?a%0D%0Ab");
    CHECK_EQ(at_host().add_path_segment(std::string_view("\0\r\n", 3)).build().to_string(),
             "http://host/%00%0D%0A");
  }

  TEST_CASE("added segments replace an empty last one, and dots act") {
    const auto with = [](std::string_view path, std::string_view segment) {
      return std::string(
          at_host().encoded_path(path).add_path_segment(segment).build().encoded_path());
    };
    CHECK_EQ(with("/", "a"), "/a");
    CHECK_EQ(with("/a", "b"), "/a/b");
    CHECK_EQ(with("/a/", "b"), "/a/b");
    CHECK_EQ(with("/a", ""), "/a/");
    CHECK_EQ(with("/a/", ""), "/a/");
    CHECK_EQ(with("/a/b", "."), "/a/b");
    CHECK_EQ(with("/a/b", ".."), "/a/");
    CHECK_EQ(with("/a/b/", ".."), "/a/");
    CHECK_EQ(with("/a//", ".."), "/a/");
    CHECK_EQ(with("/", ".."), "/");
    CHECK_EQ(with("/a", "%2e%2e"), "/a/%252e%252e");
    CHECK_EQ(with("/a", "b\\c?#[]|^"), "/a/b%5Cc%3F%23[]%7C%5E");

    const auto with_all = [](std::string_view path, std::string_view segments) {
      return std::string(
          at_host().encoded_path(path).add_path_segments(segments).build().encoded_path());
    };
    CHECK_EQ(with_all("/", "a/b/c"), "/a/b/c");
    CHECK_EQ(with_all("/a/", "b\\c/"), "/a/b/c/");
    CHECK_EQ(with_all("/a", "/b"), "/a//b");
    CHECK_EQ(with_all("/a", "b//c"), "/a/b//c");
    CHECK_EQ(with_all("/a/b", "../c/./d/.."), "/a/c/");
    CHECK_EQ(with_all("/a/b", "../../../.."), "/");
    CHECK_EQ(at_host().add_encoded_path_segments("a%2fb/%2e%2E/c").build().encoded_path(), "/c");
  }

  TEST_CASE("single segments are replaced and removed by index") {
    const HttpUrl::Builder builder = at_host().encoded_path("/a/b/c");
    HttpUrl::Builder copy = builder;
    CHECK_EQ(copy.set_path_segment(0, "x/y").build().encoded_path(), "/x%2Fy/b/c");
    CHECK_EQ(copy.set_encoded_path_segment(2, "%20/").build().encoded_path(), "/x%2Fy/b/%20%2F");
    CHECK_EQ(copy.set_path_segment(1, "").build().encoded_path(), "/x%2Fy//%20%2F");
    CHECK_EQ(copy.remove_path_segment(1).build().encoded_path(), "/x%2Fy/%20%2F");
    CHECK_EQ(copy.remove_path_segment(0).build().encoded_path(), "/%20%2F");
    CHECK_EQ(copy.remove_path_segment(0).build().encoded_path(), "/");
    CHECK_EQ(copy.remove_path_segment(0).build().encoded_path(), "/");
    CHECK_EQ(builder.build().encoded_path(), "/a/b/c");
    CHECK_EQ(at_host().encoded_path("/a/").remove_path_segment(1).build().encoded_path(), "/a");
  }

  TEST_CASE("a whole encoded path is read as in a URL") {
    CHECK_EQ(at_host().encoded_path("/a/../b c\\d?e#%").build().encoded_path(), "/b%20c/d%3Fe%23%");
    CHECK_EQ(at_host().encoded_path("//x").build().to_string(), "http://host//x");
  }

  TEST_CASE("query parameters are added, replaced and removed") {
    CHECK_EQ(at_host().add_query_parameter("a", "").build().to_string(), "http://host/?a=");
    CHECK_EQ(at_host().add_query_parameter("a", std::nullopt).build().to_string(),
             "http://host/?a");
    CHECK_EQ(at_host().query("").build().to_string(), "http://host/?");
    CHECK_EQ(
        at_host().add_query_parameter("!$()*,/:;?@[]\\^`{|}~", "\xC3\xBC").build().encoded_query(),
        "%21%24%28%29*%2C%2F%3A%3B%3F%40%5B%5D%5C%5E%60%7B%7C%7D%7E=%C3%BC");
    CHECK(at_host().add_encoded_query_parameter("a+%20&=", "b+%26&=#'").build().encoded_query() ==
          "a+%20%26%3D=b+%26%26%3D%23%27");

    const HttpUrl url = HttpUrl::parse("http://h/?a+b=1&c=2&a%20b=3&d");
    CHECK(url.new_builder().set_query_parameter("a b", "9").build().encoded_query() ==
          "c=2&d&a%20b=9");
    CHECK(url.new_builder().set_encoded_query_parameter("a+b", "+").build().encoded_query() ==
          "c=2&d&a+b=+");
    CHECK(url.new_builder().remove_all_query_parameters("a b").build().encoded_query() == "c=2&d");
    CHECK(url.new_builder().remove_all_encoded_query_parameters("a%20b").build().encoded_query() ==
          "c=2&d");
    CHECK(url.new_builder().remove_all_query_parameters("absent").build() == url);
    CHECK_EQ(HttpUrl::parse("http://h/?a&a=")
                 .new_builder()
                 .remove_all_query_parameters("a")
                 .build()
                 .to_string(),
             "http://h/");
    CHECK_EQ(at_host().remove_all_query_parameters("a").build().to_string(), "http://host/");
  }
}

}  // namespace http_url_test
