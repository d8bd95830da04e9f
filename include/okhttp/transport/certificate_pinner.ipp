// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CERTIFICATE_PINNER_IPP
#define OKHTTP_TRANSPORT_CERTIFICATE_PINNER_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/base64.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/ip_address.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace detail::certificate_pinner {

OKHTTP_DECL std::string quoted(std::string_view text) {
  constexpr std::size_t max_shown = 100;
  std::string out = "'";
  for (const char c : text.substr(0, max_shown)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out + (text.size() > max_shown ? "...'" : "'");
}

/// The form in which hosts and patterns are compared: lower case, an IPv6 address in brackets, no final
/// dot. Errors: see url::parse_host.
OKHTTP_DECL Result<std::string> canonical_pattern(std::string_view text) {
  Result<std::string> host = url::parse_host(text);
  if (host && host->ends_with('.')) host->pop_back();
  return host;
}

/// The same for a host that is called. One that no URL has keeps its pins if it is spelled like them.
OKHTTP_DECL std::string canonical_host(std::string_view text) {
  std::string host = canonical_pattern(text).value_or(ascii::lowered(text));
  if (host.ends_with('.')) host.pop_back();
  return host;
}

OKHTTP_DECL bool is_address(std::string_view canonical_host) {
  return canonical_host.starts_with('[') || IpAddress::try_parse(canonical_host).has_value();
}

template <std::size_t n>
inline std::string_view text_of(const std::array<std::uint8_t, n>& hash) noexcept {
  return {reinterpret_cast<const char*>(hash.data()), n};
}

OKHTTP_DECL std::string sha256_pin(const PinnableCertificate& certificate) {
  return "sha256/" + base64::encode(text_of(certificate.spki_sha256));
}

}  // namespace detail::certificate_pinner

OKHTTP_DECL Result<CertificatePinner::Pin> CertificatePinner::Pin::try_of(std::string_view pattern,
                                                                          std::string_view pin) {
  using namespace detail::certificate_pinner;
  Pin made;
  std::string_view host = pattern;
  if (pattern.starts_with("**.")) {
    made.reach_ = Reach::any_labels;
    host.remove_prefix(3);
  } else if (pattern.starts_with("*.")) {
    made.reach_ = Reach::one_label;
    host.remove_prefix(2);
  }
  if (host.find('*') != std::string_view::npos)
    return Error(Errc::invalid_argument,
                 "a pin's pattern has its asterisks in front, as '*.' or '**.': " + quoted(pattern));
  const std::string canonical = canonical_pattern(host).value_or(std::string());
  if (canonical.empty() || canonical.starts_with('.') || canonical.ends_with('.'))
    return Error(Errc::invalid_argument, "the pattern of a pin is no host: " + quoted(pattern));
  if (made.reach_ != Reach::host && is_address(canonical))
    return Error(Errc::invalid_argument,
                 "an IP address has nothing in front that a pin's pattern could leave open: " +
                     quoted(pattern));
  made.pattern_.append(pattern.substr(0, pattern.size() - host.size())).append(canonical);

  const bool is_sha256 = pin.starts_with("sha256/");
  if (!is_sha256 && !pin.starts_with("sha1/"))
    return Error(Errc::invalid_argument, "pins start with 'sha256/' or 'sha1/': " + quoted(pin));
  const std::size_t size = is_sha256 ? 32 : 20;
  std::optional<std::string> hash = base64::decode(pin.substr(is_sha256 ? 7 : 5));
  if (!hash || hash->size() != size)
    return Error(Errc::invalid_argument, "a pin is the base64 of a hash of " +
                                             std::to_string(size) + " bytes: " + quoted(pin));
  made.hash_ = *std::move(hash);
  return made;
}

OKHTTP_DECL std::string CertificatePinner::Pin::to_string() const {
  return std::string(hash_algorithm()) + '/' + base64::encode(hash_);
}

OKHTTP_DECL bool CertificatePinner::Pin::covers(std::string_view canonical_host) const noexcept {
  std::string_view wanted = pattern_;
  if (reach_ == Reach::host) return canonical_host == wanted;
  wanted.remove_prefix(wanted.find('.') + 1);
  if (reach_ == Reach::any_labels && canonical_host == wanted) return true;
  if (canonical_host.size() < wanted.size() + 2 || !canonical_host.ends_with(wanted)) return false;
  const std::string_view labels = canonical_host.substr(0, canonical_host.size() - wanted.size());
  if (!labels.ends_with('.')) return false;
  return reach_ == Reach::any_labels || labels.find('.') == labels.size() - 1;
}

OKHTTP_DECL bool CertificatePinner::Pin::matches_host(std::string_view host) const {
  return covers(detail::certificate_pinner::canonical_host(host));
}

OKHTTP_DECL bool CertificatePinner::Pin::matches(
    const PinnableCertificate& certificate) const noexcept {
  using detail::certificate_pinner::text_of;
  if (is_sha256()) return hash_ == text_of(certificate.spki_sha256);
  return certificate.spki_sha1 && hash_ == text_of(*certificate.spki_sha1);
}

