#include "reading/column_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "columns/bytes.h"
#include "reading/properties.h"
#include "store/store.h"

namespace weft::reading {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using columns::Columns;

constexpr std::string_view kEnding = ".columns";
constexpr std::string_view kUnfinished = ".columns.new";
constexpr std::array<char, 8> kMagic = {'w', 'e', 'f', 't', 'c', 'o', 'l', 's'};
constexpr uint64_t kVersion = 1;
constexpr size_t kPiece = size_t{1} << 20;  // that is read or written at once

// What the file begins with. Numbers are little-endian.
struct Header {
  std::array<char, 8> magic = kMagic;
  uint64_t version = kVersion;
  std::array<uint64_t, 2> state{};  // hash of what it is the columns of
  uint64_t bytes = 0;               // behind the header
  std::array<uint64_t, 2> hash{};   // of these bytes
  uint64_t header_hash = 0;         // of all before
};
static_assert(sizeof(Header) == 64);

std::array<uint64_t, 2> parts_of(XXH128_hash_t hash) { return {hash.low64, hash.high64}; }
uint64_t hash_of(const Header& header) {
  return XXH3_64bits(&header, offsetof(Header, header_hash));
}

class Hashing {
 public:
  Hashing() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }
  void add(const void* bytes, size_t size) { XXH3_128bits_update(state_.get(), bytes, size); }
  std::array<uint64_t, 2> hash() const { return parts_of(XXH3_128bits_digest(state_.get())); }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

class File {
 public:
  File(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return file_ >= 0; }
  uint64_t size() const {
    struct stat about{};
    return ::fstat(file_, &about) == 0 && S_ISREG(about.st_mode)
               ? static_cast<uint64_t>(about.st_size)
               : 0;
  }
  bool read(void* into, size_t size, uint64_t at) const {
    return all(size, [&](size_t done) {
      return ::pread(file_, static_cast<char*>(into) + done, size - done,
                     static_cast<off_t>(at + done));
    });
  }
  bool write(const void* from, size_t size, uint64_t at) const {
    return all(size, [&](size_t done) {
      return ::pwrite(file_, static_cast<const char*>(from) + done, size - done,
                      static_cast<off_t>(at + done));
    });
  }

 private:
  template <typename Some>
  static bool all(size_t size, const Some& some) {
    for (size_t done = 0; done < size;) {
      const ssize_t part = some(done);
      if (part < 0 && errno == EINTR) continue;
      if (part <= 0) return false;
      done += static_cast<size_t>(part);
    }
    return true;
  }
  int file_;
};

// Bytes on their way to a file, behind its header.
class Body {
 public:
  explicit Body(const File& file) : file_(file) {}
  void take(std::string_view bytes) {
    waiting_ += bytes;
    if (waiting_.size() >= kPiece) flush();
  }
  void flush() {
    hashing_.add(waiting_.data(), waiting_.size());
    fine_ = fine_ && file_.write(waiting_.data(), waiting_.size(), sizeof(Header) + bytes_);
    bytes_ += waiting_.size();
    waiting_.clear();
  }
  bool fine() const { return fine_; }
  uint64_t bytes() const { return bytes_; }
  std::array<uint64_t, 2> hash() const { return hashing_.hash(); }

 private:
  const File& file_;
  std::string waiting_;
  Hashing hashing_;
  uint64_t bytes_ = 0;
  bool fine_ = true;
};

// The header of a file of such a state; nothing when it is another's, or no such file.
std::optional<Header> header_of(const File& file, const std::string& state) {
  Header header;
  if (!file.is_open() || !file.read(&header, sizeof header, 0)) return std::nullopt;
  const bool known = header.magic == kMagic && header.version == kVersion &&
                     header.header_hash == hash_of(header) &&
                     header.bytes == file.size() - sizeof header;
  if (!known || header.state != parts_of(XXH3_128bits(state.data(), state.size())))
    return std::nullopt;
  return header;
}

// Calls `visit` with each file there, the number of its run, and whether it was finished.
template <typename Visit>
void each_file(const std::string& directory, const Visit& visit) {
  std::error_code ignored;
  if (directory.empty()) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    uint64_t run = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), run);
    const std::string_view ending(end, static_cast<size_t>(name.data() + name.size() - end));
    if (error == std::errc() && (ending == kEnding || ending == kUnfinished))
      visit(entry, run, ending == kEnding);
  }
}

std::unexpected<base::Error> cannot_write(const std::string& path) {
  return fail(ErrorCode::kIo, fmt::format("Cannot write {}: {}", path, std::strerror(errno)));
}

}  // namespace

std::string ColumnFiles::path_of(uint64_t run) const {
  return fmt::format("{}/{}{}", query_.derived_directory(), run, kEnding);
}

bool ColumnFiles::wants(const records::MapRunRecord& run) const {
  return !query_.derived_directory().empty() && run.status != records::MapRunStatus::kRunning &&
         run.executions.total >= kColumnFileChildren;
}

// Everything that rows follow from: whatever changes them changes the run's record. The rest tells
// this store from one that lies here since, or is what is left of it.
base::Result<std::string> ColumnFiles::state_of(const records::MapRunRecord& run) const {
  std::string state = records::encode(run);
  const auto key = query_.store().get(store::Family::kMeta, "child-name-key");
  if (!key) return std::unexpected(key.error());
  state += key->value_or("");
  const std::string from(store::kDataLossPrefix);
  auto losses = query_.store().scan(store::Family::kMeta, from, from + "\xFF", false,
                                    [&](std::string_view loss, std::string_view) {
                                      state += loss;
                                      return true;
                                    });
  if (!losses) return std::unexpected(losses.error());
  return state;
}

