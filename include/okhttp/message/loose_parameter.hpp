// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_LOOSE_PARAMETER_HPP
#define OKHTTP_MESSAGE_LOOSE_PARAMETER_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/field_scanner.hpp>

#include <string_view>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Takes `; name = value` off the front of `rest` as the fields do that have to be read as browsers read them: a value
/// without quotes reaches to the next of `ends` (which has the semicolon), whatever it has in it, a quoted one without
/// an end to the end of the text, and what stands behind a quoted one is skipped. False when no semicolon follows, or
/// nothing behind it. `take_loose_pair` begins behind the semicolon.
bool take_loose_parameter(std::string_view& rest, FieldParameter& parameter, std::string_view ends) noexcept;
void take_loose_pair(std::string_view& rest, FieldParameter& parameter, std::string_view ends) noexcept;

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/message/loose_parameter.ipp>

#endif  // OKHTTP_MESSAGE_LOOSE_PARAMETER_HPP
