// SPDX-License-Identifier: Apache-2.0
// Bodies as docs/bodies.md writes them, against a mock server. Runs in an empty folder.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

void require(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d does not hold\n", __FILE__, line);
  std::exit(1);
}
#define REQUIRE(...) require((__VA_ARGS__), __LINE__)

void requests(const okhttp::HttpUrl& u) {
  // clang-format off
  using okhttp::Request;                                          // "" as a media type: no Content-Type
  Request::Builder().url(u).post(okhttp::RequestBody::create(R"({"a":1})", "application/json"));
  Request::Builder().url(u).put(okhttp::RequestBody::from_file("big.iso", "application/octet-stream"));
  Request::Builder().url(u).post(okhttp::FormBody::Builder().add("q", "c++ & more").build());
  Request::Builder().url(u).post(okhttp::MultipartBody::Builder().type(okhttp::MultipartBody::form)
      .add_form_data_part("title", "Square")
      .add_form_data_part("image", "logo.png", okhttp::RequestBody::from_file("logo.png", "image/png")).build());
  // clang-format on
}

}  // namespace

int main() {
  okhttp::MockWebServer server;
  const okhttp::HttpUrl url = server.url("/");
  okhttp::Client client;
  requests(url);

  std::ofstream("logo.png") << "pixels";
  const okhttp::RequestBody body =
      okhttp::MultipartBody::Builder()
          .type(okhttp::MultipartBody::form)
          .add_form_data_part("title", "Square")
          .add_form_data_part("image", "logo.png", okhttp::RequestBody::from_file("logo.png", "image/png"))
          .build();
  okhttp::RequestBody watched = okhttp::with_progress(body, [](okhttp::Progress p) {
    std::clog << p.bytes << '/' << p.total << '\n';
  });
  server.enqueue(okhttp::MockResponse());
  REQUIRE(okhttp::post(url.to_string(), watched).code() == 200);
  const okhttp::RecordedRequest recorded = server.take_request();
  std::vector<std::string> sent;
  for (auto& part : okhttp::MultipartReader(okhttp::ResponseBody::of(recorded.body(), std::string(*recorded.header("Content-Type")))))
    sent.push_back(part.body().string());
  REQUIRE(sent == std::vector<std::string>{"Square", "pixels"});

  server.enqueue(okhttp::MockResponse()
                     .header("Content-Type", "multipart/mixed; boundary=B")
                     .body("--B\r\nContent-Type: a/b\r\n\r\none\r\n--B\r\n\r\ntwo\r\n--B--\r\n"));
  const okhttp::Response response = client.new_call(okhttp::Request::Builder().url(url).build()).execute();
  std::string all;
  for (auto& part : okhttp::MultipartReader(response.body())) {
    std::string type(part.header("Content-Type").value_or("?"));
    std::string text = part.body().string();                      // or read, save_to ... as with a response
    all += type + "=" + text + ";";
  }
  REQUIRE(all == "a/b=one;?=two;");

  for (auto& part : okhttp::MultipartReader(okhttp::ResponseBody::of("--B\r\n\r\nx\r\n--B--", "multipart/mixed; boundary=B")))
    REQUIRE(part.body().string() == "x");
}
