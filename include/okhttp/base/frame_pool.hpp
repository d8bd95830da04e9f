// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_FRAME_POOL_HPP
#define OKHTTP_BASE_FRAME_POOL_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The size of a connection's read buffer. Blocks of this size are kept too, a few per thread.
inline constexpr std::size_t io_block_size = 16 * 1024;

// Coroutine frames live for microseconds and come back in the same few sizes, so each thread keeps
// the ones it freed. A frame freed on another thread joins that thread's store.
#if OKHTTP_RECYCLE_FRAMES

inline constexpr std::size_t frame_step = 64;     // bytes between two size classes
inline constexpr std::size_t frame_classes = 32;  // so frames up to 2 KiB are kept

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
  unsigned room[frame_classes + 1];  // how many more are kept; nothing before the first is freed
  bool opened;                       // stays true when the thread's end has closed it
};
// Zero-initialised on purpose: access costs no guard, unlike an object with a destructor.
inline constinit thread_local FrameStore frame_store{};

/// Opens the store for a first frame, or gives the frame back.
void free_frame_without_room(void* frame, std::size_t size) noexcept;

inline void* allocate_frame(std::size_t size) {
  const std::size_t index = frame_class(size);
  if (index > frame_classes) return ::operator new(size);
  FrameStore& store = frame_store;
  if (FreeFrame* const frame = store.head[index]) {
    store.head[index] = frame->next;
    ++store.room[index];
    return frame;
  }
  return ::operator new(index == frame_classes ? io_block_size : (index + 1) * frame_step);
}

inline void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = frame_class(size);
  FrameStore& store = frame_store;
  if (index > frame_classes || store.room[index] == 0) {
    free_frame_without_room(frame, size);
    return;
  }
  --store.room[index];
  auto* const free = static_cast<FreeFrame*>(frame);
  free->next = store.head[index];
  store.head[index] = free;
}
#else
inline void* allocate_frame(std::size_t size) { return ::operator new(size); }
inline void free_frame(void* frame, std::size_t) noexcept { ::operator delete(frame); }
#endif

/// An allocator for single objects that live for about as long as a call, as frames do.
template <class T>
struct RecyclingAllocator {
  using value_type = T;
  RecyclingAllocator() = default;
  template <class U>
  RecyclingAllocator(const RecyclingAllocator<U>&) noexcept {}  // NOLINT

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(allocate_frame(count * sizeof(T)));
  }
  void deallocate(T* objects, std::size_t count) noexcept { free_frame(objects, count * sizeof(T)); }
  friend bool operator==(RecyclingAllocator, RecyclingAllocator) noexcept { return true; }
};

template <class T, class... Args>
std::shared_ptr<T> make_recycled(Args&&... args) {
  return std::allocate_shared<T>(RecyclingAllocator<T>(), std::forward<Args>(args)...);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/base/frame_pool.ipp>

#endif  // OKHTTP_BASE_FRAME_POOL_HPP
