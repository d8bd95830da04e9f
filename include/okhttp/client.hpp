// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CLIENT_HPP
#define OKHTTP_CLIENT_HPP

#include <okhttp/base/when_all.hpp>
#include <okhttp/call/call.hpp>
#include <okhttp/call/chain.hpp>
#include <okhttp/call/cookies.hpp>
#include <okhttp/call/early_data.hpp>
#include <okhttp/call/event_listener.hpp>
#include <okhttp/call/retry_policy.hpp>
#include <okhttp/client_policies.hpp>
#include <okhttp/connection/pool_housekeeping.hpp>
#include <okhttp/connection/pool_limiter.hpp>
#include <okhttp/transport/unix_transport.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Held by client handles alone: when the last one goes, calls that are queued or running are
/// canceled, their callbacks told, and threads joined.
class ClientLease {
 public:
  explicit ClientLease(std::shared_ptr<ClientCore> client_core) : core(std::move(client_core)) {}
  ClientLease(const ClientLease&) = delete;
  ClientLease& operator=(const ClientLease&) = delete;
  ~ClientLease() {
    core->dispatcher.close();
    core->backend->shut_down();
    core->dispatcher.forget_calls();
    if (core->report_leaks != nullptr) core->report_leaks(*core);
    core->pool.close();
    if (FurtherPools* const further = core->further_pools.load(std::memory_order_acquire)) further->close();
  }
  const std::shared_ptr<ClientCore> core;
};

/// A client without its policies, for what makes calls by whichever client it was given.
struct ClientParts {
  ClientParts() = default;
  template <class Client>
  explicit ClientParts(const Client& client) : config(client.config_), lease(client.lease_) {}
  std::shared_ptr<const ClientConfig> config;
  std::shared_ptr<ClientLease> lease;
};

/// The settings that do not depend on the policies.
class ClientSettings {
 public:
  ClientConfig config;
  DispatcherOptions dispatcher;
  ConnectionPoolOptions pool;
  void (*limit_pool)(ConnectionPool& pool, const ConnectionPoolOptions& options, bool calls_have_threads) = nullptr;
  std::shared_ptr<LeakCallback> leak_callback;
  void (*report_leaks)(ClientCore& core) = nullptr;
  std::optional<Error> fault;

  void timeout(Clock::duration& setting, Clock::duration value, const char* name);
  void add(std::vector<std::shared_ptr<Interceptor>>& list, Interceptor interceptor) {
    list.push_back(std::make_shared<Interceptor>(std::move(interceptor)));
  }
  /// The first fault, or what is wrong with the settings together.
  std::optional<Error> check() const;

#if OKHTTP_TLS
  /// Changes a copy of what is demanded of secure connections: clients that were built keep theirs.
  template <class Change>
  void change_tls(Change change) {
    auto changed = config.tls ? std::make_shared<TlsRequirements>(*config.tls) : std::make_shared<TlsRequirements>();
    change(*changed);
    config.tls = std::move(changed);
    config.may_fall_back = &may_fall_back;
  }
#endif
};

/// What is wrong with them, if anything.
std::optional<Error> fault_of(const ConnectionPoolOptions& options);

/// The same lease, whose holders keep this pool, too.
std::shared_ptr<ClientLease> keep_pool(std::shared_ptr<ClientLease> lease, std::shared_ptr<ConnectionPool> pool);

/// Tells the client's callback of each response that is open.
void report_leaks(ClientCore& core);

}  // namespace detail

