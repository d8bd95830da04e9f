// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/response_body.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <numeric>

#include "support/client_fixture.hpp"
#include "support/gzip.hpp"
#include "support/raw_server.hpp"
#include "support/temporary_folder.hpp"

namespace body_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::Response;
using okhttp::Result;

namespace {

/// Text whose every position can be told from its neighbours.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

/// Reads in pieces of this size.
std::string read_in_pieces(const okhttp::ResponseBody& body, std::size_t size) {
  std::string all;
  std::vector<char> piece(size);
  while (const std::size_t count = body.read(piece)) all.append(piece.data(), count);
  return all;
}

}  // namespace

TEST_SUITE("integration/body") {

TEST_CASE_TEMPLATE("a body of known length arrives whole, however large", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8191}, std::size_t{65536},
                                 std::size_t{5'000'000}}) {
    CAPTURE(size);
    const std::string text = pattern(size);
    server.enqueue(MockResponse().body(text));
    Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    CHECK(response.body().content_length() == static_cast<std::int64_t>(size));
    CHECK(response.body().string() == text);
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a chunked body arrives whole", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const std::string text = pattern(100'000);
  for (const std::size_t chunk : {std::size_t{1000}, std::size_t{4096}, std::size_t{70'000}}) {
    CAPTURE(chunk);
    server.enqueue(MockResponse().chunked_body(text, chunk));
    Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    CHECK(response.header("Transfer-Encoding") == "chunked");
    CHECK(response.body().content_length() == -1);
    CHECK(response.body().string() == text);
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("trailers are there behind the body", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse()
                     .chunked_body("content", 3)
                     .trailers(okhttp::Headers::of({{"Checksum", "42"}, {"Other", "x"}})));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  Result<okhttp::Headers> early = response.try_trailers();
  REQUIRE_FALSE(early);
  CHECK(early.error() == Errc::misuse);
  CHECK(response.body().string() == "content");
  const okhttp::Headers trailers = response.trailers();
  CHECK(trailers.get("checksum") == "42");
  CHECK(trailers.size() == 2);
  CHECK_FALSE(response.header("Checksum"));
}

TEST_CASE_TEMPLATE("a body without a length ends with the connection", D, OKHTTP_EVERY_DISPATCHER) {
  const std::string text = pattern(50'000);
  ScriptedServer server([&text](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    peer.write(text);
  });
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url())).execute();
  CHECK(response.body().content_length() == -1);
  CHECK(response.body().string() == text);
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("an HTTP/1.0 server is understood", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server({[](RawPeer& peer) {
                           peer.read_head();
                           peer.write("HTTP/1.0 200 Fine\r\nContent-Length: 3\r\n\r\none");
                           CHECK(peer.read_to_end());
                         },
                         [](RawPeer& peer) {
                           peer.read_head();
                           peer.write(
                               "HTTP/1.0 200 Fine\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\ntwo");
                           peer.read_head();
                           peer.write("HTTP/1.0 200 Fine\r\n\r\nuntil the end");
                         }});
  auto client = D::builder().build();
  Response one = client.new_call(get_request(server.url())).execute();
  CHECK(one.protocol() == okhttp::Protocol::http_1_0);
  CHECK(one.body().string() == "one");
  CHECK(client.connection_pool().idle_connection_count() == 0);
  CHECK(client.new_call(get_request(server.url())).execute().body().string() == "two");
  CHECK(client.connection_pool().idle_connection_count() == 1);
  CHECK(client.new_call(get_request(server.url())).execute().body().string() == "until the end");
}

TEST_CASE_TEMPLATE("204, 304 and answers to HEAD have no body whatever their headers say", D,
                   OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 204 No Content\r\n\r\n");
    peer.read_head();
    peer.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n");
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
  });
  auto client = D::builder().build();
  const Request get = get_request(server.url());
  Response no_content = client.new_call(get).execute();
  CHECK(no_content.code() == 204);
  CHECK(no_content.body().string().empty());
  Response not_modified = client.new_call(get).execute();
  CHECK(not_modified.code() == 304);
  CHECK(not_modified.header("Content-Length") == "100");
  CHECK(not_modified.body().string().empty());
  Response head = client.new_call(get.new_builder().head().build()).execute();
  CHECK(head.code() == 200);
  CHECK(head.body().string().empty());
  CHECK(client.new_call(get).execute().body().string() == "body");
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("gzip is asked for and undone", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text = pattern(300'000);
  server.enqueue(MockResponse().gzip_body(text).header("Content-Type", "text/plain"));
  server.enqueue(MockResponse().gzip_body(text).chunked(1000));
  auto client = D::builder().build();
  for (int i = 0; i < 2; ++i) {
    CAPTURE(i);
    Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    CHECK(server.take_request().header("Accept-Encoding") == "gzip");
    CHECK_FALSE(response.header("Content-Encoding"));
    CHECK_FALSE(response.header("Content-Length"));
    CHECK(response.body().content_length() == -1);
    REQUIRE(response.network_response() != nullptr);
    CHECK(response.network_response()->header("Content-Encoding") == "gzip");
    CHECK(response.body().string() == text);
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a user who asks for a coding, or for a range, gets the bytes as they came", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().gzip_body("content"));
  server.enqueue(MockResponse().code(206).gzip_body("content"));
  auto client = D::builder().build();
  const Request plain = get_request(server.url("/").to_string());
  Response own = client.new_call(plain.new_builder().header("Accept-Encoding", "gzip").build()).execute();
  CHECK(own.header("Content-Encoding") == "gzip");
  CHECK(own.body().string() == gzipped("content"));
  server.take_request();
  Response range = client.new_call(plain.new_builder().header("Range", "bytes=0-").build()).execute();
  CHECK(range.header("Content-Encoding") == "gzip");
  CHECK(range.body().content_length() > 0);
  CHECK_FALSE(server.take_request().header("Accept-Encoding"));
}

TEST_CASE_TEMPLATE("a HEAD of a compressed resource is left alone", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().gzip_body("content"));
  auto client = D::builder().build();
  Response response =
      client.new_call(Request::Builder().url(server.url("/")).head().build()).execute();
  CHECK(server.take_request().header("Accept-Encoding") == "gzip");
  CHECK(response.header("Content-Encoding") == "gzip");
  CHECK(response.body().string().empty());
}

TEST_CASE_TEMPLATE("a client without compression neither asks nor decodes", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().gzip_body("content"));
  okhttp::BasicClient<typename D::Dispatcher, okhttp::NoCompression> client;
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK_FALSE(server.take_request().header("Accept-Encoding"));
  CHECK(response.header("Content-Encoding") == "gzip");
  CHECK(response.body().string() == gzipped("content"));
}

TEST_CASE_TEMPLATE("a compressed body that expands past the limit fails", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().gzip_body(std::string(4 << 20, 'x')));
  okhttp::DecodingLimits limits;
  limits.ratio_floor_bytes = 1 << 20;
  auto client = D::builder().decoding_limits(limits).build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::content_coding);
}

