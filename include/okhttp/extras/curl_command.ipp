// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_EXTRAS_CURL_COMMAND_IPP
#define OKHTTP_EXTRAS_CURL_COMMAND_IPP

#include <okhttp/extras/curl_command.hpp>

#include <okhttp/base/ascii.hpp>
#include <okhttp/extras/shell_words.hpp>
#include <okhttp/message/credentials.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/multipart_body.hpp>
#include <okhttp/message/request_body.hpp>
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/percent_encoding.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL bool CurlOptions::is_redacted(std::string_view header_name) const noexcept {
  if (redact_ && is_sensitive_header(header_name)) return true;
  return std::any_of(redacted_.begin(), redacted_.end(),
                     [&](const std::string& name) { return ascii::iequals(name, header_name); });
}

namespace detail::curl {

// An argument of a program has at most 128 KiB on Linux; printf, which the shell itself does, has no such limit.
inline constexpr std::size_t longest_argument = 64 * 1024;
inline constexpr std::size_t longest_command = std::size_t{16} << 20;
inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";

// ---- Writing ----

OKHTTP_DECL bool is_curls_own(std::string_view header_name) noexcept {
  return ascii::iequals(header_name, "Content-Length") || ascii::iequals(header_name, "Transfer-Encoding");
}

/// All of the body, if it can be had again and again without waiting.
OKHTTP_DECL std::optional<std::string> content_of(const RequestBody& body, std::size_t most) {
  if (const auto bytes = body.in_memory()) {
    if (bytes->size() > most) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  const std::int64_t length = body.content_length();
  if (body.is_one_shot() || length < 0 || static_cast<std::uint64_t>(length) > most) return std::nullopt;
  const Result<std::unique_ptr<RequestBodyReader>> reader = body.open();
  if (!reader) return std::nullopt;
  // One byte more than promised shows a body that does not keep its promise.
  std::string content(static_cast<std::size_t>(length) + 1, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    if ((*reader)->may_block()) return std::nullopt;  // a multipart body may come to a file
    const Result<std::size_t> count = (*reader)->read(std::as_writable_bytes(std::span(content).subspan(filled)));
    if (!count) return std::nullopt;
    if (*count == 0) break;
    filled += *count;
  }
  if (filled + 1 != content.size()) return std::nullopt;
  content.pop_back();
  return content;
}

OKHTTP_DECL void append_header(std::string& out, std::string_view name, std::string_view value) {
  // "Name:" would remove the header that curl itself adds.
  std::string line(name);
  if (value.empty())
    line += ';';
  else
    line.append(": ").append(value);
  out += " -H ";
  shell::append_quoted(out, line);
}

OKHTTP_DECL std::string url_of(const Request& request) {
  const HttpUrl& url = request.url();
  if (url.encoded_username().empty() && url.encoded_password().empty()) return url.to_string();
  // Nothing else can be at fault: it was a URL before.
  return url.new_builder().username("").password("").try_build().value().to_string();
}

}  // namespace detail::curl

OKHTTP_DECL std::string to_curl(const Request& request, const CurlOptions& options) {
  namespace shell = detail::shell;
  const std::string url = detail::curl::url_of(request);
  const RequestBody* body = request.body();
  const std::string_view method = request.method();

  std::string out = "curl ";
  // curl takes these for patterns that stand for several URLs. In a host only an IPv6 address has brackets.
  if (url.find_first_of("{}") != std::string::npos ||
      url.find_first_of("[]", url.find('/', 8)) != std::string::npos)
    out += "-g ";
  shell::append_in_quotes(out, url);
  if (body == nullptr && method == "HEAD") {
    out += " -I";
  } else if (method != (body != nullptr ? "POST" : "GET")) {
    out += " -X ";
    shell::append_quoted(out, method);
  }

  const std::optional<std::string_view> type = body != nullptr ? body->content_type() : std::nullopt;
  bool has_type = type.has_value();
  for (const Header& header : request.headers()) {
    const bool is_type = ascii::iequals(header.name, "Content-Type");
    if (detail::curl::is_curls_own(header.name) || (type && is_type)) continue;
    has_type = has_type || is_type;
    detail::curl::append_header(out, header.name, options.is_redacted(header.name) ? redacted_mark : header.value);
  }
  if (body == nullptr) return out;
  if (type) detail::curl::append_header(out, "Content-Type", *type);
  // Or else curl says that it is a form.
  if (!has_type) out += " -H Content-Type:";

  const std::optional<std::string> content = detail::curl::content_of(*body, options.max_body());
  if (!content) return out + " --data-binary @-";
  if (content->size() <= detail::curl::longest_argument && shell::is_plain_text(*content)) {
    out += " --data-raw ";
    shell::append_quoted(out, *content);
    return out;
  }
  std::string piped = "printf ";
  shell::append_printf_format(piped, *content);
  return piped.append(" | ").append(out).append(" --data-binary @-");
}

namespace detail::curl {

// ---- Reading ----

// clang-format off
enum class Meaning : unsigned char {
  ignored, method, header, data, data_raw, data_urlencode, json, form, form_text, get, head, user, user_agent,
  referer, cookie, compressed, url, globoff
};
// clang-format on

struct Option {
  char letter;  // '-': none
  bool has_value;
  Meaning meaning;
  std::string_view name;
};

inline constexpr Option known_options[] = {
    {'X', true, Meaning::method, "request"},
    {'H', true, Meaning::header, "header"},
    {'d', true, Meaning::data, "data"},
    {'-', true, Meaning::data, "data-ascii"},
    {'-', true, Meaning::data, "data-binary"},
    {'-', true, Meaning::data_raw, "data-raw"},
    {'-', true, Meaning::data_urlencode, "data-urlencode"},
    {'-', true, Meaning::json, "json"},
    {'F', true, Meaning::form, "form"},
    {'-', true, Meaning::form_text, "form-string"},
    {'G', false, Meaning::get, "get"},
    {'I', false, Meaning::head, "head"},
    {'u', true, Meaning::user, "user"},
    {'A', true, Meaning::user_agent, "user-agent"},
    {'e', true, Meaning::referer, "referer"},
    {'b', true, Meaning::cookie, "cookie"},
    {'-', false, Meaning::compressed, "compressed"},
    {'-', true, Meaning::url, "url"},
    {'g', false, Meaning::globoff, "globoff"},
    // Of the client, or of what becomes of the response.
    {'L', false, Meaning::ignored, "location"},
    {'k', false, Meaning::ignored, "insecure"},
    {'s', false, Meaning::ignored, "silent"},
    {'S', false, Meaning::ignored, "show-error"},
    {'v', false, Meaning::ignored, "verbose"},
    {'i', false, Meaning::ignored, "include"},
    {'f', false, Meaning::ignored, "fail"},
    {'N', false, Meaning::ignored, "no-buffer"},
    {'o', true, Meaning::ignored, "output"},
    {'O', false, Meaning::ignored, "remote-name"},
    {'w', true, Meaning::ignored, "write-out"},
    {'m', true, Meaning::ignored, "max-time"},
    {'-', true, Meaning::ignored, "connect-timeout"},
    {'-', false, Meaning::ignored, "http1.1"},
    {'-', false, Meaning::ignored, "http2"},
};

OKHTTP_DECL Error fault(std::string_view what) { return Error(Errc::invalid_argument, "the curl command ", what); }
OKHTTP_DECL bool needs_body(std::string_view method) noexcept {
  constexpr std::string_view methods[] = {"POST", "PUT", "PATCH", "PROPPATCH", "QUERY", "REPORT"};
  return std::find(std::begin(methods), std::end(methods), method) != std::end(methods);
}

/// The option as it may be shown: only what its name may be made of.
OKHTTP_DECL Error option_fault(std::string_view option, std::string_view what) {
  std::size_t size = 0;
  while (size < option.size() && size < 32 &&
         (ascii::is_alpha(option[size]) || ascii::is_digit(option[size]) || option[size] == '-' ||
          option[size] == '.'))
    ++size;
  return Error(Errc::invalid_argument, "the curl command has the option ", option.substr(0, size), ", ", what);
}

/// A field of -F: "text", in quotes or not, or "@file"; then ";type=..." and ";filename=...".
class FormField {
 public:
  /// False for what parse_curl does not know, such as what is read from a file into the command.
  bool read(std::string_view value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) return false;
    name_ = value.substr(0, equals);
    rest_ = value.substr(equals + 1);
    if (rest_.starts_with('<') || rest_.starts_with('(')) return false;
    is_file_ = rest_.starts_with('@');
    if (is_file_) rest_.remove_prefix(1);
    if (!read_word(content_)) return false;
    while (!rest_.empty()) {
      rest_.remove_prefix(1);  // the ';'
      while (rest_.starts_with(' ')) rest_.remove_prefix(1);
      const std::string_view parameter = rest_.substr(0, rest_.find_first_of("=;"));
      if (parameter == "type" && rest_.size() > 4 && rest_[4] == '=') {
        rest_.remove_prefix(5);
        if (!read_word(type_)) return false;
      } else if (parameter == "filename" && rest_.size() > 8 && rest_[8] == '=') {
        rest_.remove_prefix(9);
        file_name_.emplace();
        if (!read_word(*file_name_)) return false;
      } else if (!type_.empty() && parameter != "headers" && parameter != "encoder") {
        std::string more;  // of the media type
        if (!read_word(more)) return false;
        type_.append(";").append(more);
      } else {
        return false;
      }
    }
    return true;
  }

