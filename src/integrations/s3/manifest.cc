#include "integrations/s3/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "integrations/s3/md5.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/items/json_text.h"

namespace weft::s3 {
namespace {

using maprun::items::Format;

constexpr size_t kHashedPieceBytes = size_t{1} << 20;

std::unexpected<base::Error> no_manifest(std::string why) {
  return base::fail(base::ErrorCode::kInvalidJson, std::move(why));
}

// "Bucket, Key, Size" as names.
std::vector<std::string> schema_columns(std::string_view schema) {
  std::vector<std::string> columns;
  while (!schema.empty()) {
    const size_t end = std::min(schema.find(','), schema.size());
    columns.emplace_back(maprun::items::without_blanks(schema.substr(0, end)));
    schema.remove_prefix(std::min(end + 1, schema.size()));
  }
  return columns;
}

base::Result<void> read_inventory(std::string_view text, Manifest& manifest) {
  json::Arena arena;
  const auto all = json::parse(text, arena);
  if (!all) return no_manifest("it is no inventory's manifest.json: " + all.error().message);
  const std::string_view format = all->find("fileFormat").as_string();
  if (format != "CSV") {
    return no_manifest(
        fmt::format("the inventory's fileFormat is '{}'; Step Functions reads CSV "
                    "inventories only",
                    format));
  }
  manifest.format.type = Format::Type::kCsv;
  manifest.format.header_in_first_row = false;
  manifest.format.csv_header = schema_columns(all->find("fileSchema").as_string());
  if (manifest.format.csv_header.empty())
    return no_manifest("the inventory's manifest.json has no fileSchema");
  std::string_view bucket = all->find("destinationBucket").as_string();
  bucket.remove_prefix(std::min(bucket.rfind(':') + 1, bucket.size()));  // npos + 1 = 0
  const json::Value files = all->find("files");
  if (bucket.empty() || !files.is_array())
    return no_manifest("the inventory's manifest.json lacks destinationBucket or files");
  for (uint32_t i = 0; i < files.size(); ++i) {
    const std::string_view key = files.item(i).find("key").as_string();
    if (key.empty())
      return no_manifest(fmt::format("files[{}] of the inventory's manifest.json has no key", i));
    ListedFile file{.name = {std::string(bucket), std::string(key), ""}};
    if (const json::Value size = files.item(i).find("size"); size.is_number())
      file.size = static_cast<uint64_t>(size.as_int());
    file.md5 = files.item(i).find("MD5checksum").as_string();
    manifest.files.push_back(std::move(file));
  }
  return {};
}

base::Result<std::string> md5_of(maprun::items::Bytes& bytes) {
  Md5 md5;
  for (uint64_t offset = 0;;) {
    auto piece = bytes.read(offset, kHashedPieceBytes);
    if (!piece) return piece;
    md5.append(*piece);
    offset += piece->size();
    if (piece->size() < kHashedPieceBytes) return to_hex(md5.finish());
  }
}

base::Result<void> read_athena(std::string_view text, Manifest& manifest) {
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view address = maprun::items::without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (address.size() > 1 && address.front() == '"' && address.back() == '"')
      address = address.substr(1, address.size() - 2);
    if (address.empty()) continue;
    constexpr std::string_view kScheme = "s3://";
    const size_t slash = address.find('/', kScheme.size());
    if (!address.starts_with(kScheme) || slash == std::string_view::npos ||
        slash + 1 == address.size()) {
      return no_manifest(
          fmt::format("line {} of the manifest is '{}', not the address s3://BUCKET/KEY of a file",
                      line, address.substr(0, 200)));
    }
    manifest.files.push_back(
        {.name = {std::string(address.substr(kScheme.size(), slash - kScheme.size())),
                  std::string(address.substr(slash + 1)), ""}});
  }
  return {};
}

}  // namespace

base::Result<Manifest> read_manifest(const maprun::Configuration& configuration,
                                     const ObjectName& name, ObjectSource& source,
                                     const Unwanted& unwanted) {
  auto object = source.open(name, unwanted);
  if (!object) return std::unexpected(object.error());
  auto text = (*object)->read(0, kManifestBytesMax + 1);
  if (!text) return std::unexpected(text.error());
  if (text->size() > kManifestBytesMax) {
    return base::fail(base::ErrorCode::kLimit,
                      fmt::format("the manifest has more than {} bytes", kManifestBytesMax));
  }
  Manifest manifest{.version = (*object)->version(), .files = {}, .format = configuration.format};
  auto read = configuration.manifest == maprun::Configuration::Manifest::kInventory
                  ? read_inventory(*text, manifest)
                  : read_athena(*text, manifest);
  if (!read) return std::unexpected(read.error());
  return manifest;
}

base::Result<void> check_listed(const ListedFile& listed, maprun::items::Bytes& bytes) {
  if (listed.size && *listed.size != bytes.size()) {
    return no_manifest(
        fmt::format("it has {} bytes; expected {}, as the inventory's manifest.json "
                    "says",
                    bytes.size(), *listed.size));
  }
  if (listed.md5.empty() || listed.md5 == bytes.version()) return {};
  const auto md5 = md5_of(bytes);  // an ETag need not be one
  if (!md5) return std::unexpected(md5.error());
  if (*md5 == listed.md5) return {};
  return no_manifest(
      fmt::format("the MD5 of its bytes is {}; expected '{}', the MD5checksum that the "
                  "inventory's manifest.json says",
                  *md5, listed.md5.substr(0, 64)));
}

}  // namespace weft::s3
