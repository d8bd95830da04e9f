// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_BRIDGE_IPP
#define OKHTTP_CALL_BRIDGE_IPP

#include <okhttp/call/bridge.hpp>
#include <okhttp/message/decoding_source.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The headers a request has on the wire: the user's, and what HTTP needs beside them.
/// Rule: OkHttp's BridgeInterceptor; Host comes first (RFC 9110, 7.2).
OKHTTP_DECL Headers network_headers(const ClientConfig& config, const Request& request, bool asks_for_coding) {
  const Headers& given = request.headers();
  const RequestBody* const body = request.body();
  constexpr std::size_t room = 192;  // for what is added below, in most cases
  Headers headers;
  headers.reserve(given.byte_count() + request.url().host_header().size() + config.user_agent.size() + room,
                  given.size() + 7);
  if (!given.contains("Host")) headers.append_unchecked("Host", request.url().host_header());
  for (const Header header : given) headers.append_unchecked(header.name, header.value);
  if (body != nullptr) {
    if (const std::optional<std::string_view> type = body->content_type()) {
      headers.remove_all("Content-Type");
      headers.append_unchecked("Content-Type", *type);
    }
    const std::int64_t length = body->content_length();
    headers.remove_all("Content-Length");
    headers.remove_all("Transfer-Encoding");
    if (length >= 0)
      headers.append_unchecked("Content-Length", std::to_string(length));
    else
      headers.append_unchecked("Transfer-Encoding", "chunked");
  } else if (!given.empty()) {
    // Without a body these would announce bytes that never come.
    headers.remove_all("Content-Length");
    headers.remove_all("Transfer-Encoding");
  }
  const bool has_connection = given.contains("Connection");
  if (asks_for_coding && !has_connection && !given.contains("User-Agent")) {
    headers.append_unchecked(config.usual_headers);
    return headers;
  }
  if (!has_connection) headers.append_unchecked("Connection", "Keep-Alive");
  if (asks_for_coding) headers.append_unchecked("Accept-Encoding", config.encodings);
  if (!given.contains("User-Agent")) headers.append_unchecked("User-Agent", config.user_agent);
  return headers;
}

/// The request as it goes to the network.
OKHTTP_DECL Request network_request(const ClientConfig& config, const Request& request, bool asks_for_coding) {
  const auto make = [&] { return request.with_headers(network_headers(config, request, asks_for_coding)); };
  // A body may have another length each time, a file's for instance.
  return request.body() != nullptr ? make() : request.sent_as(config.number, make);
}

OKHTTP_DECL Result<Response> decode_response(const ClientConfig& config, Response response) {
  const std::optional<std::string_view> coding = response.header("Content-Encoding");
  std::unique_ptr<ContentDecoder> decoder = coding ? config.make_decoder(*coding) : nullptr;
  if (decoder == nullptr) return response;
  std::string type(response.body().content_type_text());
  std::unique_ptr<BodySource> coded = response.body().take_source();
  if (coded == nullptr) return response;  // an interceptor has read it
  std::string peer(response.request().url().host_header());
  auto decoded = std::make_unique<DecodingSource>(std::move(coded), std::move(decoder), config.decoding,
                                                  std::move(peer));
  Response::Builder plain = std::move(response).new_builder();
  plain.remove_header("Content-Encoding").remove_header("Content-Length");
  plain.body(ResponseBody(std::move(decoded), std::move(type), -1));
  return plain.try_build();
}

OKHTTP_DECL Task<Response> bridge(CallState& call, const Request& request) {
  const ClientConfig& config = *call.config;
  const bool asks_for_coding = !config.encodings.empty() && !request.headers().contains("Accept-Encoding") &&
                               !request.headers().contains("Range");
  const auto go_on = config.connect_with_cookies != nullptr ? config.connect_with_cookies : &connect;
  Response response = co_await go_on(call, network_request(config, request, asks_for_coding));

  if (!asks_for_coding || !response.headers().contains("Content-Encoding")) co_return response;
  const int code = response.code();
  if (request.method() == "HEAD" || code < 200 || code == 204 || code == 304) co_return response;
  Result<Response> decoded = config.decode_response(config, std::move(response));
  if (!decoded) co_await fail(std::move(decoded).error());
  co_return *std::move(decoded);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CALL_BRIDGE_IPP
