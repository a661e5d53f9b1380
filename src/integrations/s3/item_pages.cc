#include "integrations/s3/item_pages.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "asl/map_item.h"
#include "integrations/s3/bucket_registry.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/json_array.h"

namespace weft::s3 {
namespace {

using maprun::Configuration;
using maprun::PageRead;
using maprun::ReadFailed;
using Page = std::variant<PageRead, ReadFailed>;

constexpr size_t kPageItems = 1'000;
// A JSON array is read in pieces of this size, and of more when an item needs it, up to AWS's limit
// for one item.
constexpr size_t kPieceBytes = 256u << 10;
constexpr size_t kItemBytesMax = 16u << 20;
// A JSON object, whose members are the items, is read whole.
constexpr size_t kJsonObjectBytesMax = 64u << 20;

ReadFailed reader_failed(std::string cause) {
  return {"States.ItemReaderFailed", std::move(cause)};
}

Page state_page(const Configuration& configuration, const std::string& cursor) {
  size_t first = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), first);
  const size_t end = std::min(configuration.items.size(), first + kPageItems);
  PageRead page;
  page.items.assign(configuration.items.begin() + static_cast<std::ptrdiff_t>(first),
                    configuration.items.begin() + static_cast<std::ptrdiff_t>(end));
  page.cursor = std::to_string(end);
  page.keyed = configuration.keyed;
  page.last = end == configuration.items.size();
  return page;
}

// Member order as AWS sends it to children.
std::string object_item(const s3::ObjectSummary& object) {
  std::string item = "{\"Etag\":";
  json::write_string(object.etag, item);
  item += fmt::format(",\"LastModified\":{},\"Key\":", object.last_modified_ms / 1'000);
  json::write_string(object.key, item);
  item += fmt::format(",\"Size\":{},\"StorageClass\":", object.size);
  json::write_string(object.storage_class, item);
  item += '}';
  return item;
}

Page listing_page(const Configuration& configuration, const std::string& cursor,
                  const s3::BucketRegistry& buckets) {
  auto listed =
      buckets.list_objects_v2(configuration.bucket, configuration.prefix, cursor, kPageItems);
  if (!listed) {
    return reader_failed(fmt::format("Attempting to list the objects of bucket '{}' failed: {}",
                                     configuration.bucket, listed.error().message));
  }
  PageRead page;
  page.items.reserve(listed->objects.size());
  for (const s3::ObjectSummary& object : listed->objects)
    page.items.emplace_back(object_item(object));
  page.cursor = listed->next_token;
  page.last = !listed->truncated;
  return page;
}

// Where a JSON file is to be read on: "OFFSET ETAG". The file must not change in between.
struct FilePosition {
  uint64_t offset = 0;
  std::string etag;
};

FilePosition parse_position(const std::string& cursor) {
  FilePosition position;
  const char* end = cursor.data() + cursor.size();
  const auto read = std::from_chars(cursor.data(), end, position.offset);
  if (read.ptr != end) position.etag.assign(read.ptr + 1, end);
  return position;
}

ReadFailed unreadable(const Configuration& configuration, std::string_view why) {
  return reader_failed(fmt::format("Attempting to read 's3://{}/{}' failed: {}",
                                   configuration.bucket, configuration.key, why));
}

// Bytes [offset, offset + size) of the file, fewer at its end.
std::string read_range(const s3::OpenObject& object, uint64_t offset, size_t size) {
  std::string bytes(std::min<uint64_t>(size, object.info.size - std::min(offset, object.info.size)),
                    '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(object.file->get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

// An object's members become items, all in one page.
Page json_object_file(const Configuration& configuration, const std::string& text) {
  json::Arena arena;
  auto parsed = json::parse(text, arena);
  if (!parsed) return unreadable(configuration, parsed.error().message);
  if (!parsed->is_object()) return reader_failed("Attempting to map over non-iterable node.");
  PageRead page;
  page.last = page.keyed = true;
  json::Arena entries;
  for (uint32_t i = 0; i < parsed->size(); ++i) {
    entries.reset();
    page.items.emplace_back(json::to_text(asl::entry_of(*parsed, i, entries)));
  }
  return page;
}

Page json_array_page(const Configuration& configuration, const s3::OpenObject& object,
                     uint64_t offset) {
  for (size_t size = kPieceBytes; size <= kItemBytesMax; size *= 4) {
    const std::string text = read_range(object, offset, size);
    const bool last = offset + text.size() >= object.info.size;
    auto piece = maprun::split_array(text, offset == 0, last, kPageItems);
    if (!piece) return unreadable(configuration, piece.error().message);
    if (piece->elements.empty() && !piece->end) continue;  // an item larger than the piece
    PageRead page;
    page.items.reserve(piece->elements.size());
    json::Arena arena;
    for (const std::string_view element : piece->elements) {
      arena.reset();
      auto item = json::parse(element, arena);
      if (!item) return unreadable(configuration, item.error().message);
      page.items.emplace_back(json::to_text(*item));
    }
    page.cursor = fmt::format("{} {}", offset + piece->consumed, object.info.attributes.etag);
    page.last = piece->end;
    return page;
  }
  return unreadable(configuration, fmt::format("an item is larger than {} bytes", kItemBytesMax));
}

Page json_file(const Configuration& configuration, const std::string& cursor,
               const s3::BucketRegistry& buckets) {
  const auto bucket = buckets.find(configuration.bucket);
  if (bucket == nullptr) return unreadable(configuration, "The specified bucket does not exist");
  auto object = bucket->get(configuration.key);
  if (!object || object->file == nullptr)
    return unreadable(configuration, "The specified key does not exist.");
  const FilePosition position = parse_position(cursor);
  if (position.offset != 0 && position.etag != object->info.attributes.etag) {
    return unreadable(configuration, "it was changed while its items were being read");
  }
  if (position.offset == 0) {
    const std::string head = read_range(*object, 0, kPieceBytes);
    const size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || head[first] != '[') {
      if (object->info.size > kJsonObjectBytesMax) {
        return unreadable(configuration,
                          fmt::format("an object of more than {} bytes", kJsonObjectBytesMax));
      }
      return json_object_file(configuration, read_range(*object, 0, object->info.size));
    }
  }
  return json_array_page(configuration, *object, position.offset);
}

}  // namespace

Page read_page(const Configuration& configuration, const std::string& cursor,
               const s3::BucketRegistry* buckets) {
  if (configuration.source == Configuration::Source::kState)
    return state_page(configuration, cursor);
  if (buckets == nullptr) {
    return reader_failed(
        fmt::format("The bucket '{}' does not exist: no bucket was given.", configuration.bucket));
  }
  if (configuration.source == Configuration::Source::kListObjectsV2)
    return listing_page(configuration, cursor, *buckets);
  return json_file(configuration, cursor, *buckets);
}

}  // namespace weft::s3
