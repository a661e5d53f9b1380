#include "store/rocksdb_salvage_view.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include "store/blob_file.h"
#include "store/manifest_edit.h"
#include "store/rocksdb_integrity.h"
#include "store/store_files.h"

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

base::Result<void> failed(const std::string& what, const std::error_code& error) {
  return fail(ErrorCode::kStorage, fmt::format("cannot {}: {}", what, error.message()));
}

// Which manifest was the newest: CURRENT may be damaged, or not yet be known to the watermark.
std::optional<uint64_t> newest_manifest(const std::string& store, const WatermarkRead& watermark) {
  std::set<uint64_t> there;
  for (const StoreFile& file : list_store_files(store)) {
    if (file.name.starts_with("MANIFEST-")) there.insert(file_number(file.name).value_or(0));
  }
  const auto current = current_manifest(store);
  const uint64_t known = watermark.newest ? watermark.newest->manifest.number : 0;
  if (current && *current > known && there.contains(*current)) return *current;
  if (known > 0) return known;  // of which there may be a copy
  if (there.empty()) return std::nullopt;
  return *there.rbegin();
}

struct Table {
  std::string name;
  std::string family;
  ManifestTable place;
};

std::vector<Table> tables_of(const Database& database) {
  std::vector<Table> tables;
  for (rocksdb::ColumnFamilyHandle* handle : database.handles()) {
    rocksdb::ColumnFamilyMetaData about;
    database.db().GetColumnFamilyMetaData(handle, &about);
    for (const auto& level : about.levels) {
      for (const auto& table : level.files) {
        tables.push_back({fmt::format("{:06}.sst", table.file_number),
                          handle->GetName(),
                          {.family = handle->GetID(),
                           .level = static_cast<uint32_t>(level.level),
                           .number = table.file_number}});
      }
    }
  }
  return tables;
}

}  // namespace

