// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/multipart_decoder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace multipart_decoder_test {

using namespace std::string_view_literals;
using okhttp::Errc;
using okhttp::MultipartDecoder;
using okhttp::MultipartLimits;
using okhttp::Result;
using Event = MultipartDecoder::Event;

namespace {

/// What a decoder gives: `(name: value;...|content)` for a part, `.` for the end, <code> for a failure.
class Log {
 public:
  explicit Log(std::string_view boundary = "B", const MultipartLimits& limits = {}) : decoder_(boundary, limits) {}

  void feed(std::string_view in) {
    while (!has_failed_) {
      const Result<MultipartDecoder::Step> step = decoder_.decode(in);
      if (!step) return fail(step.error());
      REQUIRE(step->consumed <= in.size());
      REQUIRE((step->event == Event::content) == !step->content.empty());
      in.remove_prefix(step->consumed);
      switch (step->event) {
        case Event::need_input: REQUIRE(in.empty()); return;
        case Event::part:
          text_ += '(';
          for (const auto& [name, value] : decoder_.take_headers()) text_.append(name).append(": ").append(value).append(";");
          text_ += '|';
          break;
        case Event::content: text_ += step->content; break;
        case Event::part_end: text_ += ')'; break;
        case Event::end: text_ += '.'; break;
      }
    }
  }
  void end() {
    if (has_failed_) return;
    const Result<void> ended = decoder_.end_of_input();
    CHECK(ended.has_value() == decoder_.done());
    if (!ended) fail(ended.error());
  }
  const std::string& text() const { return text_; }
  const std::string& message() const { return message_; }

 private:
  void fail(const okhttp::Error& error) {
    has_failed_ = true;
    message_ = error.message();
    text_ += error == Errc::protocol_error ? "<protocol>" : error == Errc::unexpected_end ? "<end>" : "<?>";
    CHECK(decoder_.decode("x").error() == error.code());  // sticky
    CHECK(decoder_.end_of_input().error() == error.code());
  }

  MultipartDecoder decoder_;
  std::string text_;
  std::string message_;
  bool has_failed_ = false;
};

/// The same however the wire is cut.
std::string decoded(std::string_view wire, std::string_view boundary = "B", const MultipartLimits& limits = {}) {
  Log whole(boundary, limits);
  whole.feed(wire);
  whole.end();
  Log bytes(boundary, limits);
  for (const char& c : wire) bytes.feed({&c, 1});
  bytes.end();
  CHECK(bytes.text() == whole.text());
  CHECK(bytes.message() == whole.message());
  if (wire.size() <= 400) {
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
      CAPTURE(cut);
      Log log(boundary, limits);
      log.feed(wire.substr(0, cut));
      log.feed(wire.substr(cut));
      log.end();
      CHECK(log.text() == whole.text());
    }
  }
  return whole.text();
}

std::string message_of(std::string_view wire, const MultipartLimits& limits = {}) {
  Log log("B", limits);
  log.feed(wire);
  log.end();
  return log.message();
}

}  // namespace

