// SPDX-License-Identifier: Apache-2.0
#include <okhttp/extras/curl_command.hpp>

#include <doctest/doctest.h>

#include <okhttp/message/credentials.hpp>
#include <okhttp/message/multipart_body.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curl_command_test {

using okhttp::CurlOptions;
using okhttp::Errc;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Result;
using okhttp::to_curl;
using okhttp::try_parse_curl;
namespace shell = okhttp::detail::shell;

namespace {

Request::Builder at(std::string_view url) { return Request::Builder().url(url); }
Request made(const Request::Builder& builder) { return builder.try_build().value(); }

okhttp::Headers odd_header(std::string_view value) {
  return okhttp::Headers::Builder().add_unsafe_non_ascii("A", value).try_build().value();
}

std::string content_of(const Request& request) {
  if (request.body() == nullptr) return "(none)";
  auto reader = request.body()->open().value();
  std::string content;
  for (std::array<std::byte, 512> part;;) {
    const std::size_t count = reader->read(part).value();
    if (count == 0) return content;
    content.append(reinterpret_cast<const char*>(part.data()), count);
  }
}

/// Method, URL, headers, media type and body, for comparing and for showing what differs.
std::string described(const Request& request) {
  std::string text = std::string(request.method()) + ' ' + request.url().to_string() + '\n';
  for (const okhttp::Header& header : request.headers())
    text.append(header.name).append(": ").append(header.value).append("\n");
  if (request.body() != nullptr)
    text.append("[").append(request.body()->content_type().value_or("no type")).append("]\n");
  return text + content_of(request);
}

std::string described(std::string_view command) {
  const Result<Request> request = try_parse_curl(command);
  return request ? described(*request) : "error: " + request.error().message();
}

std::string fault_of(std::string_view command, const CurlOptions& options = CurlOptions()) {
  const Result<Request> request = try_parse_curl(command, options);
  if (request) return "none";
  CHECK((request.error() == Errc::invalid_argument || request.error() == Errc::bad_url));
  CHECK_EQ(request.error().message().find("secret"), std::string::npos);
  return request.error().message();
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string words_of(std::string_view command) {
  const Result<shell::Command> split = shell::split(command);
  if (!split) return "error: " + split.error().message();
  std::string all = split->input ? "<" + *split->input + ">" : "";
  for (const std::string& word : split->words) all += "[" + word + "]";
  return all;
}

/// Gives its text to any number of passes, but does not lie in memory.
class Streamed final : public RequestBody::Content {
 public:
  Streamed(std::string text, std::int64_t length, bool may_block)
      : Content("text/plain"),
        body_(RequestBody::create(std::move(text))),
        length_(length),
        may_block_(may_block) {}
  std::int64_t content_length() const override { return length_; }
  Result<std::unique_ptr<okhttp::RequestBodyReader>> open() const override {
    auto inner = body_.open();
    if (!inner) return inner;
    return std::unique_ptr<okhttp::RequestBodyReader>(std::make_unique<Reader>(*std::move(inner), may_block_));
  }

 private:
  class Reader final : public okhttp::RequestBodyReader {
   public:
    Reader(std::unique_ptr<okhttp::RequestBodyReader> inner, bool may_block)
        : inner_(std::move(inner)), may_block_(may_block) {}
    Result<std::size_t> read(std::span<std::byte> into) override { return inner_->read(into.first(1)); }
    bool may_block() const noexcept override { return may_block_; }

   private:
    std::unique_ptr<okhttp::RequestBodyReader> inner_;
    bool may_block_;
  };
  RequestBody body_;
  std::int64_t length_;
  bool may_block_;
};

Request post_streamed(std::string text, std::int64_t length, bool may_block = false) {
  return made(at("http://x/").post(RequestBody(std::make_shared<Streamed>(std::move(text), length, may_block))));
}

}  // namespace

TEST_SUITE("extras/curl_command") {
  TEST_CASE("words are those of a POSIX shell") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"  curl\ta  b ", "[curl][a][b]"},
        {"a'b c'\"d e\"f\\ g", "[ab cd ef g]"},
        {"'' \"\"", "[][]"},
        {"'it'\\''s'", "[it's]"},
        {"'a\\b$c`d'", "[a\\b$c`d]"},
        {R"("a\"b\\c\$d\`e\nf")", "[a\"b\\c$d`e\\nf]"},
        {"a \\\n b\\\nc \"d\\\ne\" \\\r\n f", "[a][bc][de][f]"},
        {"a # b 'c\n", "[a]"},
        {"a#b", "[a#b]"},
        {"a\n# b\n  \r\n", "[a]"},
        {"a ~/b *.c [d] {e,f} !g %h", "[a][~/b][*.c][[d]][{e,f}][!g][%h]"},
        {"cost$ \"5$\"", "[cost$][5$]"},
        {R"($'a\'b\"\\\n\t\x41\101\u00e9\U0001F600\?\e\ca')",
         "error: the command has an escape in $'...' that is not known"},
        {R"($'a\'b\"\\\n\t\x41\101\u00e9\U0001F600\?\e')", "[a'b\"\\\n\tAA\xC3\xA9\xF0\x9F\x98\x80?\x1B]"},
        {R"(x$'\u20ac'y)", "[x\xE2\x82\xACy]"},
        {R"(printf 'a%%b\\\n\0011\055' | curl -)", std::string_view("<a%b\\\n\0011->[curl][-]", 19)},
        {R"(curl "a$(printf '\033\n\n')b")", "[curl][a\033b]"},
    };
    for (const auto& item : cases) {
      CAPTURE(item.first);
      const std::string found = words_of(item.first);
      CHECK_EQ(found.substr(0, found.find(" (at its byte")), item.second);
    }
    for (const std::string_view wrong : {"'a",
                                         "\"a",
                                         "$'a",
                                         "a\\",
                                         "a$b",
                                         "$(ls)",
                                         "`ls`",
                                         "\"$a\"",
                                         "\"`ls`\"",
                                         "\"$(ls)\"",
                                         "\"$(printf 'a' b)\"",
                                         "\"$(printf '%s')\"",
                                         "a; b",
                                         "a & b",
                                         "a > b",
                                         "a < b",
                                         "(a)",
                                         "a\nb",
                                         "a | b",
                                         "printf | a",
                                         "printf a || b",
                                         "printf a | printf b | c",
                                         "printf '%d' | a",
                                         "printf '\\x' | a",
                                         "$'\\x00'",
                                         "$'\\0'",
                                         "$'\\ud800'",
                                         "$\"a\"",
                                         "$'\\U00110000'",
                                         "$'\\q'",
                                         "$'\\",
                                         "curl ^\"http://x/^\""}) {
      CAPTURE(wrong);
      CHECK(words_of(wrong).starts_with("error: the command "));
    }
    CHECK(has(words_of(std::string_view("a\0b", 3)), "NUL"));
    CHECK(has(words_of("curl ^\"http://x/^\""), "cmd.exe"));
    CHECK(has(words_of("curl x; y"), "(at its byte 7)"));
  }

  TEST_CASE("quoting gives one word back") {
    std::string all;
    for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
    for (const std::string& text :
         {std::string(), std::string("plain"), std::string("it's"), std::string("-a"), std::string("a b"),
          std::string("$(x)`y`\\"), std::string("caf\xC3\xA9 \xE2\x82\xAC"), std::string("a\nb"), all,
          std::string("\x1B[31m"),
          std::string("\xC2\x9B"
                      "31m"),
          std::string("-\t")}) {
      CAPTURE(text);
      std::string quoted;
      shell::append_quoted(quoted, text);
      CHECK(shell::is_plain_text(quoted));
      const Result<shell::Command> split = shell::split(quoted);
      REQUIRE(split);
      REQUIRE_EQ(split->words.size(), 1);
      CHECK_EQ(split->words[0], text);
    }
    all += '\0';
    std::string piped = "printf ";
    shell::append_printf_format(piped, all + all);
    const Result<shell::Command> split = shell::split(piped + " | x");
    REQUIRE(split);
    CHECK_EQ(split->input, all + all);
  }

  TEST_CASE("a request becomes a command") {
    CHECK_EQ(to_curl(made(at("https://x.test/a?b=c&d"))), "curl 'https://x.test/a?b=c&d'");
    CHECK_EQ(to_curl(made(at("http://x/").head())), "curl 'http://x/\' -I");
    CHECK_EQ(to_curl(made(at("http://x/").method("DELETE"))), "curl 'http://x/\' -X DELETE");
    CHECK_EQ(to_curl(made(at("http://x/").method("it's"))), "curl 'http://x/\' -X 'it'\\''s'");
    CHECK_EQ(to_curl(made(at("http://x/").post(RequestBody::create("")))),
             "curl 'http://x/\' -H Content-Type: --data-raw ''");
    CHECK_EQ(to_curl(made(at("http://x/").put(RequestBody::create("{\"a\": 'b'}", "application/json")))),
             "curl 'http://x/\' -X PUT -H 'Content-Type: application/json; charset=utf-8' "
             "--data-raw '{\"a\": '\\''b'\\''}'");
    CHECK_EQ(to_curl(made(at("http://x/").add_header("A", "1").add_header("B", "").add_header("a", "it's $5"))),
             "curl 'http://x/\' -H 'A: 1' -H 'B;' -H 'a: it'\\''s $5'");
    // The body's media type wins, the framing is curl's, and a file is no name here.
    CHECK_EQ(to_curl(made(at("http://x/")
                              .header("content-type", "a/b")
                              .header("Content-Length", "7")
                              .header("Transfer-Encoding", "chunked")
                              .post(RequestBody::create("@file", "c/d; charset=x")))),
             "curl 'http://x/\' -H 'Content-Type: c/d; charset=x' --data-raw @file");
    CHECK_EQ(to_curl(made(at("http://x/").header("Content-Type", "a/b").post(RequestBody::create("a\nb")))),
             "curl 'http://x/\' -H 'Content-Type: a/b' --data-raw 'a\nb'");
    // What curl would take for a pattern; what no client sends.
    CHECK_EQ(to_curl(made(at("http://u:p@[::1]:8080/?a={b}"))), "curl -g 'http://[::1]:8080/?a={b}'");
    CHECK_EQ(to_curl(made(at("http://[::1]/"))), "curl 'http://[::1]/'");
    // Whatever bytes: through printf, and the terminal sees none of them.
    CHECK_EQ(to_curl(made(at("http://x/").post(RequestBody::create(std::string("-%\\'\0\r\n\xFF", 8))))),
             "printf '\\055%%\\\\\\047\\000\\015\\n\\377' | curl 'http://x/' -H Content-Type: --data-binary @-");
    CHECK_EQ(to_curl(made(at("http://x/").headers(odd_header("b\tc\xFF")))),
             "curl 'http://x/\' -H \"$(printf 'A: b\\011c\\377')\"");
    // zsh takes =ls for a path, and shells for people look for "!" even within "$(...)".
    CHECK_EQ(to_curl(made(at("http://x/").header("Content-Type", "a/b").post(RequestBody::create("=ls")))),
             "curl 'http://x/\' -H 'Content-Type: a/b' --data-raw '=ls'");
    CHECK_EQ(to_curl(made(at("http://x/").headers(odd_header("!!\tb")))),
             "curl 'http://x/' -H \"$(printf 'A: \\041\\041\\011b')\"");
    const std::string long_text(70000, 'a');
    CHECK(to_curl(made(at("http://x/").post(RequestBody::create(long_text)))).starts_with("printf 'aaa"));
  }

  TEST_CASE("credentials are shown unless they are to be redacted") {
    const Request request =
        made(at("http://x/").header("Authorization", "Bearer t").header("Cookie", "a=b").header("X-Key", "k"));
    CHECK_EQ(to_curl(request), "curl 'http://x/\' -H 'Authorization: Bearer t' -H 'Cookie: a=b' -H 'X-Key: k'");
    const std::string mark(okhttp::redacted_mark);
    CHECK_EQ(to_curl(request, CurlOptions().redact(true)),
             "curl 'http://x/\' -H 'Authorization: " + mark + "' -H 'Cookie: " + mark + "' -H 'X-Key: k'");
    CHECK_EQ(to_curl(request, CurlOptions().redact_header("x-key")),
             "curl 'http://x/\' -H 'Authorization: Bearer t' -H 'Cookie: a=b' -H 'X-Key: " + mark + "'");
  }

  TEST_CASE("a body that cannot be shown is the command's standard input") {
    bool was_read = false;
    const Request one_shot =
        made(at("http://x/").post(RequestBody::from_reader([&](std::span<std::byte>) -> std::size_t {
          was_read = true;
          return 0;
        })));
    CHECK_EQ(to_curl(one_shot), "curl 'http://x/\' -H Content-Type: --data-binary @-");
    CHECK_FALSE(was_read);
    CHECK(one_shot.body()->open());  // it can still be sent

    constexpr std::string_view hidden = "curl 'http://x/\' -H 'Content-Type: text/plain' --data-binary @-";
    CHECK_EQ(to_curl(post_streamed("abc", 3)), "curl 'http://x/\' -H 'Content-Type: text/plain' --data-raw abc");
    CHECK_EQ(to_curl(post_streamed("abc", 3), CurlOptions().max_body(2)), hidden);
    CHECK_EQ(to_curl(post_streamed("abc", 3, true)), hidden);  // a file
    CHECK_EQ(to_curl(post_streamed("abc", -1)), hidden);
    CHECK_EQ(to_curl(post_streamed("abc", 2)), hidden);  // lies
    CHECK_EQ(to_curl(post_streamed("abc", 4)), hidden);
    // A file behind something else.
    const Request form = made(at("http://x/").post(okhttp::MultipartBody::Builder("b")
                                                       .add_part(RequestBody::create("text"))
                                                       .add_part(*post_streamed("abc", 3, true).body())
                                                       .try_build()
                                                       .value()
                                                       .to_request_body()));
    CHECK(form.body()->content_length() > 0);
    CHECK_EQ(to_curl(form), "curl 'http://x/\' -H 'Content-Type: multipart/mixed; boundary=b' --data-binary @-");
    CHECK_EQ(to_curl(made(at("http://x/").post(RequestBody::create("abc", "text/plain; charset=a"))),
                     CurlOptions().max_body(2)),
             "curl 'http://x/\' -H 'Content-Type: text/plain; charset=a' --data-binary @-");
  }

  TEST_CASE("a command becomes a request") {
    const std::string basic = okhttp::Credentials::basic("user", "p:w");
    const std::pair<std::string_view, std::string> cases[] = {
        {"curl http://x/a", "GET http://x/a\n(none)"},
        {"curl x.test:81/a?b=://", "GET http://x.test:81/a?b=://\n(none)"},
        {"curl --url 'https://x/?a&b'", "GET https://x/?a&b\n(none)"},
        {"curl -- http://x/", "GET http://x/\n(none)"},
        {"curl -sSLkvfi -o out -XDELETE http://x/ --compressed --http2 -m 5 --connect-timeout 2",
         "DELETE http://x/\n(none)"},
        {"curl -I x", "HEAD http://x/\n(none)"},
        {"curl --head -X PROPFIND x", "PROPFIND http://x/\n(none)"},
        {"curl -H 'A: 1' -HB:2 --header 'C;' -H 'D:' -H 'a:  3 ' x",
         "GET http://x/\nA: 1\nB: 2\nC: \na: 3\n(none)"},
        {"curl x -d a=b --data 'c d' --data-raw @e --data-ascii f --data-binary g",
         "POST http://x/\n[application/x-www-form-urlencoded]\na=b&c d&@e&f&g"},
        {"curl x --data-urlencode 'a b' --data-urlencode '=c=d' --data-urlencode 'e=f&~\xC3\xA9'",
         "POST http://x/\n[application/x-www-form-urlencoded]\na+b&c%3Dd&e=f%26~%C3%A9"},
        {"curl -G x?a -d b=c --data-urlencode 'd=e f'", "GET http://x/?a&b=c&d=e+f\n(none)"},
        {"curl -G x -d 'a=b c' -I", "HEAD http://x/?a=b%20c\n(none)"},
        {"curl -G x#f -d a", "GET http://x/?a#f\n(none)"},
        {"curl x -X PUT -d @- -H x:y",
         "error: the curl command has the option -d, which reads the standard input here; parse_curl does not"},
        {"curl x --json '{\"a\":' --json '1}'",
         "POST http://x/\nAccept: application/json\n[application/json]\n{\"a\":1}"},
        {"curl x --json '{}' -H 'Accept: a/b' -H 'content-type: c/d'", "POST http://x/\nAccept: a/b\n[c/d]\n{}"},
        {"curl x -d a -H Content-Type:", "POST http://x/\n[no type]\na"},
        {"curl x -d a -H 'Content-Type: not a type'", "POST http://x/\nContent-Type: not a type\n[no type]\na"},
        {"curl x -X POST", "POST http://x/\n[no type]\n"},
        {"curl x -X POST -H 'Content-Type: a/b' -H 'Content-Length: 9'", "POST http://x/\n[a/b]\n"},
        {"curl x -u user:p:w", "GET http://x/\nAuthorization: " + basic + "\n(none)"},
        {"curl http://user:p%3Aw@x/", "GET http://x/\nAuthorization: " + basic + "\n(none)"},
        {"curl http://a:b@x/ --user user:p:w", "GET http://x/\nAuthorization: " + basic + "\n(none)"},
        {"curl x -u user:pw -H 'authorization: Bearer t'", "GET http://x/\nauthorization: Bearer t\n(none)"},
        {"curl x -A 'agent 1' -e 'http://r/;auto' -b a=b -b 'c=d; e=f'",
         "GET http://x/\nUser-Agent: agent 1\nReferer: http://r/\nCookie: a=b; c=d; e=f\n(none)"},
        {"curl x -A a -e r -b c=d -H User-Agent: -H Referer: -H 'Cookie: e=f'",
         "GET http://x/\nCookie: e=f\n(none)"},
        {"curl x -H 'Accept-Encoding: gzip, br' -H 'B: c'",
         "GET http://x/\nAccept-Encoding: gzip, br\nB: c\n(none)"},
        {"curl x -H 'Accept-Encoding: gzip, br' -H 'B: c' --compressed", "GET http://x/\nB: c\n(none)"},
        {R"(curl 'http://[::1]:81/?a=\[1\]&\{b\}')", "GET http://[::1]:81/?a=[1]&{b}\n(none)"},
        {R"(curl -g 'http://x/?[1]{a}\b')", "GET http://x/?[1]{a}\\b\n(none)"},
        {"printf 'a\\nb' | curl x --data-binary @- -H Content-Type:", "POST http://x/\n[no type]\na\nb"},
    };
    for (const auto& item : cases) {
      CAPTURE(item.first);
      CHECK_EQ(described(item.first), item.second);
    }
  }

  TEST_CASE("what browsers copy as cURL") {
    // Chrome 120, for bash.
    CHECK_EQ(described(R"(curl 'https://x.test/api?q=\[1\]' \
  -H 'authority: x.test' \
  -H 'accept: */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'content-type: application/json' \
  -H 'cookie: a=b; c="d"' \
  -H 'sec-ch-ua: "Not_A Brand";v="8", "Chromium";v="120"' \
  -H $'x-odd: it\'s \u0021' \
  --data-raw $'{"a":"it\'s","b":"\\n"}' \
  --compressed)"),
             "POST https://x.test/api?q=[1]\nauthority: x.test\naccept: */*\naccept-language: en-US,en;q=0.9\n"
             "cookie: a=b; c=\"d\"\nsec-ch-ua: \"Not_A Brand\";v=\"8\", \"Chromium\";v=\"120\"\nx-odd: it's !\n"
             "[application/json]\n{\"a\":\"it's\",\"b\":\"\\n\"}");
    // Chrome of 2024 and later writes the cookies with -b.
    CHECK_EQ(described("curl 'https://x.test/' \\\n  -H 'accept: text/html' \\\n  -b 'a=b; c=d' \\\n  --insecure"),
             "GET https://x.test/\naccept: text/html\nCookie: a=b; c=d\n(none)");
    // Firefox, for POSIX.
    CHECK_EQ(
        described("curl 'https://x.test/form' -X POST -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:120.0)' "
                  "-H 'Accept: text/html,*/*;q=0.8' -H 'Accept-Encoding: gzip, deflate, br' "
                  "-H 'Content-Type: application/x-www-form-urlencoded' -H 'Origin: https://x.test' "
                  "-H 'Referer: https://x.test/' --data-raw 'a=1&b=two+words'"),
        "POST https://x.test/form\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:120.0)\n"
        "Accept: text/html,*/*;q=0.8\nAccept-Encoding: gzip, deflate, br\nOrigin: https://x.test\n"
        "Referer: https://x.test/\n[application/x-www-form-urlencoded]\na=1&b=two+words");
    CHECK(has(described("curl ^\"https://x.test/^\" ^\r\n  -H ^\"a: b^\""), "cmd.exe"));
  }

  TEST_CASE("a form of several parts") {
    const Result<Request> request = try_parse_curl(
        "curl x -F a=b -F 'c=\"d;\\\"\";type=text/plain;charset=utf-8;filename=\"e;f\"' --form-string "
        "'g=@h;type=i' "
        "-H 'Content-Type: multipart/form-data'");
    REQUIRE_MESSAGE(request, request.error().message());
    const std::string type(request->body()->content_type().value());
    REQUIRE(type.starts_with("multipart/form-data; boundary="));
    const std::string line = "--" + type.substr(30);
    CHECK_EQ(request->method(), "POST");
    CHECK(request->headers().empty());
    CHECK_EQ(content_of(*request),
             line + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n" + line +
                 "\r\nContent-Disposition: form-data; name=\"c\"; filename=\"e;f\"\r\n"
                 "Content-Type: text/plain;charset=utf-8\r\n\r\nd;\"\r\n" +
                 line + "\r\nContent-Disposition: form-data; name=\"g\"\r\n\r\n@h;type=i\r\n" + line + "--\r\n");
    // The other way round it is bytes.
    CHECK_EQ(described(to_curl(*request)), described(*request));
  }

  TEST_CASE("what is no request is an error that names the option, never its value") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "does not begin with the word curl"},
        {"wget secret", "does not begin with the word curl"},
        {"curl", "has no URL"},
        {"curl -s", "has no URL"},
        {"curl a/secret b/secret", "has more than one URL"},
        {"curl x -d secret --next y", "the option --next, which parse_curl does not know"},
        {"curl x --proxy secret", "the option --proxy,"},
        {"curl x --header=secret", "the option --header, which parse_curl does not know"},
        {"curl x -sZsecret", "the option -Z,"},
        {"curl x -T secret", "the option -T,"},
        {"curl x -x secret", "the option -x,"},
        {"curl x -K secret", "the option -K,"},
        {"curl x -F secret", "the option -F, whose value is not of a form"},
        {"curl x -F 'a=<secret'", "the option -F, whose value is not of a form"},
        {"curl x -F 'a=b;headers=secret'", "the option -F, whose value is not of a form"},
        {"curl x -F 'a=b;type'", "the option -F, whose value is not of a form"},
        {"curl x -F 'a=b;type=secret'", "the option -F, whose media type or name"},
        {"curl x -F $'a=b;filename=secret\\x01'", "the option -F, whose media type or name"},
        {"curl x -F 'a=\"secret'", "the option -F, whose value is not of a form"},
        {"curl x -F 'a=\"b\"secret'", "the option -F, whose value is not of a form"},
        {"curl x -F a=@secret", "the option -F, which names a file here"},
        {"curl x --form-string secret", "the option --form-string, whose value has no '='"},
        {"curl x -F a=b -d secret", "data beside a form"},
        {"curl x -H", "the option -H, which needs a value"},
        {"curl x --data", "the option --data, which needs a value"},
        {"curl x -H @secret", "the option -H, which names a file here"},
        {"curl x -H secret", "the option -H, whose value is no header"},
        {"curl x -d @secret", "the option -d, which names a file here"},
        {"curl x --data-binary @secret", "the option --data-binary, which names a file here"},
        {"curl x --data-urlencode secret@file", "the option --data-urlencode, which names a file here"},
        {"curl x -b secret.txt", "the option -b, which names a file of cookies"},
        {"curl x -u secret", "has a user without a password"},
        {"curl x -I -d secret", "both a body and -I"},
        {"curl x/{a,secret}", "a pattern for several URLs"},
        {"curl 'x/[1-3]'", "a pattern for several URLs"},
        {"curl ftp://secret@x/", "bad URL"},
        {"curl x -X GET -d secret", "cannot have a body"},
        {"curl x -X 'a b'", "token"},
        {"curl x -H 'a b: secret'", ""},
        {"curl x -H $'Cookie: secret\\nB: c'", ""},
        {"curl x?secret&y", "outside of quotes"},
        {"printf secret | curl x", "does not use what printf gives it"},
        {"printf secret | curl x -d @-", "the option -d, which reads the standard input"},
        {"printf secret | curl x --data-binary @- --data-binary @-", "reads the standard input"},
    };
    for (const auto& item : cases) {
      CAPTURE(item.first);
      const std::string fault = fault_of(item.first);
      CHECK_MESSAGE((fault != "none" && has(fault, item.second)), fault);
    }
    CHECK(has(fault_of(std::string((std::size_t{16} << 20) + 1, ' ')), "longer than 16 MiB"));
  }