OKHTTP_DECL std::vector<CertificatePinner::Pin> CertificatePinner::find_matching_pins(
    std::string_view host) const {
  std::vector<Pin> found;
  if (pins_.empty()) return found;
  const std::string canonical = detail::certificate_pinner::canonical_host(host);
  for (const Pin& pin : pins_)
    if (pin.covers(canonical)) found.push_back(pin);
  return found;
}

OKHTTP_DECL bool CertificatePinner::has_pins_for(std::string_view host) const {
  if (pins_.empty()) return false;
  const std::string canonical = detail::certificate_pinner::canonical_host(host);
  return std::any_of(pins_.begin(), pins_.end(),
                     [&canonical](const Pin& pin) { return pin.covers(canonical); });
}

OKHTTP_DECL Result<void> CertificatePinner::check(
    std::string_view host, std::span<const PinnableCertificate> chain) const {
  using namespace detail::certificate_pinner;
  const std::vector<Pin> wanted = find_matching_pins(host);
  if (wanted.empty()) return {};
  for (const PinnableCertificate& certificate : chain)
    for (const Pin& pin : wanted)
      if (pin.matches(certificate)) return {};

  std::string text = "certificate pinning failure for " + std::string(host) +
                     "\n  peer certificate chain:";
  if (chain.empty()) text += " empty";
  for (const PinnableCertificate& certificate : chain)
    text += "\n    " + sha256_pin(certificate) + ": " + certificate.subject;
  text += "\n  pinned certificates for " + std::string(host) + ":";
  for (const Pin& pin : wanted) text += "\n    " + pin.to_string();
  return Error(Errc::pin, std::move(text));
}

OKHTTP_DECL bool operator==(const CertificatePinner& a, const CertificatePinner& b) noexcept {
  // The builder has dropped repetitions, so equal sizes and one direction are enough.
  return a.pins_.size() == b.pins_.size() &&
         std::all_of(a.pins_.begin(), a.pins_.end(), [&b](const CertificatePinner::Pin& pin) {
           return std::find(b.pins_.begin(), b.pins_.end(), pin) != b.pins_.end();
         });
}

OKHTTP_DECL void CertificatePinner::Builder::add_one(std::string_view pattern,
                                                     std::string_view pin) {
  Result<Pin> made = Pin::try_of(pattern, pin);
  if (!made) {
    if (!fault_) fault_ = made.error();
    return;
  }
  std::vector<Pin>& pins = pinner_.pins_;
  if (std::find(pins.begin(), pins.end(), *made) == pins.end()) pins.push_back(*std::move(made));
}

OKHTTP_DECL Result<CertificatePinner> CertificatePinner::Builder::try_build() const {
  if (fault_) return *fault_;
  return pinner_;
}

#if OKHTTP_TLS
namespace openssl {

/// What pins are compared with. Errors: Errc::certificate for a public key that cannot be written out.
OKHTTP_DECL Result<PinnableCertificate> pinnable(const X509* certificate) {
  CleanErrors clean;
  struct Free {
    void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
  };
  // The bytes that are in the certificate, not what OpenSSL would make of them.
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const std::unique_ptr<unsigned char, Free> owned(der);
  PinnableCertificate out;
  if (size <= 0 ||
      EVP_Digest(der, static_cast<std::size_t>(size), out.spki_sha256.data(), nullptr, EVP_sha256(),
                 nullptr) != 1)
    return Error(Errc::certificate, "cannot hash the public key of " + subject_of(certificate));
  std::array<std::uint8_t, 20> sha1{};
  if (EVP_Digest(der, static_cast<std::size_t>(size), sha1.data(), nullptr, EVP_sha1(), nullptr) == 1)
    out.spki_sha1 = sha1;
  out.subject = subject_of(certificate);
  return out;
}

OKHTTP_DECL Result<CertificatePtr> parse_pem_or_der(std::string_view text) {
  constexpr std::size_t max_size = std::size_t{1} << 20;
  if (!text.empty() && text.front() == '\x30' && text.size() <= max_size) {
    // No PEM text begins with "0" and the length byte of a certificate.
    CleanErrors clean;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const unsigned char* const end = bytes + text.size();
    CertificatePtr certificate(d2i_X509(nullptr, &bytes, static_cast<long>(text.size())));
    if (certificate && bytes == end) return certificate;
  }
  Result<std::vector<CertificatePtr>> certificates = parse_certificates(text);
  if (!certificates)
    return Error(Errc::invalid_argument, "neither a certificate in DER nor in PEM");
  return std::move(certificates->front());
}

}  // namespace openssl

OKHTTP_DECL Result<PinnableCertificate> PinnableCertificate::try_from(std::string_view pem_or_der) {
  const Result<openssl::CertificatePtr> certificate = openssl::parse_pem_or_der(pem_or_der);
  if (!certificate) return certificate.error();
  return openssl::pinnable(certificate->get());
}

OKHTTP_DECL Result<std::string> CertificatePinner::try_pin(std::string_view certificate) {
  const Result<PinnableCertificate> made = PinnableCertificate::try_from(certificate);
  if (!made) return made.error();
  return detail::certificate_pinner::sha256_pin(*made);
}
#endif

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_TRANSPORT_CERTIFICATE_PINNER_IPP
