// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/request_body.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include <stdexcept>

#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"
#include "support/temporary_folder.hpp"

namespace upload_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

constexpr std::size_t mebibyte = 1 << 20;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('A' + (i * 11 + i / 509) % 53);
  return text;
}

/// Gives `text` in pieces of `step` bytes.
RequestBody in_pieces(std::string text, std::size_t step) {
  return RequestBody::from_reader(
      [text = std::move(text), step, at = std::size_t{0}](std::span<std::byte> into) mutable {
        const std::size_t count = std::min({step, into.size(), text.size() - at});
        std::memcpy(into.data(), text.data() + at, count);
        at += count;
        return count;
      },
      "application/octet-stream");
}

Request post_to(const okhttp::HttpUrl& url, RequestBody body) {
  return Request::Builder().url(url).post(std::move(body)).build();
}
Request post_to(const std::string& url, RequestBody body) {
  return Request::Builder().url(std::string_view(url)).post(std::move(body)).build();
}

/// A body that claims another length than it has.
class LyingContent final : public RequestBody::Content {
 public:
  LyingContent(std::int64_t claimed, std::size_t actual)
      : Content(""), claimed_(claimed), actual_(RequestBody::create(std::string(actual, 'x'))) {}
  std::int64_t content_length() const override { return claimed_; }
  Result<std::unique_ptr<okhttp::RequestBodyReader>> open() const override {
    return actual_.open();
  }

 private:
  const std::int64_t claimed_;
  const RequestBody actual_;
};

}  // namespace

TEST_SUITE("integration/upload") {

TEST_CASE_TEMPLATE("a large body arrives whole", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const std::size_t size : {std::size_t{65'535}, std::size_t{65'537}, 5 * mebibyte + 1}) {
    CAPTURE(size);
    const std::string text = pattern(size);
    server.enqueue(MockResponse().body("got it"));
    CHECK(client.new_call(post_to(server.url("/"), RequestBody::create(text))).execute().body().string() == "got it");
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.header("Content-Length") == std::to_string(size));
    CHECK((recorded.body() == text));
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a body of unknown length is sent chunked", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const std::string text = pattern(700'001);
  for (const std::size_t step : {std::size_t{1000}, std::size_t{10 * mebibyte}}) {
    CAPTURE(step);
    server.enqueue(MockResponse());
    CHECK(client.new_call(post_to(server.url("/"), in_pieces(text, step))).execute().code() == 200);
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.header("Transfer-Encoding") == "chunked");
    CHECK_FALSE(recorded.header("Content-Length"));
    CHECK(recorded.header("Content-Type") == "application/octet-stream");
    CHECK((recorded.body() == text));
    CHECK(recorded.chunk_sizes().size() > 1);
  }
  server.enqueue(MockResponse());
  CHECK(client.new_call(post_to(server.url("/"), in_pieces("", 1))).execute().code() == 200);
  CHECK(server.take_request().body_size() == 0);
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a file is sent", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, 2 * mebibyte + 7}) {
    CAPTURE(size);
    const std::string text = pattern(size);
    folder.write("upload", text);
    server.enqueue(MockResponse());
    CHECK(client.new_call(post_to(server.url("/"), RequestBody::from_file(folder / "upload", "image/png")))
              .execute()
              .code() == 200);
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.header("Content-Type") == "image/png");
    CHECK(recorded.header("Content-Length") == std::to_string(size));
    CHECK((recorded.body() == text));
  }
}

