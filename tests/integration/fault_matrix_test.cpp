// SPDX-License-Identifier: Apache-2.0
#include <okhttp/client.hpp>

#include <doctest/doctest.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/bad_input.hpp"
#include "support/client_fixture.hpp"
#include "support/raw_server.hpp"

namespace fault_matrix_test {

// Two requests on one connection, which the server cuts after every number of bytes that it has
// received and sent. What becomes of each call is known for every position.

using namespace okhttp_tests;
using okhttp::Errc;
using okhttp::Request;
using okhttp::RequestBody;
using okhttp::Response;
using okhttp::Result;

namespace {

enum class Cut { fin, reset };
enum class Kind { get, post, post_once };

constexpr std::string_view paid = "pay";
/// A number of bytes, received and sent, that no connection comes to.
constexpr std::size_t never = static_cast<std::size_t>(-1);

/// Serves one connection after the other, all as a good server does but the one it is told to cut.
class CuttingServer : public Listener {
 public:
  CuttingServer() : thread_([this] { serve(); }) {}
  ~CuttingServer() {
    ask("stop");
    thread_.join();
  }

  /// The next connection is cut after this many bytes. Forgets what arrived before.
  void cut_next(std::size_t position, Cut cut) {
    const std::lock_guard<std::mutex> lock(mutex_);
    position_ = position;
    cut_ = cut;
    arrived_.clear();
    ends_.clear();
  }
  /// Waits until all connections made before have ended.
  void wait_until_idle() { ask("wait"); }
  /// All that came on all connections, also what nobody read before a reset.
  std::string arrived() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return arrived_;
  }
  /// After how many bytes of its connection each request and each response ended.
  std::vector<std::size_t> ends() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ends_;
  }

  /// How many connections were cut.
  Counter cuts;

 private:
  /// Connections are served in turn: when this one has ended, all earlier ones have.
  void ask(std::string_view question) {
    const Descriptor link(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = address();
    REQUIRE(::connect(link.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    REQUIRE(::send(link.get(), question.data(), question.size(), MSG_NOSIGNAL) > 0);
    REQUIRE(wait_until_ready(link.get(), POLLIN));
  }

  void serve() {
    for (bool more = true; more;) {
      fd_ = Descriptor(accept());
      if (fd_.get() < 0) return;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        left_ = std::exchange(position_, never);
      }
      passed_ = 0;
      more = serve_connection();
      fd_ = Descriptor();
    }
  }
  /// False when the server is to stop.
  bool serve_connection() {
    for (;;) {
      std::string request;
      while (!is_complete(request)) {
        if (left_ == 0) return cut(), true;
        if (!receive(request) || request == "wait") return true;
        if (request == "stop") return false;
      }
      note_end();
      if (left_ == 0) return cut(), true;
      constexpr std::string_view response = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";
      const std::size_t size = std::min(response.size(), left_);
      CHECK(::send(fd_.get(), response.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size));
      pass(size);
      if (size == response.size()) note_end();
    }
  }
  static bool is_complete(std::string_view request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string_view::npos) return false;
    if (contains(request.substr(0, head), "chunked")) return request.ends_with("0\r\n\r\n");
    return request.size() == head + 4 + (request.starts_with("POST") ? paid.size() : 0);
  }
  bool receive(std::string& request) {
    if (!wait_until_ready(fd_.get(), POLLIN)) return false;
    std::array<char, 1024> block;
    const ssize_t count = ::recv(fd_.get(), block.data(), std::min(block.size(), left_), 0);
    if (count <= 0) return false;
    const std::string_view bytes(block.data(), static_cast<std::size_t>(count));
    request += bytes;
    note_arrived(bytes);
    pass(bytes.size());
    return true;
  }
  void cut() {
    left_ = never;
    if (cut_ == Cut::fin) {
      ::shutdown(fd_.get(), SHUT_WR);
      cuts.add();
      for (std::string rest; receive(rest);) {
      }
      return;
    }
    // What lies there is processed by nobody, but it was acknowledged: the client cannot know.
    std::array<char, 1024> block;
    const ssize_t count = ::recv(fd_.get(), block.data(), block.size(), MSG_DONTWAIT);
    if (count > 0) note_arrived({block.data(), static_cast<std::size_t>(count)});
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_ = Descriptor();
    cuts.add();
  }
  void pass(std::size_t bytes) {
    passed_ += bytes;
    if (left_ != never) left_ -= bytes;
  }
  void note_arrived(std::string_view bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    arrived_ += bytes;
  }
  void note_end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_.push_back(passed_);
  }

  mutable std::mutex mutex_;  // guards the next four
  std::size_t position_ = never;
  Cut cut_ = Cut::fin;
  std::string arrived_;
  std::vector<std::size_t> ends_;
  // The connection that is being served.
  Descriptor fd_;
  std::size_t left_ = never;
  std::size_t passed_ = 0;
  std::thread thread_;
};

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

RequestBody body_of(Kind kind) {
  if (kind == Kind::post) return RequestBody::create(std::string(paid));
  return RequestBody::from_reader([done = false](std::span<std::byte> into) mutable -> Result<std::size_t> {
    if (std::exchange(done, true)) return std::size_t{0};
    std::memcpy(into.data(), paid.data(), paid.size());
    return paid.size();
  });
}

Request request_of(Kind kind, const std::string& url) {
  Request::Builder request;
  request.url(url).header("User-Agent", "x").header("Accept-Encoding", "identity");
  if (kind != Kind::get) request.post(body_of(kind));
  return request.build();
}

