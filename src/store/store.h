#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// The one port through which everything durable goes: an ordered key-value store with atomic
// batches. Implementations: open_rocksdb() (real), open_memory() (tests and simulator), and
// open_paged() in store/paged.h (read-only, the store of another server).
//
// One thread writes: the committer of a running host, or an import into a store nobody else has
// open. Any thread reads. What comes out was written by this program or an older one, unless a disk
// or another server says otherwise: bytes that are damaged are an error of who decodes them, with
// one sentence, and never reach a WEFT_CHECK.

namespace weft::store {

// Column families. Keys are big-endian so that byte order is numeric order; see
// docs/internals/store-format.md.
enum class Family : uint8_t {
  kMeta,             // kFormatKey -> format version; "child-name-key" -> what child ARNs hang on
  kMachine,          // state machine name -> record
  kDefinition,       // sha256 of the text -> definition text
  kExecution,        // top-level execution key -> summary record
  kName,             // names and ARNs, of six kinds (store-format.md) -> what they mean
  kTurn,             // execution key (run u64, index u64), turn number u32 -> encoded turn
  kMapRun,           // Map Run number -> record
  kSlice,            // Map Run number, slice number u32 -> child inputs and reader cursor
  kRow,              // Map Run number, chunk number u64 -> rows of finished children
  kExecutionMapRun,  // execution key, Map Run number -> empty: the Map Runs an execution started
  kSpan,             // execution key, sequence u64 -> spans its functions sent
  kDetail,           // Map Run number, part u32 ... -> which children kept full detail, and why
  kLog,              // execution key, sequence u64 -> lines its functions printed and logged
};
inline constexpr size_t kFamilyCount = 13;
std::string_view to_string(Family family);

// A set of writes that becomes visible and durable as one.
class Batch {
 public:
  void put(Family family, std::string key, std::string value);
  void remove(Family family, std::string key);
  void append(Batch&& other);
  bool empty() const { return writes_.empty(); }
  size_t bytes() const { return bytes_; }
  size_t keys() const { return writes_.size(); }

  struct Write {
    Family family;
    bool removal;
    std::string key;
    std::string value;
  };
  const std::vector<Write>& writes() const { return writes_; }

 private:
  std::vector<Write> writes_;
  size_t bytes_ = 0;
};

// Big-endian key pieces.
void append_u64(std::string& key, uint64_t value);
void append_u32(std::string& key, uint32_t value);
// The number at `offset` of a key or value; nothing when that ends before.
std::optional<uint64_t> read_u64(std::string_view bytes, size_t offset);
std::optional<uint32_t> read_u32(std::string_view bytes, size_t offset);

// One store, opened by one process at a time. Reads and scans are snapshots of what is committed;
// commit() is the only write and the only call that waits for the disk.
class Store {
 public:
  virtual ~Store() = default;

  // Writes the batch atomically; returns after it is durable (as durable as the store was opened to
  // be). Called from one thread only. An error means the process must stop: never retry a failed
  // fsync.
  virtual base::Result<void> commit(Batch batch) = 0;

  // Reads see every committed batch; any thread.
  virtual base::Result<std::optional<std::string>> get(Family family,
                                                       std::string_view key) const = 0;

  // Calls `visit` for each key in [from, to) (to empty = no end) in key order, or downward from
  // `to` when `reverse`; stops when it returns false.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual base::Result<void> scan(Family family, std::string_view from, std::string_view to,
                                  bool reverse, const Visit& visit) const = 0;

  // What was found damaged since the store was opened, in one sentence; it takes no writes from
  // then on. Any thread.
  virtual std::optional<std::string> damage() const { return std::nullopt; }
};

// Store::scan() with a visitor that may find the bytes damaged: its first error ends the scan and
// is the answer, else `false` ends it.
using CheckedVisit =
    std::function<base::Result<bool>(std::string_view key, std::string_view value)>;
base::Result<void> scan_checked(const Store& store, Family family, std::string_view from,
                                std::string_view to, bool reverse, const CheckedVisit& visit);

// Where, in Family::kMeta, a store says how its values are encoded, and how this version does.
inline constexpr std::string_view kFormatKey = "format";
// "1" had no commit marks and no watermark: it is read as it is, and becomes "2" when it is opened
// for writing.
inline constexpr std::string_view kFormatVersion = "2";
constexpr bool reads_format(std::string_view format) { return format == "1" || format == "2"; }

// Keys of Family::kMeta that tell what an opening with accept_data_loss went without.
inline constexpr std::string_view kDataLossPrefix = "data-loss/";

enum class Durability : uint8_t { kFsync, kOs };

struct OpenOptions {
  std::string directory;
  Durability durability = Durability::kFsync;
  // Open beside a running server; sees what was committed at the moment of opening.
  bool read_only = false;
  // Write buffers and block cache together. Small on purpose: values go to blob files, so larger
  // buffers brought no speed (bench/map.sh), and memory stays flat however many children a run has.
  size_t memory_bytes = 48u << 20;
  // Go on with what is left of a damaged store. All files are kept beside it first, and what is
  // missing is recorded (Family::kMeta, "data-loss/...") and told to `warn`, which may be empty.
  // Where RocksDB cannot open what is left, nothing is changed.
  bool accept_data_loss = false;
  std::function<void(const std::string& what)> warn;
  // Told when the store could not be closed cleanly, as on a full disk: nothing is lost, and the
  // next opening reads the log. May be empty.
  std::function<void(const std::string& why)> not_closed;
};

// Opens or creates the RocksDB store. Errors: directory missing and not creatable, another process
// has it open, unknown format version, and of damage one that names the file: a store of which
// something is missing is not opened and not changed (E_LOST_TAIL when that is its newest commits).
base::Result<std::unique_ptr<Store>> open_rocksdb(const OpenOptions& options);

// A store in memory: same semantics, nothing durable.
std::unique_ptr<Store> open_memory();

}  // namespace weft::store