TEST_CASE_TEMPLATE("a file that is not there fails the call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const TemporaryFolder folder;
  Result<Response> response =
      client.new_call(post_to(server.url("/"), RequestBody::from_file(folder / "missing"))).try_execute();
  REQUIRE_FALSE(response);
  CHECK(response.error() == Errc::file);
  CHECK(contains(response.error().message(), "missing"));
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("the same body may be sent by many calls", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.dispatcher([](const RecordedRequest& request) {
    return MockResponse().body(std::to_string(request.body_size()));
  });
  auto client = D::builder().build();
  const Request request = post_to(server.url("/"), RequestBody::create(pattern(200'000)));
  for (int i = 0; i < 3; ++i) CHECK(client.new_call(request).execute().body().string() == "200000");
}

TEST_CASE_TEMPLATE("a body that can be sent once is sent once", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse());
  auto client = D::builder().build();
  const Request request = post_to(server.url("/"), in_pieces("text", 4));
  CHECK(client.new_call(request).execute().code() == 200);
  Result<Response> again = client.new_call(request).try_execute();
  REQUIRE_FALSE(again);
  CHECK(again.error() == Errc::misuse);
}

TEST_CASE_TEMPLATE("a body of another length than declared fails the call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  struct Lengths {
    std::int64_t claimed;
    std::size_t actual;
  };
  for (const Lengths lengths : {Lengths{10, 11}, Lengths{10, 9}, Lengths{300'000, 300'001}}) {
    const std::int64_t claimed = lengths.claimed;
    const std::size_t actual = lengths.actual;
    CAPTURE(claimed);
    CAPTURE(actual);
    Result<Response> response =
        client.new_call(post_to(server.url("/"), RequestBody(std::make_shared<LyingContent>(claimed, actual))))
            .try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error() == Errc::body_length);
    CHECK(contains(response.error().message(), "declared " + std::to_string(claimed)));
  }
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("what the reader of a body throws leaves execute unchanged", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Request throwing =
      post_to(server.url("/"), RequestBody::from_reader([](std::span<std::byte>) -> std::size_t {
             throw std::runtime_error("no more ink");
           }));
  CHECK_THROWS_WITH_AS(client.new_call(throwing).execute(), "no more ink", std::runtime_error);
  const Request failing =
      post_to(server.url("/"), RequestBody::from_reader([](std::span<std::byte>) -> Result<std::size_t> {
             return okhttp::Error(Errc::file, "no more paper");
           }));
  Result<Response> failed = client.new_call(failing).try_execute();
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == Errc::file);
  CHECK(failed.error().message() == "no more paper");
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

// ---- A server that answers early ----

TEST_CASE_TEMPLATE("413 in the middle of a large upload ends the upload and is the response", D,
                   OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Request in_memory = post_to(server.url("/"), RequestBody::create(std::string(64 * mebibyte, 'x')));
  std::shared_ptr<std::uint64_t> read = std::make_shared<std::uint64_t>(0);
  const Request streamed =
      post_to(server.url("/"), RequestBody::from_reader([read](std::span<std::byte> into) -> std::size_t {
             if (*read >= 64 * mebibyte) return 0;
             std::fill(into.begin(), into.end(), std::byte{'x'});
             *read += into.size();
             return into.size();
           }));
  for (const Request& request : {in_memory, streamed}) {
    server.enqueue(MockResponse().code(413).body("too much").do_not_read_request_body());
    Result<Response> response = client.new_call(request).try_execute();
    REQUIRE(response);
    CHECK(response->code() == 413);
    CHECK(response->body().string() == "too much");
    // What was not sent can never be: the connection is of no more use.
    CHECK(client.connection_pool().idle_connection_count() == 0);
  }
  CHECK(*read < 64 * mebibyte);
  server.enqueue(MockResponse().body("goes on"));
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "goes on");
}

TEST_CASE_TEMPLATE("an early answer is found though the server has closed", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\n\r\nstop");
    // Closing with unread bytes resets the connection, and the reset may overtake the answer; so as
    // real servers do, read on for a while first.
    peer.end_output();
    peer.read_to_end();
  });
  auto client = D::builder().build();
  Response response = client.new_call(post_to(server.url(), RequestBody::create(std::string(64 * mebibyte, 'x')))).execute();
  CHECK(response.code() == 413);
  CHECK(response.body().string() == "stop");
}

TEST_CASE_TEMPLATE("a good answer does not end the upload", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  const std::size_t size = 8 * mebibyte;
  server.enqueue(MockResponse().body("already answered").answer_after(1));
  server.enqueue(MockResponse().body("next"));
  auto client = D::builder().build();
  Response response = client.new_call(post_to(server.url("/"), RequestBody::create(std::string(size, 'x')))).execute();
  CHECK(response.code() == 200);
  CHECK(response.body().string() == "already answered");
  CHECK(server.take_request().body_size() == size);
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "next");
  CHECK(server.take_request().connection_index() == 0);
}

TEST_CASE_TEMPLATE("a server may answer at length while it reads", D, OKHTTP_EVERY_DISPATCHER) {
  // An echo: it sends as it receives, and stops reading when nobody takes what it sends.
  const std::size_t size = 48 * 1024;  // the answer fits what a client keeps while it sends
  ScriptedServer server([&](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    for (std::size_t done = 0; done < 200 * size; done += size) {
      const std::string block = peer.read(size);
      if (done == 0) peer.write(block);
    }
  });
  auto client = D::builder().build();
  const std::string text = pattern(200 * size);
  Response response = client.new_call(post_to(server.url(), RequestBody::create(text))).execute();
  CHECK((response.body().string() == text.substr(0, size)));
}

