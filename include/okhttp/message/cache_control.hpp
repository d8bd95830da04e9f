// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CACHE_CONTROL_HPP
#define OKHTTP_MESSAGE_CACHE_CONTROL_HPP

#include <okhttp/base/error.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// What the Cache-Control headers of a message say, without their text: a few numbers. Parsing allocates nothing.
class CacheDirectives {
 public:
  /// The largest number of seconds; bigger ones count as this one.
  /// Spec: RFC 9111, 1.2.2, has it one higher; this is OkHttp's.
  static constexpr std::chrono::seconds max_seconds{2'147'483'647};

  /// None.
  constexpr CacheDirectives() noexcept = default;

  /// The directives of every Cache-Control and Pragma header.
  ///
  /// Never fails. Directives stand between commas or semicolons, whatever their case; values may be in quotes.
  /// Unknown ones are ignored, and so are values that are no number; negative numbers count as 0. When a number is
  /// given twice the first counts.
  /// Spec: RFC 9111, 4.2.1, 5.2 and 5.4; OkHttp reads Pragma as if it were Cache-Control.
  static CacheDirectives parse(const Headers& headers) noexcept;
  /// The directives of one value.
  static CacheDirectives parse(std::string_view value) noexcept;

  /// In a request: ask the server even if the cache has an answer. In a response: ask it before the next use.
  /// True also for no-cache with names of headers, which concerns only those.
  bool no_cache() const noexcept { return has(Flag::no_cache); }
  /// Keep nothing of this exchange.
  bool no_store() const noexcept { return has(Flag::no_store); }
  /// How long a response is fresh; how old one may be for a request.
  std::optional<std::chrono::seconds> max_age() const noexcept { return number(Number::max_age); }
  /// As max_age, for shared caches.
  std::optional<std::chrono::seconds> s_maxage() const noexcept { return number(Number::s_maxage); }
  /// Not for shared caches. True also for private with names of headers.
  bool is_private() const noexcept { return has(Flag::is_private); }
  bool is_public() const noexcept { return has(Flag::is_public); }
  /// Once stale, not to be used without asking the server.
  bool must_revalidate() const noexcept { return has(Flag::must_revalidate); }
  bool proxy_revalidate() const noexcept { return has(Flag::proxy_revalidate); }
  /// Store only if the rules of the status code are known. Spec: RFC 9111, 5.2.2.3.
  bool must_understand() const noexcept { return has(Flag::must_understand); }
  /// By how much a response may be stale for this request; max_seconds when max-stale has no value.
  std::optional<std::chrono::seconds> max_stale() const noexcept { return number(Number::max_stale); }
  /// How long it still has to be fresh for this request.
  std::optional<std::chrono::seconds> min_fresh() const noexcept { return number(Number::min_fresh); }
  /// Do not ask the network: what the cache has, or failure.
  bool only_if_cached() const noexcept { return has(Flag::only_if_cached); }
  /// Proxies leave the body as it is.
  bool no_transform() const noexcept { return has(Flag::no_transform); }
  /// Does not change while it is fresh, so that a reload need not ask. Spec: RFC 8246.
  bool immutable() const noexcept { return has(Flag::immutable); }
  /// How long after it has become stale it may be used while it is asked for anew. Spec: RFC 5861, 3.
  std::optional<std::chrono::seconds> stale_while_revalidate() const noexcept {
    return number(Number::stale_while_revalidate);
  }
  /// How long after it has become stale it may be used where the server fails. Spec: RFC 5861, 4.
  std::optional<std::chrono::seconds> stale_if_error() const noexcept { return number(Number::stale_if_error); }

  /// True when there is no directive that is known here.
  bool empty() const noexcept { return flags_ == 0 && numbers_ == decltype(numbers_){}; }
  /// As the value of a Cache-Control header.
  std::string to_string() const;

  friend bool operator==(const CacheDirectives&, const CacheDirectives&) = default;

 private:
  friend class CacheControl;
  enum class Flag : std::uint8_t {
    no_cache, no_store, is_private, is_public, must_revalidate, proxy_revalidate, must_understand, only_if_cached,
    no_transform, immutable
  };
  enum class Number : std::uint8_t { max_age, s_maxage, max_stale, min_fresh, stale_while_revalidate, stale_if_error };
  struct Directive;
  static const Directive* find(std::string_view name) noexcept;

  bool has(Flag flag) const noexcept { return (flags_ >> static_cast<unsigned>(flag) & 1U) != 0; }
  void set(Flag flag) noexcept { flags_ |= 1U << static_cast<unsigned>(flag); }
  std::optional<std::chrono::seconds> number(Number which) const noexcept {
    const std::uint32_t stored = numbers_[static_cast<std::size_t>(which)];
    if (stored == 0) return std::nullopt;
    return std::chrono::seconds(stored - 1);
  }
  void set(Number which, std::chrono::seconds value) noexcept {
    numbers_[static_cast<std::size_t>(which)] = static_cast<std::uint32_t>(value.count()) + 1;
  }
  void add(std::string_view value) noexcept;

  std::uint32_t flags_ = 0;
  std::array<std::uint32_t, 6> numbers_{};  // one more than the seconds; 0: none
};

/// A Cache-Control: its directives, and their text as it came or will be sent.
///
///     request.new_builder().cache_control(CacheControl::force_cache()).build()
///     CacheControl::Builder().max_age(60s).no_transform().build()
class CacheControl : public CacheDirectives {
 public:
  class Builder;

