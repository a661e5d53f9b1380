#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include "base/error.h"
#include "store/store.h"

// RocksDB with Weft's settings and families. Private to src/store: rocksdb_*.cc are the only files
// that know RocksDB. The settings and their reasons: docs/internals/store-format.md.

namespace weft::store {

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

// The files of stores, as RocksDB is to see them.
rocksdb::Env* private_files();
// To read a table by itself.
rocksdb::Options table_options();
// One sentence. Of damage it names the file.
std::unexpected<base::Error> failure(const rocksdb::Status& status, const std::string& directory);
// Whether the disk no longer holds what was written; not that it is full, or a lock.
bool is_damage(const rocksdb::Status& status);

// An opened database; closes itself.
class Database {
 public:
  // kReadAround, for reading only: opens past what is damaged, and takes of the log all that can be
  // read.
  enum class Strictness : uint8_t { kWhole, kReadAround };
  // `listener` may be null.
  static base::Result<std::unique_ptr<Database>> open(
      const OpenOptions& options, std::shared_ptr<rocksdb::EventListener> listener,
      Strictness strictness = Strictness::kWhole);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool is_open() const { return db_ != nullptr; }
  rocksdb::DB& db() const { return *db_; }
  const std::string& directory() const { return directory_; }
  // Null: a store written by an earlier version, opened for reading, lacks the family.
  rocksdb::ColumnFamilyHandle* handle(Family family) const;
  // Those that there are; the first is RocksDB's default family, which stays empty.
  std::vector<rocksdb::ColumnFamilyHandle*> handles() const;
  // Nothing when there is no such key.
  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const;
  // Ends background work; nothing may be asked afterwards.
  rocksdb::Status close();

 private:
  explicit Database(std::string directory) : directory_(std::move(directory)) {}
  rocksdb::Status open_families(const OpenOptions& options,
                                std::shared_ptr<rocksdb::EventListener> listener,
                                Strictness strictness);

  const std::string directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace weft::store