/// An HTTP client: what every `BasicClient<...>` names, its five policies in slot order.
///
/// Make one and share it: it keeps connections, and is a cheap handle to copy. The builder makes a
/// client with other settings; `new_builder` one that shares pool and dispatcher with this.
/// Lifetime: when the last copy (of derived clients too) goes, its calls are canceled and their
/// callbacks called; responses that are open stay readable.
/// Thread safety: any thread.
template <class TransportP, class ProtocolsP, class CacheP, class DispatcherP, class CompressionP>
class ClientWith {
  static_assert(TransportPolicy<TransportP>,
                "okhttp: the Transport policy does not model okhttp::TransportPolicy");
  static_assert(ProtocolPolicy<ProtocolsP>,
                "okhttp: the Protocols policy does not model okhttp::ProtocolPolicy");
  static_assert(CachePolicy<CacheP>, "okhttp: the Cache policy does not model okhttp::CachePolicy");
  static_assert(DispatcherPolicy<DispatcherP>,
                "okhttp: the Dispatcher policy does not model okhttp::DispatcherPolicy");
  static_assert(CompressionPolicy<CompressionP>,
                "okhttp: the Compression policy does not model okhttp::CompressionPolicy");

 public:
  using Transport = TransportP;
  using Protocols = ProtocolsP;
  using Cache = CacheP;
  using Dispatcher = DispatcherP;
  using Compression = CompressionP;
  class Builder;

  /// A client with every setting at its default.
  ClientWith()
    requires std::default_initializable<TransportP>
      : ClientWith(*Builder().try_build()) {}

  /// A call for this request, ready to be executed once.
  Call new_call(Request request) const {
    return Call(detail::make_call(config_, lease_->core, std::move(request)));
  }

  /// A builder with this client's settings, whose client shares pool and dispatcher with this one.
  Builder new_builder() const { return Builder(*this); }

  /// Runs a task of this client to its end and gives its result; the calling thread waits. An event
  /// loop is driven here unless another thread drives it already.
  /// Errors: the task's; Errc::misuse on an event loop's own thread.
  template <class T>
  Result<T> try_run(Task<T> task) const {
    const std::shared_ptr<detail::ClientCore> core = lease_->core;
    return core->runtime().run(std::move(task), "the task");
  }
#if OKHTTP_EXCEPTIONS
  /// As try_run, but throws.
  template <class T>
  T run(Task<T> task) const {
    return try_run(std::move(task)).value();
  }
#endif
  /// Starts a task in the background; it progresses while somebody drives the loop. Event loop only.
  void spawn(Task<void> task) const
    requires requires(typename DispatcherP::Runtime& runtime, Task<void> t) { runtime.spawn(std::move(t)); }
  {
    static_cast<typename DispatcherP::Runtime&>(lease_->core->runtime()).spawn(std::move(task));
  }

  /// Runs what can be run without waiting: enqueued calls of an inline client, one turn of an event
  /// loop. Nothing to do on a thread pool. On the first two also closes idle connections that are past their time or
  /// were closed by their servers.
  Result<void> try_poll() const {
    const std::shared_ptr<detail::ClientCore> core = lease_->core;
    Result<void> polled = core->backend->poll();
    if (core->runtime().blocks()) {
      core->pool.look_after();
      if (detail::FurtherPools* const further = core->further_pools.load(std::memory_order_acquire))
        further->look_after();
    }
    return polled;
  }
  /// Returns when no call and no background task is left.
  Result<void> try_run_until_idle() const {
    const std::shared_ptr<detail::ClientCore> core = lease_->core;
    return core->backend->run_until_idle();
  }
#if OKHTTP_EXCEPTIONS
  void poll() const { try_poll().value(); }
  void run_until_idle() const { try_run_until_idle().value(); }
#endif

