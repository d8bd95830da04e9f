// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_PUBLIC_SUFFIX_HPP
#define OKHTTP_URL_PUBLIC_SUFFIX_HPP

#include <okhttp/config.hpp>

#include <optional>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

// Under which names does everybody register ("com", "co.uk", "github.io"), and so which hosts belong together?
// What says so is the Public Suffix List, compiled in. A host is taken in its canonical form, as HttpUrl::host
// and parse_host give it: lower case, international labels as xn--. One dot at its end is allowed and changes
// nothing. Nothing here allocates or fails; a look-up reads the host once from its end.
//
// The rule: the longest rule of the list that matches counts, "*." in a rule stands for one label, an exception
// ("!") wins over its wildcard, and a name that no rule matches has its last label as its public suffix.
// Rules of registries and of private owners ("github.io") count alike.
//
// With OKHTTP_PSL=0 there is no list: no host is a public suffix, and the registrable domain of a name of two
// labels or more is the whole name. So two names belong together only when they are equal, and a cookie of a
// host that names a shorter domain has to be refused, "example.com" as well as "com".
//
// For cookies: `host` may set one for the shorter `domain` that it ends with if registrable_domain(host) is there
// and not longer than `domain`. That holds with the list and without it.

/// Whether domains are registered directly below this name: "com", "co.uk", a single label that no rule knows
/// ("localhost"). False for addresses, for what has an empty label, and for every host with OKHTTP_PSL=0.
bool is_public_suffix(std::string_view canonical_host) noexcept;

/// The public suffix of the host and one label more: "example.co.uk" for "www.example.co.uk". A view into
/// `canonical_host`, to its end (so with its last dot, if it has one). None for public suffixes, for single
/// labels, for addresses (IPv6 with or without brackets), and for what has an empty label.
std::optional<std::string_view> registrable_domain(std::string_view canonical_host) noexcept;

/// Under which hosts are filed that belong together: the registrable domain, or else the host itself.
inline std::string_view site(std::string_view canonical_host) noexcept {
  return registrable_domain(canonical_host).value_or(canonical_host);
}

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/public_suffix.ipp>

#endif  // OKHTTP_URL_PUBLIC_SUFFIX_HPP
