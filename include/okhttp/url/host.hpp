// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_HOST_HPP
#define OKHTTP_URL_HOST_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/text_writer.hpp>

#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// Appends the canonical form of the host of an http(s) URL: a lower-case name with its %XX
/// decoded and what is beyond ASCII in its xn-- form (domain_to_ascii()), an IPv4 address of any
/// spelling (0x7f.1, 017700000001) as a dotted quad, an IPv6 address in brackets and compressed.
///
/// Returns null, or, with `out` as it was, a static sentence that says why it is no host.
/// Names are not checked for DNS's lengths. With OKHTTP_IDNA=0 a name beyond ASCII is refused, and
/// labels that begin with "xn--" pass unchecked.
/// Spec: WHATWG URL, 3.5 ("host parser").
const char* append_host(TextWriter& out, std::string_view text);
const char* append_host(std::string& out, std::string_view text);

/// The canonical form of a host given alone, where an IPv6 address may lack its brackets; the
/// result has them. Errors: Errc::bad_url.
Result<std::string> parse_host(std::string_view text);

/// " (host 'text')", made printable and of bounded length, for an error message.
std::string describe_host(std::string_view text);

/// Errc::bad_url with that reason, and with a host that may be shown. Not everything may: what has an
/// '@' or a '%' may be user information that ended up in the wrong place, and is left out.
Error bad_url(const char* reason, std::string_view host = {});

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/host.ipp>

#endif  // OKHTTP_URL_HOST_HPP
