// SPDX-License-Identifier: Apache-2.0
// A small curl: one URL, the usual flags. `--demo` shows the client against a mock server inside.
// What to notice: settings belong to the client, everything else to the request; a body is
// streamed; an interceptor is enough for -v; each failure is one Error with a sentence.
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using Duration = std::chrono::nanoseconds;

// ---- The command line ----

struct UsageError {
  std::string text;
};

struct Options {
  std::vector<std::string> urls;
  std::string method;
  std::optional<std::string> data;
  std::vector<std::string> form;
  std::vector<std::string> headers;
  std::string user_agent = "okcurl/" OKHTTP_VERSION;
  std::string referer;
  std::string ca_file;
  std::string certificate;
  std::string key;
  std::string user;
  std::string proxy;
  std::string unix_socket;
  std::string cookies;
  std::string cookie_jar;
  std::string output;
  std::optional<Duration> connect_timeout;
  std::optional<Duration> read_timeout;
  std::optional<Duration> call_timeout;
  bool follow = false;
  bool insecure = false;
  bool include_head = false;
  bool head_only = false;
  bool verbose = false;
  bool digest = false;
  bool ssl_debug = false;
  bool demo = false;
  bool help = false;
  bool version = false;
};

Duration to_seconds(const std::string& text) {
  double seconds = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stop != end || !(seconds >= 0 && seconds <= 1e9))
    throw UsageError{"'" + text + "' is not a number of seconds"};
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

void add_data(Options& options, const std::string& text) {
  options.data = options.data ? *options.data + '&' + text : text;
}

struct Flag {
  char letter;  // 0: none
  std::string_view name;
  std::string_view argument;  // empty: takes none
  std::string_view help;
  void (*set)(Options& options, const std::string& argument);
};

const Flag flags[] = {
    {'X', "request", "METHOD", "GET, or POST with -d, unless it is set",
     [](Options& o, const std::string& text) { o.method = text; }},
    {'d', "data", "TEXT",
     "sends TEXT, @FILE, or - for standard input; repeated ones are joined by &",
     [](Options& o, const std::string& text) { add_data(o, text); }},
    {0, "data-urlencode", "NAME=TEXT", "sends TEXT as a form does, encoded",
     [](Options& o, const std::string& text) {
       const std::size_t equals = std::min(text.find('='), text.size());
       const std::string name = text.substr(0, equals);
       const std::string value = text.substr(std::min(equals + 1, text.size()));
       add_data(o, okhttp::FormBody::Builder().add(name, value).build().to_string());
     }},
    {'F', "form", "NAME=TEXT", "sends a form with files: NAME=TEXT or NAME=@FILE; may be repeated",
     [](Options& o, const std::string& text) { o.form.push_back(text); }},
    {'b', "cookie", "TEXT", "sends these cookies: NAME=VALUE; ..., or those of a file (without '=' in its name)",
     [](Options& o, const std::string& text) { o.cookies = text; }},
    {'c', "cookie-jar", "FILE", "reads cookies from this file, and saves those that servers set",
     [](Options& o, const std::string& text) { o.cookie_jar = text; }},
    {'H', "header", "'NAME: VALUE'", "adds a header; may be repeated",
     [](Options& o, const std::string& text) { o.headers.push_back(text); }},
    {'A', "user-agent", "TEXT", "who is asking",
     [](Options& o, const std::string& text) { o.user_agent = text; }},
    {'e', "referer", "URL", "where the link was found",
     [](Options& o, const std::string& text) { o.referer = text; }},
    {0, "connect-timeout", "SECONDS", "resolving and connecting; fractions allowed, 0: no limit",
     [](Options& o, const std::string& text) { o.connect_timeout = to_seconds(text); }},
    {0, "read-timeout", "SECONDS", "without a byte from the server",
     [](Options& o, const std::string& text) { o.read_timeout = to_seconds(text); }},
    {0, "call-timeout", "SECONDS", "everything together",
     [](Options& o, const std::string& text) { o.call_timeout = to_seconds(text); }},
    {'L', "location", "", "follows redirects",
     [](Options& o, const std::string&) { o.follow = true; }},
    {'k', "insecure", "", "accepts any certificate: open to attackers in the middle",
     [](Options& o, const std::string&) { o.insecure = true; }},
    {0, "cacert", "FILE", "trusts these certificates instead of the system's",
     [](Options& o, const std::string& text) { o.ca_file = text; }},
    {0, "cert", "FILE", "shows this certificate (PEM) to servers that ask",
     [](Options& o, const std::string& text) { o.certificate = text; }},
    {0, "key", "FILE", "its private key; otherwise it is in the same file",
     [](Options& o, const std::string& text) { o.key = text; }},
    {'u', "user", "USER:PASSWORD", "answers the server that asks who is there, by Basic",
     [](Options& o, const std::string& text) { o.user = text; }},
    {0, "digest", "", "by Digest instead",
     [](Options& o, const std::string&) { o.digest = true; }},
    {'x', "proxy", "URL", "http, https, socks4a or socks5; otherwise what the environment says",
     [](Options& o, const std::string& text) { o.proxy = text; }},
    {0, "unix-socket", "PATH", "connects there, whatever the URL's host",
     [](Options& o, const std::string& text) { o.unix_socket = text; }},
    {'i', "include", "", "shows the response's head, too",
     [](Options& o, const std::string&) { o.include_head = true; }},
    {'I', "head", "", "asks for the head only",
     [](Options& o, const std::string&) { o.head_only = true; }},
    {'o', "output", "FILE", "writes the body to a file",
     [](Options& o, const std::string& text) { o.output = text; }},
    {'v', "verbose", "", "shows what is sent and received; secrets are hidden",
     [](Options& o, const std::string&) { o.verbose = true; }},
    {0, "ssl-debug", "", "shows what the TLS handshake agreed on, and the server's certificates",
     [](Options& o, const std::string&) { o.ssl_debug = true; }},
    {0, "demo", "", "shows the client at work, against a server inside this program",
     [](Options& o, const std::string&) { o.demo = true; }},
    {0, "version", "", "", [](Options& o, const std::string&) { o.version = true; }},
    {'h', "help", "", "", [](Options& o, const std::string&) { o.help = true; }},
};

