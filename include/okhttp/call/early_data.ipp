// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CALL_EARLY_DATA_IPP
#define OKHTTP_CALL_EARLY_DATA_IPP

#include <okhttp/call/early_data.hpp>
#include <okhttp/call/open_connection.hpp>
#include <okhttp/codec/http1/head_writer.hpp>

#if OKHTTP_BODIES && OKHTTP_TLS

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// Whether a request may be sent so that others can send it again.
OKHTTP_DECL bool may_go_early(const CallState& call, const Request& request) {
  const ClientConfig& config = *call.config;
  if (call.early_data_sent || config.tls == nullptr || !config.tls->early_data || !request.url().is_https())
    return false;
  // These see it only once there is a connection.
  if (config.start_network_chain != nullptr) return false;
  const std::string_view method = request.method();
  // A DELETE that is played back later need not do what it did then, so idempotent is not enough (RFC 8470, 4).
  const bool is_safe = method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
  // Credentials of a proxy go or stay as the connection turns out.
  const Headers& headers = request.headers();
  return is_safe && request.is_idempotent() && request.body() == nullptr && !headers.contains("Upgrade") &&
         !headers.contains("Proxy-Authorization");
}

/// Lends early data to a call while a connection is opened.
class LentEarlyData {
 public:
  LentEarlyData(CallState& call, EarlyData& early) : call_(call) { call.early = &early; }
  LentEarlyData(const LentEarlyData&) = delete;
  LentEarlyData& operator=(const LentEarlyData&) = delete;
  ~LentEarlyData() { call_.early = nullptr; }

 private:
  CallState& call_;
};

OKHTTP_DECL Task<std::unique_ptr<Connection>> open_with_early_data(CallState& call, const Address& address,
                                                                   const Request& request) {
  call.went_early = false;
  if (may_go_early(call, request)) {
    EarlyData early;
    http1::write_request_head(early.bytes, request.method(), request.url().request_target(), request.headers());
    Result<std::unique_ptr<Connection>> opened = Error();
    {
      const LentEarlyData lent(call, early);
      Task<std::unique_ptr<Connection>> opening = open_by_settings(call, address, request.url());
      opened = co_await std::move(opening).outcome();
    }
    call.early_data_sent = early.sent;
    if (opened) {
      call.went_early = early.accepted;
      if (early.accepted) (*opened)->head_was_sent();
      co_return *std::move(opened);
    }
    // Before it was lost the server may have read it.
    if (early.sent) call.processing = Processing::possible;
    // A server that has been replaced by one of before TLS 1.3 can make nothing of early data (RFC 8446, D.3).
    const bool again = early.sent && opened.error().code() == Errc::tls &&
                       call.config->retry_on_connection_failure && !call.canceled();
    if (!again) co_await fail(std::move(opened).error());
  }
  Task<std::unique_ptr<Connection>> opening = open_by_settings(call, address, request.url());
  co_return co_await std::move(opening);
}

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_BODIES && OKHTTP_TLS
#endif  // OKHTTP_CALL_EARLY_DATA_IPP
