// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_LINK_HPP
#define OKHTTP_MESSAGE_LINK_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/field_lines.hpp>
#include <okhttp/message/field_scanner.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/url/http_url.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

/// One link of a `Link` header: `</page/3>; rel="next"; title="page three"`.
///
/// Lifetime: a view of the headers. Allocates only what it gives.
/// Spec: RFC 8288, 3. Of parameters with the same name the first counts.
class Link {
 public:
  class Builder;

  /// As sent, between the angle brackets.
  std::string_view target() const noexcept { return target_; }
  /// The target as a URL; nothing when it is none for http or https. `base` is what the response came from:
  /// `response.request().url()`.
  std::optional<HttpUrl> resolve(const HttpUrl& base) const { return base.resolve(target_); }

  /// True when one of the relation types in `rel` is this one, whatever its case. Allocates nothing.
  bool has_rel(std::string_view type) const noexcept;
  /// All relation types, separated by blanks as sent: "prev first".
  std::optional<std::string> rel() const { return parameter("rel"); }
  /// For people, as UTF-8: `title*` if it can be decoded, else `title` (what is no UTF-8 as windows-1252).
  std::optional<std::string> title() const;
  /// The context of the link if it is not what was fetched: another URL, or a part ("#top").
  std::optional<std::string> anchor() const { return parameter("anchor"); }
  /// The media type that the target is said to have.
  std::optional<std::string> type() const { return parameter("type"); }
  /// Its (first) language.
  std::optional<std::string> hreflang() const { return parameter("hreflang"); }
  std::optional<std::string> media() const { return parameter("media"); }

  /// The first parameter of this name, whatever its case; "" for one without a value.
  std::optional<std::string> parameter(std::string_view name) const;
  bool has_parameter(std::string_view name) const noexcept { return find(name).has_value(); }
  /// The same, not resolved yet.
  std::optional<FieldText> find(std::string_view name) const noexcept;

 private:
  friend class Links;
  std::string_view target_;
  std::string_view parameters_;  // from the first semicolon on
};

/// The links of a message, walked over in place:
/// `for (const Link& link : Links(response.headers()))`.
///
/// Never fails: a link that is malformed is skipped up to the next comma.
/// Lifetime: views the Headers, or the text.
class Links {
 public:
  struct End {};
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Link;
    using difference_type = std::ptrdiff_t;
    using reference = const Link&;
    using pointer = const Link*;

    explicit const_iterator(const detail::FieldLines& lines) noexcept : lines_(lines) { advance(); }
    const Link& operator*() const noexcept { return current_; }
    const Link* operator->() const noexcept { return &current_; }
    const_iterator& operator++() noexcept { return advance(), *this; }
    void operator++(int) noexcept { advance(); }
    friend bool operator==(const const_iterator& it, End) noexcept { return it.is_end_; }

   private:
    void advance() noexcept;
    detail::FieldLines lines_;
    std::size_t at_ = 0;
    std::string_view rest_;
    Link current_;
    bool is_end_ = false;
  };

  /// Those of all `Link` headers.
  explicit Links(const Headers& headers) noexcept : lines_(headers, "Link") {}
  explicit Links(Headers&& headers) = delete;
  /// Those of one value.
  explicit Links(std::string_view text) noexcept : lines_(text) {}

  /// The first link from what was fetched (one without `anchor`) with this relation type: `find("next")`.
  std::optional<Link> find(std::string_view rel) const noexcept;

  const_iterator begin() const noexcept { return const_iterator(lines_); }
  End end() const noexcept { return {}; }

 private:
  detail::FieldLines lines_;
};

/// Makes the value of a Link header with one link. Keeps the first fault.
class Link::Builder {
 public:
  /// A URL or a relative reference, of visible ASCII without `<` and `>`.
  explicit Builder(std::string_view target);
  explicit Builder(const HttpUrl& target) : Builder(std::string_view(target.to_string())) {}

  /// One or several relation types, separated by blanks.
  Builder& rel(std::string_view types) & { return parameter("rel", types); }
  Builder&& rel(std::string_view types) && { return std::move(rel(types)); }
  /// UTF-8: sent as `title*` when it is not ASCII.
  Builder& title(std::string_view title) &;
  Builder&& title(std::string_view text) && { return std::move(title(text)); }
  Builder& anchor(std::string_view url) & { return parameter("anchor", url); }
  Builder&& anchor(std::string_view url) && { return std::move(anchor(url)); }
  Builder& type(std::string_view media_type) & { return parameter("type", media_type); }
  Builder&& type(std::string_view media_type) && { return std::move(type(media_type)); }
  Builder& hreflang(std::string_view language) & { return parameter("hreflang", language); }
  Builder&& hreflang(std::string_view language) && { return std::move(hreflang(language)); }
  /// Any parameter: a token, and a value of visible ASCII and blanks.
  Builder& parameter(std::string_view name, std::string_view value) &;
  Builder&& parameter(std::string_view name, std::string_view value) && {
    return std::move(parameter(name, value));
  }

  /// The value. Errors: Errc::invalid_argument, the first fault.
  Result<std::string> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  std::string build() const { return try_build().value(); }
#endif

 private:
  std::string text_;
  const char* fault_ = nullptr;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/link.ipp>

#endif  // OKHTTP_MESSAGE_LINK_HPP
