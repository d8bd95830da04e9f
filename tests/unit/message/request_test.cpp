// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/request.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace request_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::HttpUrl;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Result;

namespace {

Request::Builder to_example() {
  Request::Builder builder;
  builder.url("https://example.com/a?b=c");
  return builder;
}

Errc code_of(const Request::Builder& builder) {
  const Result<Request> result = builder.try_build();
  return result ? Errc{} : result.error().code();
}

struct Color {
  std::string name;
};
struct Size {
  std::string name;
};

}  // namespace

TEST_SUITE("message/request") {
  TEST_CASE("a URL is enough for a GET without headers and body") {
    const Request request = Request::Builder().url("http://example.com").build();
    CHECK(request.url().to_string() == "http://example.com/");
    CHECK(request.method() == "GET");
    CHECK(request.headers().empty());
    CHECK(request.body() == nullptr);
    CHECK_FALSE(request.is_https());
    CHECK(to_example().build().is_https());
  }

  TEST_CASE("takes URLs as text of any kind and as HttpUrl") {
    const std::string text = "http://a/";
    CHECK(Request::Builder().url(text).build().url().host() == "a");
    CHECK(Request::Builder().url(std::string_view(text)).build().url().host() == "a");
    CHECK(Request::Builder().url(HttpUrl::parse(text)).build().url().host() == "a");
  }

  TEST_CASE("takes web socket URLs as the http ones they are opened with") {
    CHECK(Request::Builder().url("ws://a/x").build().url().to_string() == "http://a/x");
    CHECK(Request::Builder().url("WSS://a:444/x").build().url().to_string() == "https://a:444/x");
    CHECK(code_of(Request::Builder().url("wsx://a/")) == Errc::bad_url);
  }

  TEST_CASE("keeps the first fault and reports it when built") {
    CHECK(code_of(Request::Builder()) == Errc::invalid_argument);
    CHECK(code_of(Request::Builder().url("nonsense").header("bad name", "x")) == Errc::bad_url);
    CHECK(code_of(to_example().header("bad name", "x").url("nonsense")) == Errc::invalid_argument);
    CHECK_THROWS_AS((void)Request::Builder().build(), okhttp::Exception);
    Request::Builder builder = to_example();
    builder.header("A", "1").header("B", "line\nbreak").header("C", "3").remove_header("A");
    CHECK(code_of(builder) == Errc::invalid_argument);
  }

  TEST_CASE("sets, adds, removes and replaces headers") {
    Request::Builder builder = to_example();
    builder.header("A", "1").add_header("a", "2").header("B", "3").add_header("C", "4");
    CHECK(builder.build().headers() ==
          Headers::of({{"A", "1"}, {"a", "2"}, {"B", "3"}, {"C", "4"}}));
    CHECK(builder.build().header("A") == "2");
    CHECK(builder.build().headers("A") == std::vector<std::string>{"1", "2"});
    builder.header("a", "5").remove_header("c");
    CHECK(builder.build().headers() == Headers::of({{"B", "3"}, {"a", "5"}}));
    builder.headers(Headers::of({{"D", "6"}}));
    CHECK(builder.build().headers() == Headers::of({{"D", "6"}}));
    CHECK_FALSE(builder.build().header("A"));
  }

  TEST_CASE("has a setter for every common method") {
    const RequestBody body = RequestBody::create("x", "text/plain");
    CHECK(to_example().head().build().method() == "HEAD");
    CHECK(to_example().post(body).build().method() == "POST");
    CHECK(to_example().put(body).build().method() == "PUT");
    CHECK(to_example().patch(body).build().method() == "PATCH");
    CHECK(to_example().delete_(body).build().method() == "DELETE");
    CHECK(to_example().method("PROPFIND").build().method() == "PROPFIND");
    CHECK(to_example().method("PROPFIND", body).build().body()->content_length() == 1);
    CHECK(to_example().post(body).get().build().body() == std::nullopt);

    const Request request = to_example().delete_().build();
    REQUIRE(request.body() != nullptr);
    CHECK(request.body()->content_length() == 0);
    CHECK_FALSE(request.body()->content_type());
    CHECK(to_example().method("DELETE").build().body() == std::nullopt);
  }

  TEST_CASE("refuses a body where there can be none, and none where there has to be one") {
    const RequestBody body = RequestBody::create("x");
    for (const char* method : {"GET", "HEAD", "TRACE"}) {
      CAPTURE(method);
      CHECK(code_of(to_example().method(method, body)) == Errc::invalid_argument);
      CHECK(code_of(to_example().method(method)) == Errc{});
    }
    for (const char* method : {"POST", "PUT", "PATCH", "PROPPATCH", "QUERY", "REPORT"}) {
      CAPTURE(method);
      CHECK(code_of(to_example().method(method)) == Errc::invalid_argument);
      CHECK(code_of(to_example().method(method, body)) == Errc{});
    }
    for (const char* method : {"", "GE T", "GET\r\nX: y", "G\xC3\x89T", "(", "a/b"}) {
      CAPTURE(method);
      CHECK(code_of(to_example().method(method)) == Errc::invalid_argument);
    }
    CHECK(to_example().method("get", body).build().method() == "get");
  }

  TEST_CASE("refuses a body whose media type cannot be sent") {
    CHECK(code_of(to_example().post(RequestBody::create("x", "text"))) == Errc::invalid_argument);
  }

  TEST_CASE("is idempotent by method, by header, or by word") {
    const RequestBody body = RequestBody::create("x");
    for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"})
      CHECK(to_example().method(method).build().is_idempotent());
    CHECK(to_example().put(body).build().is_idempotent());
    CHECK_FALSE(to_example().post(body).build().is_idempotent());
    CHECK_FALSE(to_example().patch(body).build().is_idempotent());
    CHECK_FALSE(to_example().method("get").build().is_idempotent());
    CHECK(to_example().post(body).header("idempotency-key", "1").build().is_idempotent());
    CHECK(to_example().post(body).idempotent(true).build().is_idempotent());
    CHECK_FALSE(to_example().idempotent(false).build().is_idempotent());
  }

  TEST_CASE("holds one tag per type") {
    const Request request =
        to_example().tag<Color>({"red"}).tag<Size>({"small"}).tag<Color>({"blue"}).build();
    REQUIRE(request.tag<Color>() != nullptr);
    CHECK(request.tag<Color>()->name == "blue");
    CHECK(request.tag<Size>()->name == "small");
    CHECK(request.tag<int>() == nullptr);
    const Request without = request.new_builder().remove_tag<Color>().build();
    CHECK(without.tag<Color>() == nullptr);
    CHECK(without.tag<Size>() != nullptr);
    CHECK(request.tag<Color>() != nullptr);
    const auto owned =
        to_example().tag(std::make_shared<int>(7)).build().tag<std::shared_ptr<int>>();
    CHECK(**owned == 7);
  }

  TEST_CASE("a new builder changes neither the request nor what it has built") {
    const Request first = to_example().header("A", "1").build();
    Request::Builder builder = first.new_builder();
    const Request second = builder.header("A", "2").build();
    const Request third = builder.url("http://other/").post(RequestBody::create("x")).build();
    CHECK(first.header("A") == "1");
    CHECK(second.header("A") == "2");
    CHECK(second.method() == "GET");
    CHECK(second.url().host() == "example.com");
    CHECK(third.header("A") == "2");
    CHECK(third.method() == "POST");
    Request moved = first;
    CHECK(std::move(moved).new_builder().header("A", "3").build().header("A") == "3");
    CHECK(first.header("A") == "1");
  }

  TEST_CASE("copies share one record, a temporary gives values") {
    const Request first = to_example().header("A", "1").build();
    const Request second = first;  // NOLINT: the copy is the point
    CHECK(&first.headers() == &second.headers());
    static_assert(std::is_same_v<decltype(first.header("A")), std::optional<std::string_view>>);
    static_assert(std::is_same_v<decltype(Request(first).header("A")), std::optional<std::string>>);
    static_assert(std::is_same_v<decltype(Request(first).headers()), Headers>);
    static_assert(std::is_same_v<decltype(Request(first).url()), HttpUrl>);
    static_assert(std::is_same_v<decltype(Request(first).method()), std::string>);
    static_assert(std::is_same_v<decltype(Request(first).body()), std::optional<RequestBody>>);
    static_assert(sizeof(Request) == 2 * sizeof(void*));
    std::string names;
    for (auto [name, value] : Request(first).headers()) names += name;
    CHECK(names == "A");
  }

  TEST_CASE("to_string shows no secret") {
    const Request request = Request::Builder()
                                .url("https://user:secret@example.com/path?token=secret#secret")
                                .header("Authorization", "secret")
                                .header("Accept", "*/*")
                                .build();
    const std::string mark(okhttp::redacted_mark);
    CHECK(request.to_string() == "GET https://example.com/path?" + mark +
                                     "\nAuthorization: " + mark + "\nAccept: */*\n");
  }

  TEST_CASE("what a request is sent as is kept from the second time on, for one client") {
    const Request request = Request::Builder().url("http://example.com/").header("A", "1").build();
    int made = 0;
    const auto sent = [&made](const Request& from, std::uint64_t client) {
      return from.sent_as(client, [&] {
        Headers headers = from.headers();
        headers.append_unchecked("Made", std::to_string(++made) + " for " + std::to_string(client));
        return from.with_headers(std::move(headers));
      });
    };
    CHECK(sent(request, 7).header("Made") == "1 for 7");
    CHECK(sent(request, 7).header("Made") == "2 for 7");
    CHECK(sent(request, 7).header("Made") == "2 for 7");
    CHECK(sent(Request(request), 7).header("Made") == "2 for 7");
    CHECK(sent(request, 8).header("Made") == "3 for 8");
    CHECK(sent(request, 8).header("Made") == "4 for 8");
    CHECK(sent(request, 7).header("Made") == "2 for 7");
    // A changed request is another one, whether or not the first is still there.
    const Request changed = request.new_builder().header("A", "2").build();
    CHECK(sent(changed, 7).header("Made") == "5 for 7");
    CHECK(sent(changed, 7).header("A") == "2");
    Request alone = Request::Builder().url("http://example.com/").build();
    for (int i = 0; i < 3; ++i) (void)sent(alone, 7);
    const Request next = std::move(alone).new_builder().header("A", "3").build();
    CHECK(sent(next, 7).header("A") == "3");
    CHECK(sent(next, 7).header("A") == "3");
    CHECK(request.header("Made") == std::nullopt);
  }
}

}  // namespace request_test
