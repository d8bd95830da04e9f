// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/ascii.hpp>
#include <okhttp/codec/dns/dns_message.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The input is a message. It is read as a query, and as the answer to several questions: the one it
// has itself, if it has one that a client may ask, and a fixed one.

using okhttp::Errc;
using okhttp::IpAddress;
using okhttp::Result;
using okhttp::dns::Answer;
using okhttp::dns::Query;
using okhttp::dns::Record;
using okhttp::dns::RecordType;
using okhttp::dns::ResponseCode;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_answer(const Answer& answer,
                  const std::string& host,
                  RecordType type,
                  std::uint16_t id) {
  require(answer.addresses.size() <= okhttp::dns::Limits().max_records);
  require(answer.addresses.empty() ||
          (answer.code == ResponseCode::no_error && answer.ttl_seconds));
  require(!answer.ttl_seconds || *answer.ttl_seconds <= 0x7FFFFFFF);
  for (const IpAddress& address : answer.addresses) {
    require(address.is_v4() == (type == RecordType::a));
    require(std::count(answer.addresses.begin(), answer.addresses.end(), address) == 1);
  }
  require(okhttp::dns::failure_of(answer, host) == Errc::dns);

  // What was read can be written, and says the same.
  if (static_cast<unsigned>(answer.code) > 15) return;
  std::vector<Record> records;
  for (const IpAddress& address : answer.addresses)
    records.push_back(Record::of_address(host, address, *answer.ttl_seconds));
  std::vector<Record> authority;
  const bool is_about_name =
      answer.code == ResponseCode::no_error || answer.code == ResponseCode::name_error;
  if (answer.addresses.empty() && is_about_name && answer.ttl_seconds)
    authority.push_back(Record::of_zone("", *answer.ttl_seconds, *answer.ttl_seconds));
  Query query;
  query.id = id;
  query.host = host;
  query.type = type;
  const std::string written =
      okhttp::dns::write_response(query, answer.code, records, authority).value();
  const Answer again = okhttp::dns::read_answer(written, host, type, id).value();
  require(again.code == answer.code && again.addresses == answer.addresses);
  require(again.ttl_seconds == answer.ttl_seconds);
}

void check_read(std::span<const std::byte> message,
                const std::string& host,
                RecordType type,
                std::uint16_t id) {
  const Result<Answer> answer = okhttp::dns::read_answer(message, host, type, id);
  if (answer)
    check_answer(*answer, host, type, id);
  else
    require(answer.error() == Errc::dns && !answer.error().message().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> message(reinterpret_cast<const std::byte*>(data), size);
  const auto id = static_cast<std::uint16_t>(size < 2 ? 0 : data[0] << 8 | data[1]);
  check_read(message, "example.com", RecordType::a, id);
  check_read(message, "www.example.com", RecordType::aaaa, id);

  // As a query: set the bits of its flags that make it one.
  std::vector<std::byte> asked(message.begin(), message.end());
  if (asked.size() > 2) asked[2] = asked[2] & std::byte{0x01};
  const Result<Query> query = okhttp::dns::read_query(asked);
  if (!query) {
    require(query.error() == Errc::dns);
    return 0;
  }
  require(query->id == id);
  if (query->host.empty()) return 0;
  const std::string rewritten = okhttp::dns::write_query(query->host, query->type, id).value();
  const Query again = okhttp::dns::read_query(rewritten).value();
  require(again.host == okhttp::ascii::lowered(query->host) && again.type == query->type);
  if (query->type == RecordType::a || query->type == RecordType::aaaa)
    check_read(message, query->host, query->type, id);
  return 0;
}
