// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_CLIENT_CONFIG_HPP
#define OKHTTP_CALL_CLIENT_CONFIG_HPP

#include <okhttp/connection/call_limits.hpp>
#include <okhttp/connection/connection_pool.hpp>
#include <okhttp/connection/connection_settings.hpp>
#include <okhttp/connection/dns_cache.hpp>
#include <okhttp/connection/further_pools.hpp>
#include <okhttp/connection/route_database.hpp>
#include <okhttp/dispatch/dispatcher.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/decoding_source.hpp>
#include <okhttp/message/response.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

class Call;
class Chain;
class CookieJar;
class EventListener;

/// Sees a request on its way out and its response on the way back: any callable
/// `Task<Response>(Chain&)`, a coroutine or not. The client keeps it; several calls may run it at
/// once. On an event loop it must not block.
using Interceptor = UniqueFunction<Task<Response>(Chain&)>;

/// Is told of a response that nobody has closed.
using LeakCallback = UniqueFunction<void(const OpenBody&)>;

/// Gives the listener of a new call, or null for a call that needs none. Any callable
/// `std::shared_ptr<EventListener>(const Call&)`, called by whoever makes the call, before it is
/// executed; many threads may do so at once. Must not throw.
using EventListenerFactory = UniqueFunction<std::shared_ptr<EventListener>(const Call&)>;

namespace detail {

class CallState;
class ClientCore;
class RetryPolicyFunction;
struct Exchange;
struct ProxiedRequest;
struct Tunnel;
using CallHandle = std::shared_ptr<CallState>;

// What the settings below point to.
Task<std::vector<IpAddress>> look_up(CallState& call, std::string host, Deadline deadline);
Task<std::unique_ptr<Connection>> open_through_proxies(CallState& call, const Address& address, const HttpUrl& url);
Task<std::unique_ptr<Stream>> pass_proxy(CallState& call, Route route, const Endpoint& hop,
                                         std::unique_ptr<Tunnel>& tunnel, std::unique_ptr<Stream> stream);
#if OKHTTP_TLS
Task<std::unique_ptr<Connection>> open_with_early_data(CallState& call, const Address& address,
                                                       const Request& request);
#endif
Task<Response> follow_up_with_all(CallState& call, Request request);
std::unique_ptr<const ProxiedRequest> proxied_request(const Proxy& proxy, const Request& request);
Task<std::optional<Request>> authenticate(CallState& call, const Response& response);
void note_route(CallState& call, const Connection& connection);
Request withhold(const CallState& call, const Connection& connection, Request request);
Task<Response> connect_with_cookies(CallState& call, Request request);

/// The settings of one client. Immutable once the client is built; calls share it.
struct ClientConfig : ConnectionSettings {
  /// No other client of the process has it.
  std::uint64_t number = 0;
  Timeouts timeouts;
  http1::Limits http1;
  DecodingLimits decoding;
  bool follow_redirects = true;
  bool follow_ssl_redirects = true;
  bool retry_on_connection_failure = true;
  /// Race the addresses of a host, if the transport can.
  bool fast_fallback = true;
  /// Redirects and other follow-ups of one call; one more fails it.
  std::size_t max_follow_ups = 20;
  /// What the system's resolver said of late; derived clients share it. Null: every call asks.
  std::shared_ptr<DnsCache> dns_cache;
  std::string user_agent = "okhttp-cpp/" OKHTTP_VERSION;
  /// Connection, Accept-Encoding and User-Agent as most requests have them.
  Headers usual_headers;
  std::vector<std::shared_ptr<Interceptor>> interceptors;
  std::vector<std::shared_ptr<Interceptor>> network_interceptors;
#if OKHTTP_EVENTS
  std::shared_ptr<EventListenerFactory> event_listener_factory;
#endif
  /// The pool of its calls, which the client's handles keep, and these settings do not: calls that outlive the
  /// client have them. Empty: the client's own.
  std::weak_ptr<ConnectionPool> pool;
  std::shared_ptr<ConnectionPool> (*lock_pool)(const std::weak_ptr<ConnectionPool>& pool) = nullptr;  // pool
  /// Answers 401; null: nobody does.
  std::shared_ptr<Authenticator> authenticator;
  /// Null: cookies are not kept.
  std::shared_ptr<CookieJar> cookie_jar;
  /// Null: nothing is repeated but by the rules of HTTP.
  std::shared_ptr<const RetryPolicyFunction> retry_policy;
  /// What Accept-Encoding says; empty: responses are taken as they come.
  std::string_view encodings;
  std::unique_ptr<ContentDecoder> (*make_decoder)(std::string_view encoding) = nullptr;

