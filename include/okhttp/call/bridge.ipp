// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_BRIDGE_IPP
#define OKHTTP_CALL_BRIDGE_IPP

#include <okhttp/call/bridge.hpp>
#include <okhttp/message/decoding_source.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <vector>

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
    if (const std::string_view coding = body->content_encoding(); !coding.empty() && !given.contains("Content-Encoding"))
      headers.append_unchecked("Content-Encoding", coding);
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

/// A decoder for each coding of the body, in the order in which they were applied. None when there is a
/// coding the client does not know. "identity" is no coding.
/// Spec: RFC 9110, 8.4: several are a list, which may come as several fields.
OKHTTP_DECL Result<std::vector<std::unique_ptr<ContentDecoder>>> decoders_of(const ClientConfig& config,
                                                                             const Response& response) {
  std::vector<std::unique_ptr<ContentDecoder>> decoders;
  std::uint64_t count = 0;
  for (std::string_view list : response.headers("Content-Encoding")) {
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      const std::string_view coding = ascii::trim(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
      if (coding.empty() || ascii::iequals(coding, "identity")) continue;
      std::unique_ptr<ContentDecoder> decoder = config.make_decoder(coding);
      if (decoder == nullptr) return std::vector<std::unique_ptr<ContentDecoder>>();
      if (++count <= config.decoding.max_codings) decoders.push_back(std::move(decoder));
    }
  }
  if (count > config.decoding.max_codings)
    return Error(Errc::content_coding, "the body from ", response.request().url().host_header(), " has ", count,
                 " content codings, more than ", config.decoding.max_codings);
  return decoders;
}

OKHTTP_DECL Result<Response> decode_response(const ClientConfig& config, Response response) {
  Result<std::vector<std::unique_ptr<ContentDecoder>>> decoders = decoders_of(config, response);
  if (!decoders) return std::move(decoders).error();
  if (decoders->empty()) return response;
  std::string type(response.body().content_type_text());
  std::unique_ptr<BodySource> decoded = response.body().take_source();
  if (decoded == nullptr) return response;  // an interceptor has read it
  const std::string peer(response.request().url().host_header());
  const DecodingSource* first = nullptr;
  for (; !decoders->empty(); decoders->pop_back()) {
    auto next = std::make_unique<DecodingSource>(std::move(decoded), std::move(decoders->back()), config.decoding,
                                                 peer, first);
    if (first == nullptr) first = next.get();
    decoded = std::move(next);
  }
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
