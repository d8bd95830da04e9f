// SPDX-License-Identifier: Apache-2.0
#include <okhttp/connection/io_buffer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace io_buffer_test {

using okhttp::detail::io_block_size;
using okhttp::detail::IoBuffer;

namespace {

/// Fills with up to `count` bytes; gives how many went in.
std::size_t fill(IoBuffer& buffer, std::size_t count, char with) {
  const std::span<std::byte> space = buffer.space();
  const std::size_t size = std::min(space.size(), count);
  std::fill_n(space.begin(), size, static_cast<std::byte>(with));
  buffer.filled(size);
  return size;
}

}  // namespace

TEST_SUITE("connection/io_buffer") {
  TEST_CASE("gives bytes back in their order, whatever the steps") {
    IoBuffer buffer;
    CHECK(buffer.empty());
    CHECK(buffer.text().empty());
    CHECK(fill(buffer, 3, 'a') == 3);
    CHECK(fill(buffer, 2, 'b') == 2);
    CHECK(buffer.text() == "aaabb");
    buffer.consume(2);
    CHECK(buffer.text() == "abb");
    CHECK(fill(buffer, 1, 'c') == 1);
    buffer.consume(4);
    CHECK(buffer.empty());
  }

  TEST_CASE("has room again behind bytes that were used") {
    IoBuffer buffer;
    CHECK(fill(buffer, io_block_size + 1, 'a') == io_block_size);
    CHECK(buffer.space().empty());
    buffer.consume(io_block_size - 1);
    CHECK(fill(buffer, 10, 'b') == 10);
    CHECK(buffer.text() == "abbbbbbbbbb");
  }

  TEST_CASE("grows once, to its limit, and keeps what it holds") {
    IoBuffer buffer;
    fill(buffer, io_block_size, 'a');
    CHECK(buffer.grow());
    CHECK(buffer.text() == std::string(io_block_size, 'a'));
    CHECK(fill(buffer, IoBuffer::max_capacity, 'b') == IoBuffer::max_capacity - io_block_size);
    CHECK_FALSE(buffer.grow());
    CHECK(buffer.space().empty());
    buffer.release();
    CHECK(buffer.empty());
    CHECK(fill(buffer, IoBuffer::max_capacity, 'c') == io_block_size);
    IoBuffer fresh;
    CHECK(fresh.grow());
    CHECK(fresh.space().size() == IoBuffer::max_capacity);
  }
}

}  // namespace io_buffer_test
