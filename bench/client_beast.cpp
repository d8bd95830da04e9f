// SPDX-License-Identifier: Apache-2.0

// Boost.Beast: synchronous for one request at a time, callbacks on one io_context for several.
// No timeouts, no pool, no redirects: Beast has none, and the program does not write them itself.

#include "client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

using Request = http::request<http::empty_body>;

Request make_request(const bench::Options& options) {
  Request request(http::verb::get, options.target, 11);
  request.set(http::field::host, options.host + ":" + options.port);
  request.set(http::field::user_agent, "bench");
  request.set(http::field::accept, "*/*");
  return request;
}

tcp::endpoint endpoint_of(const bench::Options& options) {
  return {asio::ip::make_address(options.host),
          static_cast<std::uint16_t>(bench::parse_count("port", options.port))};
}

void require_answer(const http::response<http::string_body>& response) {
  if (response.result() != http::status::ok) bench::die("unexpected status");
  bench::require_body(response.body());
}

template <class Stream>
void exchange(Stream& stream, beast::flat_buffer& buffer, const Request& request) {
  http::write(stream, request);
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  require_answer(response);
}

void plain(const bench::Options& options) {
  asio::io_context context;
  const Request request = make_request(options);
  const tcp::endpoint endpoint = endpoint_of(options);
  std::optional<tcp::socket> socket;
  beast::flat_buffer buffer;
  bench::measure(options, [&](std::size_t count) {
    for (; count != 0; --count) {
      if (!socket) {
        socket.emplace(context);
        socket->connect(endpoint);
        socket->set_option(tcp::no_delay(true));
      }
      exchange(*socket, buffer, request);
      if (options.fresh) socket.reset();
    }
  });
}

void secure(const bench::Options& options) {
  asio::io_context context;
  ssl::context tls(ssl::context::tls_client);
  tls.load_verify_file(options.ca);
  tls.set_verify_mode(ssl::verify_peer);
  const Request request = make_request(options);
  const tcp::endpoint endpoint = endpoint_of(options);
  std::optional<beast::ssl_stream<tcp::socket>> stream;
  beast::flat_buffer buffer;
  bench::measure(options, [&](std::size_t count) {
    for (; count != 0; --count) {
      if (!stream) {
        stream.emplace(context, tls);
        stream->set_verify_callback(ssl::host_name_verification(options.host));
        stream->next_layer().connect(endpoint);
        stream->next_layer().set_option(tcp::no_delay(true));
        stream->handshake(ssl::stream_base::client);
      }
      exchange(*stream, buffer, request);
      if (options.fresh) stream.reset();
    }
  });
}

/// One connection that asks until nothing is left to ask.
class Session {
 public:
  Session(asio::io_context& context, const bench::Options& options, const Request& request)
      : socket_(context), options_(options), request_(request) {}

  void start(std::size_t& to_start) {
    to_start_ = &to_start;
    if (socket_.is_open()) return ask();
    socket_.async_connect(endpoint_of(options_), [this](beast::error_code error) {
      if (error) bench::die(error.message());
      socket_.set_option(tcp::no_delay(true));
      ask();
    });
  }

 private:
  void ask() {
    if (*to_start_ == 0) return;
    --*to_start_;
    http::async_write(socket_, request_, [this](beast::error_code error, std::size_t) {
      if (error) bench::die(error.message());
      response_.emplace();
      http::async_read(socket_, buffer_, *response_,
                       [this](beast::error_code failure, std::size_t) {
                         if (failure) bench::die(failure.message());
                         require_answer(*response_);
                         ask();
                       });
    });
  }

  tcp::socket socket_;
  const bench::Options& options_;
  const Request& request_;
  beast::flat_buffer buffer_;
  std::optional<http::response<http::string_body>> response_;
  std::size_t* to_start_ = nullptr;
};

void many_at_once(const bench::Options& options) {
  asio::io_context context(1);
  const Request request = make_request(options);
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::size_t i = 0; i < options.concurrency; ++i)
    sessions.push_back(std::make_unique<Session>(context, options, request));
  bench::measure(options, [&](std::size_t count) {
    for (auto& session : sessions) session->start(count);
    context.restart();
    context.run();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  if (options.concurrency != 1 && options.tls)
    bench::die("client_beast speaks https one request at a time");
  try {
    if (options.concurrency != 1)
      many_at_once(options);
    else if (options.tls)
      secure(options);
    else
      plain(options);
  } catch (const std::exception& failure) {
    bench::die(failure.what());
  }
}
