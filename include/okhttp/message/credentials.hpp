// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CREDENTIALS_HPP
#define OKHTTP_MESSAGE_CREDENTIALS_HPP

#include <okhttp/base/base64.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/config.hpp>

#include <string>
#include <string_view>

OKHTTP_NAMESPACE_BEGIN

/// Makes values for the headers Authorization and Proxy-Authorization.
class Credentials {
 public:
  /// The Basic scheme: `"Basic " + base64(user ":" password)`. The bytes are used as given, so text
  /// in UTF-8 is sent as RFC 7617 section 2.1 recommends.
  /// Errors: Errc::invalid_argument for a colon in `user`, which would end it, and for control
  /// characters in either (RFC 7617, 2). The text of the error shows neither.
  static std::string basic(std::string_view user, std::string_view password) {
    return try_basic(user, password).value();
  }
  static Result<std::string> try_basic(std::string_view user, std::string_view password);
};

OKHTTP_NAMESPACE_END

#include <okhttp/message/credentials.ipp>

#endif  // OKHTTP_MESSAGE_CREDENTIALS_HPP
