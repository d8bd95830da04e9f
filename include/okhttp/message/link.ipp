// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_LINK_IPP
#define OKHTTP_MESSAGE_LINK_IPP

#include <okhttp/message/link.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/message/extended_value.hpp>
#include <okhttp/message/loose_parameter.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace detail::link {

inline constexpr std::string_view ends = ";,";

OKHTTP_DECL bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace detail::link

OKHTTP_DECL std::optional<FieldText> Link::find(std::string_view name) const noexcept {
  std::string_view rest = parameters_;
  FieldParameter parameter;
  while (detail::take_loose_parameter(rest, parameter, detail::link::ends))
    if (ascii::iequals(parameter.name, name)) return parameter.value;
  return std::nullopt;
}

OKHTTP_DECL std::optional<std::string> Link::parameter(std::string_view name) const {
  const std::optional<FieldText> value = find(name);
  if (!value) return std::nullopt;
  return value->to_string();
}

OKHTTP_DECL bool Link::has_rel(std::string_view type) const noexcept {
  const std::optional<FieldText> value = find("rel");
  if (!value || type.empty()) return false;
  // Compared while it is resolved, since even a blank may have a backslash.
  const std::string_view raw = value->raw();
  std::size_t matched = 0;  // characters of this relation type; more than it has: no match
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (value->is_quoted() && raw[i] == '\\' && i + 1 < raw.size()) ++i;
    if (detail::link::is_blank(raw[i])) {
      if (matched == type.size()) return true;
      matched = 0;
    } else if (matched < type.size() && ascii::to_lower(raw[i]) == ascii::to_lower(type[matched])) {
      ++matched;
    } else {
      matched = type.size() + 1;
    }
  }
  return matched == type.size();
}

OKHTTP_DECL std::optional<std::string> Link::title() const {
  if (const std::optional<std::string> extended = parameter("title*"))
    if (std::optional<std::string> decoded = decode_extended_value(*extended)) return decoded;
  std::optional<std::string> plain = parameter("title");
  if (!plain) return std::nullopt;
  return detail::extended::as_utf8(*std::move(plain));
}

OKHTTP_DECL void Links::const_iterator::advance() noexcept {
  const auto skip_separators = [this] {
    while (!rest_.empty() && (detail::link::is_blank(rest_.front()) || rest_.front() == ',')) rest_.remove_prefix(1);
  };
  for (;;) {
    skip_separators();
    if (rest_.empty()) {
      if (!lines_.next(at_, rest_)) {
        is_end_ = true;
        return;
      }
      continue;
    }
    if (rest_.front() == '<') {
      const std::size_t end = rest_.find('>');
      if (end == std::string_view::npos) {
        rest_ = {};
        continue;
      }
      current_.target_ = ascii::trim(rest_.substr(1, end - 1));
      rest_.remove_prefix(end + 1);
      const std::string_view from = rest_;
      FieldParameter ignored;
      while (detail::take_loose_parameter(rest_, ignored, detail::link::ends)) {
      }
      current_.parameters_ = from.substr(0, from.size() - rest_.size());
      if (rest_.empty() || rest_.front() == ',') return;
    }
    const std::size_t comma = rest_.find(',');
    rest_.remove_prefix(comma == std::string_view::npos ? rest_.size() : comma);
  }
}

OKHTTP_DECL std::optional<Link> Links::find(std::string_view rel) const noexcept {
  for (const Link& link : *this)
    if (link.has_rel(rel) && !link.has_parameter("anchor")) return link;
  return std::nullopt;
}

OKHTTP_DECL Link::Builder::Builder(std::string_view target) {
  for (const char c : target)
    if (c <= ' ' || c >= 0x7F || c == '<' || c == '>') fault_ = "the target of a link has to be a URL in ASCII";
  text_.append("<").append(target).append(">");
}

OKHTTP_DECL Link::Builder& Link::Builder::title(std::string_view title) & {
  for (const char c : title) {
    if (static_cast<unsigned char>(c) < 0x80) continue;
    text_.append("; title*=").append(encode_extended_value(title));
    return *this;
  }
  return parameter("title", title);
}

OKHTTP_DECL Link::Builder& Link::Builder::parameter(std::string_view name, std::string_view value) & {
  if (!ascii::is_token(name)) fault_ = "the name of a parameter has to be a token";
  for (const char c : value)
    if (c < 0x20 || c >= 0x7F) fault_ = "the value of a parameter has to be visible ASCII";
  // In quotes always: some who read links know no other form.
  text_.append("; ").append(name).append("=");
  append_quoted(text_, value);
  return *this;
}

OKHTTP_DECL Result<std::string> Link::Builder::try_build() const {
  if (fault_ != nullptr) return {Errc::invalid_argument, fault_};
  return text_;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_LINK_IPP