  /// Limits, counts and cancel_all, shared with derived clients.
  okhttp::Dispatcher& dispatcher() const noexcept { return lease_->core->dispatcher; }
  /// Counts, what is open, and evict_all, shared with derived clients.
  ConnectionPool& connection_pool() const noexcept {
    const std::shared_ptr<ConnectionPool> own = config_->pool.lock();
    return own != nullptr ? *own : lease_->core->pool;
  }
  /// A further pool, empty, for `chain.with_connection_pool` and for `connection_pool` of a derived client's builder:
  /// with options of its own, looked after as the client's own one.
  /// Lifetime: of no influence on the client's. Its connections are closed when the last handle to it and the last
  /// call that uses it go, on an event loop once that is driven again; and when the last client goes, after which it
  /// is empty, and can be asked still. A response that is open then stays readable either way.
  /// Errors: Errc::invalid_argument. Thread safety: any thread.
  Result<std::shared_ptr<ConnectionPool>> try_new_connection_pool(ConnectionPoolOptions options = {}) const {
    if (std::optional<Error> fault = detail::fault_of(options)) return *std::move(fault);
    Runtime& runtime = lease_->core->runtime();
    auto pool = std::make_shared<ConnectionPool>(options, runtime.blocks() ? nullptr : &runtime);
    detail::limit_pool(*pool, options, housekeeping_of<DispatcherP>() != Housekeeping::at_use);
    Builder::keep_house(*pool);
    return detail::add_pool(lease_->core, std::move(pool));
  }
#if OKHTTP_EXCEPTIONS
  /// As try_new_connection_pool, but throws.
  std::shared_ptr<ConnectionPool> new_connection_pool(ConnectionPoolOptions options = {}) const {
    return try_new_connection_pool(options).value();
  }
#endif

  /// What is remembered of the system's resolver's answers: clear() it when the network has changed.
  /// Null when there is no such memory. Lives as long as a client that has it.
  DnsCache* dns_cache() const noexcept { return config_->dns_cache.get(); }

  /// The connect timeout and so on, as set.
  const Timeouts& timeouts() const noexcept { return config_->timeouts; }
  bool follow_redirects() const noexcept { return config_->follow_redirects; }

 private:
  friend struct detail::ClientParts;
  ClientWith(std::shared_ptr<const detail::ClientConfig> config, std::shared_ptr<detail::ClientLease> lease)
      : config_(std::move(config)), lease_(std::move(lease)) {}

  std::shared_ptr<const detail::ClientConfig> config_;
  std::shared_ptr<detail::ClientLease> lease_;
};

/// Collects settings. Keeps the first fault: `build` throws it, `try_build` returns it.
///
/// Timeouts: zero means no limit; negative ones are a fault.
template <class TransportP, class ProtocolsP, class CacheP, class DispatcherP, class CompressionP>
class ClientWith<TransportP, ProtocolsP, CacheP, DispatcherP, CompressionP>::Builder {
 public:
  Builder() = default;

  /// Default 10 s: resolving the name, and connecting (TLS included) to one address, or to whichever of
  /// several raced ones answers first.
  Builder& connect_timeout(Clock::duration timeout) {
    return set_timeout(&Timeouts::connect, timeout, "connect timeout");
  }
  /// Default 10 s without a byte from the server.
  Builder& read_timeout(Clock::duration timeout) {
    return set_timeout(&Timeouts::read, timeout, "read timeout");
  }
  /// Default 10 s without a byte sent.
  Builder& write_timeout(Clock::duration timeout) {
    return set_timeout(&Timeouts::write, timeout, "write timeout");
  }
  /// Default none: the whole call, redirects and reading the body included.
  Builder& call_timeout(Clock::duration timeout) {
    return set_timeout(&Timeouts::call, timeout, "call timeout");
  }
  /// Default 1 s: how long `Expect: 100-continue` waits for the server's word.
  Builder& expect_continue_timeout(Clock::duration timeout) {
    return set_timeout(&Timeouts::expect_continue, timeout, "expect-continue timeout");
  }

