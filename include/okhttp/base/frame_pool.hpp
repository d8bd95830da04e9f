// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_FRAME_POOL_HPP
#define OKHTTP_BASE_FRAME_POOL_HPP

#include <okhttp/config.hpp>

#include <cstddef>
#include <new>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The size of a connection's read buffer. Blocks of this size are kept too, a few per thread.
inline constexpr std::size_t io_block_size = 16 * 1024;

// Coroutine frames live for microseconds and come back in the same few sizes, so each thread keeps
// the ones it freed. A frame freed on another thread joins that thread's store.
#if OKHTTP_RECYCLE_FRAMES
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;
#else
inline void* allocate_frame(std::size_t size) { return ::operator new(size); }
inline void free_frame(void* frame, std::size_t) noexcept { ::operator delete(frame); }
#endif

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/base/frame_pool.ipp>

#endif  // OKHTTP_BASE_FRAME_POOL_HPP
