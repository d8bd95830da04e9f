// SPDX-License-Identifier: Apache-2.0
#include <okhttp/codec/dns/dns_message.hpp>

#include <okhttp/base/base64.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace dns_message_test {

using okhttp::Errc;
using okhttp::IpAddress;
using okhttp::Result;
using okhttp::dns::Answer;
using okhttp::dns::Limits;
using okhttp::dns::Query;
using okhttp::dns::Record;
using okhttp::dns::RecordType;
using okhttp::dns::ResponseCode;
using Addresses = std::vector<IpAddress>;

namespace {

/// Bytes from hex; blanks and everything from a `;` to the end of its line are skipped.
std::string bytes(std::string_view hex) {
  std::string out;
  int high = -1;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (hex[i] == ';') i = std::min(hex.find('\n', i), hex.size() - 1);
    const char c = hex[i];
    if (c == ' ' || c == '\n') continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      out += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  REQUIRE(high == -1);
  return out;
}

// RFC 8484, 4.2.2: www.example.com has 2001:db8:abcd:12:1:2:3:4 for 3709 seconds.
const char* const rfc_response =
    "0000 8180 0001 0001 0000 0000"
    "03 777777 07 6578616d706c65 03 636f6d 00 001c 0001"
    "c00c 001c 0001 00000e7d 0010 20010db8abcd00120001000200030004";

// A response for x.y, type A, whose records follow.
std::string response(std::string_view counts, std::string_view records) {
  return bytes("0000 8180 0001" + std::string(counts) + "01 78 01 79 00 0001 0001" +
               std::string(records));
}

Result<Answer> read_a(std::string_view message) {
  return okhttp::dns::read_answer(message, "x.y", RecordType::a);
}

std::string fault_of(std::string_view message) {
  const Result<Answer> answer = read_a(message);
  if (answer) return "none";
  CHECK(answer.error() == Errc::dns);
  return answer.error().message();
}

Query query_for(std::string host, RecordType type = RecordType::a) {
  Query query;
  query.host = std::move(host);
  query.type = type;
  query.recursion_desired = true;
  return query;
}

Answer answer_of(std::string_view host,
                 const std::vector<Record>& answers,
                 const std::vector<Record>& authority = {},
                 ResponseCode code = ResponseCode::no_error,
                 RecordType type = RecordType::a) {
  const std::string message =
      okhttp::dns::write_response(query_for(std::string(host), type), code, answers, authority)
          .value();
  return okhttp::dns::read_answer(message, host, type).value();
}

Addresses ips(std::initializer_list<std::string_view> texts) {
  Addresses out;
  for (const std::string_view text : texts) out.push_back(IpAddress::parse(text));
  return out;
}

}  // namespace