  Builder& follow_redirects(bool follow) {
    settings_.config.follow_redirects = follow;
    return *this;
  }
  /// Whether redirects may lead from https to http and back. Default true.
  Builder& follow_ssl_redirects(bool follow) {
    settings_.config.follow_ssl_redirects = follow;
    return *this;
  }
  /// Whether a request is sent again, if that is safe, when its connection fails, or after 408. Default true.
  ///
  /// Safe: the request is idempotent (see Request::is_idempotent) and its body can be sent again; or the server
  /// has provably not seen it. Again: when the connection had been idle, or the host has another address.
  Builder& retry_on_connection_failure(bool retry) {
    settings_.config.retry_on_connection_failure = retry;
    return *this;
  }
  /// Whether several addresses of a host are raced (Happy Eyeballs, RFC 8305): IPv6 and IPv4 in turns,
  /// a further one every 250 ms, under one connect timeout. Otherwise, and with a transport that cannot
  /// race, they are tried one after the other in the resolver's order. Default true.
  Builder& fast_fallback(bool race) {
    settings_.config.fast_fallback = race;
    return *this;
  }
  /// Redirects and other follow-ups of one call. Default 20.
  Builder& max_follow_ups(std::size_t most) {
    settings_.config.max_follow_ups = most;
    return *this;
  }
  /// Who answers 401: `function(const Route* route, const Response& response)` gives the request to send
  /// next, with credentials, or nothing; as std::optional<Request>, a Result or a Task of it. See
  /// Authenticator; BasicAuthenticator, DigestAuthenticator and BearerAuthenticator are such functions.
  /// The 401 is then the prior_response of what follows, and counts among the follow-ups.
  template <detail::AuthenticatorFunction F>
  Builder& authenticator(F function) {
    settings_.config.authenticator =
        std::make_shared<Authenticator>(detail::make_authenticator<F>(std::move(function)));
    return use_authenticators();
  }
  /// Who answers the 407 of an HTTP proxy, for CONNECT as well as for requests through it. As authenticator.
  template <detail::AuthenticatorFunction F>
  Builder& proxy_authenticator(F function) {
    settings_.config.proxy_authenticator =
        std::make_shared<Authenticator>(detail::make_authenticator<F>(std::move(function)));
    return use_authenticators();
  }
  /// Who keeps cookies: MemoryCookieJar, FileCookieJar, or your own; clients may share it. Default, and null: nobody.
  ///
  /// Every response's cookies go in, redirects and challenges included. Those for a request go out in its header
  /// Cookie, which network interceptors see, behind those of the request's own header Cookie: of two with the same
  /// name the request's own one is sent.
  Builder& cookie_jar(std::shared_ptr<CookieJar> jar) {
    settings_.config.set_cookie_jar(std::move(jar));
    return *this;
  }
  /// Asked after every attempt, failed or not, whether to try again: `function(const RetryAttempt&)` gives a
  /// RetryDecision, a Result or a Task of it. ExponentialBackoff is such a function.
  ///
  /// It comes before redirects, challenges and what HTTP itself repeats, which go on with the outcome it stops
  /// at. It is not asked after a cancel, the call timeout, misuse or an exception of user code. What is not
  /// safe to repeat (RetryAttempt::is_safe) is repeated only if the decision says so. The wait is part of
  /// the call: it ends with a cancel, and is not begun if the call timeout would end it.
  template <detail::RetryPolicyCallable F>
  Builder& retry_policy(F function) {
    settings_.config.retry_policy = detail::make_retry_policy<F>(std::move(function));
    settings_.config.repeat = &detail::repeat_by_policy;
    settings_.config.follow_up = &detail::follow_up_with_all;
    return *this;
  }
  /// What User-Agent says unless the request has its own.
  Builder& user_agent(std::string_view agent) {
    if (Result<Headers> checked = Headers::try_of({{"User-Agent", agent}}); checked)
      settings_.config.user_agent = agent;
    else if (!settings_.fault)
      settings_.fault = std::move(checked).error();
    return *this;
  }

