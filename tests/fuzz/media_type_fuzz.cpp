// SPDX-License-Identifier: Apache-2.0
#include <okhttp/message/media_type.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using okhttp::FieldText;
using okhttp::MediaType;
using okhttp::MediaTypeView;
using okhttp::Result;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::optional<MediaTypeView> view = MediaTypeView::parse(input);
  const Result<MediaType> parsed = MediaType::try_parse(input);
  require(view.has_value() == parsed.has_value());
  if (!parsed) {
    require(parsed.error() == okhttp::Errc::invalid_argument && parsed.error().message().size() < 200);
    return 0;
  }
  require(parsed->to_string() == input && view->text() == input);
  require(okhttp::ascii::is_token(parsed->type()) && okhttp::ascii::is_token(parsed->subtype()));
  require(parsed->type() == okhttp::ascii::lowered(view->type()));
  require(parsed->subtype() == okhttp::ascii::lowered(view->subtype()));
  require(view->is(parsed->essence()));

  const std::vector<std::pair<std::string, std::string>> parameters = parsed->parameters();
  std::size_t i = 0;
  view->for_each_parameter([&](std::string_view name, FieldText value) {
    require(i < parameters.size() && parameters[i].first == name && value.equals(parameters[i].second));
    require(value.iequals(okhttp::ascii::lowered(parameters[i].second)));
    std::string room(parameters[i].second.size(), '\0');
    require(value.resolved(room) == parameters[i].second);
    ++i;
  });
  require(i == parameters.size());

  // Written anew it says the same.
  std::string written(parsed->essence());
  for (const auto& [name, value] : parameters) {
    require(okhttp::ascii::is_token(name));
    for (const char c : value) require(okhttp::ascii::has_class(c, okhttp::ascii::value_char));
    require(parsed->parameter(okhttp::ascii::lowered(name)).has_value());
    written.append("; ").append(name).append("=");
    okhttp::append_quoted(written, value);
  }
  const Result<MediaType> again = MediaType::try_parse(written);
  require(again.has_value() && again->essence() == parsed->essence() && again->parameters() == parameters);
  require(again->charset() == parsed->charset());
  require(again->charset(okhttp::Charset::utf_32be) == parsed->charset(okhttp::Charset::utf_32be));
  return 0;
}
