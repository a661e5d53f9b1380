#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::columns {

// A vector of whole numbers in which each takes as many bytes as the largest of them needs: a
// million children have a million of everything, and nearly all of it is small. A value that does
// not fit widens all. Negative ones take eight bytes. A plain value.
template <typename T>
class Packed {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  static_assert(std::endian::native == std::endian::little);

 public:
  Packed() = default;
  Packed(std::initializer_list<T> values) {
    for (const T value : values) push_back(value);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T operator[](size_t at) const {
    uint64_t raw = 0;
    std::memcpy(&raw, bytes_.data() + at * width_, sizeof raw);  // kSpare: it may read beyond
    return static_cast<T>(raw & mask(width_));
  }
  void push_back(T value) {
    const auto raw = static_cast<uint64_t>(value);
    if (raw > mask(width_)) widen(bytes_for(raw));
    // Doubling would keep half of the room empty.
    if (size_ == capacity_) reserve(capacity_ + capacity_ / 8 + 64);
    bytes_.resize((size_ + 1) * width_ + kSpare);
    std::memcpy(bytes_.data() + size_ * width_, &raw, width_);
    ++size_;
  }
  void set(size_t at, T value) {
    const auto raw = static_cast<uint64_t>(value);
    if (raw > mask(width_)) widen(bytes_for(raw));
    std::memcpy(bytes_.data() + at * width_, &raw, width_);
  }
  void reserve(size_t values) {
    if (values <= capacity_) return;
    capacity_ = values;
    bytes_.reserve(values * width_ + kSpare);
  }
  void clear() { *this = Packed(); }
  size_t bytes() const { return bytes_.capacity(); }

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

 private:
  static constexpr size_t kSpare = sizeof(uint64_t) - 1;  // behind the last one

  static constexpr uint64_t mask(size_t width) { return UINT64_MAX >> (64 - 8 * width); }
  static size_t bytes_for(uint64_t raw) { return (std::bit_width(raw) + 7) / 8; }
  void widen(size_t width) {
    std::vector<std::byte> wider;
    wider.reserve(capacity_ * width + kSpare);
    wider.resize(size_ * width + kSpare);
    for (size_t i = 0; i < size_; ++i) {
      const auto raw = static_cast<uint64_t>((*this)[i]);
      std::memcpy(wider.data() + i * width, &raw, width);
    }
    bytes_ = std::move(wider);
    width_ = width;
  }

  size_t width_ = 1;
  size_t size_ = 0;
  size_t capacity_ = 0;           // in values
  std::vector<std::byte> bytes_;  // size_ * width_, and kSpare
};

}  // namespace weft::columns