void print_help() {
  std::cout << "usage: okcurl [FLAG...] URL\n";
  for (const Flag& flag : flags) {
    std::string left = flag.letter != 0 ? std::string("  -") + flag.letter + ", " : "      ";
    left.append("--").append(flag.name);
    if (!flag.argument.empty()) left.append(" ").append(flag.argument);
    std::cout << std::left << std::setw(32) << left << ' ' << flag.help << '\n';
  }
  std::cout << "Exit code: 0, 1 when the transfer failed, 2 for a mistake in the command line.\n";
}

template <class Predicate>
const Flag& find_flag(const std::string& text, Predicate is_meant) {
  const Flag* const flag = std::find_if(std::begin(flags), std::end(flags), is_meant);
  if (flag == std::end(flags)) throw UsageError{"unknown option " + text};
  return *flag;
}

// Understands -i -k, -ik, -XPUT, -X PUT, --request PUT and --request=PUT.
Options parse(const std::vector<std::string>& arguments) {
  Options options;
  bool only_urls = false;
  auto argument = arguments.begin();
  const auto next = [&](const std::string& flag) -> const std::string& {
    if (++argument == arguments.end()) throw UsageError{flag + " needs a value"};
    return *argument;
  };
  for (; argument != arguments.end(); ++argument) {
    const std::string text = *argument;
    if (only_urls || text.size() < 2 || text[0] != '-') {
      options.urls.push_back(text);
    } else if (text == "--") {
      only_urls = true;
    } else if (text[1] == '-') {
      const std::size_t equals = text.find('=');
      const std::string name = text.substr(2, equals == std::string::npos ? equals : equals - 2);
      const Flag& flag = find_flag("--" + name, [&](const Flag& f) { return f.name == name; });
      const bool has_value = equals != std::string::npos;
      if (has_value && flag.argument.empty()) throw UsageError{"--" + name + " takes no value"};
      if (flag.argument.empty())
        flag.set(options, "");
      else
        flag.set(options, has_value ? text.substr(equals + 1) : next("--" + name));
    } else {
      for (std::size_t i = 1; i < text.size(); ++i) {
        const std::string shown = std::string("-") + text[i];
        const Flag& flag = find_flag(shown, [&](const Flag& f) { return f.letter == text[i]; });
        if (flag.argument.empty()) {
          flag.set(options, "");
          continue;
        }
        flag.set(options, i + 1 < text.size() ? text.substr(i + 1) : next(shown));
        break;
      }
    }
  }
  return options;
}

// ---- The request ----

okhttp::RequestBody make_body(const std::string& data, bool has_own_type) {
  const std::string_view type = has_own_type ? "" : "application/x-www-form-urlencoded";
  if (data == "-" || data == "@-")
    return okhttp::RequestBody::from_reader(
        [](std::span<std::byte> into) { return std::fread(into.data(), 1, into.size(), stdin); },
        type);
  if (data.starts_with('@')) return okhttp::RequestBody::from_file(data.substr(1), type);
  return okhttp::RequestBody::create(std::as_bytes(std::span(data)), type);
}

