#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/commit_mark.h"

// A small file beside RocksDB's that knows how far the store was written. RocksDB opens a store
// whose log or manifest ends early as if that had been all; this says that it was not.

namespace weft::store {

inline constexpr std::string_view kWatermarkFile = "WATERMARK";
inline constexpr size_t kWatermarkSlotBytes = 4'096;  // each slot has a block of the disk

// What the manifest of RocksDB held when it was last looked at: its number, and the hash of so many
// bytes from its beginning. It is only ever appended to.
struct ManifestMark {
  uint64_t number = 0;
  uint64_t bytes = 0;
  uint64_t hash = 0;

  bool operator==(const ManifestMark&) const = default;
};

// The oldest log of RocksDB that holds what is in no table yet, and the first commit in it.
struct LogMark {
  uint64_t number = 0;
  uint64_t ordinal = 0;

  bool operator==(const LogMark&) const = default;
};

struct Watermark {
  enum class State : uint32_t {
    kOpening = 1,  // RocksDB is opening it, and may be writing a new manifest
    kRunning = 2,  // or was killed
    kStopped = 3,  // everything is in tables, and INVENTORY lists the files
  };
  State state = State::kOpening;
  CommitMark commit;  // the newest one known to be durable
  ManifestMark manifest;
  LogMark log;
  uint64_t inventory = 0;  // kStopped: hash of the inventory's bytes

  bool operator==(const Watermark&) const = default;
};

struct WatermarkRead {
  std::optional<Watermark> newest;  // nothing: no slot can be read
  bool exists = false;              // the file does
  bool slot_damaged = false;        // one slot is neither empty nor whole; the other one does
};

// Reads what `directory` says, beside a writer too.
base::Result<WatermarkRead> read_watermark(const std::string& directory);

// Whether a process has the store open for writing.
bool is_in_use(const std::string& directory);

// The file, opened for writing and locked against others. Two slots are written in turn: a torn
// write leaves the other.
class WatermarkFile {
 public:
  // Makes it when it is missing. kStorage: in use by another process, or the disk's errors.
  static base::Result<std::unique_ptr<WatermarkFile>> open(const std::string& directory);
  ~WatermarkFile();
  WatermarkFile(const WatermarkFile&) = delete;
  WatermarkFile& operator=(const WatermarkFile&) = delete;

  enum class Sync : uint8_t {
    kNone,   // the system writes it when it likes, within half a minute
    kBegun,  // it is on its way to the disk, whose cache the next sync of any file there empties
    kDone,   // it is on the disk
  };
  // Costs one pwrite, and for kDone an fdatasync. One thread at a time.
  base::Result<void> write(const Watermark& mark, Sync sync);

 private:
  WatermarkFile(int file, std::string path, uint64_t turn)
      : file_(file), path_(std::move(path)), turn_(turn) {}

  const int file_;
  const std::string path_;
  uint64_t turn_;  // of the next slot; odd ones go into the second
};

}  // namespace weft::store
