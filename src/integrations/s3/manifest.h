#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "integrations/s3/object_source.h"
#include "maprun/configuration.h"

namespace weft::s3 {

// A manifest larger than this is refused, in bytes: all of it is in memory.
inline constexpr size_t kManifestBytesMax = 64u << 20;

// A file of a manifest, and what the manifest says of it.
struct ListedFile {
  ObjectName name;
  std::optional<uint64_t> size{};
  std::string md5{};  // in hexadecimal digits; "" = it does not say
};

// The files that an object lists instead of holding items itself.
struct Manifest {
  std::string version;  // of the object
  std::vector<ListedFile> files;
  maprun::items::Format format;
};

// Reads what `configuration.manifest` says it is: the manifest.json of an S3 inventory (AWS page
// "Locating your inventory list"), whose files are CSV without a header, or the list of
// s3://BUCKET/KEY lines that Athena leaves beside what it unloads. Blocks. Errors: kInvalidJson for
// what is no such manifest, and the source's.
base::Result<Manifest> read_manifest(const maprun::Configuration& configuration,
                                     const ObjectName& name, ObjectSource& source,
                                     const Unwanted& unwanted);

// Whether the file is what its manifest says: kInvalidJson when not. Reads all of it where its
// version is no MD5 of it.
base::Result<void> check_listed(const ListedFile& listed, maprun::items::Bytes& bytes);

}  // namespace weft::s3
