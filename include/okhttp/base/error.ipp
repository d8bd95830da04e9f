// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ERROR_IPP
#define OKHTTP_BASE_ERROR_IPP

#include <okhttp/base/error.hpp>

#if OKHTTP_BODIES

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

struct Error::Details : Shared {
  explicit Details(Errc error_code, std::string text = {}) : Shared{error_code, 1}, message(std::move(text)) {}

  static Details* copy(const Shared* original) {
    if (original == nullptr) return new Details(Errc{});
    const auto& details = static_cast<const Details&>(*original);
    auto* const copied = new Details(details.code, details.message);
    copied->cause = details.cause;
    copied->exception = details.exception;
    return copied;
  }

  /// Puts the parts of a text together.
  void append(unsigned kinds, std::va_list parts) {
    for (; kinds > 1; kinds >>= 2) {
      switch (static_cast<Kind>(kinds & 3)) {
        case Kind::c_string: message += static_cast<const char*>(va_arg(parts, const void*)); break;
        case Kind::string: message += *static_cast<const std::string*>(va_arg(parts, const void*)); break;
        case Kind::view: message += *static_cast<const std::string_view*>(va_arg(parts, const void*)); break;
        case Kind::number: message += std::to_string(va_arg(parts, unsigned long long)); break;
      }
    }
  }

  std::string message;
  Error cause;
  std::exception_ptr exception;
};

OKHTTP_DECL const std::error_category& error_category() noexcept {
  struct Category final : std::error_category {
    const char* name() const noexcept override { return "okhttp"; }
    std::string message(int value) const override {
      switch (static_cast<Errc>(value)) {
        case Errc::bad_url: return "bad URL";
        case Errc::invalid_argument: return "invalid argument";
        case Errc::misuse: return "API misuse";
        case Errc::dns: return "name resolution failed";
        case Errc::connect_refused: return "connection refused";
        case Errc::connect_failed: return "connection failed";
        case Errc::connect_timeout: return "connect timeout";
        case Errc::read_timeout: return "read timeout";
        case Errc::write_timeout: return "write timeout";
        case Errc::call_timeout: return "call timeout";
        case Errc::canceled: return "canceled";
        case Errc::proxy_authentication: return "the proxy wants other credentials";
        case Errc::tls: return "TLS handshake failed";
        case Errc::certificate: return "certificate not trusted";
        case Errc::host_name: return "certificate is for another host";
        case Errc::pin: return "certificate pin mismatch";
        case Errc::protocol_error: return "protocol error";
        case Errc::unexpected_end: return "unexpected end of stream";
        case Errc::io: return "connection broken";
        case Errc::too_many_follow_ups: return "too many follow-ups";
        case Errc::stream_reset: return "stream reset";
        case Errc::body_length: return "body length mismatch";
        case Errc::content_coding: return "bad content coding";
        case Errc::file: return "file error";
        case Errc::cache: return "cache error";
        case Errc::rejected: return "rejected";
        case Errc::malformed_body: return "malformed body";
        case Errc::user_exception: return "exception in user code";
      }
      return "unknown error";
    }
  };
  static const Category category;
  return category;
}

OKHTTP_DECL std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

OKHTTP_DECL Error::Error(Errc code, std::string message) : details_(new Details(code, std::move(message))) {}

OKHTTP_DECL Error::Error(Errc code, std::string message, Error cause)
    : Error(Error(code, std::move(message)).with_cause(std::move(cause))) {}

OKHTTP_DECL const Error::Shared* Error::compose(Errc code, unsigned kinds, ...) {
  auto* const details = new Details(code);
  std::va_list parts;
  va_start(parts, kinds);
  details->append(kinds, parts);
  va_end(parts);
  return details;
}

OKHTTP_DECL void Error::assign(Errc code, unsigned kinds, ...) {
  auto* const details = new Details(code);
  details_ = details;
  std::va_list parts;
  va_start(parts, kinds);
  details->append(kinds, parts);
  va_end(parts);
}

OKHTTP_DECL const Error::Shared* Error::extend(const Shared* original, unsigned kinds, ...) {
  auto* const details = Details::copy(original);
  std::va_list parts;
  va_start(parts, kinds);
  details->append(kinds, parts);
  va_end(parts);
  return details;
}

OKHTTP_DECL const Error::Shared* Error::share(const Shared* details) noexcept {
#if OKHTTP_THREADS
  // Who copies an owner needs no order: the owner keeps it alive.
  if (details != nullptr) const_cast<Shared*>(details)->owners.fetch_add(1, std::memory_order_relaxed);
#else
  if (details != nullptr) ++const_cast<Shared*>(details)->owners;
#endif
  return details;
}

OKHTTP_DECL void Error::release(const Shared* details) noexcept {
#if OKHTTP_THREADS
  // The last owner must see what the others have read done before it destroys.
  if (const_cast<Shared*>(details)->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
#else
  if (--const_cast<Shared*>(details)->owners != 0) return;
#endif
  delete static_cast<const Details*>(details);
}

OKHTTP_DECL Error Error::from_exception(std::exception_ptr exception) {
  std::string message = "exception in user code";
  Errc code = Errc::user_exception;
  Error cause;
#if OKHTTP_EXCEPTIONS
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const Exception& e) {
    // Ours, on its way through user code: it keeps code and cause; rethrown, it is the same object.
    code = e.error().code();
    message = e.error().message();
    if (const Error* behind = e.error().cause()) cause = *behind;
  } catch (const std::exception& e) {
    message += ": ";
    message += e.what();
  } catch (...) {
    message += " of a type that is no std::exception";
  }
#endif
  auto* const details = new Details(code, std::move(message));
  details->cause = std::move(cause);
  details->exception = std::move(exception);
  return Error(details);
}

OKHTTP_DECL const std::string& Error::message() const& noexcept {
  static const std::string none;
  return details_ != nullptr ? static_cast<const Details*>(details_)->message : none;
}

OKHTTP_DECL const Error* Error::cause() const noexcept {
  if (details_ == nullptr) return nullptr;
  const Error& cause = static_cast<const Details*>(details_)->cause;
  return cause.details_ != nullptr ? &cause : nullptr;
}

OKHTTP_DECL std::exception_ptr Error::exception() const noexcept {
  return details_ != nullptr ? static_cast<const Details*>(details_)->exception : std::exception_ptr{};
}

OKHTTP_DECL Error Error::with_message(std::string message) const {
  auto* const details = Details::copy(details_);
  details->message = std::move(message);
  return Error(details);
}

OKHTTP_DECL Error Error::with_cause(Error cause) const {
  auto* const details = Details::copy(details_);
  details->cause = std::move(cause);
  return Error(details);
}

OKHTTP_DECL void detail::throw_error(const Error& error) {
#if OKHTTP_EXCEPTIONS
  if (std::exception_ptr thrown = error.exception()) std::rethrow_exception(std::move(thrown));
  throw Exception(error);
#else
  std::fprintf(stderr, "okhttp: %s\n", error.message().c_str());
  std::abort();
#endif
}

OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES
#endif  // OKHTTP_BASE_ERROR_IPP
