// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_reader.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/form_body.hpp>
#include <okhttp/message/multipart_body.hpp>
#include <okhttp/message/progress.hpp>
#include <okhttp/mockwebserver.hpp>

#include <mutex>
#include <string>
#include <vector>

#include "support/client_fixture.hpp"
#include "support/temporary_folder.hpp"

namespace multipart_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::MultipartBody;
using okhttp::MultipartReader;
using okhttp::Progress;
using okhttp::RecordedRequest;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::ResponseBody;
using okhttp::Result;

namespace {

Request post(const MockWebServer& server, RequestBody body) {
  return Request::Builder().url(server.url("/")).post(std::move(body)).build();
}

/// The parts of a request: `headers of the part|its content` each.
std::vector<std::string> parts_of(const RecordedRequest& request) {
  std::vector<std::string> parts;
  for (auto& part : MultipartReader(ResponseBody::of(request.body(), std::string(*request.header("Content-Type")))))
    parts.push_back(part.headers().to_string() + "|" + part.body().string());
  return parts;
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\r\n";
  return text;
}

/// A multipart answer of three parts; the second one is large.
MockResponse parts_response(bool chunked) {
  const std::string body = "ignored\r\n--X\r\nA: 1\r\n\r\nfirst\r\n--X\r\n\r\n" + lines(30'000) + "\r\n--X\r\n\r\n\r\n--X--\r\nignored";
  MockResponse response;
  response.header("Content-Type", "multipart/mixed; boundary=\"X\"");
  return chunked ? response.chunked_body(body, 4000) : response.body(body);
}

/// The contents, and what is left of the body after the first bytes of the second is skipped.
okhttp::Task<std::string> read_parts(Response response) {
  MultipartReader reader(response.body());
  std::string seen;
  for (;;) {
    std::optional<MultipartReader::Part> part = co_await reader.async_next_part();
    if (!part) co_return seen;
    std::string start(5, ' ');
    const std::size_t size = co_await part->body().async_read(start);
    seen += "[" + start.substr(0, size) + "]";
  }
}

template <class Client>
okhttp::Task<std::string> get_parts(const Client& client, Request request) {
  Response response = co_await client.new_call(request).async_execute();
  okhttp::Task<std::string> reading = read_parts(std::move(response));
  std::string seen = co_await std::move(reading);
  co_return seen;
}

}  // namespace

TEST_SUITE("integration/multipart") {

TEST_CASE_TEMPLATE("a multipart body arrives with all its parts", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const TemporaryFolder folder;
  const std::string large = lines(50'000);
  folder.write("large", large);
  folder.write("small", "xyz");
  MultipartBody::Builder builder;
  builder.type(MultipartBody::form)
      .add_form_data_part("title", "Square")
      .add_form_data_part("large", "l.txt", RequestBody::from_file(folder / "large", "text/plain"))
      .add_form_data_part("small", "s.png", RequestBody::from_file(folder / "small"));
  server.enqueue(MockResponse());
  CHECK(client.new_call(post(server, builder.build())).execute().code() == 200);
  const RecordedRequest known = server.take_request();
  CHECK(known.header("Content-Length") == std::to_string(known.body_size()));
  const std::vector<std::string> expected = {
      "Content-Disposition: form-data; name=\"title\"\n|Square",
      "Content-Disposition: form-data; name=\"large\"; filename=\"l.txt\"\nContent-Type: text/plain\n|" + large,
      "Content-Disposition: form-data; name=\"small\"; filename=\"s.png\"\n|xyz"};
  CHECK((parts_of(known) == expected));

  builder.add_part(RequestBody::from_reader([left = 3](std::span<std::byte> into) mutable -> std::size_t {
    if (left-- == 0) return 0;
    into[0] = std::byte{'r'};
    return 1;
  }));
  server.enqueue(MockResponse());
  CHECK(client.new_call(post(server, builder.build())).execute().code() == 200);
  const RecordedRequest unknown = server.take_request();
  CHECK(unknown.header("Transfer-Encoding") == "chunked");
  const std::vector<std::string> parts = parts_of(unknown);
  REQUIRE(parts.size() == 4);
  CHECK((parts[1] == expected[1]));
  CHECK(parts[3] == "|rrr");
  CHECK(client.connection_pool().idle_connection_count() == 1);

  server.enqueue(MockResponse());
  CHECK(client.new_call(post(server, okhttp::FormBody::Builder().add("q", "c++ & more").build())).execute().code() == 200);
  const RecordedRequest form = server.take_request();
  CHECK(form.body() == "q=c%2B%2B+%26+more");
  CHECK(form.header("Content-Type") == "application/x-www-form-urlencoded");
}

TEST_CASE_TEMPLATE("a file that is not there fails the call", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse());
  const MultipartBody body = MultipartBody::Builder().add_part(RequestBody::from_file("/nowhere/at/all")).build();
  CHECK(client.new_call(post(server, body)).try_execute().error() == Errc::file);
}

TEST_CASE_TEMPLATE("progress is told in order, and anew when the body is sent again", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const TemporaryFolder folder;
  folder.write("upload", lines(60'000));
  const RequestBody file = RequestBody::from_file(folder / "upload");
  std::mutex mutex;  // a file is read on a helper thread of the loop
  std::vector<Progress> reports;
  server.enqueue(MockResponse().code(307).header("Location", "/again"));
  server.enqueue(MockResponse());
  const RequestBody body = okhttp::with_progress(file, [&](Progress p) {
    const std::lock_guard<std::mutex> lock(mutex);
    reports.push_back(p);
  });
  CHECK(client.new_call(post(server, body)).execute().code() == 200);
  CHECK(server.take_request().body_size() == static_cast<std::uint64_t>(file.content_length()));
  CHECK(server.take_request().body_size() == static_cast<std::uint64_t>(file.content_length()));
  const std::lock_guard<std::mutex> lock(mutex);
  std::size_t passes = 0;
  std::int64_t last = -1;
  for (const Progress& p : reports) {
    CHECK(p.total == file.content_length());
    if (last == -1) CHECK(p.bytes == 0);
    CHECK(p.bytes > last);
    CHECK(p.is_complete == (p.bytes == p.total));
    last = p.is_complete ? -1 : p.bytes;
    if (p.is_complete) ++passes;
  }
  CHECK(passes == 2);
  CHECK(last == -1);
  CHECK(reports.size() > 6);
}

TEST_CASE_TEMPLATE("HTTP/1 refuses a duplex body and says why", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  const Result<Response> refused =
      client.new_call(post(server, RequestBody::duplex(RequestBody::create("x")))).try_execute();
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Errc::invalid_argument);
  CHECK(refused.error().message() == "a duplex request body needs HTTP/2, and this connection has HTTP/1.1");
  CHECK(server.request_count() == 0);
}

TEST_CASE_TEMPLATE("a one-shot body is not sent a second time", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(MockResponse().code(307).header("Location", "/again"));
  const RequestBody body = RequestBody::one_shot(RequestBody::create("once"));
  CHECK(client.new_call(post(server, body)).execute().code() == 307);
  CHECK(server.take_request().body() == "once");
  CHECK(client.new_call(post(server, body)).try_execute().error() == Errc::misuse);
}

TEST_CASE_TEMPLATE("parts of a response are read while they arrive", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  for (const bool chunked : {false, true}) {
    CAPTURE(chunked);
    server.enqueue(parts_response(chunked));
    const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
    std::vector<std::string> contents;
    for (auto& part : MultipartReader(response.body())) contents.push_back(part.body().string());
    CHECK((contents == std::vector<std::string>{"first", lines(30'000), ""}));

    server.enqueue(parts_response(chunked));
    CHECK(client.run(get_parts(client, get_request(server.url("/").to_string()))) == "[first][line ][]");
  }
  server.enqueue(MockResponse().body("not multipart"));
  const Response other = client.new_call(get_request(server.url("/").to_string())).execute();
  CHECK(MultipartReader(other.body()).try_next_part().error() == Errc::protocol_error);
}

TEST_CASE_TEMPLATE("the connection is free when the last part was read", D, OKHTTP_EVERY_DISPATCHER) {
  MockWebServer server;
  auto client = D::builder().build();
  server.enqueue(parts_response(false));
  server.enqueue(MockResponse().body("next"));
  const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
  MultipartReader reader(response.body());
  while (reader.next_part()) {
  }
  CHECK(client.connection_pool().idle_connection_count() == 1);
  CHECK(client.new_call(get_request(server.url("/").to_string())).execute().body().string() == "next");
  CHECK(server.take_request().connection_index() == server.take_request().connection_index());
}

}  // TEST_SUITE

}  // namespace multipart_test
