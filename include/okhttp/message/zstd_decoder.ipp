// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_ZSTD_DECODER_IPP
#define OKHTTP_MESSAGE_ZSTD_DECODER_IPP

#include <okhttp/message/zstd_decoder.hpp>

#if OKHTTP_BODIES && OKHTTP_ZSTD

#include <algorithm>

#include <zstd.h>

OKHTTP_NAMESPACE_BEGIN

namespace detail::zstd_decoder {

inline constexpr std::size_t magic_size = 4;

/// Whether a frame, or a skippable one, has this byte at this place of its magic number.
constexpr bool is_magic(std::size_t at, std::byte first, std::byte next) {
  constexpr std::byte frame[] = {std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}, std::byte{0xFD}};
  constexpr std::byte skippable[] = {std::byte{0x50}, std::byte{0x2A}, std::byte{0x4D}, std::byte{0x18}};
  if (at == 0) return next == frame[0] || (next & std::byte{0xF0}) == skippable[0];
  return next == (first == frame[0] ? frame[at] : skippable[at]);
}

/// The sizes of a header's optional parts, as its descriptor says.
struct HeaderSizes {
  constexpr explicit HeaderSizes(std::byte descriptor) {
    const unsigned bits = std::to_integer<unsigned>(descriptor);
    const bool is_single_segment = (bits >> 5 & 1) != 0;
    constexpr unsigned char dictionary_sizes[] = {0, 1, 2, 4};
    constexpr unsigned char content_sizes[] = {0, 2, 4, 8};
    window = is_single_segment ? 0 : 1;
    dictionary = dictionary_sizes[bits & 3];
    content = content_sizes[bits >> 6];
    if (content == 0 && is_single_segment) content = 1;
  }
  constexpr std::size_t before_content() const { return magic_size + 1 + window + dictionary; }
  constexpr std::size_t all() const { return before_content() + content; }

  unsigned char window;
  unsigned char dictionary;
  unsigned char content;
};

}  // namespace detail::zstd_decoder

OKHTTP_DECL void detail::ZstdDecoderDeleter::operator()(void* context) const noexcept {
  ::ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context));
}

OKHTTP_DECL Error ZstdDecoder::damaged(const char* what) {
  state_ = State::failed;
  context_.reset();
  return detail::damaged_content("zstd", what);
}

/// Little-endian.
OKHTTP_DECL std::uint64_t ZstdDecoder::header_field(std::size_t at, std::size_t size) const noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(header_[at + i]);
  return value;
}

/// The header is complete. Gives it to libzstd by itself: with a whole frame at hand that would
/// decode it at once, without a look at the window.
OKHTTP_DECL const char* ZstdDecoder::begin_frame() {
  const detail::zstd_decoder::HeaderSizes sizes(header_[detail::zstd_decoder::magic_size]);
  constexpr std::uint64_t max_window = std::uint64_t{1} << max_window_bits;
  std::uint64_t window = 0;
  if (sizes.window != 0) {
    const auto descriptor = static_cast<unsigned>(header_field(detail::zstd_decoder::magic_size + 1, 1));
    const std::uint64_t base = std::uint64_t{1} << (10 + (descriptor >> 3));
    window = base + base / 8 * (descriptor & 7);
  } else {
    window = header_field(sizes.before_content(), sizes.content);
  }
  if (window > max_window) return "its window is larger than 8 MiB";
  if (header_field(sizes.before_content() - sizes.dictionary, sizes.dictionary) != 0)
    return "it needs a dictionary";
  if (!context_) {
    context_.reset(::ZSTD_createDCtx());
    if (!context_) return "no memory to decode it";
    ::ZSTD_DCtx_setParameter(static_cast<ZSTD_DCtx*>(context_.get()), ZSTD_d_windowLogMax,
                             static_cast<int>(max_window_bits));
  }
  ZSTD_inBuffer given{header_.data(), header_size_, 0};
  std::byte nothing{};
  ZSTD_outBuffer none{&nothing, 0, 0};
  const std::size_t hint =
      ::ZSTD_decompressStream(static_cast<ZSTD_DCtx*>(context_.get()), &none, &given);
  if (::ZSTD_isError(hint)) return ::ZSTD_getErrorName(hint);
  if (given.pos != given.size) return "libzstd does not take its header";
  state_ = State::inside;
  has_more_inside_ = false;
  header_size_ = 0;
  header_wanted_ = detail::zstd_decoder::magic_size;
  return nullptr;
}