  // Functions of the pipeline that not every client needs. They are set with what needs them and null
  // otherwise, so that a program in which nothing does so does not contain them.
  Task<Response> (*start_chain)(CallHandle call) = nullptr;                // interceptors
  bool (*may_fall_back)(const Endpoint& endpoint, const Error& failure) = nullptr;  // tls
  Task<Response> (*start_network_chain)(CallState& call, Exchange& exchange,
                                        Request request) = nullptr;        // network_interceptors
  Task<std::unique_ptr<Connection>> (*open_through_proxies)(CallState& call, const Address& address,
                                                            const HttpUrl& url) = nullptr;  // proxy, proxy_selector
  Task<std::unique_ptr<Stream>> (*pass_proxy)(CallState& call, Route route, const Endpoint& hop,
                                              std::unique_ptr<Tunnel>& tunnel,
                                              std::unique_ptr<Stream> stream) = nullptr;    // the same
  std::unique_ptr<const ProxiedRequest> (*proxied_request)(const Proxy& proxy,
                                                           const Request& request) = nullptr;  // the same
  Result<Response> (*decode_response)(const ClientConfig& config, Response response) = nullptr;  // encodings
  Task<std::vector<IpAddress>> (*look_up)(CallState& call, std::string host, Deadline deadline) = nullptr;  // dns
#if OKHTTP_TLS
  Task<std::unique_ptr<Connection>> (*open_with_early_data)(CallState& call, const Address& address,
                                                            const Request& request) = nullptr;  // early_data
#endif
#if OKHTTP_EVENTS
  void (*attach_listener)(CallState& call) = nullptr;  // event_listener_factory
#endif
  Task<Response> (*follow_up)(CallState& call, Request request) = nullptr;           // the three below, early_data
  void (*note_route)(CallState& call, const Connection& connection) = nullptr;       // authenticators
  Request (*withhold)(const CallState& call, const Connection& connection, Request request) = nullptr;  // the same
  Task<std::optional<Request>> (*authenticate)(CallState& call, const Response& response) = nullptr;
  Task<Response> (*connect_with_cookies)(CallState& call, Request request) = nullptr;  // cookie_jar
  Task<Response> (*repeat)(CallState& call, const Request& request) = nullptr;       // retry_policy
  Task<std::vector<IpAddress>> (*look_up_cached)(CallState& call, std::string host,
                                                 Deadline deadline) = nullptr;  // dns_cache

  void set_pool(const std::shared_ptr<ConnectionPool>& own) {
    pool = own;
    lock_pool = [](const std::weak_ptr<ConnectionPool>& held) { return held.lock(); };
  }
  void set_dns(std::shared_ptr<Dns> function) {
    dns = std::move(function);
    look_up = dns != nullptr ? &detail::look_up : nullptr;
  }
  void set_cookie_jar(std::shared_ptr<CookieJar> jar) {
    cookie_jar = std::move(jar);
    connect_with_cookies = cookie_jar != nullptr ? &detail::connect_with_cookies : nullptr;
  }
  void use_proxies() {
    open_through_proxies = &detail::open_through_proxies;
    pass_proxy = &detail::pass_proxy;
    proxied_request = &detail::proxied_request;
  }
  void use_authenticators() {
    authenticate = &detail::authenticate;
    note_route = &detail::note_route;
    withhold = &detail::withhold;
    follow_up = &detail::follow_up_with_all;
  }
};

inline std::uint64_t next_client_number() noexcept {
  static constinit std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// What a client shares with those derived from it, with its calls and with its open responses.
class ClientCore {
 public:
  ClientCore(std::unique_ptr<DispatchBackend> dispatch_backend, DispatcherOptions dispatcher_options,
             ConnectionPoolOptions pool_options)
      : pool(pool_options, &dispatch_backend->runtime()),
        backend(std::move(dispatch_backend)),
        dispatcher(dispatcher_options, *backend) {}
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore() {
    pool.tear_down();
    if (FurtherPools* const further = further_pools.load(std::memory_order_acquire)) further->tear_down();
  }

  Runtime& runtime() noexcept { return backend->runtime(); }

  /// Told of each response that is open when the last client handle goes; null: nobody is.
  std::shared_ptr<LeakCallback> leak_callback;
  void (*report_leaks)(ClientCore& core) = nullptr;

  /// Null until there are some.
  struct FurtherPoolsPointer : std::atomic<FurtherPools*> {
    FurtherPoolsPointer() noexcept : std::atomic<FurtherPools*>(nullptr) {}
    ~FurtherPoolsPointer() { delete load(std::memory_order_acquire); }
  } further_pools;
  ConnectionPool pool;  // empty before the runtime goes, but what that still owns may tell it that it goes
  const std::unique_ptr<DispatchBackend> backend;
  Dispatcher dispatcher;
#if OKHTTP_THREADS
  RouteDatabase routes;
#endif
};

/// What is wrong with a pool that is not one of the client's.
inline Error foreign_pool() {
  return Error(Errc::misuse, "a connection pool has to be made by the client that uses it, with new_connection_pool");
}

/// Makes a pool one of this client's, and gives a handle to it.
inline std::shared_ptr<ConnectionPool> add_pool(const std::shared_ptr<ClientCore>& core,
                                                std::shared_ptr<ConnectionPool> pool) {
  pool->set_client(core);
  FurtherPools* pools = core->further_pools.load(std::memory_order_acquire);
  if (pools == nullptr) {
    std::unique_ptr<FurtherPools> made = make_further_pools(core->runtime());
    if (core->further_pools.compare_exchange_strong(pools, made.get(), std::memory_order_acq_rel))
      pools = made.release();
  }
  return pools->add(std::move(pool));
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CALL_CLIENT_CONFIG_HPP
