// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_FRAME_POOL_IPP
#define OKHTTP_BASE_FRAME_POOL_IPP

#include <okhttp/base/frame_pool.hpp>

#if OKHTTP_BODIES && OKHTTP_RECYCLE_FRAMES

OKHTTP_NAMESPACE_BEGIN
namespace detail {

inline constexpr unsigned max_frames_per_class = 64;
inline constexpr unsigned max_blocks = 4;  // of io_block_size, in a class of their own

/// Gives everything back when the thread ends. Nothing is kept from then on.
struct FrameStoreCleaner {
  FrameStoreCleaner() = default;
  FrameStoreCleaner(const FrameStoreCleaner&) = delete;
  FrameStoreCleaner& operator=(const FrameStoreCleaner&) = delete;
  ~FrameStoreCleaner() {
    for (unsigned& room : frame_store.room) room = 0;
    for (FreeFrame*& head : frame_store.head)
      while (head != nullptr) {
        FreeFrame* const next = head->next;
        ::operator delete(head);
        head = next;
      }
  }
};

OKHTTP_DECL void free_frame_without_room(void* frame, std::size_t size) noexcept {
  if (frame_store.opened || frame_class(size) > frame_classes) {
    ::operator delete(frame);
    return;
  }
  static thread_local FrameStoreCleaner cleaner;
  (void)cleaner;
  frame_store.opened = true;
  for (unsigned& room : frame_store.room) room = max_frames_per_class;
  frame_store.room[frame_classes] = max_blocks;
  free_frame(frame, size);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_RECYCLE_FRAMES
#endif  // OKHTTP_BASE_FRAME_POOL_IPP
