// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_IDNA_HPP
#define OKHTTP_URL_IDNA_HPP

#include <okhttp/config.hpp>

#include <okhttp/url/idna_tables.hpp>
#include <okhttp/url/punycode.hpp>
#include <okhttp/url/text_writer.hpp>

#include <cstddef>
#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace url {

/// Whether a name says more than its ASCII letters: it is not ASCII, or one of its labels begins
/// with "xn--" in whichever case. All others only have to be put in lower case.
bool is_international(std::string_view domain) noexcept;

/// A name as hosts of URLs are spelled, to compare it with one: in lower case and, where it is
/// international and right, in its ASCII form. What is no name comes back in lower case.
std::string canonical_name(std::string_view domain);

#if OKHTTP_IDNA

/// The longest international name, in bytes before and in code points after its mapping. DNS has
/// 253 bytes in all; UTS #46 sets no limit, so this one only keeps the work for a hostile name
/// small (a few milliseconds). A name that is not international may have any length.
inline constexpr std::size_t max_international_name = 4096;

/// Appends the form of a domain name that DNS, TLS and HTTP know: "B(u-umlaut)cher.example", in
/// UTF-8, gives "xn--bcher-kva.example". Labels that begin with "xn--" have to be right.
///
/// Returns null, or, with `out` as it was, a static sentence that says why the name cannot be one.
/// The result is ASCII in lower case, but may have characters that no host name may have ("a/b").
/// Allocates nothing but what `out` needs, for names of up to 256 code points.
/// Spec: WHATWG URL, 3.3 ("domain to ASCII", not strict), which is UTS #46 (revision 33 and later)
/// non-transitional with CheckBidi and CheckJoiners and without CheckHyphens, UseSTD3ASCIIRules and
/// VerifyDnsLength. Characters newer than Unicode 15.0 are refused.
const char* domain_to_ascii(std::string& out, std::string_view utf8);
const char* domain_to_ascii(TextWriter& out, std::string_view utf8);

/// Appends the form for people, in UTF-8: "xn--bcher-kva.example" gives "b\u00FCcher.example". It
/// is for display; a name that is to be trusted wants its ASCII form shown, since letters of
/// different scripts look alike. domain_to_ascii() of the result gives the same name again.
///
/// Returns as domain_to_ascii() does. Spec: WHATWG URL, 3.3 ("domain to Unicode"), but a name with
/// an error gives none.
const char* domain_to_unicode(std::string& out, std::string_view domain);

#endif  // OKHTTP_IDNA

}  // namespace url
OKHTTP_NAMESPACE_END

#include <okhttp/url/idna.ipp>

#endif  // OKHTTP_URL_IDNA_HPP