/// A whole call: true when the right answer came, false when the connection broke. No other end is right.
template <class Client>
bool succeeds(const Client& client, Request request) {
  const Result<std::string> text = fetch(client, std::move(request));
  if (text) {
    CHECK(*text == "done");
    return true;
  }
  CAPTURE(text.error().message());
  CHECK((text.error() == Errc::unexpected_end || text.error() == Errc::io ||
         text.error() == Errc::connect_failed));  // reset before the client knew that it was connected
  return false;
}

template <class D>
void check_every_position(Kind kind, Cut cut) {
  const NothingLeft nothing_left;
  CuttingServer server;
  auto client = D::builder().read_timeout(patience).build();
  const auto call = [&](const char* path) { return succeeds(client, request_of(kind, server.url(path))); };

  server.cut_next(never, cut);
  REQUIRE(call("/one"));
  REQUIRE(call("/two"));
  client.connection_pool().evict_all();
  (void)client.try_poll();
  server.wait_until_idle();
  const std::vector<std::size_t> ends = server.ends();
  REQUIRE(ends.size() == 4);
  REQUIRE(ends[3] > 200);

  for (std::size_t position = 0; position <= ends[3]; ++position) {
    CAPTURE(position);
    const std::size_t cuts = server.cuts.count();
    server.cut_next(position, cut);
    const bool first = call("/one");
    if (position <= ends[1]) REQUIRE(server.cuts.wait_for(cuts + 1));
    const bool second = call("/two");
    REQUIRE(server.cuts.wait_for(cuts + 1));

    CHECK(first == (position >= ends[1]));
    if (kind == Kind::get) {
      // The first connection was new, so its failure is reported; what came of an idle one is not.
      CHECK((second || position > ends[2]));
      if (!first) CHECK(call("/one"));
      if (!second) CHECK(call("/two"));
    } else {
      CHECK(second == (position <= ends[1] || position == ends[3]));
    }
    client.connection_pool().evict_all();
    (void)client.try_poll();
    server.wait_until_idle();
    if (kind != Kind::get) {
      const std::string arrived = server.arrived();
      CHECK(occurrences(arrived, "POST /one ") <= 1);
      CHECK(occurrences(arrived, "POST /two ") == 1);
    }
  }
}

template <class D>
void check_every_cut(Kind kind) {
  SUBCASE("cut by FIN") { check_every_position<D>(kind, Cut::fin); }
  SUBCASE("cut by RST") { check_every_position<D>(kind, Cut::reset); }
}

}  // namespace

TEST_SUITE("integration/fault_matrix") {

TEST_CASE_TEMPLATE("wherever its connection is cut, a GET succeeds when the server has recovered", D,
                   okhttp_tests::OnInline, okhttp_tests::OnLoop) {
  check_every_cut<D>(Kind::get);
}

TEST_CASE_TEMPLATE("wherever its connection is cut, a POST is sent once", D, okhttp_tests::OnInline,
                   okhttp_tests::OnLoop) {
  check_every_cut<D>(Kind::post);
}

TEST_CASE_TEMPLATE("wherever its connection is cut, a POST whose body can be read once is sent once", D,
                   okhttp_tests::OnInline, okhttp_tests::OnLoop) {
  check_every_cut<D>(Kind::post_once);
}

// The server closes the idle connection after the client has looked at it and before the client sends.
// A network interceptor is where a test can stand in between.
TEST_CASE_TEMPLATE("a POST that came after the end of its connection is sent again if its body can be", D,
                   OKHTTP_EVERY_DISPATCHER) {
  for (const Cut cut : {Cut::fin, Cut::reset}) {
    for (const Kind kind : {Kind::get, Kind::post, Kind::post_once}) {
      CAPTURE(cut == Cut::fin);
      CAPTURE(static_cast<int>(kind));
      const NothingLeft nothing_left;
      Listener server;
      Event close;
      Event closed;
      // After a RST nothing can be sent, so nothing was read; after a FIN it can, if to nobody.
      const bool lost = kind == Kind::post_once && cut == Cut::fin;
      std::size_t trips = 0;
      auto client = D::builder()
                        .add_network_interceptor([&](okhttp::Chain& chain) -> okhttp::Task<Response> {
                          if (++trips == 2) {
                            close.set();
                            CHECK(closed.wait());
                          }
                          co_return co_await chain.proceed(chain.request());
                        })
                        .build();
      std::string second;
      Background scripts([&] {
        constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";
        {
          RawPeer peer(server.accept());
          peer.read_head();
          peer.write(answer);
          CHECK(close.wait());
          if (cut == Cut::reset)
            peer.reset();
          else
            peer.close();
        }
        closed.set();
        if (lost) return;
        RawPeer peer(server.accept());
        second = peer.read_head();
        if (kind == Kind::post) second += peer.read(paid.size());
        peer.write(answer);
      });
      CHECK(succeeds(client, get_request(server.url("/one"))));
      const bool answered = succeeds(client, request_of(kind, server.url("/two")));
      scripts.join();
      CHECK(answered == !lost);
      CHECK(trips == (lost ? 2 : 3));
      if (kind == Kind::post) CHECK(second.ends_with("\r\n\r\npay"));
      CHECK_FALSE(has_another_connection(server));
    }
  }
}

}  // TEST_SUITE

}  // namespace fault_matrix_test
