// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_LOOSE_PARAMETER_IPP
#define OKHTTP_MESSAGE_LOOSE_PARAMETER_IPP

#include <okhttp/message/loose_parameter.hpp>
#include <okhttp/base/ascii.hpp>

#if OKHTTP_BODIES

#include <algorithm>
#include <cstddef>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

OKHTTP_DECL void skip_loose_blanks(std::string_view& rest) noexcept {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

OKHTTP_DECL bool take_loose_parameter(std::string_view& rest,
                                      FieldParameter& parameter,
                                      std::string_view ends) noexcept {
  bool has_semicolon = false;
  for (skip_loose_blanks(rest); !rest.empty() && rest.front() == ';'; skip_loose_blanks(rest)) {
    has_semicolon = true;
    rest.remove_prefix(1);
  }
  if (!has_semicolon || rest.empty() || ends.find(rest.front()) != std::string_view::npos) return false;
  take_loose_pair(rest, parameter, ends);
  return true;
}

OKHTTP_DECL void take_loose_pair(std::string_view& rest,
                                 FieldParameter& parameter,
                                 std::string_view ends) noexcept {
  const auto take_to_end = [&] {
    const std::size_t size = std::min(rest.find_first_of(ends), rest.size());
    const std::string_view taken = ascii::trim(rest.substr(0, size));
    rest.remove_prefix(size);
    return taken;
  };
  parameter = {};
  std::size_t size = 0;
  while (size < rest.size() && rest[size] != '=' && ends.find(rest[size]) == std::string_view::npos) ++size;
  parameter.name = ascii::trim(rest.substr(0, size));
  rest.remove_prefix(size);
  if (rest.empty() || rest.front() != '=') return;
  rest.remove_prefix(1);
  parameter.has_value = true;
  skip_loose_blanks(rest);
  if (rest.empty() || rest.front() != '"') {
    parameter.value = FieldText(take_to_end(), false);
    return;
  }
  rest.remove_prefix(1);
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' && end + 1 < rest.size() ? 2 : 1;
  parameter.value = FieldText(rest.substr(0, end), true);
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  take_to_end();
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_LOOSE_PARAMETER_IPP
