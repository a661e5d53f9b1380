#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/iterator.h>
#include <rocksdb/utilities/options_util.h>

#include "store/blob_file.h"
#include "store/inspect.h"
#include "store/rocksdb_integrity.h"
#include "store/rocksdb_log.h"
#include "store/store_files.h"

namespace weft::store {
namespace {

constexpr int kAttempts = 5;  // beside a writer, whose files come and go

Inspection::State state_of(const WatermarkRead& watermark, bool in_use) {
  if (in_use) return Inspection::State::kInUse;
  if (!watermark.newest) return Inspection::State::kOld;
  return watermark.newest->state == Watermark::State::kStopped ? Inspection::State::kStopped
                                                               : Inspection::State::kKilled;
}

void note(const base::Error& error, std::vector<std::string>& damage) {
  std::string what = without_advice(error.message);
  if (std::ranges::find(damage, what) == damage.end()) damage.push_back(std::move(what));
}

// What check_database() would refuse, and what it does not read.
void check_marks(const Database& database, const WatermarkRead& watermark, Inspection& found) {
  if (auto checked = check_database(database, watermark); !checked)
    note(checked.error(), found.damage);
  auto recovered = recovered_of(database);
  if (!recovered) return note(recovered.error(), found.damage);
  found.format = recovered->format;
  found.commit = recovered->commit;
  if (!watermark.newest) return;
  const auto log = check_log(database, watermark.newest->log, recovered->commit);
  if (log) found.logged = log->commits;
}

void read_family(const Database& database, Family family, const VisitKey& visit,
                 Inspection& found) {
  rocksdb::ColumnFamilyHandle* handle = database.handle(family);
  if (handle == nullptr) return;
  rocksdb::ReadOptions how;
  how.fill_cache = false;
  how.readahead_size = size_t{2} << 20;
  const std::unique_ptr<rocksdb::Iterator> rows(database.db().NewIterator(how, handle));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    ++found.keys[static_cast<size_t>(family)];
    const std::string_view key = view(rows->key());
    if (family == Family::kMeta && key.starts_with(kDataLossPrefix))
      found.losses.emplace_back(view(rows->value()));
    visit(family, key, view(rows->value()));
  }
  if (!rows->status().ok())
    note(failure(rows->status(), database.directory()).error(), found.damage);
}

void check_blobs(const std::string& directory, const std::set<std::string>& live,
                 Inspection& found) {
  for (const std::string& name : live) {
    const bool blob = name.ends_with(".blob");
    ++(blob ? found.blobs : found.tables);
    if (blob && !blob_file_is_whole(directory + "/" + name))
      note({base::ErrorCode::kStorage, fmt::format("the file {}/{} is damaged", directory, name)},
           found.damage);
  }
}

// What nothing is read from, and somebody may go by one day: the second manifest, by salvage().
void check_beside(const std::string& directory, const Watermark& mark, Inspection& found) {
  const auto damaged = [&](const std::string& what) {
    note({base::ErrorCode::kStorage, what}, found.damage);
  };
  const std::string copy = fmt::format("{}/{}", directory, kManifestCopy);
  const bool opening = mark.state == Watermark::State::kOpening;
  if (!opening && std::filesystem::exists(copy)) {
    if (auto same = check_manifest_file(copy, mark.manifest); !same)
      note(same.error(), found.damage);
  }
  for (const std::string& what : check_small_files(directory, mark)) damaged(what);
  for (const std::string& name : options_files(directory)) {
    rocksdb::DBOptions options;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    const std::string path = directory + "/" + name;
    rocksdb::ConfigOptions how;
    how.ignore_unknown_options = true;
    how.ignore_unsupported_options = true;
    const rocksdb::Status read = rocksdb::LoadOptionsFromFile(how, path, &options, &families);
    if (!read.ok()) damaged(fmt::format("the file {} is damaged: {}", path, read.ToString()));
  }
}

void find_orphans(const std::string& directory, const std::set<std::string>& live,
                  Inspection& found) {
  for (const StoreFile& file : list_store_files(directory)) {
    found.bytes += file.bytes;
    const bool named = file.name.ends_with(".sst") || file.name.ends_with(".blob");
    if (named && !live.contains(file.name)) found.orphans.push_back(file.name);
  }
}

// Of a store that cannot be opened.
void count_files(const std::string& directory, Inspection& found) {
  for (const StoreFile& file : list_store_files(directory)) {
    found.bytes += file.bytes;
    found.tables += file.name.ends_with(".sst") ? 1 : 0;
    found.blobs += file.name.ends_with(".blob") ? 1 : 0;
  }
}

Inspection inspect_once(const std::string& directory, const WatermarkRead& watermark, bool in_use,
                        const VisitKey& visit) {
  Inspection found{.state = state_of(watermark, in_use)};
  if (watermark.slot_damaged) {
    note({base::ErrorCode::kStorage,
          fmt::format("one of the two slots of {}/{} is damaged", directory, kWatermarkFile)},
         found.damage);
  }
  if (watermark.newest) {
    if (auto same = check_files(directory, *watermark.newest); !same)
      note(same.error(), found.damage);
  }
  if (watermark.newest && !in_use) check_beside(directory, *watermark.newest, found);
  auto database = Database::open({.directory = directory, .read_only = true}, nullptr);
  if (!database) {
    note(database.error(), found.damage);
    count_files(directory, found);
    return found;
  }
  found.opened = true;
  check_marks(**database, watermark, found);
  for (size_t i = 0; i < kFamilyCount; ++i)
    read_family(**database, static_cast<Family>(i), visit, found);
  const rocksdb::Status blocks = (*database)->db().VerifyChecksum();
  if (!blocks.ok()) note(failure(blocks, directory).error(), found.damage);
  const std::set<std::string> live = live_files(**database);
  check_blobs(directory, live, found);
  find_orphans(directory, live, found);
  return found;
}

}  // namespace

base::Result<Inspection> inspect(const std::string& directory, const VisitKey& visit) {
  if (list_store_files(directory).empty() && !std::filesystem::exists(directory + "/CURRENT")) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("{} holds no store of Weft", directory));
  }
  for (int i = 1;; ++i) {
    const bool in_use = is_in_use(directory);
    const auto watermark = read_watermark(directory);
    if (!watermark) return std::unexpected(watermark.error());
    // Only the last attempt's keys are counted by the caller: before, nothing but the files is
    // looked at.
    if (in_use && i < kAttempts && !check_closed_store({.directory = directory}, *watermark))
      continue;
    return inspect_once(directory, *watermark, in_use, visit);
  }
}

}  // namespace weft::store
