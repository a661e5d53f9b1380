#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace weft::lambda {

// How many processes all functions of a pool have at once: each holds some ten descriptors of
// Weft's, and the store needs its own. Thread-safe.
class ProcessBudget : public std::enable_shared_from_this<ProcessBudget> {
 public:
  // 0: as many as they like.
  explicit ProcessBudget(size_t max) : max_(max) {}

  // The right to one process, given back with this object.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(std::shared_ptr<ProcessBudget> budget) : budget_(std::move(budget)) {}
    Slot(Slot&& other) noexcept = default;
    Slot& operator=(Slot&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Slot() {
      if (budget_ != nullptr) budget_->taken_.fetch_sub(1);
    }
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    std::shared_ptr<ProcessBudget> budget_;
  };

  // An empty one when there is none left, unless it is the `first` of its function: none is
  // without.
  Slot take(bool first) {
    size_t taken = taken_;
    while (first || max_ == 0 || taken < max_) {
      if (taken_.compare_exchange_weak(taken, taken + 1)) return Slot(shared_from_this());
    }
    return Slot();
  }

 private:
  const size_t max_;
  std::atomic<size_t> taken_ = 0;
};

}  // namespace weft::lambda
