// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_OWN_JSON_HPP
#define OKHTTP_TESTS_SUPPORT_OWN_JSON_HPP

#include <okhttp/message/json_adapter.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

#include "support/json.hpp"

// What adapters for another JSON library look like: one for a single type, one for a family of types.

namespace okhttp_tests {

struct Point {
  static constexpr bool has_own_json = true;
  int x = 0;
  int y = 0;
  std::string to_json() const { return "[" + std::to_string(x) + "," + std::to_string(y) + "]"; }
  static Point from_json(const json::Value& value) {
    if (value.array().size() != 2) throw std::runtime_error("a point has two coordinates");
    return {static_cast<int>(value.array()[0].integer()), static_cast<int>(value.array()[1].integer())};
  }
  friend bool operator==(const Point&, const Point&) = default;
};

struct OnlyWritten {};

template <class T>
concept OwnJson = T::has_own_json;

}  // namespace okhttp_tests

template <>
struct okhttp::JsonAdapter<okhttp_tests::OnlyWritten> {
  static std::string write(const okhttp_tests::OnlyWritten&) { return "null"; }
};

template <class T>
  requires okhttp_tests::OwnJson<T>
struct okhttp::JsonAdapter<T> {
  static std::string write(const T& value) { return value.to_json(); }
  static okhttp::Result<T> read(std::string_view text) {
    try {
      return T::from_json(json::parse(text));
    } catch (const std::runtime_error&) {
      return okhttp::Error(okhttp::Errc::malformed_body, "no value of this type");
    }
  }
};

#endif  // OKHTTP_TESTS_SUPPORT_OWN_JSON_HPP
