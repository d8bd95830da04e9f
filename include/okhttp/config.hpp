// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONFIG_HPP
#define OKHTTP_CONFIG_HPP

// Every macro of the library, in one place. A value set by the user (on the command line or in the
// file named by OKHTTP_CONFIG_HEADER) wins; afterwards each one is 0 or 1 and is tested with #if.

#if defined(OKHTTP_CONFIG_HEADER)
#include OKHTTP_CONFIG_HEADER
#endif

#define OKHTTP_VERSION_MAJOR 0
#define OKHTTP_VERSION_MINOR 1
#define OKHTTP_VERSION_PATCH 0
#define OKHTTP_VERSION "0.1.0"

#if !defined(__cpp_impl_coroutine) && !defined(__cpp_coroutines) && !defined(__clang__)
#error "okhttp needs C++20 with coroutines: compile with -std=c++20 (g++ 12 or newer, clang++ 14 or newer)"
#endif

// 1: every function body is inline. 0: the bodies are compiled once, in the one translation unit
// that defines OKHTTP_IMPLEMENTATION before it includes the library.
#ifndef OKHTTP_HEADER_ONLY
#define OKHTTP_HEADER_ONLY 1
#endif

// 1: threads exist. The default dispatcher is the thread pool, names are resolved on helper threads.
// 0: no <thread>, no <mutex>, no atomics; the default dispatcher is InlineDispatcher, a name lookup
// blocks and cannot be canceled.
#ifndef OKHTTP_THREADS
#define OKHTTP_THREADS 1
#endif

// 1: https through OpenSSL 3.
#ifndef OKHTTP_TLS
#define OKHTTP_TLS 1
#endif

// 1: transparent gzip through zlib.
#ifndef OKHTTP_ZLIB
#define OKHTTP_ZLIB 1
#endif

// 1: the coding br through libbrotlidec (and libbrotlienc for requests), for the policy `Brotli`. A library
// that is compiled once has it only if told so.
#ifndef OKHTTP_BROTLI
#if OKHTTP_HEADER_ONLY && __has_include(<brotli/decode.h>) && __has_include(<brotli/encode.h>)
#define OKHTTP_BROTLI 1
#else
#define OKHTTP_BROTLI 0
#endif
#endif

// 1: the coding zstd through libzstd, for the policy `Zstd`. As OKHTTP_BROTLI.
#ifndef OKHTTP_ZSTD
#if OKHTTP_HEADER_ONLY && __has_include(<zstd.h>)
#define OKHTTP_ZSTD 1
#else
#define OKHTTP_ZSTD 0
#endif
#endif

// 1: host names may be international (UTS #46; 37 KiB, 29 of them tables). 0: such a host is an error.
#ifndef OKHTTP_IDNA
#define OKHTTP_IDNA 1
#endif

// 1: the public suffix list (48 KiB). 0: no host has a public suffix, each is its own site.
#ifndef OKHTTP_PSL
#define OKHTTP_PSL 1
#endif

// 1: file bodies and `save_to`.
#ifndef OKHTTP_FILES
#define OKHTTP_FILES 1
#endif

// 1: TCP sockets of the operating system. 0: bring your own transport.
#ifndef OKHTTP_SOCKETS
#define OKHTTP_SOCKETS 1
#endif

// 1: calls can have event listeners. Without threads, as on firmware, they are left out by default.
#ifndef OKHTTP_EVENTS
#define OKHTTP_EVENTS OKHTTP_THREADS
#endif

// 1: the event loop waits with epoll unless told otherwise; 0: with poll().
#ifndef OKHTTP_EPOLL
#if defined(__linux__)
#define OKHTTP_EPOLL 1
#else
#define OKHTTP_EPOLL 0
#endif
#endif

// Exceptions follow the compiler's setting. 0: only the try_ twins exist.
#ifndef OKHTTP_EXCEPTIONS
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define OKHTTP_EXCEPTIONS 1
#else
#define OKHTTP_EXCEPTIONS 0
#endif
#endif

