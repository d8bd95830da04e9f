// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_DNS_DNS_MESSAGE_IPP
#define OKHTTP_CODEC_DNS_DNS_MESSAGE_IPP

#include <okhttp/codec/dns/dns_message.hpp>

#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#  include <algorithm>
#  include <array>
#  include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace dns {

namespace message_detail {

// Inside this file a name is its labels as on the wire, each behind its length, without the empty
// one at the end: unlike the dotted form it says where labels end whatever bytes they have. A
// length is below 64 and so never taken for a letter: lowering such a name is lowering its labels.

inline constexpr std::size_t header_bytes = 12;
inline constexpr std::size_t max_label_bytes = 63;
inline constexpr std::size_t max_name_bytes = 254;  // 255 with the empty label at the end
// Labels and pointers of one name. 127 labels fill a name; who uses more pointers than that wastes
// our time.
inline constexpr std::size_t max_name_steps = 128;
inline constexpr std::size_t pointer_reach = 0x4000;
inline constexpr std::uint16_t class_in = 1;
inline constexpr std::uint16_t type_opt = 41;

inline constexpr std::uint16_t flag_response = 0x8000;
inline constexpr std::uint16_t mask_opcode = 0x7800;
inline constexpr std::uint16_t flag_truncated = 0x0200;
inline constexpr std::uint16_t flag_recursion_desired = 0x0100;
inline constexpr std::uint16_t flag_recursion_available = 0x0080;
inline constexpr std::uint16_t mask_code = 0x000F;

/// A host name as callers and servers have it, made fit for an error text.
OKHTTP_DECL std::string shown_name(std::string_view name) {
  constexpr std::size_t longest_shown = 100;
  std::string out;
  for (const char c : name.substr(0, longest_shown)) out += c > ' ' && c < 0x7F ? c : '?';
  if (name.size() > longest_shown) out += "...";
  return out;
}

/// The wire form of a dotted name. Null: it has none.
OKHTTP_DECL std::optional<std::string> wire_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string wire;
  if (text.empty()) return wire;
  if (text.size() + 1 > max_name_bytes) return std::nullopt;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > max_label_bytes) return std::nullopt;
    for (const char c : label)
      if (c <= ' ' || c >= 0x7F) return std::nullopt;
    wire += static_cast<char>(label.size());
    wire += label;
    if (dot == std::string_view::npos) return wire;
    text.remove_prefix(dot + 1);
  }
}

OKHTTP_DECL Error bad_name(std::string_view name) {
  return {Errc::invalid_argument, "not a name that DNS can carry: '" + shown_name(name) + "'"};
}

OKHTTP_DECL Error malformed(std::string_view why) {
  return {Errc::dns, "the DNS message is malformed: " + std::string(why)};
}

/// Takes a message apart from its front to its end. Every function says false at the first fault
/// and leaves the reason in `fault`.
struct Reader {
  explicit Reader(std::span<const std::byte> bytes) noexcept : message(bytes) {}

  bool fail(const char* reason) noexcept {
    fault = reason;
    return false;
  }
  bool skip(std::size_t count) noexcept {
    if (message.size() - at < count) return fail("it ends inside a record");
    at += count;
    return true;
  }
  unsigned byte(std::size_t position) const noexcept {
    return std::to_integer<unsigned>(message[position]);
  }
  bool u16(std::uint16_t& value) noexcept {
    if (!skip(2)) return false;
    value = static_cast<std::uint16_t>(byte(at - 2) << 8 | byte(at - 1));
    return true;
  }
  bool u32(std::uint32_t& value) noexcept {
    if (!skip(4)) return false;
    value = byte(at - 4) << 24 | byte(at - 3) << 16 | byte(at - 2) << 8 | byte(at - 1);
    return true;
  }
  /// In the case it was sent in. A pointer must lead in front of the labels read so far, so every
  /// step gets nearer to the message's begin and there is no loop.
  bool name(std::string& wire) {
    wire.clear();
    std::size_t cursor = at;
    std::size_t segment = at;
    bool has_jumped = false;
    for (std::size_t step = 0; step <= max_name_steps; ++step) {
      if (cursor >= message.size()) return fail("it ends inside a name");
      const std::size_t length = byte(cursor);
      if (length >= 0xC0) {
        if (message.size() - cursor < 2) return fail("it ends inside a name");
        const std::size_t target = (length & 0x3F) << 8 | byte(cursor + 1);
        if (target >= segment) return fail("a name points forward");
        if (target < header_bytes) return fail("a name points into the header");
        if (!has_jumped) at = cursor + 2;
        has_jumped = true;
        cursor = segment = target;
        continue;
      }
      if (length > max_label_bytes) return fail("a label is of an unknown kind");
      if (length == 0) {
        if (!has_jumped) at = cursor + 1;
        return true;
      }
      if (message.size() - cursor <= length) return fail("it ends inside a name");
      if (wire.size() + 1 + length > max_name_bytes) return fail("a name is longer than 255 bytes");
      for (std::size_t i = 0; i <= length; ++i)
        wire += static_cast<char>(static_cast<unsigned char>(byte(cursor + i)));
      cursor += 1 + length;
    }
    return fail("a name has too many parts");
  }