TEST_CASE_TEMPLATE("damaged gzip fails the body and not the call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  std::string coded = gzipped(pattern(10'000));
  coded[coded.size() / 2] = static_cast<char>(coded[coded.size() / 2] ^ 0x55);
  server.enqueue(MockResponse().body(coded).header("Content-Encoding", "gzip"));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.code() == 200);
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::content_coding);
}

TEST_CASE_TEMPLATE("a body is read in pieces of any size", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const std::string text = pattern(200'000);
  for (const std::size_t size : {std::size_t{1021}, std::size_t{4096}, std::size_t{1'000'000}}) {
    for (const bool chunked : {false, true}) {
      CAPTURE(size);
      CAPTURE(chunked);
      server.enqueue(chunked ? MockResponse().chunked_body(text, 3000) : MockResponse().body(text));
      Response response = client.new_call(get_request(server.url("/").to_string())).execute();
      CHECK(read_in_pieces(response.body(), size) == text);
      CHECK(read_in_pieces(response.body(), size).empty());
    }
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("the first bytes of a body are there before the last were sent", D,
                   OKHTTP_EVERY_DISPATCHER) {
  Event first_read;
  ScriptedServer server([&first_read](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    CHECK(first_read.wait());
    peer.write("later");
  });
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url())).execute();
  char piece[100];
  std::size_t got = 0;
  while (got < 5) got += response.body().read(std::span<char>(piece).subspan(got));
  CHECK(std::string(piece, got) == "first");
  first_read.set();
  CHECK(response.body().string() == "later");
}

TEST_CASE_TEMPLATE("a body is saved to a file", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text = pattern(1'000'000);
  server.enqueue(MockResponse().chunked_body(text, 9000));
  auto client = D::builder().build();
  const TemporaryFolder folder;
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.body().save_to(folder / "saved") == text.size());
  CHECK(folder.read("saved") == text);
  CHECK(folder.names().size() == 1);
}

