// SPDX-License-Identifier: Apache-2.0
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"

okhttp::Errc code_of(const okhttp::Error& error);
const std::error_category* category_seen_by_two();

int main() {
  const okhttp::Error error(okhttp::Errc::misuse, "asked for something else");
  return error == code_of(error) && category_seen_by_two() == &okhttp::error_category() ? 0 : 1;
}
