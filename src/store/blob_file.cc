#include "store/blob_file.h"

#include <cstdint>
#include <fstream>
#include <string_view>

#include "store/masked_crc.h"
#include "store/store.h"
#include "store/store_files.h"

// RocksDB's blob files (db/blob/blob_log_format.h): a header of 30 bytes (magic 4, version 4,
// family 4, flags 1, compression 1, expirations 16), records of 32 bytes with key and value behind,
// a footer of 32 bytes. Numbers are little-endian, checksums CRC-32C; the header has none.

namespace weft::store {
namespace {

constexpr size_t kHeaderBytes = 30;
constexpr size_t kRecordBytes = 32;
constexpr size_t kFooterBytes = 32;
constexpr uint32_t kMagic = 2'395'959;
constexpr uint64_t kVersion = 1;
constexpr char kLz4 = 4;  // bulk_family_options()
constexpr uint64_t kValueBytesMax = uint64_t{1} << 32;

uint64_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

bool ends_with_crc(std::string_view bytes) {
  const size_t hashed = bytes.size() - sizeof(uint32_t);
  return masked_crc(bytes.substr(0, hashed)) == little_endian(bytes, hashed, sizeof(uint32_t));
}

bool read(std::ifstream& file, std::string& bytes, uint64_t size) {
  bytes.resize(size);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  return file.gcount() == static_cast<std::streamsize>(size);
}

// All of it is known but the family. Of a wrong compression RocksDB would give out compressed
// bytes as the value.
bool header_is_whole(std::ifstream& file, std::string& bytes) {
  return read(file, bytes, kHeaderBytes) && little_endian(bytes, 0, 4) == kMagic &&
         little_endian(bytes, 4, 4) == kVersion && little_endian(bytes, 8, 4) <= kFamilyCount &&
         bytes[12] == 0 && bytes[13] == kLz4 && little_endian(bytes, 14, 8) == 0 &&
         little_endian(bytes, 22, 8) == 0;
}

bool record_is_whole(std::ifstream& file, std::string& record, uint64_t left) {
  if (!read(file, record, kRecordBytes)) return false;
  const uint64_t key = little_endian(record, 0, 8);
  const uint64_t value = little_endian(record, 8, 8);
  const uint64_t crc = little_endian(record, 28, 4);
  if (masked_crc(std::string_view(record).substr(0, 24)) != little_endian(record, 24, 4))
    return false;
  if (key > kValueBytesMax || value > kValueBytesMax || key + value > left - kRecordBytes)
    return false;
  return read(file, record, key + value) && masked_crc(record) == crc;
}

}  // namespace

bool blob_header_is_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  return header_is_whole(file, bytes);
}

bool blob_file_is_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return false;
  const auto size = static_cast<uint64_t>(file.tellg());
  file.seekg(0);
  std::string bytes;
  if (!header_is_whole(file, bytes)) return false;
  uint64_t at = kHeaderBytes;
  if (size < kHeaderBytes + kFooterBytes) return false;
  const uint64_t records_end = size - kFooterBytes;
  while (at < records_end) {
    if (records_end - at < kRecordBytes || !record_is_whole(file, bytes, records_end - at))
      return false;
    at += kRecordBytes + bytes.size();
  }
  return read(file, bytes, kFooterBytes) && little_endian(bytes, 0, 4) == kMagic &&
         ends_with_crc(bytes);
}

std::optional<std::string> find_damaged_blob_file(const std::string& directory) {
  for (const StoreFile& file : list_store_files(directory)) {
    if (!file.name.ends_with(".blob")) continue;
    std::string path = directory + "/" + file.name;
    if (!blob_file_is_whole(path)) return path;
  }
  return std::nullopt;
}

}  // namespace weft::store
