#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "integrations/s3/object_source.h"
#include "maprun/configuration.h"

namespace weft::s3 {

// A manifest larger than this is refused, in bytes: all of it is in memory.
inline constexpr size_t kManifestBytesMax = 64u << 20;

// The files that an object lists instead of holding items itself.
struct Manifest {
  std::string version;  // of the object
  std::vector<ObjectName> files;
  maprun::items::Format format;
};

// Reads what `configuration.manifest` says it is: the manifest.json of an S3 inventory (AWS page
// "Locating your inventory list"), whose files are CSV without a header, or the list of
// s3://BUCKET/KEY lines that Athena leaves beside what it unloads. Blocks. Errors: kInvalidJson for
// what is no such manifest, and the source's.
base::Result<Manifest> read_manifest(const maprun::Configuration& configuration,
                                     const ObjectName& name, ObjectSource& source);

}  // namespace weft::s3
