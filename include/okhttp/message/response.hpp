// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RESPONSE_HPP
#define OKHTTP_MESSAGE_RESPONSE_HPP

#include <okhttp/base/copy_on_write.hpp>
#include <okhttp/base/lazily_made.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/cache_control.hpp>
#include <okhttp/message/challenge.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/response_body.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

struct Handshake;

/// What a server answered. Immutable but for its body, and cheap to copy: copies share one record
/// and one body.
///
/// Lifetime: accessors give views that are valid as long as any copy; on a temporary they give
/// values. A moved-from one may only be assigned to or destroyed. The connection is held until the
/// body is read to its end or closed, or the last copy goes away.
/// Thread safety: may be read, and copied, from any thread; for the body see ResponseBody.
class Response {
 public:
  class Builder;
  using Clock = std::chrono::system_clock;

  /// The request this answers: the last one after redirects, without the headers that the client
  /// added on the way (network_response()->request() has them).
  const Request& request() const& noexcept;
  Request request() &&;
  Protocol protocol() const noexcept;
  /// The status code, 100 to 999.
  int code() const noexcept;
  /// The text behind the code, which HTTP/2 does not have.
  std::string_view message() const& noexcept;
  std::string message() &&;
  /// True for 200 to 299.
  bool is_successful() const noexcept { return code() >= 200 && code() <= 299; }
  /// True for 300, 301, 302, 303, 307 and 308.
  bool is_redirect() const noexcept {
    const int c = code();
    return (c >= 300 && c <= 303) || c == 307 || c == 308;
  }

  const Headers& headers() const& noexcept;
  Headers headers() &&;
  /// All values of this name, in order.
  std::vector<std::string_view> headers(std::string_view name) const&;
  std::vector<std::string> headers(std::string_view name) &&;
  /// The value of the last header of this name.
  std::optional<std::string_view> header(std::string_view name) const& noexcept;
  std::optional<std::string> header(std::string_view name) &&;
  /// The same, or `other` when there is none.
  std::string_view header(std::string_view name, std::string_view other) const& noexcept {
    return header(name).value_or(other);
  }
  std::string header(std::string_view name, std::string_view other) && {
    return std::string(std::as_const(*this).header(name, other));
  }

  /// What its Cache-Control and Pragma headers say.
  CacheControl cache_control() const { return CacheControl::parse(headers()); }
  /// The challenges of a 401 (WWW-Authenticate) or a 407 (Proxy-Authenticate); none with any other code.
  std::vector<Challenge> challenges() const;

  /// Empty when there is none.
  const ResponseBody& body() const& noexcept;
  ResponseBody body() &&;
  /// The next `count` bytes of the body, or all there are, as a body in memory of the same type;
  /// the body itself still gives them. Errors: those of ResponseBody::peek.
  Task<ResponseBody> async_peek_body(std::size_t count) const;
  Result<ResponseBody> try_peek_body(std::size_t count) const;
  /// Gives up the rest of the body, see ResponseBody::close.
  Task<void> async_close() const { return body().async_close(); }
  Result<void> try_close() const { return body().try_close(); }
  /// The headers that follow the body, once it was read to its end. Errors: Errc::misuse before.
  Result<Headers> try_trailers() const { return body().try_trailers(); }
#if OKHTTP_EXCEPTIONS
  ResponseBody peek_body(std::size_t count) const { return try_peek_body(count).value(); }
  void close() const { try_close().value(); }
  Headers trailers() const { return try_trailers().value(); }
#endif

  /// What came from the network for this response, with the request as it was sent; null when the
  /// cache alone answered, or an interceptor. Its body cannot be read, as with the two below.
  const Response* network_response() const& noexcept;
  std::optional<Response> network_response() &&;
  /// What the cache had for this response, or null.
  const Response* cache_response() const& noexcept;
  std::optional<Response> cache_response() &&;
  /// The redirect or authentication challenge that led to this response, or null.
  const Response* prior_response() const& noexcept;
  std::optional<Response> prior_response() &&;

  /// What the TLS handshake of the connection agreed on, with the server's certificates; null without TLS.
  /// Outlives the response if it is kept.
  std::shared_ptr<const Handshake> handshake() const noexcept;

  /// When the request's headers began to be sent, and when this response's had arrived. For a
  /// cached response those of the original exchange. The epoch when nobody has set them.
  Clock::time_point sent_request_at() const noexcept;
  Clock::time_point received_response_at() const noexcept;
  /// From the one to the other, at least 0: sending the request, and waiting for the server.
  Clock::duration duration() const noexcept;

  /// A builder that starts with this response and shares its body. On a temporary it copies nothing
  /// unless there are other copies.
  Builder new_builder() const&;
  Builder new_builder() &&;

  /// For people and logs: protocol, code, message, URL and one line per header; secrets are left
  /// out as in Request::to_string.
  std::string to_string() const;

  // ---- For the pipeline ----

  /// A response as it came from the network: its own network response until it is changed.
  static Response received(Request request,
                           Protocol protocol,
                           int code,
                           std::string message,
                           Headers headers,
                           ResponseBody body,
                           Clock::time_point sent_at,
                           Clock::time_point received_at,
                           std::shared_ptr<const Handshake> handshake = nullptr);
  /// Makes it the answer to the request as the user's side knows it, after `prior`, whose body is dropped.
  void answer(Request request, std::optional<Response> prior);

