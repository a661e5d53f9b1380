#pragma once

#include <optional>
#include <string>

namespace weft::store {

// The first blob file of a store in which a record, the header or the end is not what RocksDB
// wrote: it says that one is damaged, and not which. Reads them all.
std::optional<std::string> find_damaged_blob_file(const std::string& directory);

// Whether all of one blob file is as RocksDB wrote it, or its header alone.
bool blob_file_is_whole(const std::string& path);
bool blob_header_is_whole(const std::string& path);

}  // namespace weft::store
