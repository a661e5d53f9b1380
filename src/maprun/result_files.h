#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "history/result_file.h"

// The files of a ResultWriter. Pure: where they go is the caller's. AWS page "ResultWriter (Map)".

namespace weft::maprun {

// An object that is being written. It is there, whole, once finish() returned; gone without it when
// it is destroyed before.
class ResultObject {
 public:
  virtual ~ResultObject() = default;
  virtual base::Result<void> append(std::string_view bytes) = 0;
  virtual base::Result<void> finish() = 0;
};

// A bucket as a ResultWriter sees it: the port behind which a directory, the simulator's memory or
// another S3 lies. Objects are durable when finish() returned, and replace what has their key.
class ResultBucket {
 public:
  virtual ~ResultBucket() = default;
  virtual base::Result<std::unique_ptr<ResultObject>> create(const std::string& key) = 0;
  // Success when there is none.
  virtual base::Result<void> remove(const std::string& key) = 0;
  // How many bytes the object has; nothing when there is none.
  virtual base::Result<std::optional<uint64_t>> size_of(const std::string& key) = 0;
};

// `prefix` and `rest` with one slash between them; `rest` alone for an empty prefix.
std::string joined_key(std::string_view prefix, std::string_view rest);

// Writes records to the files of one Map Run: one at a time of each kind, FOLDER/SUCCEEDED_0.json
// and so on, a new one where the next record would make it larger than `file_bytes_max`. The same
// records in the same order make the same files. One thread; holds kBufferBytes of each kind.
class ResultFiles {
 public:
  static constexpr size_t kBufferBytes = size_t{256} << 10;

  // `bucket` must outlive it. `lines`: JSON Lines instead of a JSON array.
  ResultFiles(ResultBucket& bucket, std::string folder, bool lines, uint64_t file_bytes_max);

  // `record` is JSON without line breaks.
  base::Result<void> add(history::ResultFile::Kind kind, std::string_view record);
  // Ends the files; all that were written, by kind and number.
  base::Result<std::vector<history::ResultFile>> finish();
  // What may be there by now, for whoever gives up.
  const std::vector<history::ResultFile>& files() const { return done_; }

 private:
  struct Open {
    std::unique_ptr<ResultObject> object;  // null: none is open
    std::string buffer;
    history::ResultFile file;
    uint32_t number = 0;
  };
  base::Result<void> begin(Open& open, history::ResultFile::Kind kind);
  base::Result<void> flush(Open& open);
  base::Result<void> end(Open& open);

  ResultBucket& bucket_;
  const std::string folder_;
  const bool lines_;
  const uint64_t file_bytes_max_;
  std::array<Open, history::kResultKinds> open_;
  std::vector<history::ResultFile> done_;
};

// The text of manifest.json. `files` may be of several generations.
std::string manifest_text(std::string_view bucket, std::string_view map_run_arn,
                          const std::vector<history::ResultFile>& files);

}  // namespace weft::maprun