  Builder& dispatcher(DispatcherOptions options) {
    settings_.dispatcher = options;
    return *this;
  }
  /// Of no effect on a client that shares another one's pool.
  Builder& connection_pool(ConnectionPoolOptions options) {
    settings_.pool = options;
    settings_.limit_pool = &detail::limit_pool;
    return *this;
  }
  /// A std::shared_ptr<ConnectionPool> from new_connection_pool, for a derived client, in place of the pool that it
  /// would share. The new client, and those derived from it, keep it. Null: the one that the first client has.
  /// Errors: Errc::misuse if it is of another client, or this client is derived from none.
  template <std::same_as<std::shared_ptr<ConnectionPool>> Pool>
  Builder& connection_pool(Pool pool) {
    if (lease_ == nullptr || (pool != nullptr && !pool->is_of(lease_->core))) {
      if (!settings_.fault) settings_.fault = detail::foreign_pool();
      return *this;
    }
    settings_.config.set_pool(pool);
    lease_ = detail::keep_pool(std::move(lease_), std::move(pool));
    return *this;
  }
  /// Is told of each response that is still open, which so keeps a connection, when the last handle of the client and
  /// of those derived from it goes: on the thread that gives it up, once for each. The responses stay readable. For
  /// tests and debugging; `connection_pool().open_bodies()` can be asked at any time. Must not throw. Of no effect on a
  /// client that shares another one's pool.
  template <class F>
    requires std::is_invocable_r_v<void, std::decay_t<F>&, const OpenBody&>
  Builder& leak_callback(F&& function) {
    settings_.leak_callback = std::make_shared<LeakCallback>(std::forward<F>(function));
    settings_.report_leaks = &detail::report_leaks;
    return *this;
  }
  /// What a server may make the HTTP/1 codec hold.
  Builder& http1_limits(http1::Limits limits) {
    settings_.config.http1 = limits;
    return *this;
  }
  /// How far a compressed response may expand.
  Builder& decoding_limits(DecodingLimits limits) {
    settings_.config.decoding = limits;
    return *this;
  }

  /// Adds an application interceptor: sees each call once, redirects included. They run in the order
  /// they were added.
  template <class F>
    requires std::is_invocable_r_v<Task<Response>, std::decay_t<F>&, Chain&>
  Builder& add_interceptor(F&& interceptor) {
    settings_.add(settings_.config.interceptors, Interceptor(std::forward<F>(interceptor)));
    settings_.config.start_chain = &detail::start_chain;
    return *this;
  }
  /// Adds a network interceptor: sees each trip to the network.
  template <class F>
    requires std::is_invocable_r_v<Task<Response>, std::decay_t<F>&, Chain&>
  Builder& add_network_interceptor(F&& interceptor) {
    settings_.add(settings_.config.network_interceptors, Interceptor(std::forward<F>(interceptor)));
    settings_.config.start_network_chain = &detail::start_network_chain;
    return *this;
  }
#if OKHTTP_EVENTS
  /// Tells this listener of every call, from many threads at once. Null: of none.
  Builder& event_listener(std::shared_ptr<EventListener> listener) {
    return event_listener_factory([listener = std::move(listener)](const Call&) { return listener; });
  }
  /// Asks for a listener when a call is made: `function(const Call&)` gives a std::shared_ptr of it, null
  /// for none. Many threads may do so at once. Takes the place of an earlier listener or factory.
  template <class F>
    requires std::is_invocable_r_v<std::shared_ptr<EventListener>, std::decay_t<F>&, const Call&>
  Builder& event_listener_factory(F&& function) {
    settings_.config.event_listener_factory = std::make_shared<EventListenerFactory>(std::forward<F>(function));
    settings_.config.attach_listener = &detail::attach_listener;
    return *this;
  }
#endif
  /// Resolves host names in place of the system: `function(std::string_view host)` gives a
  /// std::vector<IpAddress>, a Result or a Task of it; it may take a DnsLookup instead. Every new
  /// connection asks it, nothing is cached: see cached_dns.
  ///
  /// On an event loop it must not block: it gives a Task, whose wait a cancel or a timeout ends, or is
  /// wrapped in blocking_dns. On a blocking dispatcher cancel and timeouts are looked at when it returns,
  /// unless it is wrapped in blocking_dns. Several calls may ask at once, on their threads.
  template <class F>
  Builder& dns(F&& function) {
    std::decay_t<F> resolver(std::forward<F>(function));
    // A resolver with a client that shares its connections with this one must not keep it alive.
    if constexpr (requires { resolver.leave_client_to(nullptr); })
      resolver.leave_client_to(lease_ != nullptr ? lease_->core.get() : nullptr);
    settings_.config.set_dns(std::make_shared<Dns>(detail::make_dns<std::decay_t<F>>(std::move(resolver))));
    return *this;
  }
#if OKHTTP_SOCKETS
  /// How long it is remembered what the system's resolver said, and of how many hosts; what dns() said is
  /// not. Clients derived from the new one share its memory. `max_hosts` 0 turns it off. Default: 256 hosts,
  /// addresses for a minute, and for 5 s that a host has none; nothing with OKHTTP_THREADS=0.
  Builder& dns_cache(const DnsCache::Settings& cache) {
    settings_.config.dns_cache = cache.max_hosts > 0 ? std::make_shared<DnsCache>(cache) : nullptr;
    settings_.config.look_up_cached = cache.max_hosts > 0 ? &detail::look_up_cached : nullptr;
    has_dns_cache_ = true;
    return *this;
  }
#endif

