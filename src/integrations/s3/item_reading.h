#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "integrations/s3/object_source.h"
#include "integrations/s3/parquet_items.h"
#include "maprun/map_run.h"

namespace weft::s3 {

using ItemPage = std::variant<maprun::PageRead, maprun::ReadFailed>;

// A Map Run's items being read: page after page, each with the cursor from which another reading
// would go on. Used on one thread at a time.
class ItemReading {
 public:
  virtual ~ItemReading() = default;
  // Blocks. Nothing follows a last page or a failure.
  virtual ItemPage next_page() = 0;
};

// How many items a page has at most, and about how many bytes.
inline constexpr size_t kPageItems = 1'000;
inline constexpr size_t kPageBytes = 4u << 20;

// A reading from `cursor` on ("" = the beginning). `configuration`, not of items in the state's
// input, `source` and `parquet` outlive it. It fails soon once it is `unwanted`.
std::unique_ptr<ItemReading> open_reading(const maprun::Configuration& configuration,
                                          const std::string& cursor, ObjectSource& source,
                                          ParquetFiles& parquet, const Unwanted& unwanted);

}  // namespace weft::s3
