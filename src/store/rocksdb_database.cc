#include "store/rocksdb_database.h"

#include <algorithm>
#include <cstdarg>

#include <fmt/core.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/check.h"
#include "store/blob_file.h"
#include "store/store_files.h"
#include "store/table_file.h"

namespace weft::store {
namespace {

using base::ErrorCode;
using base::fail;

// RocksDB's own log file is not kept: on a full disk a failed write to it aborts the process (an
// assertion of Debian's build) before the failed commit can be reported. What matters arrives as a
// Status.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// Payloads are nobody else's: every file is its user's alone. RocksDB's own switch for that,
// Env::SetAllowNonOwnerAccess, does nothing in Debian's build. And no table is opened that ends as
// none does.
class PrivateFiles final : public rocksdb::FileSystemWrapper {
 public:
  PrivateFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  static const char* kClassName() { return "WeftPrivateFiles"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus opened = target()->NewRandomAccessFile(name, options, file, context);
    if (!opened.ok() || !name.ends_with(".sst") || table_end_is_whole(name)) return opened;
    file->reset();
    return rocksdb::IOStatus::Corruption("the end of the table " + name + " is damaged");
  }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    return closed(name, target()->NewWritableFile(name, options, file, context));
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override {
    return closed(name, target()->ReopenWritableFile(name, options, file, context));
  }

 private:
  static rocksdb::IOStatus closed(const std::string& name, rocksdb::IOStatus made) {
    if (made.ok() && chmod(name.c_str(), S_IRUSR | S_IWUSR) != 0)
      return rocksdb::IOStatus::IOError("cannot set the mode of " + name);
    return made;
  }
};

// At most a quarter of the process's descriptors: others have the rest.
int tables_open() {
  constexpr rlim_t kTables = 256;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kTables;
  return static_cast<int>(std::min(kTables, limit.rlim_cur / 4));
}

rocksdb::DBOptions database_options(const OpenOptions& options) {
  rocksdb::DBOptions db;
  db.env = private_files();
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
  db.max_open_files = options.read_only ? -1 : tables_open();
  db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(options.memory_bytes / 4);
  return db;
}

// What cannot be read is an error of who reads it, and not of the opening.
void read_around_damage(rocksdb::DBOptions& db) {
  db.paranoid_checks = false;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  db.verify_sst_unique_id_in_manifest = false;
  db.max_open_files = 256;  // else all are opened at once
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

// The first table that is there and cannot be read.
std::optional<std::string> find_damaged_table(const std::string& directory) {
  for (const StoreFile& file : list_store_files(directory)) {
    if (!file.name.ends_with(".sst")) continue;
    std::string path = directory + "/" + file.name;
    rocksdb::SstFileReader table{table_options()};
    if (!table.Open(path).ok() || !table.VerifyChecksum().ok()) return path;
  }
  return std::nullopt;
}

// A store written by an earlier version lacks the families added since; a reader must not make
// them and sees them as empty.
void leave_out_missing(const rocksdb::DBOptions& db, const std::string& directory,
                       std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                       std::vector<bool>& exists) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(db, directory, &names).ok()) return;
  for (size_t i = 0; i < families.size(); ++i) {
    exists[i] = std::ranges::find(names, families[i].name) != names.end();
  }
  std::erase_if(families, [&names](const rocksdb::ColumnFamilyDescriptor& family) {
    return std::ranges::find(names, family.name) == names.end();
  });
}

// RocksDB names the manifest when a table that it names cannot be opened, and one that is missing
// by an ending of earlier versions.
std::string naming_the_table(std::string text, const std::string& directory) {
  const size_t older = text.find(".ldb");
  const auto table = older == std::string::npos ? find_damaged_table(directory) : std::nullopt;
  if (older != std::string::npos) text.replace(older, 4, ".sst");
  if (!table && older == std::string::npos) return text;
  for (const char* manifest : {" in file ", "The file "}) {
    const size_t at = text.find(manifest + directory + "/MANIFEST");
    if (at != std::string::npos) text.resize(at);
  }
  return table ? fmt::format("{} (in {})", text, *table) : text;
}

// Of what RocksDB says without a name.
std::string with_file(std::string text, const std::string& directory) {
  if (text.contains("MANIFEST") && !text.contains(".sst"))
    return naming_the_table(std::move(text), directory);
  if (text.contains(".sst") || text.contains(".blob") || text.contains("MANIFEST") ||
      text.contains(".log")) {
    return text;
  }
  const auto file = find_damaged_blob_file(directory);
  return file ? fmt::format("{} (in {})", text, *file) : text;
}

}  // namespace

