// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_URL_RECORD_IPP
#define OKHTTP_URL_URL_RECORD_IPP

#include <okhttp/url/url_record.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/url/host.hpp>
#include <okhttp/url/ip_address.hpp>
#include <okhttp/url/percent_encoding.hpp>
#include <okhttp/url/text_writer.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace url {

OKHTTP_DECL const Record* RecordPointer::share(const Record* record) noexcept {
#if OKHTTP_THREADS
  if (record != nullptr) record->owners.fetch_add(1, std::memory_order_relaxed);
#else
  if (record != nullptr) ++record->owners;
#endif
  return record;
}

OKHTTP_DECL void RecordPointer::release(const Record* record) noexcept {
#if OKHTTP_THREADS
  // Whoever frees it must see all that the other owners did with it before.
  if (record->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
#else
  if (--record->owners != 0) return;
#endif
  record->~Record();
  ::operator delete(const_cast<Record*>(record));
}

static_assert(sizeof(Record) == TextWriter::head_size);

OKHTTP_DECL RecordPointer make_record(const Parts& parts, std::string_view text) {
  void* const block = ::operator new(sizeof(Record) + parts.size + 1);
  char* const copy = static_cast<char*>(block) + sizeof(Record);
  copy[parts.size] = 0;
  // A missing path comes last, and is this.
  copy[parts.size - 1] = '/';
  std::memcpy(copy, text.data(), text.size());
  return RecordPointer(::new (block) Record(parts));
}

OKHTTP_DECL RecordPointer make_record(Parts& parts, TextWriter& text) {
  parts.size = static_cast<std::uint32_t>(text.size());
  void* const block = text.release();
  if (block == nullptr) return make_record(parts, text.view());
  return RecordPointer(::new (block) Record(parts));
}

// What one look at a byte tells.
enum ByteKind : std::uint8_t {
  changes_in_host = 1,      // anything but what most host names are made of
  digit_or_hyphen = 2,      // what an IPv4 address or Punycode has
  changes_in_path = 4,      // has to be encoded, is a backslash or ends the path
  begins_dot_segment = 8,   // . %: may do so after a slash
  changes_in_query = 16,    // has to be encoded, or ends it
  changes_in_fragment = 32  // has to be encoded
};

consteval std::array<std::uint8_t, 256> make_byte_kinds() {
  std::array<std::uint8_t, 256> kinds{};
  const auto mark = [&](std::string_view characters, int kind) {
    for (char c : characters)
      kinds[static_cast<std::uint8_t>(c)] |= static_cast<std::uint8_t>(kind);
  };
  mark("abcdefghijklmnopqrstuvwxyz0123456789-._", changes_in_host);
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    if (path_set.contains(c)) kinds[byte] |= changes_in_path;
    if (query_set.contains(c)) kinds[byte] |= changes_in_query;
    if (fragment_set.contains(c)) kinds[byte] |= changes_in_fragment;
  }
  for (std::uint8_t& kind : kinds) kind ^= changes_in_host;
  mark("0123456789-", digit_or_hyphen);
  mark("\\", changes_in_path);
  mark(".%", begins_dot_segment);
  return kinds;
}
inline constexpr std::array<std::uint8_t, 256> byte_kinds = make_byte_kinds();
constexpr unsigned kind_of(char c) noexcept { return byte_kinds[static_cast<std::uint8_t>(c)]; }

constexpr bool is_slash(char c) noexcept { return c == '/' || c == '\\'; }

// Where the first byte of such a kind stands, or `end`.
[[gnu::always_inline]] inline const char* skip_to(unsigned kinds,
                                                  const char* at,
                                                  const char* end) noexcept {
  for (; end - at >= 4; at += 4) {
    if ((kind_of(at[0]) & kinds) != 0) return at;
    if ((kind_of(at[1]) & kinds) != 0) return at + 1;
    if ((kind_of(at[2]) & kinds) != 0) return at + 2;
    if ((kind_of(at[3]) & kinds) != 0) return at + 3;
  }
  while (at != end && (kind_of(*at) & kinds) == 0) ++at;
  return at;
}