okhttp::RequestBody make_form(const std::vector<std::string>& fields) {
  okhttp::MultipartBody::Builder form;
  form.type(okhttp::MultipartBody::form);
  for (const std::string& field : fields) {
    const std::size_t equals = field.find('=');
    if (equals == std::string::npos) throw UsageError{"a field of a form is written NAME=TEXT or NAME=@FILE"};
    const std::string name = field.substr(0, equals);
    const std::string value = field.substr(equals + 1);
    if (value.starts_with('@')) {
      const std::string path = value.substr(1);
      form.add_form_data_part(name, path.substr(path.rfind('/') + 1),
                              okhttp::RequestBody::from_file(path, "application/octet-stream"));
    } else {
      form.add_form_data_part(name, value);
    }
  }
  return form.build();
}

bool needs_body(std::string_view method) {
  for (const std::string_view name : {"POST", "PUT", "PATCH", "PROPPATCH", "QUERY", "REPORT"})
    if (method == name) return true;
  return false;
}

okhttp::Headers make_headers(const Options& options) {
  okhttp::Headers::Builder headers;
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) throw UsageError{"a header is written 'Name: value'"};
    headers.add(header.substr(0, colon), header.substr(colon + 1));
  }
  if (!headers.get("User-Agent")) headers.add("User-Agent", options.user_agent);
  if (!options.referer.empty()) headers.set("Referer", options.referer);
  if (options.cookies.find('=') != std::string::npos) headers.add("Cookie", options.cookies);
  return headers.build();
}

okhttp::Request make_request(const Options& options) {
  std::string url = options.urls.front();
  if (url.find("://") == std::string::npos) url.insert(0, "http://");
  std::string method = options.method;
  const bool sends = options.data || !options.form.empty();
  if (method.empty()) method = sends ? "POST" : options.head_only ? "HEAD" : "GET";
  okhttp::Request::Builder builder;
  const okhttp::Headers headers = make_headers(options);
  builder.url(url).headers(headers);
  if (!options.form.empty())
    builder.method(method, make_form(options.form));
  else if (options.data)
    builder.method(method, make_body(*options.data, headers.contains("Content-Type")));
  else if (needs_body(method))
    builder.method(method, okhttp::RequestBody::create(""));
  else
    builder.method(method);
  return builder.build();
}

// ---- The transfer ----

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

void print_lines(const char* prefix, const std::string& lines) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) std::cerr << prefix << line << '\n';
}

std::string status_line(const okhttp::Response& response) {
  std::string line = response.protocol() == okhttp::Protocol::http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  return line.append(std::to_string(response.code())).append(" ").append(response.message());
}

// A network interceptor sees each trip to a server, redirects included, with the headers as sent.
// Headers::to_string hides the values that are secrets.
okhttp::Task<okhttp::Response> log_exchange(okhttp::Chain& chain) {
  const okhttp::Request& request = chain.request();
  std::cerr << "* connected to " << chain.connection()->peer();
  if (const okhttp::Handshake* tls = chain.connection()->handshake())
    std::cerr << ", " << tls->tls_version << ' ' << tls->cipher_suite;
  std::cerr << "\n> " << request.method() << ' ' << request.url().request_target() << " HTTP/1.1\n";
  print_lines("> ", request.headers().to_string());
  const auto begin = std::chrono::steady_clock::now();
  okhttp::Response response = co_await chain.proceed(request);
  std::cerr << "< " << status_line(response) << '\n';
  print_lines("< ", response.headers().to_string());
  std::cerr << "* first answer after " << milliseconds_since(begin) << " ms\n";
  co_return response;
}

// Certificates are written out only when somebody looks at them.
okhttp::Task<okhttp::Response> show_handshake(okhttp::Chain& chain) {
  if (const okhttp::Handshake* tls = chain.connection()->handshake()) {
    std::cerr << "* " << tls->tls_version << ' ' << tls->cipher_suite << (tls->resumed ? ", resumed\n" : "\n");
    for (const okhttp::PeerCertificate& certificate : tls->peer_certificates.list())
      std::cerr << "* " << certificate.subject << "\n*   " << okhttp::CertificatePinner::pin(certificate.pem) << '\n';
  }
  return chain.proceed(chain.request());
}

