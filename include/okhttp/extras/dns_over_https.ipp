// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_DNS_OVER_HTTPS_IPP
#define OKHTTP_EXTRAS_DNS_OVER_HTTPS_IPP

#include <okhttp/base/ascii.hpp>
#include <okhttp/base/base64.hpp>
#include <okhttp/codec/dns/dns_message.hpp>
#include <okhttp/extras/dns_over_https.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <array>
#include <span>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

inline constexpr std::string_view dns_media_type = "application/dns-message";

/// Resolves a DNS server's own name to the addresses it was given; other names, such as those of proxies,
/// as its client would.
struct BootstrapDns {
  std::string server;
  std::vector<IpAddress> addresses;
  std::shared_ptr<Dns> others;

  Task<std::vector<IpAddress>> operator()(const DnsLookup& lookup) const {
    if (lookup.host == server) return known(addresses);
    if (others != nullptr) return (*others)(lookup);
#if OKHTTP_SOCKETS
    return resolve_with_system(*lookup.runtime, lookup.host, lookup.deadline, lookup.cancellation);
#else
    return known({});
#endif
  }
  static Task<std::vector<IpAddress>> known(std::vector<IpAddress> found) { co_return found; }
};

/// While it lives, canceling one call cancels another.
class CancelAlong final : Cancellation::Hook {
 public:
  CancelAlong(Cancellation* cancellation, CallState& other) : Hook(cancellation), other_(other) { enlist(); }
  ~CancelAlong() { delist(); }

 private:
  void on_cancel() noexcept override { other_.cancel(); }
  CallState& other_;
};

}  // namespace detail

struct DnsOverHttps::State {
  explicit State(const Builder& builder)
      : url(*builder.url_), options(builder), core(builder.client_.lease->core), cache(builder.cache_) {
    options.client_.lease.reset();
    std::shared_ptr<const detail::ClientConfig>& config = options.client_.config;
    if (options.bootstrap_.empty()) return;
    auto own = std::make_shared<detail::ClientConfig>(*config);
    own->number = detail::next_client_number();
    detail::BootstrapDns bootstrap{std::string(url.host()), std::move(options.bootstrap_), config->dns};
    own->dns = std::make_shared<Dns>(detail::make_dns(std::move(bootstrap)));
    own->look_up = &detail::look_up;
    config = std::move(own);
  }
  const HttpUrl url;
  Builder options;
  const std::weak_ptr<detail::ClientCore> core;
  mutable DnsCache cache;
};

/// The questions about one host. Lives in the frame of their lookup.
class DnsOverHttps::Exchange {
 public:
  Exchange(const State& state, std::shared_ptr<detail::ClientCore> core, const DnsLookup& lookup)
      : state_(state), core_(std::move(core)), lookup_(lookup) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Asks both, and ends when enough has been answered.
  Task<void> run() {
    std::vector<Task<void>> ways;
    ways.push_back(ask_both());
    // Never starts where tasks do not suspend; there the second question is given less time.
    if (state_.options.delay_ > Clock::duration::zero()) ways.push_back(have_one_and_wait());
    std::pair<std::size_t, Result<void>> first = co_await when_any(std::move(ways));
    if (!first.second) co_await fail(std::move(first.second).error());
  }

  /// What the answers say together, and for how long it holds.
  DnsCache::Outcome outcome() const;
  std::optional<std::chrono::seconds> lifetime() const;

 private:
  using Answered = std::optional<Result<dns::Answer>>;

  Task<void> ask_both() {
    std::vector<Task<void>> questions;
    questions.push_back(ask(dns::RecordType::a, answers_[0]));
    if (state_.options.include_ipv6_) questions.push_back(ask(dns::RecordType::aaaa, answers_[1]));
    co_await when_all(std::move(questions));
  }
  Task<void> have_one_and_wait() {
    Runtime& runtime = core_->runtime();
    {
      WaitItem item(first_addresses_);
      co_await runtime.wait_any(std::span(&item, 1), Deadline::never());
    }
    co_await runtime.sleep_until(Deadline::after(runtime.now(), state_.options.delay_));
  }
  Task<void> ask(dns::RecordType type, Answered& answered) {
    Result<dns::Answer> answer = co_await query(type).outcome();
    const bool found = answer && !answer->addresses.empty();
    answered.emplace(std::move(answer));
    if (found) first_addresses_.set();
  }
  Task<dns::Answer> query(dns::RecordType type);
  Result<Request> make_request(std::string_view message) const;
  void limit(detail::CallState& call) const;
  /// The sentence every error of ours begins with.
  std::string failed() const {
    return "could not resolve " + lookup_.host + " through " + std::string(state_.url.host_header());
  }

  const State& state_;
  const std::shared_ptr<detail::ClientCore> core_;
  const DnsLookup& lookup_;
  std::array<Answered, 2> answers_;
  const Signal first_addresses_;
};

