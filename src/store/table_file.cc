#include "store/table_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>

#include <xxhash.h>

// RocksDB's tables (table/format.h) end, in format version 5, with 53 bytes: the kind of checksum
// 1, two places of blocks (offset and length of each, as numbers of 7 bits a byte), zeros up to 41
// bytes, the version 4, a magic number 8. Numbers are little-endian; behind a block stand its
// compression 1 and a checksum 4. The first block has the places of others by their names, among
// them the properties, neither of them compressed; the second is the index. What we do not write we
// do not take: XXH3 alone.

namespace weft::store {
namespace {

constexpr size_t kFooterBytes = 53;
constexpr size_t kPlacesEnd = 41;
constexpr size_t kTrailerBytes = 5;
constexpr uint64_t kMagic = 0x88E2'41B7'85F4'CFF7;
constexpr uint64_t kVersion = 5;  // family_options()
constexpr uint8_t kXxh3 = 4;
constexpr uint64_t kBlockBytesMax = uint64_t{64} << 20;
constexpr std::string_view kProperties = "rocksdb.properties";

uint64_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

std::optional<uint64_t> take_number(std::string_view& bytes) {
  constexpr int kBitsMax = 63;
  uint64_t value = 0;
  for (int shift = 0; shift <= kBitsMax && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 0x7FU} << shift;
    if (byte == 0 && shift > 0) return std::nullopt;  // RocksDB writes none longer than it need be
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

struct Place {
  uint64_t offset = 0;
  uint64_t length = 0;
};

// That of a block before `end`.
std::optional<Place> take_place(std::string_view& bytes, uint64_t end) {
  const auto offset = take_number(bytes);
  const auto length = take_number(bytes);
  if (!offset || !length || *length == 0 || *length > std::min(end, kBlockBytesMax)) return {};
  if (*offset > end - *length || end - *length - *offset < kTrailerBytes) return {};
  return Place{*offset, *length};
}

bool read_at(std::ifstream& file, uint64_t offset, std::string& bytes) {
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
}

// The block's bytes, if they are what was written.
std::optional<std::string> read_block(std::ifstream& file, const Place& place) {
  std::string bytes(place.length + kTrailerBytes, '\0');
  if (!read_at(file, place.offset, bytes)) return std::nullopt;
  const auto compression = static_cast<uint8_t>(bytes[place.length]);
  constexpr uint32_t kLastByteFactor = 0x6B90'83D9;
  const uint32_t checksum = static_cast<uint32_t>(XXH3_64bits(bytes.data(), place.length)) ^
                            (compression * kLastByteFactor);
  if (little_endian(bytes, place.length + 1, 4) != checksum) return std::nullopt;
  bytes.resize(place.length);
  return bytes;
}

// Entries are: how much of the key before is shared (nothing), lengths of key and value, and these.
std::optional<Place> find_properties(std::string_view names, uint64_t end) {
  while (true) {
    const auto shared = take_number(names);
    const auto key = take_number(names);
    const auto value = take_number(names);
    if (!shared || !key || !value || *shared != 0 || *key > names.size() ||
        *value > names.size() - *key)
      return std::nullopt;
    const bool found = names.substr(0, *key) == kProperties;
    names.remove_prefix(*key);
    std::string_view place = names.substr(0, *value);
    if (found) return take_place(place, end);
    names.remove_prefix(*value);
  }
}

}  // namespace

bool table_end_is_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return false;
  const auto size = static_cast<uint64_t>(file.tellg());
  if (size < kFooterBytes) return false;
  const uint64_t end = size - kFooterBytes;
  std::string footer(kFooterBytes, '\0');
  if (!read_at(file, end, footer)) return false;
  if (little_endian(footer, kPlacesEnd + 4, 8) != kMagic) return false;
  if (little_endian(footer, kPlacesEnd, 4) != kVersion) return false;
  if (static_cast<uint8_t>(footer[0]) != kXxh3) return false;
  std::string_view places = std::string_view(footer).substr(1, kPlacesEnd - 1);
  const auto names_place = take_place(places, end);
  const auto index_place = take_place(places, end);
  if (!names_place || !index_place || !read_block(file, *index_place)) return false;
  if (places.find_first_not_of('\0') != std::string_view::npos) return false;
  const auto names = read_block(file, *names_place);
  const auto properties = names ? find_properties(*names, end) : std::nullopt;
  return properties && read_block(file, *properties);
}

}  // namespace weft::store