  std::span<const std::byte> message;
  std::size_t at = 0;
  const char* fault = "";
};

struct Head {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t additionals = 0;
};

OKHTTP_DECL Result<Head> read_head(Reader& reader, const Limits& limits) {
  if (reader.message.size() > limits.max_message_bytes)
    return Error(Errc::dns, "the DNS message is longer than " +
                                std::to_string(limits.max_message_bytes) + " bytes");
  Head head;
  for (std::uint16_t* field : {&head.id, &head.flags, &head.questions, &head.answers,
                               &head.authorities, &head.additionals})
    if (!reader.u16(*field)) return malformed("it ends inside the header");
  const std::size_t records =
      std::size_t{head.questions} + head.answers + head.authorities + head.additionals;
  if (records > limits.max_records)
    return Error(Errc::dns, "the DNS message has more than " + std::to_string(limits.max_records) +
                                " records");
  return head;
}

struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t record_class = 0;
};

OKHTTP_DECL bool read_question(Reader& reader, Question& question) {
  return reader.name(question.name) && reader.u16(question.type) &&
         reader.u16(question.record_class);
}

/// A record whose content has not been looked at.
struct RawRecord {
  std::string owner;  // in lower case
  std::uint16_t type = 0;
  std::uint16_t record_class = 0;
  std::uint32_t ttl = 0;
  std::size_t begin = 0;  // of the content
  std::size_t end = 0;
};

OKHTTP_DECL bool read_record(Reader& reader, RawRecord& record) {
  std::uint16_t size = 0;
  if (!reader.name(record.owner) || !reader.u16(record.type) || !reader.u16(record.record_class) ||
      !reader.u32(record.ttl) || !reader.u16(size))
    return false;
  record.owner = ascii::lowered(record.owner);
  record.begin = reader.at;
  if (!reader.skip(size)) return false;
  record.end = reader.at;
  return true;
}

OKHTTP_DECL std::uint32_t ttl_of(std::uint32_t field) noexcept {
  return field > 0x7FFFFFFF ? 0 : field;
}

/// A name inside a record's content, which ends at `end`.
OKHTTP_DECL bool read_content_name(Reader& reader, std::size_t end, std::string& name) {
  if (!reader.name(name)) return false;
  return reader.at <= end || reader.fail("a name is longer than its record");
}

/// What an answer's records say, as far as it matters here.
struct Facts {
  struct Address {
    std::string owner;
    std::uint32_t ttl;
    IpAddress address;
  };
  struct Alias {
    std::string owner;
    std::uint32_t ttl;
    std::string target;
  };
  struct Zone {
    std::string owner;
    std::uint32_t ttl;
  };
  std::vector<Address> addresses;
  std::vector<Alias> aliases;
  std::vector<Zone> zones;
  std::uint16_t extended_code = 0;
};

OKHTTP_DECL bool note_answer(Reader& reader, RawRecord& record, RecordType type, Facts& facts) {
  if (record.record_class != class_in) return true;
  const std::uint32_t ttl = ttl_of(record.ttl);
  if (record.type == static_cast<std::uint16_t>(RecordType::cname)) {
    const std::size_t next = std::exchange(reader.at, record.begin);
    std::string target;
    if (!read_content_name(reader, record.end, target)) return false;
    if (reader.at != record.end) return reader.fail("a record is longer than its name");
    reader.at = next;
    facts.aliases.push_back({std::move(record.owner), ttl, ascii::lowered(target)});
    return true;
  }
  if (record.type != static_cast<std::uint16_t>(type)) return true;
  const bool is_v4 = type == RecordType::a;
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t size = is_v4 ? 4 : bytes.size();
  if (record.end - record.begin != size) return reader.fail("an address has a wrong length");
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(reader.byte(record.begin + i));
  const IpAddress address =
      is_v4 ? IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}) : IpAddress::v6(bytes);
  facts.addresses.push_back({std::move(record.owner), ttl, address});
  return true;
}

