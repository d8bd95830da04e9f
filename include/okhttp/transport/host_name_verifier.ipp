// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_IPP
#define OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/transport/host_name_verifier.hpp>
#include <okhttp/transport/openssl_support.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace detail::host_name_verifier {

OKHTTP_DECL bool is_ascii(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// Neither empty nor with an empty label at one of its ends.
OKHTTP_DECL bool is_plausible(std::string_view name) noexcept {
  return !name.empty() && !name.starts_with('.') && !name.ends_with("..");
}

/// What nobody could take for a name: then it is an address or nothing.
OKHTTP_DECL bool looks_like_address(std::string_view host) noexcept {
  return host.find(':') != std::string_view::npos ||
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || ascii::is_digit(c); });
}

/// An IPv4 address that is written inside IPv6 becomes that IPv4 address.
OKHTTP_DECL IpAddress canonical(const IpAddress& address) noexcept {
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const std::span<const std::uint8_t> bytes = address.bytes();
  if (!address.is_v6() || !std::equal(mapped.begin(), mapped.end(), bytes.begin())) return address;
  return IpAddress::v4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

OKHTTP_DECL std::string printable_name(std::string_view text) {
  constexpr std::size_t max_length = 128;
  std::string out(text.substr(0, max_length));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  return text.size() > max_length ? out + "..." : out;
}

}  // namespace detail::host_name_verifier

OKHTTP_DECL bool matches_dns_name(std::string_view host, std::string_view dns_name) noexcept {
  using namespace detail::host_name_verifier;
  if (!is_plausible(host) || !is_plausible(dns_name) || !is_ascii(host)) return false;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (dns_name.ends_with('.')) dns_name.remove_suffix(1);
  if (dns_name.find('*') == std::string_view::npos) return ascii::iequals(host, dns_name);
  if (!dns_name.starts_with("*.") || dns_name.find('*', 1) != std::string_view::npos) return false;
  const std::string_view suffix = dns_name.substr(1);  // With its dot.
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && suffix.size() > 1 &&
         ascii::iequals(host.substr(dot), suffix);
}

OKHTTP_DECL bool matches_host(std::string_view host, const AlternativeNames& names) {
  using namespace detail::host_name_verifier;
  if (host.size() > 2 && host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  if (!looks_like_address(host))
    return std::any_of(names.dns_names.begin(), names.dns_names.end(),
                       [host](const std::string& name) { return matches_dns_name(host, name); });
  const Result<IpAddress> wanted = IpAddress::try_parse(host.substr(0, host.find('%')));
  return wanted && std::any_of(names.ip_addresses.begin(), names.ip_addresses.end(),
                               [&wanted](const IpAddress& address) {
                                 return canonical(address) == canonical(*wanted);
                               });
}

OKHTTP_DECL Result<void> HostNameVerifier::check(std::string_view host,
                                                 const AlternativeNames& names) const {
  if (verify(host, names)) return {};
  constexpr std::size_t max_names = 10;
  std::string text;
  std::size_t shown = 0;
  const auto show = [&](std::string_view name) {
    if (shown++ < max_names) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  for (const std::string& name : names.dns_names)
    show(detail::host_name_verifier::printable_name(name));
  for (const IpAddress& address : names.ip_addresses) show(address.to_string());
  if (shown > max_names) text += ", ...";
  return Error(Errc::host_name,
               "the certificate is not for " + detail::host_name_verifier::printable_name(host) +
                   " but for " +
                   (text.empty() ? "no host at all (no subject alternative name)" : text));
}

#if OKHTTP_TLS
namespace openssl {

/// The subject alternative names of a certificate. How many there can be is bounded by the size that
/// OpenSSL allows a peer's certificates (100 KiB).
OKHTTP_DECL AlternativeNames alternative_names(const X509* certificate) {
  CleanErrors clean;
  AlternativeNames out;
  const std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const ASN1_STRING* value = name->type == GEN_DNS     ? name->d.dNSName
                               : name->type == GEN_IPADD ? name->d.iPAddress
                                                         : nullptr;
    if (value == nullptr) continue;
    const unsigned char* const bytes = ASN1_STRING_get0_data(value);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    if (name->type == GEN_DNS) {
      out.dns_names.emplace_back(reinterpret_cast<const char*>(bytes), size);
    } else if (size == 4) {
      out.ip_addresses.push_back(IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}));
    } else if (size == 16) {
      std::array<std::uint8_t, 16> address{};
      std::copy(bytes, bytes + size, address.begin());
      out.ip_addresses.push_back(IpAddress::v6(address));
    }
  }
  return out;
}

}  // namespace openssl

OKHTTP_DECL Result<AlternativeNames> AlternativeNames::try_from_pem(std::string_view pem) {
  const Result<std::vector<openssl::CertificatePtr>> certificates = openssl::parse_certificates(pem);
  if (!certificates) return certificates.error();
  return openssl::alternative_names(certificates->front().get());
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_HOST_NAME_VERIFIER_IPP
