// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <okhttp/mockwebserver.hpp>

#include "support/bad_input.hpp"
#include "support/codings.hpp"
#include "support/real_server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace content_coding_test {

using namespace okhttp_tests;
using okhttp::DecodingLimits;
using okhttp::Errc;
using okhttp::MockResponse;
using okhttp::MockWebServer;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

#if OKHTTP_BROTLI && OKHTTP_ZSTD
using AllCodings = okhttp::Compression<okhttp::Gzip, okhttp::Deflate, okhttp::Brotli, okhttp::Zstd>;
constexpr std::string_view all_codings = "gzip, deflate, br, zstd";
#else
using AllCodings = okhttp::Compression<okhttp::Gzip, okhttp::Deflate>;
constexpr std::string_view all_codings = "gzip, deflate";
#endif
template <class D>
using ClientFor = okhttp::BasicClient<typename D::Dispatcher, AllCodings>;

MockResponse coded_response(std::string_view body, std::string_view codings) {
  MockResponse response;
  response.body(body).header("Content-Encoding", codings).header("Content-Type", "text/plain");
  return response;
}

const Coding& coding_named(std::string_view name) {
  return *std::find_if(codings().begin(), codings().end(), [&](const Coding& coding) { return coding.name == name; });
}

/// The text with these codings applied in turn.
std::string applied(std::string text, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) text = coding_named(name).encode(text);
  return text;
}

/// node, which encodes and decodes with its own zlib and brotli.
const ServerProcess& node() {
  static const TemporaryFolder folder;
  static const ServerProcess server("node", folder / "log", [](std::uint16_t port) {
    return std::vector<std::string>{find_program({"node", "nodejs"}, "nodejs"), server_file("node_server.js"),
                                    std::to_string(port)};
  });
  return server;
}

}  // namespace

