#include "store/store_files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr std::string_view kOptionsPrefix = "OPTIONS-";
constexpr std::string_view kIdentity = "IDENTITY";
constexpr std::string_view kAdvice =
    "; nothing was changed. `weft doctor` checks everything, and with --salvage copies what can be "
    "read; --accept-data-loss goes on with what is left and keeps a copy of the files";
constexpr size_t kReadBytes = size_t{64} << 10;

std::unexpected<base::Error> failed(std::string_view what, const std::string& path) {
  return fail(ErrorCode::kStorage, fmt::format("cannot {} {}: {}", what, path, strerror(errno)));
}

bool is_data_file(std::string_view name) {
  return file_number(name).has_value() &&
         (name.starts_with(kManifestPrefix) || name.ends_with(".sst") || name.ends_with(".blob") ||
          name.ends_with(".log"));
}

std::optional<std::string> read_small(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string manifest_path(const std::string& directory, uint64_t number) {
  return fmt::format("{}/{}{:06}", directory, kManifestPrefix, number);
}

// Those that hold no data.
std::vector<std::string> small_files(const std::string& directory) {
  std::vector<std::string> names = options_files(directory);
  names.emplace_back(kIdentity);
  names.emplace_back(kManifestCopy);
  return names;
}

std::string hash_text(const std::string& bytes) {
  return fmt::format("x{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

// Lines of data files, name and length; then of the others, name and hash, which earlier versions
// take for the end.
std::string inventory_text(const std::string& directory) {
  std::string text;
  for (const StoreFile& file : list_store_files(directory))
    text += fmt::format("{} {}\n", file.name, file.bytes);
  for (const std::string& name : small_files(directory)) {
    const auto bytes = read_small(directory + "/" + name);
    if (bytes) text += fmt::format("{} {}\n", name, hash_text(*bytes));
  }
  return text;
}

// The first file in which what is there differs from what was: both lists are sorted.
std::string first_difference(const std::string& directory, const std::string& was) {
  std::vector<StoreFile> before;
  std::istringstream lines(was);
  for (StoreFile one; lines >> one.name >> one.bytes;) before.push_back(one);
  const std::vector<StoreFile> now = list_store_files(directory);
  const auto find = [](const std::vector<StoreFile>& files, const std::string& name) {
    return std::ranges::find(files, name, &StoreFile::name);
  };
  for (const StoreFile& file : before) {
    const auto found = find(now, file.name);
    if (found == now.end()) return fmt::format("the file {}/{} is missing", directory, file.name);
    if (found->bytes == file.bytes) continue;
    return fmt::format("the file {}/{} has {} bytes, and had {} when Weft stopped", directory,
                       file.name, found->bytes, file.bytes);
  }
  for (const StoreFile& file : now) {
    if (find(before, file.name) == before.end())
      return fmt::format("the file {}/{} was not there when Weft stopped", directory, file.name);
  }
  return {};
}

base::Result<void> check_inventory(const std::string& directory, uint64_t hash) {
  const std::string path = fmt::format("{}/{}", directory, kInventoryFile);
  const auto was = read_small(path);
  if (!was) return refusal(fmt::format("the file {} is missing", path));
  if (XXH3_64bits(was->data(), was->size()) != hash)
    return refusal(fmt::format("the file {} is damaged", path));
  std::string difference = first_difference(directory, *was);
  if (difference.empty()) return {};
  return refusal(std::move(difference));
}

}  // namespace

base::Result<void> check_manifest_file(const std::string& path, const ManifestMark& mark) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return refusal(fmt::format("the file {} is missing", path));
  XXH3_state_t* state = XXH3_createState();
  XXH3_64bits_reset(state);
  std::string bytes(kReadBytes, '\0');
  uint64_t left = mark.bytes;
  while (left > 0 && file) {
    file.read(bytes.data(), static_cast<std::streamsize>(std::min<uint64_t>(left, bytes.size())));
    const auto got = static_cast<size_t>(file.gcount());
    XXH3_64bits_update(state, bytes.data(), got);
    left -= got;
  }
  const uint64_t hash = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  if (left > 0) {
    return refusal(fmt::format("the file {} is cut: {} of the {} bytes that were written are left",
                               path, mark.bytes - left, mark.bytes));
  }
  if (hash == mark.hash) return {};
  return refusal(fmt::format("the file {} is damaged: its first {} bytes are not what was written",
                             path, mark.bytes));
}

std::optional<uint64_t> file_number(std::string_view name) {
  if (name.starts_with(kManifestPrefix)) name.remove_prefix(kManifestPrefix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end == name.data()) return std::nullopt;
  return number;
}

std::vector<StoreFile> list_store_files(const std::string& directory) {
  std::vector<StoreFile> files;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const std::string name = at->path().filename().string();
    if (!is_data_file(name)) continue;
    const uint64_t bytes = at->file_size(gone);
    if (!gone) files.push_back({name, bytes});
  }
  std::ranges::sort(files, {}, &StoreFile::name);
  return files;
}

