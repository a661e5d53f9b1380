#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/core.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include "base/check.h"
#include "store/rocksdb_integrity.h"
#include "store/rocksdb_log.h"
#include "store/store_files.h"
#include "sync/mutex.h"

// The durable store. How it knows that nothing is missing: docs/internals/store-format.md.

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr int kReadOnlyOpenAttempts = 5;
// The record of the commit itself, at the end of its batch: tag, family, lengths, key, value.
constexpr size_t kCommitRecordBytes = 64;
constexpr size_t kBatchHeaderBytes = 12;  // RocksDB's: sequence number and count

class RocksdbStore final : public Store {
 public:
  explicit RocksdbStore(OpenOptions options) : options_(std::move(options)) {}
  ~RocksdbStore() override { stop(); }

  base::Result<void> open() { return options_.read_only ? open_for_reading() : open_for_writing(); }

  base::Result<void> commit(Batch batch) override {
    // S3: one thread writes, so that batches have an order.
    const bool committing = committing_.exchange(true);
    WEFT_CHECK(!committing);
    const auto written = write_batch(batch);
    committing_ = false;
    return written;
  }

  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    rocksdb::ColumnFamilyHandle* handle = database_->handle(family);
    if (handle == nullptr) return std::nullopt;
    std::string value;
    const rocksdb::Status status = database_->db().Get({}, handle, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return failed(status);
    return value;
  }

  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override;

  std::optional<std::string> damage() const override {
    if (!damaged_) return std::nullopt;
    const sync::MutexLock lock(damage_mutex_);
    return damage_;
  }

 private:
  // Tells the store what RocksDB's own threads did. RocksDB may keep it longer than the store.
  class Listener final : public rocksdb::EventListener {
   public:
    explicit Listener(RocksdbStore& store) : store_(&store) {}
    void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { look(); }
    void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { look(); }
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
      if (is_damage(*status)) (void)store_->failed(*status);
    }

   private:
    void look() {
      if (store_->running_) (void)store_->look_at_manifest();
    }
    RocksdbStore* const store_;
  };

  base::Result<void> open_for_reading();
  base::Result<void> open_for_writing();
  base::Result<void> make_directory() const;
  base::Result<Recovered> check_before_opening(const WatermarkRead& read);
  // Whether RocksDB opens what is left of a store that is not whole, tried on a copy.
  base::Result<void> check_can_open_rest(const base::Error& damage) const;
  base::Result<void> begin(const WatermarkRead& read);
  base::Result<void> upgrade(const Recovered& recovered);
  base::Result<void> write_batch(const Batch& batch);
  // Lets the watermark know what the manifest has become.
  base::Result<void> look_at_manifest();
  base::Result<void> write_mark(WatermarkFile::Sync sync) WEFT_REQUIRES(mark_mutex_) {
    return watermark_->write(mark_, sync);
  }
  // Puts everything into tables, so that no log has to be replayed, and lists the files.
  void stop();
  base::Result<void> close_cleanly();
  std::unexpected<base::Error> failed(const rocksdb::Status& status) const;

  const OpenOptions options_;
  std::atomic<bool> committing_ = false;
  std::atomic<bool> running_ = false;  // open for writing, and the watermark says so
  uint64_t epoch_ = 0;
  CommitMark newest_;  // of the thread that writes
  std::string loss_;   // what --accept-data-loss has to go without
  std::unique_ptr<WatermarkFile> watermark_;
  sync::Mutex manifest_mutex_;
  std::optional<ManifestReader> manifest_ WEFT_GUARDED_BY(manifest_mutex_);
  LogMark log_ WEFT_GUARDED_BY(manifest_mutex_);
  sync::Mutex mark_mutex_;
  Watermark mark_ WEFT_GUARDED_BY(mark_mutex_);
  mutable std::atomic<bool> damaged_ = false;
  mutable sync::Mutex damage_mutex_;
  mutable std::string damage_ WEFT_GUARDED_BY(damage_mutex_);
  std::unique_ptr<Database> database_;
};

std::unexpected<base::Error> RocksdbStore::failed(const rocksdb::Status& status) const {
  auto error = failure(status, options_.directory);
  if (!is_damage(status)) return error;
  const sync::MutexLock lock(damage_mutex_);
  if (damage_.empty()) damage_ = error.error().message;
  damaged_ = true;
  return error;
}

base::Result<void> RocksdbStore::scan(Family family, std::string_view from, std::string_view to,
                                      bool reverse, const Visit& visit) const {
  rocksdb::ColumnFamilyHandle* handle = database_->handle(family);
  if (handle == nullptr) return {};
  const rocksdb::Slice lower = slice(from);
  const rocksdb::Slice upper = slice(to);
  rocksdb::ReadOptions how;
  if (!from.empty()) how.iterate_lower_bound = &lower;
  if (!to.empty()) how.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> rows(database_->db().NewIterator(how, handle));
  reverse ? rows->SeekToLast() : rows->SeekToFirst();
  while (rows->Valid() && visit(view(rows->key()), view(rows->value()))) {
    reverse ? rows->Prev() : rows->Next();
  }
  if (!rows->status().ok()) return failed(rows->status());
  return {};
}