#if OKHTTP_FILES
  TEST_CASE("a file may be named only where that is allowed") {
    const CurlOptions with_files = CurlOptions().allow_files(true);
    const Result<Request> request =
        try_parse_curl("curl x --data-binary @/no/such/file -H 'Content-Type: a/b'", with_files);
    REQUIRE(request);
    CHECK_EQ(request->method(), "POST");
    CHECK_EQ(request->body()->content_type(), "a/b");
    CHECK_FALSE(request->body()->in_memory());
    CHECK_EQ(request->body()->open().error(), Errc::file);
    CHECK_EQ(to_curl(*request), "curl 'http://x/' -H 'Content-Type: a/b' --data-binary @-");
    const Result<Request> form = try_parse_curl("curl x -F a=@/no/such/file", with_files);
    REQUIRE(form);
    CHECK(to_curl(*form).ends_with("' --data-binary @-"));
    for (const std::string_view command :
         {"curl x -d @f", "curl x --data-binary @f --data-binary @f", "curl x --data-binary @f -d a",
          "curl x --data-binary @-", "curl x --data-binary @f -I", "curl x -H @f", "curl x -b f",
          "curl x --data-urlencode @f"}) {
      CAPTURE(command);
      CHECK_NE(fault_of(command, with_files), "none");
    }
  }
