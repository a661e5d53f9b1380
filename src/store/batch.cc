#include "base/check.h"
#include "store/store.h"

namespace weft::store {
namespace {

constexpr std::string_view kFamilyNames[kFamilyCount] = {
    "meta",  "machine", "definition",        "execution", "name",   "turn", "map_run",
    "slice", "row",     "execution_map_run", "span",      "detail", "log"};

template <typename T>
void append_big_endian(std::string& key, T value) {
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)));
  }
  key.append(bytes, sizeof(T));
}

template <typename T>
std::optional<T> read_big_endian(std::string_view bytes, size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | static_cast<uint8_t>(bytes[offset + i]));
  }
  return value;
}

}  // namespace

std::string_view to_string(Family family) {
  WEFT_CHECK(static_cast<size_t>(family) < kFamilyCount);  // S1
  return kFamilyNames[static_cast<size_t>(family)];
}

void append_u64(std::string& key, uint64_t value) { append_big_endian(key, value); }
void append_u32(std::string& key, uint32_t value) { append_big_endian(key, value); }
std::optional<uint64_t> read_u64(std::string_view bytes, size_t offset) {
  return read_big_endian<uint64_t>(bytes, offset);
}
std::optional<uint32_t> read_u32(std::string_view bytes, size_t offset) {
  return read_big_endian<uint32_t>(bytes, offset);
}

base::Result<void> scan_checked(const Store& store, Family family, std::string_view from,
                                std::string_view to, bool reverse, const CheckedVisit& visit) {
  base::Result<void> damage;
  auto scanned =
      store.scan(family, from, to, reverse, [&](std::string_view key, std::string_view value) {
        auto goes_on = visit(key, value);
        if (!goes_on) damage = std::unexpected(std::move(goes_on.error()));
        return goes_on.value_or(false);
      });
  return scanned ? damage : scanned;
}

void Batch::put(Family family, std::string key, std::string value) {
  // S1: a write belongs to a family that there is.
  WEFT_CHECK(static_cast<size_t>(family) < kFamilyCount);
  bytes_ += key.size() + value.size();
  writes_.push_back({family, false, std::move(key), std::move(value)});
}

void Batch::remove(Family family, std::string key) {
  WEFT_CHECK(static_cast<size_t>(family) < kFamilyCount);  // S1
  bytes_ += key.size();
  writes_.push_back({family, true, std::move(key), {}});
}

void Batch::append(Batch&& other) {
  // S2: a write is in one batch, once.
  WEFT_CHECK(&other != this);
  bytes_ += other.bytes_;
  if (writes_.empty()) {
    writes_ = std::move(other.writes_);
  } else {
    writes_.insert(writes_.end(), std::make_move_iterator(other.writes_.begin()),
                   std::make_move_iterator(other.writes_.end()));
  }
  other.writes_.clear();
  other.bytes_ = 0;
}

}  // namespace weft::store