base::Result<void> RocksdbStore::write_batch(const Batch& batch) {
  if (auto why = damage()) {
    return fail(ErrorCode::kStorage,
                fmt::format("the store is damaged and takes no writes: {}", *why));
  }
  if (options_.read_only) return fail(ErrorCode::kStorage, "the store is open for reading");
  rocksdb::WriteBatch writes(batch.bytes() + batch.keys() * 16 + kCommitRecordBytes);
  for (const Batch::Write& write : batch.writes()) {
    auto* handle = database_->handle(write.family);
    // S4: a store opened for writing has all families.
    WEFT_CHECK(handle != nullptr);
    const rocksdb::Status status = write.removal ? writes.Delete(handle, write.key)
                                                 : writes.Put(handle, write.key, write.value);
    if (!status.ok()) return failed(status);
  }
  const std::string_view body = std::string_view(writes.Data()).substr(kBatchHeaderBytes);
  const CommitMark mark = next_mark(newest_, epoch_, body);
  rocksdb::Status status =
      writes.Put(database_->handle(Family::kMeta), slice(kCommitKey), encode(mark));
  if (!status.ok()) return failed(status);
  rocksdb::WriteOptions how;
  how.sync = options_.durability == Durability::kFsync;
  status = database_->db().Write(how, &writes);
  if (!status.ok()) return failed(status);
  newest_ = mark;
  // S7: the watermark knows of no commit that is not durable. It is not locked while RocksDB
  // writes, which may wait for a flush, whose listener waits for the lock.
  const sync::MutexLock lock(mark_mutex_);
  mark_.commit = mark;
  // Not where a power cut may take the log as well: what is known should not be all too far ahead.
  return write_mark(how.sync ? WatermarkFile::Sync::kBegun : WatermarkFile::Sync::kNone);
}

base::Result<void> RocksdbStore::open_for_reading() {
  if (!fs::exists(options_.directory + "/CURRENT") && list_store_files(options_.directory).empty())
    return fail(ErrorCode::kStorage,
                fmt::format("the data directory {} holds no Weft data", options_.directory));
  base::Result<void> opened;
  // Beside a writer a file that the manifest names may vanish between reading the one and opening
  // the other, and so may a log whose writes have gone into tables.
  for (int i = 0; i < kReadOnlyOpenAttempts; ++i) {
    opened = {};
    const auto read = read_watermark(options_.directory);
    if (!read) return std::unexpected(read.error());
    if (read->newest && !options_.accept_data_loss)
      opened = check_files(options_.directory, *read->newest);
    if (!opened) continue;
    auto database = Database::open(options_, nullptr);
    if (!database) {
      opened = std::unexpected(database.error());
      continue;
    }
    database_ = std::move(*database);
    if (options_.accept_data_loss) return {};
    auto checked = check_database(*database_, *read);
    if (checked) return {};
    opened = std::unexpected(checked.error());
  }
  return opened;
}

base::Result<void> RocksdbStore::make_directory() const {
  std::error_code error;
  fs::create_directories(options_.directory, error);
  if (!error) return {};
  return fail(ErrorCode::kStorage, fmt::format("cannot create the data directory {}: {}",
                                               options_.directory, error.message()));
}

// A store that is not there yet is whole; the first commit of one that was being made when the
// process ended never came.
base::Result<Recovered> RocksdbStore::check_before_opening(const WatermarkRead& read) {
  const bool none = !fs::exists(options_.directory + "/CURRENT");
  const bool began =
      read.newest && (read.newest->commit.ordinal > 0 || read.newest->manifest.number > 0);
  if (none && !began && (read.newest || list_store_files(options_.directory).empty()))
    return Recovered();
  return check_closed_store(options_, read);
}

base::Result<void> RocksdbStore::check_can_open_rest(const base::Error& damage) const {
  auto copy = set_aside(options_.directory);
  if (!copy) return std::unexpected(copy.error());
  OpenOptions trying = options_;
  trying.directory = *copy;
  auto opened = Database::open(trying, nullptr);
  base::Result<void> can;
  if (!opened) {
    std::string why = without_advice(opened.error().message);
    for (size_t at = 0; (at = why.find(*copy, at)) != std::string::npos;
         at += options_.directory.size())
      why.replace(at, copy->size(), options_.directory);
    can =
        fail(ErrorCode::kStorage,
             fmt::format("{}; --accept-data-loss cannot go past it: {}; nothing was changed. `weft "
                         "doctor` with --salvage copies what can be read",
                         without_advice(damage.message), why));
  } else {
    opened->reset();
  }
  std::error_code ignored;
  fs::remove_all(*copy, ignored);
  return can;
}

