#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <rocksdb/iterator.h>

#include "store/rocksdb_integrity.h"
#include "store/rocksdb_salvage_view.h"
#include "store/salvage.h"
#include "store/store_files.h"

namespace weft::store {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;

// `key` as a number plus 2^bit; nothing when that has no room in its length.
std::optional<std::string> plus(std::string key, size_t bit) {
  uint32_t carry = uint32_t{1} << bit % 8;
  for (size_t at = key.size() - bit / 8; carry != 0 && at > 0; --at) {
    const uint32_t sum = static_cast<uint8_t>(key[at - 1]) + carry;
    key[at - 1] = static_cast<char>(sum);
    carry = sum >> 8;
  }
  if (carry != 0) return std::nullopt;
  return key;
}

// A key behind `last` from which on it can be read again; the first one but where damaged places
// lie close together. Nothing: there is none. Steps double until one is behind the damage.
std::optional<std::string> behind_damage(rocksdb::Iterator& rows, const std::string& last) {
  constexpr size_t kRoom = 8;
  std::string failing = last;
  failing.resize(last.size() + kRoom, '\0');
  const auto reads_at = [&](const std::optional<std::string>& key) {
    if (!key) return true;
    rows.Seek(slice(*key));
    return rows.status().ok();
  };
  size_t bit = 0;
  while (bit < failing.size() * 8 && !reads_at(plus(failing, bit))) ++bit;
  if (bit > 0) failing = *plus(failing, bit - 1);
  for (size_t lower = bit; lower-- > 0;) {
    auto further = plus(failing, lower);
    if (!reads_at(further)) failing = std::move(*further);
  }
  return plus(failing, 0);
}

// Into the new store, as it was in the old one.
class Copy {
 public:
  Copy(Store& store, Salvage& copied, const VisitKey& visit)
      : store_(store), copied_(copied), visit_(visit) {}

  base::Result<void> put(Family family, std::string_view key, std::string_view value) {
    // How the new store says who it is itself.
    if (family == Family::kMeta && (key == kCommitKey || key == kFormatKey)) return {};
    if (family == Family::kMeta && key.starts_with(kDataLossPrefix)) ++losses_;
    ++copied_.keys[static_cast<size_t>(family)];
    batch_.put(family, std::string(key), std::string(value));
    visit_(family, key, value);
    return batch_.bytes() < kBatchBytes ? base::Result<void>() : flush();
  }
  base::Result<void> finish(const std::string& directory) {
    if (!copied_.missing.empty()) {
      batch_.put(Family::kMeta, fmt::format("{}salvaged-{}", kDataLossPrefix, losses_ + 1),
                 fmt::format("salvaged from {}; first of {} that {} missing: {}", directory,
                             copied_.missing.size(), copied_.missing.size() == 1 ? "is" : "are",
                             copied_.missing.front()));
    }
    return flush();
  }

 private:
  base::Result<void> flush() {
    Batch batch = std::exchange(batch_, Batch());
    return batch.empty() ? base::Result<void>() : store_.commit(std::move(batch));
  }

  Store& store_;
  Salvage& copied_;
  const VisitKey& visit_;
  Batch batch_;
  size_t losses_ = 0;
};

base::Result<void> copy_family(const Database& from, Family family, const SalvageView& files,
                               Copy& to, Salvage& copied) {
  rocksdb::ColumnFamilyHandle* handle = from.handle(family);
  if (handle == nullptr) return {};
  rocksdb::ReadOptions how;
  how.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(from.db().NewIterator(how, handle));
  uint64_t places = 0;
  std::string why;
  std::string last;  // what lies before was read
  for (rows->Seek(slice(last));;) {
    for (; rows->Valid(); rows->Next()) {
      last = view(rows->key());
      if (auto put = to.put(family, last, view(rows->value())); !put) return put;
    }
    if (rows->status().ok()) break;
    if (places++ == 0) why = files.told(rows->status().ToString());
    auto next = behind_damage(*rows, last);
    if (!next) break;
    last = std::move(*next);
    rows->Seek(slice(last));
  }
  if (places > 0) {
    copied.missing.push_back(fmt::format("of the family {} {} place{} could not be read: {}",
                                         to_string(family), places, places == 1 ? "" : "s", why));
  }
  return {};
}

}  // namespace

base::Result<Salvage> salvage(const std::string& directory, const std::string& to,
                              const VisitKey& visit) {
  const auto watermark = read_watermark(directory);
  if (!watermark) return std::unexpected(watermark.error());
  auto view = SalvageView::make(directory, *watermark, to + ".view");
  if (!view) return std::unexpected(view.error());
  auto from = (*view)->open();
  if (!from) return std::unexpected(from.error());
  auto store = open_rocksdb({.directory = to, .durability = Durability::kOs});
  if (!store) return std::unexpected(store.error());
  Salvage copied{.missing = (*view)->missing()};
  // The end of the log, above all.
  if (auto whole = check_database(**from, *watermark); !whole)
    copied.missing.push_back((*view)->told(without_advice(whole.error().message)));
  Copy copy(**store, copied, visit);
  for (size_t i = 0; i < kFamilyCount; ++i) {
    auto read = copy_family(**from, static_cast<Family>(i), **view, copy, copied);
    if (!read) return std::unexpected(read.error());
  }
  if (auto finished = copy.finish(directory); !finished) return std::unexpected(finished.error());
  return copied;
}

}  // namespace weft::store
