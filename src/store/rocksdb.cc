#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include "base/check.h"
#include "store/store.h"

// The only file that knows RocksDB. The settings and their reasons: docs/internals/store-format.md.

namespace weft::store {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kReadOnlyOpenAttempts = 5;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

std::unexpected<base::Error> failure(const rocksdb::Status& status, const std::string& directory) {
  std::string text = status.ToString();
  if (status.IsNoSpace() || text.contains("No space left on device")) {
    return fail(ErrorCode::kStorage,
                fmt::format("disk full: the data directory {} has no space left; free some and "
                            "start Weft again, nothing that was acknowledged is lost",
                            directory));
  }
  if (text.contains("lock file") || text.contains("lock hold by current process")) {
    return fail(ErrorCode::kStorage,
                fmt::format("the data directory {} is in use by another process", directory));
  }
  return fail(ErrorCode::kStorage,
              fmt::format("the store in the data directory {} failed: {}", directory, text));
}

// RocksDB's own log file is not kept: on a full disk a failed write to it aborts the process (an
// assertion of Debian's build) before the failed commit can be reported. What matters arrives as a
// Status.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::DBOptions database_options(const OpenOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = !options.read_only;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  db.recycle_log_file_num = 0;
  db.wal_bytes_per_sync = 0;
  db.bytes_per_sync = 1u << 20;
  db.max_total_wal_size = 256u << 20;
  db.max_background_jobs = 2;
  db.info_log = std::make_shared<SilentLogger>();
  db.max_bgerror_resume_count = 0;  // a failed write stops the process
  // A reader beside a running server keeps every file open: the server may delete them meanwhile.
  db.max_open_files = options.read_only ? -1 : 256;
  db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(options.memory_bytes / 4);
  return db;
}

rocksdb::ColumnFamilyOptions family_options(const OpenOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            bool bulk) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.block_size = 16u << 10;
  // Bulk families are read in ranges, for which a filter is memory spent on nothing.
  if (!bulk) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kLZ4Compression;
  family.write_buffer_size = options.memory_bytes / 8;
  family.max_write_buffer_number = 3;
  family.target_file_size_base = 32u << 20;
  return family;
}

// Turns, slices and rows: many, written once, nearly in key order. Values go to blob files, which
// compaction does not rewrite, and the memtable remembers where the last key of a Map Run went.
rocksdb::ColumnFamilyOptions bulk_family_options(rocksdb::ColumnFamilyOptions family) {
  family.enable_blob_files = true;
  family.min_blob_size = 256;
  family.blob_file_size = 64u << 20;
  family.blob_compression_type = rocksdb::kLZ4Compression;
  family.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(sizeof(uint64_t)));
  return family;
}

bool is_bulk(Family family) {
  return family == Family::kTurn || family == Family::kSlice || family == Family::kRow ||
         family == Family::kSpan || family == Family::kLog;
}

class RocksdbStore final : public Store {
 public:
  explicit RocksdbStore(OpenOptions options) : options_(std::move(options)) {}

  ~RocksdbStore() override {
    if (!database_) return;
    for (auto* handle : handles_) {
      if (handle != nullptr) database_->DestroyColumnFamilyHandle(handle);
    }
    (void)database_->Close();
  }

  base::Result<void> open() {
    if (!options_.read_only) {
      std::error_code error;
      std::filesystem::create_directories(options_.directory, error);
      if (error) {
        return fail(ErrorCode::kStorage, fmt::format("cannot create the data directory {}: {}",
                                                     options_.directory, error.message()));
      }
    } else if (!std::filesystem::exists(options_.directory + "/CURRENT")) {
      return fail(ErrorCode::kStorage,
                  fmt::format("the data directory {} holds no Weft data", options_.directory));
    }
    rocksdb::Status status = open_database();
    // A file named by the manifest may vanish between reading the one and opening the other.
    for (int i = 1; options_.read_only && !status.ok() && i < kReadOnlyOpenAttempts; ++i) {
      status = open_database();
    }
    if (!status.ok()) return failure(status, options_.directory);
    return check_format();
  }

  base::Result<void> commit(Batch batch) override {
    // S3: one thread writes, so that batches have an order (durability 0, rule 3).
    WEFT_CHECK(!committing_.exchange(true));
    const auto written = write_batch(batch);
    committing_ = false;
    return written;
  }