OKHTTP_DECL Result<Request> DnsOverHttps::Exchange::make_request(std::string_view message) const {
  Request::Builder builder;
  builder.header("Accept", detail::dns_media_type);
  if (state_.options.post_) {
    builder.url(state_.url);
    builder.post(RequestBody::create(std::as_bytes(std::span(message)), detail::dns_media_type));
    builder.idempotent(true);
    return builder.try_build();
  }
  HttpUrl::Builder url(state_.url);
  url.set_query_parameter("dns", base64::encode_url(message));
  Result<HttpUrl> whole = url.try_build();
  if (!whole) return std::move(whole).error();
  return builder.url(*std::move(whole)).try_build();
}

/// Where tasks do not suspend nobody ends a call that takes too long but the call itself.
OKHTTP_DECL void DnsOverHttps::Exchange::limit(detail::CallState& call) const {
  const TimePoint now = core_->runtime().now();
  Deadline deadline = lookup_.deadline;
  if (core_->runtime().blocks() && first_addresses_.is_set())
    deadline = earlier(deadline, Deadline::after(now, state_.options.delay_));
  if (deadline.is_never()) return;
  Clock::duration& timeout = call.limits.timeouts.call;
  const Clock::duration left = std::max(deadline.left(now), Clock::duration(1));  // zero is no limit
  if (timeout <= Clock::duration::zero() || left < timeout) timeout = left;
}

OKHTTP_DECL Task<dns::Answer> DnsOverHttps::Exchange::query(dns::RecordType type) {
  const Result<std::string> message = dns::write_query(lookup_.host, type);
  if (!message)
    co_await fail(Error(Errc::dns, "could not resolve " + lookup_.host + ": " + message.error().message(), message.error()));
  Result<Request> request = make_request(*message);
  if (!request) co_await fail(std::move(request).error());
  const auto call = detail::make_call(state_.options.client_.config, core_, *std::move(request));
  limit(*call);
  const detail::CancelAlong hook(lookup_.cancellation, *call);

  Result<Response> response = co_await detail::run_call(call).outcome();
  if (!response) {
    const Error& error = response.error();
    if (error.code() == Errc::misuse || error.code() == Errc::user_exception) co_await fail(error);
    co_await fail(Error(Errc::dns, failed() + ": " + error.message(), error));
  }
  const ResponseBody body = response->body();
  if (!response->is_successful())
    co_await fail(Errc::dns, failed() + ": it answered with status " + std::to_string(response->code()));
  const std::string_view type_text = body.content_type_text();
  const std::string_view essence = type_text.substr(0, type_text.find_first_of("; \t"));
  if (!ascii::iequals(essence, detail::dns_media_type))
    co_await fail(Errc::dns, failed() + ": its answer is no " + std::string(detail::dns_media_type));

  std::string answer;
  for (;;) {
    const std::size_t had = answer.size();
    answer.resize(had + 4096);
    const std::span<char> rest = std::span(answer).subspan(had);
    Result<std::size_t> count = co_await body.async_read(rest).outcome();
    if (!count)
      co_await fail(Error(Errc::dns, failed() + ": " + count.error().message(), count.error()));
    answer.resize(had + *count);
    if (*count == 0) break;
    if (answer.size() > max_response_bytes)
      co_await fail(Errc::dns, failed() + ": its answer has more than " + std::to_string(max_response_bytes) + " bytes");
  }
  Result<dns::Answer> read = dns::read_answer(answer, lookup_.host, type);
  if (!read) co_await fail(Error(Errc::dns, failed() + ": " + read.error().message(), read.error()));
  co_return *std::move(read);
}

OKHTTP_DECL DnsCache::Outcome DnsOverHttps::Exchange::outcome() const {
  std::vector<IpAddress> addresses;
  const Error* failure = nullptr;
  const dns::Answer* negative = nullptr;
  for (const Answered& each : answers_) {
    if (!each) continue;
    if (!*each) {
      // What the program did wrong is never made up for by the other answer.
      const Errc code = each->error().code();
      if (code == Errc::misuse || code == Errc::user_exception) return each->error();
      if (failure == nullptr) failure = &each->error();
      continue;
    }
    const dns::Answer& answer = **each;
    addresses.insert(addresses.end(), answer.addresses.begin(), answer.addresses.end());
    if (negative == nullptr || negative->code == dns::ResponseCode::no_error) negative = &answer;
  }
  if (!addresses.empty()) return addresses;
  // That there is no such name says more than that the other question went wrong.
  const bool no_such_name = negative != nullptr && negative->code == dns::ResponseCode::name_error;
  if (failure != nullptr && !no_such_name) return *failure;
  return dns::failure_of(*negative, lookup_.host);
}

