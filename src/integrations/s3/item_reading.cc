#include "integrations/s3/item_reading.h"

#include <fmt/format.h>

#include "integrations/s3/file_list.h"
#include "json/write.h"

namespace weft::s3 {
namespace {

using maprun::Configuration;
using maprun::PageRead;
using maprun::ReadFailed;

ReadFailed reader_failed(std::string cause) {
  return {"States.ItemReaderFailed", std::move(cause)};
}

// Member order as AWS sends it to children.
std::string object_item(const ObjectSummary& object) {
  std::string item = "{\"Etag\":";
  json::write_string(object.etag, item);
  item += fmt::format(",\"LastModified\":{},\"Key\":", object.last_modified_ms / 1'000);
  json::write_string(object.key, item);
  item += fmt::format(",\"Size\":{},\"StorageClass\":", object.size);
  json::write_string(object.storage_class, item);
  item += '}';
  return item;
}

// The objects of a listing are the items. Its cursor is a continuation token of our own S3, which
// holds the last key, whoever listed it: other servers' tokens may not last as long as a run.
class ListingReading : public ItemReading {
 public:
  ListingReading(const Configuration& configuration, const std::string& cursor,
                 ObjectSource& source)
      : configuration_(configuration), source_(source), cursor_(cursor) {}

  ItemPage next_page() override {
    std::string after;
    if (!cursor_.empty()) {
      auto key = read_continuation_token(cursor_);
      if (!key) return reader_failed(cannot_list(configuration_.bucket, key.error().message));
      after = std::move(*key);
    }
    auto listed = source_.list(configuration_.bucket, configuration_.prefix, after, kPageItems);
    if (!listed) return reader_failed(cannot_list(configuration_.bucket, listed.error().message));
    PageRead page;
    page.items.reserve(listed->objects.size());
    for (const ObjectSummary& object : listed->objects)
      page.items.emplace_back(object_item(object));
    page.last = !listed->truncated || listed->objects.empty();
    if (!page.last) cursor_ = make_continuation_token(listed->objects.back().key);
    page.cursor = page.last ? "" : cursor_;
    return page;
  }

 private:
  const Configuration& configuration_;
  ObjectSource& source_;
  std::string cursor_;
};

// What stands in files is the items.
class FilesReading : public ItemReading {
 public:
  FilesReading(const Configuration& configuration, const std::string& cursor, ObjectSource& source,
               ParquetFiles& parquet, Unwanted unwanted)
      : configuration_(configuration),
        source_(source),
        parquet_(parquet),
        unwanted_(std::move(unwanted)),
        start_(parse_position(cursor)) {}

  ItemPage next_page() override {
    PageRead page;
    if (auto read = fill(page); !read) return reader_failed(read.error().message);
    page.cursor = write_position(position());
    return page;
  }

 private:
  // Errors are whole causes.
  base::Result<void> fill(PageRead& page) {
    if (auto opened = open_list(); !opened) return opened;
    size_t bytes = 0;
    while (page.items.size() < kPageItems && bytes < kPageBytes) {
      if (items_ == nullptr) {
        auto begun = open_next();
        if (!begun) return std::unexpected(begun.error());
        if (!*begun) {
          page.last = true;
          return {};
        }
      }
      const size_t before = page.items.size();
      auto more = items_->next(kPageItems - before, page.items);
      if (!more) return failed(more.error());
      if (before == 0) page.keyed = items_->keyed();
      if (page.items.size() > before && items_->keyed() != page.keyed) {
        // A page has items of one kind: this file begins the next one.
        page.items.resize(before);
        items_.reset();
        return {};
      }
      for (size_t i = before; i < page.items.size(); ++i) bytes += page.items[i].size();
      if (!*more) {
        items_.reset();
        files_->advance();
      }
    }
    return {};
  }

  base::Result<void> open_list() {
    if (files_ != nullptr) return {};
    if (!start_)
      return base::fail(base::ErrorCode::kStorage, "The stored cursor of the reader is damaged.");
    auto list = open_file_list(configuration_, *start_, source_, unwanted_);
    if (!list) return std::unexpected(list.error());
    files_ = std::move(*list);
    return {};
  }

  // With the cause for an error of the file at hand.
  std::unexpected<base::Error> failed(const base::Error& why) const {
    std::string cause = unreadable(name_, why);
    const bool not_as_given = why.code == base::ErrorCode::kInvalidJson ||
                              why.code == base::ErrorCode::kSerialization ||
                              why.code == base::ErrorCode::kLimit;
    if (configuration_.flatten && not_as_given) {
      cause += fmt::format(
          " (LOAD_AND_FLATTEN reads every object below the Prefix '{}' as its InputType)",
          configuration_.prefix);
    }
    return base::fail(why.code, std::move(cause));
  }

  // Opens the file at hand; false when there is none left.
  base::Result<bool> open_next() {
    auto name = files_->current();
    if (!name) return std::unexpected(name.error());
    if (!*name) return false;
    name_ = std::move(**name);
    auto bytes = source_.open(name_, unwanted_);
    if (!bytes) return failed(bytes.error());
    version_ = (*bytes)->version();
    if (!start_->version.empty() && start_->version != version_) return failed(object_changed());
    if (start_->version.empty()) {
      if (auto same = files_->check(**bytes); !same) return failed(same.error());
    }
    auto items = open_items(std::move(*bytes));
    if (!items) return failed(items.error());
    items_ = std::move(*items);
    start_->version.clear();
    start_->in_file = {};
    return true;
  }

  base::Result<std::unique_ptr<maprun::items::Items>> open_items(
      std::shared_ptr<maprun::items::Bytes> bytes) {
    const maprun::items::Format format = files_->format().value_or(configuration_.format);
    if (format.type == maprun::items::Format::Type::kParquet)
      return parquet_.open(std::move(bytes), start_->in_file);
    return std::make_unique<maprun::items::FileItems>(
        std::move(bytes), maprun::items::packing_of(name_.key), format, start_->in_file);
  }

  ReadPosition position() const {
    ReadPosition position;
    files_->note(position);
    if (items_ == nullptr) return position;
    position.version = version_;
    position.in_file = items_->position();
    return position;
  }

  const Configuration& configuration_;
  ObjectSource& source_;
  ParquetFiles& parquet_;
  const Unwanted unwanted_;
  std::optional<ReadPosition> start_;  // where the first file is gone on with
  std::unique_ptr<FileList> files_;
  ObjectName name_;      // of the file at hand
  std::string version_;  // of it
  std::unique_ptr<maprun::items::Items> items_;
};

}  // namespace

std::unique_ptr<ItemReading> open_reading(const Configuration& configuration,
                                          const std::string& cursor, ObjectSource& source,
                                          ParquetFiles& parquet, const Unwanted& unwanted) {
  if (configuration.source == Configuration::Source::kListObjectsV2 && !configuration.flatten)
    return std::make_unique<ListingReading>(configuration, cursor, source);
  return std::make_unique<FilesReading>(configuration, cursor, source, parquet, unwanted);
}

}  // namespace weft::s3
