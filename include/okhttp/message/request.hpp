// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_REQUEST_HPP
#define OKHTTP_MESSAGE_REQUEST_HPP

#include <okhttp/base/copy_on_write.hpp>
#include <okhttp/base/lazily_made.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/cache_control.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/request_body.hpp>
#include <okhttp/url/http_url.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN

namespace detail {
// The address of a type's own variable stands for the type; no RTTI needed. It is not const, so
// that no linker folds two of them into one.
template <class T>
inline char tag_key = 0;
}  // namespace detail

/// What to ask a server for. Immutable and cheap to copy: copies share one record.
///
/// Lifetime: accessors give views that are valid as long as any copy; on a temporary they give
/// values. A moved-from one may only be assigned to or destroyed.
/// Thread safety: may be read, and copied, from any thread.
class Request {
 public:
  class Builder;

  const HttpUrl& url() const& noexcept { return *state_->url; }
  HttpUrl url() && { return *state_->url; }
  bool is_https() const noexcept { return state_->url->is_https(); }

  /// As it is sent: methods are case-sensitive.
  std::string_view method() const& noexcept { return state_->method; }
  std::string method() && { return state_->method; }

  const Headers& headers() const& noexcept { return state_->headers; }
  Headers headers() && { return state_->headers; }
  /// All values of this name, in order.
  std::vector<std::string_view> headers(std::string_view name) const& {
    return state_->headers.values(name);
  }
  std::vector<std::string> headers(std::string_view name) && {
    const std::vector<std::string_view> values = state_->headers.values(name);
    return {values.begin(), values.end()};
  }
  /// The value of the last header of this name.
  std::optional<std::string_view> header(std::string_view name) const& noexcept {
    return state_->headers.get(name);
  }
  std::optional<std::string> header(std::string_view name) && {
    const std::optional<std::string_view> value = state_->headers.get(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }

  /// What its Cache-Control and Pragma headers say.
  CacheControl cache_control() const { return CacheControl::parse(state_->headers); }

  /// The body, or null.
  const RequestBody* body() const& noexcept { return state_->body ? &*state_->body : nullptr; }
  std::optional<RequestBody> body() && { return state_->body; }

  /// What was attached under this type, or null.
  template <class T>
  const T* tag() const& noexcept {
    return static_cast<const T*>(find_tag(&detail::tag_key<T>).get());
  }
  template <class T>
  std::shared_ptr<const T> tag() && {
    return std::static_pointer_cast<const T>(find_tag(&detail::tag_key<T>));
  }

  /// True when doing it twice is like doing it once, so that it may be sent again after a failure:
  /// what Builder::idempotent said, else a method of RFC 9110, 9.2.2 or a header Idempotency-Key.
  bool is_idempotent() const noexcept;

  /// A builder that starts with this request; it copies what is changed only if it is still shared.
  // For the pipeline: the same request with other headers, which keep the rules of Headers.
  Request with_headers(Headers headers) const {
    detail::CopyOnWrite<State> made;
    State& state = made.write();
    state.url = state_->url;
    state.method = state_->method;
    state.headers = std::move(headers);
    state.body = state_->body;
    state.is_idempotent = state_->is_idempotent;
    state.tags = state_->tags;
    return Request(std::move(made));
  }
  // For the pipeline: what `make()` gives for this request. From the second time on it is kept, as a
  // request that is sent again is sent alike; `key` tells who asks, and only the first is remembered.
  template <class F>
  Request sent_as(std::uint64_t key, F&& make) const {
    return state_->sent_form.get(key, std::forward<F>(make));
  }

  Builder new_builder() const&;
  Builder new_builder() &&;

  /// For people and logs: method, URL and one line per header. User information, query, fragment
  /// and the values of sensitive headers are left out.
  std::string to_string() const;

 private:
  struct Tag {
    const void* key;
    std::shared_ptr<const void> value;
  };
  struct SentForm;
  /// Belongs to one state: a copy, which is about to be changed, begins without.
  class KeptForm {
   public:
    KeptForm() = default;
    KeptForm(const KeptForm&) noexcept {}
    KeptForm& operator=(const KeptForm&) = delete;

    template <class F>
    Request get(std::uint64_t key, F&& make) const;
    void forget() noexcept {
      was_sent_.store(false, std::memory_order_relaxed);
      form_.reset();
    }

   private:
    mutable std::atomic<bool> was_sent_{false};
    detail::LazilyMade<SentForm> form_;
  };
  struct State {
    std::optional<HttpUrl> url;  // never empty once built
    std::string method = "GET";
    Headers headers;
    std::optional<RequestBody> body;
    std::optional<bool> is_idempotent;
    std::vector<Tag> tags;
    KeptForm sent_form;
  };

  explicit Request(detail::CopyOnWrite<State> state) noexcept : state_(std::move(state)) {}
  const std::shared_ptr<const void>& find_tag(const void* key) const noexcept;

  detail::CopyOnWrite<State> state_;
};

struct Request::SentForm {
  std::uint64_t key;
  Request request;
};

template <class F>
Request Request::KeptForm::get(std::uint64_t key, F&& make) const {
  // Most requests are sent once; those cost nothing more.
  if (!was_sent_.load(std::memory_order_relaxed)) {
    was_sent_.store(true, std::memory_order_relaxed);
    return make();
  }
  const SentForm& kept = form_.get([&] { return SentForm{key, make()}; });
  return kept.key == key ? kept.request : make();
}

/// Makes requests. GET unless a method is set; only the URL is required.
///
/// Setters keep the first fault: `build` throws it, `try_build` returns it. The builder can be used
/// again afterwards, which does not change what it has built.
/// Thread safety: none, one thread at a time.
class Request::Builder {
 public:
  Builder() = default;

