#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "integrations/s3/object_source.h"
#include "maprun/configuration.h"

namespace weft::s3 {

// Where the reader of a Map Run goes on: what its cursor says. Stored with each page's children.
struct ReadPosition {
  std::string manifest;  // the version of the manifest, when there is one
  uint64_t file = 0;     // which of its files is read
  std::string after;     // or the key behind which the listing goes on
  std::string version;   // of the file; "" = it has not been begun
  maprun::items::FilePosition in_file;
};

std::string write_position(const ReadPosition& position);
// Also the "OFFSET ETAG" of versions that read JSON arrays alone. "" is the beginning; nothing when
// the cursor is none.
std::optional<ReadPosition> parse_position(const std::string& cursor);

// The files whose items a Map Run reads, one after another.
class FileList {
 public:
  virtual ~FileList() = default;
  // The file at hand; nothing when there is none left. Blocks.
  virtual base::Result<std::optional<ObjectName>> current() = 0;
  // On to the next; not without a current one.
  virtual void advance() = 0;
  // Notes which file is at hand.
  virtual void note(ReadPosition& position) const = 0;
  // Whether the file at hand, open, is what the list says of it. Blocks. Error: kInvalidJson.
  virtual base::Result<void> check(maprun::items::Bytes&) const { return {}; }
  // How the files are to be read, when they say so themselves.
  virtual std::optional<maprun::items::Format> format() const { return std::nullopt; }
};

// The list for a configuration that reads files, from `position` on. `source` outlives it. Errors
// are the cause of States.ItemReaderFailed, whole.
base::Result<std::unique_ptr<FileList>> open_file_list(const maprun::Configuration& configuration,
                                                       const ReadPosition& position,
                                                       ObjectSource& source,
                                                       const Unwanted& unwanted);

// "Attempting to list the objects of bucket ...".
std::string cannot_list(std::string_view bucket, std::string_view why);
// "Attempting to read 's3://BUCKET/KEY' failed: WHY"; an error whose message is AWS's own stays as
// it is.
std::string unreadable(const ObjectName& name, const base::Error& why);

}  // namespace weft::s3
