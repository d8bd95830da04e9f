// SPDX-License-Identifier: Apache-2.0
// Exists so that the precompiled header has an owner; the test executables share it.
#include "support/precompiled.hpp"
