#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace weft::net {

// How many bytes of request bodies may lie in temporary files at once, over all connections of a
// server. Thread-safe.
class SpoolBudget {
 public:
  explicit SpoolBudget(uint64_t bytes) : bytes_(bytes) {}

  // False, and nothing taken, when so much is not left.
  bool take(uint64_t bytes) {
    uint64_t taken = taken_.load();
    while (bytes <= bytes_ && taken <= bytes_ - bytes) {
      if (taken_.compare_exchange_weak(taken, taken + bytes)) return true;
    }
    return false;
  }
  void give_back(uint64_t bytes) { taken_.fetch_sub(bytes); }

 private:
  const uint64_t bytes_;
  std::atomic<uint64_t> taken_ = 0;
};

// What one body holds of a budget; given back at the end. One thread at a time.
class SpoolLease {
 public:
  SpoolLease() = default;
  explicit SpoolLease(std::shared_ptr<SpoolBudget> budget) : budget_(std::move(budget)) {}
  SpoolLease(SpoolLease&& other) noexcept
      : budget_(std::move(other.budget_)), held_(std::exchange(other.held_, 0)) {}
  SpoolLease& operator=(SpoolLease&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~SpoolLease() {
    if (budget_ != nullptr) budget_->give_back(held_);
  }

  // Holds at least `bytes` afterwards; false when the budget has not so much left.
  bool grow_to(uint64_t bytes) {
    if (bytes <= held_) return true;
    if (budget_ == nullptr || !budget_->take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }

 private:
  std::shared_ptr<SpoolBudget> budget_;
  uint64_t held_ = 0;
};

}  // namespace weft::net