#endif

  TEST_CASE("there and back again") {
    std::string every_byte;
    for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
    const Request requests[] = {
        made(at("http://x/")),
        made(at("http://x{y}/")),
        made(at("https://[::1]:8443/a%20b?c={d}&e='f'#g[h]")),
        made(at("http://x/").head()),
        made(at("http://x/")
                 .method("OPTIONS")
                 .add_header("A", "1")
                 .add_header("a", "")
                 .add_header("B", "it's \"$x\" \\ `y`")),
        made(at("http://x/").headers(odd_header("tab\there \xC3\xA9 \xFF '%d\\n"))),
        made(at("http://x/").post(RequestBody::create(""))),
        made(at("http://x/").post(RequestBody::create(every_byte, "application/octet-stream; charset=x"))),
        made(at("http://x/").put(RequestBody::create("caf\xC3\xA9\n'$x'\n", "text/plain"))),
        made(at("http://x/").delete_()),
        made(at("http://x/").header("Content-Type", "odd").method("PATCH", RequestBody::create("@a"))),
        made(at("http://x/").header("Content-Type", "").post(RequestBody::create("x"))),
    };
    for (const Request& request : requests) {
      const std::string command = to_curl(request);
      CAPTURE(command);
      CHECK(shell::is_plain_text(command));
      CHECK_EQ(described(command), described(request));
      CHECK_EQ(to_curl(try_parse_curl(command).value()), command);
    }
  }
}

}  // namespace curl_command_test
