// SPDX-License-Identifier: Apache-2.0
#ifndef OKHTTP_TESTS_SUPPORT_PARKED_LEAF_HPP
#define OKHTTP_TESTS_SUPPORT_PARKED_LEAF_HPP

#include <okhttp/base/task.hpp>

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <vector>

namespace support {

/// Where tasks suspend until the test wakes them: the smallest runtime there is.
///
/// Its leaves keep the rules of every leaf: they know where they are queued and leave that queue in
/// their destructor. The counts show whether a destroyed tree left anything behind.
class ParkingLot {
 public:
  class Leaf : public okhttp::RuntimeAwaitable {
   public:
    Leaf(ParkingLot& lot, bool ready) : lot_(lot), ready_(ready) { ++lot_.alive_; }
    Leaf(const Leaf&) = delete;
    Leaf& operator=(const Leaf&) = delete;
    ~Leaf() {
      --lot_.alive_;
      lot_.leaves_.erase(std::remove(lot_.leaves_.begin(), lot_.leaves_.end(), this),
                         lot_.leaves_.end());
    }

    bool await_ready() const noexcept { return ready_; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiting_ = waiting;
      lot_.leaves_.push_back(this);
    }
    void await_resume() const noexcept {}

   private:
    friend class ParkingLot;
    ParkingLot& lot_;
    bool ready_;
    std::coroutine_handle<> waiting_;
  };

  ParkingLot() = default;
  ParkingLot(const ParkingLot&) = delete;
  ParkingLot& operator=(const ParkingLot&) = delete;

  /// Awaited, suspends until woken; with `ready`, does not suspend (as on a blocking runtime).
  Leaf park(bool ready = false) { return Leaf(*this, ready); }

  /// Leaves that are suspended here.
  std::size_t parked() const { return leaves_.size(); }
  /// Leaves that exist, suspended or not.
  std::size_t alive() const { return alive_; }

  /// Resumes the leaf that has waited longest. False when there is none.
  bool wake_first() {
    if (leaves_.empty()) return false;
    wake(leaves_.begin());
    return true;
  }
  /// Resumes the leaf that came last. False when there is none.
  bool wake_last() {
    if (leaves_.empty()) return false;
    wake(leaves_.end() - 1);
    return true;
  }
  /// Resumes leaves, first come first served, until none is suspended.
  void wake_all() {
    while (wake_first()) {
    }
  }

 private:
  void wake(std::vector<Leaf*>::iterator place) {
    const std::coroutine_handle<> waiting = (*place)->waiting_;
    leaves_.erase(place);
    okhttp::detail::drive(waiting);
  }

  std::vector<Leaf*> leaves_;
  std::size_t alive_ = 0;
};

}  // namespace support

#endif  // OKHTTP_TESTS_SUPPORT_PARKED_LEAF_HPP
