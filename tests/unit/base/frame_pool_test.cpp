// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/frame_pool.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#if OKHTTP_RECYCLE_FRAMES
#  include <sys/resource.h>

#  include <thread>
#endif

namespace frame_pool_test {

using okhttp::detail::allocate_frame;
using okhttp::detail::free_frame;

namespace {

struct Frame {
  explicit Frame(std::size_t bytes) : at(allocate_frame(bytes)), size(bytes) {
    std::memset(at, 0xa5, size);  // every byte is ours: a sanitizer speaks up if not
  }
  void release() const { free_frame(at, size); }
  void* at;
  std::size_t size;
};

#if OKHTTP_RECYCLE_FRAMES
// Several tests look at the state of a fresh thread's store.
void on_new_thread(auto&& work) { std::thread(work).join(); }

long peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}
#endif

}  // namespace

TEST_SUITE("base/frame_pool") {
  TEST_CASE("frames of every size are aligned, apart from each other, and writable to the end") {
    std::vector<Frame> frames;
    for (int round = 0; round < 3; ++round) {
      for (std::size_t size = 1; size <= 4200; size += 37) frames.emplace_back(size);
      for (const Frame& frame : frames) {
        CHECK(reinterpret_cast<std::uintptr_t>(frame.at) % alignof(std::max_align_t) == 0);
        std::memset(frame.at, static_cast<int>(frame.size % 251), frame.size);
      }
      for (const Frame& frame : frames) {
        const auto* bytes = static_cast<const unsigned char*>(frame.at);
        CHECK(bytes[0] == frame.size % 251);
        CHECK(bytes[frame.size - 1] == frame.size % 251);
      }
      for (const Frame& frame : frames) frame.release();
      frames.clear();
    }
  }

#if OKHTTP_RECYCLE_FRAMES
  TEST_CASE("a freed frame comes back, the last freed first") {
    std::vector<void*> freed;
    std::vector<void*> again;
    on_new_thread([&] {
      std::vector<Frame> frames;
      for (int i = 0; i < 10; ++i) frames.emplace_back(std::size_t{200});
      for (const Frame& frame : frames) {
        frame.release();
        freed.insert(freed.begin(), frame.at);
      }
      frames.clear();
      for (int i = 0; i < 10; ++i) again.push_back(frames.emplace_back(std::size_t{200}).at);
      for (const Frame& frame : frames) frame.release();
    });
    CHECK(freed == again);
  }

  TEST_CASE("sizes that share a class share frames, other sizes do not") {
    bool same = false;
    bool other = false;
    on_new_thread([&] {
      const Frame frame(129);
      frame.release();
      const Frame bigger(193);
      other = bigger.at == frame.at;
      const Frame shared(192);
      same = shared.at == frame.at;
      shared.release();
      bigger.release();
    });
    CHECK(same);
    CHECK_FALSE(other);
  }

  TEST_CASE("a frame freed on another thread joins that thread's store") {
    void* made = nullptr;
    on_new_thread([&] { made = Frame(300).at; });
    void* found = nullptr;
    on_new_thread([&] {
      free_frame(made, 300);
      const Frame frame(300);
      found = frame.at;
      frame.release();
    });
    CHECK(made == found);
  }

  TEST_CASE("a store keeps a bounded number of frames") {
    constexpr std::size_t kept = 64;
    std::vector<void*> first_freed;
    std::vector<void*> again;
    on_new_thread([&] {
      std::vector<Frame> frames;
      for (std::size_t i = 0; i < 4 * kept; ++i) frames.emplace_back(std::size_t{500});
      for (const Frame& frame : frames) frame.release();
      for (std::size_t i = 0; i < kept; ++i) first_freed.insert(first_freed.begin(), frames[i].at);
      frames.clear();
      for (std::size_t i = 0; i < kept; ++i)
        again.push_back(frames.emplace_back(std::size_t{500}).at);
      for (const Frame& frame : frames) frame.release();
    });
    CHECK(first_freed == again);
  }

  TEST_CASE("a thread that ends gives back what it kept") {
    constexpr int threads = 1000;
    constexpr long leak_kib = threads * 64L * 2;  // what it would be otherwise
    const long before = peak_memory_kib();
    for (int i = 0; i < threads; ++i)
      on_new_thread([] {
        std::vector<Frame> frames;
        for (int n = 0; n < 64; ++n) frames.emplace_back(std::size_t{2048});
        for (const Frame& frame : frames) frame.release();
      });
    CHECK(peak_memory_kib() - before < leak_kib / 2);
  }

  TEST_CASE("frames freed while a thread is ending are not kept") {
    // The holder's destructor runs after the store's own: thread_local objects die in reverse order
    // of their construction, and the store is watched from its first freed frame on.
    struct Holder {
      void* frame = nullptr;
      ~Holder() {
        if (frame == nullptr) return;
        free_frame(frame, 400);
        void* const another = allocate_frame(400);
        std::memset(another, 1, 400);
        free_frame(another, 400);
      }
    };
    on_new_thread([] {
      static thread_local Holder holder;
      holder.frame = allocate_frame(400);
      Frame(100).release();
    });
    CHECK(true);  // the leak checker has the last word
  }
#endif
}

}  // namespace frame_pool_test