// A host without changing characters that stands for itself: a name without Punycode, or a dotted
// quad.
OKHTTP_DECL bool is_canonical_host(std::string_view host) noexcept {
  const std::size_t last_label = host.rfind('.') + 1;  // npos + 1 is 0
  std::uint8_t address[4];
  if (ascii::is_digit(host[last_label])) return read_ipv4(host, address);
  return host.find("xn--") == std::string_view::npos;
}

// The port between its ':' and what follows; null when that is not the canonical form of one.
OKHTTP_DECL const char* read_canonical_port(const char* at, const char* end, Parts& out) noexcept {
  unsigned port = 0;
  const char* const begin = at;
  for (; at != end && at - begin < 5 && ascii::is_digit(*at); ++at)
    port = port * 10 + static_cast<unsigned>(*at - '0');
  if (at == begin || (*begin == '0' && at - begin > 1) || port > UINT16_MAX || port == out.port)
    return nullptr;
  out.port = static_cast<std::uint16_t>(port);
  return at;
}

OKHTTP_DECL bool read_canonical(Parts& out, std::string_view text) noexcept {
  if (text.size() > longest_url) return false;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto here = [&](const char* at) { return static_cast<std::uint32_t>(at - begin); };
  const char* at = begin;
  if (text.starts_with("https://")) {
    at += 8;
    out.is_https = true;
    out.port = https_port;
  } else if (text.starts_with("http://")) {
    at += 7;
    out.port = http_port;
  } else {
    return false;
  }

  out.username_end = out.host_begin = here(at);
  unsigned seen = 0;
  for (; at != end && (kind_of(*at) & changes_in_host) == 0; ++at) seen |= kind_of(*at);
  out.host_end = here(at);
  if (out.host_end == out.host_begin || at[-1] == '.') return false;
  if ((seen & digit_or_hyphen) != 0 &&
      !is_canonical_host(text.substr(out.host_begin, out.host_end - out.host_begin)))
    return false;
  if (at != end && *at == ':') {
    at = read_canonical_port(at + 1, end, out);
    if (at == nullptr) return false;
  }
  if (at != end && !is_slash(*at) && *at != '?' && *at != '#') return false;
  out.path_begin = here(at);
  if (at == end) {
    out.query_begin = out.fragment_begin = out.size = out.path_begin + 1;
    return true;
  }

  if (*at != '/') return false;
  for (;; ++at) {
    at = skip_to(changes_in_path | begins_dot_segment, at, end);
    if (at == end || (kind_of(*at) & begins_dot_segment) == 0) break;
    if (at[-1] == '/') return false;
  }
  out.query_begin = out.fragment_begin = here(at);
  if (at != end && *at == '?') {
    at = skip_to(changes_in_query, at + 1, end);
    out.fragment_begin = here(at);
  }
  if (at != end && *at == '#') at = skip_to(changes_in_fragment, at + 1, end);
  out.size = here(at);
  return at == end;
}

// Where the first of these four characters stands, or the text's size. find_first_of is a call per
// character.
OKHTTP_DECL std::size_t find_any(std::string_view text, const char (&any)[5]) noexcept {
  std::size_t i = 0;
  while (i < text.size() && text[i] != any[0] && text[i] != any[1] && text[i] != any[2] &&
         text[i] != any[3])
    ++i;
  return i;
}

constexpr std::string_view without_leading_slashes(std::string_view text) noexcept {
  while (!text.empty() && is_slash(text.front())) text.remove_prefix(1);
  return text;
}

// The length of the scheme before its ':', or npos when the text does not begin with one.
constexpr std::size_t scheme_length(std::string_view text) noexcept {
  if (text.empty() || !ascii::is_alpha(text.front())) return std::string_view::npos;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i;
    if (!ascii::is_alpha(c) && !ascii::is_digit(c) && c != '+' && c != '-' && c != '.') break;
  }
  return std::string_view::npos;
}

