// SPDX-License-Identifier: Apache-2.0
#include <okhttp/transport/unix_transport.hpp>

#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <list>
#include <memory>

#include "support/process.hpp"
#include "support/real_server.hpp"
#include "support/temporary_folder.hpp"

namespace unix_socket_test {

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::Response;
using okhttp::Result;
using okhttp::UnixSocketTransport;

namespace {

/// A listening Unix-domain socket.
class UnixListener {
 public:
  explicit UnixListener(const std::string& path, int backlog = 16)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const bool is_abstract = path.front() == '@';
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    if (is_abstract) address_.sun_path[0] = '\0';
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address_), size_) == 0);
    REQUIRE(::listen(fd_.get(), backlog) == 0);
  }
  int descriptor() const { return fd_.get(); }
  int connect() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(::connect(fd, reinterpret_cast<const sockaddr*>(&address_), size_) == 0);
    return fd;
  }

 private:
  Descriptor fd_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

/// Answers every request with its target and what its Host header says. Each connection has a thread.
class UnixServer : public UnixListener {
 public:
  explicit UnixServer(const std::string& path) : UnixListener(path), acceptor_([this] { serve(); }) {}
  ~UnixServer() {
    ::shutdown(descriptor(), SHUT_RDWR);
    acceptor_.join();
  }
  std::size_t connections() const { return accepted_.count(); }
  std::size_t ended() const { return ended_.count(); }
  void end_connections() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& peer : peers_) ::shutdown(peer->descriptor(), SHUT_RDWR);
  }

 private:
  void serve() {
    std::list<std::thread> threads;
    for (int fd; (fd = ::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const auto peer = std::make_shared<RawPeer>(fd);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        peers_.push_back(peer);
      }
      accepted_.add();
      threads.emplace_back([this, peer] {
        for (std::string head; !(head = peer->read_head()).empty();) {
          const std::size_t from = head.find(' ') + 1;
          const std::size_t host = head.find("Host: ") + 6;
          const std::string body =
              head.substr(from, head.find(' ', from) - from) + " of " + head.substr(host, head.find('\r', host) - host);
          peer->write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        }
        ended_.add();
      });
    }
    end_connections();
    for (std::thread& thread : threads) thread.join();
  }
  Counter accepted_;
  Counter ended_;
  std::mutex mutex_;  // guards peers_
  std::vector<std::shared_ptr<RawPeer>> peers_;
  std::thread acceptor_;
};

}  // namespace

