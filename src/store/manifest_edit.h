#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::store {

// A table as the manifest knows it.
struct ManifestTable {
  uint32_t family = 0;  // RocksDB's number of the column family
  uint32_t level = 0;
  uint64_t number = 0;
};

// Cuts the file `manifest` (RocksDB's: records with checksums) before the first record that cannot
// be read, and writes behind the others that `tables` are gone. False: it cannot be written.
bool drop_tables(const std::string& manifest, const std::vector<ManifestTable>& tables);

}  // namespace weft::store
