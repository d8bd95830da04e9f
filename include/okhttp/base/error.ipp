// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_BASE_ERROR_IPP
#define OKHTTP_BASE_ERROR_IPP

#include <okhttp/base/error.hpp>

#if OKHTTP_BODIES

#include <cstdio>
#include <cstdlib>
#include <utility>

OKHTTP_NAMESPACE_BEGIN

struct Error::Details {
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

OKHTTP_DECL Error::Error(Errc code, std::string message)
    : code_(code), details_(std::make_shared<const Details>(Details{std::move(message), {}, {}})) {}

OKHTTP_DECL Error::Error(Errc code, std::string message, Error cause)
    : code_(code),
      details_(
          std::make_shared<const Details>(Details{std::move(message), std::move(cause), {}})) {}

OKHTTP_DECL Error Error::from_exception(std::exception_ptr exception) {
  std::string message = "exception in user code";
  Error cause;
  Error error;
  error.code_ = Errc::user_exception;
#if OKHTTP_EXCEPTIONS
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const Exception& e) {
    // Ours, on its way through user code: it keeps code and cause; rethrown, it is the same object.
    error.code_ = e.error().code();
    message = e.error().message();
    if (const Error* behind = e.error().cause()) cause = *behind;
  } catch (const std::exception& e) {
    message += ": ";
    message += e.what();
  } catch (...) {
    message += " of a type that is no std::exception";
  }
#endif
  error.details_ = std::make_shared<const Details>(
      Details{std::move(message), std::move(cause), std::move(exception)});
  return error;
}

OKHTTP_DECL const std::string& Error::message() const& noexcept {
  static const std::string none;
  return details_ ? details_->message : none;
}

OKHTTP_DECL const Error* Error::cause() const noexcept {
  return details_ && details_->cause.details_ ? &details_->cause : nullptr;
}

OKHTTP_DECL std::exception_ptr Error::exception() const noexcept {
  return details_ ? details_->exception : std::exception_ptr{};
}

OKHTTP_DECL Error Error::with_message(std::string message) const {
  Error copy;
  copy.code_ = code_;
  copy.details_ = std::make_shared<const Details>(
      Details{std::move(message), details_ ? details_->cause : Error{}, exception()});
  return copy;
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
