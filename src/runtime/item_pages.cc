#include "runtime/item_pages.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "integrations/s3/bucket_registry.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::runtime {
namespace {

using maprun::Configuration;
using maprun::PageRead;
using maprun::ReadFailed;
using Page = std::variant<PageRead, ReadFailed>;

constexpr size_t kPageItems = 1'000;
// A JSON file of items is read whole.
constexpr size_t kJsonFileBytesMax = 256u << 20;

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

Page json_file(const Configuration& configuration, const s3::BucketRegistry& buckets) {
  auto text = buckets.get_object_text(configuration.bucket, configuration.key, kJsonFileBytesMax);
  if (!text) {
    return reader_failed(fmt::format("Attempting to read 's3://{}/{}' failed: {}",
                                     configuration.bucket, configuration.key,
                                     text.error().message));
  }
  json::Arena arena;
  auto parsed = json::parse(*text, arena);
  if (!parsed) {
    return reader_failed(fmt::format("'s3://{}/{}' is no JSON: {}", configuration.bucket,
                                     configuration.key, parsed.error().message));
  }
  PageRead page;
  page.last = true;
  if (parsed->is_array()) {
    for (uint32_t i = 0; i < parsed->size(); ++i)
      page.items.emplace_back(json::to_text(parsed->item(i)));
  } else if (parsed->is_object()) {
    for (uint32_t i = 0; i < parsed->size(); ++i) {
      std::string pair = "{\"Key\":";
      json::write_string(parsed->key(i), pair);
      pair += ",\"Value\":";
      json::write(parsed->member(i), pair);
      page.items.emplace_back(pair + "}");
    }
  } else {
    return reader_failed("Attempting to map over non-iterable node.");
  }
  return page;
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
  return json_file(configuration, *buckets);
}

}  // namespace weft::runtime