// A bug of the library itself trips this, never a peer or a caller. Nothing with NDEBUG. Not assert(),
// which puts the name of every function that uses it into the program, template arguments and all.
#ifndef OKHTTP_ASSERT
#ifdef NDEBUG
#define OKHTTP_ASSERT(condition) static_cast<void>(0)
#else
#include <cstdio>
#include <cstdlib>
#define OKHTTP_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : okhttp::detail::assertion_failed(#condition, __FILE__, __LINE__))
#endif
#endif

#if OKHTTP_TLS && !__has_include(<openssl/ssl.h>)
#error "okhttp: OKHTTP_TLS=1 needs OpenSSL 3 (Debian: apt install libssl-dev); -DOKHTTP_TLS=0 builds without https"
#endif
#if OKHTTP_ZLIB && !__has_include(<zlib.h>)
#error "okhttp: OKHTTP_ZLIB=1 needs zlib (Debian: apt install zlib1g-dev); -DOKHTTP_ZLIB=0 builds without gzip"
#endif
#if OKHTTP_BROTLI && !(__has_include(<brotli/decode.h>) && __has_include(<brotli/encode.h>))
#error "okhttp: OKHTTP_BROTLI=1 needs brotli (Debian: apt install libbrotli-dev); -DOKHTTP_BROTLI=0 builds without br"
#endif
#if OKHTTP_ZSTD && !__has_include(<zstd.h>)
#error "okhttp: OKHTTP_ZSTD=1 needs zstd (Debian: apt install libzstd-dev); -DOKHTTP_ZSTD=0 builds without it"
#endif

#if OKHTTP_HEADER_ONLY
#define OKHTTP_DECL inline
#else
#define OKHTTP_DECL
#endif

// 1 where the function bodies (the .ipp files) are to be compiled.
#if OKHTTP_HEADER_ONLY || defined(OKHTTP_IMPLEMENTATION)
#define OKHTTP_BODIES 1
#else
#define OKHTTP_BODIES 0
#endif

// AddressSanitizer sees use after free only when frames are not recycled.
#if defined(__SANITIZE_ADDRESS__)
#define OKHTTP_RECYCLE_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OKHTTP_RECYCLE_FRAMES 0
#else
#define OKHTTP_RECYCLE_FRAMES OKHTTP_THREADS
#endif
#else
#define OKHTTP_RECYCLE_FRAMES OKHTTP_THREADS
#endif

// The configuration is part of every symbol's name, so that two translation units built differently
// fail to link instead of misbehaving.
#define OKHTTP_ABI_JOIN(threads, tls, zlib, files, sockets, exceptions, recycle, events, idna, psl) \
  v0_1_t##threads##s##tls##z##zlib##f##files##n##sockets##e##exceptions##r##recycle##l##events##i##idna##p##psl
#define OKHTTP_ABI_NAME(threads, tls, zlib, files, sockets, exceptions, recycle, events, idna, psl) \
  OKHTTP_ABI_JOIN(threads, tls, zlib, files, sockets, exceptions, recycle, events, idna, psl)
#define OKHTTP_ABI                                                                                       \
  OKHTTP_ABI_NAME(OKHTTP_THREADS, OKHTTP_TLS, OKHTTP_ZLIB, OKHTTP_FILES, OKHTTP_SOCKETS, OKHTTP_EXCEPTIONS, \
                  OKHTTP_RECYCLE_FRAMES, OKHTTP_EVENTS, OKHTTP_IDNA, OKHTTP_PSL)
#define OKHTTP_NAMESPACE_BEGIN \
  namespace okhttp {           \
  inline namespace OKHTTP_ABI {
#define OKHTTP_NAMESPACE_END \
  }                          \
  }

#ifndef NDEBUG
OKHTTP_NAMESPACE_BEGIN
namespace detail {
[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: okhttp: this does not hold: %s\n", file, line, condition);
  std::abort();
}
}  // namespace detail
OKHTTP_NAMESPACE_END
#endif

#endif  // OKHTTP_CONFIG_HPP