  bool is_file() const noexcept { return is_file_; }

  MultipartBody::Part make() const {
    RequestBody body = make_body();
    if (file_name_) return MultipartBody::Part::form_data(name_, *file_name_, std::move(body));
    if (is_file_)
      return MultipartBody::Part::form_data(name_, content_.substr(content_.rfind('/') + 1), std::move(body));
    return MultipartBody::Part::form_data(name_, std::move(body));
  }

 private:
  RequestBody make_body() const {
#if OKHTTP_FILES
    if (is_file_) return RequestBody::from_file(content_, type_.empty() ? "application/octet-stream" : type_);
#endif
    return RequestBody::create(std::as_bytes(std::span(content_)), type_);
  }

  // Up to the next ';'; in double quotes that one and, after a backslash, a quote may stand.
  bool read_word(std::string& out) {
    out.clear();
    if (!rest_.starts_with('"')) {
      out = rest_.substr(0, rest_.find(';'));
      rest_.remove_prefix(out.size());
      return true;
    }
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\')) ++i;
      out += rest_[i];
    }
    if (i >= rest_.size()) return false;
    rest_.remove_prefix(i + 1);
    return rest_.empty() || rest_.starts_with(';');
  }

  std::string_view rest_;
  std::string name_;
  std::string content_;
  std::string type_;
  std::optional<std::string> file_name_;
  bool is_file_ = false;
};