TEST_SUITE("integration/content_coding") {
  TEST_CASE_TEMPLATE("every coding is asked for and undone", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const std::string text = some_prose(20'000);
    for (const Coding& coding : codings()) {
      CAPTURE(coding.name);
      const std::string_view name = std::string_view(coding.name) == "bare deflate" ? "deflate" : coding.name;
      server.enqueue(coded_response(coding.encode(text), name));
      server.enqueue(coded_response(coding.encode(text), name).chunked(1000));
      for (int i = 0; i < 2; ++i) {
        const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
        CHECK(server.take_request().header("Accept-Encoding") == all_codings);
        CHECK_FALSE(response.header("Content-Encoding"));
        CHECK_FALSE(response.header("Content-Length"));
        CHECK(response.body().content_length() == -1);
        CHECK(response.network_response()->header("Content-Encoding") == name);
        CHECK((response.body().string() == text));
      }
    }
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("several codings are undone, the last one first", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const std::string text = some_prose(5000);
    const auto get = [&](MockResponse answer) {
      server.enqueue(std::move(answer));
      const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
      CHECK_FALSE(response.header("Content-Encoding"));
      return response.body().string();
    };
    CHECK((get(coded_response(applied(text, {"gzip", "deflate"}), "gzip, deflate")) == text));
    CHECK((get(coded_response(applied(text, {"deflate", "gzip"}), "Deflate ,,\tX-GZIP ,")) == text));
    CHECK((get(coded_response(applied(text, {"gzip", "gzip"}), "gzip, identity, gzip").chunked(7)) == text));
    // As several fields.
    MockResponse fields = coded_response(applied(text, {"gzip", "deflate", "gzip"}), "gzip");
    fields.add_header("X-Between", "1").add_header("content-encoding", "deflate, identity").add_header("Content-Encoding", "gzip");
    CHECK((get(fields) == text));
#if OKHTTP_BROTLI && OKHTTP_ZSTD
    CHECK((get(coded_response(applied(text, {"br", "zstd", "deflate", "gzip", "br"}), "br, zstd, deflate, gzip, br")) == text));
#endif
    CHECK(client.connection_pool().idle_connection_count() == 1);
  }

  TEST_CASE_TEMPLATE("a body with a coding that is not known stays as it came", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const std::string coded = gzipped("content");
    for (const char* names : {"compress", "gzip, compress", "compress, gzip", "gzip;q=1", "gzip gzip", "identity",
                              "gzip, gzip, gzip, gzip, gzip, gzip, unknown"}) {
      CAPTURE(names);
      server.enqueue(coded_response(coded, names));
      const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
      CHECK(response.header("Content-Encoding") == names);
      CHECK(response.header("Content-Length") == std::to_string(coded.size()));
      CHECK(response.body().content_length() == static_cast<std::int64_t>(coded.size()));
      CHECK(response.body().string() == coded);
    }
  }

  TEST_CASE_TEMPLATE("who asks for a coding, or for a range, gets the bytes as they came", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const std::string coded = applied("content", {"deflate", "gzip"});
    for (const auto& [name, value] : {std::pair("Accept-Encoding", "gzip"), {"accept-encoding", ""}, {"Range", "bytes=0-"}}) {
      server.enqueue(coded_response(coded, "deflate, gzip"));
      const Request request = Request::Builder().url(server.url("/")).header(name, value).build();
      const Response response = client.new_call(request).execute();
      CHECK(response.header("Content-Encoding") == "deflate, gzip");
      CHECK(response.body().string() == coded);
      CHECK(server.take_request().header("Accept-Encoding").value_or("") ==
            (std::string_view(name) == "Accept-Encoding" ? "gzip" : ""));
    }
  }

  TEST_CASE_TEMPLATE("more than five codings are refused", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    server.enqueue(coded_response(applied("x", {"gzip", "gzip", "gzip", "gzip", "gzip"}), "gzip, gzip, gzip, gzip, gzip"));
    server.enqueue(coded_response("x", "gzip, gzip, gzip, gzip, gzip, gzip"));
    server.enqueue(MockResponse().body("after"));
    const std::string url = server.url("/").to_string();
    CHECK(client.new_call(get_request(url)).execute().body().string() == "x");
    const Result<Response> refused = client.new_call(get_request(url)).try_execute();
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == Errc::content_coding);
    CHECK(contains(refused.error().message(), "has 6 content codings, more than 5"));
    CHECK(client.new_call(get_request(url)).execute().body().string() == "after");
  }

  TEST_CASE_TEMPLATE("damaged and cut bodies fail, whichever coding of several it is", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const auto error_of = [&](std::string body, std::string_view names) {
      server.enqueue(coded_response(body, names));
      const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
      const Result<std::string> text = response.body().try_string();
      REQUIRE_FALSE(text);
      CHECK(contains(text.error().message(), server.url("/").host_header()));
      return text.error().code();
    };
    const std::string good = applied(some_prose(100), {"gzip", "deflate"});
    CHECK(error_of(good.substr(0, good.size() / 2), "gzip, deflate") == Errc::unexpected_end);
    const std::string inside = gzipped(some_prose(100));
    CHECK(error_of(zlib_wrapped(inside.substr(0, inside.size() - 1)), "gzip, deflate") == Errc::unexpected_end);
    CHECK(error_of(zlib_wrapped("no gzip"), "gzip, deflate") == Errc::content_coding);
    CHECK(error_of(good, "deflate, gzip") == Errc::content_coding);
    for (const Coding& coding : codings()) {
      if (std::string_view(coding.name) == "bare deflate") continue;
      CAPTURE(coding.name);
      const std::string coded = coding.encode(some_prose(100));
      CHECK(error_of("\xFF\xFF no such thing", coding.name) == Errc::content_coding);
      CHECK(error_of(coded.substr(0, coded.size() - 1), coding.name) == Errc::unexpected_end);
      CHECK(error_of(coded + std::string(65'537, '~'), coding.name) == Errc::content_coding);
    }
  }

  TEST_CASE_TEMPLATE("bombs of every coding, and of several, go off in little memory", D, OKHTTP_EVERY_DISPATCHER) {
    struct Bomb {
      const char* codings;
      std::string body;
    };
    static const std::vector<Bomb> bombs = [] {
      const std::string zeros(std::size_t{16} << 20, '\0');
      const std::string gzip = gzipped(zeros, 9);
      std::string many;
      for (int i = 0; i < 4; ++i) many += gzip;
      std::vector<Bomb> all = {{"gzip", many},
                               {"deflate", zlib_wrapped(zeros, 9)},
                               {"deflate", bare_deflated(zeros, 9)},
                               {"gzip, gzip", gzipped(many, 9)},
                               {"deflate, gzip, gzip", gzipped(gzipped(zlib_wrapped(zeros, 9), 9), 9)}};
      // Nothing comes out in the end, but much is between.
      std::string empty_members;
      const std::string empty = gzipped("");
      while (empty_members.size() < std::size_t{9} << 20) empty_members += empty;
      all.push_back({"gzip, gzip", gzipped(empty_members)});
#if OKHTTP_BROTLI
      all.push_back({"br", brotli_coded(zeros, 1)});
      all.push_back({"gzip, br", brotli_coded(many, 5)});
#endif
#if OKHTTP_ZSTD
      all.push_back({"zstd", zstd_coded(zeros) + zstd_coded(zeros, 1, 0, false)});
      all.push_back({"zstd, gzip", gzipped(skippable_frame(zeros), 9)});
#endif
      return all;
    }();
    const ClientFor<D> client;
    for (const Bomb& bomb : bombs) {
      CAPTURE(bomb.codings);
      CAPTURE(bomb.body.size());
      MockWebServer server;
      server.enqueue(coded_response(bomb.body, bomb.codings));
      const PeakMemory memory;
      const Response response = client.new_call(get_request(server.url("/").to_string())).execute();
      std::string piece(64 * 1024, '\0');
      std::uint64_t total = 0;
      Result<std::size_t> read = std::size_t{0};
      while ((read = response.body().try_read(piece)) && *read > 0) total += *read;
      CHECK(total <= DecodingLimits{}.ratio_floor_bytes);
      REQUIRE_FALSE(read);
      CHECK(read.error() == Errc::content_coding);
      CHECK(contains(read.error().message(), "expands too far"));
      CHECK(memory.grown() < std::uint64_t{48} << 20);
    }
  }

  TEST_CASE_TEMPLATE("a limit for all that is decoded", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    DecodingLimits limits;
    limits.max_decoded_bytes = 10'000;
    const auto client = typename ClientFor<D>::Builder().decoding_limits(limits).build();
    server.enqueue(coded_response(gzipped(some_noise(10'000)), "gzip"));
    server.enqueue(coded_response(gzipped(some_noise(10'001)), "gzip"));
    const std::string url = server.url("/").to_string();
    CHECK(client.new_call(get_request(url)).execute().body().string().size() == 10'000);
    const Result<std::string> more = client.new_call(get_request(url)).execute().body().try_string();
    CHECK(more.error() == Errc::content_coding);
    CHECK(contains(more.error().message(), "more than 10000 bytes when decoded"));
  }

  TEST_CASE_TEMPLATE("a request body is compressed as it is sent, and again when it is sent again", D,
                     OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    const std::string text = some_prose(10'000);
    const RequestBody plain = RequestBody::create(text, "text/plain");
    server.enqueue(MockResponse().code(307).header("Location", "/again"));
    server.enqueue(MockResponse().body("thanks"));
    const Request request = Request::Builder().url(server.url("/")).post(plain).gzip().build();
    CHECK(client.new_call(request).execute().body().string() == "thanks");
    for (int i = 0; i < 2; ++i) {
      const okhttp::RecordedRequest recorded = server.take_request();
      CHECK(recorded.header("Content-Encoding") == "gzip");
      CHECK(recorded.headers().values("Content-Encoding").size() == 1);
      CHECK(recorded.header("Transfer-Encoding") == "chunked");
      CHECK(recorded.header("Content-Type") == "text/plain; charset=utf-8");
      CHECK_FALSE(recorded.header("Content-Length"));
      const std::string body(recorded.body());
      CHECK(body.size() < text.size() / 3);
      CHECK((decode_with(*okhttp::Gzip::make_decoder("gzip"), body).text == text));
    }
    // The body alone says what it is, too, unless the request does.
    server.enqueue(MockResponse());
    server.enqueue(MockResponse());
    const Request wrapped = Request::Builder().url(server.url("/")).put(RequestBody::encoded<okhttp::Deflate>(plain)).build();
    CHECK(client.new_call(wrapped).execute().is_successful());
    const okhttp::RecordedRequest recorded = server.take_request();
    CHECK(recorded.header("Content-Encoding") == "deflate");
    CHECK((decode_with(*okhttp::Deflate::make_decoder("deflate"), std::string(recorded.body())).text == text));
    CHECK(client.new_call(wrapped.new_builder().header("Content-Encoding", "own").build()).execute().is_successful());
    CHECK(server.take_request().headers().values("Content-Encoding") == std::vector<std::string>{"own"});
  }

  TEST_CASE_TEMPLATE("a redirect that drops the body drops its coding", D, OKHTTP_EVERY_DISPATCHER) {
    MockWebServer server;
    const ClientFor<D> client;
    server.enqueue(MockResponse().code(303).header("Location", "/see"));
    server.enqueue(MockResponse().body("seen"));
    const Request request = Request::Builder().url(server.url("/")).post(RequestBody::create("text")).gzip().build();
    CHECK(client.new_call(request).execute().body().string() == "seen");
    CHECK(server.take_request().header("Content-Encoding") == "gzip");
    const okhttp::RecordedRequest second = server.take_request();
    CHECK(second.method() == "GET");
    CHECK_FALSE(second.header("Content-Encoding"));
  }

  TEST_CASE_TEMPLATE("node decodes what is sent to it and encodes what it answers", D, OKHTTP_EVERY_DISPATCHER) {
    const ClientFor<D> client;
    const std::string text = some_prose(3000) + some_noise(30'000);
    const RequestBody plain = RequestBody::create(text, "text/plain");
    std::vector<RequestBody> bodies = {RequestBody::gzip(plain), RequestBody::encoded<okhttp::Deflate>(plain)};
    std::vector<std::string> encodings = {"gzip", "deflate", "deflate-raw", "deflate,gzip"};
#if OKHTTP_BROTLI
    bodies.push_back(RequestBody::encoded<okhttp::Brotli>(plain));
    encodings.insert(encodings.end(), {"br", "br,gzip", "gzip,deflate,br"});
#endif
    for (const RequestBody& body : bodies) {
      CAPTURE(body.content_encoding());
      const Request request = Request::Builder().url(node().url("/decode")).post(body).build();
      const Response response = client.new_call(request).execute();
      CHECK(response.header("X-Content-Encoding") == body.content_encoding());
      CHECK(response.header("X-Coding") == "chunked");
      CHECK((response.body().string() == text));
    }
    for (const std::string& names : encodings) {
      CAPTURE(names);
      const Request request = Request::Builder().url(node().url("/encode?" + names)).post(plain).build();
      const Response response = client.new_call(request).execute();
      CHECK(response.header("X-Accept-Encoding") == all_codings);
      CHECK(response.network_response()->header("Content-Encoding"));
      CHECK_FALSE(response.header("Content-Encoding"));
      CHECK((response.body().string() == text));
    }
  }
}

}  // namespace content_coding_test
