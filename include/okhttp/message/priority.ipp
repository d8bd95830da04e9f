// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_MESSAGE_PRIORITY_IPP
#define OKHTTP_MESSAGE_PRIORITY_IPP

#include <okhttp/message/priority.hpp>
#include <okhttp/message/structured_field.hpp>

#if OKHTTP_BODIES

#include <cstdint>

OKHTTP_NAMESPACE_BEGIN

OKHTTP_DECL Priority Priority::of(const Headers& headers) {
  Priority priority;
  const Result<structured::Dictionary> parsed = structured::Dictionary::try_parse(headers, "Priority");
  if (!parsed) return priority;
  if (const auto urgency = parsed->get("u")) {
    const std::int64_t number = urgency->integer().value_or(-1);
    if (number >= 0 && number <= 7) priority.urgency = static_cast<int>(number);
  }
  if (const auto incremental = parsed->get("i"))
    priority.incremental = incremental->boolean().value_or(false);
  return priority;
}

OKHTTP_DECL std::string Priority::to_string() const {
  std::string out;
  const int clamped = urgency < 0 ? 0 : urgency > 7 ? 7 : urgency;
  if (clamped != Priority().urgency) out.append("u=").append(1, static_cast<char>('0' + clamped));
  if (incremental) out += out.empty() ? "i" : ", i";
  return out;
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_MESSAGE_PRIORITY_IPP
