// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTING_RECORDED_REQUEST_HPP
#define OKHTTP_TESTING_RECORDED_REQUEST_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/url/http_url.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// What a RecordedRequest shows.
struct RecordedData {
  std::string method;
  std::string target;
  Protocol protocol = Protocol::http_1_1;
  Headers headers;
  Headers trailers;
  std::string body;
  std::uint64_t body_size = 0;
  std::vector<std::uint64_t> chunk_sizes;
  std::size_t connection_index = 0;
  std::size_t exchange_index = 0;
  std::shared_ptr<const Handshake> handshake;
  std::uint16_t server_port = 0;
  std::optional<Error> failure;
};

}  // namespace detail

/// A request as the MockWebServer received it. Cheap to copy: copies share the content.
///
/// Called on a temporary, accessors give values.
/// Thread safety: immutable; may be read from any thread.
class RecordedRequest {
 public:
  /// Empty when reading failed before the head was complete.
  const std::string& method() const& noexcept { return data_->method; }
  std::string method() && { return data_->method; }
  /// Path and query as sent.
  const std::string& target() const& noexcept { return data_->target; }
  std::string target() && { return data_->target; }
  /// The target without its query.
  std::string_view path() const& noexcept {
    return std::string_view(data_->target).substr(0, data_->target.find('?'));
  }
  std::string path() && { return std::string(std::as_const(*this).path()); }
  /// http_1_0 or http_1_1.
  Protocol protocol() const noexcept { return data_->protocol; }
  /// "GET /path HTTP/1.1".
  std::string request_line() const;
  /// Where the request was sent to, by its Host header.
  /// Errors: Errc::bad_url for a Host or a target that no URL can have.
  Result<HttpUrl> try_url() const;
  HttpUrl url() const { return try_url().value(); }

  const Headers& headers() const& noexcept { return data_->headers; }
  Headers headers() && { return data_->headers; }
  /// The value of the last header of this name.
  std::optional<std::string_view> header(std::string_view name) const& noexcept {
    return data_->headers.get(name);
  }
  std::optional<std::string> header(std::string_view name) && {
    return Headers(data_->headers).get(name);
  }
  const Headers& trailers() const& noexcept { return data_->trailers; }
  Headers trailers() && { return data_->trailers; }

  /// The body without its framing; its beginning if it is longer than the server's body limit.
  const std::string& body() const& noexcept { return data_->body; }
  std::string body() && { return data_->body; }
  /// How many bytes of body arrived.
  std::uint64_t body_size() const noexcept { return data_->body_size; }
  /// The sizes of the chunks of a chunked body without the last, empty one; of the first million.
  const std::vector<std::uint64_t>& chunk_sizes() const& noexcept { return data_->chunk_sizes; }
  std::vector<std::uint64_t> chunk_sizes() && { return data_->chunk_sizes; }

  /// Which of the server's connections it came on, counted from 0 as they were accepted.
  std::size_t connection_index() const noexcept { return data_->connection_index; }
  /// Its place on that connection, counted from 0.
  std::size_t exchange_index() const noexcept { return data_->exchange_index; }
  /// What TLS agreed on; null without TLS. Lives as long as any copy of this request.
  const Handshake* handshake() const noexcept { return data_->handshake.get(); }
  /// The host names that the client sent in its handshake (SNI); none without TLS, or for an
  /// address.
  std::vector<std::string> handshake_server_names() const;
  /// Why the request was not read to its end, or null. What was read before is there.
  const Error* failure() const noexcept { return data_->failure ? &*data_->failure : nullptr; }

  /// For the server.
  explicit RecordedRequest(std::shared_ptr<const detail::RecordedData> data) noexcept
      : data_(std::move(data)) {}

 private:
  std::shared_ptr<const detail::RecordedData> data_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/testing/recorded_request.ipp>

#endif  // OKHTTP_TESTING_RECORDED_REQUEST_HPP