TEST_SUITE("integration/unix_socket") {

TEST_CASE_TEMPLATE("a client talks HTTP to a path, over one connection", D, OKHTTP_EVERY_DISPATCHER) {
  const TemporaryFolder folder;
  UnixServer server(folder / "docker.sock");
  auto client = D::builder().unix_socket(folder / "docker.sock").build();
  for (int turn = 0; turn < 3; ++turn) CHECK(body_of(client, "http://localhost/info") == "/info of localhost");
  CHECK(server.connections() == 1);
  // The URL's host is what the server is told. It is not looked up, and its port means nothing.
  CHECK(body_of(client, "http://no-such-host.invalid:99/x?y=1") == "/x?y=1 of no-such-host.invalid:99");
  CHECK(server.connections() == 2);
  CHECK(client.connection_pool().metrics().hits == 2);
  // Derived clients keep the socket, and share its connections.
  CHECK(body_of(client.new_builder().read_timeout(5s).build(), "http://localhost/") == "/ of localhost");
  CHECK(server.connections() == 2);
  // A server that has closed meanwhile is asked anew.
  server.end_connections();
  CHECK(body_of(client, "http://localhost/again") == "/again of localhost");
  CHECK(server.connections() == 3);
}

TEST_CASE_TEMPLATE("an abstract name is a socket, too", D, OKHTTP_EVERY_DISPATCHER) {
  const std::string name = "okhttp-test-" + std::to_string(::getpid()) + "-" + std::to_string(free_port());
  UnixServer server("@" + name);
  CHECK(body_of(D::builder().unix_socket("@" + name).build(), "http://localhost/") == "/ of localhost");
  CHECK(body_of(D::builder().unix_socket(std::string(1, '\0') + name).build(), "http://localhost/") == "/ of localhost");
}

TEST_CASE_TEMPLATE("what goes wrong names the path", D, OKHTTP_EVERY_DISPATCHER) {
  const TemporaryFolder folder;
  const auto fault = [&](const std::string& path, const char* url) {
    auto client = D::builder().unix_socket(path).connect_timeout(50ms).build();
    const Result<Response> response = client.new_call(get_request(url)).try_execute();
    REQUIRE_FALSE(response);
    return response.error();
  };
  const std::string missing = folder / "missing.sock";
  CHECK(fault(missing, "http://localhost/").code() == Errc::connect_failed);
  CHECK(contains(fault(missing, "http://localhost/").message(), "connect to unix:" + missing + " failed: No such file"));
  CHECK(fault(missing, "https://localhost/").code() == Errc::tls);
  const std::string dead = folder / "dead.sock";
  { const UnixListener gone(dead); }
  CHECK(fault(dead, "http://localhost/").code() == Errc::connect_refused);
  // Nobody takes connections, and the queue is full.
  const std::string full = folder / "full.sock";
  const UnixListener listener(full, 0);
  const Descriptor filler(listener.connect());
  const okhttp::Error timeout = fault(full, "http://localhost/");
  CHECK(timeout.code() == Errc::connect_timeout);
  CHECK(contains(timeout.message(), "unix:" + full));
}

TEST_CASE_TEMPLATE("waiting for a full queue ends by a cancel, and when there is room", D, OKHTTP_EVERY_DISPATCHER) {
  const TemporaryFolder folder;
  const UnixListener listener(folder / "socket", 0);
  const Descriptor filler(listener.connect());
  auto client = D::builder().unix_socket(folder / "socket").connect_timeout(0s).build();
  const okhttp::Call canceled = client.new_call(get_request("http://localhost/"));
  {
    const Background other([&] { canceled.cancel(); });
    const Result<Response> response = canceled.try_execute();
    REQUIRE_FALSE(response);
    CHECK(response.error().code() == Errc::canceled);
  }
  const Background server([&] {
    const Descriptor first(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    RawPeer peer(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nroom");
  });
  CHECK(body_of(client, "http://localhost/") == "room");
}

TEST_CASE("what cannot be the name of a socket is a fault of the builder") {
  const auto fault = [](std::string path) {
    const auto client = OnInline::builder().unix_socket(std::move(path)).try_build();
    REQUIRE_FALSE(client);
    CHECK(client.error().code() == Errc::invalid_argument);
    return client.error().message();
  };
  CHECK(contains(fault(""), "empty"));
  CHECK(contains(fault(std::string(200, 'x')), "200 bytes"));
  CHECK(contains(fault(std::string("a\0b", 3)), "NUL"));
  CHECK(UnixSocketTransport::check(std::string(107, 'x')));
  CHECK(UnixSocketTransport::check(std::string("@a\0b", 4)));
  // A transport of the program's own takes its place, also after it.
  const Result<Response> refused = OnInline::builder()
                                       .unix_socket("/no/such/socket")
                                       .transport(okhttp::SecureTransport())
                                       .build()
                                       .new_call(get_request(local_url(free_port())))
                                       .try_execute();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::connect_refused);
}

TEST_CASE("the transport is a policy, too") {
  const TemporaryFolder folder;
  UnixServer server(folder / "socket");
  using UnixClient = okhttp::BasicClient<UnixSocketTransport, okhttp::InlineDispatcher>;
  CHECK_FALSE(UnixClient::Builder().try_build());
  const UnixClient client = UnixClient::Builder().transport(UnixSocketTransport(folder / "socket")).build();
  CHECK(body_of(client, "http://localhost/") == "/ of localhost");
}

TEST_CASE_TEMPLATE("nginx serves over a Unix-domain socket", D, OKHTTP_EVERY_DISPATCHER) {
  const TemporaryFolder folder;
  const std::string text = numbered_lines(20'000);
  folder.write("lines.txt", text);
  const ServerProcess nginx("nginx", folder / "log", [&](std::uint16_t port) {
    return nginx_command(folder, "daemon off;\nmaster_process off;\nerror_log stderr;\npid " + (folder / "pid") +
                                   ";\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path " + folder.path() +
                                   ";\n  proxy_temp_path " + folder.path() + ";\n  fastcgi_temp_path " + folder.path() +
                                   ";\n  uwsgi_temp_path " + folder.path() + ";\n  scgi_temp_path " + folder.path() +
                                   ";\n  server { listen unix:" + (folder / "nginx-" + std::to_string(port)) +
                                   "; listen 127.0.0.1:" + std::to_string(port) + "; root " + folder.path() + "; }\n}\n");
  });
  auto client = D::builder().unix_socket(folder / "nginx-" + std::to_string(nginx.port())).build();
  CHECK(body_of(client, "http://localhost/lines.txt") == text);
  check_head(client, "http://localhost/lines.txt", text.size());
  check_concurrent(client, "http://localhost/lines.txt", text);
  CHECK(execute(client, "http://localhost/missing").code() == 404);
}

}  // TEST_SUITE

}  // namespace unix_socket_test
