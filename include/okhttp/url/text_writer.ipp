// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_URL_TEXT_WRITER_IPP
#define OKHTTP_URL_TEXT_WRITER_IPP

#include <okhttp/url/text_writer.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

OKHTTP_NAMESPACE_BEGIN
namespace url {

OKHTTP_DECL void TextWriter::grow(std::size_t count) {
  const std::size_t used = size();
  const std::size_t capacity = used + std::max(count, used);
  void* const block = ::operator new(head_size + capacity + 1);
  char* const text = static_cast<char*>(block) + head_size;
  std::memcpy(text, begin_, used);
  ::operator delete(block_);
  block_ = block;
  begin_ = text;
  end_ = text + used;
  limit_ = text + capacity;
}

OKHTTP_DECL TextWriter& TextWriter::operator+=(std::string_view text) {
  if (!text.empty()) std::memcpy(make_room(text.size()), text.data(), text.size());
  end_ += text.size();
  return *this;
}

OKHTTP_DECL void TextWriter::append_encoded(std::string_view text, const EncodeSet& set) {
  char* out = make_room(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!set.contains(text[i])) {
      *out++ = text[i];
      continue;
    }
    end_ = out;
    out = make_room(text.size() - i + 2);
    const auto byte = static_cast<std::uint8_t>(text[i]);
    *out++ = '%';
    *out++ = "0123456789ABCDEF"[byte >> 4];
    *out++ = "0123456789ABCDEF"[byte & 15];
  }
  end_ = out;
}

OKHTTP_DECL void TextWriter::append_number(unsigned number) {
  char digits[10];
  char* const end = digits + sizeof digits;
  char* begin = end;
  do *--begin = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  *this += std::string_view(begin, static_cast<std::size_t>(end - begin));
}

OKHTTP_DECL void* TextWriter::release() noexcept {
  if (block_ != nullptr) *end_ = 0;
  return std::exchange(block_, nullptr);
}

}  // namespace url
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_URL_TEXT_WRITER_IPP
