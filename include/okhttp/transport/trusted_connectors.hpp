// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TRANSPORT_TRUSTED_CONNECTORS_HPP
#define OKHTTP_TRANSPORT_TRUSTED_CONNECTORS_HPP

#include <okhttp/runtime/sync.hpp>
#include <okhttp/transport/handshake_certificates.hpp>

#if OKHTTP_TLS

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

class Connector;

/// The connectors of calls that trust others than their client does. The same certificates give the same
/// connector, and so share connections and TLS sessions.
/// Thread safety: any thread.
class TrustedConnectors {
 public:
  /// Past this many the one unused for the longest time is forgotten; each has a trust store of its own.
  static constexpr std::size_t most = 16;

  TrustedConnectors() = default;
  TrustedConnectors(const TrustedConnectors&) = delete;
  TrustedConnectors& operator=(const TrustedConnectors&) = delete;

  /// The connector for these certificates; `make()` gives it if there is none.
  template <class F>
  std::shared_ptr<Connector> get(const HandshakeCertificates& certificates, F&& make) {
    std::shared_ptr<Connector> dropped;  // ends outside the lock
    const SyncLock lock(mutex_);
    auto found = std::find_if(entries_.begin(), entries_.end(),
                              [&](const Entry& entry) { return entry.first == certificates; });
    if (found == entries_.end()) {
      if (entries_.size() == most) {
        dropped = std::move(entries_.back().second);
        entries_.pop_back();
      }
      entries_.emplace_back(certificates, make());
      found = entries_.end() - 1;
    }
    std::rotate(entries_.begin(), found, found + 1);
    return entries_.front().second;
  }

 private:
  using Entry = std::pair<HandshakeCertificates, std::shared_ptr<Connector>>;
  SyncMutex mutex_;  // guards the list
  std::vector<Entry> entries_;  // the one used last first
};

}  // namespace detail
OKHTTP_NAMESPACE_END

#endif  // OKHTTP_TLS

#endif  // OKHTTP_TRANSPORT_TRUSTED_CONNECTORS_HPP