TEST_CASE_TEMPLATE("what was peeked at is read again", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text = pattern(100'000);
  server.enqueue(MockResponse().body(text));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(response.peek_body(10).string() == text.substr(0, 10));
  CHECK(response.body().peek(50'000) == text.substr(0, 50'000));
  CHECK(response.body().string() == text);
}

TEST_CASE_TEMPLATE("a body is read on another thread than its call ran on", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text = pattern(2'000'000);
  server.enqueue(MockResponse().body(text));
  server.enqueue(MockResponse().chunked_body(text, 10'000));
  server.enqueue(MockResponse().gzip_body(text));
  auto client = D::builder().build();
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    std::optional<Response> response;
    Background call([&] { response = client.new_call(get_request(server.url("/").to_string())).execute(); });
    call.join();
    std::string whole;
    Background reader([&] { whole = read_in_pieces(response->body(), 30'000); });
    reader.join();
    CHECK(whole == text);
  }
}

TEST_CASE_TEMPLATE("the body of an enqueued call is read after its callback", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::string text = pattern(500'000);
  server.enqueue(MockResponse().body(text));
  auto client = D::builder().build();
  std::optional<Result<Response>> kept;
  client.new_call(get_request(server.url("/").to_string())).enqueue([&kept](Result<Response> result) {
    kept = std::move(result);
  });
  finish_enqueued(client);
  REQUIRE(kept);
  CHECK(kept->value().body().string() == text);
}

TEST_CASE_TEMPLATE("a truncated body is an error", D, OKHTTP_EVERY_DISPATCHER) {
  const std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly this",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n0\r\nTrailer: x\r\n",
  };
  for (const std::string& answer : answers) {
    CAPTURE(answer);
    ScriptedServer server([&answer](RawPeer& peer) {
      peer.read_head();
      peer.write(answer);
    });
    auto client = D::builder().build();
    Response response = client.new_call(get_request(server.url())).execute();
    Result<std::string> text = response.body().try_string();
    REQUIRE_FALSE(text);
    CHECK(text.error() == Errc::unexpected_end);
    CHECK(contains(text.error().message(), server.peer()));
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }
}

TEST_CASE_TEMPLATE("a broken chunk is a protocol error that names the peer", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nno size\r\n");
    peer.read_to_end();
  });
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url())).execute();
  Result<std::string> text = response.body().try_string();
  REQUIRE_FALSE(text);
  CHECK(text.error() == Errc::protocol_error);
  CHECK(contains(text.error().message(), server.peer()));
}

TEST_CASE_TEMPLATE("a body is taken once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body(pattern(100'000)));
  auto client = D::builder().build();
  Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  response.body().string();
  Result<std::string> again = response.body().try_string();
  REQUIRE_FALSE(again);
  CHECK(again.error() == Errc::misuse);
}

TEST_CASE_TEMPLATE("closing a body that is small saves its connection, closing an endless one does not", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().chunked_body(pattern(20'000), 1000));
  server.enqueue(MockResponse().body("second"));
  auto client = D::builder().build();
  {
    Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    response.close();
    response.close();
    Result<std::string> closed = response.body().try_string();
    REQUIRE_FALSE(closed);
    CHECK(closed.error() == Errc::misuse);
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "second");
  CHECK(server.take_request().connection_index() == 0);
  CHECK(server.take_request().exchange_index() == 1);

  ScriptedServer stalling([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin");
    CHECK(peer.read_to_end());
  });
  client.connection_pool().evict_all();
  client.new_call(get_request(stalling.url())).execute().close();
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("a body that is dropped gives its connection up without waiting", D,
                   OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin");
    CHECK(peer.read_to_end());  // only the client closing ends this
  });
  auto client = D::builder().build();
  { Response response = client.new_call(get_request(server.url())).execute(); }
  (void)client.try_poll();  // on a loop its own thread closes
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("limits on what a server may send hold", D, OKHTTP_EVERY_DISPATCHER) {
  okhttp::http1::Limits limits;
  limits.max_head_bytes = 4096;
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nX-Long: " + std::string(8000, 'x') + "\r\n\r\n");
    peer.read_to_end();
  });
  auto client = D::builder().http1_limits(limits).build();
  Result<Response> response = client.new_call(get_request(server.url())).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::protocol_error);
  CHECK(contains(response.error().message(), server.peer()));
}

}  // TEST_SUITE

}  // namespace body_test
