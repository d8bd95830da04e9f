// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CORE_HPP
#define OKHTTP_CORE_HPP

// The HTTP/1.1 client: a table of contents in layer order, no code.

#include <okhttp/config.hpp>

#include <okhttp/base/always_null.hpp>
#include <okhttp/base/ascii.hpp>
#include <okhttp/base/base64.hpp>
#include <okhttp/base/copy_on_write.hpp>
#include <okhttp/base/error.hpp>
#include <okhttp/base/frame_pool.hpp>
#include <okhttp/base/http_date.hpp>
#include <okhttp/base/lazily_made.hpp>
#include <okhttp/base/result.hpp>
#include <okhttp/base/task.hpp>
#include <okhttp/base/task_runner.hpp>
#include <okhttp/base/unique_function.hpp>
#include <okhttp/base/when_all.hpp>

#include <okhttp/url/host.hpp>
#include <okhttp/url/http_url.hpp>
#include <okhttp/url/ip_address.hpp>
#include <okhttp/url/percent_encoding.hpp>
#include <okhttp/url/public_suffix.hpp>
#include <okhttp/url/public_suffix_tables.hpp>
#include <okhttp/url/url_record.hpp>

#include <okhttp/message/body_source.hpp>
#include <okhttp/message/challenge.hpp>
#include <okhttp/message/charset.hpp>
#include <okhttp/message/compression_policy.hpp>
#include <okhttp/message/content_decoder.hpp>
#include <okhttp/message/credentials.hpp>
#include <okhttp/message/decoding_source.hpp>
#include <okhttp/message/file_io.hpp>
#include <okhttp/message/gzip_decoder.hpp>
#include <okhttp/message/headers.hpp>
#include <okhttp/message/media_type.hpp>
#include <okhttp/message/protocol.hpp>
#include <okhttp/message/request.hpp>
#include <okhttp/message/request_body.hpp>
#include <okhttp/message/response.hpp>
#include <okhttp/message/response_body.hpp>

#include <okhttp/codec/dns/dns_message.hpp>
#include <okhttp/codec/http1/body_decoder.hpp>
#include <okhttp/codec/http1/body_framing.hpp>
#include <okhttp/codec/http1/char_class.hpp>
#include <okhttp/codec/http1/chunk_decoder.hpp>
#include <okhttp/codec/http1/chunk_encoder.hpp>
#include <okhttp/codec/http1/connect_request.hpp>
#include <okhttp/codec/http1/head_reader.hpp>
#include <okhttp/codec/http1/head_writer.hpp>
#include <okhttp/codec/http1/limits.hpp>
#include <okhttp/codec/protocol_policy.hpp>
#include <okhttp/codec/socks/socks_handshake.hpp>

#include <okhttp/runtime/blocking_runtime.hpp>
#include <okhttp/runtime/cancellation.hpp>
#include <okhttp/runtime/deadline.hpp>
#include <okhttp/runtime/event_loop.hpp>
#include <okhttp/runtime/helper_threads.hpp>
#include <okhttp/runtime/mutex.hpp>
#include <okhttp/runtime/poller.hpp>
#include <okhttp/runtime/runtime.hpp>
#include <okhttp/runtime/sync.hpp>

#include <okhttp/transport/certificate_chain_cleaner.hpp>
#include <okhttp/transport/certificate_pinner.hpp>
#include <okhttp/transport/cipher_suite.hpp>
#include <okhttp/transport/connection_spec.hpp>
#include <okhttp/transport/dns.hpp>
#include <okhttp/transport/endpoint.hpp>
#include <okhttp/transport/handshake.hpp>
#include <okhttp/transport/handshake_certificates.hpp>
#include <okhttp/transport/host_name_verifier.hpp>
#include <okhttp/transport/openssl_support.hpp>
#include <okhttp/transport/plain_transport.hpp>
#include <okhttp/transport/secure_transport.hpp>
#include <okhttp/transport/stream.hpp>
#include <okhttp/transport/tcp.hpp>
#include <okhttp/transport/tcp_race.hpp>
#include <okhttp/transport/tls_context.hpp>
#include <okhttp/transport/tls_engine.hpp>
#include <okhttp/transport/tls_key_log.hpp>
#include <okhttp/transport/tls_peer_check.hpp>
#include <okhttp/transport/tls_requirements.hpp>
#include <okhttp/transport/tls_stream.hpp>
#include <okhttp/transport/tls_version.hpp>
#include <okhttp/transport/transport_policy.hpp>
#include <okhttp/transport/trusted_connectors.hpp>
#include <okhttp/transport/unix_transport.hpp>

#include <okhttp/connection/address.hpp>
#include <okhttp/connection/authenticator.hpp>
#include <okhttp/connection/cached_dns.hpp>
#include <okhttp/connection/call_limits.hpp>
#include <okhttp/connection/connection.hpp>
#include <okhttp/connection/connection_pool.hpp>
#include <okhttp/connection/connection_settings.hpp>
#include <okhttp/connection/dns_cache.hpp>
#include <okhttp/connection/exchange_observer.hpp>
#include <okhttp/connection/further_pools.hpp>
#include <okhttp/connection/io_buffer.hpp>
#include <okhttp/connection/pool_housekeeping.hpp>
#include <okhttp/connection/pool_limiter.hpp>
#include <okhttp/connection/proxy.hpp>
#include <okhttp/connection/proxy_selector.hpp>
#include <okhttp/connection/route.hpp>
#include <okhttp/connection/route_database.hpp>
#include <okhttp/connection/route_selector.hpp>

#include <okhttp/cache/cache_policy.hpp>

#include <okhttp/dispatch/dispatch_backend.hpp>
#include <okhttp/dispatch/dispatcher.hpp>
#include <okhttp/dispatch/event_loop_dispatcher.hpp>
#include <okhttp/dispatch/inline_dispatcher.hpp>
#include <okhttp/dispatch/thread_pool_dispatcher.hpp>

#include <okhttp/call/await_within.hpp>
#include <okhttp/call/bridge.hpp>
#include <okhttp/call/call.hpp>
#include <okhttp/call/call_events.hpp>
#include <okhttp/call/call_server.hpp>
#include <okhttp/call/call_state.hpp>
#include <okhttp/call/chain.hpp>
#include <okhttp/call/client_config.hpp>
#include <okhttp/call/connect.hpp>
#include <okhttp/call/early_data.hpp>
#include <okhttp/call/event_listener.hpp>
#include <okhttp/call/open_connection.hpp>
#include <okhttp/call/pipeline.hpp>
#include <okhttp/call/recovery.hpp>
#include <okhttp/call/resolve.hpp>
#include <okhttp/call/retry_and_follow_up.hpp>
#include <okhttp/call/tunnel.hpp>
#include <okhttp/call/retry_policy.hpp>

#include <okhttp/client.hpp>
#include <okhttp/client_policies.hpp>

#include <okhttp/extras/authenticators.hpp>
#include <okhttp/extras/curl_command.hpp>
#include <okhttp/extras/digest.hpp>
#include <okhttp/extras/digest_authenticator.hpp>
#include <okhttp/extras/exponential_backoff.hpp>
#include <okhttp/extras/dns_over_https.hpp>
#include <okhttp/extras/log_output.hpp>
#include <okhttp/extras/logging_event_listener.hpp>
#include <okhttp/extras/logging_interceptor.hpp>
#include <okhttp/extras/shell_words.hpp>

#endif  // OKHTTP_CORE_HPP