std::string log_names(const std::string& directory) {
  std::string names;
  for (const StoreFile& file : list_store_files(directory)) {
    if (!file.name.ends_with(".log")) continue;
    names += fmt::format("{}{}/{}", names.empty() ? "" : ", ", directory, file.name);
  }
  return names.empty() ? fmt::format("no .log file is left in {}", directory) : names;
}

base::Result<uint64_t> current_manifest(const std::string& directory) {
  const std::string path = directory + "/CURRENT";
  const auto text = read_small(path);
  if (!text) return refusal(fmt::format("the file {} is missing", path));
  const bool named = text->starts_with(kManifestPrefix) && text->ends_with('\n');
  const auto number = named ? file_number(*text) : std::nullopt;
  if (number && *text == fmt::format("{}{:06}\n", kManifestPrefix, *number)) return *number;
  return refusal(fmt::format("the file {} is damaged: it names no manifest", path));
}

std::unexpected<base::Error> refusal(std::string what) {
  return fail(ErrorCode::kStorage, std::move(what) + std::string(kAdvice));
}

std::string without_advice(std::string message) {
  if (message.ends_with(kAdvice)) message.resize(message.size() - kAdvice.size());
  return message;
}

base::Result<void> check_files(const std::string& directory, const Watermark& mark) {
  const auto current = current_manifest(directory);
  if (!current) return std::unexpected(current.error());
  const bool opening = mark.state == Watermark::State::kOpening;
  // Opening writes a new manifest and makes CURRENT name it: what was looked at may be gone.
  if (*current != mark.manifest.number) {
    if (opening && *current > mark.manifest.number) return {};
    return refusal(
        fmt::format("the file {}/CURRENT is damaged: it names manifest {}, and {} is the newest",
                    directory, *current, mark.manifest.number));
  }
  if (auto same =
          check_manifest_file(manifest_path(directory, mark.manifest.number), mark.manifest);
      !same)
    return same;
  if (mark.state != Watermark::State::kStopped) return {};
  return check_inventory(directory, mark.inventory);
}

