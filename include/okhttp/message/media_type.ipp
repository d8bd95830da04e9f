// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_MEDIA_TYPE_IPP
#define OKHTTP_MESSAGE_MEDIA_TYPE_IPP

#include <okhttp/message/media_type.hpp>

#if OKHTTP_BODIES

#  include <algorithm>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL bool MediaTypeView::take_parameter(FieldScanner& scanner, FieldParameter& parameter) noexcept {
  if (scanner.take_parameter(parameter, FieldScanner::Rules::strict) != FieldScanner::Found::parameter) return false;
  const std::string_view raw = parameter.value.raw();
  if (!parameter.value.is_quoted() && raw.size() > 2 && raw.front() == '\'' && raw.back() == '\'')
    parameter.value = FieldText(raw.substr(1, raw.size() - 2), false);
  return true;
}

OKHTTP_DECL MediaTypeView::Fault MediaTypeView::read(std::string_view text) noexcept {
  FieldScanner scanner(text);
  text_ = text;
  slash_ = scanner.take_token().size();
  if (slash_ == 0 || !scanner.take('/') || scanner.take_token().empty()) return Fault::essence;
  essence_size_ = text.size() - scanner.rest().size();
  FieldParameter parameter;
  while (take_parameter(scanner, parameter)) {
  }
  return scanner.at_end() ? Fault::none : Fault::parameter;
}

OKHTTP_DECL std::optional<MediaTypeView> MediaTypeView::parse(std::string_view text) noexcept {
  MediaTypeView parsed;
  if (parsed.read(text) != Fault::none) return std::nullopt;
  return parsed;
}

OKHTTP_DECL std::optional<FieldText> MediaTypeView::parameter(std::string_view name) const noexcept {
  FieldScanner scanner(text_.substr(essence_size_));
  FieldParameter parameter;
  while (take_parameter(scanner, parameter))
    if (ascii::iequals(parameter.name, name)) return parameter.value;
  return std::nullopt;
}

OKHTTP_DECL std::optional<Charset> MediaTypeView::charset() const noexcept {
  const std::optional<FieldText> label = parameter("charset");
  if (!label) return std::nullopt;
  char room[64];  // more than the longest label that is known
  const std::optional<std::string_view> resolved = label->resolved(room);
  return resolved ? charset_for_label(*resolved) : std::nullopt;
}

OKHTTP_DECL Result<MediaType> MediaType::try_parse(std::string_view text) {
  MediaTypeView view;
  const MediaTypeView::Fault fault = view.read(text);
  if (fault != MediaTypeView::Fault::none) {
    constexpr std::size_t max_shown = 60;
    std::string message = fault == MediaTypeView::Fault::parameter ? "a parameter of a media type is malformed: '"
                                                                   : "no media type: '";
    for (const char c : text.substr(0, max_shown)) message += c >= 0x20 && c < 0x7F ? c : '?';
    message += text.size() > max_shown ? "...'" : "'";
    return {Errc::invalid_argument, std::move(message)};
  }
  MediaType parsed;
  parsed.text_ = text;
  parsed.slash_ = view.slash_;
  parsed.essence_size_ = view.essence_size_;
  const std::string_view essence = view.essence();
  if (std::none_of(essence.begin(), essence.end(), ascii::is_upper)) return parsed;
  if (essence.size() > parsed.short_lowered_.size()) {
    parsed.form_ = Form::long_lowered;
    parsed.long_lowered_ = ascii::lowered(essence);
  } else {
    parsed.form_ = Form::short_lowered;
    std::transform(essence.begin(), essence.end(), parsed.short_lowered_.begin(), ascii::to_lower);
  }
  return parsed;
}

OKHTTP_DECL MediaTypeView MediaType::view() const& noexcept {
  MediaTypeView view;
  view.text_ = text_;
  view.slash_ = slash_;
  view.essence_size_ = essence_size_;
  return view;
}

OKHTTP_DECL std::optional<std::string> MediaType::parameter(std::string_view name) const {
  const std::optional<FieldText> found = view().parameter(name);
  if (!found) return std::nullopt;
  return found->to_string();
}

OKHTTP_DECL std::vector<std::pair<std::string, std::string>> MediaType::parameters() const {
  std::vector<std::pair<std::string, std::string>> found;
  view().for_each_parameter(
      [&](std::string_view name, FieldText value) { found.emplace_back(std::string(name), value.to_string()); });
  return found;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_MEDIA_TYPE_IPP
