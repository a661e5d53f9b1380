#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::json {

// A bump allocator for values: memory is handed out in order and given back all at once. One owner,
// one thread.
//
// `byte_cap` bounds the bytes handed out. Crossing it does not make allocate() fail: it sets
// over_limit(), which stays set until reset(), and whoever builds values checks that flag in its
// loops. Code about to make something large from untrusted numbers asks fits() first, so the cap is
// overrun by small values only.
class Arena {
 public:
  static constexpr size_t kNoCap = SIZE_MAX;

  explicit Arena(size_t byte_cap = kNoCap) : byte_cap_(byte_cap) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` of uninitialised memory, aligned to 8. Never null.
  void* allocate(size_t bytes) {
    bytes = (bytes + 7) & ~size_t{7};
    if (bytes > static_cast<size_t>(end_ - next_)) [[unlikely]]
      return allocate_slow(bytes);
    char* memory = next_;
    next_ += bytes;
    return memory;
  }
  template <typename T>
  T* allocate_array(size_t count) {
    static_assert(alignof(T) <= 8);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  // Makes the newest allocation larger without moving it. False when it is not the newest or the
  // block is full.
  bool extend(const void* memory, size_t old_bytes, size_t new_bytes);
  // A copy of `text` that lives as long as the arena's contents.
  std::string_view copy(std::string_view text);

  // Whether `bytes` more stay below the cap; when not, over_limit() is set.
  bool fits(size_t bytes);
  bool over_limit() const { return over_limit_ || bytes_used() > byte_cap_; }
  // Bytes handed out since the last reset.
  size_t bytes_used() const { return full_blocks_bytes_ + static_cast<size_t>(next_ - begin_); }
  size_t byte_cap() const { return byte_cap_; }
  // Sets the cap and forgets that an earlier one was crossed.
  void set_byte_cap(size_t byte_cap) {
    byte_cap_ = byte_cap;
    over_limit_ = false;
  }

  // A text to build values in, empty or not: its room outlives reset(), so that building texts over
  // and over takes no memory anew.
  std::string& scratch() { return scratch_; }

  // Holds `owner` until reset(): what values of this arena point into without having copied it.
  void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }

  // Forgets every value and what was kept for them; the blocks stay for reuse.
  void reset();

  // A point in time to go back to: everything allocated after it is forgotten.
  struct Mark {
    size_t block;
    char* next;
    size_t full_blocks_bytes;
  };
  Mark mark() const { return Mark{current_, next_, full_blocks_bytes_}; }
  void rewind(const Mark& mark);
  // Whether `memory` was handed out by this arena after `mark`.
  bool is_since(const Mark& mark, const void* memory) const;

 private:
  struct Block {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  void* allocate_slow(size_t bytes);
  void enter(size_t block);

  std::vector<Block> blocks_;
  std::vector<std::shared_ptr<const void>> kept_;
  size_t current_ = 0;
  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t full_blocks_bytes_ = 0;
  size_t byte_cap_;
  bool over_limit_ = false;
  std::string scratch_;
};

}  // namespace weft::json