OKHTTP_DECL std::string without_line_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text)
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  return out;
}

OKHTTP_DECL bool is_dot(std::string_view segment) noexcept {
  return segment == "." || ascii::iequals(segment, "%2e");
}

OKHTTP_DECL bool is_dot_dot(std::string_view segment) noexcept {
  switch (segment.size()) {
    case 2:
      return segment == "..";
    case 4:
      return ascii::iequals(segment, ".%2e") || ascii::iequals(segment, "%2e.");
    case 6:
      return ascii::iequals(segment, "%2e%2e");
    default:
      return false;
  }
}

OKHTTP_DECL std::uint32_t here(const TextWriter& text) noexcept {
  return static_cast<std::uint32_t>(text.size());
}

// Removes the last segment with its slash, if there is one.
OKHTTP_DECL void shorten_path(TextWriter& text, std::size_t path_begin) {
  if (text.size() > path_begin) text.truncate(text.view().rfind('/'));
}

OKHTTP_DECL void append_path(TextWriter& text, std::size_t path_begin, std::string_view path) {
  for (bool last = false; !last;) {
    const std::size_t end = find_any(path, "/\\/\\");
    const std::string_view segment = path.substr(0, end);
    last = end == path.size();
    if (is_dot_dot(segment)) {
      shorten_path(text, path_begin);
      if (last) text += '/';
    } else if (is_dot(segment)) {
      if (last) text += '/';
    } else {
      text += '/';
      text.append_encoded(segment, path_set);
    }
    if (!last) path.remove_prefix(end + 1);
  }
}

// `rest` is empty or begins with '?' or '#'.
OKHTTP_DECL void append_query_and_fragment(TextWriter& text, Parts& out, std::string_view rest) {
  out.query_begin = here(text);
  out.fragment_begin = out.query_begin;
  if (rest.empty()) return;
  const std::size_t hash = rest.find('#');
  const std::string_view query = rest.substr(0, hash);
  if (!query.empty()) {
    text += '?';
    text.append_encoded(query.substr(1), query_set);
    out.fragment_begin = here(text);
  }
  if (hash != std::string_view::npos) {
    text += '#';
    text.append_encoded(rest.substr(hash + 1), fragment_set);
  }
}

// `rest` is all that follows the authority.
OKHTTP_DECL void append_path_and_rest(TextWriter& text, Parts& out, std::string_view rest) {
  const std::size_t end = find_any(rest, "?#?#");
  std::string_view path = rest.substr(0, end);
  if (!path.empty() && is_slash(path.front())) path.remove_prefix(1);
  append_path(text, out.path_begin, path);
  append_query_and_fragment(text, out, rest.substr(end));
}

// Port digits, perhaps none. The value beyond any port stands for "too big".
OKHTTP_DECL bool read_port(std::string_view digits, std::uint16_t& port) noexcept {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  std::uint64_t value = 0;
  if (!ascii::parse_decimal(digits, value) || value > UINT16_MAX) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}

// User information as `text` gets it, with its '@'.
OKHTTP_DECL void append_user_info(TextWriter& text, Parts& out, std::string_view user_info) {
  const std::size_t colon = user_info.find(':');
  text.append_encoded(user_info.substr(0, colon), user_info_set);
  out.username_end = here(text);
  if (colon != std::string_view::npos && colon + 1 != user_info.size()) {
    text += ':';
    text.append_encoded(user_info.substr(colon + 1), user_info_set);
  }
  if (text.size() != out.authority_begin()) text += '@';
}

