#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "integrations/s3/duckdb_library.h"
#include "maprun/items/file_items.h"
#include "sync/mutex.h"

namespace weft::s3 {

// Reads the rows of Parquet files with DuckDB's library, which is loaded for the first of them.
// Thread-safe.
class ParquetFiles {
 public:
  // `library`: a path, "" = where duckdb::load() looks.
  explicit ParquetFiles(std::string library) : path_(std::move(library)) {}

  // The rows of `bytes` from the row `from.offset` on, in order: objects of the columns in their
  // order, values as docs/reference/items.md says. Memory depends on the size of a row group. A
  // file without a path is copied to an unnamed temporary one. Blocks. Errors: load()'s,
  // kInvalidJson for what is no Parquet file, kIo.
  base::Result<std::unique_ptr<maprun::items::Items>> open(
      std::shared_ptr<maprun::items::Bytes> bytes, const maprun::items::FilePosition& from);

 private:
  base::Result<duckdb::Library> library();

  const std::string path_;
  sync::Mutex mutex_;
  std::optional<duckdb::Library> library_ WEFT_GUARDED_BY(mutex_);
};

// JSON as DuckDB writes it, with NaN and infinities as the texts that Step Functions has for them.
std::string without_bare_names(std::string_view json);

}  // namespace weft::s3
