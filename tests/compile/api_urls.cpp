// SPDX-License-Identifier: Apache-2.0
// The programs of docs/urls.md.
#include "okhttp.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

namespace {

void print_parts() {
  const okhttp::HttpUrl url = okhttp::HttpUrl::parse(" HTTPS://User@B\u00FCcher.Example:443/a/./%7Eb\\..\\c d?q=1+2&r#top");
  std::cout << url << '\n';                             // https://User@xn--bcher-kva.example/a/c%20d?q=1+2&r#top
  std::cout << url.host() << ' ' << url.port() << '\n'; // xn--bcher-kva.example 443
  std::cout << url.path() << ' ' << url.encoded_path() << '\n';  // /a/c d /a/c%20d
  std::cout << *url.query_parameter("q") << '\n';       // 1 2
  std::cout << url.redact() << '\n';                    // https://xn--bcher-kva.example/...
}

void print_links() {
  const okhttp::HttpUrl page = okhttp::HttpUrl::parse("https://example.com/shop/list?page=2");
  for (const char* link : {"item/7", "?page=3", "/", "//cdn.example.com/x.js", "../..", "mailto:us@example.com"})
    if (const std::optional<okhttp::HttpUrl> target = page.resolve(link)) std::cout << *target << '\n';
}

void print_built() {
  const okhttp::HttpUrl search = okhttp::HttpUrl::Builder()
                                     .scheme("https")
                                     .host("example.com")
                                     .add_path_segment("a/b")
                                     .add_query_parameter("q", "50% off & more")
                                     .add_encoded_query_parameter("lang", "de%2Den")
                                     .build();
  std::cout << search << '\n';  // https://example.com/a%2Fb?q=50%25%20off%20%26%20more&lang=de%2Den
  std::cout << search.new_builder().set_query_parameter("q", "all").fragment(std::nullopt).build() << '\n';
}

void print_sites() {
  for (const char* text : {"https://www.example.co.uk/", "https://user.github.io/", "https://co.uk/", "http://127.0.0.1/"})
    std::cout << okhttp::HttpUrl::parse(text).top_private_domain().value_or("none") << '\n';
}

void expect(void (*program)(), const std::string& wanted) {
  std::ostringstream printed;
  std::streambuf* const before = std::cout.rdbuf(printed.rdbuf());
  program();
  std::cout.rdbuf(before);
  if (printed.str() == wanted) return;
  std::fprintf(stderr, "printed:\n%s\nnot:\n%s\n", printed.str().c_str(), wanted.c_str());
  std::exit(1);
}

}  // namespace

int main() {
  expect(print_parts,
         "https://User@xn--bcher-kva.example/a/c%20d?q=1+2&r#top\n"
         "xn--bcher-kva.example 443\n"
         "/a/c d /a/c%20d\n"
         "1 2\n"
         "https://xn--bcher-kva.example/...\n");
  expect(print_links,
         "https://example.com/shop/item/7\n"
         "https://example.com/shop/list?page=3\n"
         "https://example.com/\n"
         "https://cdn.example.com/x.js\n"
         "https://example.com/\n");
  expect(print_built,
         "https://example.com/a%2Fb?q=50%25%20off%20%26%20more&lang=de%2Den\n"
         "https://example.com/a%2Fb?lang=de%2Den&q=all\n");
  expect(print_sites, "example.co.uk\nuser.github.io\nnone\nnone\n");
}