/// Reads one command, option by option, and then makes the request.
class Reader {
 public:
  Reader(shell::Command command, const CurlOptions& options) : command_(std::move(command)), options_(options) {}

  Result<Request> read() {
    const std::vector<std::string>& words = command_.words;
    if (words.empty() || words[0] != "curl") return fault("does not begin with the word curl");
    bool only_urls = false;
    for (at_ = 1; at_ < words.size();) {
      const std::string_view word = words[at_++];
      Result<void> done;
      if (only_urls || word == "-" || !word.starts_with('-'))
        done = set_url(word);
      else if (word == "--")
        only_urls = true;
      else if (word.starts_with("--"))
        done = read_long(word);
      else
        done = read_short(word);
      if (!done) return std::move(done).error();
    }
    return make();
  }

 private:
  struct Line {
    std::string_view name;
    std::string_view value;
    bool is_sent;  // "Name:" only keeps curl from adding its own
  };

  Result<void> read_long(std::string_view word) {
    for (const Option& option : known_options)
      if (option.name == word.substr(2)) return take(option, word, std::nullopt);
    return option_fault(word, "which parse_curl does not know");
  }

  // Several letters in one word; the first that has a value takes the rest of the word for it.
  Result<void> read_short(std::string_view word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name{'-', word[i]};
      const Option* found = nullptr;
      for (const Option& option : known_options)
        if (option.letter == word[i] && word[i] != '-') found = &option;
      if (found == nullptr) return option_fault(name, "which parse_curl does not know");
      if (!found->has_value) {
        if (Result<void> done = take(*found, name, std::nullopt); !done) return done;
        continue;
      }
      const std::string_view rest = word.substr(i + 1);
      return take(*found, name, rest.empty() ? std::nullopt : std::optional(rest));
    }
    return {};
  }

  Result<void> take(const Option& option, std::string_view name, std::optional<std::string_view> attached) {
    std::string_view value;
    if (option.has_value) {
      if (!attached && at_ >= command_.words.size()) return option_fault(name, "which needs a value");
      value = attached ? *attached : std::string_view(command_.words[at_++]);
    }
    switch (option.meaning) {
      case Meaning::ignored: return {};
      case Meaning::method: method_ = value; return {};
      case Meaning::header: return add_header(name, value);
      case Meaning::data: return add_data(name, value, name == "--data-binary");
      case Meaning::data_raw: add_piece(std::string(value), "&"); return {};
      case Meaning::data_urlencode: return add_encoded(name, value);
      case Meaning::json: is_json_ = true; return add_data(name, value, true);
      case Meaning::form: return add_field(name, value);
      case Meaning::form_text: return add_text_field(name, value);
      case Meaning::get: is_get_ = true; return {};
      case Meaning::head: is_head_ = true; return {};
      case Meaning::user: user_ = value; return {};
      case Meaning::user_agent: user_agent_ = value; return {};
      case Meaning::referer:
        referer_ = value.ends_with(";auto") ? value.substr(0, value.size() - 5) : value;
        return {};
      case Meaning::cookie:
        if (value.find('=') == std::string_view::npos)
          return option_fault(name, "which names a file of cookies here; parse_curl reads no files");
        cookies_.append(cookies_.empty() ? "" : "; ").append(value);
        return {};
      case Meaning::compressed: is_compressed_ = true; return {};
      case Meaning::url: return set_url(value);
      case Meaning::globoff: is_globoff_ = true; return {};
    }
    return {};
  }

  Result<void> set_url(std::string_view url) {
    if (url_) return fault("has more than one URL");
    url_ = url;
    return {};
  }

  Result<void> add_header(std::string_view option, std::string_view line) {
    if (line.starts_with('@'))
      return option_fault(option, "which names a file here; parse_curl reads no headers from files");
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view value = ascii::trim(line.substr(colon + 1));
      lines_.push_back({line.substr(0, colon), value, !value.empty()});
      return {};
    }
    const std::size_t semicolon = line.find(';');
    if (semicolon == std::string_view::npos || semicolon + 1 != line.size())
      return option_fault(option, "whose value is no header: it has no ':'");
    lines_.push_back({line.substr(0, semicolon), "", true});
    return {};
  }

  // Pieces of data are one body, as curl joins them.
  void add_piece(std::string piece, std::string_view separator) {
    if (!data_)
      data_ = std::move(piece);
    else
      data_->append(separator).append(piece);
  }

  Result<void> add_data(std::string_view option, std::string_view value, bool as_it_is) {
    if (value == "@-" && command_.input && as_it_is) {
      add_piece(*std::exchange(command_.input, std::nullopt), is_json_ ? "" : "&");
      return {};
    }
    if (!value.starts_with('@')) {
      add_piece(std::string(value), is_json_ ? "" : "&");
      return {};
    }
    if (value == "@-") return option_fault(option, "which reads the standard input here; parse_curl does not");
#if OKHTTP_FILES
    if (options_.allows_files() && as_it_is && !file_) {
      file_ = value.substr(1);
      return {};
    }
#endif
    return option_fault(option,
                        "which names a file here; only a single --data-binary or --json may, and only with "
                        "CurlOptions::allow_files");
  }

  // "text", "=text" or "name=text"; an '@' before any '=' names a file.
  Result<void> add_encoded(std::string_view option, std::string_view value) {
    const std::size_t mark = value.find_first_of("=@");
    if (mark != std::string_view::npos && value[mark] == '@')
      return option_fault(option, "which names a file here; parse_curl reads none for it");
    std::string piece;
    if (mark != std::string_view::npos && mark > 0) piece = value.substr(0, mark + 1);
    for (const char c : mark == std::string_view::npos ? value : value.substr(mark + 1)) {
      constexpr std::string_view hex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      if (ascii::is_alpha(c) || ascii::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~')
        piece += c;
      else if (c == ' ')
        piece += '+';
      else
        (piece += '%').append({hex[byte >> 4], hex[byte & 15]});
    }
    add_piece(std::move(piece), "&");
    return {};
  }

  Result<void> add_field(std::string_view option, std::string_view value) {
    FormField field;
    if (!field.read(value))
      return option_fault(option,
                          "whose value is not of a form that parse_curl knows (name=text, name=@file; then "
                          ";type= and ;filename=)");
    if (field.is_file() && !(OKHTTP_FILES && options_.allows_files()))
      return option_fault(option, "which names a file here; it may only with CurlOptions::allow_files");
    MultipartBody::Part part = field.make();
    // The part's own fault may show the text.
    if (part.fault() != nullptr) return option_fault(option, "whose media type or name no part of a form can have");
    form_.push_back(std::move(part));
    return {};
  }

  Result<void> add_text_field(std::string_view option, std::string_view value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) return option_fault(option, "whose value has no '='");
    const std::string_view text = value.substr(equals + 1);
    form_.push_back(MultipartBody::Part::form_data(value.substr(0, equals),
                                                   RequestBody::create(std::as_bytes(std::span(text)))));
    return {};
  }

  bool is_named(std::string_view header) const noexcept {
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const Line& line) { return ascii::iequals(line.name, header); });
  }

  // Without -g, '\' keeps a bracket from being part of a pattern, as Chrome writes it.
  static Result<std::string> without_patterns(std::string_view url) {
    std::string out;
    // An IPv6 address may have its brackets.
    std::size_t i = url.find("://");
    i = i == std::string_view::npos ? 0 : i + 3;
    if (const std::size_t at = url.find('@', i); at != std::string_view::npos && at < url.find_first_of("/?#", i))
      i = at + 1;
    if (url.substr(i).starts_with('[')) i = std::min(url.find(']', i), url.size() - 1) + 1;
    out = url.substr(0, i);
    constexpr std::string_view special = "[]{}";
    for (; i < url.size(); ++i) {
      if (url[i] == '\\' && i + 1 < url.size() && special.find(url[i + 1]) != std::string_view::npos)
        ++i;
      else if (special.find(url[i]) != std::string_view::npos)
        return fault(
            "has a URL with brackets, a pattern for several URLs to curl (-g would take them as they are)");
      out += url[i];
    }
    return out;
  }

  Result<HttpUrl> make_url() {
    if (!url_) return fault("has no URL");
    std::string text(*url_);
    if (!is_globoff_) {
      Result<std::string> plain = without_patterns(text);
      if (!plain) return std::move(plain).error();
      text = *std::move(plain);
    }
    const std::size_t scheme = text.find("://");
    if (scheme == std::string::npos || text.find_first_of("/?#@:") < scheme) text.insert(0, "http://");
    Result<HttpUrl> url = HttpUrl::try_parse(text);
    if (!url) return url;
    if (!url->encoded_username().empty() || !url->encoded_password().empty()) {
      if (!user_) user_ = url->username() + ":" + url->password();
      url = url->new_builder().username("").password("").try_build();
    }
    if (is_get_ && data_) {
      std::string query(url->encoded_query().value_or(""));
      query.append(query.empty() ? "" : "&").append(*std::exchange(data_, std::nullopt));
      url = url->new_builder().encoded_query(query).try_build();
    }
    return url;
  }

  Result<void> add_defaults(Request::Builder& builder) {
    if (is_json_ && !is_named("Accept")) builder.add_header("Accept", "application/json");
    if (user_ && !is_named("Authorization")) {
      const std::size_t colon = user_->find(':');
      if (colon == std::string::npos) return fault("has a user without a password, which curl would ask for");
      const Result<std::string> basic = Credentials::try_basic(std::string_view(*user_).substr(0, colon),
                                                               std::string_view(*user_).substr(colon + 1));
      if (!basic) return basic.error();
      builder.add_header("Authorization", *basic);
    }
    if (!user_agent_.empty() && !is_named("User-Agent")) builder.add_header("User-Agent", user_agent_);
    if (!referer_.empty() && !is_named("Referer")) builder.add_header("Referer", referer_);
    if (!cookies_.empty() && !is_named("Cookie")) builder.add_header("Cookie", cookies_);
    return {};
  }

  void drop_types() {
    std::erase_if(lines_, [](const Line& line) { return ascii::iequals(line.name, "Content-Type"); });
  }

  Result<RequestBody> make_form() {
    drop_types();  // the boundary is chosen here
    MultipartBody::Builder builder;
    builder.type(MultipartBody::form);
    for (MultipartBody::Part& part : form_) builder.add_part(std::move(part));
    Result<MultipartBody> body = builder.try_build();
    if (!body) return std::move(body).error();
    return body->to_request_body();
  }

  // Takes the media type out of the headers if it can be the body's.
  RequestBody make_body() {
    std::string type;
    const auto last = std::find_if(lines_.rbegin(), lines_.rend(),
                                   [](const Line& line) { return ascii::iequals(line.name, "Content-Type"); });
    if (last != lines_.rend())
      type = last->value;
    else if (is_json_)
      type = "application/json";
    else if (data_ || file_)
      type = form_type;
    RequestBody body = create_body(type);
    if (body.fault() != nullptr) return create_body("");
    if (!type.empty()) drop_types();
    return body;
  }

  RequestBody create_body(std::string_view type) const {
#if OKHTTP_FILES
    if (file_) return RequestBody::from_file(*file_, type);
#endif
    const std::string_view bytes = data_ ? std::string_view(*data_) : std::string_view();
    return RequestBody::create(std::as_bytes(std::span(bytes)), type);
  }

  Result<Request> make() {
    Result<HttpUrl> url = make_url();
    if (!url) return std::move(url).error();
    if (data_ && file_) return fault("has data beside a file of it");
    if ((data_ || file_) && !form_.empty()) return fault("has data beside a form");
    const bool has_data = data_ || file_ || !form_.empty();
    if (is_head_ && has_data) return fault("has both a body and -I");
    if (command_.input) return fault("does not use what printf gives it");

    std::string_view method = has_data ? "POST" : is_head_ ? "HEAD" : "GET";
    if (!method_.empty()) method = method_;
    // curl can leave out the body of a POST; a request has an empty one then.
    std::optional<RequestBody> body;
    if (!form_.empty()) {
      Result<RequestBody> form = make_form();
      if (!form) return std::move(form).error();
      body = *std::move(form);
    } else if (has_data || needs_body(method)) {
      body = make_body();
    }

    Request::Builder builder;
    builder.url(*std::move(url));
    Headers::Builder headers;
    for (const Line& line : lines_)
      if (line.is_sent && !is_curls_own(line.name) &&
          !(is_compressed_ && ascii::iequals(line.name, "Accept-Encoding")))
        headers.add_unsafe_non_ascii(line.name, line.value);
    Result<Headers> built = std::move(headers).try_build();
    if (!built) return std::move(built).error();
    builder.headers(*std::move(built));
    if (Result<void> done = add_defaults(builder); !done) return std::move(done).error();
    if (body)
      builder.method(method, *std::move(body));
    else
      builder.method(method);
    return builder.try_build();
  }

  shell::Command command_;
  const CurlOptions& options_;
  std::size_t at_ = 0;
  std::optional<std::string_view> url_;
  std::string_view method_;
  std::vector<Line> lines_;
  std::optional<std::string> data_;
  std::optional<std::string> file_;
  std::vector<MultipartBody::Part> form_;
  std::optional<std::string> user_;
  std::string_view user_agent_;
  std::string_view referer_;
  std::string cookies_;
  bool is_json_ = false;
  bool is_get_ = false;
  bool is_head_ = false;
  bool is_compressed_ = false;
  bool is_globoff_ = false;
};

}  // namespace detail::curl

OKHTTP_DECL Result<Request> try_parse_curl(std::string_view command, const CurlOptions& options) {
  if (command.size() > detail::curl::longest_command) return detail::curl::fault("is longer than 16 MiB");
  Result<detail::shell::Command> words = detail::shell::split(command);
  if (!words) return std::move(words).error();
  return detail::curl::Reader(*std::move(words), options).read();
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_EXTRAS_CURL_COMMAND_IPP
