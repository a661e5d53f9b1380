#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "columns/unpack.h"

namespace weft::columns {

// The smallest and the largest of some values.
template <typename T>
struct Bounds {
  T least{};
  T most{};
};

// A vector of whole numbers that takes little room: a million children have a million of
// everything, and nearly all of it is small. Values stand in blocks; a full block keeps of each the
// distance to its smallest one, in as many bits as the largest of them needs. A copy shares the
// full blocks, so that one can be read while the other grows. A plain value.
template <typename T>
class Packed {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  static_assert(std::endian::native == std::endian::little);

 public:
  Packed() = default;
  Packed(std::initializer_list<T> values) {
    for (const T value : values) push_back(value);
  }
  Packed(const Packed& other)
      : blocks_(other.blocks_), size_(other.size_), capacity_(other.capacity_) {
    if (size_ % kBlock != 0) repack(blocks_.back(), size_ % kBlock, 0, blocks_.back().bits);
  }
  Packed(Packed&& other) noexcept
      : blocks_(std::move(other.blocks_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {
    other.blocks_.clear();
  }
  Packed& operator=(Packed other) noexcept {
    blocks_ = std::move(other.blocks_);
    size_ = other.size_;
    capacity_ = other.capacity_;
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T operator[](size_t at) const {
    // Unchecked: every question asks this of every row, and a checked one takes half as long again.
    const Block& block = blocks_.data()[at / kBlock];
    return static_cast<T>(block.base + block.raw(at % kBlock));
  }
  // Writes the `count` values from `from` on to `out`: a fraction of what asking for each takes.
  void read(size_t from, size_t count, T* out) const {
    while (count > 0) {
      const Block& block = blocks_.data()[from / kBlock];
      const size_t first = from % kBlock;
      const size_t part = std::min(count, kBlock - first);
      unpack(block.data.get(), block.bits, first, part, block.base, reinterpret_cast<Raw*>(out));
      from += part;
      out += part;
      count -= part;
    }
  }
  // Those in [from, to), which is not empty and lies within one block. Of a whole one they are
  // known.
  Bounds<T> bounds(size_t from, size_t to) const {
    const Block& block = blocks_[from / kBlock];
    if (from % kBlock == 0 && to - from == kBlock) return {static_cast<T>(block.base), block.most};
    Bounds<T> found{(*this)[from], (*this)[from]};
    for (size_t at = from + 1; at < to; ++at) {
      found.least = std::min(found.least, (*this)[at]);
      found.most = std::max(found.most, (*this)[at]);
    }
    return found;
  }
  // Of all; nothing else than T{} of none.
  Bounds<T> bounds() const {
    Bounds<T> found;
    for (size_t from = 0; from < size_; from += kBlock) {
      const Bounds<T> block = bounds(from, std::min(size_, from + kBlock));
      found.least = from == 0 ? block.least : std::min(found.least, block.least);
      found.most = from == 0 ? block.most : std::max(found.most, block.most);
    }
    return found;
  }
  void push_back(T value) {
    const size_t at = size_ % kBlock;
    if (at == 0) {
      blocks_.emplace_back();
      capacity_ = 0;
    }
    Block& last = blocks_.back();
    // While a block grows it counts from zero and takes whole bytes.
    const auto raw = static_cast<uint64_t>(value);
    const bool full = at == capacity_;
    if (full) capacity_ = std::clamp(capacity_ * 2, kLeast, kBlock);
    if (full || raw > last.mask) repack(last, at, 0, std::max(last.bits, bits_for(raw, 8)));
    last.set(at, raw);
    if (++size_ % kBlock == 0) seal(last);
  }
  void clear() { *this = Packed(); }

  // The blocks as they are kept, for who stores them (columns/bytes.h): calls `visit` with a
  // block's base, its largest value, its bits, and the bytes in which its values are packed.
  template <typename Visit>
  void visit_blocks(const Visit& visit) const {
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      const size_t values = std::min(kBlock, size_ - i * kBlock);
      visit(block.base, block.most, block.bits,
            std::span(block.data.get(), bytes_of(values, block.bits) - kSpare));
    }
  }
  // Adds a block of `values` that one of those was; there is none that is not full yet. Behind the
  // bytes in `data` kPackedSpare more can be read. Whether there can be such a block.
  bool push_block(uint64_t base, T most, unsigned bits, size_t values,
                  std::shared_ptr<std::byte[]> data) {
    const bool known = bits <= kPackedBitsMost || bits == 64;
    if (!known || bits > 8 * sizeof(T) || size_ % kBlock != 0 || values == 0 || values > kBlock)
      return false;
    blocks_.push_back({.base = base,
                       .mask = bits == 0 ? 0 : UINT64_MAX >> (64 - bits),
                       .bits = bits,
                       .most = most,
                       .data = std::move(data)});
    size_ += values;
    capacity_ = values;
    return true;
  }
  // Of so many values in so many bits, as push_block() takes them, with what is read behind them.
  static size_t block_bytes(size_t values, unsigned bits) { return bytes_of(values, bits); }

  size_t bytes() const {  // of all copies that share blocks
    size_t sum = blocks_.capacity() * sizeof(Block);
    for (const Block& block : blocks_) {
      const bool grows = &block == &blocks_.back() && size_ % kBlock != 0;
      sum += bytes_of(grows ? capacity_ : kBlock, block.bits);
    }
    return sum;
  }

  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using reference = T;
    using pointer = void;
    Iterator() = default;
    Iterator(const Packed* packed, size_t at) : packed_(packed), at_(at) {}
    T operator*() const { return (*packed_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++at_;
      return old;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Packed* packed_ = nullptr;
    size_t at_ = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

  static constexpr size_t kBlock = 1u << 16;  // values

 private:
  static constexpr size_t kLeast = 16;  // values of a block that begins
  static constexpr size_t kSpare = kPackedSpare;
  using Raw =
      std::make_unsigned_t<typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>,
                                                       std::type_identity<T>>::type>;

  struct Block {
    uint64_t base = 0;
    uint64_t mask = 0;
    unsigned bits = 0;  // of each value
    T most{};           // of a full one
    std::shared_ptr<std::byte[]> data;

    uint64_t raw(size_t at) const {
      const size_t bit = at * bits;
      uint64_t word = 0;
      std::memcpy(&word, data.get() + bit / 8, sizeof word);
      return word >> bit % 8 & mask;
    }
    // What stands behind `at` is nothing yet.
    void set(size_t at, uint64_t value) {
      const size_t bit = at * bits;
      uint64_t word = 0;
      std::memcpy(&word, data.get() + bit / 8, sizeof word);
      word &= (uint64_t{1} << bit % 8) - 1;
      word |= value << bit % 8;
      std::memcpy(data.get() + bit / 8, &word, sizeof word);
    }
  };

  static unsigned bits_for(uint64_t largest, unsigned step) {
    const auto bits = (static_cast<unsigned>(std::bit_width(largest)) + step - 1) / step * step;
    return bits > kPackedBitsMost ? 64 : bits;
  }
  static size_t bytes_of(size_t values, unsigned bits) { return (values * bits + 7) / 8 + kSpare; }

  // Writes the first `values` of the block anew into room of its own.
  void repack(Block& block, size_t values, uint64_t base, unsigned bits) {
    const size_t room = bytes_of(capacity_, bits);
    Block fresh{.base = base,
                .mask = bits == 0 ? 0 : UINT64_MAX >> (64 - bits),
                .bits = bits,
                .most = block.most,
                .data = std::make_shared_for_overwrite<std::byte[]>(room)};
    for (size_t i = 0; i < values; ++i) fresh.set(i, block.base + block.raw(i) - base);
    block = std::move(fresh);
  }
  void seal(Block& block) {
    T least = static_cast<T>(block.raw(0));
    T most = least;
    for (size_t i = 1; i < kBlock; ++i) {
      const T value = static_cast<T>(block.raw(i));
      least = std::min(least, value);
      most = std::max(most, value);
    }
    block.most = most;
    const auto base = static_cast<uint64_t>(least);
    repack(block, kBlock, base, bits_for(static_cast<uint64_t>(most) - base, 1));
  }

  std::vector<Block> blocks_;  // all full but the last one
  size_t size_ = 0;
  size_t capacity_ = 0;  // values that the last block has room for
};

}  // namespace weft::columns
