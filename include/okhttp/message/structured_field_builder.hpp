// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_HPP
#define OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>
#include <okhttp/message/structured_item.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

namespace structured {

/// Writes a structured field, member by member:
/// `Builder().add(token("gzip")).parameter("q", 0.5).add("x").build()` is `gzip;q=0.5, "x"`, and
/// `Builder().add("u", 1).add("i", true).build()` the dictionary `u=1, i`. An item is a list with one member.
///
/// Keeps the first fault: `build` throws it, `try_build` returns it. Values are written at once, so that views need to
/// last no longer than the call.
/// Spec: RFC 9651, 4.1.
class Builder {
 public:
  /// Adds a member to the list, or an item to the inner list that is open.
  Builder& add(const Value& value) & { return add_member(nullptr, value, nullptr); }
  Builder&& add(const Value& value) && { return std::move(add(value)); }
  /// The same with the parameters of a parsed one; adds all of a parsed inner list.
  Builder& add(const Item& item) & { return add_member(nullptr, item, &item); }
  Builder&& add(const Item& item) && { return std::move(add(item)); }

  /// Adds a member to the dictionary. Of a key that is there already receivers see the later value only.
  Builder& add(std::string_view key, const Value& value) & { return add_member(&key, value, nullptr); }
  Builder&& add(std::string_view key, const Value& value) && { return std::move(add(key, value)); }
  Builder& add(std::string_view key, const Item& item) & { return add_member(&key, item, &item); }
  Builder&& add(std::string_view key, const Item& item) && { return std::move(add(key, item)); }

  /// Opens an inner list as the next member; `add` then fills it until `close`.
  Builder& open() & { return open_list(nullptr); }
  Builder&& open() && { return std::move(open()); }
  Builder& open(std::string_view key) & { return open_list(&key); }
  Builder&& open(std::string_view key) && { return std::move(open(key)); }
  Builder& close() &;
  Builder&& close() && { return std::move(close()); }

  /// Adds a parameter to what was added (or closed) last.
  Builder& parameter(std::string_view key, const Value& value = true) &;
  Builder&& parameter(std::string_view key, const Value& value = true) && {
    return std::move(parameter(key, value));
  }

  /// The value of the header; empty when nothing was added, and such a header is not to be sent.
  /// Errors: Errc::invalid_argument, the first fault: a key or a text that cannot be written, a number that is too
  /// large (15 digits, for a Decimal 12 in front of the point), keys for some members only, an inner list left open.
  Result<std::string> try_build() const;
#if OKHTTP_EXCEPTIONS
  /// As try_build, but throws.
  std::string build() const { return try_build().value(); }
#endif

 private:
  Builder& add_member(const std::string_view* key, const Value& value, const Item* item);
  Builder& open_list(const std::string_view* key);
  bool begin_member(const std::string_view* key);
  Builder& check(const char* fault);

  std::string text_;
  const char* fault_ = nullptr;
  bool is_dictionary_ = false;
  bool is_open_ = false;
  bool takes_parameters_ = false;
};

}  // namespace structured
OKHTTP_NAMESPACE_END

#include <okhttp/message/structured_field_builder.ipp>

#endif  // OKHTTP_MESSAGE_STRUCTURED_FIELD_BUILDER_HPP
