// SPDX-License-Identifier: Apache-2.0
// Precompiled for every test: what costs most to read. Tests still include what they use.
#include <doctest/doctest.h>

#if defined(OKHTTP_TEST_GENERATED)
#include "okhttp.hpp"
#include "okhttp_mockwebserver.hpp"
#endif

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>
