#pragma once

#include <map>
#include <memory>
#include <string>

#include "integrations/s3/item_reading.h"
#include "sync/mutex.h"

namespace weft::s3 {

// One page of the items in a Map state's own input, after `cursor`. Pure.
maprun::PageRead state_page(const maprun::Configuration& configuration, const std::string& cursor);

// Reads the pages of all Map Runs of a process. What a run's next page needs, an open file above
// all, is kept between its pages for the kOpenMax runs that read last; every other page begins
// anew at its cursor. Thread-safe.
class ItemPages {
 public:
  static constexpr size_t kOpenMax = 64;

  // `source` outlives it. `parquet_library`: see ParquetFiles.
  explicit ItemPages(ObjectSource& source, const std::string& parquet_library = {})
      : source_(source), parquet_(parquet_library) {}

  // The page after `cursor` ("" = the first) of the Map Run with this number, of which one page is
  // read at a time. Blocks on files and other machines, and fails soon once it is `unwanted`. Items
  // have the form of AWS's page "ItemReader (Map)".
  ItemPage read(uint64_t run, std::shared_ptr<const maprun::Configuration> configuration,
                const std::string& cursor, const Unwanted& unwanted = nullptr);

 private:
  struct Open {
    std::shared_ptr<const maprun::Configuration> configuration;  // outlives the reading
    std::unique_ptr<ItemReading> reading;
    std::string cursor;  // of its next page
    Unwanted unwanted;
    uint64_t used = 0;
  };
  Open take(uint64_t run, const std::string& cursor, const Unwanted& unwanted);
  void keep(uint64_t run, Open open);

  ObjectSource& source_;
  ParquetFiles parquet_;
  sync::Mutex mutex_;
  std::map<uint64_t, Open> open_ WEFT_GUARDED_BY(mutex_);
  uint64_t uses_ WEFT_GUARDED_BY(mutex_) = 0;
};

}  // namespace weft::s3
