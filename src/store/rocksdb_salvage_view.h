#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/rocksdb_database.h"
#include "store/watermark.h"

// A damaged store as one that RocksDB opens. Private to src/store.

namespace weft::store {

// A directory of links to the files of a store, with a manifest that does not name those that
// cannot be read. The store itself is only read. Goes away with this object.
class SalvageView {
 public:
  // Makes the directory `path`.
  static base::Result<std::unique_ptr<SalvageView>> make(const std::string& store,
                                                         const WatermarkRead& watermark,
                                                         const std::string& path);
  ~SalvageView();
  SalvageView(const SalvageView&) = delete;
  SalvageView& operator=(const SalvageView&) = delete;

  // Opens it for reading, without the tables that cannot be read.
  base::Result<std::unique_ptr<Database>> open();
  // What was not found whole, a sentence each.
  const std::vector<std::string>& missing() const { return missing_; }
  // With the store's name in place of the view's.
  std::string told(std::string text) const;

 private:
  SalvageView(std::string store, std::string path)
      : store_(std::move(store)), path_(std::move(path)) {}
  base::Result<void> link(const WatermarkRead& watermark);
  base::Result<void> take_manifest(uint64_t number, const WatermarkRead& watermark);
  base::Result<std::unique_ptr<Database>> open_once();
  // Makes the log as long as RocksDB's error wants it; false: that is not what it is about.
  bool fill_log(const std::string& error);
  // Whether there were any.
  base::Result<bool> drop_unreadable_tables(const Database& database);
  void note_blobs(const Database& database);

  const std::string store_;
  const std::string path_;
  std::string manifest_;  // in the view: a copy
  std::vector<std::string> missing_;
};

}  // namespace weft::store
