#include "integrations/s3/parquet_items.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "net/file_descriptor.h"

namespace weft::s3 {
namespace {

using maprun::items::Bytes;
using maprun::items::FilePosition;

constexpr size_t kCopyBytes = 8u << 20;

// One core and little memory for each; nothing is fetched, nothing kept for another file.
constexpr const char* kSettings =
    "SET threads=1; SET memory_limit='256MB'; SET temp_directory=''; SET TimeZone='UTC';"
    "SET autoinstall_known_extensions=false; SET autoload_known_extensions=false;"
    "SET enable_external_file_cache=false; SET preserve_insertion_order=true";

// An object of another machine as an unnamed file on this one.
class TemporaryCopy : public Bytes {
 public:
  static base::Result<std::shared_ptr<Bytes>> of(std::shared_ptr<Bytes> original) {
    const std::string directory = std::filesystem::temp_directory_path().string();
    net::FileDescriptor file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    for (uint64_t offset = 0; file.is_open();) {
      auto piece = original->read(offset, kCopyBytes);
      if (!piece) return std::unexpected(piece.error());
      for (size_t done = 0; done < piece->size();) {
        const ssize_t written = ::write(file.get(), piece->data() + done, piece->size() - done);
        if (written <= 0) return cannot_copy(directory);
        done += static_cast<size_t>(written);
      }
      offset += piece->size();
      if (piece->size() < kCopyBytes)
        return std::make_shared<TemporaryCopy>(std::move(original), std::move(file));
    }
    return cannot_copy(directory);
  }
  TemporaryCopy(std::shared_ptr<Bytes> original, net::FileDescriptor file)
      : original_(std::move(original)), file_(std::move(file)) {}

  const std::string& version() const override { return original_->version(); }
  uint64_t size() const override { return original_->size(); }
  base::Result<std::string> read(uint64_t, size_t) override { return std::string(); }
  std::string path() const override { return fmt::format("/proc/self/fd/{}", file_.get()); }

 private:
  static std::unexpected<base::Error> cannot_copy(const std::string& directory) {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("it cannot be copied to {} (TMPDIR): the disk is full, or the "
                                  "file system knows no unnamed files",
                                  directory));
  }

  std::shared_ptr<Bytes> original_;
  net::FileDescriptor file_;
};

// A query at work over one file.
class ParquetItems : public maprun::items::Items {
 public:
  ParquetItems(const duckdb::Library& library, std::shared_ptr<Bytes> bytes, uint64_t first)
      : library_(library), bytes_(std::move(bytes)), row_(first) {}
  ~ParquetItems() override {
    if (chunk_ != nullptr) library_.destroy_chunk(&chunk_);
    if (running_) library_.destroy_result(&result_);
    if (pending_ != nullptr) library_.destroy_pending(&pending_);
    if (statement_ != nullptr) library_.destroy_prepare(&statement_);
    if (connection_ != nullptr) library_.disconnect(&connection_);
    if (database_ != nullptr) library_.close(&database_);
  }
  ParquetItems(const ParquetItems&) = delete;
  ParquetItems& operator=(const ParquetItems&) = delete;

  base::Result<void> begin() {
    duckdb::Result ignored;
    if (library_.open(nullptr, &database_) != 0 || library_.connect(database_, &connection_) != 0) {
      return base::fail(base::ErrorCode::kInternal, "DuckDB cannot start");
    }
    const bool set = library_.query(connection_, kSettings, &ignored) == 0;
    const std::string refused = set ? "" : said(library_.result_error(&ignored));
    library_.destroy_result(&ignored);
    if (!set) return base::fail(base::ErrorCode::kInternal, "DuckDB refuses a setting: " + refused);
    // The path is ours and holds no quotes. A whole row under a name that no column has.
    const std::string sql = fmt::format(
        "SELECT to_json(\"a row of the file\")::VARCHAR FROM read_parquet('{}') AS \"a row of the "
        "file\" OFFSET {}",
        bytes_->path(), row_);
    if (library_.prepare(connection_, sql.c_str(), &statement_) != 0)
      return unreadable(library_.prepare_error(statement_));
    if (library_.pending_prepared_streaming(statement_, &pending_) != 0)
      return unreadable(library_.pending_error(pending_));
    running_ = true;
    if (library_.execute_pending(pending_, &result_) != 0)
      return unreadable(library_.result_error(&result_));
    return {};
  }