TEST_CASE_TEMPLATE("an answer larger than what is kept while sending arrives whole", D, OKHTTP_EVERY_DISPATCHER) {
  const std::size_t size = 4 * mebibyte;
  const std::string answer = pattern(mebibyte);
  ScriptedServer server([&](RawPeer& peer) {
    peer.read_head();
    Background writer([&] {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer.size()) + "\r\n\r\n");
      peer.write(answer);
    });
    peer.read(size);
  });
  auto client = D::builder().build();
  Response response = client.new_call(post_to(server.url(), RequestBody::create(std::string(size, 'x')))).execute();
  CHECK((response.body().string() == answer));
}

// ---- Expect: 100-continue ----

TEST_CASE_TEMPLATE("the body follows 100 Continue", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().expect_continue_timeout(patience).build();
  const std::vector<RequestBody> bodies = {RequestBody::create("small"), RequestBody::create(pattern(mebibyte)),
                                           in_pieces("in pieces", 2)};
  for (const RequestBody& body : bodies) {
    server.enqueue(MockResponse().body("thanks"));
    Response response =
        client.new_call(post_to(server.url("/"), body).new_builder().header("Expect", "100-continue").build()).execute();
    CHECK(response.body().string() == "thanks");
    const RecordedRequest recorded = server.take_request();
    CHECK(recorded.header("Expect") == "100-continue");
    CHECK(recorded.body_size() > 0);
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("417 in place of 100 Continue: the body is never sent", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
    CHECK(peer.read(1).empty());
  });
  auto client = D::builder().expect_continue_timeout(patience).build();
  Response response = client
                          .new_call(post_to(server.url(), RequestBody::create("never sent"))
                                        .new_builder()
                                        .header("Expect", "100-continue")
                                        .build())
                          .execute();
  CHECK(response.code() == 417);
  CHECK(response.body().string() == "no");
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("a final answer in place of 100 Continue is the response, whatever its code", D,
                   OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    CHECK(peer.read(1).empty());
  });
  auto client = D::builder().expect_continue_timeout(patience).build();
  Response response = client
                          .new_call(post_to(server.url(), RequestBody::create("never sent"))
                                        .new_builder()
                                        .header("Expect", "100-continue")
                                        .build())
                          .execute();
  CHECK(response.body().string() == "ok");
  CHECK(client.connection_pool().idle_connection_count() == 0);
}

TEST_CASE_TEMPLATE("the body is sent to a server that says nothing after a while", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  server.enqueue(MockResponse().body("thanks").send_continue(false));
  auto client = D::builder().expect_continue_timeout(100ms).build();
  Response response = client
                          .new_call(post_to(server.url("/"), RequestBody::create("sent all the same"))
                                        .new_builder()
                                        .header("Expect", "100-continue")
                                        .build())
                          .execute();
  CHECK(response.body().string() == "thanks");
  CHECK(server.take_request().body() == "sent all the same");
  CHECK(client.connection_pool().idle_connection_count() == 1);
}

TEST_CASE_TEMPLATE("a TLS session ticket is no word about 100 Continue", D, OKHTTP_EVERY_DISPATCHER) {
  // TLS 1.3 servers send tickets right after the handshake: bytes arrive, and say nothing.
  MockWebServer server;
  server.use_https(okhttp::HeldCertificate::localhost());
  auto client =
      D::builder().trusted_certificates(server.client_trust()).expect_continue_timeout(150ms).build();
  const Request request = post_to(server.url("/"), RequestBody::create("after the ticket"))
                              .new_builder()
                              .header("Expect", "100-continue")
                              .build();
  server.enqueue(MockResponse().body("silent").send_continue(false));
  CHECK(client.new_call(request).execute().body().string() == "silent");
  client.connection_pool().evict_all();
  auto patient = client.new_builder().expect_continue_timeout(patience).build();
  server.enqueue(MockResponse().body("continued"));
  CHECK(patient.new_call(request).execute().body().string() == "continued");
  CHECK(server.take_request().body() == "after the ticket");
  CHECK(server.take_request().body() == "after the ticket");
}

TEST_CASE_TEMPLATE("a server that vanishes while a body is sent is an error", D, OKHTTP_EVERY_DISPATCHER) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_head();
    peer.reset();
  });
  auto client = D::builder().build();
  Result<Response> response =
      client.new_call(post_to(server.url(), RequestBody::create(std::string(32 * mebibyte, 'x')))).try_execute();
  REQUIRE_FALSE(response);
  CAPTURE(response.error().message());
  CHECK(response.error() == Errc::io);
  CHECK(contains(response.error().message(), server.peer()));
}

}  // TEST_SUITE

}  // namespace upload_test
