#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/watermark.h"

// The files of RocksDB, looked at from outside: before it opens them, because opening deletes what
// its manifest does not name, and what of the log it cannot read.

namespace weft::store {

inline constexpr std::string_view kInventoryFile = "INVENTORY";
// A second copy of the newest manifest, for salvage(): without it nothing tells what the tables
// are.
inline constexpr std::string_view kManifestCopy = "MANIFEST.copy";

// One file that holds data: tables (.sst), blobs (.blob), logs (.log), manifests.
struct StoreFile {
  std::string name;
  uint64_t bytes = 0;
};

// Those that lie in `directory`, by name. None where there is no such directory.
std::vector<StoreFile> list_store_files(const std::string& directory);

// The logs that are left, for a message about what is not in them any more.
std::string log_names(const std::string& directory);

// Whether the file `path` begins with the bytes that `mark` knows.
base::Result<void> check_manifest_file(const std::string& path, const ManifestMark& mark);

// The number in "MANIFEST-000012", "000012.sst" ...; nothing when there is none.
std::optional<uint64_t> file_number(std::string_view name);

// The number of the manifest that the file CURRENT names. Errors name CURRENT.
base::Result<uint64_t> current_manifest(const std::string& directory);

// What is left of a store, after an error: `what` with what a user can do about it.
std::unexpected<base::Error> refusal(std::string what);
// `message` of a refusal as it was told to refusal().
std::string without_advice(std::string message);

// Whether the files are those that `mark` knows: CURRENT and the manifest, and after a clean stop
// each one's name and length. Errors name the file.
base::Result<void> check_files(const std::string& directory, const Watermark& mark);

// RocksDB's OPTIONS-* files, by name.
std::vector<std::string> options_files(const std::string& directory);
// What is wrong with the files that hold no data, IDENTITY, OPTIONS-* and MANIFEST.copy, a sentence
// each: after a clean stop one that is not what it was; else one that cannot be what it is. Opening
// does not look at them.
std::vector<std::string> check_small_files(const std::string& directory, const Watermark& mark);

// Writes the inventory of a store that RocksDB has closed, and gives its hash.
base::Result<uint64_t> write_inventory(const std::string& directory);

// Hashes the manifest as it grows, and keeps the copy of it, unless that cannot be written. One
// thread at a time.
class ManifestReader {
 public:
  explicit ManifestReader(std::string directory);
  ~ManifestReader();
  ManifestReader(const ManifestReader&) = delete;
  ManifestReader& operator=(const ManifestReader&) = delete;

  // Takes in what came since the last call, once that is durable.
  base::Result<ManifestMark> read();

 private:
  struct Hash;
  base::Result<ManifestMark> read_on(int file, const std::string& path);
  void begin_copy();
  void copy(std::string_view bytes);
  void end_copy();
  const std::string directory_;
  const std::unique_ptr<Hash> hash_;
  uint64_t number_ = 0;
  uint64_t bytes_ = 0;
  int copy_ = -1;            // open while it is kept
  bool copy_named_ = false;  // it has taken the place of the one before
};

// Links all files of a store into a directory beside it, so that nothing that opening it now would
// delete is lost; its name.
base::Result<std::string> set_aside(const std::string& directory);

}  // namespace weft::store
