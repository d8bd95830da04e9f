// SPDX-License-Identifier: Apache-2.0

// The loopback server of the bench: one thread, epoll, HTTP/1.1 keep-alive over TCP and TLS.
//
//   server CA_FILE      writes a throw-away CA certificate to CA_FILE, prints "http=PORT
//   https=PORT"
//
// Every GET is answered with the same 200. The path decides when:
//   /            at once
//   /delay/MS    MS milliseconds later
//   /barrier/N   once N such requests wait
// It ends with the process that started it. It costs as little as it can (epoll_wait, recv, send
// per request; a request equal to the connection's previous one is recognized by memcmp), because
// with client and server on one processor its time is part of every measurement.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_request = 16 * 1024;  // head and body; more closes the connection

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// --- certificates -------------------------------------------------------------------------------

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr || X509_add_ext(certificate, extension, -1) != 1) die("certificate");
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509),
                          static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()));
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 24 * 3600);
  X509_set_pubkey(x509, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  if (issuer == nullptr) {
    add_extension(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x509, signer, NID_key_usage, "critical,keyCertSign");
  } else {
    add_extension(x509, signer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, signer, NID_key_usage, "critical,digitalSignature");
    add_extension(x509, signer, NID_ext_key_usage, "serverAuth");
    add_extension(x509, signer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  add_extension(x509, signer, NID_subject_key_identifier, "hash");
  add_extension(x509, signer, NID_authority_key_identifier, "keyid");
  if (X509_sign(x509, issuer_key, EVP_sha256()) == 0) die("sign");
  return certificate;
}

int choose_http_1_1(SSL*,
                    const unsigned char** chosen,
                    unsigned char* chosen_size,
                    const unsigned char* offered,
                    unsigned int offered_size,
                    void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  const int outcome =
      SSL_select_next_proto(&match, chosen_size, ours, sizeof ours - 1, offered, offered_size);
  *chosen = match;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX* make_tls(const char* ca_file) {
  const Key ca_key(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  const Certificate ca = make_certificate("bench CA", ca_key.get(), nullptr, ca_key.get());
  const Certificate leaf = make_certificate("localhost", key.get(), ca.get(), ca_key.get());
  std::FILE* file = std::fopen(ca_file, "w");
  if (file == nullptr || PEM_write_X509(file, ca.get()) != 1 || std::fclose(file) != 0)
    die(ca_file);

  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_http_1_1, nullptr);
  static constexpr unsigned char session_context[] = "bench";
  SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    die("TLS context");
  return context;
}

// --- connections --------------------------------------------------------------------------------

/// What a parsed request asks for.
struct Plan {
  enum class When { now, delayed, at_barrier } when = When::now;
  unsigned amount = 0;  // milliseconds, or requests at the barrier
  bool keep_alive = true;
};

struct Connection {
  int fd = -1;
  SSL* tls = nullptr;
  std::uint64_t serial = 0;  // tells a descriptor's new owner from the one a timer was set for
  bool waiting = false;      // a delayed or held answer is due
  bool handshaking = false;
  std::string input;
  std::string known;  // the previous request's bytes ...
  Plan known_plan;    // ... and what it asked for

  ~Connection() {
    if (tls != nullptr) SSL_free(tls);
    if (fd >= 0) close(fd);
  }
};

struct Timer {
  Clock::time_point due;
  int fd;
  std::uint64_t serial;
  bool operator>(const Timer& other) const { return due > other.due; }
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// The value of a header field of a request head, or nothing.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line)) {
    line += 2;
    const std::string_view rest = head.substr(line);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (!std::equal(name.begin(), name.end(), rest.begin(),
                    [](char a, char b) { return a == lower(b); }))
      continue;
    std::string_view value = rest.substr(name.size() + 1);
    value = value.substr(0, value.find("\r\n"));
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return {};
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Plan parse(std::string_view head) {
  Plan plan;
  const std::size_t space = head.find(' ');
  const std::string_view target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
  constexpr std::string_view delay = "/delay/";
  constexpr std::string_view barrier = "/barrier/";
  if (target.starts_with(delay)) {
    plan.when = Plan::When::delayed;
    plan.amount = number(target.substr(delay.size()));
  } else if (target.starts_with(barrier)) {
    plan.when = Plan::When::at_barrier;
    plan.amount = number(target.substr(barrier.size()));
  }
  plan.keep_alive = field(head, "connection") != "close";
  return plan;
}

class Server {
 public:
  explicit Server(const char* ca_file) : tls_(make_tls(ca_file)), epoll_(epoll_create1(0)) {
    char date[64];
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    answer_ = std::string("HTTP/1.1 200 OK\r\nServer: bench\r\nDate: ") + date +
              "\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-cache"
              "\r\nETag: \"5f-1a2b3c\"\r\nContent-Length: 13\r\n\r\nHello, world!";
  }

  /// Opens a loopback port and gives its number.
  unsigned listen_on_free_port(bool tls) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      die("listen");
    (tls ? https_listener_ : http_listener_) = fd;
    watch(fd);
    return ntohs(address.sin_port);
  }

  [[noreturn]] void run() {
    epoll_event events[256];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 256, milliseconds_to_next_timer());
      if (count < 0 && errno != EINTR) die("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == http_listener_ || fd == https_listener_)
          accept_all(fd);
        else if (connections_[static_cast<std::size_t>(fd)] != nullptr)
          on_readable(*connections_[static_cast<std::size_t>(fd)]);
      }
      fire_timers();
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  }

  void accept_all(int listener) {
    for (;;) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
        die("accept");
      }
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (static_cast<std::size_t>(fd) >= connections_.size())
        connections_.resize(static_cast<std::size_t>(fd) + 1);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connection->serial = ++last_serial_;
      if (listener == https_listener_) {
        connection->tls = SSL_new(tls_);
        SSL_set_fd(connection->tls, fd);
        SSL_set_accept_state(connection->tls);
        connection->handshaking = true;
      }
      connections_[static_cast<std::size_t>(fd)] = std::move(connection);
      watch(fd);
    }
  }

  /// Destroys the connection.
  void drop(Connection& connection) {
    if (connection.waiting)
      for (auto& [amount, held] : barriers_) std::erase(held, &connection);
    if (connection.tls != nullptr) ERR_clear_error();  // else the next SSL_get_error reports ours
    connections_[static_cast<std::size_t>(connection.fd)].reset();
  }

  void on_readable(Connection& connection) {
    if (connection.handshaking) {
      const int outcome = SSL_do_handshake(connection.tls);
      if (outcome != 1) {
        // A server's flight fits the socket buffer, so it only ever waits for the client.
        if (SSL_get_error(connection.tls, outcome) != SSL_ERROR_WANT_READ) drop(connection);
        return;
      }
      connection.handshaking = false;
      if (SSL_has_pending(connection.tls) == 0) return;
    }
    char bytes[max_request];
    do {
      const long got = receive(connection, bytes);
      if (got == 0) return drop(connection);
      if (got < 0) break;
      const std::string_view slice(bytes, static_cast<std::size_t>(got));
      if (!connection.waiting && connection.input.empty() && slice == connection.known) {
        if (!act(connection, connection.known_plan)) return;
        continue;
      }
      connection.input.append(slice);
      if (!serve_input(connection)) return;
    } while (connection.tls != nullptr && SSL_has_pending(connection.tls) != 0);
  }

  /// Bytes read; 0: the connection is over; -1: nothing there yet.
  static long receive(Connection& connection, char (&bytes)[max_request]) {
    if (connection.tls == nullptr) {
      const ssize_t got = recv(connection.fd, bytes, sizeof bytes, 0);
      if (got >= 0) return got;
      return errno == EAGAIN || errno == EINTR ? -1 : 0;
    }
    const int got = SSL_read(connection.tls, bytes, sizeof bytes);
    if (got > 0) return got;
    return SSL_get_error(connection.tls, got) == SSL_ERROR_WANT_READ ? -1 : 0;
  }

  /// Answers whole requests in the input; false when the connection is gone.
  bool serve_input(Connection& connection) {
    while (!connection.waiting) {
      const std::size_t end = connection.input.find("\r\n\r\n");
      if (end == std::string::npos) break;
      const std::string_view head = std::string_view(connection.input).substr(0, end + 2);
      const std::size_t size = end + 4 + number(field(head, "content-length"));
      if (connection.input.size() < size) break;
      const Plan plan = parse(head);
      connection.known.assign(connection.input, 0, size);
      connection.known_plan = plan;
      connection.input.erase(0, size);
      if (!act(connection, plan)) return false;
    }
    if (connection.input.size() <= max_request) return true;
    drop(connection);
    return false;
  }

  /// Answers now or later; false when the connection is gone.
  bool act(Connection& connection, const Plan& plan) {
    if (plan.when == Plan::When::now) return answer(connection);
    connection.waiting = true;
    if (plan.when == Plan::When::delayed) {
      const auto due = Clock::now() + std::chrono::milliseconds(plan.amount);
      timers_.push({due, connection.fd, connection.serial});
      return true;
    }
    std::vector<Connection*>& held = barriers_[plan.amount];
    held.push_back(&connection);
    if (held.size() < plan.amount) return true;
    const std::uint64_t serial = connection.serial;
    const auto fd = static_cast<std::size_t>(connection.fd);
    for (Connection* each : std::exchange(held, {})) answer_late(*each);
    return connections_[fd] != nullptr && connections_[fd]->serial == serial;
  }

  void answer_late(Connection& connection) {
    connection.waiting = false;
    if (answer(connection)) serve_input(connection);
  }

  bool answer(Connection& connection) {
    // An answer is far smaller than a socket buffer, and no client asks again before it has read
    // the last one, so a partial write is a broken peer.
    const int size = static_cast<int>(answer_.size());
    const long sent = connection.tls == nullptr
                          ? send(connection.fd, answer_.data(), answer_.size(), MSG_NOSIGNAL)
                          : SSL_write(connection.tls, answer_.data(), size);
    if (sent == size && connection.known_plan.keep_alive) return true;
    if (sent == size && connection.tls != nullptr) SSL_shutdown(connection.tls);
    drop(connection);
    return false;
  }

  int milliseconds_to_next_timer() const {
    if (timers_.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.top().due - Clock::now());
    return static_cast<int>(std::max<long long>(left.count(), 0));
  }

  void fire_timers() {
    if (timers_.empty()) return;
    const Clock::time_point now = Clock::now();
    while (!timers_.empty() && timers_.top().due <= now) {
      const Timer timer = timers_.top();
      timers_.pop();
      const auto& connection = connections_[static_cast<std::size_t>(timer.fd)];
      if (connection != nullptr && connection->serial == timer.serial) answer_late(*connection);
    }
  }

  SSL_CTX* tls_;
  int epoll_;
  int http_listener_ = -1;
  int https_listener_ = -1;
  std::uint64_t last_serial_ = 0;
  std::string answer_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::map<unsigned, std::vector<Connection*>> barriers_;  // by size
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CA_FILE\n", argv[0]);
    return 2;
  }
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) return 0;  // it ended before the line above
  std::signal(SIGPIPE, SIG_IGN);      // OpenSSL writes without MSG_NOSIGNAL
  std::signal(SIGINT, SIG_IGN);       // Ctrl-C is the parent's to handle
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  Server server(argv[1]);
  const unsigned http = server.listen_on_free_port(false);
  const unsigned https = server.listen_on_free_port(true);
  std::printf("http=%u https=%u\n", http, https);
  if (std::fflush(stdout) != 0) die("stdout");
  server.run();
}
