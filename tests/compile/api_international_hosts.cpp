// SPDX-License-Identifier: Apache-2.0
// International hosts as docs/international_hosts.md writes them.
#include "okhttp.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d does not hold\n", __FILE__, line);
  std::exit(1);
}
#define REQUIRE(...) require((__VA_ARGS__), __LINE__)

}  // namespace

int main() {
  okhttp::HttpUrl url = okhttp::HttpUrl::parse("https://user@bücher.example:8443/a/./b?q=1#f");
  std::string_view host = url.host();                                                // "xn--bcher-kva.example"
  REQUIRE(host == "xn--bcher-kva.example");
  REQUIRE(url.to_string() == "https://user@xn--bcher-kva.example:8443/a/b?q=1#f");

  std::string shown;
  if (okhttp::url::domain_to_unicode(shown, host) != nullptr) shown = host;          // it has an error: show it as it is
  REQUIRE(shown == "bücher.example");
}

#undef REQUIRE
