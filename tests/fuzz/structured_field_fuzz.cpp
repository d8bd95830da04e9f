// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/structured_field.hpp>
#include <okhttp/message/structured_field_builder.hpp>
#include <okhttp/message/priority.hpp>
#include <okhttp/url/percent_encoding.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// The input is one structured field, a header a line. It is read as an item, a list and a dictionary.

namespace {

using namespace okhttp::structured;
using okhttp::Headers;
using okhttp::Result;

void require(bool condition) {
  if (!condition) std::abort();
}

/// The same value, made and not parsed.
void check_rebuilt(const Value& value) {
  const std::string text = value.to_string();
  std::string content;
  const auto same = [&](const Value& other) {
    require(other == value && value == other && other.type() == value.type());
    require(other.to_string() == text);
  };
  switch (value.type()) {
    case Type::integer: same(*value.integer()); break;
    case Type::decimal:
      same(thousandths(*value.decimal_in_thousandths()));
      same(*value.decimal());
      break;
    case Type::string: same(*value.string()); break;
    case Type::token: same(token(*value.token())); break;
    case Type::byte_sequence:
      content = *value.bytes();
      same(bytes(content));
      break;
    case Type::boolean: same(*value.boolean()); break;
    case Type::date: same(date(*value.date())); break;
    case Type::display_string:
      content = *value.display_string();
      require(okhttp::url::to_valid_utf8(content) == content);
      same(display_string(content));
      break;
    case Type::inner_list: return;
  }
  const Result<Item> again = Item::try_parse(text);
  require(again.has_value() && again->parameters().empty() && *again == value && again->to_string() == text);
}

void check_parameters(const Parameters& parameters) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : parameters) {
    for (const std::string_view other : keys) require(other != key);
    keys.push_back(key);
    require(parameters.get(key) == value);
    check_rebuilt(value);
    if (keys.size() > 40) return;  // what was checked so far is the square of the number
  }
}

void check_item(const Item& item) {
  check_rebuilt(item);
  check_parameters(item.parameters());
  if (!item.is_inner_list()) return;
  for (const Item& inner : item.items()) {
    require(!inner.is_inner_list());
    check_rebuilt(inner);
    check_parameters(inner.parameters());
  }
}

void check_canonical(const Item& item) {
  const std::string text = item.to_string();
  require(Item::try_parse(text).value().to_string() == text);
  require(Builder().add(item).try_build().value() == text);
}

void check_canonical(const List& list) {
  const std::string text = list.to_string();
  const Result<List> again = List::try_parse(text);
  require(again.has_value() && again->to_string() == text && again->size() == list.size());
  Builder builder;
  std::size_t count = 0;
  for (const Item& item : list) {
    ++count;
    builder.add(item);
  }
  require(count == list.size() && builder.try_build().value() == text);
}

void check_canonical(const Dictionary& dictionary) {
  const std::string text = dictionary.to_string();
  const Result<Dictionary> again = Dictionary::try_parse(text);
  require(again.has_value() && again->to_string() == text && again->empty() == dictionary.empty());
  Builder builder;
  std::vector<std::string_view> keys;
  for (const auto& [key, item] : dictionary) {
    if (keys.size() < 40) {
      for (const std::string_view other : keys) require(other != key);
      require(dictionary.get(key).value().to_string() == item.to_string());
    }
    keys.push_back(key);
    builder.add(key, item);
  }
  require(keys.size() <= Dictionary::max_count && builder.try_build().value() == text);
}

/// Whatever is given to a builder: a fault, or something that reads back as it was given.
void check_builder(std::string_view text) {
  const std::string_view key = text.substr(0, text.find('\n'));
  const Result<std::string> built = Builder()
                                        .add(key, text)
                                        .parameter(key, token(text))
                                        .open("b")
                                        .add(display_string(text))
                                        .add(bytes(text))
                                        .parameter(key)
                                        .close()
                                        .try_build();
  if (built) {
    const Result<Dictionary> read = Dictionary::try_parse(*built);
    require(read.has_value() && (key == "b" || read->get(key).value() == text));
  }
  const Result<std::string> pieces = Builder().add(bytes(text)).add(static_cast<double>(text.size()) / 7).try_build();
  const Result<List> read = List::try_parse(pieces.value());
  require(read.has_value() && read->size() == 2 && *read->begin() == bytes(text));
  require(std::fabs((*++read->begin()).decimal().value() - static_cast<double>(text.size()) / 7) < 0.001);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string clean;  // of what no header can have
  for (const char c : std::string_view(reinterpret_cast<const char*>(data), size))
    if (c != '\r' && c != '\0') clean += c;
  const std::string_view input = clean;
  Headers headers;
  for (std::string_view rest = input;;) {
    const std::size_t end = rest.find('\n');
    headers.append_unchecked("F", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const bool is_one_line = headers.size() == 1;

  if (const Result<Item> item = Item::try_parse(headers, "f")) {
    require(is_one_line);
    check_item(*item);
    check_canonical(*item);
    require(Item::try_parse(input).value().to_string() == item->to_string());
  }
  if (const Result<List> list = List::try_parse(headers, "f")) {
    for (const Item& item : *list) check_item(item);
    check_canonical(*list);
  }
  if (const Result<Dictionary> dictionary = Dictionary::try_parse(headers, "f")) {
    if (input.size() < 4096)
      for (const auto& [key, item] : *dictionary) check_item(item);
    check_canonical(*dictionary);
  }
  // Several headers mean what one with commas means.
  std::string joined(input);
  for (std::size_t at = joined.find('\n'); at != std::string::npos; at = joined.find('\n')) joined.replace(at, 1, ", ");
  const Result<List> whole = List::try_parse(joined);
  if (const Result<List> lines = List::try_parse(headers, "f"))
    require(whole.has_value() && whole->to_string() == lines->to_string());
  else
    require(!whole || joined.find('"') != std::string::npos);  // a string over the end of a line

  Headers priorities;
  priorities.append_unchecked("Priority", headers[0].value);
  const okhttp::Priority priority = okhttp::Priority::of(priorities);
  require(priority.urgency >= 0 && priority.urgency <= 7);
  Headers again;
  again.append_unchecked("Priority", priority.to_string());
  require(okhttp::Priority::of(again) == priority);

  check_builder(input);
  return 0;
}