  base::Result<bool> next(size_t max_items, std::vector<base::Text>& items) override {
    if (at_ == rows_) {
      if (auto fetched = fetch(); !fetched) return std::unexpected(fetched.error());
      // Of a file that was changed in its place, DuckDB may have read a bit of both.
      if (auto same = bytes_->read(0, 1); !same) return std::unexpected(same.error());
      if (rows_ == 0) return false;
    }
    const uint64_t end = std::min<uint64_t>(rows_, at_ + max_items);
    const auto* texts =
        static_cast<const duckdb::Text*>(library_.vector_data(library_.chunk_vector(chunk_, 0)));
    for (; at_ < end; ++at_, ++row_) {
      const duckdb::Text& text = texts[at_];
      if (text.length > maprun::items::kItemBytesMax) {
        return base::fail(base::ErrorCode::kLimit, fmt::format("the row {} is larger than {} bytes",
                                                               row_, maprun::items::kItemBytesMax));
      }
      constexpr uint32_t kInside = 12;
      const char* start = text.length <= kInside ? text.start : text.pointer;
      items.emplace_back(without_bare_names({start, text.length}));
    }
    return true;
  }
  FilePosition position() const override { return {row_, ""}; }

 private:
  base::Result<void> fetch() {
    if (chunk_ != nullptr) library_.destroy_chunk(&chunk_);
    at_ = rows_ = 0;
    chunk_ = library_.fetch_chunk(result_);
    if (chunk_ != nullptr) {
      rows_ = library_.chunk_size(chunk_);
      return {};
    }
    const char* error = library_.result_error(&result_);
    if (error != nullptr && *error != '\0') return unreadable(error);
    return {};
  }

  // What DuckDB says, without our query.
  std::string said(const char* error) const {
    std::string text(error == nullptr ? "" : error);
    text.resize(std::min(text.find('\n'), text.size()));
    const std::string path = "'" + bytes_->path() + "'";
    const size_t at = text.find(path);
    return at == std::string::npos ? text : text.replace(at, path.size(), "the file");
  }
  std::unexpected<base::Error> unreadable(const char* error) const {
    return base::fail(base::ErrorCode::kInvalidJson,
                      "it cannot be read as Parquet: " + said(error));
  }

  const duckdb::Library library_;
  std::shared_ptr<Bytes> bytes_;
  uint64_t row_ = 0;  // the next of the file
  void* database_ = nullptr;
  void* connection_ = nullptr;
  void* statement_ = nullptr;
  void* pending_ = nullptr;
  duckdb::Result result_;
  bool running_ = false;
  void* chunk_ = nullptr;
  uint64_t rows_ = 0;  // of the chunk
  uint64_t at_ = 0;    // the next of them
};

}  // namespace

base::Result<duckdb::Library> ParquetFiles::library() {
  const sync::MutexLock lock(mutex_);
  if (!library_) {
    auto loaded = duckdb::load(path_);
    if (!loaded) return loaded;
    library_ = *loaded;
  }
  return *library_;
}

base::Result<std::unique_ptr<maprun::items::Items>> ParquetFiles::open(std::shared_ptr<Bytes> bytes,
                                                                       const FilePosition& from) {
  auto loaded = library();
  if (!loaded) return std::unexpected(loaded.error());
  if (bytes->path().empty()) {
    auto copy = TemporaryCopy::of(std::move(bytes));
    if (!copy) return std::unexpected(copy.error());
    bytes = std::move(*copy);
  }
  auto items = std::make_unique<ParquetItems>(*loaded, std::move(bytes), from.offset);
  if (auto begun = items->begin(); !begun) return std::unexpected(begun.error());
  return items;
}

std::string without_bare_names(std::string_view json) {
  if (json.find("NaN") == std::string_view::npos &&
      json.find("Infinity") == std::string_view::npos) {
    return std::string(json);
  }
  std::string out;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (!in_string) {
      const size_t sign = json[i] == '-' ? 1 : 0;
      const std::string_view rest = json.substr(i + sign);
      const size_t length = rest.starts_with("NaN") ? 3 : rest.starts_with("Infinity") ? 8 : 0;
      if (length > 0) {
        out += '"';
        out += json.substr(i, sign + length);
        out += '"';
        i += sign + length - 1;
        continue;
      }
    }
    if (json[i] == '"') in_string = !in_string;
    out += json[i];
    if (in_string && json[i] == '\\' && i + 1 < json.size()) out += json[++i];
  }
  return out;
}

}  // namespace weft::s3
