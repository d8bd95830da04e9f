// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_JSON_ADAPTER_HPP
#define OKHTTP_MESSAGE_JSON_ADAPTER_HPP

#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// How values of the type T are written as JSON and read from it. The library knows no JSON itself: the header
/// okhttp_json.hpp (okhttp/json.hpp) has this for all types that nlohmann/json converts, and a specialisation does
/// it for any other library, for one type or, with a constraint, for many:
///
///     template <class T>
///       requires my::Convertible<T>
///     struct okhttp::JsonAdapter<T> {
///       static std::string write(const T& value);              // UTF-8
///       static okhttp::Result<T> read(std::string_view text);  // Errc::malformed_body
///     };
///
/// The text of the error has nothing of the content. What `write` throws, RequestBody::json throws.
/// It has to be visible before json() is used with such a type. An adapter that only writes, or only reads, may
/// leave out the other function. Both may be called by several threads at once.
template <class T>
struct JsonAdapter;

namespace detail {

template <class T>
concept HasJsonAdapter = requires { sizeof(JsonAdapter<T>); };

template <class T>
std::string write_json(const T& value) {
  static_assert(HasJsonAdapter<T>,
                "okhttp: no JSON library for this type: include okhttp_json.hpp (for what nlohmann/json converts), "
                "or specialise okhttp::JsonAdapter");
  if constexpr (HasJsonAdapter<T>)
    return JsonAdapter<T>::write(value);
  else
    return {};
}

template <class T>
Result<T> read_json(std::string_view text) {
  static_assert(HasJsonAdapter<T>,
                "okhttp: no JSON library for this type: include okhttp_json.hpp (for what nlohmann/json converts), "
                "or specialise okhttp::JsonAdapter");
  if constexpr (HasJsonAdapter<T>)
    return JsonAdapter<T>::read(text);
  else
    return Error();
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_MESSAGE_JSON_ADAPTER_HPP
