// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_CONNECTION_FURTHER_POOLS_HPP
#define OKHTTP_CONNECTION_FURTHER_POOLS_HPP

#include <okhttp/connection/connection_pool.hpp>

#include <memory>
#include <vector>

OKHTTP_NAMESPACE_BEGIN
namespace detail {

/// The pools that a client has beside its own. Made with the first of them; virtual, so that a program without any does
/// not contain them. Goes after the client's runtime.
///
/// They are shared by this and by their handles, which do not keep the client: a handle may be in the settings of a
/// connection, and that in what an event loop has still to do. What is left of a pool without its client is empty and
/// touches no runtime.
class FurtherPools {
 public:
  FurtherPools() = default;
  FurtherPools(const FurtherPools&) = delete;
  FurtherPools& operator=(const FurtherPools&) = delete;
  virtual ~FurtherPools() = default;

  /// A handle to it. Once all are gone its idle connections are closed, and it goes: at once, or on the event loop
  /// when that is driven next.
  virtual std::shared_ptr<ConnectionPool> add(std::shared_ptr<ConnectionPool> pool) = 0;
  /// As ConnectionPool's, for each.
  virtual void look_after() = 0;
  virtual std::vector<OpenBody> open_bodies() const = 0;
  virtual void close() = 0;
  /// The runtime is about to go, and nobody drives it.
  virtual void tear_down() = 0;
};

/// Of a client with this runtime.
std::unique_ptr<FurtherPools> make_further_pools(Runtime& runtime);

}  // namespace detail
OKHTTP_NAMESPACE_END

#include <okhttp/connection/further_pools.ipp>

#endif  // OKHTTP_CONNECTION_FURTHER_POOLS_HPP
