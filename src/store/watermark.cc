#include "store/watermark.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "store/store.h"

namespace weft::store {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::string_view kMagic = "WEFTMARK";
constexpr uint32_t kSlotVersion = 1;
// magic 8, version 4, state 4, turn 8, commit 32, manifest 24, log 16, inventory 8, hash of these 8
constexpr size_t kSlotBytes = 112;

struct Slot {
  uint64_t turn = 0;
  Watermark mark;
};

std::string encode_slot(const Slot& slot) {
  std::string bytes(kMagic);
  append_u32(bytes, kSlotVersion);
  append_u32(bytes, static_cast<uint32_t>(slot.mark.state));
  append_u64(bytes, slot.turn);
  bytes += encode(slot.mark.commit);
  for (const uint64_t part :
       {slot.mark.manifest.number, slot.mark.manifest.bytes, slot.mark.manifest.hash,
        slot.mark.log.number, slot.mark.log.ordinal, slot.mark.inventory}) {
    append_u64(bytes, part);
  }
  append_u64(bytes, XXH3_64bits(bytes.data(), bytes.size()));
  return bytes;
}

std::optional<Slot> decode_slot(std::string_view bytes) {
  if (bytes.size() < kSlotBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const size_t hashed = kSlotBytes - sizeof(uint64_t);
  if (*read_u64(bytes, hashed) != XXH3_64bits(bytes.data(), hashed)) return std::nullopt;
  const uint32_t state = *read_u32(bytes, 12);
  if (*read_u32(bytes, 8) != kSlotVersion || state < 1 || state > 3) return std::nullopt;
  Slot slot{.turn = *read_u64(bytes, 16)};
  slot.mark.state = static_cast<Watermark::State>(state);
  slot.mark.commit = *decode_commit_mark(bytes.substr(24, kCommitMarkBytes));
  slot.mark.manifest = {*read_u64(bytes, 56), *read_u64(bytes, 64), *read_u64(bytes, 72)};
  slot.mark.log = {*read_u64(bytes, 80), *read_u64(bytes, 88)};
  slot.mark.inventory = *read_u64(bytes, 96);
  return slot;
}

bool is_empty(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::unexpected<base::Error> failed(std::string_view what, const std::string& path) {
  return fail(ErrorCode::kStorage, fmt::format("cannot {} {}: {}", what, path, strerror(errno)));
}

struct Slots {
  std::optional<Slot> newest;
  bool damaged = false;
};

base::Result<Slots> read_slots(int file, const std::string& path) {
  Slots slots;
  for (off_t at : {off_t{0}, static_cast<off_t>(kWatermarkSlotBytes)}) {
    char bytes[kSlotBytes] = {};
    const ssize_t got = pread(file, bytes, sizeof bytes, at);
    if (got < 0) return failed("read", path);
    const std::string_view text(bytes, static_cast<size_t>(got));
    const auto slot = decode_slot(text);
    if (slot && (!slots.newest || slot->turn > slots.newest->turn)) slots.newest = slot;
    if (!slot && (text.size() < sizeof bytes || !is_empty(text))) slots.damaged = true;
  }
  return slots;
}

std::string path_in(const std::string& directory) {
  return fmt::format("{}/{}", directory, kWatermarkFile);
}

}  // namespace

base::Result<WatermarkRead> read_watermark(const std::string& directory) {
  const std::string path = path_in(directory);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return WatermarkRead();
  if (file < 0) return failed("open", path);
  auto slots = read_slots(file, path);
  close(file);
  if (!slots) return std::unexpected(slots.error());
  WatermarkRead read{.exists = true, .slot_damaged = slots->damaged};
  if (slots->newest) read.newest = slots->newest->mark;
  return read;
}

bool is_in_use(const std::string& directory) {
  const int file = ::open(path_in(directory).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool free = flock(file, LOCK_SH | LOCK_NB) == 0;
  close(file);
  return !free;
}

base::Result<std::unique_ptr<WatermarkFile>> WatermarkFile::open(const std::string& directory) {
  std::string path = path_in(directory);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return failed("open", path);
  const auto close_with = [file](auto error) {
    close(file);
    return error;
  };
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return close_with(failed("lock", path));
    return close_with(
        fail(ErrorCode::kStorage,
             fmt::format("the data directory {} is in use by another process", directory)));
  }
  auto slots = read_slots(file, path);
  if (!slots) return close_with(std::unexpected(slots.error()));
  struct stat about{};
  if (fstat(file, &about) != 0) return close_with(failed("look at", path));
  // Its blocks are there from now on: no commit needs room on the disk for it.
  const off_t whole = 2 * static_cast<off_t>(kWatermarkSlotBytes);
  if (about.st_size < whole) {
    const std::string zeros(static_cast<size_t>(whole - about.st_size), '\0');
    if (pwrite(file, zeros.data(), zeros.size(), about.st_size) !=
        static_cast<ssize_t>(zeros.size())) {
      return close_with(failed("write", path));
    }
  }
  return std::unique_ptr<WatermarkFile>(
      new WatermarkFile(file, std::move(path), slots->newest ? slots->newest->turn + 1 : 0));
}

WatermarkFile::~WatermarkFile() { close(file_); }

base::Result<void> WatermarkFile::write(const Watermark& mark, Sync sync) {
  const std::string bytes = encode_slot({turn_, mark});
  const auto at = static_cast<off_t>(turn_ % 2 * kWatermarkSlotBytes);
  if (pwrite(file_, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size()))
    return failed("write", path_);
  // Where there is no such call it is as without: later.
  if (sync == Sync::kBegun)
    (void)sync_file_range(file_, at, kWatermarkSlotBytes, SYNC_FILE_RANGE_WRITE);
  if (sync == Sync::kDone && fdatasync(file_) != 0) return failed("sync", path_);
  ++turn_;
  return {};
}

}  // namespace weft::store