  /// The proxy of all connections, or Proxy::none() for none whatever proxy_selector says. Through an HTTP proxy
  /// https goes by CONNECT. User and password of an HTTP proxy are sent without being asked for.
  Builder& proxy(Proxy proxy) {
    settings_.config.proxy = std::move(proxy);
    return use_proxies();
  }
  /// Which proxies to try for a URL, in order, in place of none: a ProxySelector, such as
  /// `ProxySelector::from_environment()`, or a callable `(const HttpUrl&)` that gives a std::vector<Proxy> or a
  /// Result of it. Not asked when there is a proxy().
  Builder& proxy_selector(ProxySelector selector) {
    settings_.config.proxy_selector = std::move(selector);
    return use_proxies();
  }
  /// A transport with state, in place of a default-constructed one.
  Builder& transport(TransportP transport) {
    transport_ = std::move(transport);
    has_own_transport_ = true;
    return *this;
  }
#if OKHTTP_SOCKETS
  /// Sends every request to this Unix-domain socket in place of the host that its URL names, which is then only what the
  /// Host header says: `.unix_socket("/var/run/docker.sock")` and `http://localhost/info`. On Linux `@name` is an
  /// abstract name. No TLS (https URLs fail with Errc::tls) and no proxy; transport() takes it back.
  /// Errors: Errc::invalid_argument for what cannot be a path.
  Builder& unix_socket(std::string path) {
    if (Result<void> fit = UnixSocketTransport::check(path); !fit) {
      if (!settings_.fault) settings_.fault = std::move(fit).error();
      return *this;
    }
    settings_.config.connector =
        std::make_shared<detail::ConnectorFor<UnixSocketTransport>>(UnixSocketTransport(std::move(path)));
    settings_.config.proxy = Proxy::none();
    has_own_transport_ = false;
    return *this;
  }
#endif
  /// A dispatcher policy with state: which event loop, say.
  Builder& dispatcher_policy(DispatcherP policy) {
    dispatcher_ = std::move(policy);
    return *this;
  }
  /// Whose certificates are trusted, in place of the platform's list; and the client's own one.
  template <class Certificates>
  Builder& trusted_certificates(Certificates certificates)
    requires requires(TransportP& transport) { transport.trusted_certificates(std::move(certificates)); }
  {
    if (!transport_) transport_.emplace();
    transport_->trusted_certificates(std::move(certificates));
    has_own_transport_ = true;
    return *this;
  }

#if OKHTTP_TLS
  /// How connections may be secured, the most wanted first; should a handshake fail, the next one that
  /// fits is tried. Default: ConnectionSpec::modern_tls() and ConnectionSpec::cleartext(). Without a
  /// cleartext one http URLs are refused, without another one https URLs.
  Builder& connection_specs(std::vector<ConnectionSpec> specs) {
    if (specs.empty() && !settings_.fault)
      settings_.fault = Error(Errc::invalid_argument, "a client needs at least one connection spec");
    settings_.change_tls([&](TlsRequirements& tls) { tls.specs = std::move(specs); });
    return *this;
  }
  /// Which public keys servers may have, beyond being trusted. Default: any.
  Builder& certificate_pinner(CertificatePinner pinner) {
    settings_.change_tls([&](TlsRequirements& tls) { tls.pinner = std::move(pinner); });
    return *this;
  }
  /// What decides whether a certificate is for a host: a HostNameVerifier, or any callable
  /// `bool(std::string_view host, const AlternativeNames& names)`.
  Builder& host_name_verifier(HostNameVerifier verifier) {
    settings_.change_tls([&](TlsRequirements& tls) { tls.verifier = std::move(verifier); });
    return *this;
  }
  template <class F>
    requires std::is_invocable_r_v<bool, std::decay_t<F>&, std::string_view, const AlternativeNames&>
  Builder& host_name_verifier(F&& verifier) {
    return host_name_verifier(HostNameVerifier(HostNameVerifier::Function(std::forward<F>(verifier))));
  }
  /// Whether servers have to prove that their certificate has not been revoked. Default: not asked.
  Builder& ocsp_stapling(OcspStapling wanted) {
    settings_.change_tls([&](TlsRequirements& tls) { tls.ocsp_stapling = wanted; });
    return *this;
  }
  /// Whether a request may go along with the handshake of a new connection (early data, 0-RTT), which saves a
  /// round trip. Default: no, for whoever records it on its way can send it to the server once more: only for
  /// servers that guard against that, or that do no harm by answering twice.
  ///
  /// Sent so are requests with a safe method (GET, HEAD, OPTIONS, TRACE) and no body, unless they are marked as
  /// not idempotent or ask for an upgrade; once per call; to a server whose TLS 1.3 session is remembered
  /// and allows it. A client with network interceptors sends none: these might change it. What the server
  /// does not take is sent again after the handshake, and what it answers with 425 (Too Early) is repeated once.
  /// Spec: RFC 8446, 2.3; RFC 8470.
  Builder& early_data(bool allowed) {
    settings_.change_tls([&](TlsRequirements& tls) { tls.early_data = allowed; });
    settings_.config.open_with_early_data = &detail::open_with_early_data;
    settings_.config.follow_up = &detail::follow_up_with_all;
    return *this;
  }
  /// Logs the secrets of TLS connections, for debugging: whoever has the log can read the traffic.
  /// `KeyLog::from_environment()` takes the usual variable SSLKEYLOGFILE. Default: not logged.
  Builder& key_log(KeyLog log) {
    settings_.change_tls([&](TlsRequirements& tls) { tls.key_log = std::move(log); });
    return *this;
  }
  /// The same with a file that is appended to. Errors: Errc::file.
  Builder& key_log_file(const std::string& path) {
    Result<KeyLog> log = KeyLog::try_to_file(path);
    if (!log && !settings_.fault) settings_.fault = log.error();
    return log ? key_log(*std::move(log)) : *this;
  }
#endif