  base::Result<void> write_batch(const Batch& batch) {
    rocksdb::WriteBatch writes(batch.bytes() + batch.keys() * 16);
    for (const Batch::Write& write : batch.writes()) {
      auto* handle = handle_of(write.family);
      // S4: a store opened for writing has all families.
      WEFT_CHECK(handle != nullptr);
      rocksdb::Status status = write.removal ? writes.Delete(handle, write.key)
                                             : writes.Put(handle, write.key, write.value);
      if (!status.ok()) return failure(status, options_.directory);
    }
    rocksdb::WriteOptions how;
    how.sync = options_.durability == Durability::kFsync;
    rocksdb::Status status = database_->Write(how, &writes);
    if (!status.ok()) return failure(status, options_.directory);
    return {};
  }

  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    if (handle_of(family) == nullptr) return std::nullopt;
    std::string value;
    rocksdb::Status status = database_->Get({}, handle_of(family), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return failure(status, options_.directory);
    return value;
  }

  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override {
    if (handle_of(family) == nullptr) return {};
    rocksdb::Slice lower = slice(from);
    rocksdb::Slice upper = slice(to);
    rocksdb::ReadOptions how;
    if (!from.empty()) how.iterate_lower_bound = &lower;
    if (!to.empty()) how.iterate_upper_bound = &upper;
    std::unique_ptr<rocksdb::Iterator> rows(database_->NewIterator(how, handle_of(family)));
    reverse ? rows->SeekToLast() : rows->SeekToFirst();
    while (rows->Valid() && visit(view(rows->key()), view(rows->value()))) {
      reverse ? rows->Prev() : rows->Next();
    }
    if (!rows->status().ok()) return failure(rows->status(), options_.directory);
    return {};
  }

 private:
  rocksdb::Status open_database() {
    auto cache = rocksdb::NewLRUCache(options_.memory_bytes / 3);
    const rocksdb::ColumnFamilyOptions family = family_options(options_, cache, false);
    const rocksdb::ColumnFamilyOptions bulk =
        bulk_family_options(family_options(options_, cache, true));
    std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, family}};
    for (size_t i = 0; i < kFamilyCount; ++i) {
      auto name = static_cast<Family>(i);
      families.emplace_back(std::string(to_string(name)), is_bulk(name) ? bulk : family);
    }
    rocksdb::DBOptions db = database_options(options_);
    rocksdb::DB* opened = nullptr;
    handles_.clear();
    std::vector<bool> exists(families.size(), true);
    if (options_.read_only) leave_out_missing(db, families, exists);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::Status status =
        options_.read_only
            ? rocksdb::DB::OpenForReadOnly(db, options_.directory, families, &handles, &opened)
            : rocksdb::DB::Open(db, options_.directory, families, &handles, &opened);
    database_.reset(opened);
    if (!status.ok()) return status;
    for (size_t i = 0, next = 0; i < exists.size(); ++i) {
      handles_.push_back(exists[i] ? handles[next++] : nullptr);
    }
    return status;
  }

  // A store written by an earlier version lacks the families added since; a reader must not make
  // them and sees them as empty.
  void leave_out_missing(const rocksdb::DBOptions& db,
                         std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                         std::vector<bool>& exists) const {
    std::vector<std::string> names;
    if (!rocksdb::DB::ListColumnFamilies(db, options_.directory, &names).ok()) return;
    for (size_t i = 0; i < families.size(); ++i) {
      exists[i] = std::ranges::find(names, families[i].name) != names.end();
    }
    std::erase_if(families, [&names](const rocksdb::ColumnFamilyDescriptor& family) {
      return std::ranges::find(names, family.name) == names.end();
    });
  }

  base::Result<void> check_format() {
    auto found = get(Family::kMeta, kFormatKey);
    if (!found) return std::unexpected(found.error());
    if (*found && **found != kFormatVersion) {
      return fail(ErrorCode::kStorage,
                  fmt::format("the data directory {} has store format {}, this version of Weft "
                              "reads format {}",
                              options_.directory, **found, kFormatVersion));
    }
    if (*found || options_.read_only) return {};
    Batch batch;
    batch.put(Family::kMeta, std::string(kFormatKey), std::string(kFormatVersion));
    return commit(std::move(batch));
  }

  // handles_[0] is RocksDB's default family, which stays empty. Null: see leave_out_missing().
  rocksdb::ColumnFamilyHandle* handle_of(Family family) const {
    WEFT_CHECK(static_cast<size_t>(family) + 1 < handles_.size());  // S1
    return handles_[static_cast<size_t>(family) + 1];
  }

  OpenOptions options_;
  std::atomic<bool> committing_ = false;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> open_rocksdb(const OpenOptions& options) {
  auto store = std::make_unique<RocksdbStore>(options);
  if (auto opened = store->open(); !opened) return std::unexpected(opened.error());
  return store;
}

}  // namespace weft::store
