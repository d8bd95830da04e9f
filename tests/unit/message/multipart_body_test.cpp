// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_body.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/form_body.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "../../support/temporary_folder.hpp"

namespace multipart_body_test {

using okhttp::Errc;
using okhttp::Headers;
using okhttp::MultipartBody;
using okhttp::RequestBody;
using okhttp::RequestBodyReader;
using okhttp::Result;

namespace {

/// Everything a pass gives, read `piece` bytes at a time; the error's code in angle brackets.
std::string all_of(const RequestBody& body, std::size_t piece = 4096) {
  const Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
  if (!reader) return "<" + std::to_string(static_cast<int>(reader.error().code())) + ">";
  std::vector<std::byte> buffer(piece);
  std::string text;
  for (;;) {
    const Result<std::size_t> size = (*reader)->read(buffer);
    if (!size) return text + "<" + std::to_string(static_cast<int>(size.error().code())) + ">";
    if (*size == 0) break;
    text.append(reinterpret_cast<const char*>(buffer.data()), *size);
  }
  CHECK((*reader)->read(buffer).value() == 0);
  return text;
}
std::string failed_with(Errc code) { return "<" + std::to_string(static_cast<int>(code)) + ">"; }

/// A body that is not in memory, has the length it claims or another one, and may block.
class Streamed final : public RequestBody::Content {
 public:
  Streamed(std::string text, std::int64_t claimed, bool blocks = false, std::string_view media_type = "")
      : Content(media_type), text_(std::move(text)), claimed_(claimed), blocks_(blocks) {}
  std::int64_t content_length() const override { return claimed_; }
  Result<std::unique_ptr<RequestBodyReader>> open() const override {
    std::unique_ptr<RequestBodyReader> reader = std::make_unique<Reader>(*this);
    return reader;
  }

 private:
  class Reader final : public RequestBodyReader {
   public:
    explicit Reader(const Streamed& body) : body_(body), rest_(body.text_) {}
    Result<std::size_t> read(std::span<std::byte> into) override {
      const std::size_t size = std::min(into.size(), rest_.size());
      if (size > 0) std::memcpy(into.data(), rest_.data(), size);
      rest_.remove_prefix(size);
      return size;
    }
    bool may_block() const noexcept override { return body_.blocks_; }

   private:
    const Streamed& body_;
    std::string_view rest_;
  };