OKHTTP_DECL bool note_authority(Reader& reader, RawRecord& record, Facts& facts) {
  if (record.record_class != class_in || record.type != static_cast<std::uint16_t>(RecordType::soa))
    return true;
  const std::size_t next = std::exchange(reader.at, record.begin);
  constexpr std::size_t numbers = 20;  // serial, refresh, retry, expire, minimum
  std::string name;
  std::uint32_t minimum = 0;
  if (!read_content_name(reader, record.end, name) || !read_content_name(reader, record.end, name))
    return false;
  if (record.end - reader.at != numbers) return reader.fail("a zone record has a wrong length");
  reader.at = record.end - sizeof minimum;
  if (!reader.u32(minimum)) return false;
  reader.at = next;
  const std::uint32_t ttl = std::min(ttl_of(record.ttl), ttl_of(minimum));
  facts.zones.push_back({std::move(record.owner), ttl});
  return true;
}

/// True when `name` is `zone` or lies below it.
OKHTTP_DECL bool is_within(std::string_view name, std::string_view zone) noexcept {
  while (name.size() > zone.size())
    name.remove_prefix(std::size_t{1} + static_cast<unsigned char>(name.front()));
  return name == zone;
}

/// Follows the aliases from `name` and gathers the addresses at their end.
OKHTTP_DECL Result<Answer> conclude(const Facts& facts,
                                    ResponseCode code,
                                    std::string name,
                                    const Limits& limits) {
  Answer answer;
  answer.code = code;
  const auto lower_ttl = [&answer](std::uint32_t ttl) {
    answer.ttl_seconds = std::min(answer.ttl_seconds.value_or(ttl), ttl);
  };
  std::optional<std::uint32_t> alias_ttl;
  for (std::size_t followed = 0;; ++followed) {
    const auto alias = std::find_if(facts.aliases.begin(), facts.aliases.end(),
                                    [&](const Facts::Alias& found) { return found.owner == name; });
    if (alias == facts.aliases.end()) break;
    if (followed == limits.max_aliases)
      return Error(Errc::dns, "the DNS answer has more than " + std::to_string(limits.max_aliases) +
                                  " aliases in a row");
    alias_ttl = std::min(alias_ttl.value_or(alias->ttl), alias->ttl);
    name = alias->target;
  }
  if (code == ResponseCode::no_error) {
    for (const Facts::Address& found : facts.addresses) {
      if (found.owner != name) continue;
      lower_ttl(found.ttl);
      if (std::find(answer.addresses.begin(), answer.addresses.end(), found.address) ==
          answer.addresses.end())
        answer.addresses.push_back(found.address);
    }
  }
  // Only these two are statements about the name; the zone's record says for how long they hold.
  if (answer.addresses.empty() &&
      (code == ResponseCode::no_error || code == ResponseCode::name_error)) {
    for (const Facts::Zone& zone : facts.zones)
      if (is_within(name, zone.owner)) lower_ttl(zone.ttl);
  }
  if (answer.ttl_seconds && alias_ttl) lower_ttl(*alias_ttl);
  return answer;
}

