// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_IO_BUFFER_HPP
#define OKHTTP_CONNECTION_IO_BUFFER_HPP

#include <okhttp/base/frame_pool.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Bytes that have arrived and were not used yet. Holds no memory while empty and released.
class IoBuffer {
 public:
  /// What grow() ends at: the most of an early answer that is kept while a request body is being sent.
  static constexpr std::size_t max_capacity = 64 * 1024;

  IoBuffer() = default;
  IoBuffer(const IoBuffer&) = delete;
  IoBuffer& operator=(const IoBuffer&) = delete;
  ~IoBuffer() { release(); }

  bool empty() const noexcept { return begin_ == end_; }
  std::span<const std::byte> bytes() const noexcept { return {block_ + begin_, end_ - begin_}; }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(block_) + begin_, end_ - begin_};
  }
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Room for more, at the end; empty when the buffer is full of unused bytes.
  std::span<std::byte> space() {
    if (block_ == nullptr) block_ = static_cast<std::byte*>(allocate_frame(capacity_));
    if (end_ == capacity_ && begin_ > 0) {
      std::memmove(block_, block_ + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {block_ + end_, capacity_ - end_};
  }
  void filled(std::size_t count) noexcept { end_ += count; }
  /// Makes a full buffer larger; false when it is as large as it may get.
  bool grow() {
    if (capacity_ == max_capacity) return false;
    auto* const larger = static_cast<std::byte*>(allocate_frame(max_capacity));
    if (block_ != nullptr) {
      std::memcpy(larger, block_, end_);
      free_frame(block_, capacity_);
    }
    block_ = larger;
    capacity_ = max_capacity;
    return true;
  }
  /// Gives the memory back. What is in it is lost.
  void release() noexcept {
    if (block_ != nullptr) free_frame(std::exchange(block_, nullptr), capacity_);
    begin_ = end_ = 0;
    capacity_ = io_block_size;
  }

 private:
  std::byte* block_ = nullptr;
  std::size_t capacity_ = io_block_size;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CONNECTION_IO_BUFFER_HPP
