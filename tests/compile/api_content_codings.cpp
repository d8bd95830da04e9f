// SPDX-License-Identifier: Apache-2.0
// link: -lbrotlidec -lbrotlienc -lzstd
// Compressed bodies as docs/content_codings.md writes them, against a mock server.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

void require(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d does not hold\n", __FILE__, line);
  std::exit(1);
}
#define REQUIRE(...) require((__VA_ARGS__), __LINE__)

struct SmallGzip : okhttp::Gzip {
  static std::unique_ptr<okhttp::ContentEncoder> make_encoder() {
    return std::make_unique<okhttp::DeflateEncoder>(okhttp::DeflateEncoder::Format::gzip, 9);
  }
};

/// What a body is when it is sent.
std::string all_of(const okhttp::RequestBody& body) {
  const auto reader = body.open().value();
  std::string all;
  char piece[100];
  while (const std::size_t size = reader->read(std::as_writable_bytes(std::span(piece))).value()) all.append(piece, size);
  return all;
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  const okhttp::HttpUrl url = server.url("/");
  const okhttp::RequestBody body = okhttp::RequestBody::create("text, text, text, text, text, text", "text/plain");
  const okhttp::Request request = okhttp::Request::Builder().url(url).build();

  server.enqueue(okhttp::MockResponse().body(all_of(okhttp::RequestBody::encoded<okhttp::Brotli>(body)))
                     .header("Content-Encoding", "br"));
  using Browser = okhttp::BasicClient<okhttp::Compression<okhttp::Gzip, okhttp::Brotli, okhttp::Zstd>>;
  Browser client;
  std::string page = client.new_call(request).execute().body().string();  // whatever it was on the way
  REQUIRE(page == "text, text, text, text, text, text");
  REQUIRE(server.take_request().header("Accept-Encoding") == "gzip, br, zstd");

  server.enqueue(okhttp::MockResponse().gzip_body(std::string(10 << 20, 'x')));
  okhttp::DecodingLimits limits;
  limits.max_ratio = 50;
  limits.max_decoded_bytes = 100 << 20;
  auto careful = Browser::Builder().decoding_limits(limits).build();
  REQUIRE(careful.new_call(request).execute().body().try_string().error() == okhttp::Errc::content_coding);
  server.take_request();

  okhttp::Request compressed = okhttp::Request::Builder().url(url).post(body).gzip().build();
  okhttp::Request smaller = okhttp::Request::Builder().url(url).post(body).encoded<okhttp::Brotli>().build();
  okhttp::RequestBody wrapped = okhttp::RequestBody::encoded<okhttp::Zstd>(body);  // or RequestBody::gzip(body)
  for (const okhttp::Request& sent : {compressed, smaller, okhttp::Request::Builder().url(url).post(wrapped).build(),
                                      okhttp::Request::Builder().url(url).post(body).encoded<SmallGzip>().build()}) {
    server.enqueue(okhttp::MockResponse());
    client.new_call(sent).execute().body().close();
    REQUIRE(server.take_request().header("Content-Encoding") == sent.body()->content_encoding());
  }
}
