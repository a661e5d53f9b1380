#include "store/manifest_edit.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "store/masked_crc.h"

// RocksDB's manifest (db/log_format.h): blocks of 32 KiB with records, none of which begins where
// fewer than 7 bytes of a block are left. A record is a checksum 4 (CRC-32C of what follows the
// length, masked), its length 2, its kind 1, its bytes; one that does not fit into its block is in
// parts. Its bytes are one edit of a version (db/version_edit.cc): tags and their values, as
// numbers of 7 bits a byte. Numbers are little-endian.

namespace weft::store {
namespace {

constexpr size_t kManifestBlockBytes = size_t{32} << 10;
constexpr size_t kRecordHeaderBytes = 7;
enum Kind : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
constexpr uint32_t kDeletedFile = 6;
constexpr uint32_t kColumnFamily = 200;

void append_little_endian(std::string& bytes, uint32_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> 8 * i));
}

uint32_t number_in(std::string_view bytes, size_t size) {
  uint32_t value = 0;
  for (size_t i = size; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

void append_number(std::string& bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

// Where the last record ends that can be read, all before it too.
size_t readable_bytes(std::string_view all) {
  size_t end = 0;
  for (size_t at = 0; at + kRecordHeaderBytes <= all.size();) {
    const size_t left = kManifestBlockBytes - at % kManifestBlockBytes;
    if (left < kRecordHeaderBytes) {
      at += left;
      continue;
    }
    const uint32_t length = number_in(all.substr(at + 4), 2);
    const auto kind = static_cast<uint8_t>(all[at + 6]);
    if (kRecordHeaderBytes + length > std::min(left, all.size() - at) || kind < kFull ||
        kind > kLast)
      break;
    if (masked_crc(all.substr(at + 6, 1 + length)) != number_in(all.substr(at), 4)) break;
    at += kRecordHeaderBytes + length;
    if (kind == kFull || kind == kLast) end = at;
  }
  return end;
}

void append_record(std::string& all, std::string_view record) {
  for (bool first = true; first || !record.empty(); first = false) {
    size_t left = kManifestBlockBytes - all.size() % kManifestBlockBytes;
    if (left < kRecordHeaderBytes) {
      all.append(left, '\0');
      left = kManifestBlockBytes;
    }
    const std::string_view part = record.substr(0, left - kRecordHeaderBytes);
    record.remove_prefix(part.size());
    const bool last = record.empty();
    std::string checked(
        1, static_cast<char>(first ? (last ? kFull : kFirst) : (last ? kLast : kMiddle)));
    checked += part;
    append_little_endian(all, masked_crc(checked), 4);
    append_little_endian(all, static_cast<uint32_t>(part.size()), 2);
    all += checked;
  }
}

}  // namespace

bool drop_tables(const std::string& manifest, const std::vector<ManifestTable>& tables) {
  std::ifstream in(manifest, std::ios::binary);
  std::string all{std::istreambuf_iterator<char>(in), {}};
  in.close();
  all.resize(readable_bytes(all));
  for (const ManifestTable& table : tables) {
    std::string edit;
    append_number(edit, kDeletedFile);
    append_number(edit, table.level);
    append_number(edit, table.number);
    append_number(edit, kColumnFamily);
    append_number(edit, table.family);
    append_record(all, edit);
  }
  std::ofstream out(manifest, std::ios::binary | std::ios::trunc);
  out << all;
  out.close();
  return !out.fail();
}

}  // namespace weft::store