/// Builds a message. Names that end as an earlier one did point there.
struct Writer {
  void u16(std::uint16_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value >> 8));
    out += static_cast<char>(static_cast<unsigned char>(value & 0xFF));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value & 0xFFFF));
  }
  void header(std::uint16_t id, std::uint16_t flags, std::size_t answers, std::size_t authorities) {
    u16(id);
    u16(flags);
    u16(1);
    u16(static_cast<std::uint16_t>(answers));
    u16(static_cast<std::uint16_t>(authorities));
    u16(0);
  }
  bool name(std::string_view text) {
    const std::optional<std::string> wire = wire_name(text);
    if (!wire) return false;
    std::string_view rest = *wire;
    while (!rest.empty()) {
      std::string ending = ascii::lowered(rest);
      const auto known = std::find_if(endings.begin(), endings.end(),
                                      [&](const Ending& e) { return e.name == ending; });
      if (known != endings.end()) {
        u16(static_cast<std::uint16_t>(0xC000 | known->at));
        return true;
      }
      constexpr std::size_t max_endings = 64;  // all of them are compared with every name
      if (out.size() < pointer_reach && endings.size() < max_endings)
        endings.push_back({std::move(ending), out.size()});
      const std::size_t label = std::size_t{1} + static_cast<unsigned char>(rest.front());
      out += rest.substr(0, label);
      rest.remove_prefix(label);
    }
    out += '\0';
    return true;
  }
  bool record(const Record& record) {
    if (!name(record.name)) return false;
    u16(static_cast<std::uint16_t>(record.type));
    u16(class_in);
    u32(record.ttl_seconds);
    const std::size_t size_at = out.size();
    u16(0);
    switch (record.type) {
      case RecordType::cname:
        if (!name(record.target)) return false;
        break;
      case RecordType::soa:
        if (!name(record.name) || !name(record.name)) return false;
        for (int i = 0; i < 4; ++i) u32(1);  // serial, refresh, retry, expire: of no interest here
        u32(record.negative_ttl_seconds);
        break;
      default:
        for (const std::uint8_t byte : record.address.bytes()) out += static_cast<char>(byte);
        break;
    }
    const std::size_t size = out.size() - size_at - 2;
    out[size_at] = static_cast<char>(static_cast<unsigned char>(size >> 8));
    out[size_at + 1] = static_cast<char>(static_cast<unsigned char>(size & 0xFF));
    return true;
  }

  struct Ending {
    std::string name;  // in lower case
    std::size_t at;
  };
  std::string out;
  std::vector<Ending> endings;
};

}  // namespace message_detail

OKHTTP_DECL Result<Answer> read_answer(std::span<const std::byte> message,
                                       std::string_view host,
                                       RecordType type,
                                       std::uint16_t id,
                                       const Limits& limits) {
  using namespace message_detail;
  if (type != RecordType::a && type != RecordType::aaaa)
    return Error(Errc::misuse, "read_answer reads answers of the types a and aaaa only");
  std::optional<std::string> asked = wire_name(host);
  if (!asked || asked->empty()) return bad_name(host);
  *asked = ascii::lowered(*asked);

  Reader reader(message);
  Result<Head> head = read_head(reader, limits);
  if (!head) return std::move(head).error();
  if ((head->flags & flag_response) == 0 || (head->flags & mask_opcode) != 0)
    return Error(Errc::dns, "the DNS message is not the response to a query");
  if (head->id != id) return Error(Errc::dns, "the DNS answer is for a query with another id");
  if ((head->flags & flag_truncated) != 0)
    return Error(Errc::dns, "the DNS server cut its answer off (TC is set)");

  // A server that could not read the query may leave the question out.
  Question question;
  for (unsigned i = 0; i < head->questions; ++i) {
    if (!read_question(reader, question)) return malformed(reader.fault);
    if (ascii::lowered(question.name) != *asked || question.record_class != class_in ||
        question.type != static_cast<std::uint16_t>(type))
      return Error(Errc::dns, "the DNS answer is for another question");
  }

  Facts facts;
  RawRecord record;
  for (unsigned i = 0; i < head->answers; ++i)
    if (!read_record(reader, record) || !note_answer(reader, record, type, facts))
      return malformed(reader.fault);
  for (unsigned i = 0; i < head->authorities; ++i)
    if (!read_record(reader, record) || !note_authority(reader, record, facts))
      return malformed(reader.fault);
  for (unsigned i = 0; i < head->additionals; ++i) {
    if (!read_record(reader, record)) return malformed(reader.fault);
    // EDNS keeps the upper bits of the code where other records have their TTL.
    if (record.type == type_opt && record.owner.empty())
      facts.extended_code = static_cast<std::uint16_t>(record.ttl >> 24 << 4);
  }
  const auto code = static_cast<ResponseCode>(facts.extended_code | (head->flags & mask_code));
  return conclude(facts, code, std::move(*asked), limits);
}

OKHTTP_DECL Error failure_of(const Answer& answer, std::string_view host) {
  std::string text = "could not resolve " + message_detail::shown_name(host) + ": ";
  switch (answer.code) {
    case ResponseCode::no_error:
      text += "it has no address of the type asked for";
      break;
    case ResponseCode::format_error:
      text += "the DNS server could not read the query (FORMERR)";
      break;
    case ResponseCode::server_failure:
      text += "the DNS server failed (SERVFAIL)";
      break;
    case ResponseCode::name_error:
      text += "there is no such host (NXDOMAIN)";
      break;
    case ResponseCode::not_implemented:
      text += "the DNS server does not know this kind of query (NOTIMP)";
      break;
    case ResponseCode::refused:
      text += "the DNS server refused to answer (REFUSED)";
      break;
    default:
      text +=
          "the DNS server answered with code " + std::to_string(static_cast<unsigned>(answer.code));
      break;
  }
  return {Errc::dns, std::move(text)};
}

