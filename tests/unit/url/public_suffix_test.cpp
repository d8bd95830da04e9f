// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/public_suffix.hpp>

#include <okhttp/url/http_url.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace public_suffix_test {

namespace url = okhttp::url;

TEST_SUITE("url/public_suffix") {
  TEST_CASE("addresses, single labels and what is no name have no registrable domain") {
    for (const std::string_view host :
         {"", ".", "..", ".com", ".example.com", "example..com", "a..", "localhost", "localhost.", "127.0.0.1",
          "1.2.3.4.", "::1", "[::1]", "2001:db8::1.2.3.4", "[::ffff:102:304]", "10"}) {
      CAPTURE(host);
      CHECK_FALSE(url::registrable_domain(host));
      CHECK_EQ(url::site(host), host);
    }
    for (const std::string_view host : {"", ".", "..", ".com", "127.0.0.1", "::1", "[::1]", "a..", "10"}) {
      CAPTURE(host);
      CHECK_FALSE(url::is_public_suffix(host));
    }
  }

#if OKHTTP_PSL
  TEST_CASE("the longest rule counts, wildcards and exceptions are obeyed") {
    // The host, and how many of its last characters are its registrable domain; none: 0.
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"com", ""},
        {"example.com", "example.com"},
        {"a.b.example.com", "example.com"},
        {"co.uk", ""},
        {"example.co.uk", "example.co.uk"},
        {"www.example.co.uk", "example.co.uk"},
        // A name that only ends like a rule.
        {"xco.uk", "xco.uk"},
        {"a.xco.uk", "xco.uk"},
        {"o.uk", "o.uk"},
        // Rules of private owners.
        {"github.io", ""},
        {"user.github.io", "user.github.io"},
        {"www.user.github.io", "user.github.io"},
        // "*.ck" and "!www.ck"
        {"ck", ""},
        {"any.ck", ""},
        {"a.any.ck", "a.any.ck"},
        {"www.ck", "www.ck"},
        {"a.b.www.ck", "www.ck"},
        {"xwww.ck", ""},
        // "*.kawasaki.jp" and "!city.kawasaki.jp": the wildcard stands for one label, not for none.
        {"kawasaki.jp", "kawasaki.jp"},
        {"any.kawasaki.jp", ""},
        {"a.any.kawasaki.jp", "a.any.kawasaki.jp"},
        {"city.kawasaki.jp", "city.kawasaki.jp"},
        {"a.city.kawasaki.jp", "city.kawasaki.jp"},
        // What no rule knows: the last label counts.
        {"a.b.unlisted", "b.unlisted"},
        {"my_host.local", "my_host.local"},
        {"a.1.com", "1.com"},
        // International names are there as xn--.
        {"xn--55qx5d.cn", ""},
        {"www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"},
        {"xn--fiqs8s", ""},
        {"a.b.xn--p1ai", "b.xn--p1ai"},
        // Not in canonical form: no rule of the list matches, and nothing breaks.
        {"A.CO.UK", "CO.UK"},
        {"\xFF.\x80.com", "\x80.com"},
    };
    for (const auto& item : cases) {
      const std::string_view host = item.first;
      CAPTURE(host);
      const std::optional<std::string_view> found = url::registrable_domain(host);
      CHECK_EQ(found.value_or(""), item.second);
      CHECK_EQ(url::is_public_suffix(host), item.second.empty());
      CHECK_EQ(url::site(host), item.second.empty() ? host : item.second);
      if (found) CHECK_EQ(found->data() + found->size(), host.data() + host.size());
      // One dot at the end stays, and changes nothing.
      const std::string rooted = std::string(host) + ".";
      const std::string expected = item.second.empty() ? "" : std::string(item.second) + ".";
      CHECK_EQ(url::registrable_domain(rooted).value_or(""), expected);
      CHECK_EQ(url::is_public_suffix(rooted), item.second.empty());
      CHECK_FALSE(url::registrable_domain(rooted + "."));
    }
  }

  TEST_CASE("a very long host is read once") {
    std::string host;
    for (int i = 0; i < 100000; ++i) host += "a.";
    host += "co.uk";
    CHECK_EQ(url::registrable_domain(host), "a.co.uk");
    CHECK_EQ(url::registrable_domain(std::string(100000, 'a') + ".com")->size(), 100004);
  }

  TEST_CASE("a URL knows its top private domain") {
    const auto domain = [](std::string_view text) {
      return okhttp::HttpUrl::try_parse(text).value().top_private_domain();
    };
    CHECK_EQ(domain("https://user:pw@www.Example.co.uk:8443/a.com?b.com"), "example.co.uk");
    CHECK_EQ(domain("http://example.com./"), "example.com.");
    CHECK_FALSE(domain("http://co.uk/"));
    CHECK_FALSE(domain("http://localhost/"));
    CHECK_FALSE(domain("http://127.1/"));
    CHECK_FALSE(domain("http://[::1]/"));
  }
#else
  TEST_CASE("without the list every name is a site of its own") {
    for (const std::string_view host : {"example.com", "www.example.co.uk", "co.uk", "example.com."}) {
      CAPTURE(host);
      CHECK_EQ(url::registrable_domain(host), host);
      CHECK_EQ(url::site(host), host);
      CHECK_FALSE(url::is_public_suffix(host));
    }
    CHECK_FALSE(url::is_public_suffix("com"));
  }
#endif
}

}  // namespace public_suffix_test