void set_trust(okhttp::Client::Builder& builder, const Options& options) {
  if (options.ca_file.empty() && options.certificate.empty() && !options.insecure) return;
  okhttp::HandshakeCertificates::Builder trust;
  if (!options.ca_file.empty())
    trust.add_trusted_pem_file(options.ca_file);
  else
    trust.add_platform_trusted();
  if (options.insecure) trust.insecure();
  if (!options.certificate.empty())
    trust.held_certificate_pem_files(options.certificate, options.key.empty() ? options.certificate : options.key);
  builder.trusted_certificates(trust.build());
}

void set_user(okhttp::Client::Builder& builder, const Options& options) {
  if (options.user.empty()) return;
  const std::size_t colon = std::min(options.user.find(':'), options.user.size());
  const std::string name = options.user.substr(0, colon);
  const std::string password = colon < options.user.size() ? options.user.substr(colon + 1) : "";
  if (options.digest)
    builder.authenticator(okhttp::DigestAuthenticator(name, password));
  else
    builder.authenticator(okhttp::BasicAuthenticator(name, password));
}

// Cookies of the file that -b names are only sent; with -c they are kept, and so are new ones.
void set_cookies(okhttp::Client::Builder& builder, const Options& options) {
  const bool is_file = !options.cookies.empty() && options.cookies.find('=') == std::string::npos;
  std::shared_ptr<okhttp::MemoryCookieJar> jar;
  if (!options.cookie_jar.empty())
    jar = std::make_shared<okhttp::FileCookieJar>(options.cookie_jar);
  else if (is_file)
    jar = std::make_shared<okhttp::MemoryCookieJar>();
  if (is_file)
    for (const okhttp::Cookie& cookie : okhttp::FileCookieJar(options.cookies).all()) jar->add(cookie);
  if (jar) builder.cookie_jar(jar);
}

okhttp::Client make_client(const Options& options) {
  okhttp::Client::Builder builder;
  builder.follow_redirects(options.follow);
  if (options.connect_timeout) builder.connect_timeout(*options.connect_timeout);
  if (options.read_timeout) builder.read_timeout(*options.read_timeout);
  if (options.call_timeout) builder.call_timeout(*options.call_timeout);
  if (options.verbose) builder.add_network_interceptor(log_exchange);
  if (options.ssl_debug) builder.add_network_interceptor(show_handshake);
  set_trust(builder, options);
  set_user(builder, options);
  set_cookies(builder, options);
  if (!options.unix_socket.empty())
    builder.unix_socket(options.unix_socket);
  else if (!options.proxy.empty())
    builder.proxy(okhttp::Proxy::parse(options.proxy));
  else
    builder.proxy_selector(okhttp::ProxySelector::from_environment());
  return builder.build();
}

void write_body(const okhttp::ResponseBody& body) {
  std::vector<char> buffer(64 * 1024);
  while (const std::size_t count = body.read(buffer)) {
    std::cout.write(buffer.data(), static_cast<std::streamsize>(count));
    if (!std::cout.flush()) throw std::runtime_error("cannot write to the standard output");
  }
}

void transfer(const Options& options) {
  const okhttp::Request request = make_request(options);
  const okhttp::Client client = make_client(options);
  const auto begin = std::chrono::steady_clock::now();
  const okhttp::Response response = client.new_call(request).execute();
  if (options.include_head || options.head_only) {
    std::cout << status_line(response) << '\n';
    for (auto [name, value] : response.headers()) std::cout << name << ": " << value << '\n';
    std::cout << '\n';
  }
  if (options.output.empty())
    write_body(response.body());
  else
    response.body().save_to(options.output);
  if (options.verbose) std::cerr << "* all of it after " << milliseconds_since(begin) << " ms\n";
}

// ---- The demonstration ----

// What the server inside answers.
okhttp::MockResponse answer(const okhttp::RecordedRequest& request) {
  okhttp::MockResponse response;
  if (request.path() == "/hello")
    return response.header("Content-Type", "text/plain").body("Hello, world!");
  if (request.path() == "/echo") return response.body("you sent: " + request.body());
  if (request.path() == "/old") return response.code(302).header("Location", "/hello");
  if (request.path() == "/slow") return response.headers_delay(100ms).body("at last");
  if (request.path() != "/novel") return response.code(404);
  std::string novel;
  for (int page = 1; page <= 500; ++page)
    novel += "Page " + std::to_string(page) + ": it rained.\n";
  return response.gzip_body(novel);
}

void show(const char* title, const okhttp::Response& response) {
  std::cout << "\n"
            << title << "\n  " << response.request().method() << ' ' << response.request().url()
            << '\n'
            << "  " << response.code() << ' ' << response.message() << ", "
            << to_string(response.protocol()) << ", "
            << std::chrono::duration<double, std::milli>(response.duration()).count() << " ms\n";
  for (auto [name, value] : response.headers()) std::cout << "  " << name << ": " << value << '\n';
}

