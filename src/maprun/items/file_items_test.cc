#include "maprun/items/file_items.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace weft::maprun::items {
namespace {

class FixedBytes : public Bytes {
 public:
  explicit FixedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  const std::string& version() const override { return version_; }
  uint64_t size() const override { return bytes_.size(); }
  base::Result<std::string> read(uint64_t offset, size_t size) override {
    largest_ = std::max(largest_, size);
    return offset >= bytes_.size() ? std::string() : bytes_.substr(offset, size);
  }
  size_t largest() const { return largest_; }

 private:
  std::string bytes_;
  std::string version_ = "v";
  size_t largest_ = 0;
};

std::string gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

// 60,000 rows, more than one piece, some with line ends in quotes.
std::string rows() {
  std::string text = "id,name\n";
  for (int i = 0; i < 60'000; ++i)
    text +=
        i % 7 == 0 ? fmt::format("{},\"a\nb \"\"{}\"\"\"\n", i, i) : fmt::format("{},n{}\n", i, i);
  return text;
}

Format csv() {
  Format format;
  format.type = Format::Type::kCsv;
  return format;
}

// All items, with a new FileItems, as after a crash, behind each `pages` of 1,000.
std::vector<base::Text> read_all(const std::string& file, Packing packing, int pages) {
  std::vector<base::Text> items;
  FilePosition position;
  for (bool more = true; more;) {
    FileItems one(std::make_shared<FixedBytes>(file), packing, csv(), position);
    for (int i = 0; i < pages && more; ++i) {
      auto next = one.next(1'000, items);
      EXPECT_TRUE(next) << next.error().message;
      more = next && *next;
    }
    position = one.position();
  }
  return items;
}

TEST(FileItems, GoOnFromAPosition_WhateverTheFileIsPackedWith) {
  const std::string text = rows();
  const std::vector<base::Text> all = read_all(text, Packing::kNone, 1'000'000);
  ASSERT_EQ(all.size(), 60'000U);
  EXPECT_EQ(all[7].view(), R"({"name":"a\nb \"7\"","id":"7"})");
  EXPECT_EQ(all[59'999].view(), R"({"name":"n59999","id":"59999"})");
  EXPECT_TRUE(read_all(text, Packing::kNone, 3) == all);
  EXPECT_TRUE(read_all(gzip(text), Packing::kGzip, 1'000'000) == all);
  EXPECT_TRUE(read_all(gzip(text), Packing::kGzip, 9) == all);
  EXPECT_TRUE(read_all(zstd(text), Packing::kZstd, 9) == all);
  const size_t half = text.find("\n30000,") + 1;
  const std::string two = gzip(text.substr(0, half)) + gzip(text.substr(half));
  EXPECT_TRUE(read_all(two, Packing::kGzip, 9) == all);
}

TEST(FileItems, ReadAnItemOfManyPieces_ButNotOneBeyondTheLimit) {
  std::vector<base::Text> items;
  const std::string large = fmt::format("a\n1\n{}\n2\n", std::string(3u << 20, 'x'));
  FileItems fits(std::make_shared<FixedBytes>(large), Packing::kNone, csv(), {});
  while (*fits.next(1'000, items)) continue;
  EXPECT_EQ(items.size(), 3U);

  auto bytes = std::make_shared<FixedBytes>("a\n1\n\"" + std::string(40u << 20, 'x'));
  FileItems endless(bytes, Packing::kNone, csv(), {});
  items.clear();
  ASSERT_TRUE(endless.next(1'000, items));
  const auto failed = endless.next(1'000, items);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message,
            "the item at byte 4 is larger than 16777216 bytes (or a quote before it is not "
            "closed)");
  EXPECT_LE(bytes->largest(), kItemBytesMax);
}

TEST(FileItems, SayWhenAPackedFileIsDamagedOrCutOff) {
  const std::string text = rows();
  std::vector<base::Text> items;
  const auto error = [&](const std::string& file, Packing packing) {
    FileItems one(std::make_shared<FixedBytes>(file), packing, csv(), {});
    for (;;) {
      auto next = one.next(1'000, items);
      if (!next) return next.error().message;
      if (!*next) return std::string("none");
    }
  };
  const std::string packed = gzip(text);
  EXPECT_EQ(error(packed.substr(0, packed.size() / 2), Packing::kGzip),
            "the packed file is cut off");
  EXPECT_THAT(error(text, Packing::kGzip), testing::StartsWith("it is no whole gzip file: "));
  EXPECT_EQ(error(zstd(text).substr(0, 5'000), Packing::kZstd), "the packed file is cut off");
  EXPECT_THAT(error(text, Packing::kZstd), testing::StartsWith("it is no whole zstd file: "));
  EXPECT_EQ(error("", Packing::kGzip), "none");
}

TEST(Packing, IsToldByTheKeysEnd) {
  EXPECT_EQ(packing_of("a/b.csv.gz"), Packing::kGzip);
  EXPECT_EQ(packing_of("b.json.zst"), Packing::kZstd);
  EXPECT_EQ(packing_of("b.jsonl.zstd"), Packing::kZstd);
  EXPECT_EQ(packing_of("gz"), Packing::kNone);
}

}  // namespace
}  // namespace weft::maprun::items