  /// No directives.
  CacheControl() = default;

  /// As CacheDirectives::parse; keeps the text, for which alone it may allocate.
  static CacheControl parse(const Headers& headers);
  static CacheControl parse(std::string_view value);

  /// For a request that is to be answered by the server, not from the cache.
  static CacheControl force_network();
  /// For a request that is to be answered from the cache, however stale; a 504 if it has nothing.
  static CacheControl force_cache();

  /// The value it was parsed from, where that was one Cache-Control header and no Pragma; else the directives.
  const std::string& to_string() const& noexcept { return text_; }
  std::string to_string() && noexcept { return std::move(text_); }

  /// Equal directives, however they were written.
  friend bool operator==(const CacheControl& a, const CacheControl& b) noexcept {
    return static_cast<const CacheDirectives&>(a) == static_cast<const CacheDirectives&>(b);
  }

 private:
  explicit CacheControl(const CacheDirectives& directives)
      : CacheDirectives(directives), text_(directives.to_string()) {}
  CacheControl(const CacheDirectives& directives, std::string_view text) : CacheDirectives(directives), text_(text) {}

  std::string text_;
};

/// Makes the Cache-Control of a request. Keeps the first fault: `build` throws it, `try_build` returns it. Times that
/// are larger than max_seconds count as that.
/// Spec: RFC 9111, 5.2.1.
class CacheControl::Builder {
 public:
  Builder& no_cache() & { return set(Flag::no_cache); }
  Builder&& no_cache() && { return std::move(no_cache()); }
  Builder& no_store() & { return set(Flag::no_store); }
  Builder&& no_store() && { return std::move(no_store()); }
  /// The oldest response that will do. Fault: it is negative.
  Builder& max_age(std::chrono::seconds age) & { return set(Number::max_age, age); }
  Builder&& max_age(std::chrono::seconds age) && { return std::move(max_age(age)); }
  /// How stale a response may be; without a number, however much. Fault: it is negative.
  Builder& max_stale(std::chrono::seconds time = max_seconds) & { return set(Number::max_stale, time); }
  Builder&& max_stale(std::chrono::seconds time = max_seconds) && { return std::move(max_stale(time)); }
  /// How long a response must still be fresh. Fault: it is negative.
  Builder& min_fresh(std::chrono::seconds time) & { return set(Number::min_fresh, time); }
  Builder&& min_fresh(std::chrono::seconds time) && { return std::move(min_fresh(time)); }
  Builder& only_if_cached() & { return set(Flag::only_if_cached); }
  Builder&& only_if_cached() && { return std::move(only_if_cached()); }
  Builder& no_transform() & { return set(Flag::no_transform); }
  Builder&& no_transform() && { return std::move(no_transform()); }
  Builder& immutable() & { return set(Flag::immutable); }
  Builder&& immutable() && { return std::move(immutable()); }

  /// The Cache-Control. Errors: Errc::invalid_argument, the first fault.
  Result<CacheControl> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  CacheControl build() const { return try_build().value(); }
#endif

 private:
  Builder& set(Flag flag) noexcept;
  Builder& set(Number which, std::chrono::seconds time);

  CacheDirectives directives_;
  std::optional<Error> fault_;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/cache_control.ipp>

#endif  // OKHTTP_MESSAGE_CACHE_CONTROL_HPP
