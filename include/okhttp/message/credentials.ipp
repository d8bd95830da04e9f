// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_CREDENTIALS_IPP
#define OKHTTP_MESSAGE_CREDENTIALS_IPP

#include <okhttp/message/credentials.hpp>

#if OKHTTP_BODIES

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Result<std::string> Credentials::try_basic(std::string_view user,
                                                       std::string_view password) {
  const auto has_control = [](std::string_view text) {
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
    return false;
  };
  if (user.find(':') != std::string_view::npos)
    return Error(Errc::invalid_argument, "a user name for Basic credentials cannot have a colon");
  if (has_control(user) || has_control(password))
    return Error(Errc::invalid_argument, "Basic credentials cannot have control characters");
  std::string pair;
  pair.reserve(user.size() + password.size() + 1);
  pair.append(user).append(1, ':').append(password);
  return "Basic " + base64::encode(std::string_view(pair));
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_CREDENTIALS_IPP