  Builder& url(HttpUrl url);
  /// An absolute URL. "ws:" and "wss:" are taken as "http:" and "https:".
  Builder& url(std::string_view url);

  /// Sets a header, instead of all others of this name.
  Builder& header(std::string_view name, std::string_view value);
  /// Adds a header, beside others of this name.
  Builder& add_header(std::string_view name, std::string_view value);
  Builder& remove_header(std::string_view name);
  /// Sets the header Cache-Control, instead of all others of this name; removes it when `control` is empty.
  Builder& cache_control(const CacheControl& control);
  /// These headers and no others.
  Builder& headers(Headers headers);

  Builder& get() { return set_method("GET", std::nullopt); }
  Builder& head() { return set_method("HEAD", std::nullopt); }
  Builder& post(RequestBody body) { return set_method("POST", std::move(body)); }
  Builder& put(RequestBody body) { return set_method("PUT", std::move(body)); }
  Builder& patch(RequestBody body) { return set_method("PATCH", std::move(body)); }
  /// DELETE with an empty body, as OkHttp sends it; method("DELETE") sends none.
  Builder& delete_() { return delete_(RequestBody::create("")); }
  Builder& delete_(RequestBody body) { return set_method("DELETE", std::move(body)); }
  /// Any method, which must be a token. POST, PUT, PATCH, PROPPATCH, QUERY and REPORT need a body;
  /// GET, HEAD and TRACE cannot have one (RFC 9110, 9.3).
  Builder& method(std::string_view method) { return set_method(method, std::nullopt); }
  Builder& method(std::string_view method, RequestBody body) {
    return set_method(method, std::move(body));
  }

#if OKHTTP_ZLIB
  /// Compresses the body, which must be set before, with gzip while it is sent, and says so in
  /// Content-Encoding. Only for servers that are known to take it. Rule: OkHttp's Request.Builder.gzip.
  /// Errors: Errc::misuse without a body, or when there is a Content-Encoding already.
  Builder& gzip();
#endif
  /// The same with any coding: `encoded<Brotli>()`.
  template <EncodingPolicy Coding>
  Builder& encoded() {
    return encode_body(Coding::encodings, &Coding::make_encoder);
  }

  /// Whether it may be sent again after a failure that leaves open whether the server has seen it:
  /// true for a POST that does no harm twice, false for a GET that does.
  Builder& idempotent(bool is_idempotent);

  /// Attaches a value under its type, instead of one that is already there. It is for interceptors
  /// and listeners and is not sent.
  template <class T>
  Builder& tag(T value) {
    return set_tag(&detail::tag_key<T>, std::make_shared<const T>(std::move(value)));
  }
  /// Takes away what is attached under this type.
  template <class T>
  Builder& remove_tag() {
    return set_tag(&detail::tag_key<T>, nullptr);
  }

  /// The request. Errors: the first fault; Errc::invalid_argument without a URL.
  Result<Request> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  Request build() const { return try_build().value(); }
#endif

 private:
  friend class Request;
  explicit Builder(detail::CopyOnWrite<State> state) noexcept : state_(std::move(state)) {}

  Builder& set_method(std::string_view method, std::optional<RequestBody> body);
  Builder& encode_body(std::string_view encoding, std::unique_ptr<ContentEncoder> (*make_encoder)());
  Builder& set_tag(const void* key, std::shared_ptr<const void> value);
  Builder& fail(Error fault);
  template <class Change>
  Builder& change_headers(Change change);

  State& write() {
    State& state = state_.write();
    state.sent_form.forget();
    return state;
  }

  detail::CopyOnWrite<State> state_;
  std::optional<Error> fault_;
};

inline Request::Builder Request::new_builder() const& { return Builder(state_); }
inline Request::Builder Request::new_builder() && { return Builder(std::move(state_)); }

OKHTTP_NAMESPACE_END

#include <okhttp/message/request.ipp>

#endif  // OKHTTP_MESSAGE_REQUEST_HPP