std::vector<std::string> options_files(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    if (name.starts_with(kOptionsPrefix)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> check_small_files(const std::string& directory, const Watermark& mark) {
  std::vector<std::string> wrong;
  const auto inventory = read_small(fmt::format("{}/{}", directory, kInventoryFile));
  if (mark.state == Watermark::State::kStopped && inventory) {
    std::istringstream lines(*inventory);
    for (std::string name, was; lines >> name >> was;) {
      if (!was.starts_with('x')) continue;
      const std::string path = directory + "/" + name;
      const auto bytes = read_small(path);
      if (!bytes) {
        wrong.push_back(fmt::format("the file {} is missing", path));
      } else if (hash_text(*bytes) != was) {
        wrong.push_back(fmt::format("the file {} is not what it was when Weft stopped", path));
      }
    }
    return wrong;
  }
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF-\n";
  const std::string path = fmt::format("{}/{}", directory, kIdentity);
  const auto identity = read_small(path);
  if (!identity) {
    wrong.push_back(fmt::format("the file {} is missing", path));
  } else if (identity->empty() || identity->find_first_not_of(kDigits) != std::string::npos) {
    wrong.push_back(fmt::format("the file {} is damaged: it holds no UUID", path));
  }
  return wrong;
}

base::Result<uint64_t> write_inventory(const std::string& directory) {
  const std::string text = inventory_text(directory);
  const std::string path = fmt::format("{}/{}", directory, kInventoryFile);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed("open", path);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fdatasync(file) == 0;
  close(file);
  if (!written) return failed("write", path);
  return XXH3_64bits(text.data(), text.size());
}

struct ManifestReader::Hash {
  XXH3_state_t* state = XXH3_createState();
  ~Hash() { XXH3_freeState(state); }
};

ManifestReader::ManifestReader(std::string directory)
    : directory_(std::move(directory)), hash_(std::make_unique<Hash>()) {}
ManifestReader::~ManifestReader() {
  if (copy_ >= 0) close(copy_);
}

base::Result<ManifestMark> ManifestReader::read() {
  const auto current = current_manifest(directory_);
  if (!current) return std::unexpected(current.error());
  if (*current != number_) {
    XXH3_64bits_reset(hash_->state);
    number_ = *current;
    bytes_ = 0;
    begin_copy();
  }
  const std::string path = manifest_path(directory_, number_);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed("open", path);
  auto mark = read_on(file, path);
  close(file);
  return mark;
}

base::Result<ManifestMark> ManifestReader::read_on(int file, const std::string& path) {
  std::string bytes(kReadBytes, '\0');
  while (true) {
    const ssize_t got = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(bytes_));
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    XXH3_64bits_update(hash_->state, bytes.data(), static_cast<size_t>(got));
    bytes_ += static_cast<uint64_t>(got);
    copy({bytes.data(), static_cast<size_t>(got)});
  }
  // RocksDB may be in the middle of an entry that it has not synced yet: after a power loss the
  // watermark must not know more than there is.
  if (fdatasync(file) != 0) return failed("sync", path);
  end_copy();
  return ManifestMark{.number = number_, .bytes = bytes_, .hash = XXH3_64bits_digest(hash_->state)};
}

// A copy that could not be written does not match what is known of the manifest: it is passed over.
void ManifestReader::begin_copy() {
  if (copy_ >= 0) close(copy_);
  const std::string path = fmt::format("{}/{}.new", directory_, kManifestCopy);
  copy_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  copy_named_ = false;
}

void ManifestReader::copy(std::string_view bytes) {
  if (copy_ < 0 || write(copy_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()))
    return;
  close(copy_);
  copy_ = -1;
}

void ManifestReader::end_copy() {
  if (copy_ < 0) return;
  (void)fdatasync(copy_);
  if (copy_named_) return;
  const std::string path = fmt::format("{}/{}", directory_, kManifestCopy);
  copy_named_ = std::rename((path + ".new").c_str(), path.c_str()) == 0;
}

base::Result<std::string> set_aside(const std::string& directory) {
  std::error_code error;
  for (int i = 1;; ++i) {
    const std::string aside = fmt::format("{}.damaged-{}", directory, i);
    if (fs::exists(aside, error)) continue;
    if (fs::create_directory(aside, error)) fs::permissions(aside, fs::perms::owner_all, error);
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      const fs::path name = at->path().filename();
      // RocksDB never writes into these again; what is written in place is copied.
      const bool link = is_data_file(name.string());
      if (link) fs::create_hard_link(at->path(), aside / name, error);
      if (!link || error) fs::copy_file(at->path(), aside / name, error);
    }
    if (!error) return aside;
    return fail(ErrorCode::kStorage,
                fmt::format("cannot keep a copy of the store in {}: {}", aside, error.message()));
  }
}

}  // namespace weft::store
