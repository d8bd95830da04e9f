// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TRANSPORT_POLICY_HPP
#define OKHTTP_TRANSPORT_TRANSPORT_POLICY_HPP

#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/stream.hpp>
#include <okhttp/transport/trusted_connectors.hpp>

#include <concepts>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

// clang-format off
/// A policy aims at the Transport slot by naming its stream ...
template <class P>
concept AimsAtTransport = requires { typename P::Stream; };

/// ... and fills it when it connects. `connect` runs as a task of the client's runtime and may run
/// many times at once; the endpoint outlives the task. It ends with the stream or fails with an
/// Errc::connect_... error; past the deadline it must not wait any longer.
/// Optional: `static constexpr bool needs_addresses = true` asks the client to resolve names first.
/// Optional: `Task<Raced<Stream>> connect_any(std::span<const Endpoint>, Deadline)` races several
/// addresses of one host; without it they are tried in order.
/// Optional: `Task<Stream> secure(Stream lower, const Endpoint&, Deadline)` does the TLS handshake with the
/// endpoint's host over a stream that leads there; without it https cannot go through a proxy.
/// Optional: `void trusted_certificates(HandshakeCertificates)` sets whom it trusts, before it is used; with it,
/// and if it can be copied, single calls may trust others.
template <class P>
concept TransportPolicy = AimsAtTransport<P> &&
    (UserStream<typename P::Stream> || std::same_as<typename P::Stream, std::unique_ptr<Stream>>) &&
    requires(P& policy, const Endpoint& endpoint, Deadline deadline) {
      { policy.connect(endpoint, deadline) } -> std::same_as<Task<typename P::Stream>>;
    };
template <class P>
concept RacesAddresses = requires(P& policy, std::span<const Endpoint> endpoints, Deadline deadline) {
  { policy.connect_any(endpoints, deadline) } -> std::same_as<Task<Raced<typename P::Stream>>>;
};
template <class P>
concept SecuresStreams = requires(P& policy, typename P::Stream lower, const Endpoint& endpoint, Deadline deadline) {
  { policy.secure(std::move(lower), endpoint, deadline) } -> std::same_as<Task<typename P::Stream>>;
};
#if OKHTTP_TLS
template <class P>
concept TrustsCertificates = std::copy_constructible<P> &&
    requires(P& policy, HandshakeCertificates certificates) {
      policy.trusted_certificates(std::move(certificates));
    };
#endif
// clang-format on

namespace detail {

/// A transport policy behind a virtual interface, so that the pipeline is compiled once.
class Connector {
 public:
  Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  virtual ~Connector() = default;
  virtual Task<std::unique_ptr<Stream>> connect(const Endpoint& endpoint, Deadline deadline) = 0;
  virtual bool needs_addresses() const noexcept = 0;
#if OKHTTP_TLS
  /// One that is alike but for whom it trusts; null if the transport has no such setting.
  virtual std::shared_ptr<Connector> trusting(const HandshakeCertificates& certificates) = 0;
#endif
#if OKHTTP_THREADS
  /// Only where races() is true.
  virtual Task<Raced<std::unique_ptr<Stream>>> connect_any(std::span<const Endpoint> endpoints, Deadline deadline) = 0;
  virtual bool races() const noexcept = 0;
#endif
  /// TLS over a stream that leads to the endpoint's host. Only where secures() is true.
  virtual Task<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> lower, const Endpoint& endpoint,
                                               Deadline deadline) = 0;
  virtual bool secures() const noexcept = 0;
};

template <TransportPolicy P>
class ConnectorFor final : public Connector {
 public:
  explicit ConnectorFor(P policy) : policy_(std::move(policy)) {}
  Task<std::unique_ptr<Stream>> connect(const Endpoint& endpoint, Deadline deadline) override {
    if constexpr (std::same_as<typename P::Stream, std::unique_ptr<Stream>>)
      return policy_.connect(endpoint, deadline);
    else
      return connect_and_erase(endpoint, deadline);
  }
  bool needs_addresses() const noexcept override {
    if constexpr (requires { P::needs_addresses; })
      return P::needs_addresses;
    else
      return false;
  }
#if OKHTTP_TLS
  std::shared_ptr<Connector> trusting(const HandshakeCertificates& certificates) override {
    if constexpr (TrustsCertificates<P>) {
      return trusting_others_.get(certificates, [&] {
        P policy(policy_);
        policy.trusted_certificates(certificates);
        return std::make_shared<ConnectorFor>(std::move(policy));
      });
    } else {
      return nullptr;
    }
  }
#endif

#if OKHTTP_THREADS
  Task<Raced<std::unique_ptr<Stream>>> connect_any(std::span<const Endpoint> endpoints, Deadline deadline) override {
    if constexpr (!RacesAddresses<P>) {
      OKHTTP_ASSERT(false);
      co_return {};
    } else if constexpr (std::same_as<typename P::Stream, std::unique_ptr<Stream>>) {
      co_return co_await policy_.connect_any(endpoints, deadline);
    } else {
      auto raced = co_await policy_.connect_any(endpoints, deadline);
      co_return Raced<std::unique_ptr<Stream>>{erase_stream(std::move(raced.stream)), raced.index};
    }
  }
  bool races() const noexcept override { return RacesAddresses<P>; }
#endif
  Task<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> lower, const Endpoint& endpoint,
                                       Deadline deadline) override {
    if constexpr (secures_erased()) {
      return policy_.secure(std::move(lower), endpoint, deadline);
    } else {
      OKHTTP_ASSERT(false);
      return connect(endpoint, deadline);
    }
  }
  bool secures() const noexcept override { return secures_erased(); }

 private:
  Task<std::unique_ptr<Stream>> connect_and_erase(const Endpoint& endpoint, Deadline deadline) {
    auto stream = co_await policy_.connect(endpoint, deadline);
    co_return erase_stream(std::move(stream));
  }
  /// A stream that went through a proxy has been erased.
  static constexpr bool secures_erased() {
    return SecuresStreams<P> && std::same_as<typename P::Stream, std::unique_ptr<Stream>>;
  }
  P policy_;
#if OKHTTP_TLS
  struct NoOthers {};
  [[no_unique_address]] std::conditional_t<TrustsCertificates<P>, TrustedConnectors, NoOthers> trusting_others_;
#endif
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TRANSPORT_TRANSPORT_POLICY_HPP
