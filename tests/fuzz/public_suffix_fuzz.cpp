// SPDX-License-Identifier: Apache-2.0
#include <okhttp/url/host.hpp>
#include <okhttp/url/public_suffix.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

// The input is a host, taken as it is and in its canonical form.

namespace {

namespace url = okhttp::url;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::string_view host) {
  const std::optional<std::string_view> domain = url::registrable_domain(host);
  const bool is_suffix = url::is_public_suffix(host);
  require(url::site(host) == domain.value_or(host));
  require(!(domain && is_suffix));
  if (!domain) {
    // Then it is a public suffix, or no name: an address, or with an empty label.
    std::string_view name = host;
    if (name.ends_with('.')) name.remove_suffix(1);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    const bool is_name = !name.empty() && name.find(':') == std::string_view::npos &&
                         ("." + std::string(name) + ".").find("..") == std::string::npos &&
                         last.find_first_not_of("0123456789") != std::string_view::npos;
    require(is_name == is_suffix);
    return;
  }
  // It is the host's end, and whole labels of it.
  require(domain->data() + domain->size() == host.data() + host.size());
  require(domain->data() == host.data() || domain->data()[-1] == '.');
  require(url::registrable_domain(*domain) == *domain);
  // One label less is a public suffix; or everything below it is, where an exception of a wildcard was found.
  const std::string suffix(domain->substr(domain->find('.') + 1));
  require(url::is_public_suffix(suffix) || url::is_public_suffix("no-exception." + suffix));
  // The dot at the end changes nothing, and what stands in front does not count.
  if (!host.ends_with('.'))
    require(url::registrable_domain(std::string(host) + ".") == std::string(*domain) + ".");
  if (*domain != host) {
    const std::string other = "x--y." + std::string(*domain);
    require(url::registrable_domain(other) == *domain);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input);
  if (const okhttp::Result<std::string> host = url::parse_host(input)) check(*host);
  return 0;
}