  const std::string text_;
  const std::int64_t claimed_;
  const bool blocks_;
};

RequestBody streamed(std::string text) {
  const auto size = static_cast<std::int64_t>(text.size());
  return RequestBody(std::make_shared<Streamed>(std::move(text), size));
}
RequestBody claiming(std::string text, std::int64_t claimed) {
  return RequestBody(std::make_shared<Streamed>(std::move(text), claimed));
}

Errc fault_of(MultipartBody::Builder builder) {
  const Result<MultipartBody> body = builder.try_build();
  return body ? Errc{} : body.error().code();
}

}  // namespace

TEST_SUITE("message/multipart_body") {
  TEST_CASE("needs a part") { CHECK(fault_of(MultipartBody::Builder()) == Errc::invalid_argument); }

  TEST_CASE("one part") {
    const MultipartBody body = MultipartBody::Builder("123").add_part(RequestBody::create("Hello, World!")).build();
    const std::string expected =
        "--123\r\n"
        "\r\n"
        "Hello, World!\r\n"
        "--123--\r\n";
    CHECK(body.boundary() == "123");
    CHECK(body.type() == MultipartBody::mixed);
    CHECK(body.parts().size() == 1);
    const RequestBody sent = body;
    CHECK(sent.content_type() == "multipart/mixed; boundary=123");
    CHECK(sent.content_length() == 33);
    CHECK(sent.content_length() == static_cast<std::int64_t>(expected.size()));
    CHECK(all_of(sent) == expected);
    CHECK(all_of(sent) == expected);
    REQUIRE(sent.in_memory());  // so it leaves with the request's head
    CHECK(sent.in_memory()->size() == expected.size());
  }

  TEST_CASE("headers and media types of parts, nested bodies") {
    const RequestBody inner = MultipartBody::Builder("BbC04y")
                                  .add_part(Headers::of({{"Content-Disposition", "file; filename=\"file1.txt\""}}),
                                            RequestBody::create("... contents of file1.txt ...", "text/plain"))
                                  .add_part(streamed("\x01\x02 file2"))
                                  .build();
    const RequestBody body = MultipartBody::Builder("AaB03x")
                                 .type(MultipartBody::form)
                                 .add_form_data_part("submit-name", "Larry")
                                 .add_part(Headers::of({{"Content-Disposition", "form-data; name=\"files\""}, {"X-A", "1"}}), inner)
                                 .build();
    const std::string expected =
        "--AaB03x\r\n"
        "Content-Disposition: form-data; name=\"submit-name\"\r\n"
        "\r\n"
        "Larry\r\n"
        "--AaB03x\r\n"
        "Content-Disposition: form-data; name=\"files\"\r\n"
        "X-A: 1\r\n"
        "Content-Type: multipart/mixed; boundary=BbC04y\r\n"
        "\r\n"
        "--BbC04y\r\n"
        "Content-Disposition: file; filename=\"file1.txt\"\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        "... contents of file1.txt ...\r\n"
        "--BbC04y\r\n"
        "\r\n"
        "\x01\x02 file2\r\n"
        "--BbC04y--\r\n"
        "\r\n"
        "--AaB03x--\r\n";
    CHECK(body.content_type() == "multipart/form-data; boundary=AaB03x");
    CHECK(body.content_length() == static_cast<std::int64_t>(expected.size()));
    CHECK_FALSE(body.in_memory());
    for (std::size_t piece = 1; piece < 70; ++piece) {
      CAPTURE(piece);
      CHECK(all_of(body, piece) == expected);
    }
    CHECK(all_of(body) == expected);
  }

  TEST_CASE("empty parts, in memory and streamed") {
    const std::string expected = "--B\r\n\r\n\r\n--B\r\n\r\n\r\n--B\r\n\r\n\r\n--B--\r\n";
    const RequestBody body = MultipartBody::Builder("B")
                                 .add_part(RequestBody::create(""))
                                 .add_part(streamed(""))
                                 .add_part(RequestBody::create(""))
                                 .build();
    for (std::size_t piece = 1; piece < 40; ++piece) CHECK(all_of(body, piece) == expected);
    const RequestBody small = MultipartBody::Builder("B").add_part(RequestBody::create("")).build();
    CHECK(all_of(small, 3) == "--B\r\n\r\n\r\n--B--\r\n");
  }

  TEST_CASE("names are quoted as browsers quote them") {
    const auto disposition = [](std::string_view name) {
      return std::string(*MultipartBody::Part::form_data(name, "").headers().get("Content-Disposition"));
    };
    CHECK(disposition("a\"b") == "form-data; name=\"a%22b\"");
    CHECK(disposition("a\r\nb") == "form-data; name=\"a%0D%0Ab\"");
    CHECK(disposition("a%22\\'") == "form-data; name=\"a%22\\'\"");
    CHECK(disposition("\xC3\xBC \xE2\x98\x83") == "form-data; name=\"\xC3\xBC \xE2\x98\x83\"");
    CHECK(disposition("") == "form-data; name=\"\"");
    CHECK(disposition("x\"; filename=\"evil") == "form-data; name=\"x%22; filename=%22evil\"");
    const MultipartBody::Part file = MultipartBody::Part::form_data("n", "a \"b\"\r\n\xC3\xBC.png", RequestBody::create(""));
    CHECK(file.headers().get("Content-Disposition") == "form-data; name=\"n\"; filename=\"a %22b%22%0D%0A\xC3\xBC.png\"");
    CHECK(file.headers().size() == 1);
    const MultipartBody::Part unnamed = MultipartBody::Part::form_data("n", "", RequestBody::create(""));
    CHECK(unnamed.headers().get("Content-Disposition") == "form-data; name=\"n\"; filename=\"\"");
    const MultipartBody::Part typed = MultipartBody::Part::form_data("n", RequestBody::create("{}", "application/json"));
    CHECK(typed.headers().get("Content-Disposition") == "form-data; name=\"n\"");
  }

  TEST_CASE("faults of parts are the builder's") {
    const RequestBody text = RequestBody::create("x");
    using Builder = MultipartBody::Builder;
    CHECK(fault_of(Builder().add_part(Headers::of({{"content-TYPE", "a/b"}}), text)) == Errc::invalid_argument);
    CHECK(fault_of(Builder().add_part(Headers::of({{"Content-Length", "1"}}), text)) == Errc::invalid_argument);
    CHECK(fault_of(Builder().add_part(RequestBody::create("x", "nonsense"))) == Errc::invalid_argument);
    CHECK(fault_of(Builder().add_part(RequestBody::duplex(text))) == Errc::invalid_argument);
    using namespace std::string_view_literals;
    CHECK(fault_of(Builder().add_form_data_part("a\0b"sv, "x")) == Errc::invalid_argument);
    CHECK(fault_of(Builder().add_form_data_part("a", "\x1B", text)) == Errc::invalid_argument);
    CHECK(fault_of(Builder().add_part(text)) == Errc{});
    const Result<MultipartBody> first =
        Builder().add_part(Headers::of({{"Content-Length", "1"}}), text).add_part(RequestBody::create("x", "y")).try_build();
    CHECK(first.error().message() == "the headers of a part cannot have Content-Length, which its body says");
  }

  TEST_CASE("boundaries and types are looked at") {
    const auto with = [](std::string boundary) {
      return fault_of(MultipartBody::Builder(std::move(boundary)).add_part(RequestBody::create("x")));
    };
    CHECK(with(std::string(70, 'a')) == Errc{});
    CHECK(with("0aZ'()+_,-./:=?") == Errc{});
    for (const std::string& bad : {std::string(), std::string(71, 'a'), std::string("a "), std::string("a\r\nb"),
                                   std::string("a\"b"), std::string("a;b"), std::string("\xC3\xBC")}) {
      CAPTURE(bad);
      CHECK(with(bad) == Errc::invalid_argument);
    }
    const RequestBody quoted = MultipartBody::Builder("a b:c").add_part(RequestBody::create("x")).build();
    CHECK(quoted.content_type() == "multipart/mixed; boundary=\"a b:c\"");
    CHECK(quoted.fault() == nullptr);
    // Without quotes MediaType would take the apostrophes off, and find no part.
    const RequestBody pointed = MultipartBody::Builder("'a'").add_part(RequestBody::create("x")).build();
    CHECK(pointed.content_type() == "multipart/mixed; boundary=\"'a'\"");
    CHECK(okhttp::MediaType::parse(*pointed.content_type()).parameter("boundary") == "'a'");

    const auto typed = [](std::string_view type) {
      return MultipartBody::Builder("B").type(type).add_part(RequestBody::create("x")).try_build();
    };
    for (const std::string_view type : {MultipartBody::mixed, MultipartBody::alternative, MultipartBody::digest,
                                        MultipartBody::parallel, MultipartBody::related, MultipartBody::form})
      CHECK(RequestBody(*typed(type)).content_type() == std::string(type) + "; boundary=B");
    CHECK(typed("multipart/related; type=\"text/xml\"")->type() == "multipart/related; type=\"text/xml\"");
    CHECK(typed("text/plain").error() == Errc::invalid_argument);
    CHECK(typed("multipart").error() == Errc::invalid_argument);
    CHECK(typed("multipart/mixed; boundary=x").error() == Errc::invalid_argument);
    CHECK(typed("multipart/mixed\r\nA: b").error() == Errc::invalid_argument);
  }

  TEST_CASE("every body has a boundary of its own") {
    std::set<std::string> seen;
    MultipartBody::Builder builder;
    builder.add_part(RequestBody::create("x"));
    for (int i = 0; i < 200; ++i) {
      const std::string boundary = builder.build().boundary();
      CHECK(boundary.size() == 32);
      CHECK(boundary.find_first_not_of("0123456789abcdef") == std::string::npos);
      seen.insert(boundary);
    }
    CHECK(seen.size() == 200);
  }

  TEST_CASE("the length is known when that of every part is") {
    const auto length = [](RequestBody part) {
      return MultipartBody::Builder("B").add_part(RequestBody::create("x")).add_part(std::move(part)).build().content_length();
    };
    CHECK(length(streamed(std::string(100'000, 'x'))) == 10 + 9 + 100'000 + 7);
    CHECK(length(claiming("x", -1)) == -1);
    CHECK(length(RequestBody::from_reader([](std::span<std::byte>) -> std::size_t { return 0; })) == -1);
    CHECK(length(claiming("x", INT64_MAX)) == -1);
    CHECK(length(claiming("x", INT64_MAX - 10)) == -1);
  }

  TEST_CASE("is one-shot when a part is") {
    const RequestBody once = RequestBody::from_reader([left = 2](std::span<std::byte> into) mutable -> std::size_t {
      if (left-- == 0) return 0;
      into[0] = std::byte{'r'};
      return 1;
    });
    const MultipartBody body =
        MultipartBody::Builder("B").add_part(RequestBody::create("x")).add_part(once).add_part(RequestBody::create("y")).build();
    CHECK(body.is_one_shot());
    CHECK(RequestBody(body).is_one_shot());
    CHECK(all_of(body) == "--B\r\n\r\nx\r\n--B\r\n\r\nrr\r\n--B\r\n\r\ny\r\n--B--\r\n");
    CHECK(all_of(body) == "--B\r\n\r\nx\r\n" + failed_with(Errc::misuse));
    CHECK_FALSE(MultipartBody::Builder().add_part(streamed("x")).build().is_one_shot());
    const RequestBody whole = MultipartBody::Builder("B").add_part(RequestBody::one_shot(RequestBody::create("x"))).build();
    CHECK(whole.is_one_shot());
    CHECK_FALSE(whole.in_memory());
  }

#if OKHTTP_ZLIB
  TEST_CASE("a part that is compressed says so") {
    const RequestBody body =
        MultipartBody::Builder("B").add_part(RequestBody::gzip(RequestBody::create("x", "text/plain"))).build();
    CHECK(body.content_length() == -1);
    CHECK(all_of(body).starts_with("--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\n\r\n\x1F\x8B"));
  }
#endif

  TEST_CASE("a part that is shorter or longer than it said is a fault") {
    for (const std::int64_t claimed : {std::int64_t{0}, std::int64_t{4}, std::int64_t{6}, std::int64_t{100}}) {
      CAPTURE(claimed);
      const RequestBody body = MultipartBody::Builder("B").add_part(claiming("12345", claimed)).build();
      CHECK(all_of(body).ends_with(failed_with(Errc::body_length)));
      CHECK(all_of(body, 2).ends_with(failed_with(Errc::body_length)));
    }
  }

  TEST_CASE("faults of readers are handed on") {
    const RequestBody body = MultipartBody::Builder("B")
                                 .add_part(RequestBody::from_reader([](std::span<std::byte>) -> Result<std::size_t> {
                                   return {Errc::io, "gone"};
                                 }))
                                 .build();
    CHECK(all_of(body) == "--B\r\n\r\n" + failed_with(Errc::io));
#if OKHTTP_FILES
    const RequestBody missing = MultipartBody::Builder("B").add_part(RequestBody::from_file("/nowhere/at/all")).build();
    CHECK(missing.content_length() == -1);
    CHECK(all_of(missing) == failed_with(Errc::file));
#endif
  }

#if OKHTTP_FILES
  TEST_CASE("files are read while they are sent, and never without a word before") {
    const TemporaryFolder folder;
    folder.write("a", std::string(5000, 'a'));
    folder.write("b", "");
    const RequestBody body = MultipartBody::Builder("B")
                                 .add_part(RequestBody::from_file(folder / "a", "image/png"))
                                 .add_part(RequestBody::create("memory"))
                                 .add_part(RequestBody::from_file(folder / "b"))
                                 .add_part(streamed("stream"))
                                 .add_part(RequestBody::from_file(folder / "b"))
                                 .build();
    const std::string expected = "--B\r\nContent-Type: image/png\r\n\r\n" + std::string(5000, 'a') +
                                 "\r\n--B\r\n\r\nmemory\r\n--B\r\n\r\n\r\n--B\r\n\r\nstream\r\n--B\r\n\r\n\r\n--B--\r\n";
    CHECK(body.content_length() == static_cast<std::int64_t>(expected.size()));
    for (const std::size_t piece : {1U, 2U, 7U, 4096U, 100'000U}) CHECK(all_of(body, piece) == expected);
    // Which reads say that they may wait for the disk: those that open or read a file.
    const auto reader = body.open().value();
    std::vector<std::byte> buffer(8192);
    std::string blocking;
    for (;;) {
      const bool blocks = reader->may_block();
      const std::size_t size = reader->read(buffer).value();
      if (size == 0) break;
      const std::string text(reinterpret_cast<const char*>(buffer.data()), size);
      blocking += blocks ? "[" + text.substr(0, 4) + "]" : text.substr(0, 4);
    }
    CHECK(blocking == "[--B\r][aaaa][\r\n--][--B\r][\r\n][--B\r]stre\r\n[--B\r][\r\n--]");
  }
#endif
}

}  // namespace multipart_body_test
