#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace weft::net {

// How many bytes several connections may hold at once: in temporary files, or in memory.
// Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(uint64_t bytes) : bytes_(bytes) {}

  // False, and nothing taken, when so much is not left.
  bool take(uint64_t bytes) {
    uint64_t taken = taken_.load();
    while (bytes <= bytes_ && taken <= bytes_ - bytes) {
      if (taken_.compare_exchange_weak(taken, taken + bytes)) return true;
    }
    return false;
  }
  // Also takes more than is left while at most half is taken, so that what is larger than all of it
  // has its turn, too.
  bool take_in_turn(uint64_t bytes) {
    uint64_t taken = taken_.load();
    while (taken <= bytes_ / 2) {
      if (taken_.compare_exchange_weak(taken, taken + bytes)) return true;
    }
    return take(bytes);
  }
  void give_back(uint64_t bytes) { taken_.fetch_sub(bytes); }

 private:
  const uint64_t bytes_;
  std::atomic<uint64_t> taken_ = 0;
};

// What one holds of a budget; given back at the end. One thread at a time. Without a budget all is
// granted.
class ByteLease {
 public:
  ByteLease() = default;
  explicit ByteLease(std::shared_ptr<ByteBudget> budget) : budget_(std::move(budget)) {}
  ByteLease(ByteLease&& other) noexcept
      : budget_(std::move(other.budget_)), held_(std::exchange(other.held_, 0)) {}
  ByteLease& operator=(ByteLease&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~ByteLease() {
    if (budget_ != nullptr) budget_->give_back(held_);
  }

  // Holds at least `bytes` afterwards; false when the budget has not so much left.
  bool grow_to(uint64_t bytes) {
    if (bytes <= held_) return true;
    if (budget_ != nullptr && !budget_->take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }
  // Holds that many more, see take_in_turn(); false when there is no room.
  bool add_in_turn(uint64_t bytes) {
    if (budget_ != nullptr && !budget_->take_in_turn(bytes)) return false;
    held_ += bytes;
    return true;
  }
  void give_back() {
    if (budget_ != nullptr) budget_->give_back(held_);
    held_ = 0;
  }

 private:
  std::shared_ptr<ByteBudget> budget_;
  uint64_t held_ = 0;
};

}  // namespace weft::net