// Three calls at once: on an event loop their waits overlap.
okhttp::Task<std::size_t> fetch_three(const okhttp::EventLoopClient& client, okhttp::HttpUrl url) {
  const okhttp::Request request = okhttp::Request::Builder().url(url).build();
  std::vector<okhttp::Task<okhttp::Response>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(client.new_call(request).async_execute());
  std::size_t bytes = 0;
  std::vector<okhttp::Result<okhttp::Response>> results =
      co_await okhttp::when_all(std::move(tasks));
  for (const okhttp::Result<okhttp::Response>& result : results) {
    const std::string text = co_await result.value().body().async_string();
    bytes += text.size();
  }
  co_return bytes;
}

void demonstrate() {
  okhttp::MockWebServer server;
  server.use_https(okhttp::HeldCertificate::localhost());
  server.dispatcher(answer);
  const auto client = okhttp::Client::Builder().trusted_certificates(server.client_trust()).build();
  const auto get = [&](const char* path) {
    return client.new_call(okhttp::Request::Builder().url(server.url(path)).build()).execute();
  };
  std::cout << "okhttp " OKHTTP_VERSION " and a mock server at " << server.url() << std::fixed
            << std::setprecision(1) << '\n';

  const okhttp::Response hello = get("/hello");
  show("A page over HTTPS", hello);
  std::cout << "  body: " << hello.body().string() << '\n';
  if (const okhttp::RecordedRequest seen = server.take_request(); seen.handshake() != nullptr)
    std::cout << "  encrypted by " << seen.handshake()->tls_version << ", "
              << seen.handshake()->cipher_suite << '\n';

  const okhttp::Response echo =
      client
          .new_call(okhttp::Request::Builder()
                        .url(server.url("/echo"))
                        .post(okhttp::RequestBody::create(R"({"answer":42})", "application/json"))
                        .build())
          .execute();
  show("A POST, on the same connection", echo);
  std::cout << "  body: " << echo.body().string() << '\n';

  const okhttp::Response moved = get("/old");
  show("A redirect, followed", moved);
  std::cout << "  body: " << moved.body().string() << '\n'
            << "  before: " << moved.prior_response()->code() << " for "
            << moved.prior_response()->request().url() << '\n';

  const okhttp::Response novel = get("/novel");
  show("A compressed page", novel);
  std::cout << "  " << novel.network_response()->header("Content-Length", "?")
            << " bytes came, gzip; " << novel.body().string().size() << " bytes when unpacked\n";

  std::cout << "\nCoroutines: three calls at once on one thread, to a server that waits 100 ms\n";
  const auto loop =
      okhttp::EventLoopClient::Builder().trusted_certificates(server.client_trust()).build();
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t bytes = loop.run(fetch_three(loop, server.url("/slow")));
  std::cout << "  " << bytes << " bytes after " << milliseconds_since(begin) << " ms\n";

  std::cout << "\nErrors are values, or exceptions with the same text\n";
  const okhttp::Result<okhttp::Response> untrusted =
      okhttp::try_get(server.url("/hello").to_string());
  if (!untrusted) std::cout << "  " << untrusted.error().message() << '\n';
  server.close();
  try {
    get("/hello");
  } catch (const okhttp::Exception& exception) {
    std::cout << "  " << exception.what() << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse({argv + 1, argv + argc});
    if (options.help) {
      print_help();
    } else if (options.version) {
      std::cout << "okcurl " OKHTTP_VERSION "\n";
    } else if (options.demo) {
      demonstrate();
    } else if (options.urls.size() != 1) {
      throw UsageError{options.urls.empty() ? "no URL" : "more than one URL"};
    } else if (options.data && !options.form.empty()) {
      throw UsageError{"a form with files and other data are different bodies: choose one"};
    } else {
      transfer(options);
    }
    return 0;
  } catch (const UsageError& error) {
    std::cerr << "okcurl: " << error.text << "; okcurl --help tells more\n";
    return 2;
  } catch (const okhttp::Exception& failure) {
    std::cerr << "okcurl: " << failure.what() << '\n';
    const okhttp::Error& error = failure.error();
    return error == okhttp::Errc::bad_url || error == okhttp::Errc::invalid_argument ? 2 : 1;
  } catch (const std::exception& failure) {
    std::cerr << "okcurl: " << failure.what() << '\n';
    return 1;
  }
}
