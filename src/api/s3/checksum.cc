#include "api/s3/checksum.h"

#include <bit>
#include <cstring>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/check.h"
#include "base/encoding.h"

namespace weft::api {
namespace {

// Tables for a reflected CRC taken eight bytes at a time: tables[k][b] is what the byte b followed
// by k zero bytes adds.
template <typename Word>
struct CrcTables {
  explicit constexpr CrcTables(Word polynomial) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      Word crc = byte;
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
      tables[0][byte] = crc;
    }
    for (size_t k = 1; k < 8; ++k) {
      for (uint32_t byte = 0; byte < 256; ++byte) {
        const Word before = tables[k - 1][byte];
        tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
      }
    }
  }
  std::array<std::array<Word, 256>, 8> tables{};
};

template <typename Word>
Word update_crc(const CrcTables<Word>& crcs, Word crc, std::string_view bytes) {
  const auto& tables = crcs.tables;
  static_assert(std::endian::native == std::endian::little);
  while (bytes.size() >= 8) {
    uint64_t block = 0;
    std::memcpy(&block, bytes.data(), 8);
    block ^= crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][(block >> (8 * i)) & 0xFF];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return crc;
}

const CrcTables<uint32_t>& crc32_tables() {
  static const CrcTables<uint32_t> tables(0xEDB88320U);
  return tables;
}
const CrcTables<uint32_t>& crc32c_tables() {
  static const CrcTables<uint32_t> tables(0x82F63B78U);
  return tables;
}
const CrcTables<uint64_t>& crc64_nvme_tables() {
  static const CrcTables<uint64_t> tables(0x9A6C9329AC4BC9B5U);
  return tables;
}

std::string big_endian(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

}  // namespace

void Checksum::FreeDigest::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

std::string_view checksum_name(ChecksumKind kind) {
  switch (kind) {
    case ChecksumKind::kCrc32:
      return "CRC32";
    case ChecksumKind::kCrc32c:
      return "CRC32C";
    case ChecksumKind::kCrc64Nvme:
      return "CRC64NVME";
    case ChecksumKind::kSha1:
      return "SHA1";
    case ChecksumKind::kSha256:
      return "SHA256";
  }
  return "";
}

std::optional<ChecksumKind> checksum_of_header(std::string_view suffix) {
  if (suffix == "crc32") return ChecksumKind::kCrc32;
  if (suffix == "crc32c") return ChecksumKind::kCrc32c;
  if (suffix == "crc64nvme") return ChecksumKind::kCrc64Nvme;
  if (suffix == "sha1") return ChecksumKind::kSha1;
  if (suffix == "sha256") return ChecksumKind::kSha256;
  return std::nullopt;
}

size_t checksum_bytes(ChecksumKind kind) {
  switch (kind) {
    case ChecksumKind::kCrc32:
    case ChecksumKind::kCrc32c:
      return 4;
    case ChecksumKind::kCrc64Nvme:
      return 8;
    case ChecksumKind::kSha1:
      return 20;
    case ChecksumKind::kSha256:
      return 32;
  }
  return 0;
}

Checksum::Checksum(ChecksumKind kind) : kind_(kind) {
  const bool sha = kind == ChecksumKind::kSha1 || kind == ChecksumKind::kSha256;
  if (sha) {
    digest_.reset(EVP_MD_CTX_new());
    const EVP_MD* algorithm = kind == ChecksumKind::kSha1 ? EVP_sha1() : EVP_sha256();
    WEFT_CHECK(digest_ != nullptr && EVP_DigestInit_ex(digest_.get(), algorithm, nullptr) == 1);
  } else {
    crc_ = kind == ChecksumKind::kCrc64Nvme ? UINT64_MAX : UINT32_MAX;
  }
}

void Checksum::append(std::string_view bytes) {
  switch (kind_) {
    case ChecksumKind::kCrc32:
      crc_ = update_crc(crc32_tables(), static_cast<uint32_t>(crc_), bytes);
      return;
    case ChecksumKind::kCrc32c:
      crc_ = update_crc(crc32c_tables(), static_cast<uint32_t>(crc_), bytes);
      return;
    case ChecksumKind::kCrc64Nvme:
      crc_ = update_crc(crc64_nvme_tables(), crc_, bytes);
      return;
    case ChecksumKind::kSha1:
    case ChecksumKind::kSha256:
      WEFT_CHECK(EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size()) == 1);
  }
}

std::string Checksum::finish() {
  if (digest_ == nullptr) return big_endian(~crc_, checksum_bytes(kind_));
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  WEFT_CHECK(EVP_DigestFinal_ex(digest_.get(), bytes, &size) == 1);
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string sha256_base64(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return base::to_base64({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::optional<std::string> from_exact_base64(std::string_view text) {
  auto bytes = base::from_base64(text);
  const bool exact = bytes && !text.empty() && base::to_base64(*bytes) == text;
  return exact ? std::move(bytes) : std::nullopt;
}

}  // namespace weft::api