// Never taken down: RocksDB's threads may outlive everything.
rocksdb::Env* private_files() {
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(std::make_shared<PrivateFiles>()).release();
  return env;
}

rocksdb::Options table_options() {
  rocksdb::Options options;
  options.env = private_files();
  return options;
}

bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || (status.IsIOError() && status.IsPathNotFound());
}

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
  // RocksDB's own checks: a log it knows of is missing, or ends before what is in tables.
  constexpr std::string_view kMissingLog = "Missing WAL with log number: ";
  if (const size_t at = text.find(kMissingLog); is_damage(status) && at != std::string::npos) {
    const auto number = file_number(std::string_view(text).substr(at + kMissingLog.size()));
    return refusal(
        fmt::format("E_LOST_TAIL: the file {}/{:06}.log is missing: what it held of the "
                    "store is in no table ({})",
                    directory, number.value_or(0), text));
  }
  if (is_damage(status) && text.contains("WAL")) {
    return refusal(fmt::format("E_LOST_TAIL: the log of the store {} is cut or damaged ({}): {}",
                               directory, log_names(directory), text));
  }
  if (is_damage(status)) text = with_file(std::move(text), directory);
  return fail(ErrorCode::kStorage,
              fmt::format("the store in the data directory {} failed: {}", directory, text));
}

base::Result<std::unique_ptr<Database>> Database::open(
    const OpenOptions& options, std::shared_ptr<rocksdb::EventListener> listener,
    Strictness strictness) {
  std::unique_ptr<Database> database(new Database(options.directory));
  const rocksdb::Status status = database->open_families(options, std::move(listener), strictness);
  if (!status.ok()) return failure(status, options.directory);
  return database;
}

Database::~Database() { (void)close(); }

rocksdb::Status Database::close() {
  if (!db_) return rocksdb::Status::OK();
  for (auto* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
  }
  handles_.clear();
  const rocksdb::Status status = db_->Close();
  db_.reset();
  return status;
}

rocksdb::Status Database::open_families(const OpenOptions& options,
                                        std::shared_ptr<rocksdb::EventListener> listener,
                                        Strictness strictness) {
  auto cache = rocksdb::NewLRUCache(options.memory_bytes / 3);
  const rocksdb::ColumnFamilyOptions family = family_options(options, cache, false);
  const rocksdb::ColumnFamilyOptions bulk =
      bulk_family_options(family_options(options, cache, true));
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, family}};
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto name = static_cast<Family>(i);
    families.emplace_back(std::string(to_string(name)), is_bulk(name) ? bulk : family);
  }
  rocksdb::DBOptions db = database_options(options);
  if (listener) db.listeners.push_back(std::move(listener));
  if (strictness == Strictness::kReadAround) read_around_damage(db);
  std::vector<bool> exists(families.size(), true);
  if (options.read_only) leave_out_missing(db, options.directory, families, exists);
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db, options.directory, families, &handles, &opened)
          : rocksdb::DB::Open(db, options.directory, families, &handles, &opened);
  db_.reset(opened);
  if (!status.ok()) return status;
  for (size_t i = 0, next = 0; i < exists.size(); ++i) {
    handles_.push_back(exists[i] ? handles[next++] : nullptr);
  }
  return status;
}

rocksdb::ColumnFamilyHandle* Database::handle(Family family) const {
  WEFT_CHECK(static_cast<size_t>(family) + 1 < handles_.size());  // S1
  return handles_[static_cast<size_t>(family) + 1];
}

std::vector<rocksdb::ColumnFamilyHandle*> Database::handles() const {
  std::vector<rocksdb::ColumnFamilyHandle*> all = handles_;
  std::erase(all, nullptr);
  return all;
}

base::Result<std::optional<std::string>> Database::get(Family family, std::string_view key) const {
  if (handle(family) == nullptr) return std::nullopt;
  std::string value;
  const rocksdb::Status status = db_->Get({}, handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failure(status, directory_);
  return value;
}

}  // namespace weft::store
