// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_EXCHANGE_OBSERVER_HPP
#define OKHTTP_CONNECTION_EXCHANGE_OBSERVER_HPP

#include <okhttp/base/error.hpp>

#include <cstdint>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Is told how far an exchange has come, by the connection that carries it. Outlives the exchange.
class ExchangeObserver {
 public:
  /// The request's head was handed to the system.
  virtual void request_headers_end() noexcept = 0;
  virtual void request_body_start() noexcept = 0;
  /// All of the body was handed to the system: its bytes, without the coding around them.
  virtual void request_body_end(std::uint64_t bytes) noexcept = 0;
  /// The request cannot be sent to its end. The connection still looks for an answer.
  virtual void request_failed(const Error& error) noexcept = 0;
  /// A response head is complete, the final one or one before it.
  virtual void response_headers_start() noexcept = 0;

 protected:
  ~ExchangeObserver() = default;
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_CONNECTION_EXCHANGE_OBSERVER_HPP
