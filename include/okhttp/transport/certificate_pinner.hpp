// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_CERTIFICATE_PINNER_HPP
#define OKHTTP_TRANSPORT_CERTIFICATE_PINNER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// What pins are compared with: the hashes of a certificate's public key, the SubjectPublicKeyInfo of
/// RFC 5280 in DER, and whose certificate it is.
struct PinnableCertificate {
  std::array<std::uint8_t, 32> spki_sha256{};
  /// Missing where SHA-1 is not to be had; then no "sha1/" pin matches.
  std::optional<std::array<std::uint8_t, 20>> spki_sha1;
  /// For error texts, for example "CN=publicobject.com,O=Example".
  std::string subject;

#if OKHTTP_TLS
  /// From a certificate in PEM (the first one of the text) or in DER.
  /// Errors: Errc::invalid_argument.
  static Result<PinnableCertificate> try_from(std::string_view pem_or_der);
#endif
};

/// Which certificates a client accepts for a host, beyond those being trusted: at least one of the
/// chain must have one of the pinned public keys.
///
/// Pinning ties a program to what a server's operator does with his keys; a client in the field whose
/// pins no longer fit is cut off. Pin more than one key, and only your own servers'.
///
/// Patterns, compared in lower case and without a final dot: "example.com" is that host alone,
/// "*.example.com" any with exactly one label in front, "**.example.com" the host itself and any with
/// labels in front. A pin is "sha256/" or "sha1/" and the base64 of that hash of the public key. All
/// patterns that match a host count together; a host that none matches has no pins.
///
/// A value; equal to another one with the same pins in any order.
/// Thread safety: immutable; may be used from any thread.
class CertificatePinner {
 public:
  class Builder;

  /// One pin of one pattern.
  class Pin {
   public:
    /// Errors: Errc::invalid_argument, quoting the part that cannot be used.
    static Result<Pin> try_of(std::string_view pattern, std::string_view pin);

    /// In canonical form, with its asterisks.
    const std::string& pattern() const& noexcept { return pattern_; }
    std::string pattern() && noexcept { return std::move(pattern_); }
    /// "sha256" or "sha1".
    std::string_view hash_algorithm() const noexcept { return is_sha256() ? "sha256" : "sha1"; }
    /// "sha256/..." or "sha1/...".
    std::string to_string() const;

    bool matches_host(std::string_view host) const;
    bool matches(const PinnableCertificate& certificate) const noexcept;

    friend bool operator==(const Pin&, const Pin&) = default;

   private:
    friend class CertificatePinner;
    enum class Reach { host, one_label, any_labels };

    Pin() = default;
    bool is_sha256() const noexcept { return hash_.size() == 32; }
    bool covers(std::string_view canonical_host) const noexcept;

    std::string pattern_;
    std::string hash_;
    Reach reach_ = Reach::host;
  };

  /// Pins nothing.
  CertificatePinner() = default;

  const std::vector<Pin>& pins() const& noexcept { return pins_; }
  std::vector<Pin> pins() && noexcept { return std::move(pins_); }
  /// Those whose pattern matches the host, in the order in which they were added.
  std::vector<Pin> find_matching_pins(std::string_view host) const;
  /// Whether there is one: nothing of a chain need be computed otherwise.
  bool has_pins_for(std::string_view host) const;

  /// Whether a chain may answer for a host. It must be a chain that leads to something trusted
  /// (`CertificateChainCleaner`), with nothing else in it: otherwise a server could show a pinned
  /// certificate that has nothing to do with its own.
  /// Errors: Errc::pin, listing the pins and subjects of the chain and the pins configured.
  Result<void> check(std::string_view host, std::span<const PinnableCertificate> chain) const;

#if OKHTTP_TLS
  /// The "sha256/..." pin of a certificate in PEM (the first one of the text) or in DER.
  /// Errors: Errc::invalid_argument.
  static Result<std::string> try_pin(std::string_view certificate);
#if OKHTTP_EXCEPTIONS
  /// As try_pin, but throws.
  static std::string pin(std::string_view certificate) { return try_pin(certificate).value(); }
#endif
#endif

  friend bool operator==(const CertificatePinner& a, const CertificatePinner& b) noexcept;

 private:
  std::vector<Pin> pins_;
};

/// Collects pins; the first one that cannot be used is reported by build() and try_build().
class CertificatePinner::Builder {
 public:
  /// Adds pins for a pattern; the same pin twice counts once. Errors: see Pin::try_of.
  template <class... Pins>
  Builder& add(std::string_view pattern, std::string_view pin, const Pins&... more) {
    add_one(pattern, pin);
    (add_one(pattern, more), ...);
    return *this;
  }

  CertificatePinner build() const { return try_build().value(); }
  Result<CertificatePinner> try_build() const;

 private:
  void add_one(std::string_view pattern, std::string_view pin);

  CertificatePinner pinner_;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/transport/certificate_pinner.ipp>

#endif  // OKHTTP_TRANSPORT_CERTIFICATE_PINNER_HPP
