// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_PROXY_SELECTOR_HPP
#define OKHTTP_CONNECTION_PROXY_SELECTOR_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/config.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/url/http_url.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

/// Which proxies to try for a URL, in order. Cheap to copy: copies share one function.
///
/// Thread safety: `select` may be called from any thread, so a callable given here may run on
/// several at once and must not block an event loop.
class ProxySelector {
 public:
  /// Gives the value of an environment variable, or nothing when it is not set.
  using Environment = UniqueFunction<std::optional<std::string>(std::string_view name)>;

  /// Selects no proxy.
  ProxySelector() = default;
  /// Asks a callable `(const HttpUrl&)` that gives a std::vector<Proxy> or a Result of one.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, ProxySelector> &&
           std::is_invocable_r_v<Result<std::vector<Proxy>>, std::decay_t<F>&, const HttpUrl&>)
      ProxySelector(F&& function)  // NOLINT: implicit, a lambda is passed as it is
      : function_(std::make_shared<const Function>(std::forward<F>(function))) {}

  /// Asks a callable `(const HttpUrl&)` that gives a Task of a std::vector<Proxy>: one that has to wait. The URL
  /// outlives the task.
  template <class F>
  requires std::is_same_v<std::invoke_result_t<std::decay_t<F>&, const HttpUrl&>, Task<std::vector<Proxy>>>
      ProxySelector(F&& function)  // NOLINT: the same
      : waiting_(std::make_shared<const Waiting>(std::forward<F>(function))) {}
  /// Always these, in this order: `ProxySelector::of({Proxy::http("a", 80), Proxy::none()})`.
  static ProxySelector of(std::vector<Proxy> proxies);

  /// What the environment says now; variables that change later change nothing.
  ///
  /// `http_proxy` is for http URLs, `https_proxy` for https URLs, `all_proxy` for those that the
  /// former says nothing about; all are read by Proxy::try_parse. `no_proxy` lists hosts without
  /// proxy. Each name is looked up in lower case first, then in capitals; only HTTP_PROXY does not
  /// count, because a CGI program gets it from a header `Proxy` of whoever calls it. An empty
  /// variable is as good as none.
  ///
  /// The entries of `no_proxy` are separated by commas or blanks; their case does not matter.
  /// - "*", as the whole value: no proxy for any host. Inside a list, or as part of a name, it is
  ///   no wildcard.
  /// - "example.com": this name and all below it (www.example.com, but not anexample.com). Dots in
  ///   front and one at the end are ignored.
  /// - "192.0.2.1", "2001:db8::1": this address, if the URL has it as its host; names are not
  ///   resolved for this. IPv6 may stand in brackets.
  /// - "192.0.2.0/24", "2001:db8::/32", "[2001:db8::]/32": all addresses of the block.
  /// - with ":port" behind it (IPv6 then in brackets): only if the URL has this port.
  /// Anything else is ignored. "localhost" is a name like any other.
  ///
  /// Errors: none here; a variable that is no proxy makes `select` fail for the URLs it is for.
  /// Rule: curl's, but for ports and blocks of /0.
  static ProxySelector from_environment();
  /// The same with variables from anywhere. `environment` is called before this returns, not later.
  static ProxySelector from_environment(const Environment& environment);

  /// The proxies to try for this URL: at least one, Proxy::none() when nothing fits.
  ///
  /// Errors: what the callable gives; Errc::misuse for one that gives a Task, which async_select() waits for;
  /// Errc::invalid_argument for an environment variable that is no
  /// proxy, with the variable's name but nothing of its value. What a callable throws passes
  /// through.
  Result<std::vector<Proxy>> select(const HttpUrl& url) const;

  /// The same for any callable; on an event loop it may wait. The selector is kept alive meanwhile, and the URL
  /// outlives the task. Errors: as select.
  Task<std::vector<Proxy>> async_select(const HttpUrl& url) const;

  // For the pipeline: `change` is called with each of the shared pointers to the function.
  template <class Change>
  void each_function(Change change) {
    change(function_);
    change(waiting_);
  }

  /// The same object, copied.
  friend bool operator==(const ProxySelector& a, const ProxySelector& b) noexcept {
    return a.function_ == b.function_ && a.waiting_ == b.waiting_;
  }

 private:
  using Function = UniqueFunction<Result<std::vector<Proxy>>(const HttpUrl& url)>;

  using Waiting = UniqueFunction<Task<std::vector<Proxy>>(const HttpUrl& url)>;
  std::shared_ptr<const Function> function_;
  std::shared_ptr<const Waiting> waiting_;  // both null: no proxy
};

OKHTTP_NAMESPACE_END

#include <okhttp/connection/proxy_selector.ipp>

#endif  // OKHTTP_CONNECTION_PROXY_SELECTOR_HPP