bool ColumnFiles::has(const records::MapRunRecord& run) const {
  const auto state = state_of(run);
  return state && header_of(File(path_of(run.number), O_RDONLY | O_NOFOLLOW), *state);
}

std::shared_ptr<Columns> ColumnFiles::read(const records::MapRunRecord& run) const {
  if (!wants(run)) return nullptr;
  const auto state = state_of(run);
  if (!state) return nullptr;
  const File file(path_of(run.number), O_RDONLY | O_NOFOLLOW);
  const auto header = header_of(file, *state);
  if (!header) return nullptr;
  const auto bytes = std::make_shared_for_overwrite<std::byte[]>(header->bytes);
  Hashing hashing;
  for (uint64_t at = 0; at < header->bytes; at += kPiece) {
    const size_t part = std::min<uint64_t>(kPiece, header->bytes - at);
    if (!file.read(bytes.get() + at, part, sizeof(Header) + at)) return nullptr;
    hashing.add(bytes.get() + at, part);
  }
  if (hashing.hash() == header->hash) {
    if (auto read = columns::from_bytes(bytes, header->bytes))
      return std::make_shared<Columns>(std::move(*read));
  }
  // Its header is whole, so has() would keep it for ever.
  if (query_.keeps_derived_files()) ::unlink(path_of(run.number).c_str());
  return nullptr;
}

base::Result<void> ColumnFiles::write(const records::MapRunRecord& run,
                                      const Columns& columns) const {
  const auto state = state_of(run);
  if (!state) return std::unexpected(state.error());
  const std::string path = path_of(run.number);
  const std::string unfinished =
      fmt::format("{}/{}{}", query_.derived_directory(), run.number, kUnfinished);
  ::unlink(unfinished.c_str());
  const File file(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file.is_open()) return cannot_write(unfinished);
  Body body(file);
  columns::write_bytes(columns, [&](std::string_view bytes) { body.take(bytes); });
  body.flush();
  Header header{.state = parts_of(XXH3_128bits(state->data(), state->size())),
                .bytes = body.bytes(),
                .hash = body.hash()};
  header.header_hash = hash_of(header);
  // No fsync: what a power cut leaves of it has another hash.
  const bool written = body.fine() && file.write(&header, sizeof header, 0) &&
                       ::rename(unfinished.c_str(), path.c_str()) == 0;
  if (written) return {};
  const auto failure = cannot_write(path);
  ::unlink(unfinished.c_str());
  return failure;
}

base::Result<void> ColumnFiles::make(const records::MapRunRecord& run,
                                     const std::function<bool()>& go_on) const {
  if (!wants(run) || has(run)) return {};
  Columns columns;
  columns.origin_us = run.start_ms * 1'000;
  bool stopped = false;
  auto read =
      query_.row_chunks(run.number, 0, [&](uint64_t, std::span<const history::ChildRow> rows) {
        for (const history::ChildRow& row : rows) columns.append(row);
        stopped = stopped || !go_on();
        return !stopped;
      });
  if (!read) return read;
  const auto shape = learn_shape(query_, run.number);
  if (!shape) return std::unexpected(shape.error());
  WantedColumns wanted(true);
  wanted.properties = shape->telling;
  wanted.go_on = [&] {
    stopped = stopped || !go_on();
    return !stopped;
  };
  if (!stopped) read = read_wanted(query_, run.number, wanted, *shape, columns);
  if (!read) return read;
  if (stopped) return fail(ErrorCode::kUnavailable, "Nobody waits for the columns any more");
  // A run that was changed meanwhile has another record, and its rows may be of both.
  const auto now = query_.map_run(run.number);
  if (!now) return std::unexpected(now.error());
  if (records::encode(*now) != records::encode(run)) return {};
  return write(run, columns);
}

std::vector<uint64_t> ColumnFiles::missing() const {
  std::vector<uint64_t> numbers;
  if (query_.derived_directory().empty()) return numbers;
  // Damage is told by those who need what is damaged.
  (void)store::scan_checked(query_.store(), store::Family::kMapRun, "", "", true,
                            [&](std::string_view, std::string_view value) -> base::Result<bool> {
                              const auto run = records::decode_map_run(value);
                              if (!run) return std::unexpected(run.error());
                              if (wants(*run) && !has(*run)) numbers.push_back(run->number);
                              return true;
                            });
  return numbers;
}

base::Result<void> ColumnFiles::make_missing() const {
  for (const uint64_t number : missing()) {
    const auto run = query_.map_run(number);
    if (!run) return std::unexpected(run.error());
    if (auto made = make(*run, [] { return true; }); !made) return made;
  }
  return {};
}

std::vector<uint64_t> ColumnFiles::numbers_in(const std::string& directory) {
  std::vector<uint64_t> numbers;
  each_file(directory,
            [&](const fs::directory_entry&, uint64_t number, bool) { numbers.push_back(number); });
  return numbers;
}

ColumnFiles::Inventory ColumnFiles::inventory() const {
  Inventory found;
  each_file(query_.derived_directory(),
            [&](const fs::directory_entry& entry, uint64_t number, bool finished) {
              std::error_code ignored;
              const auto run = query_.map_run(number);
              ++found.files;
              found.bytes += entry.file_size(ignored);
              found.unfit += finished && run && has(*run) ? 0 : 1;
            });
  return found;
}

void ColumnFiles::sweep() const {
  each_file(query_.derived_directory(),
            [&](const fs::directory_entry& entry, uint64_t number, bool finished) {
              std::error_code ignored;
              const auto run = query_.map_run(number);
              const bool gone = !run && run.error().code == ErrorCode::kResourceNotFound;
              if (!finished || gone) fs::remove(entry.path(), ignored);
            });
}

}  // namespace weft::reading