TEST_SUITE("codec/dns/dns_message") {
  TEST_CASE("a query is the one of RFC 8484, 4.1.1, in base64url too") {
    const std::string query = okhttp::dns::write_query("www.example.com", RecordType::a).value();
    CHECK(query == bytes("0000 0100 0001 0000 0000 0000"
                         "03 777777 07 6578616d706c65 03 636f6d 00 0001 0001"));
    CHECK(okhttp::base64::encode_url(query) == "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB");
    CHECK(okhttp::base64::encode_url(
              okhttp::dns::write_query("a.62characterlabel-makes-base64url-distinct-from-standard-"
                                       "base64.example.com",
                                       RecordType::a)
                  .value()) ==
          "AAABAAABAAAAAAAAAWE-NjJjaGFyYWN0ZXJsYWJlbC1tYWtlcy1iYXNlNjR1cmwtZGlzdGluY3QtZnJvbS1z"
          "dGFuZGFyZC1iYXNlNjQHZXhhbXBsZQNjb20AAAEAAQ");
  }

  TEST_CASE("equal questions are equal bytes whatever their case and last dot") {
    const std::string query = okhttp::dns::write_query("example.com", RecordType::aaaa).value();
    CHECK(query == okhttp::dns::write_query("EXAMPLE.com.", RecordType::aaaa).value());
    CHECK(query != okhttp::dns::write_query("example.com", RecordType::a).value());
    CHECK(okhttp::dns::write_query("example.com", RecordType::a, 0xABCD).value().substr(0, 2) ==
          "\xAB\xCD");
  }

  TEST_CASE("names that DNS cannot carry are refused") {
    const std::string label63(63, 'a');
    const std::string name253 =
        label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
    CHECK(okhttp::dns::write_query(name253, RecordType::a).has_value());
    CHECK(okhttp::dns::write_query(name253 + ".", RecordType::a).has_value());
    CHECK(okhttp::dns::write_query("_sip.xn--bcher-kva.example", RecordType::a).has_value());
    std::string many;  // 127 labels
    for (int i = 0; i < 127; ++i) many += i == 0 ? "a" : ".a";
    CHECK(okhttp::dns::write_query(many, RecordType::a).has_value());
    for (const std::string& bad :
         {std::string(), std::string("."), std::string(".."), std::string(".a"),
          std::string("a..b"), std::string("a.."), label63 + "a", name253 + "b", many + ".a",
          std::string("a b"), std::string("a\nb"), std::string("a\0b", 3), std::string("b\xC3\xBC"),
          std::string("a\x7F"), std::string(100000, 'a')}) {
      CAPTURE(bad);
      const Result<std::string> query = okhttp::dns::write_query(bad, RecordType::a);
      REQUIRE_FALSE(query);
      CHECK(query.error() == Errc::invalid_argument);
      CHECK(query.error().message().size() < 200);
      CHECK(query.error().message().find('\n') == std::string::npos);
      const Result<Answer> answer = okhttp::dns::read_answer("", bad, RecordType::a);
      REQUIRE_FALSE(answer);
      CHECK(answer.error() == Errc::invalid_argument);
    }
  }

  TEST_CASE("the response of RFC 8484, 4.2.2 is read") {
    const Answer answer =
        okhttp::dns::read_answer(bytes(rfc_response), "www.example.com", RecordType::aaaa).value();
    CHECK(answer.code == ResponseCode::no_error);
    CHECK(answer.addresses == ips({"2001:db8:abcd:12:1:2:3:4"}));
    CHECK(answer.ttl_seconds == 3709);
  }

  TEST_CASE("a name is found whatever its case and last dot") {
    CHECK(okhttp::dns::read_answer(bytes(rfc_response), "WWW.Example.COM.", RecordType::aaaa)
              .value()
              .addresses.size() == 1);
    std::string loud = bytes(rfc_response);
    for (char& c : loud)
      if (c == 'w') c = 'W';
    CHECK(okhttp::dns::read_answer(loud, "www.example.com", RecordType::aaaa)
              .value()
              .addresses.size() == 1);
  }

  TEST_CASE("a response cut off anywhere is an error") {
    const std::string whole = bytes(rfc_response);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      const std::string cut = whole.substr(0, size);
      const Result<Answer> answer =
          okhttp::dns::read_answer(cut, "www.example.com", RecordType::aaaa);
      REQUIRE_FALSE(answer);
      CHECK(answer.error() == Errc::dns);
      CHECK(answer.error().message().find("it ends inside") != std::string::npos);
    }
    CHECK(
        okhttp::dns::read_answer(whole + "more", "www.example.com", RecordType::aaaa).has_value());
  }

  TEST_CASE("the answer must belong to the query") {
    const std::string message = bytes(rfc_response);
    const auto fails = [&](std::string_view host, RecordType type, std::uint16_t id) {
      const Result<Answer> answer = okhttp::dns::read_answer(message, host, type, id);
      return !answer && answer.error() == Errc::dns;
    };
    CHECK(fails("www.example.com", RecordType::aaaa, 1));
    CHECK(fails("www.example.com", RecordType::a, 0));
    CHECK(fails("www.example.org", RecordType::aaaa, 0));
    CHECK(fails("example.com", RecordType::aaaa, 0));
    CHECK(fails("a.www.example.com", RecordType::aaaa, 0));
    CHECK_FALSE(fails("www.example.com", RecordType::aaaa, 0));
    CHECK(okhttp::dns::read_answer(message, "www.example.com", RecordType::cname).error() ==
          Errc::misuse);
    // Class CH instead of IN.
    CHECK(fault_of(bytes("0000 8180 0001 0000 0000 0000 0178 0179 00 0001 0003")) ==
          "the DNS answer is for another question");
    // Each of two questions is looked at; none at all is fine.
    CHECK(fault_of(bytes("0000 8180 0002 0000 0000 0000 0178 0179 00 0001 0001"
                         "0178 0178 00 0001 0001")) == "the DNS answer is for another question");
    CHECK(fault_of(bytes("0000 8180 0002 0000 0000 0000 0178 0179 00 0001 0001 c00c 0001 0001")) ==
          "none");
    CHECK(read_a(bytes("0000 8181 0000 0000 0000 0000")).value().code ==
          ResponseCode::format_error);
  }

  TEST_CASE("queries, other opcodes and truncated answers are no answers") {
    CHECK(fault_of(okhttp::dns::write_query("x.y", RecordType::a).value()) ==
          "the DNS message is not the response to a query");
    CHECK(fault_of(bytes("0000 a180 0000 0000 0000 0000")) ==
          "the DNS message is not the response to a query");
    CHECK(fault_of(bytes("0000 8380 0000 0000 0000 0000")) ==
          "the DNS server cut its answer off (TC is set)");
  }

  TEST_CASE("addresses keep their order and come once") {
    const Answer answer =
        answer_of("x.y", {Record::of_address("x.y", IpAddress::parse("192.0.2.9"), 60),
                          Record::of_address("X.Y.", IpAddress::parse("192.0.2.1"), 50),
                          Record::of_address("x.y", IpAddress::parse("192.0.2.9"), 70)});
    CHECK(answer.addresses == ips({"192.0.2.9", "192.0.2.1"}));
    CHECK(answer.ttl_seconds == 50);
  }

  TEST_CASE("records of other names, types and classes do not count") {
    const Answer answer =
        answer_of("x.y", {Record::of_address("z.y", IpAddress::parse("192.0.2.1"), 1),
                          Record::of_address("x.y", IpAddress::parse("2001:db8::1"), 2),
                          Record::of_zone("y", 3, 3),
                          Record::of_address("x.y", IpAddress::parse("192.0.2.2"), 9)});
    CHECK(answer.addresses == ips({"192.0.2.2"}));
    CHECK(answer.ttl_seconds == 9);
    // Class CH; and a wrong length does not matter there.
    CHECK(read_a(response("0001 0000 0000", "c00c 0001 0003 00000001 0001 01"))
              .value()
              .addresses.empty());
    CHECK(read_a(response("0001 0000 0000", "c00c 0005 0003 00000001 0001 01"))
              .value()
              .addresses.empty());
  }

  TEST_CASE("aliases are followed in whatever order the records come") {
    std::vector<Record> records = {
        Record::of_alias("x.y", "a.cdn.example", 300),
        Record::of_alias("a.cdn.example", "B.cdn.example", 20),
        Record::of_address("b.CDN.example", IpAddress::parse("192.0.2.1"), 100),
        Record::of_address("a.cdn.example", IpAddress::parse("192.0.2.66"), 1)};
    for (int i = 0; i < 4; ++i) {
      std::rotate(records.begin(), records.begin() + 1, records.end());
      const Answer answer = answer_of("x.y", records);
      CHECK(answer.addresses == ips({"192.0.2.1"}));
      CHECK(answer.ttl_seconds == 20);
    }
  }

  TEST_CASE("aliases that lead out of the message give no addresses") {
    const Answer answer =
        answer_of("x.y", {Record::of_alias("x.y", "elsewhere.example", 300),
                          Record::of_address("x.y", IpAddress::parse("192.0.2.1"), 1)});
    CHECK(answer.addresses.empty());
    CHECK_FALSE(answer.ttl_seconds.has_value());
  }

  TEST_CASE("aliases in a circle, or too many, are an error") {
    for (const int count : {1, 2, 5}) {
      std::vector<Record> circle;
      for (int i = 0; i < count; ++i)
        circle.push_back(Record::of_alias("h" + std::to_string(i) + ".y",
                                          "h" + std::to_string((i + 1) % count) + ".y", 1));
      const std::string message =
          okhttp::dns::write_response(query_for("h0.y"), ResponseCode::no_error, circle).value();
      const Result<Answer> answer = okhttp::dns::read_answer(message, "h0.y", RecordType::a);
      REQUIRE_FALSE(answer);
      CHECK(answer.error().message() == "the DNS answer has more than 16 aliases in a row");
    }
    std::vector<Record> chain;
    for (int i = 0; i < 16; ++i)
      chain.push_back(
          Record::of_alias("h" + std::to_string(i) + ".y", "h" + std::to_string(i + 1) + ".y", 1));
    chain.push_back(Record::of_address("h16.y", IpAddress::parse("192.0.2.1"), 1));
    CHECK(answer_of("h0.y", chain).addresses.size() == 1);
    chain.push_back(Record::of_alias("h16.y", "h17.y", 1));
    CHECK_FALSE(okhttp::dns::read_answer(
        okhttp::dns::write_response(query_for("h0.y"), ResponseCode::no_error, chain).value(),
        "h0.y", RecordType::a));
  }

  TEST_CASE("a negative answer holds as long as its zone says") {
    const ResponseCode none = ResponseCode::name_error;
    Answer answer = answer_of("a.x.y", {}, {Record::of_zone("x.y", 3600, 900)}, none);
    CHECK(answer.code == none);
    CHECK(answer.addresses.empty());
    CHECK(answer.ttl_seconds == 900);
    CHECK(answer_of("a.x.y", {}, {Record::of_zone("Y", 100, 900)}, none).ttl_seconds == 100);
    CHECK(answer_of("a.x.y", {}, {Record::of_zone("", 7, 9)}, none).ttl_seconds == 7);
    CHECK(answer_of("a.x.y", {}, {Record::of_zone("a.x.y", 7, 9)}).ttl_seconds ==
          7);  // no such type
    // Another zone, one below, one that only ends alike, none: nobody says.
    CHECK_FALSE(answer_of("a.x.y", {}, {Record::of_zone("z", 7, 9)}, none).ttl_seconds);
    CHECK_FALSE(answer_of("a.x.y", {}, {Record::of_zone("b.a.x.y", 7, 9)}, none).ttl_seconds);
    CHECK_FALSE(answer_of("ax.y", {}, {Record::of_zone("x.y", 7, 9)}, none).ttl_seconds);
    CHECK_FALSE(answer_of("a.x.y", {}, {}, none).ttl_seconds);
    // A failing server says nothing about the name.
    CHECK_FALSE(answer_of("x.y", {}, {Record::of_zone("y", 7, 9)}, ResponseCode::server_failure)
                    .ttl_seconds);
  }

  TEST_CASE("a negative answer behind an alias is about the alias's target") {
    const Answer answer = answer_of(
        "x.y", {Record::of_alias("x.y", "gone.example", 5)},
        {Record::of_zone("example", 60, 60), Record::of_zone("y", 1, 1)}, ResponseCode::name_error);
    CHECK(answer.ttl_seconds == 5);
  }

  TEST_CASE("addresses beside a failure do not count") {
    const Answer answer =
        answer_of("x.y", {Record::of_address("x.y", IpAddress::parse("192.0.2.1"), 1)}, {},
                  ResponseCode::server_failure);
    CHECK(answer.addresses.empty());
    CHECK(answer.code == ResponseCode::server_failure);
  }

  TEST_CASE("a TTL with its top bit set is 0") {
    const auto ttl = [](std::uint32_t seconds) {
      return answer_of("x.y", {Record::of_address("x.y", IpAddress::parse("192.0.2.1"), seconds)})
          .ttl_seconds;
    };
    CHECK(ttl(0) == 0);
    CHECK(ttl(0x7FFFFFFF) == 0x7FFFFFFF);
    CHECK(ttl(0x80000000) == 0);
    CHECK(ttl(0xFFFFFFFF) == 0);
  }

  TEST_CASE("EDNS adds to the code") {
    const char* const opt = "00 0029 04d0 01 00 0000 0000";
    CHECK(static_cast<int>(read_a(response("0000 0000 0001", opt)).value().code) == 16);
    CHECK(static_cast<int>(
              read_a(bytes("0000 8183 0000 0000 0000 0001" + std::string(opt))).value().code) ==
          19);
  }

  TEST_CASE("every failure has its sentence") {
    const auto text = [](int code) {
      Answer answer;
      answer.code = static_cast<ResponseCode>(code);
      const okhttp::Error error = okhttp::dns::failure_of(answer, "x.y");
      CHECK(error == Errc::dns);
      return error.message();
    };
    CHECK(text(0) == "could not resolve x.y: it has no address of the type asked for");
    CHECK(text(1) == "could not resolve x.y: the DNS server could not read the query (FORMERR)");
    CHECK(text(2) == "could not resolve x.y: the DNS server failed (SERVFAIL)");
    CHECK(text(3) == "could not resolve x.y: there is no such host (NXDOMAIN)");
    CHECK(text(4) ==
          "could not resolve x.y: the DNS server does not know this kind of query (NOTIMP)");
    CHECK(text(5) == "could not resolve x.y: the DNS server refused to answer (REFUSED)");
    CHECK(text(9) == "could not resolve x.y: the DNS server answered with code 9");
    CHECK(text(23) == "could not resolve x.y: the DNS server answered with code 23");
    CHECK(okhttp::dns::failure_of({}, std::string(5000, '\n')).message().size() < 200);
  }

  TEST_CASE("compressed names lead backwards only") {
    const auto fault = [](std::string_view records) {
      const std::string text = fault_of(response("0001 0000 0000", records));
      const std::string_view prefix = "the DNS message is malformed: ";
      return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    };
    // The question's name is at 12 (0x0c), the first record at 21 (0x15).
    const std::string rest = "0001 0001 00000001 0004 c0000201";
    CHECK(fault("c00c" + rest) == "none");
    CHECK(fault("c00e" + rest) == "none");  // of another name, then
    CHECK(fault("0161 c00c" + rest) == "none");
    CHECK(fault("c015" + rest) == "a name points forward");       // to itself
    CHECK(fault("0161 c015" + rest) == "a name points forward");  // to its own begin
    CHECK(fault("0161 c017" + rest) == "a name points forward");
    CHECK(fault("c020" + rest) == "a name points forward");
    CHECK(fault("ffff" + rest) == "a name points forward");
    CHECK(fault("c000" + rest) == "a name points into the header");
    CHECK(fault("c00b" + rest) == "a name points into the header");
    CHECK(fault("40" + rest) == "a label is of an unknown kind");
    CHECK(fault("80" + rest) == "a label is of an unknown kind");
    CHECK(fault("c0") == "it ends inside a name");
    CHECK(fault("3f61") == "it ends inside a name");
    CHECK(fault("") == "it ends inside a name");
    CHECK(fault("c00c 0001 0001 00000001 0005 c0000201") == "it ends inside a record");
    CHECK(fault("c00c 0001") == "it ends inside a record");
  }

  TEST_CASE("two names that point at each other are no loop") {
    // The first alias's content points to the second record, which lies behind it.
    CHECK(fault_of(response("0002 0000 0000",
                            "c00c 0005 0001 00000001 0002 c023"
                            "c021 0005 0001 00000001 0002 c021")) ==
          "the DNS message is malformed: a name points forward");
  }

  TEST_CASE("a name is limited in bytes and in steps") {
    // Labels of 63 bytes, each record's owner adding one in front of the one before it.
    std::string label = "3f";
    for (int i = 0; i < 63; ++i) label += "61";
    const std::string rest = "0001 0001 00000001 0004 c0000201";
    std::string records = label + "c00c" + rest;  // at 21: 64 + 4
    CHECK(fault_of(response("0001 0000 0000", records)) == "none");
    records += label + "c015" + rest;  // at 101: 128 + 4
    records += label + "c065" + rest;  // at 181: 192 + 4
    CHECK(fault_of(response("0003 0000 0000", records)) == "none");
    records += label + "c0b5" + rest;
    CHECK(fault_of(response("0004 0000 0000", records)) ==
          "the DNS message is malformed: a name is longer than 255 bytes");

    // Pointers to pointers, each a record's content nobody asked for.
    std::string pointers = "c00c ffff 0001 00000001 0200";
    pointers += "c00c";
    for (unsigned at = 33; pointers.size() < 28 + 4 * 256; at += 2) {
      constexpr std::string_view digits = "0123456789abcdef";
      const unsigned value = 0xC000 | at;
      for (int shift = 12; shift >= 0; shift -= 4) pointers += digits[value >> shift & 15];
    }
    const auto with_owner = [&](std::string_view owner) {
      return fault_of(response("0002 0000 0000", pointers + std::string(owner) + rest));
    };
    CHECK(with_owner("c021") == "none");
    CHECK(with_owner("c081") == "none");  // 49 pointers
    CHECK(with_owner("c21f") == "the DNS message is malformed: a name has too many parts");
  }

  TEST_CASE("the content of a record must have its length") {
    const auto fault = [](std::string_view counts, std::string_view records) {
      return fault_of(response(counts, records));
    };
    const std::string wrong_address = "the DNS message is malformed: an address has a wrong length";
    CHECK(fault("0001 0000 0000", "c00c 0001 0001 00000001 0003 c00002") == wrong_address);
    CHECK(fault("0001 0000 0000", "c00c 0001 0001 00000001 0005 c000020101") == wrong_address);
    CHECK(fault("0001 0000 0000", "c00c 0001 0001 00000001 0000") == wrong_address);
    CHECK(okhttp::dns::read_answer(bytes("0000 8180 0000 0001 0000 0000 0178 0179 00"
                                         "001c 0001 00000001 0004 c0000201"),
                                   "x.y", RecordType::aaaa)
              .error()
              .message() == wrong_address);
    // Aliases: too long, too short, cut off by the message.
    CHECK(fault("0001 0000 0000", "c00c 0005 0001 00000001 0003 c00c 00") ==
          "the DNS message is malformed: a record is longer than its name");
    CHECK(fault("0002 0000 0000",
                "c00c 0005 0001 00000001 0001 01"
                "61 00 0001 0001 00000001 0004 c0000201") ==
          "the DNS message is malformed: a name is longer than its record");
    CHECK(fault("0001 0000 0000", "c00c 0005 0001 00000001 0001 01") ==
          "the DNS message is malformed: it ends inside a name");
    // Zones: names past the end, numbers missing, numbers too many.
    const std::string zone = "00 0006 0001 00000001 ";
    const std::string number = "00000001";
    const std::string numbers = number + number + number + number + number;
    CHECK(fault("0000 0001 0000", zone + "0016 00 00" + numbers) == "none");
    CHECK(fault("0000 0001 0000", zone + "0015 00 00" + numbers) ==
          "the DNS message is malformed: a zone record has a wrong length");
    CHECK(fault("0000 0001 0000", zone + "0017 00 00" + numbers + "00") ==
          "the DNS message is malformed: a zone record has a wrong length");
    CHECK(fault("0000 0001 0000", zone + "0001 00 00" + numbers) ==
          "the DNS message is malformed: a name is longer than its record");
    CHECK(fault("0000 0001 0000", zone + "0000 0161 00" + numbers) ==
          "the DNS message is malformed: a name is longer than its record");
    CHECK(fault("0000 0001 0000", zone + "0016") ==
          "the DNS message is malformed: it ends inside a record");
    CHECK(fault("0000 0000 0001", zone + "0016 00") ==
          "the DNS message is malformed: it ends inside a record");
  }

  TEST_CASE("limits are kept") {
    const std::string message = bytes(rfc_response);
    const auto fault = [&](const Limits& limits) {
      const Result<Answer> answer =
          okhttp::dns::read_answer(message, "www.example.com", RecordType::aaaa, 0, limits);
      return answer ? std::string("none") : answer.error().message();
    };
    Limits limits;
    limits.max_message_bytes = message.size();
    limits.max_records = 2;
    limits.max_aliases = 0;
    CHECK(fault(limits) == "none");
    limits.max_records = 1;
    CHECK(fault(limits) == "the DNS message has more than 1 records");
    limits.max_message_bytes = message.size() - 1;
    CHECK(fault(limits) == "the DNS message is longer than 60 bytes");
    CHECK(fault_of(std::string(65536, '\0')) == "the DNS message is longer than 65535 bytes");
    // Counts are looked at before anything is read for them.
    CHECK(fault_of(bytes("0000 8180 ffff ffff ffff ffff")) ==
          "the DNS message has more than 512 records");
  }

  TEST_CASE("labels with dots in them are not other names") {
    // The owner is one label "x.y".
    CHECK(read_a(response("0001 0000 0000", "03 782e79 00 0001 0001 00000001 0004 c0000201"))
              .value()
              .addresses.empty());
  }

  TEST_CASE("a server reads what a client writes") {
    const std::string message =
        okhttp::dns::write_query("www.Example.com", RecordType::aaaa, 0x1234).value();
    const Query query = okhttp::dns::read_query(message).value();
    CHECK(query.id == 0x1234);
    CHECK(query.host == "www.example.com");
    CHECK(query.type == RecordType::aaaa);
    CHECK(query.recursion_desired);
    for (std::size_t size = 0; size < message.size(); ++size)
      CHECK_FALSE(okhttp::dns::read_query(std::string_view(message).substr(0, size)));
    CHECK(okhttp::dns::read_query(message + "more").has_value());

    const std::vector<Record> records = {
        Record::of_address("www.example.com", IpAddress::parse("2001:db8::1"), 30)};
    const std::string response =
        okhttp::dns::write_response(query, ResponseCode::no_error, records).value();
    CHECK(okhttp::dns::read_answer(response, "www.example.com", RecordType::aaaa, 0x1234)
              .value()
              .addresses == ips({"2001:db8::1"}));
  }

  TEST_CASE("a server refuses what is no query") {
    for (const char* const bad :
         {"", "0000", "0000 8100 0001 0000 0000 0000 0178 00 0001 0001",  // a response
          "0000 0900 0001 0000 0000 0000 0178 00 0001 0001",              // another opcode
          "0000 0100 0000 0000 0000 0000",                                // no question
          "0000 0100 0002 0000 0000 0000 0178 00 0001 0001 0178 00 0001 0001",
          "0000 0100 0001 0000 0000 0000 0178 00 0001 0003",  // another class
          "0000 0100 0001 0000 0000 0000 012e 00 0001 0001",  // a dot in a label
          "0000 0100 0001 0000 0000 0000 0120 00 0001 0001",  // a blank
          "0000 0100 0001 0000 0000 0000 01c3 00 0001 0001",  // past ASCII
          "0000 0100 0001 0000 0000 0000 c00c 0001 0001"}) {  // a loop
      CAPTURE(bad);
      const Result<Query> query = okhttp::dns::read_query(bytes(bad));
      REQUIRE_FALSE(query);
      CHECK(query.error() == Errc::dns);
    }
    const Query root =
        okhttp::dns::read_query(bytes("0000 0000 0001 0000 0000 0000 00 0002 0001")).value();
    CHECK(root.host.empty());
    CHECK(static_cast<int>(root.type) == 2);
    CHECK_FALSE(root.recursion_desired);
  }

  TEST_CASE("responses compress their names") {
    const std::string message =
        okhttp::dns::write_response(
            query_for("www.example.com", RecordType::aaaa), ResponseCode::no_error,
            std::vector<Record>{Record::of_address(
                "WWW.example.com", IpAddress::parse("2001:db8:abcd:12:1:2:3:4"), 3709)})
            .value();
    CHECK(message == bytes(rfc_response));
    const std::string aliased =
        okhttp::dns::write_response(
            query_for("www.example.com"), ResponseCode::no_error,
            std::vector<Record>{Record::of_alias("www.example.com", "cdn.example.com", 1)})
            .value();
    CHECK(aliased.ends_with(bytes("c00c 0005 0001 00000001 0006 03 63646e c010")));
  }

  TEST_CASE("a response that cannot be written is refused") {
    const auto write = [](const Query& query, ResponseCode code,
                          const std::vector<Record>& records) {
      const Result<std::string> message = okhttp::dns::write_response(query, code, records);
      return message ? std::string("none") : message.error().message();
    };
    CHECK(write(query_for("a..b"), ResponseCode::no_error, {}) ==
          "not a name that DNS can carry: 'a..b'");
    CHECK(write(query_for("x.y"), ResponseCode::no_error,
                {Record::of_address("a b", IpAddress(), 1)}) ==
          "not a name that DNS can carry: 'a?b'");
    CHECK(write(query_for("x.y"), ResponseCode::no_error, {Record::of_alias("x.y", "..", 1)}) ==
          "not a name that DNS can carry: '..'");
    CHECK(write(query_for("x.y"), static_cast<ResponseCode>(16), {}) ==
          "a DNS response code past 15 needs EDNS");
    const Record record = Record::of_address("x.y", IpAddress::parse("192.0.2.1"), 1);
    CHECK(write(query_for("x.y"), ResponseCode::no_error, std::vector<Record>(4094, record)) ==
          "none");
    CHECK(write(query_for("x.y"), ResponseCode::no_error, std::vector<Record>(4097, record)) ==
          "the DNS response is longer than 65535 bytes");
    CHECK(write(query_for("x.y"), ResponseCode::no_error, std::vector<Record>(70000, record)) ==
          "the DNS response is longer than 65535 bytes");
  }

  TEST_CASE("many different names are written and read back") {
    std::vector<Record> records;
    for (int i = 0; i < 500; ++i)
      records.push_back(
          Record::of_address("h" + std::to_string(i) + ".sub" + std::to_string(i % 7) + ".y",
                             IpAddress::v4({192, 0, 2, 1}), 1));
    CHECK(answer_of("h499.sub2.y", records).addresses.size() == 1);
  }
}

}  // namespace dns_message_test