OKHTTP_DECL Result<std::string> write_query(std::string_view host,
                                            RecordType type,
                                            std::uint16_t id) {
  using namespace message_detail;
  Writer writer;
  writer.header(id, flag_recursion_desired, 0, 0);
  if (host.empty() || host == "." || !writer.name(ascii::lowered(host))) return bad_name(host);
  writer.u16(static_cast<std::uint16_t>(type));
  writer.u16(class_in);
  return std::move(writer.out);
}

OKHTTP_DECL Result<Query> read_query(std::span<const std::byte> message, const Limits& limits) {
  using namespace message_detail;
  Reader reader(message);
  Result<Head> head = read_head(reader, limits);
  if (!head) return std::move(head).error();
  if ((head->flags & (flag_response | mask_opcode)) != 0 || head->questions != 1)
    return Error(Errc::dns, "the DNS message is not a query with one question");
  Question question;
  if (!read_question(reader, question)) return malformed(reader.fault);
  if (question.record_class != class_in)
    return Error(Errc::dns, "the DNS query is not for the class IN");
  Query query;
  query.id = head->id;
  query.type = static_cast<RecordType>(question.type);
  query.recursion_desired = (head->flags & flag_recursion_desired) != 0;
  for (std::string_view rest = question.name; !rest.empty();) {
    const std::size_t length = static_cast<unsigned char>(rest.front());
    if (!query.host.empty()) query.host += '.';
    for (const char c : rest.substr(1, length)) {
      if (c <= ' ' || c >= 0x7F || c == '.')
        return Error(Errc::dns, "the DNS query is for a name that no host has");
      query.host += c;
    }
    rest.remove_prefix(1 + length);
  }
  return query;
}

OKHTTP_DECL Record Record::of_address(std::string name,
                                      const IpAddress& address,
                                      std::uint32_t ttl_seconds) {
  Record record;
  record.name = std::move(name);
  record.type = address.is_v4() ? RecordType::a : RecordType::aaaa;
  record.ttl_seconds = ttl_seconds;
  record.address = address;
  return record;
}

OKHTTP_DECL Record Record::of_alias(std::string name,
                                    std::string target,
                                    std::uint32_t ttl_seconds) {
  Record record;
  record.name = std::move(name);
  record.type = RecordType::cname;
  record.ttl_seconds = ttl_seconds;
  record.target = std::move(target);
  return record;
}

OKHTTP_DECL Record Record::of_zone(std::string zone,
                                   std::uint32_t ttl_seconds,
                                   std::uint32_t negative_ttl_seconds) {
  Record record;
  record.name = std::move(zone);
  record.type = RecordType::soa;
  record.ttl_seconds = ttl_seconds;
  record.negative_ttl_seconds = negative_ttl_seconds;
  return record;
}

OKHTTP_DECL Result<std::string> write_response(const Query& query,
                                               ResponseCode code,
                                               std::span<const Record> answers,
                                               std::span<const Record> authority) {
  using namespace message_detail;
  if (static_cast<unsigned>(code) > mask_code)
    return Error(Errc::invalid_argument, "a DNS response code past 15 needs EDNS");
  const auto too_long = [] {
    return Error(Errc::invalid_argument, "the DNS response is longer than 65535 bytes");
  };
  constexpr std::size_t max_bytes = 65535;
  constexpr std::size_t least_record_bytes = 11;
  if (answers.size() > max_bytes / least_record_bytes ||
      authority.size() > max_bytes / least_record_bytes)
    return too_long();
  Writer writer;
  const unsigned flags = flag_response | flag_recursion_available |
                         (query.recursion_desired ? flag_recursion_desired : 0U) |
                         static_cast<unsigned>(code);
  writer.header(query.id, static_cast<std::uint16_t>(flags), answers.size(), authority.size());
  if (!writer.name(query.host)) return bad_name(query.host);
  writer.u16(static_cast<std::uint16_t>(query.type));
  writer.u16(class_in);
  for (const std::span<const Record> section : {answers, authority}) {
    for (const Record& record : section) {
      if (!writer.record(record))
        return bad_name(wire_name(record.name) ? record.target : record.name);
      if (writer.out.size() > max_bytes) return too_long();
    }
  }
  return std::move(writer.out);
}

}  // namespace dns
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_CODEC_DNS_DNS_MESSAGE_IPP
