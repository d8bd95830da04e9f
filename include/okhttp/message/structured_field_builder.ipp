// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_IPP
#define OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_IPP

#include <okhttp/message/structured_field_builder.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

namespace structured {

OKHTTP_DECL Builder& Builder::check(const char* fault) {
  if (fault_ == nullptr) fault_ = fault;
  return *this;
}

OKHTTP_DECL bool Builder::begin_member(const std::string_view* key) {
  if (is_open_) {
    check(key != nullptr ? "items of an inner list have no keys" : nullptr);
    if (text_.back() != '(') text_ += ' ';
  } else {
    if (text_.empty()) is_dictionary_ = key != nullptr;
    check(is_dictionary_ != (key != nullptr) ? "some members of a structured field have keys and others not" : nullptr);
    if (!text_.empty()) text_ += ", ";
    if (key != nullptr) check(Printer(text_).key(*key));
  }
  takes_parameters_ = true;
  return fault_ == nullptr;
}

OKHTTP_DECL Builder& Builder::add_member(const std::string_view* key, const Value& value, const Item* item) {
  if (!begin_member(key)) return *this;
  if (is_open_ && value.type() == Type::inner_list) return check("an inner list has no inner lists");
  Printer printer(text_);
  const bool is_key_alone = key != nullptr && value.boolean() == true;
  if (key != nullptr && !is_key_alone) text_ += '=';
  if (item == nullptr) return is_key_alone ? *this : check(printer.value(value));
  return check(is_key_alone ? printer.parameters(item->parameters()) : printer.item(*item));
}

OKHTTP_DECL Builder& Builder::open_list(const std::string_view* key) {
  if (is_open_) return check("an inner list has no inner lists");
  if (!begin_member(key)) return *this;
  text_ += key != nullptr ? "=(" : "(";
  is_open_ = true;
  takes_parameters_ = false;
  return *this;
}

OKHTTP_DECL Builder& Builder::close() & {
  if (!is_open_) return check("no inner list is open");
  text_ += ')';
  is_open_ = false;
  takes_parameters_ = true;
  return *this;
}

OKHTTP_DECL Builder& Builder::parameter(std::string_view key, const Value& value) & {
  if (!takes_parameters_) return check("a parameter of a structured field stands behind nothing");
  return check(Printer(text_).parameter(key, value));
}

OKHTTP_DECL Result<std::string> Builder::try_build() const {
  if (fault_ != nullptr) return {Errc::invalid_argument, fault_};
  if (is_open_) return {Errc::invalid_argument, "an inner list of a structured field is left open"};
  return text_;
}

}  // namespace structured
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_IPP
