// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_RESPONSE_IPP
#define OKHTTP_MESSAGE_RESPONSE_IPP

#include <okhttp/message/response.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdint>

OKHTTP_NAMESPACE_BEGIN

namespace detail::response {

/// A body that says what these headers say about it, and cannot be read.
OKHTTP_DECL ResponseBody unreadable_body(const Headers& headers) {
  std::uint64_t length = 0;
  const std::string_view text = headers.get("Content-Length").value_or("");
  const bool has_length = ascii::parse_decimal(text, length) && length <= INT64_MAX;
  return ResponseBody::unreadable(std::string(headers.get("Content-Type").value_or("")),
                                  has_length ? static_cast<std::int64_t>(length) : -1);
}

OKHTTP_DECL std::optional<Response> without_body(std::optional<Response> response) {
  if (!response) return std::nullopt;
  ResponseBody body = unreadable_body(response->headers());
  Response::Builder builder = std::move(*response).new_builder();
  builder.body(std::move(body));
  return *builder.try_build();
}

OKHTTP_DECL Task<ResponseBody> peek(ResponseBody body, std::size_t count) {
  std::string ahead = co_await body.async_peek(count);
  co_return ResponseBody::of(std::move(ahead), std::string(body.content_type_text()));
}

}  // namespace detail::response

OKHTTP_DECL Response Response::received(Request request, Protocol protocol, int code, std::string message,
                                        Headers headers, ResponseBody body, Clock::time_point sent_at,
                                        Clock::time_point received_at,
                                        std::shared_ptr<const Handshake> handshake) {
  detail::CopyOnWrite<State> made;
  State& state = made.write();
  state.network_request = request;
  state.request = std::move(request);
  state.protocol = protocol;
  state.code = code;
  state.message = std::move(message);
  state.headers = std::move(headers);
  state.body = std::move(body);
  state.sent_request_at = sent_at;
  state.received_response_at = received_at;
  state.handshake = std::move(handshake);
  return Response(std::move(made));
}

OKHTTP_DECL std::vector<Challenge> Response::challenges() const {
  switch (code()) {
    case 401: return parse_challenges(headers(), "WWW-Authenticate");
    case 407: return parse_challenges(headers(), "Proxy-Authenticate");
    default: return {};
  }
}

OKHTTP_DECL void Response::answer(Request request, std::optional<Response> prior) {
  State& state = state_.write();
  state.request = std::move(request);
  if (prior) state.prior_response = detail::response::without_body(std::move(prior));
}

OKHTTP_DECL Task<ResponseBody> Response::async_peek_body(std::size_t count) const {
  return detail::response::peek(body(), count);
}

OKHTTP_DECL Result<ResponseBody> Response::try_peek_body(std::size_t count) const {
  Result<std::string> ahead = body().try_peek(count);
  if (!ahead) return std::move(ahead).error();
  return ResponseBody::of(*std::move(ahead), std::string(body().content_type_text()));
}

OKHTTP_DECL const Response* Response::network_response() const& noexcept {
  if (state_->network_response) return &*state_->network_response;
  if (!state_->network_request) return nullptr;
  return &state_->derived_network_response.get([&] { return state_->derive_network_response(); });
}

OKHTTP_DECL Response::Clock::duration Response::duration() const noexcept {
  return std::max(received_response_at() - sent_request_at(), Clock::duration::zero());
}

OKHTTP_DECL std::string Response::to_string() const {
  std::string text(okhttp::to_string(protocol()));
  text.append(" ").append(std::to_string(code()));
  if (!state_->message.empty()) text.append(" ").append(state_->message);
  text.append(" ").append(detail::request::shown(request().url())).append("\n");
  return text += state_->headers.to_string();
}

OKHTTP_DECL Response Response::State::derive_network_response() const {
  detail::CopyOnWrite<State> made;
  State& state = made.write();
  state.request = network_request;
  state.protocol = protocol;
  state.code = code;
  state.message = message;
  state.headers = headers;
  state.body = detail::response::unreadable_body(headers);
  state.sent_request_at = sent_request_at;
  state.received_response_at = received_response_at;
  state.handshake = handshake;
  return Response(std::move(made));
}

/// For what the network response has as well: it is derived before it would change with it.
OKHTTP_DECL Response::State& Response::Builder::write_head() {
  State& state = state_.write();
  if (state.network_request) {
    state.network_response = state.derive_network_response();
    state.network_request.reset();
  }
  return state;
}

OKHTTP_DECL Response::Builder& Response::Builder::fail(Error fault) {
  if (!fault_) fault_ = std::move(fault);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::request(Request request) {
  state_.write().request = std::move(request);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::protocol(Protocol protocol) {
  write_head().protocol = protocol;
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::code(int code) {
  if (code < 100 || code > 999)
    return fail(Error(Errc::invalid_argument, "a status code is from 100 to 999, not ", std::to_string(code)));
  write_head().code = code;
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::message(std::string message) {
  write_head().message = std::move(message);
  return *this;
}

template <class Change>
Response::Builder& Response::Builder::change_headers(Change change) {
  Headers& headers = write_head().headers;
  Headers::Builder builder(std::move(headers));
  change(builder);
  if (builder.fault()) return fail(*builder.fault());  // never built, so the headers are not missed
  headers = *std::move(builder).try_build();
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::header(std::string_view name,
                                                         std::string_view value) {
  return change_headers([&](Headers::Builder& builder) { builder.set(name, value); });
}

OKHTTP_DECL Response::Builder& Response::Builder::add_header(std::string_view name,
                                                             std::string_view value) {
  return change_headers([&](Headers::Builder& builder) { builder.add(name, value); });
}

OKHTTP_DECL Response::Builder& Response::Builder::remove_header(std::string_view name) {
  write_head().headers.remove_all(name);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::headers(Headers headers) {
  write_head().headers = std::move(headers);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::body(ResponseBody body) {
  state_.write().body = std::move(body);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::handshake(std::shared_ptr<const Handshake> handshake) {
  write_head().handshake = std::move(handshake);
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::sent_request_at(Clock::time_point time) {
  write_head().sent_request_at = time;
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::received_response_at(Clock::time_point time) {
  write_head().received_response_at = time;
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::from_network() {
  State& state = state_.write();
  state.network_response.reset();
  state.derived_network_response.reset();
  state.network_request = state.request;
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::network_response(
    std::optional<Response> response) {
  State& state = state_.write();
  state.network_request.reset();
  state.network_response = detail::response::without_body(std::move(response));
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::cache_response(std::optional<Response> response) {
  state_.write().cache_response = detail::response::without_body(std::move(response));
  return *this;
}

OKHTTP_DECL Response::Builder& Response::Builder::prior_response(std::optional<Response> response) {
  state_.write().prior_response = detail::response::without_body(std::move(response));
  return *this;
}

OKHTTP_DECL Result<Response> Response::Builder::try_build() const {
  if (fault_) return *fault_;
  const char* missing = nullptr;
  if (!state_ || !state_->request)
    missing = "a request";
  else if (!state_->protocol)
    missing = "a protocol";
  else if (state_->code == 0)
    missing = "a code";
  if (missing != nullptr) return Error(Errc::invalid_argument, "a response needs ", missing);
  return Response(state_);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_RESPONSE_IPP