OKHTTP_DECL std::optional<std::chrono::seconds> DnsOverHttps::Exchange::lifetime() const {
  std::optional<std::chrono::seconds> least;
  bool has_addresses = false;
  bool is_final = true;
  for (const Answered& each : answers_) {
    if (!each) continue;
    if (!*each) {
      is_final = false;
      continue;
    }
    const dns::Answer& answer = **each;
    has_addresses = has_addresses || !answer.addresses.empty();
    is_final = is_final && answer.ttl_seconds.has_value() &&
               (answer.code == dns::ResponseCode::no_error || answer.code == dns::ResponseCode::name_error);
    if (answer.ttl_seconds) {
      const std::chrono::seconds ttl(*answer.ttl_seconds);
      least = least ? std::min(*least, ttl) : ttl;
    }
  }
  // That a host has no address is kept only if both answers say so, and for how long.
  if (!has_addresses && !is_final) return std::chrono::seconds(0);
  return least ? least : std::chrono::seconds(0);
}

OKHTTP_DECL Task<std::vector<IpAddress>> DnsOverHttps::look_up(std::shared_ptr<const State> state, DnsLookup lookup) {
  if (Result<IpAddress> literal = IpAddress::try_parse(lookup.host)) co_return std::vector<IpAddress>{*literal};
  const bool is_private = is_private_host(lookup.host);
  if (!(is_private ? state->options.resolve_private_ : state->options.resolve_public_))
    co_await fail(Errc::dns, "could not resolve " + lookup.host + ": DNS over HTTPS is not asked for " +
                                 (is_private ? "private" : "public") + " hosts here");
  std::shared_ptr<detail::ClientCore> core = state->core.lock();
  if (core == nullptr) co_await fail(Errc::rejected, "the client of this DnsOverHttps is gone");
  Runtime& own = core->runtime();
  const TaskRunner* const current = TaskRunner::current();
  if (own.blocks() ? current != nullptr && !current->blocks() : current != &own)
    co_await fail(Errc::misuse,
                  "this DnsOverHttps has a client that does not run on the runtime of the caller: on an event loop "
                  "give it a client of that loop (make the caller's by new_builder() of it), else one whose calls block");

  std::optional<DnsCache::Outcome> known = state->cache.find(lookup.host, own.now());
  if (!known) {
    const std::uint64_t generation = state->cache.generation();
    Exchange exchange(*state, std::move(core), lookup);
    co_await exchange.run();
    known = exchange.outcome();
    state->cache.store(lookup.host, *known, own.now(), exchange.lifetime(), generation);
  }
  if (!*known) co_await fail(std::move(*known).error());
  co_return **std::move(known);
}

OKHTTP_DECL Task<std::vector<IpAddress>> DnsOverHttps::operator()(DnsLookup lookup) const {
  return look_up(state_, std::move(lookup));
}

OKHTTP_DECL Result<std::vector<IpAddress>> DnsOverHttps::try_lookup(std::string_view host) const {
  const std::shared_ptr<detail::ClientCore> core = state_->core.lock();
  if (core == nullptr) return Error(Errc::rejected, "the client of this DnsOverHttps is gone");
  return core->runtime().run(async_lookup(host), "async_lookup");
}

OKHTTP_DECL const HttpUrl& DnsOverHttps::url() const& noexcept { return state_->url; }
OKHTTP_DECL DnsCache& DnsOverHttps::cache() const noexcept { return state_->cache; }

OKHTTP_DECL bool DnsOverHttps::is_private_host(std::string_view host) {
  std::string name = ascii::lowered(host);
  if (name.ends_with('.')) name.pop_back();
  const std::size_t last_dot = name.rfind('.');
  if (last_dot == std::string::npos) return true;
  // The last ones are in use though nobody has reserved them (RFC 6762, appendix G).
  constexpr std::string_view domains[] = {"localhost", "local", "internal", "onion",  "intranet",
                                          "private",   "corp",  "home",     "lan"};
  const std::string_view domain = std::string_view(name).substr(last_dot + 1);
  return std::ranges::find(domains, domain) != std::end(domains) || name == "home.arpa" || name.ends_with(".home.arpa");
}

OKHTTP_DECL DnsOverHttps::Builder& DnsOverHttps::Builder::url(std::string_view text) {
  constexpr std::string_view variable = "{?dns}";
  if (text.ends_with(variable)) text.remove_suffix(variable.size());
  if (Result<HttpUrl> parsed = HttpUrl::try_parse(text))
    url_ = *std::move(parsed);
  else if (!fault_)
    fault_ = std::move(parsed).error();
  return *this;
}

OKHTTP_DECL Result<DnsOverHttps> DnsOverHttps::Builder::try_build() const {
  if (fault_) return *fault_;
  if (client_.lease == nullptr) return Error(Errc::invalid_argument, "DnsOverHttps needs a client");
  if (!url_) return Error(Errc::invalid_argument, "DnsOverHttps needs the URL of its server");
  return DnsOverHttps(std::make_shared<const State>(*this), client_.lease);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_DNS_OVER_HTTPS_IPP