 private:
  struct State;

  explicit Response(detail::CopyOnWrite<State> state) noexcept : state_(std::move(state)) {}

  detail::CopyOnWrite<State> state_;
};

/// Makes responses. Request, protocol and code are required.
///
/// Setters keep the first fault: `build` throws it, `try_build` returns it.
/// Thread safety: none, one thread at a time.
class Response::Builder {
 public:
  Builder() = default;

  Builder& request(Request request);
  Builder& protocol(Protocol protocol);
  /// 100 to 999.
  Builder& code(int code);
  Builder& message(std::string message);

  /// Sets a header, instead of all others of this name.
  Builder& header(std::string_view name, std::string_view value);
  /// Adds a header, beside others of this name.
  Builder& add_header(std::string_view name, std::string_view value);
  Builder& remove_header(std::string_view name);
  /// These headers and no others.
  Builder& headers(Headers headers);
  Builder& body(ResponseBody body);

  /// Null: there was none.
  Builder& handshake(std::shared_ptr<const Handshake> handshake);
  Builder& sent_request_at(Clock::time_point time);
  Builder& received_response_at(Clock::time_point time);

  /// What the builder holds now came from the network: network_response() of the result will give
  /// it, whatever is changed afterwards. Costs nothing unless headers are changed or somebody asks.
  Builder& from_network();
  /// These give their place in the result; none removes one. Their bodies become unreadable.
  Builder& network_response(std::optional<Response> response);
  Builder& cache_response(std::optional<Response> response);
  Builder& prior_response(std::optional<Response> response);

  /// The response. Errors: the first fault; Errc::invalid_argument for a missing part.
  Result<Response> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  Response build() const { return try_build().value(); }
#endif

 private:
  friend class Response;
  explicit Builder(detail::CopyOnWrite<State> state) noexcept : state_(std::move(state)) {}

  State& write_head();
  Builder& fail(Error fault);
  template <class Change>
  Builder& change_headers(Change change);

  detail::CopyOnWrite<State> state_;
  std::optional<Error> fault_;
};

struct Response::State {
  std::optional<Request> request;  // this, protocol and code are set once built
  std::optional<Protocol> protocol;
  int code = 0;
  std::string message;
  Headers headers;
  ResponseBody body;
  Clock::time_point sent_request_at{};
  Clock::time_point received_response_at{};
  std::shared_ptr<const Handshake> handshake;
  std::optional<Response> network_response;
  std::optional<Response> cache_response;
  std::optional<Response> prior_response;
  // Set: the head is still as it came from the network, for this request; the network response is
  // derived when it is first asked for.
  std::optional<Request> network_request;
  detail::LazilyMade<Response> derived_network_response;

  Response derive_network_response() const;
};

inline const Request& Response::request() const& noexcept { return *state_->request; }
inline Request Response::request() && { return *state_->request; }
inline Protocol Response::protocol() const noexcept { return *state_->protocol; }
inline int Response::code() const noexcept { return state_->code; }
inline std::string_view Response::message() const& noexcept { return state_->message; }
inline std::string Response::message() && { return state_->message; }
inline const Headers& Response::headers() const& noexcept { return state_->headers; }
inline Headers Response::headers() && { return state_->headers; }
inline std::vector<std::string_view> Response::headers(std::string_view name) const& {
  return state_->headers.values(name);
}
inline std::vector<std::string> Response::headers(std::string_view name) && {
  const std::vector<std::string_view> values = state_->headers.values(name);
  return {values.begin(), values.end()};
}
inline std::optional<std::string_view> Response::header(std::string_view name) const& noexcept {
  return state_->headers.get(name);
}
inline std::optional<std::string> Response::header(std::string_view name) && {
  const std::optional<std::string_view> value = state_->headers.get(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}
inline const ResponseBody& Response::body() const& noexcept { return state_->body; }
inline ResponseBody Response::body() && { return state_->body; }
inline std::optional<Response> Response::network_response() && {
  const Response* const response = std::as_const(*this).network_response();
  return response ? std::optional<Response>(*response) : std::nullopt;
}
inline const Response* Response::cache_response() const& noexcept {
  return state_->cache_response ? &*state_->cache_response : nullptr;
}
inline std::optional<Response> Response::cache_response() && { return state_->cache_response; }
inline const Response* Response::prior_response() const& noexcept {
  return state_->prior_response ? &*state_->prior_response : nullptr;
}
inline std::optional<Response> Response::prior_response() && { return state_->prior_response; }
inline std::shared_ptr<const Handshake> Response::handshake() const noexcept { return state_->handshake; }
inline Response::Clock::time_point Response::sent_request_at() const noexcept {
  return state_->sent_request_at;
}
inline Response::Clock::time_point Response::received_response_at() const noexcept {
  return state_->received_response_at;
}
inline Response::Builder Response::new_builder() const& { return Builder(state_); }
inline Response::Builder Response::new_builder() && { return Builder(std::move(state_)); }

OKHTTP_NAMESPACE_END

#include <okhttp/message/response.ipp>

#endif  // OKHTTP_MESSAGE_RESPONSE_HPP