TEST_SUITE("message/multipart_decoder") {
  TEST_CASE("gives parts in order, however the wire is cut") {
    CHECK(decoded("--simple boundary\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-ID: abc\r\n"
                  "\r\n"
                  "abcd\r\n"
                  "efgh\r\n"
                  "--simple boundary\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-ID: ijk\r\n"
                  "\r\n"
                  "ijkl\r\n"
                  "mnop\r\n"
                  "\r\n"
                  "--simple boundary--\r\n",
                  "simple boundary") ==
          "(Content-Type: text/plain; charset=utf-8;Content-ID: abc;|abcd\r\nefgh)"
          "(Content-Type: text/plain; charset=utf-8;Content-ID: ijk;|ijkl\r\nmnop\r\n).");
  }

  TEST_CASE("skips what stands before the first part and behind the last") {
    CHECK(decoded("preamble\r\n\r\n--C\r\n--\r\n--B\r\n\r\nx\r\n--B--\r\nepilogue\r\n--B\r\nnot a part") == "(|x).");
    CHECK(decoded("\r\n--B\r\n\r\nx\r\n--B--") == "(|x).");
    CHECK(decoded("--B\r\n\r\nx\r\n--B--anything") == "(|x).");
    CHECK(decoded("--\r\n-\r\r\n--B\r\n\r\nx\r\n--B--") == "(|x).");
    CHECK(decoded("x--B\r\n\r\nx\r\n--B--") == "<protocol>");  // the boundary in mid-line is none, so the last one is the first
  }

  TEST_CASE("blanks may follow a boundary, and nothing else") {
    CHECK(decoded("--B \t \r\n\r\nx\r\n--B\t\r\n\r\ny\r\n--B--") == "(|x)(|y).");
    CHECK(decoded("--B\r\n\r\nx\r\n--B --") == "(|x)<protocol>");
    CHECK(decoded("--B\r\n\r\nx\r\n--B-\r\n") == "(|x)<protocol>");
    CHECK(decoded("--B\r\n\r\nx\r\n--B\rx") == "(|x)<protocol>");
    CHECK(decoded("--B\r\n\r\nx\r\n--BC\r\n") == "(|x)<protocol>");
    CHECK(decoded("--BC\r\n\r\nx\r\n--B--") == "<protocol>");
    CHECK(decoded("--B\r \n\r\nx\r\n--B--") == "<protocol>");
    CHECK(message_of("--B!") == "the multipart body has unexpected characters after a boundary");
  }

  TEST_CASE("a line feed alone begins and ends no delimiter") {
    CHECK(decoded("--B\n\nx\n--B--\n") == "<protocol>");
    CHECK(decoded("--B\r\n\r\nx\n--B\r\n\r\n--B--") == "(|x\n--B\r\n).");
    CHECK(decoded("--B\r\n\r\nx\r--B\r\n\r\ny\r\n--B--") == "(|x\r--B\r\n\r\ny).");
  }

  TEST_CASE("needs a part") {
    CHECK(decoded("--B--") == "<protocol>");
    CHECK(decoded("\r\n\r\n--B--\r\n") == "<protocol>");
    CHECK(message_of("--B--") == "the multipart body has no part");
  }

  TEST_CASE("parts without headers, without content, without both") {
    CHECK(decoded("--B\r\n\r\n\r\n--B\r\nA: b\r\n\r\n\r\n--B\r\n\r\n\r\n--B--") == "(|)(A: b;|)(|).");
    // The empty line's CRLF is the delimiter's, too (RFC 2046: body-part := headers [CRLF *OCTET]).
    CHECK(decoded("--B\r\nA: b\r\n\r\n--B\r\n\r\n--B--") == "(A: b;|)(|).");
    CHECK(decoded("--B\r\nA: b\n\n--B--") == "(A: b;|--B--<end>");  // but an LF is not its CRLF
  }

  TEST_CASE("content may look like a delimiter for long") {
    const std::string_view near = "--B\r\n\r\n"
                                  "\r\r\n\r\n-\r\n--\r\r\n--\r\n-B\r\n--A\r\n--b"
                                  "\r\n--boundar\r\n--boundary--";
    CHECK(decoded("--boundary\r\n\r\n" + std::string(near.substr(7)), "boundary") ==
          "(|\r\r\n\r\n-\r\n--\r\r\n--\r\n-B\r\n--A\r\n--b\r\n--boundar).");
    CHECK(decoded("--boundary\r\n\r\n--boundar\r\n--boundary--", "boundary") == "(|--boundar).");
    CHECK(decoded("--boundary\r\n\r\n-\r\n--boundary--", "boundary") == "(|-).");
    CHECK(decoded("--boundary\r\n\r\n\r\n\r\n--boundary--", "boundary") == "(|\r\n).");
    CHECK(decoded("--aab\r\n\r\n\r\n--aaab\r\n--aab--", "aab") == "(|\r\n--aaab).");
  }

  TEST_CASE("any byte may be content") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(decoded("--B\r\n\r\n" + all + "\r\n--B--") == "(|" + all + ").");
  }

  TEST_CASE("headers are read as those of messages") {
    CHECK(decoded("--B\r\nA:b\r\nC : d\r\n\r\n") == "<protocol>");
    CHECK(decoded("--B\r\nA:b\r\nc: \t d \t\r\nE:\r\nA:  2\r\n\r\nx\r\n--B--") == "(A: b;c: d;E: ;A: 2;|x).");
    CHECK(decoded("--B\r\nA: b\n\nx\r\n--B--") == "(A: b;|x).");  // lines may end with LF, delimiters not
    CHECK(decoded("--B\r\nA: b\r\n c\r\n\t d\r\n \r\nE: f\r\n\r\nx\r\n--B--") == "(A: b c d;E: f;|x).");
    CHECK(decoded("--B\r\nA:\r\n b\r\n\r\nx\r\n--B--") == "(A: b;|x).");
    CHECK(decoded("--B\r\nA: \xC3\xBC\xFF\r\n\r\nx\r\n--B--") == "(A: \xC3\xBC\xFF;|x).");
    for (const std::string_view bad : {" A: b"sv, "A b: c"sv, ": c"sv, "no colon"sv, "word"sv, "A: b\0c"sv, "A: b\x7F"sv,
                                       "A: b\rc"sv, "\xC3\xBC: c"sv, "--B--"sv}) {
      CAPTURE(bad);
      CHECK(decoded("--B\r\n" + std::string(bad) + "\r\n\r\nx\r\n--B--") == "<protocol>");
    }
    CHECK(message_of("--B\r\nA: s\x01""ecret\r\n\r\n") == "the multipart body has a control character in the value of header A");
  }

  TEST_CASE("an end that comes too early is told from one that does not") {
    const std::string_view wire = "p\r\n--B \r\nA: b\r\n\r\nx\r\n--B--";
    for (std::size_t size = 0; size < wire.size(); ++size) {
      CAPTURE(size);
      CHECK(decoded(wire.substr(0, size)).ends_with("<end>"));
    }
    CHECK(decoded(wire) == "(A: b;|x).");
    CHECK(message_of("") == "the multipart body ends before its first boundary");
    CHECK(message_of("--B") == "the multipart body ends after a boundary");
    CHECK(message_of("--B\r\nA") == "the multipart body ends inside the headers of a part");
    CHECK(message_of("--B\r\n\r\nx\r\n--") == "the multipart body ends inside a part");
  }

  TEST_CASE("headers are bounded") {
    MultipartLimits limits;
    limits.max_header_line = 20;
    limits.max_header_bytes = 50;
    limits.max_header_count = 3;
    const auto headers = [&](std::string_view lines) {
      return decoded("--B\r\n" + std::string(lines) + "\r\nx\r\n--B--", "B", limits);
    };
    CHECK(headers("A: 890123456789012\r\n") == "(A: 890123456789012;|x).");        // 20 with its CRLF
    CHECK(headers("A: 8901234567890123\r\n") == "<protocol>");                     // 21
    CHECK(headers("A: 1\r\nB: 2\r\nC: 3\r\n") == "(A: 1;B: 2;C: 3;|x).");
    CHECK(headers("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n") == "<protocol>");
    CHECK(headers("A: 1\r\n 2\r\n 3\r\n 4\r\n") == "(A: 1 2 3 4;|x).");            // folded: one header
    CHECK(headers("A: 890123456789012\r\n 234567\r\n 89012345678901234\r\n") == "<protocol>");  // 49 + the empty line
    CHECK(headers("A: 890123456789012\r\n 234567\r\n 8901234567890123\r\n") ==
          "(A: 890123456789012 234567 8901234567890123;|x).");
    CHECK(decoded("--B\r\n" + std::string(21, 'A'), "B", limits) == "<protocol>");
    CHECK(message_of("--B\r\n" + std::string(10'000, 'A')) ==
          "the multipart body has a header line of more than 8192 bytes (max_header_line)");
    // Each part has its own budget.
    std::string many;
    std::string expected;
    for (int i = 0; i < 50; ++i) {
      many += "--B\r\nA: 1\r\nB: 2\r\n\r\nx\r\n";
      expected += "(A: 1;B: 2;|x)";
    }
    CHECK(decoded(many + "--B--", "B", limits) == expected + ".");
  }

  TEST_CASE("boundaries that nobody can mean") {
    CHECK(decoded("--\r\n\r\nx\r\n----", "") == "<protocol>");
    CHECK(decoded("--a\r\nb", "a\r\nb") == "<protocol>");
    const std::string longest(256, 'b');
    CHECK(decoded("--" + longest + "\r\n\r\nx\r\n--" + longest + "--", longest) == "(|x).");
    CHECK(decoded("--" + longest + "b", longest + "b") == "<protocol>");
    CHECK(decoded("--a b\r\n\r\nx\r\n--a b--", "a b") == "(|x).");
  }

  TEST_CASE("near misses cost no more than other content") {
    // 1 MiB that match all but the last byte of the delimiter, again and again: a search that begins anew
    // behind every CR would look at each byte 70 times.
    const std::string boundary(70, 'b');
    std::string content;
    while (content.size() < (1U << 20)) content += "\r\n--" + boundary.substr(1) + "c";
    const std::string wire = "--" + boundary + "\r\n\r\n" + content + "\r\n--" + boundary + "--";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{75}, wire.size()}) {
      CAPTURE(piece);
      MultipartDecoder decoder(boundary);
      std::size_t size = 0;
      std::size_t steps = 0;
      for (std::string_view rest = wire; !rest.empty();) {
        const Result<MultipartDecoder::Step> step = decoder.decode(rest.substr(0, piece));
        if (!step) break;
        size += step->content.size();
        rest.remove_prefix(step->consumed);
        ++steps;
      }
      CHECK(decoder.done());
      CHECK(size == content.size());
      CHECK(steps <= wire.size() / piece + 2 * (wire.size() / 70) + 10);
    }
  }
}

}  // namespace multipart_decoder_test
