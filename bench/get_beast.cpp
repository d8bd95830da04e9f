// SPDX-License-Identifier: Apache-2.0

// The smallest https GET with Boost.Beast; bench/compile_time measures how long it takes to build.

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <cstdio>

int main(int, char** argv) {
  namespace asio = boost::asio;
  namespace http = boost::beast::http;
  const char* host = argv[1];
  asio::io_context context;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  tls.set_verify_mode(asio::ssl::verify_peer);
  boost::beast::ssl_stream<asio::ip::tcp::socket> stream(context, tls);
  SSL_set_tlsext_host_name(stream.native_handle(), host);
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
  asio::connect(stream.next_layer(), asio::ip::tcp::resolver(context).resolve(host, "https"));
  stream.handshake(asio::ssl::stream_base::client);
  http::request<http::empty_body> request(http::verb::get, "/", 11);
  request.set(http::field::host, host);
  http::write(stream, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  std::fwrite(response.body().data(), 1, response.body().size(), stdout);
}
