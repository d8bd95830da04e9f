// SPDX-License-Identifier: Apache-2.0
#include "okhttp.hpp"

// The parameter matters: its type is part of the function's name for the linker, a result's is not.
okhttp::Errc code_of(const okhttp::Error& error);
const std::error_category* category_seen_by_two();

okhttp::Errc code_of(const okhttp::Error& error) { return error.code(); }
const std::error_category* category_seen_by_two() { return &okhttp::error_category(); }