base::Result<void> RocksdbStore::open_for_writing() {
  if (auto made = make_directory(); !made) return made;
  const std::string& directory = options_.directory;
  auto read = read_watermark(directory);
  if (read && read->exists) {
    auto locked = WatermarkFile::open(directory);
    if (!locked) return std::unexpected(locked.error());
    watermark_ = std::move(*locked);
    read = read_watermark(directory);  // as the last one that had it left it
  }
  if (!read) return std::unexpected(read.error());
  if (auto sound = check_before_opening(*read); !sound) {
    if (!options_.accept_data_loss) return std::unexpected(sound.error());
    if (auto can = check_can_open_rest(sound.error()); !can) return can;
    auto kept = set_aside(directory);
    if (!kept) return std::unexpected(kept.error());
    loss_ = fmt::format("{}; the files as they were are kept in {}",
                        without_advice(sound.error().message), *kept);
    if (options_.warn) options_.warn(loss_);
  }
  if (!watermark_) {
    auto locked = WatermarkFile::open(directory);
    if (!locked) return std::unexpected(locked.error());
    watermark_ = std::move(*locked);
  }
  return begin(*read);
}

base::Result<void> RocksdbStore::begin(const WatermarkRead& read) {
  {
    const sync::MutexLock lock(mark_mutex_);
    if (read.newest && loss_.empty()) mark_ = *read.newest;
    mark_.state = Watermark::State::kOpening;
    if (auto written = write_mark(WatermarkFile::Sync::kDone); !written) return written;
  }
  std::error_code ignored;
  fs::remove(fmt::format("{}/{}", options_.directory, kInventoryFile), ignored);
  auto database = Database::open(options_, std::make_shared<Listener>(*this));
  if (!database) return std::unexpected(database.error());
  database_ = std::move(*database);
  // Of an earlier version, which let others read.
  for (fs::directory_iterator at(options_.directory, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    std::error_code gone;
    if (at->is_regular_file(gone))
      fs::permissions(at->path(), fs::perms::owner_read | fs::perms::owner_write, gone);
  }
  auto recovered = recovered_of(*database_);
  if (!recovered) return std::unexpected(recovered.error());
  const uint64_t known = read.newest ? read.newest->commit.epoch : 0;
  epoch_ = std::max(recovered->commit.epoch, known) + 1;
  newest_ = recovered->commit;
  {
    const sync::MutexLock lock(mark_mutex_);
    mark_.commit = newest_;
    mark_.state = Watermark::State::kRunning;
  }
  {
    const sync::MutexLock lock(manifest_mutex_);
    manifest_.emplace(options_.directory);
  }
  if (auto looked = look_at_manifest(); !looked) return looked;
  running_ = true;
  // What was flushed while it was not running yet.
  if (auto looked = look_at_manifest(); !looked) return looked;
  return upgrade(*recovered);
}

base::Result<void> RocksdbStore::upgrade(const Recovered& recovered) {
  if (auto known = check_format(recovered, options_.directory); !known) return known;
  Batch batch;
  if (recovered.format != kFormatVersion)
    batch.put(Family::kMeta, std::string(kFormatKey), std::string(kFormatVersion));
  if (!loss_.empty())
    batch.put(Family::kMeta, fmt::format("{}{:06}", kDataLossPrefix, epoch_), loss_);
  if (batch.empty()) return {};
  return commit(std::move(batch));
}

base::Result<void> RocksdbStore::look_at_manifest() {
  const sync::MutexLock lock(manifest_mutex_);
  auto manifest = manifest_->read();
  if (!manifest) return std::unexpected(manifest.error());
  if (database_->is_open()) {
    auto log = first_log(*database_, log_, [this] {
      const sync::MutexLock lock(mark_mutex_);
      return mark_.commit.ordinal;
    });
    if (!log) return std::unexpected(log.error());
    log_ = *log;
  }
  const sync::MutexLock mark_lock(mark_mutex_);
  mark_.manifest = *manifest;
  mark_.log = log_;
  return write_mark(WatermarkFile::Sync::kDone);
}

void RocksdbStore::stop() {
  if (!database_ || !running_ || damaged_) return;
  const auto closed = close_cleanly();
  if (!closed && options_.not_closed) options_.not_closed(without_advice(closed.error().message));
}

base::Result<void> RocksdbStore::close_cleanly() {
  rocksdb::FlushOptions how;
  const rocksdb::Status flushed = database_->db().Flush(how, database_->handles());
  if (!flushed.ok()) return failure(flushed, options_.directory);
  running_ = false;
  const rocksdb::Status closed = database_->close();
  if (!closed.ok()) return failure(closed, options_.directory);
  if (auto looked = look_at_manifest(); !looked) return looked;
  const auto inventory = write_inventory(options_.directory);
  if (!inventory) return std::unexpected(inventory.error());
  const sync::MutexLock lock(mark_mutex_);
  mark_.state = Watermark::State::kStopped;
  mark_.inventory = *inventory;
  return write_mark(WatermarkFile::Sync::kDone);
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_rocksdb(const OpenOptions& options) {
  auto store = std::make_unique<RocksdbStore>(options);
  if (auto opened = store->open(); !opened) return std::unexpected(opened.error());
  return store;
}

}  // namespace weft::store
