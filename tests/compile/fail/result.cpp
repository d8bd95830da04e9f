// SPDX-License-Identifier: Apache-2.0
#include <okhttp/base/result.hpp>

okhttp::Result<int> number();

#if CASE == 1  // expect: nodiscard
void drop_a_result() {
  number();
}
#endif
#if CASE == 2  // expect: cannot convert | no viable conversion
bool take_for_a_bool() {
  bool ok = number();
  return ok;
}
#endif
