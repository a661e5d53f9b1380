#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <openssl/types.h>

namespace weft::api {

// The checksums that S3 knows (AWS page "Checking object integrity for data uploads in Amazon S3").
enum class ChecksumKind : uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

// "CRC32", as S3's messages name it.
std::string_view checksum_name(ChecksumKind kind);
// The kind whose header is x-amz-checksum-`suffix` ("crc32", lower case); nothing for others.
std::optional<ChecksumKind> checksum_of_header(std::string_view suffix);
// How many bytes a checksum has.
size_t checksum_bytes(ChecksumKind kind);

// Computes one checksum piece by piece. One thread.
class Checksum {
 public:
  explicit Checksum(ChecksumKind kind);
  Checksum(Checksum&&) noexcept = default;
  Checksum& operator=(Checksum&&) noexcept = default;
  ~Checksum() = default;

  void append(std::string_view bytes);
  // The checksum of all that was appended: its bytes, the most significant first. Nothing may be
  // appended afterwards.
  std::string finish();

 private:
  struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const;
  };
  ChecksumKind kind_;
  uint64_t crc_ = 0;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest_;  // SHA-1, SHA-256
};

// The SHA-256 of `bytes` in Base64.
std::string sha256_base64(std::string_view bytes);
// The bytes that S3's headers mean: nothing unless `text` is, character for character, their
// Base64.
std::optional<std::string> from_exact_base64(std::string_view text);

}  // namespace weft::api