/// Takes the next byte of a frame's header. Says what is wrong, or null.
OKHTTP_DECL const char* ZstdDecoder::take_header_byte(std::byte next) {
  constexpr std::size_t magic_size = detail::zstd_decoder::magic_size;
  constexpr std::byte unused_bit{0x08};
  header_[header_size_++] = next;
  if (header_size_ < header_wanted_) return nullptr;
  const bool is_skippable = (header_[0] & std::byte{0xF0}) == std::byte{0x50};
  if (header_size_ == magic_size) {
    header_wanted_ = is_skippable ? magic_size + 4 : magic_size + 1;
    return nullptr;
  }
  if (is_skippable) {
    to_skip_ = header_field(magic_size, 4);
    state_ = State::skipping;
    header_size_ = 0;
    header_wanted_ = magic_size;
    return nullptr;
  }
  if (header_size_ == magic_size + 1) {
    if ((next & unused_bit) != std::byte{0}) return "its header has a bit that has no meaning";
    header_wanted_ = static_cast<unsigned char>(detail::zstd_decoder::HeaderSizes(next).all());
    return nullptr;
  }
  return begin_frame();
}

OKHTTP_DECL Result<ContentDecoder::Progress> ZstdDecoder::decode(std::span<const std::byte> in,
                                                                 std::span<std::byte> out) {
  Progress total;
  for (;;) {
    const std::span<const std::byte> rest = in.subspan(total.consumed);
    switch (state_) {
      case State::header:
        if (rest.empty()) return total;
        if (header_size_ < detail::zstd_decoder::magic_size &&
            !detail::zstd_decoder::is_magic(header_size_, header_[0], rest.front())) {
          if (frames_ == 0) return damaged("it does not begin like zstd");
          state_ = State::ended;
          break;
        }
        ++total.consumed;
        if (const char* const fault = take_header_byte(rest.front())) return damaged(fault);
        break;
      case State::skipping: {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, rest.size()));
        total.consumed += size;
        to_skip_ -= size;
        if (to_skip_ > 0) return total;
        ++frames_;
        state_ = State::header;
        break;
      }
      case State::inside: {
        const std::span<std::byte> room = out.subspan(total.produced);
        // libzstd takes calls that can lead nowhere for a fault, when there are many of them.
        if (room.empty() || (rest.empty() && !has_more_inside_)) return total;
        ZSTD_inBuffer given{rest.data(), rest.size(), 0};
        ZSTD_outBuffer wanted{room.data(), room.size(), 0};
        const std::size_t hint =
            ::ZSTD_decompressStream(static_cast<ZSTD_DCtx*>(context_.get()), &wanted, &given);
        if (::ZSTD_isError(hint)) return damaged(::ZSTD_getErrorName(hint));
        total.consumed += given.pos;
        total.produced += wanted.pos;
        has_more_inside_ = wanted.pos == wanted.size;
        if (hint == 0) {
          ++frames_;
          state_ = State::header;
        } else if (given.pos == 0 && wanted.pos == 0) {
          return total;
        }
        break;
      }
      case State::ended:
        context_.reset();
        total.end = true;
        return total;
      case State::failed: return damaged(detail::failed_before);
    }
  }
}

OKHTTP_DECL Result<void> ZstdDecoder::finish() {
  switch (state_) {
    case State::ended: return {};
    case State::header:
      // Nothing at all, or behind a frame, perhaps with a few bytes that begin like one more.
      if (header_size_ == 0 || (frames_ > 0 && header_size_ < detail::zstd_decoder::magic_size)) return {};
      break;
    case State::inside:
    case State::skipping: break;
    case State::failed: return damaged(detail::failed_before);
  }
  state_ = State::failed;
  return detail::cut_content("zstd");
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_ZSTD
#endif  // OKHTTP_MESSAGE_ZSTD_DECODER_IPP
