#include "columns/bytes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weft::columns {
namespace {

// All columns that every row has, in the order in which they are stored.
template <typename SomeColumns>
auto of_rows(SomeColumns& c) {
  return std::tie(c.index, c.start, c.duration, c.lane, c.status, c.retries, c.error_group, c.cold,
                  c.queue, c.run, c.items, c.input_bytes, c.output_bytes);
}

class BytesOut {
 public:
  explicit BytesOut(const std::function<void(std::string_view)>& take) : take_(take) {}

  void number(uint64_t value) { bytes(&value, sizeof value); }
  void text(std::string_view text) {
    number(text.size());
    take_(text);
  }
  template <typename T>
  void list(const std::vector<T>& values) {
    number(values.size());
    bytes(values.data(), values.size() * sizeof(T));
  }
  template <typename T>
  void packed(const Packed<T>& column) {
    constexpr std::array<char, kPackedSpare> kNothing{};
    number(column.size());
    column.visit_blocks([&](uint64_t base, T most, unsigned bits, std::span<const std::byte> data) {
      number(base);
      number(static_cast<uint64_t>(most));
      number(bits);
      bytes(data.data(), data.size());
      bytes(kNothing.data(), kNothing.size());
    });
  }
  void texts(const TextColumn& column) {
    packed(column.number);
    list(column.further);
    list(column.further_end);
    number(column.values.size());
    for (uint32_t i = 0; i < column.values.size(); ++i) text(column.values.text(i));
  }

 private:
  void bytes(const void* from, size_t size) {
    take_(std::string_view(static_cast<const char*>(from), size));
  }
  const std::function<void(std::string_view)>& take_;
};

// Reads what a BytesOut wrote; after the first thing that cannot be there all is nothing.
class BytesIn {
 public:
  BytesIn(const std::shared_ptr<std::byte[]>& bytes, size_t size) : bytes_(bytes), size_(size) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == size_; }
  void fail() { failed_ = true; }

  uint64_t number() {
    uint64_t value = 0;
    if (const std::byte* from = take(sizeof value)) std::memcpy(&value, from, sizeof value);
    return value;
  }
  std::string_view text() {
    const uint64_t length = number();
    const std::byte* from = take(length);
    return from == nullptr ? std::string_view()
                           : std::string_view(reinterpret_cast<const char*>(from), length);
  }
  template <typename T>
  void list(std::vector<T>& values) {
    const uint64_t count = number();
    if (count > size_ / sizeof(T)) return fail();
    const std::byte* from = take(count * sizeof(T));
    if (from == nullptr || count == 0) return;
    values.resize(count);
    std::memcpy(values.data(), from, count * sizeof(T));
  }
  template <typename T>
  void packed(Packed<T>& column) {
    const uint64_t values = number();
    while (!failed_ && column.size() < values) {
      const uint64_t base = number();
      const auto most = static_cast<T>(number());
      const uint64_t bits = number();
      const size_t here = std::min<uint64_t>(Packed<T>::kBlock, values - column.size());
      if (bits > 64) return fail();
      const size_t from = at_;
      if (take(Packed<T>::block_bytes(here, static_cast<unsigned>(bits))) == nullptr) return;
      // It shares what the whole is held by.
      std::shared_ptr<std::byte[]> data(bytes_, bytes_.get() + from);
      if (!column.push_block(base, most, static_cast<unsigned>(bits), here, std::move(data)))
        return fail();
    }
  }
  void texts(TextColumn& column) {
    packed(column.number);
    list(column.further);
    list(column.further_end);
    const uint64_t count = number();
    for (uint64_t i = 0; i < count && !failed_; ++i)
      if (column.values.number(text()) != i) fail();
  }

 private:
  const std::byte* take(uint64_t count) {
    if (failed_ || count > size_ - at_) {
      failed_ = true;
      return nullptr;
    }
    at_ += count;
    return bytes_.get() + at_ - count;
  }

  const std::shared_ptr<std::byte[]>& bytes_;
  const size_t size_;
  size_t at_ = 0;
  bool failed_ = false;
};

// Whether the values behind the first ones are those of `rows` rows.
bool are_further(size_t values, const std::vector<uint32_t>& end, size_t rows) {
  if (end.empty()) return values == 0;
  return end.size() == rows && std::ranges::is_sorted(end) && end.back() == values;
}

// Whether every row has a text that there is, or none was asked for.
bool are_texts(const TextColumn& column, size_t rows) {
  if (column.number.empty()) return column.further.empty() && column.further_end.empty();
  return column.number.size() == rows && column.number.bounds().most < column.values.size() &&
         are_further(column.further.size(), column.further_end, rows) &&
         std::ranges::all_of(
             column.further, [&](uint32_t number) { return number < column.values.size(); });
}

bool fit(const Columns& c) {
  const size_t rows = c.size();
  const bool as_many = std::apply(
      [&](const auto&... column) { return ((column.size() == rows) && ...); }, of_rows(c));
  if (!as_many || rows > UINT32_MAX) return false;
  if (rows > 0 && c.status.bounds().most > history::ExecutionStatus::kPendingRedrive) return false;
  if (c.key_hash.size() != c.folder.number.size()) return false;
  if (!c.key_hash.empty() && !are_further(c.further_key_hash.size(), c.further_key_end, rows))
    return false;
  if (!are_texts(c.folder, rows)) return false;
  return std::ranges::all_of(c.properties,
                             [&](const auto& one) { return are_texts(one.second, rows); });
}

}  // namespace

void write_bytes(const Columns& columns, const std::function<void(std::string_view)>& take) {
  BytesOut out(take);
  out.number(static_cast<uint64_t>(columns.origin_us));
  std::apply([&](const auto&... column) { (out.packed(column), ...); }, of_rows(columns));
  out.texts(columns.folder);
  out.packed(columns.key_hash);
  out.list(columns.further_key_hash);
  out.list(columns.further_key_end);
  out.number(columns.properties.size());
  for (const auto& [name, column] : columns.properties) {
    out.text(name);
    out.texts(column);
  }
}

std::optional<Columns> from_bytes(const std::shared_ptr<std::byte[]>& bytes, size_t size) {
  BytesIn in(bytes, size);
  Columns c;
  c.origin_us = static_cast<int64_t>(in.number());
  std::apply([&](auto&... column) { (in.packed(column), ...); }, of_rows(c));
  in.texts(c.folder);
  in.packed(c.key_hash);
  in.list(c.further_key_hash);
  in.list(c.further_key_end);
  const uint64_t properties = in.number();
  for (uint64_t i = 0; i < properties && !in.failed(); ++i) {
    const std::string name(in.text());
    in.texts(c.properties[name]);
  }
  if (in.failed() || !in.at_end() || !fit(c)) return std::nullopt;
  return c;
}

}  // namespace weft::columns