  /// Errors: the first fault of a setter; Errc::invalid_argument.
  Result<ClientWith> try_build() const {
    if (std::optional<Error> fault = settings_.check()) return *std::move(fault);
    auto config = std::make_shared<detail::ClientConfig>(settings_.config);
    config->number = detail::next_client_number();
    config->encodings = CompressionP::encodings;
    if constexpr (!std::string_view(CompressionP::encodings).empty()) {
      config->make_decoder = &CompressionP::make_decoder;
      config->decode_response = &detail::decode_response;
    }
    config->usual_headers = Headers();
    config->usual_headers.append_unchecked("Connection", "Keep-Alive");
    config->usual_headers.append_unchecked("Accept-Encoding", config->encodings);
    config->usual_headers.append_unchecked("User-Agent", config->user_agent);
    if (has_own_transport_ || config->connector == nullptr) {
      if constexpr (std::default_initializable<TransportP>)
        config->connector = std::make_shared<detail::ConnectorFor<TransportP>>(transport_ ? *transport_ : TransportP());
      else if (transport_)
        config->connector = std::make_shared<detail::ConnectorFor<TransportP>>(*transport_);
      else
        return Error(Errc::invalid_argument, "this client's transport has to be given: call transport(...)");
    }
    std::shared_ptr<detail::ClientLease> lease = lease_;
    if (lease == nullptr) {
      DispatcherP policy = dispatcher_ ? *dispatcher_ : DispatcherP();
      auto core = std::make_shared<detail::ClientCore>(policy.make_backend(), settings_.dispatcher, settings_.pool);
      core->leak_callback = settings_.leak_callback;
      core->report_leaks = settings_.report_leaks;
      constexpr Housekeeping housekeeping = housekeeping_of<DispatcherP>();
      if (settings_.limit_pool != nullptr)
        settings_.limit_pool(core->pool, settings_.pool, housekeeping != Housekeeping::at_use);
      keep_house(core->pool);
      lease = std::make_shared<detail::ClientLease>(std::move(core));
#if OKHTTP_THREADS && OKHTTP_SOCKETS
      if (!has_dns_cache_) {
        config->dns_cache = std::make_shared<DnsCache>();
        config->look_up_cached = &detail::look_up_cached;
      }
#endif
    }
    return ClientWith(std::move(config), std::move(lease));
  }
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  ClientWith build() const { return try_build().value(); }
#endif

