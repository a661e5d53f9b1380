#include "api/s3/body_checks.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace weft::api {
namespace {

// In hex, of "123456789" cut at `cut`: the check values of the catalogue of CRC algorithms.
std::string checksum_of(ChecksumKind kind, size_t cut) {
  constexpr std::string_view kText = "123456789";
  Checksum checksum(kind);
  checksum.append(kText.substr(0, cut));
  checksum.append(kText.substr(cut));
  std::string out;
  for (const char c : checksum.finish()) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

TEST(Checksum, CheckValues_HoweverTheTextIsCut) {
  for (size_t cut = 0; cut <= 9; ++cut) {
    EXPECT_EQ(checksum_of(ChecksumKind::kCrc32, cut), "cbf43926");
    EXPECT_EQ(checksum_of(ChecksumKind::kCrc32c, cut), "e3069283");
    EXPECT_EQ(checksum_of(ChecksumKind::kCrc64Nvme, cut), "ae8b14860a799888");
    EXPECT_EQ(checksum_of(ChecksumKind::kSha1, cut), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  }
}

TEST(Base64, OnlyWhatEncodesToTheSameText) {
  for (const std::string_view bytes : {"a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(from_exact_base64(base::to_base64(bytes)), bytes);
  }
  for (const std::string_view text : {"", "a", "YQ", "YQ=", "Y===", "YR==", "Y Q=", "Y=Q=", "YQ=\n",
                                      "=AAA", "YWJ*", "YQ==YQ=="}) {
    EXPECT_EQ(from_exact_base64(text), std::nullopt) << text;
  }
}

TEST(BodyChecks, OfAnObject_IgnoresItsChecksums) {
  net::Headers headers;
  headers.add("x-amz-checksum-crc32", "AAAAAA==");
  auto checks = BodyChecks::of(headers, false);
  ASSERT_TRUE(checks);
  checks->append("hello");
  EXPECT_TRUE(checks->check({}));
  EXPECT_EQ(checks->verified(), std::nullopt);
}

}  // namespace
}  // namespace weft::api
