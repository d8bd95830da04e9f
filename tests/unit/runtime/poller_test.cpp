// SPDX-License-Identifier: Apache-2.0
#include <okhttp/runtime/poller.hpp>

#include <doctest/doctest.h>

#include "support/runtime_support.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace poller_test {

using okhttp::Errc;
using okhttp::Interest;
using okhttp::detail::IoHandle;
using okhttp::detail::make_poller;
using okhttp::detail::Poller;
using okhttp::detail::PollEvent;
using support::SocketPair;

namespace {

/// A socket as the poller sees it, used up in this direction (poll() looks for no other change).
class Watched {
 public:
  Watched(Poller& poller, int descriptor, Interest used_up = Interest::read) : poller_(&poller) {
    handle.fd = descriptor;
    handle.drained = any(used_up & Interest::read);
    handle.full = any(used_up & Interest::write);
    REQUIRE(poller.add(handle));
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { remove(); }
  void remove() {
    if (poller_ != nullptr) std::exchange(poller_, nullptr)->remove(handle);
  }
  IoHandle handle;

 private:
  Poller* poller_;
};

Interest found(std::span<PollEvent> events, const Watched& watched) {
  Interest ready = Interest::none;
  for (const PollEvent& event : events)
    if (event.handle == &watched.handle) ready = ready | event.ready;
  return ready;
}

}  // namespace

TEST_SUITE("runtime/poller") {
  TEST_CASE("a wait of no time gives nothing when nothing happened") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    REQUIRE(poller != nullptr);
    CHECK(poller->wait(0).empty());
    SocketPair sockets;
    const Watched watched(*poller, sockets.near());
    CHECK_FALSE(any(found(poller->wait(0), watched) & Interest::read));
    CHECK(found(poller->wait(0), watched) == Interest::none);
  }

  TEST_CASE("readable, writable and closed are told apart") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    SocketPair readable;
    SocketPair writable;
    SocketPair ended;
    SocketPair closed;
    readable.send_far("x");
    ended.end_far();
    closed.close_far();
    SocketPair::fill(readable.near());
    SocketPair::fill(ended.near());
    const Watched a(*poller, readable.near(), Interest::both);
    const Watched b(*poller, writable.near(), Interest::both);
    const Watched c(*poller, ended.near(), Interest::both);
    const Watched d(*poller, closed.near(), Interest::both);
    const std::span<PollEvent> events = poller->wait(0);
    CHECK(events.size() == 4);
    CHECK(found(events, a) == Interest::read);
    CHECK(found(events, b) == Interest::write);
    CHECK(found(events, c) == Interest::read);
    CHECK(found(events, d) == Interest::both);
    for (const PollEvent& event : events)
      CHECK(event.hung_up ==
            (!use_poll && (event.handle == &c.handle || event.handle == &d.handle)));
  }

  TEST_CASE("epoll tells each change once") {
    const auto poller = make_poller(false);
    SocketPair sockets;
    const Watched watched(*poller, sockets.near());
    CHECK(found(poller->wait(0), watched) == Interest::write);
    CHECK(poller->wait(0).empty());
    sockets.send_far("x");
    CHECK(any(found(poller->wait(0), watched) & Interest::read));
    CHECK(poller->wait(0).empty());
    sockets.send_far("y");
    CHECK(any(found(poller->wait(0), watched) & Interest::read));
    CHECK(poller->wait(0).empty());
  }

  TEST_CASE("poll looks for input where there was no more and for room where there was none") {
    const auto poller = make_poller(true);
    SocketPair sockets;
    sockets.send_far("x");
    Watched watched(*poller, sockets.near());
    CHECK(found(poller->wait(0), watched) == Interest::read);
    CHECK(found(poller->wait(0), watched) == Interest::read);  // the loop says when it knows
    watched.handle.drained = false;
    CHECK(poller->wait(0).empty());
    watched.handle.full = true;
    CHECK(found(poller->wait(0), watched) == Interest::write);
    sockets.close_far();
    watched.handle.full = false;
    CHECK(poller->wait(0).empty());  // a peer that is gone keeps nobody busy
    watched.handle.drained = true;
    CHECK(found(poller->wait(0), watched) != Interest::none);
  }

  TEST_CASE("a removed socket is heard of no more") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    std::vector<std::unique_ptr<SocketPair>> sockets;
    std::vector<std::unique_ptr<Watched>> watched;
    for (std::size_t i = 0; i < 6; ++i) {
      sockets.push_back(std::make_unique<SocketPair>());
      watched.push_back(std::make_unique<Watched>(*poller, sockets.back()->near()));
      sockets.back()->send_far("x");
    }
    // The first, one in the middle and the last; poll() keeps the rest in another order then.
    watched[0]->remove();
    watched[3]->remove();
    watched[5]->remove();
    const std::span<PollEvent> events = poller->wait(0);
    CHECK(events.size() == 3);
    for (const std::size_t i : {1u, 2u, 4u})
      CHECK(any(found(events, *watched[i]) & Interest::read));
    watched[4]->remove();
    watched[1]->remove();
    watched[2]->remove();
    CHECK(poller->wait(0).empty());
  }

  TEST_CASE("a socket removed while its event is being delivered is no longer ready in it") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    SocketPair first;
    SocketPair second;
    first.send_far("x");
    second.send_far("x");
    const Watched a(*poller, first.near());
    auto b = std::make_unique<Watched>(*poller, second.near());
    const std::span<PollEvent> events = poller->wait(0);
    REQUIRE(events.size() == 2);
    const IoHandle* const gone = &b->handle;
    b.reset();
    for (const PollEvent& event : events) CHECK(any(event.ready) == (event.handle != gone));
  }

  TEST_CASE("a wake-up ends the wait, the present one or the next, and only once") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    poller->wake();
    poller->wake();
    CHECK(poller->wait(-1).empty());
    CHECK(poller->wait(0).empty());
    for (int round = 0; round < 200; ++round) {
      std::thread waker([&poller] { poller->wake(); });
      CHECK(poller->wait(-1).empty());
      waker.join();
    }
  }

  TEST_CASE("very many wake-ups before a wait do not block") {
    FOR_EACH_POLLER();
    const auto poller = make_poller(use_poll);
    for (int i = 0; i < 100'000; ++i) poller->wake();
    CHECK(poller->wait(-1).empty());
    CHECK(poller->wait(0).empty());
  }

  TEST_CASE("more sockets than fit one batch are all told of, over several waits") {
    const auto poller = make_poller(false);
    constexpr std::size_t count = 400;
    std::vector<std::unique_ptr<SocketPair>> sockets;
    std::vector<std::unique_ptr<Watched>> watched;
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<SocketPair>());
      watched.push_back(std::make_unique<Watched>(*poller, sockets.back()->near()));
      sockets.back()->send_far("x");
    }
    std::size_t seen = 0;
    while (const std::size_t more = poller->wait(0).size()) seen += more;
    CHECK(seen == count);
  }

  TEST_CASE("a descriptor that cannot be watched is an error that says why") {
    const auto poller = make_poller(false);
    IoHandle handle;
    handle.fd = -1;
    const okhttp::Result<void> added = poller->add(handle);
    REQUIRE_FALSE(added);
    CHECK(added.error() == Errc::connect_failed);
    CHECK_FALSE(added.error().message().empty());
  }

  TEST_CASE("a poller gives its descriptors back") {
    FOR_EACH_POLLER();
    const int before = support::open_descriptors();
    {
      const auto poller = make_poller(use_poll);
      CHECK(support::open_descriptors() == before + 2);
    }
    CHECK(support::open_descriptors() == before);
  }
}

}  // namespace poller_test