 private:
  friend class ClientWith;
  explicit Builder(const ClientWith& client) : lease_(client.lease_) { settings_.config = *client.config_; }

  static void keep_house([[maybe_unused]] ConnectionPool& pool) {
    constexpr Housekeeping housekeeping = housekeeping_of<DispatcherP>();
    if constexpr (housekeeping == Housekeeping::on_loop) pool.set_housekeeping(detail::housekeeping_on_loop(pool));
#if OKHTTP_THREADS
    if constexpr (housekeeping == Housekeeping::by_thread) pool.set_housekeeping(detail::housekeeping_thread(pool));
#endif
  }
  Builder& use_proxies() {
    settings_.config.use_proxies();
    return *this;
  }
  Builder& set_timeout(Clock::duration Timeouts::*setting, Clock::duration value, const char* name) {
    settings_.timeout(settings_.config.timeouts.*setting, value, name);
    return *this;
  }

  Builder& use_authenticators() {
    settings_.config.use_authenticators();
    return *this;
  }

  detail::ClientSettings settings_;
  std::optional<TransportP> transport_;
  std::optional<DispatcherP> dispatcher_;
  bool has_own_transport_ = false;
  bool has_dns_cache_ = false;
  std::shared_ptr<detail::ClientLease> lease_;
};

#if OKHTTP_SOCKETS
/// Everything at its default: TLS, thread pool, gzip.
using Client = BasicClient<>;
/// Thousands of calls on one thread.
using EventLoopClient = BasicClient<EventLoopDispatcher>;
/// The smallest: plain TCP, no thread, nothing optional.
using TinyClient = BasicClient<PlainTransport, Http1Only, NoCache, InlineDispatcher, NoCompression>;

/// The client behind get, head and post: made on first use, shared, never destroyed.
const Client& default_client();

/// One request through the shared client. Errors: as Call::try_execute; Errc::bad_url.
Result<Response> try_get(std::string_view url);
Result<Response> try_get(const HttpUrl& url);
Result<Response> try_head(std::string_view url);
Result<Response> try_head(const HttpUrl& url);
Result<Response> try_post(std::string_view url, RequestBody body);
Result<Response> try_post(const HttpUrl& url, RequestBody body);
#if OKHTTP_EXCEPTIONS
/// As the try_ twins, but throw: `okhttp::get("https://example.com/").body().string()`.
inline Response get(std::string_view url) { return try_get(url).value(); }
inline Response get(const HttpUrl& url) { return try_get(url).value(); }
inline Response head(std::string_view url) { return try_head(url).value(); }
inline Response head(const HttpUrl& url) { return try_head(url).value(); }
inline Response post(std::string_view url, RequestBody body) {
  return try_post(url, std::move(body)).value();
}
inline Response post(const HttpUrl& url, RequestBody body) { return try_post(url, std::move(body)).value(); }
#endif
#endif

OKHTTP_NAMESPACE_END

#include <okhttp/client.ipp>

#endif  // OKHTTP_CLIENT_HPP
