// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/progress.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/form_body.hpp>
#include <okhttp/message/multipart_body.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace progress_test {

using okhttp::Errc;
using okhttp::Progress;
using okhttp::RequestBody;
using okhttp::Result;

namespace {

/// Reads all of it, `piece` bytes at a time; gives what was reported.
struct Reports {
  std::string text;
  auto callback() {
    return [this](Progress p) {
      text += std::to_string(p.bytes) + "/" + std::to_string(p.total) + (p.is_complete ? "! " : " ");
    };
  }
};
void read_all(const RequestBody& body, std::size_t piece) {
  const auto reader = body.open().value();
  std::vector<std::byte> buffer(piece);
  while (reader->read(buffer).value() > 0) {
  }
  CHECK(reader->read(buffer).value() == 0);
}

}  // namespace

TEST_SUITE("message/progress") {
  TEST_CASE("tells what was sent, from 0 in every pass") {
    Reports reports;
    const RequestBody body = okhttp::with_progress(RequestBody::create("0123456789", "text/plain"), reports.callback());
    read_all(body, 4);
    CHECK(reports.text == "0/10 4/10 8/10 10/10! ");
    read_all(body, 100);
    CHECK(reports.text == "0/10 4/10 8/10 10/10! 0/10 10/10! ");
  }

  TEST_CASE("tells the end of what has no bytes or no length") {
    Reports reports;
    read_all(okhttp::with_progress(RequestBody::create(""), reports.callback()), 1);
    CHECK(reports.text == "0/0! ");
    reports.text.clear();
    const RequestBody unknown = RequestBody::from_reader([left = 3](std::span<std::byte>) mutable -> std::size_t {
      return left-- > 0 ? 2 : 0;
    });
    const RequestBody body = okhttp::with_progress(unknown, reports.callback());
    CHECK(body.is_one_shot());
    CHECK(body.content_length() == -1);
    read_all(body, 2);
    CHECK(reports.text == "0/-1 2/-1 4/-1 6/-1! ");
    CHECK(body.open().error() == Errc::misuse);
  }

  TEST_CASE("leaves the rest as it is") {
    const RequestBody plain = RequestBody::create("x", "text/plain");
    const RequestBody body = okhttp::with_progress(plain, [](Progress) {});
    CHECK(body.content_type() == plain.content_type());
    CHECK(body.content_length() == 1);
    CHECK_FALSE(body.is_one_shot());
    CHECK_FALSE(body.is_duplex());
    CHECK_FALSE(body.in_memory());  // else nobody would read it in pieces
    CHECK(body.fault() == nullptr);
    CHECK(okhttp::with_progress(RequestBody::duplex(plain), [](Progress) {}).is_duplex());
    const RequestBody faulty = okhttp::with_progress(RequestBody::create("x", "nonsense"), [](Progress) {});
    REQUIRE(faulty.fault() != nullptr);
    CHECK(faulty.open().error() == Errc::invalid_argument);
    read_all(okhttp::with_progress(plain, nullptr), 1);
#if OKHTTP_ZLIB
    const RequestBody coded = RequestBody::gzip(plain);
    CHECK(okhttp::with_progress(coded, [](Progress) {}).content_encoding() == "gzip");
    CHECK(RequestBody::one_shot(coded).content_encoding() == "gzip");
    CHECK(RequestBody::gzip(RequestBody::duplex(plain)).is_duplex());
#endif
  }

  TEST_CASE("wraps forms and multipart bodies, and takes move-only callbacks") {
    std::int64_t last = 0;
    auto owned = std::make_unique<int>(1);
    const RequestBody form = okhttp::with_progress(okhttp::FormBody::Builder().add("a", "b").build(),
                                                   [&last, owned = std::move(owned)](Progress p) { last = p.bytes + *owned; });
    read_all(form, 2);
    CHECK(last == 3 + 1);
    const RequestBody parts = okhttp::with_progress(
        okhttp::MultipartBody::Builder("B").add_part(RequestBody::create("x")).build(), [&](Progress p) { last = p.bytes; });
    read_all(parts, 5);
    CHECK(last == parts.content_length());
  }

  TEST_CASE("a pass that fails has no last report") {
    Reports reports;
    const RequestBody body = okhttp::with_progress(
        RequestBody::from_reader([first = true](std::span<std::byte>) mutable -> Result<std::size_t> {
          if (std::exchange(first, false)) return std::size_t{1};
          return {Errc::io, "gone"};
        }),
        reports.callback());
    const auto reader = body.open().value();
    std::byte buffer[8];
    CHECK(reader->read(buffer).value() == 1);
    CHECK(reader->read(buffer).error() == Errc::io);
    CHECK(reports.text == "0/-1 ");
  }

  TEST_CASE("what a callback throws comes out of the reader") {
    const RequestBody body = okhttp::with_progress(RequestBody::create("x"), [](Progress) { throw std::runtime_error("stop"); });
    const auto reader = body.open().value();
    std::byte buffer[8];
    CHECK_THROWS_AS((void)reader->read(buffer), std::runtime_error);
  }
}

}  // namespace progress_test
