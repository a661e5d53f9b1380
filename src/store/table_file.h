#pragma once

#include <string>

namespace weft::store {

// Whether the file, a table of RocksDB, ends as one does: a footer that says how blocks are checked
// and where two of them lie, these two, and the block of its properties, as they were written. The
// footer has no checksum, and the properties are taken apart before theirs is looked at: by wrong
// ones RocksDB may read without any check, or end the process.
bool table_end_is_whole(const std::string& path);

}  // namespace weft::store
