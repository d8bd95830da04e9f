// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_REQUEST_IPP
#define OKHTTP_MESSAGE_REQUEST_IPP

#include <okhttp/message/request.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <initializer_list>

OKHTTP_NAMESPACE_BEGIN

namespace detail::request {

OKHTTP_DECL bool is_one_of(std::string_view text,
                           std::initializer_list<std::string_view> texts) noexcept {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// A URL without what may be secret in it.
OKHTTP_DECL std::string shown(const HttpUrl& url) {
  std::string text(url.scheme());
  text.append("://").append(url.host_header()).append(url.encoded_path());
  if (url.encoded_query()) text.append("?").append(redacted_mark);
  return text;
}

}  // namespace detail::request

OKHTTP_DECL bool Request::is_idempotent() const noexcept {
  if (state_->is_idempotent) return *state_->is_idempotent;
  return detail::request::is_one_of(state_->method,
                                    {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) ||
         state_->headers.contains("Idempotency-Key");
}

OKHTTP_DECL std::string Request::to_string() const {
  return state_->method + " " + detail::request::shown(url()) + "\n" + state_->headers.to_string();
}

OKHTTP_DECL const std::shared_ptr<const void>& Request::find_tag(const void* key) const noexcept {
  static const std::shared_ptr<const void> none;
  for (const Tag& tag : state_->tags)
    if (tag.key == key) return tag.value;
  return none;
}

OKHTTP_DECL Request::Builder& Request::Builder::fail(Error fault) {
  if (!fault_) fault_ = std::move(fault);
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::url(HttpUrl url) {
  write().url = std::move(url);
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::url(std::string_view url) {
  std::string as_http;
  const std::size_t colon = url.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view scheme = url.substr(0, colon);
    if (ascii::iequals(scheme, "ws")) as_http = "http";
    if (ascii::iequals(scheme, "wss")) as_http = "https";
    if (!as_http.empty()) {
      as_http += url.substr(colon);
      url = as_http;
    }
  }
  Result<HttpUrl> parsed = HttpUrl::try_parse(url);
  if (!parsed) return fail(std::move(parsed).error());
  return this->url(*std::move(parsed));
}

template <class Change>
Request::Builder& Request::Builder::change_headers(Change change) {
  Headers& headers = write().headers;
  Headers::Builder builder(std::move(headers));
  change(builder);
  if (builder.fault()) return fail(*builder.fault());  // never sent, so the headers are not missed
  headers = *std::move(builder).try_build();
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::header(std::string_view name,
                                                       std::string_view value) {
  return change_headers([&](Headers::Builder& builder) { builder.set(name, value); });
}

OKHTTP_DECL Request::Builder& Request::Builder::add_header(std::string_view name,
                                                           std::string_view value) {
  return change_headers([&](Headers::Builder& builder) { builder.add(name, value); });
}

OKHTTP_DECL Request::Builder& Request::Builder::remove_header(std::string_view name) {
  write().headers.remove_all(name);
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::cache_control(const CacheControl& control) {
  if (control.to_string().empty()) return remove_header("Cache-Control");
  return header("Cache-Control", control.to_string());
}

OKHTTP_DECL Request::Builder& Request::Builder::headers(Headers headers) {
  write().headers = std::move(headers);
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::set_method(std::string_view method,
                                                           std::optional<RequestBody> body) {
  using detail::request::is_one_of;
  if (!ascii::is_token(method))
    return fail(Error(Errc::invalid_argument, "a method has to be a token (RFC 9110, 5.6.2)"));
  if (body && is_one_of(method, {"GET", "HEAD", "TRACE"}))
    return fail(Error(Errc::invalid_argument, "a request with method ", method, " cannot have a body"));
  if (!body && is_one_of(method, {"POST", "PUT", "PATCH", "PROPPATCH", "QUERY", "REPORT"}))
    return fail(Error(Errc::invalid_argument, "a request with method ", method,
                      " needs a body; RequestBody::create(\"\") is an "
                      "empty one"));
  if (body && body->fault()) return fail(*body->fault());
  State& state = write();
  state.method = method;
  state.body = std::move(body);
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::encode_body(std::string_view encoding,
                                                            std::unique_ptr<ContentEncoder> (*make_encoder)()) {
  State& state = write();
  if (!state.body) return fail(Error(Errc::misuse, "there is no request body to compress; set it first"));
  if (state.headers.contains("Content-Encoding") || !state.body->content_encoding().empty())
    return fail(Error(Errc::misuse, "the request body has a Content-Encoding already"));
  state.body = RequestBody::encoded(*std::move(state.body), encoding, make_encoder);
  return header("Content-Encoding", encoding);
}

#if OKHTTP_ZLIB
OKHTTP_DECL Request::Builder& Request::Builder::gzip() {
  return encode_body("gzip", &detail::request_body::make_gzip_encoder);
}
#endif

OKHTTP_DECL Request::Builder& Request::Builder::idempotent(bool is_idempotent) {
  write().is_idempotent = is_idempotent;
  return *this;
}

OKHTTP_DECL Request::Builder& Request::Builder::set_tag(const void* key,
                                                        std::shared_ptr<const void> value) {
  std::vector<Tag>& tags = write().tags;
  std::erase_if(tags, [&](const Tag& tag) { return tag.key == key; });
  if (value) tags.push_back({key, std::move(value)});
  return *this;
}

OKHTTP_DECL Result<Request> Request::Builder::try_build() const {
  if (fault_) return *fault_;
  if (!state_ || !state_->url)
    return Error(Errc::invalid_argument, "a request needs a URL: Request::Builder().url(...)");
  return Request(state_);
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_REQUEST_IPP
