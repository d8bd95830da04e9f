// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_PRIORITY_HPP
#define OKHTTP_MESSAGE_PRIORITY_HPP

#include <okhttp/config.hpp>
#include <okhttp/message/headers.hpp>

#include <string>

OKHTTP_NAMESPACE_BEGIN

/// How soon a response is wanted: the header `Priority`, which requests and responses may have.
/// Spec: RFC 9218, 4.
struct Priority {
  /// 0 (first) to 7 (last).
  int urgency = 3;
  /// The response is of use while it arrives, so that it may share the connection with others as urgent.
  bool incremental = false;

  /// What the headers ask for; the defaults for what they do not say or say wrongly.
  static Priority of(const Headers& headers);
  /// The value of the header: `u=1, i`; empty for the defaults, when it is better not sent. An urgency outside 0 to 7
  /// counts as the nearest.
  std::string to_string() const;

  friend bool operator==(const Priority&, const Priority&) = default;
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/priority.ipp>

#endif  // OKHTTP_MESSAGE_PRIORITY_HPP
