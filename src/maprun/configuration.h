#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "asl/program.h"
#include "base/error.h"
#include "base/text.h"
#include "maprun/items/decoder.h"

namespace weft::maprun {

// What becomes of the children's outputs (AWS page "ResultWriter (Map)").
struct Results {
  enum class Transformation : uint8_t { kNone, kCompact, kFlatten };
  Transformation transformation = Transformation::kCompact;
  bool lines = false;     // JSON Lines instead of a JSON array
  bool exported = false;  // to files in the bucket; else they are the Map state's output
  std::string bucket;
  std::string prefix;
  std::string fault;  // why they cannot be exported: cause of States.ResultWriterFailed
};

// The evaluated fields of a Distributed Map state, fixed for the life of its Map Run.
struct Configuration {
  enum class Source : uint8_t { kState, kListObjectsV2, kGetObject };
  Source source = Source::kState;
  std::vector<base::Text> items;  // kState: JSON text of each item
  bool keyed = false;             // kState: the items are the members of an object
  std::string bucket;             // readers
  std::string prefix;             // kListObjectsV2
  std::string key;                // kGetObject
  std::string version_id;         // kGetObject: "" = the current one
  // What the files hold: the object itself, those a manifest lists, or with `flatten` all of a
  // listing.
  items::Format format;
  enum class Manifest : uint8_t { kNone, kInventory, kAthena };
  Manifest manifest = Manifest::kNone;  // kGetObject
  bool flatten = false;                 // kListObjectsV2
  uint64_t max_items = 0;               // 0 = no limit
  bool batched = false;
  std::optional<uint64_t> batch_items_max;
  std::optional<uint64_t> batch_bytes_max;
  base::Text batch_input;        // null when there is none
  uint64_t max_concurrency = 0;  // as given; 0 = AWS's limit
  std::optional<uint64_t> tolerated_failure_count;
  std::optional<double> tolerated_failure_percentage;
  Results results;
  // For the ItemSelector: what the Map state saw when it was entered. Null without a selector.
  base::Text selector_input;
  base::Text selector_context;
  base::Text selector_variables;

  // How many children may run at once.
  uint64_t concurrency() const;
};

// Reads the JSON object that the engine puts into StartMapRun. Error: kInvalidArgument when a
// reader's arguments lack Bucket or Key or hold something else than strings, or its ItemsPointer or
// CSVHeaders are none; the message is the cause of States.ItemReaderFailed.
base::Result<Configuration> parse_configuration(const base::Text& json);

}  // namespace weft::maprun
