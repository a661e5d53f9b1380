#include "store/rocksdb_integrity.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <rocksdb/metadata.h>

#include "store/blob_file.h"
#include "store/rocksdb_log.h"
#include "store/store_files.h"

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

base::Result<void> check_file(const std::string& directory, const std::string& name,
                              uint64_t bytes) {
  std::error_code error;
  const std::string path = directory + "/" + name;
  const uint64_t found = fs::file_size(path, error);
  if (error) return refusal(fmt::format("the file {} is missing", path));
  if (found == bytes) return {};
  return refusal(fmt::format("the file {} has {} bytes; {} were written", path, found, bytes));
}

// Which file the end of the log is missing from: the oldest that is needed may be gone itself.
std::string where_the_tail_was(const Database& database, const LogMark& known) {
  std::error_code error;
  const std::string& directory = database.directory();
  const uint64_t number = known.number != 0 ? known.number : oldest_needed_log(database);
  const std::string path = fmt::format("{}/{:06}.log", directory, number);
  if (number == 0 || fs::exists(path, error)) return log_names(directory);
  return fmt::format("the file {} is missing", path);
}

base::Result<void> check_tail(const Database& database, const CommitMark& found,
                              const Watermark& mark) {
  const std::string& directory = database.directory();
  const CommitMark& known = mark.commit;
  if (found.ordinal < known.ordinal) {
    return refusal(fmt::format(
        "E_LOST_TAIL: the store {} ends with commit {}, and commit {} was written: the last {} "
        "commit{} missing ({})",
        directory, found.ordinal, known.ordinal, known.ordinal - found.ordinal,
        known.ordinal - found.ordinal == 1 ? " is" : "s are",
        where_the_tail_was(database, mark.log)));
  }
  if (found.ordinal > known.ordinal || found == known) return {};
  return refusal(
      fmt::format("E_LOST_TAIL: commit {} of the store {} is another one than was written last: "
                  "its files and {}/{} are not of one store",
                  found.ordinal, directory, directory, kWatermarkFile));
}

template <typename Visit>
void for_each_live_file(const Database& database, const Visit& visit) {
  for (rocksdb::ColumnFamilyHandle* handle : database.handles()) {
    rocksdb::ColumnFamilyMetaData about;
    database.db().GetColumnFamilyMetaData(handle, &about);
    for (const auto& level : about.levels) {
      for (const auto& table : level.files)
        visit(fmt::format("{:06}.sst", table.file_number), table.size);
    }
    for (const auto& blob : about.blob_files)
      visit(fmt::format("{:06}.blob", blob.blob_file_number), blob.blob_file_size);
  }
}

base::Result<void> check_commits(const Database& database, const Recovered& recovered,
                                 const WatermarkRead& watermark) {
  const std::string& directory = database.directory();
  if (!watermark.newest) {
    // Format 1 had no watermark, nor has a store that is being made.
    if (recovered.commit.ordinal == 0) return {};
    return refusal(fmt::format("the file {}/{} is {}: nothing says whether the store is whole",
                               directory, kWatermarkFile,
                               watermark.exists ? "damaged" : "missing"));
  }
  const Watermark& known = *watermark.newest;
  if (auto whole = check_tail(database, recovered.commit, known); !whole) return whole;
  if (known.log == LogMark()) return {};
  auto read = check_log(database, known.log, recovered.commit);
  if (!read) return std::unexpected(read.error());
  return {};
}

base::Result<void> check_live_files(const Database& database) {
  const std::string& directory = database.directory();
  base::Result<void> checked;
  for_each_live_file(database, [&](std::string name, uint64_t bytes) {
    if (!checked) return;
    checked = check_file(directory, name, bytes);
    if (checked && name.ends_with(".blob") && !blob_header_is_whole(directory + "/" + name))
      checked = refusal(fmt::format("the file {}/{} is damaged at its beginning", directory, name));
  });
  return checked;
}

}  // namespace

base::Result<Recovered> recovered_of(const Database& database) {
  Recovered recovered;
  auto format = database.get(Family::kMeta, kFormatKey);
  if (!format) return std::unexpected(format.error());
  recovered.format = format->value_or("");
  auto commit = database.get(Family::kMeta, kCommitKey);
  if (!commit) return std::unexpected(commit.error());
  if (!*commit) return recovered;
  const auto mark = decode_commit_mark(**commit);
  if (!mark)
    return refusal(
        fmt::format("the record of the newest commit in {} is damaged", database.directory()));
  recovered.commit = *mark;
  return recovered;
}

base::Result<void> check_format(const Recovered& recovered, const std::string& directory) {
  if (recovered.format.empty() || reads_format(recovered.format)) return {};
  return fail(ErrorCode::kStorage,
              fmt::format("the data directory {} has store format {}, this version of Weft reads "
                          "formats up to {}",
                          directory, recovered.format, kFormatVersion));
}

base::Result<Recovered> check_database(const Database& database, const WatermarkRead& watermark) {
  const std::string& directory = database.directory();
  auto recovered = recovered_of(database);
  if (!recovered) return recovered;
  auto checked = check_format(*recovered, directory);
  if (checked) checked = check_commits(database, *recovered, watermark);
  if (checked) checked = check_live_files(database);
  if (!checked) return std::unexpected(checked.error());
  return recovered;
}

std::set<std::string> live_files(const Database& database) {
  std::set<std::string> names;
  for_each_live_file(database, [&](std::string name, uint64_t) { names.insert(std::move(name)); });
  return names;
}

base::Result<Recovered> check_closed_store(const OpenOptions& options,
                                           const WatermarkRead& watermark) {
  const std::string& directory = options.directory;
  if (watermark.newest) {
    if (auto same = check_files(directory, *watermark.newest); !same)
      return std::unexpected(same.error());
  } else if (auto current = current_manifest(directory); !current) {
    return std::unexpected(current.error());
  }
  OpenOptions reading = options;
  reading.read_only = true;
  auto database = Database::open(reading, nullptr);
  if (!database) return std::unexpected(database.error());
  return check_database(**database, watermark);
}

}  // namespace weft::store
