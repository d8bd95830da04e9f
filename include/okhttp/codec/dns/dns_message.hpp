// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CODEC_DNS_DNS_MESSAGE_HPP
#define OKHTTP_CODEC_DNS_DNS_MESSAGE_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/url/ip_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// DNS messages as DNS over HTTPS carries them: the client's half (write_query, read_answer) and the
// server's (read_query, write_response). For the GET form of RFC 8484, section 4.1, the query goes
// through base64::encode_url.

OKHTTP_NAMESPACE_BEGIN
namespace dns {

/// What a record holds. Other types are skipped where they appear.
enum class RecordType : std::uint16_t {
  /// An IPv4 address.
  a = 1,
  /// The name is an alias of another.
  cname = 5,
  /// Where a zone begins; in a negative answer it says how long that holds.
  soa = 6,
  /// An IPv6 address. Spec: RFC 3596.
  aaaa = 28,
};

/// How the server sums its answer up. Codes without an enumerator are kept as numbers.
/// Spec: RFC 1035, 4.1.1; RFC 6891, 6.1.3 for those past 15.
enum class ResponseCode : std::uint16_t {
  no_error = 0,
  /// FORMERR: the server could not read the query.
  format_error = 1,
  /// SERVFAIL: the server could not find out; asking again later may help.
  server_failure = 2,
  /// NXDOMAIN: there is no such name.
  name_error = 3,
  /// NOTIMP
  not_implemented = 4,
  /// REFUSED
  refused = 5,
};

/// How much a peer may make the reader do. Past a limit reading fails; nothing is cut off silently.
struct Limits {
  /// Bytes of a message. What its 16 bit counts and offsets are made for; real ones stay below 4 KiB.
  std::size_t max_message_bytes = 65535;
  /// Questions and records of a message, all sections together. Real answers stay below 50.
  std::size_t max_records = 512;
  /// Aliases followed from the name that was asked for. BIND and Unbound: 11 to 17.
  std::size_t max_aliases = 16;
};

/// What an answer says about the name that was asked for.
struct Answer {
  ResponseCode code = ResponseCode::no_error;
  /// In the server's order, without repetitions. Empty unless `code` is no_error; then too when the
  /// name has no address of the type asked for.
  std::vector<IpAddress> addresses;
  /// For how many seconds the answer holds: the least of the records that led to the addresses, or
  /// what the zone allows for a negative answer. Nothing when the message does not say (RFC 2308,
  /// 5: do not keep it).
  std::optional<std::uint32_t> ttl_seconds;
};

/// A query for the records of `host` that are of this type; read_answer knows `a` and `aaaa`.
///
/// `host` is ASCII, with or without a dot at its end; it is written in lower case and the id is 0,
/// so that equal questions are equal bytes, which HTTP caches need (RFC 8484, 4.1).
/// Errors: Errc::invalid_argument for a name that DNS cannot carry: an empty label or one past 63
/// bytes, more than 255 bytes in all, blanks, controls, bytes past ASCII.
/// Spec: RFC 1035, 4.1.
Result<std::string> write_query(std::string_view host, RecordType type, std::uint16_t id = 0);

/// Reads the answer to `write_query(host, type, id)`.
///
/// Aliases (CNAME) are followed within the message only. A code other than no_error is a result too;
/// `failure_of` makes the error of it. Bytes after the last record are ignored.
/// Errors: Errc::dns for a message that is cut off, marked as truncated, malformed, past a limit, no
/// response, or the answer to another question. Errc::invalid_argument as with write_query;
/// Errc::misuse for a type other than `a` and `aaaa`.
/// Spec: RFC 1035, 4.1; RFC 2308, 5 (the lifetime of negative answers); RFC 2181, 8 (a TTL with its
/// top bit set is 0). Names may be compressed; pointers lead backwards only, so none is a loop.
Result<Answer> read_answer(std::span<const std::byte> message,
                           std::string_view host,
                           RecordType type,
                           std::uint16_t id = 0,
                           const Limits& limits = {});
inline Result<Answer> read_answer(std::string_view message,
                                  std::string_view host,
                                  RecordType type,
                                  std::uint16_t id = 0,
                                  const Limits& limits = {}) {
  return read_answer(std::as_bytes(std::span(message)), host, type, id, limits);
}

/// Why `answer` has no addresses, as Errc::dns with a sentence that names `host` and the code.
Error failure_of(const Answer& answer, std::string_view host);

// ---- The server's half, for tests and mock servers. ----

/// A question as it came.
struct Query {
  std::uint16_t id = 0;
  /// In the case it came in, without a dot at its end; empty for the root.
  std::string host;
  /// May be a type without an enumerator.
  RecordType type = RecordType::a;
  bool recursion_desired = false;
};

/// Reads a query with one question of class IN; records behind the question are ignored.
/// Errors: Errc::dns for anything else, and for a name that has dots, blanks, controls or bytes past
/// ASCII inside a label.
Result<Query> read_query(std::span<const std::byte> message, const Limits& limits = {});
inline Result<Query> read_query(std::string_view message, const Limits& limits = {}) {
  return read_query(std::as_bytes(std::span(message)), limits);
}

/// A record to answer with. Made by one of its functions.
struct Record {
  /// A or AAAA, as the address is.
  static Record of_address(std::string name, const IpAddress& address, std::uint32_t ttl_seconds);
  /// CNAME: `name` is an alias of `target`.
  static Record of_alias(std::string name, std::string target, std::uint32_t ttl_seconds);
  /// SOA of `zone`, whose negative answers hold for `negative_ttl_seconds`.
  static Record of_zone(std::string zone,
                        std::uint32_t ttl_seconds,
                        std::uint32_t negative_ttl_seconds);

  std::string name;
  RecordType type = RecordType::a;
  std::uint32_t ttl_seconds = 0;
  /// Of a and aaaa.
  IpAddress address;
  /// Of cname.
  std::string target;
  /// Of soa: its MINIMUM field.
  std::uint32_t negative_ttl_seconds = 0;
};

/// The response to `query`, with names compressed.
/// Errors: Errc::invalid_argument for a name that DNS cannot carry, a code past 15, or more records
/// than fit 65535 bytes.
Result<std::string> write_response(const Query& query,
                                   ResponseCode code,
                                   std::span<const Record> answers,
                                   std::span<const Record> authority = {});

}  // namespace dns
OKHTTP_NAMESPACE_END

#include <okhttp/codec/dns/dns_message.ipp>

#endif  // OKHTTP_CODEC_DNS_DNS_MESSAGE_HPP
