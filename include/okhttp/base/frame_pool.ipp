// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_FRAME_POOL_IPP
#define OKHTTP_BASE_FRAME_POOL_IPP

#include <okhttp/base/frame_pool.hpp>

#if OKHTTP_BODIES && OKHTTP_RECYCLE_FRAMES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

inline constexpr std::size_t frame_step = 64;       // bytes between two size classes
inline constexpr std::size_t frame_classes = 32;    // so frames up to 2 KiB are kept
inline constexpr unsigned max_frames_per_class = 64;
inline constexpr unsigned max_blocks = 4;           // of io_block_size, in a class of their own

/// The class of a size, frame_classes for an I/O block, past it for what is not kept.
constexpr std::size_t frame_class(std::size_t size) noexcept {
  if (size == io_block_size) return frame_classes;
  const std::size_t index = (size - 1) / frame_step;
  return index < frame_classes ? index : frame_classes + 1;
}

struct FreeFrame {
  FreeFrame* next;
};
struct FrameStore {
  FreeFrame* head[frame_classes + 1];
  unsigned count[frame_classes + 1];
  bool watched;  // the cleaner below is constructed
  bool closed;   // the thread is ending: nothing is kept any more
};
// Zero-initialised on purpose: access costs no guard, unlike an object with a destructor.
inline constinit thread_local FrameStore frame_store{};

struct FrameStoreCleaner {
  FrameStoreCleaner() = default;
  FrameStoreCleaner(const FrameStoreCleaner&) = delete;
  FrameStoreCleaner& operator=(const FrameStoreCleaner&) = delete;
  ~FrameStoreCleaner() {
    frame_store.closed = true;
    for (FreeFrame*& head : frame_store.head)
      while (head != nullptr) {
        FreeFrame* const next = head->next;
        ::operator delete(head);
        head = next;
      }
  }
};
inline void watch_frame_store() {
  static thread_local FrameStoreCleaner cleaner;
  (void)cleaner;
  frame_store.watched = true;
}

OKHTTP_DECL void* allocate_frame(std::size_t size) {
  const std::size_t index = frame_class(size);
  if (index > frame_classes) return ::operator new(size);
  FrameStore& store = frame_store;
  if (FreeFrame* const frame = store.head[index]) {
    store.head[index] = frame->next;
    --store.count[index];
    return frame;
  }
  return ::operator new(index == frame_classes ? io_block_size : (index + 1) * frame_step);
}

OKHTTP_DECL void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = frame_class(size);
  FrameStore& store = frame_store;
  const unsigned most = index == frame_classes ? max_blocks : max_frames_per_class;
  if (index > frame_classes || store.closed || store.count[index] == most) {
    ::operator delete(frame);
    return;
  }
  if (!store.watched) watch_frame_store();
  auto* const free = static_cast<FreeFrame*>(frame);
  free->next = store.head[index];
  store.head[index] = free;
  ++store.count[index];
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_RECYCLE_FRAMES
#endif  // OKHTTP_BASE_FRAME_POOL_IPP