// `rest` begins with the authority.
OKHTTP_DECL Error parse_authority(TextWriter& text,
                                  Parts& out,
                                  std::string_view rest,
                                  bool is_https) {
  out.is_https = is_https;
  out.port = is_https ? https_port : http_port;
  text += is_https ? std::string_view("https://") : std::string_view("http://");
  out.username_end = here(text);

  const std::size_t end = find_any(rest, "/\\?#");
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    append_user_info(text, out, authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }

  std::size_t colon = 0;
  bool in_brackets = false;
  for (; colon < authority.size() && (in_brackets || authority[colon] != ':'); ++colon) {
    if (authority[colon] == '[') in_brackets = true;
    if (authority[colon] == ']') in_brackets = false;
  }
  const std::string_view host = authority.substr(0, colon);
  out.host_begin = here(text);
  const char* reason = "it has no host";
  if (!host.empty()) reason = append_host(text, host);
  out.host_end = here(text);

  const std::string_view digits = authority.substr(std::min(colon + 1, authority.size()));
  std::uint16_t port = out.port;
  if (reason == nullptr && !digits.empty() && !read_port(digits, port))
    reason = "its port is no number from 0 to 65535";
  // A '/' in a password makes user information look like a host; nothing of it may be shown.
  if (reason != nullptr)
    return bad_url(reason, rest.find('@') == std::string_view::npos ? host : std::string_view());
  if (port != out.port) {
    out.port = port;
    text += ':';
    text.append_number(port);
  }
  out.path_begin = here(text);
  append_path_and_rest(text, out, rest);
  return {};
}

// `link` has no scheme, or the base's without "//".
OKHTTP_DECL Error parse_relative(TextWriter& text,
                                 Parts& out,
                                 std::string_view link,
                                 const Record& base) {
  if (link.size() > 1 && is_slash(link[0]) && is_slash(link[1]))
    return parse_authority(text, out, without_leading_slashes(link), base.is_https);

  const bool keeps_query = link.empty() || link.front() == '#';
  const bool keeps_path = keeps_query || link.front() == '?';
  std::size_t kept = base.query_begin;
  if (keeps_query)
    kept = base.fragment_begin;
  else if (!keeps_path && is_slash(link.front()))
    kept = base.path_begin;

  out = base;
  text += base.slice(0, kept);
  if (keeps_path) {
    append_query_and_fragment(text, out, link);
    if (keeps_query) out.query_begin = base.query_begin;
  } else if (kept == base.path_begin) {
    append_path_and_rest(text, out, link);
  } else {
    shorten_path(text, out.path_begin);
    append_path_and_rest(text, out, link);
  }
  return {};
}

OKHTTP_DECL Error parse_record(TextWriter& text,
                               Parts& out,
                               std::string_view input,
                               const Record* base) {
  if (input.size() > longest_url || (base != nullptr && base->size > 4 * longest_url))
    return bad_url("it is longer than 64 MiB");
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!input.empty() && is_blank(input.front())) input.remove_prefix(1);
  while (!input.empty() && is_blank(input.back())) input.remove_suffix(1);
  std::string cleaned;
  if (find_any(input, "\t\n\r\t") != input.size())
    input = cleaned = without_line_breaks(input);
  if (read_canonical_is_used && out.path_begin != 0 && cleaned.empty()) {
    text += input.substr(0, out.path_begin);
    append_path_and_rest(text, out, input.substr(out.path_begin));
    return {};
  }

  out = {};
  constexpr const char* no_http_scheme = "it does not begin with http:// or https://";
  const std::size_t length = scheme_length(input);
  if (length == std::string_view::npos) {
    if (base == nullptr) return bad_url(no_http_scheme);
    return parse_relative(text, out, input, *base);
  }
  const std::string_view scheme = input.substr(0, length);
  const std::string_view rest = input.substr(length + 1);
  const bool is_https = ascii::iequals(scheme, "https");
  if (!is_https && !ascii::iequals(scheme, "http")) {
    // In "user:password@host" the user looks like a scheme.
    constexpr std::size_t longest_shown = 20;
    if (length > longest_shown || rest.find('@') != std::string_view::npos)
      return bad_url(no_http_scheme);
    return Error(Errc::bad_url, "bad URL: ", no_http_scheme, " (scheme '", scheme, "')");
  }
  if (base != nullptr && base->is_https == is_https && !rest.starts_with("//"))
    return parse_relative(text, out, rest, *base);
  return parse_authority(text, out, without_leading_slashes(rest), is_https);
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_URL_RECORD_IPP