base::Result<std::unique_ptr<SalvageView>> SalvageView::make(const std::string& store,
                                                             const WatermarkRead& watermark,
                                                             const std::string& path) {
  std::error_code error;
  const std::string absolute = fs::absolute(store, error).string();
  if (!error) fs::create_directory(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return std::unexpected(failed("create the directory " + path, error).error());
  std::unique_ptr<SalvageView> view(new SalvageView(absolute, path));
  if (auto linked = view->link(watermark); !linked) return std::unexpected(linked.error());
  return view;
}

SalvageView::~SalvageView() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

base::Result<void> SalvageView::link(const WatermarkRead& watermark) {
  const auto manifest = newest_manifest(store_, watermark);
  if (!manifest) return fail(ErrorCode::kStorage, fmt::format("no manifest is left in {}", store_));
  for (const StoreFile& file : list_store_files(store_)) {
    if (file.name.starts_with("MANIFEST-")) continue;
    std::error_code error;
    fs::create_symlink(fs::path(store_) / file.name, fs::path(path_) / file.name, error);
    if (error) return failed("make links in " + path_, error);
  }
  return take_manifest(*manifest, watermark);
}

base::Result<void> SalvageView::take_manifest(uint64_t number, const WatermarkRead& watermark) {
  const std::string name = fmt::format("MANIFEST-{:06}", number);
  std::string from = store_ + "/" + name;
  const bool known = watermark.newest && watermark.newest->manifest.number == number;
  if (known && !check_manifest_file(from, watermark.newest->manifest)) {
    const std::string copy = fmt::format("{}/{}", store_, kManifestCopy);
    const bool copied = check_manifest_file(copy, watermark.newest->manifest).has_value();
    if (copied) from = copy;
    if (!copied) {
      missing_.push_back(
          fmt::format("the file {}/{} is damaged, and so is {}: tables that were written last are "
                      "not known",
                      store_, name, copy));
    }
  }
  std::error_code error;
  manifest_ = path_ + "/" + name;
  fs::copy_file(from, manifest_, error);
  if (error) return failed("copy " + from, error);
  if (known && !check_manifest_file(manifest_, watermark.newest->manifest) &&
      !drop_tables(manifest_, {})) {
    return fail(ErrorCode::kStorage, "cannot write " + manifest_);
  }
  std::ofstream current(path_ + "/CURRENT", std::ios::binary);
  current << name << "\n";
  current.close();
  if (current.fail()) return fail(ErrorCode::kStorage, "cannot write in " + path_);
  return {};
}

base::Result<std::unique_ptr<Database>> SalvageView::open() {
  auto database = open_once();
  if (!database) return database;
  note_blobs(**database);
  auto dropped = drop_unreadable_tables(**database);
  if (!dropped) return std::unexpected(dropped.error());
  if (!*dropped) return database;
  database->reset();
  return open_once();
}

base::Result<std::unique_ptr<Database>> SalvageView::open_once() {
  while (true) {
    auto database = Database::open({.directory = path_, .read_only = true}, nullptr,
                                   Database::Strictness::kReadAround);
    if (database) return database;
    if (fill_log(database.error().message)) continue;
    return fail(ErrorCode::kStorage, told(without_advice(database.error().message)));
  }
}

// "Missing WAL with log number: 12.", "Size mismatch: WAL (log number: 12) in MANIFEST is 345 bytes
// , but ...": to be told otherwise, RocksDB would have to write.
bool SalvageView::fill_log(const std::string& error) {
  const auto number_behind = [&](std::string_view words) {
    const size_t at = error.find(words);
    return at == std::string::npos ? std::nullopt : file_number(error.substr(at + words.size()));
  };
  const auto number = number_behind("log number: ");
  if (!number) return false;
  const std::string name = fmt::format("{:06}.log", *number);
  const std::string path = path_ + "/" + name;
  const uint64_t bytes = number_behind("in MANIFEST is ").value_or(0);
  std::error_code ignored;
  if (fs::exists(path, ignored) && fs::file_size(path, ignored) >= bytes) return false;
  missing_.push_back(fmt::format("the file {}/{} is {}", store_, name,
                                 error.contains("Missing WAL") ? "missing" : "cut"));
  std::string whole;
  {
    std::ifstream in(path, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  whole.resize(std::max<uint64_t>(whole.size(), bytes), '\0');
  fs::remove(path, ignored);
  std::ofstream out(path, std::ios::binary);
  out << whole;
  out.close();
  return !out.fail();
}

base::Result<bool> SalvageView::drop_unreadable_tables(const Database& database) {
  std::vector<ManifestTable> unreadable;
  for (const Table& table : tables_of(database)) {
    rocksdb::SstFileReader reader{table_options()};
    rocksdb::Status status = reader.Open(path_ + "/" + table.name);
    const bool opens = status.ok();
    if (opens) status = reader.VerifyChecksum();
    if (status.ok()) continue;
    missing_.push_back(
        fmt::format("the file {}/{} of the family {} {}", store_, table.name, table.family,
                    opens ? "is damaged in places: keys in them are missing, or come back as they "
                            "were before"
                          : "cannot be read: its keys are missing, or come back as they were "
                            "before"));
    if (!opens) unreadable.push_back(table.place);
  }
  if (unreadable.empty()) return false;
  if (drop_tables(manifest_, unreadable)) return true;
  return fail(ErrorCode::kStorage, "cannot write " + manifest_);
}

void SalvageView::note_blobs(const Database& database) {
  for (const std::string& name : live_files(database)) {
    if (!name.ends_with(".blob") || blob_file_is_whole(path_ + "/" + name)) continue;
    std::error_code error;
    const bool there = fs::exists(store_ + "/" + name, error);
    missing_.push_back(fmt::format("the file {}/{} is {}: values in it are missing", store_, name,
                                   there ? "damaged" : "not there"));
  }
}

std::string SalvageView::told(std::string text) const {
  for (size_t at = 0; (at = text.find(path_, at)) != std::string::npos; at += store_.size())
    text.replace(at, path_.size(), store_);
  return text;
}

}  // namespace weft::store
