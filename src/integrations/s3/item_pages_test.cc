#include "integrations/s3/item_pages.h"

#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integrations/s3/temporary_bucket.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::s3 {
namespace {

using maprun::Configuration;
using maprun::PageRead;
using maprun::ReadFailed;

class ItemPagesTest : public ::testing::Test {
 protected:
  ItemPagesTest() {
    EXPECT_TRUE(registry_.add("data", place_.path().string()));
    source_ = own_buckets(&registry_);
    pages_ = std::make_unique<ItemPages>(*source_);
  }

  // What the engine evaluates of an ItemReader.
  void read_with(const std::string& reader) {
    auto parsed = maprun::parse_configuration(base::Text(reader));
    ASSERT_TRUE(parsed) << parsed.error().message;
    configuration_ = std::make_shared<Configuration>(std::move(*parsed));
  }
  void read_file(const std::string& key, const std::string& more = "") {
    read_with(fmt::format(
        R"({{"source":"getObject","arguments":{{"Bucket":"data","Key":"{}"}}{}}})", key, more));
  }

  ItemPage page(const std::string& cursor) { return pages_->read(1, configuration_, cursor); }

  // All items as texts; the cause of the failure as the last of them.
  std::vector<std::string> items(bool restarted) {
    std::vector<std::string> all;
    std::string cursor;
    page_count_ = 0;
    for (bool last = false; !last;) {
      if (restarted) pages_ = std::make_unique<ItemPages>(*source_);
      ItemPage next = page(cursor);
      if (auto* failed = std::get_if<ReadFailed>(&next)) {
        EXPECT_EQ(failed->error, "States.ItemReaderFailed");
        all.push_back(failed->cause);
        return all;
      }
      const PageRead& read = std::get<PageRead>(next);
      for (const base::Text& item : read.items) all.push_back(item.str());
      cursor = read.cursor;
      last = read.last;
      keyed_ = keyed_ || read.keyed;
      ++page_count_;
    }
    return all;
  }
  std::vector<std::string> items() {
    std::vector<std::string> once = items(false);
    EXPECT_EQ(items(true), once) << "a reading that goes on at each cursor reads something else";
    return once;
  }

  TemporaryBucket place_;
  BucketRegistry registry_{{.staging = (place_.outside() / "stages").string()}};
  std::unique_ptr<ObjectSource> source_;
  std::unique_ptr<ItemPages> pages_;
  std::shared_ptr<const Configuration> configuration_;
  size_t page_count_ = 0;
  bool keyed_ = false;
};

std::string numbers(int count) {
  std::string text = "n,square\n";
  for (int64_t i = 0; i < count; ++i) text += fmt::format("{},{}\n", i, i * i);
  return text;
}

constexpr const char* kCsv = R"(,"inputType":"CSV")";

TEST_F(ItemPagesTest, CsvFileOfManyPages) {
  place_.write_file("n.csv", numbers(2'500));
  read_file("n.csv", kCsv);
  const auto all = items();
  ASSERT_EQ(all.size(), 2'500U);
  EXPECT_EQ(all[2'499], R"({"square":"6245001","n":"2499"})");
  EXPECT_EQ(page_count_, 3U);
}

// Hashing and reading a large file, for a run that was stopped.
TEST_F(ItemPagesTest, WhatNobodyWants_IsGivenUp) {
  place_.write_file("n.csv", numbers(2'500));
  read_file("n.csv", kCsv);
  const auto unwanted = std::make_shared<std::atomic<bool>>(false);
  const ItemPage first = pages_->read(1, configuration_, "", unwanted);
  ASSERT_TRUE(std::holds_alternative<PageRead>(first));
  const std::string cursor = std::get<PageRead>(first).cursor;
  *unwanted = true;
  const ItemPage given_up = pages_->read(2, configuration_, "", unwanted);
  ASSERT_TRUE(std::holds_alternative<ReadFailed>(given_up));
  EXPECT_THAT(std::get<ReadFailed>(given_up).cause, testing::HasSubstr("nobody waits"));
  // The run is redriven: its open file is not gone on with.
  const ItemPage again =
      pages_->read(1, configuration_, cursor, std::make_shared<std::atomic<bool>>(false));
  EXPECT_TRUE(std::holds_alternative<PageRead>(again));
}

TEST_F(ItemPagesTest, ObjectsMembersAreKeyed) {
  place_.write_file("o.json", R"({"meta":1,"items":{"a":1,"b":2}})");
  read_file("o.json", R"(,"inputType":"JSON","itemsPointer":"/items")");
  EXPECT_THAT(items(),
              testing::ElementsAre(R"({"Key":"a","Value":1})", R"({"Key":"b","Value":2})"));
  EXPECT_TRUE(keyed_);
}

TEST_F(ItemPagesTest, ObjectOrBucketThatIsMissing) {
  read_file("none.csv", kCsv);
  EXPECT_THAT(items(), testing::ElementsAre("Attempting to read 's3://data/none.csv' failed: The "
                                            "specified key does not exist."));
  read_with(R"({"source":"getObject","arguments":{"Bucket":"no","Key":"k"},"inputType":"JSONL"})");
  EXPECT_THAT(items(), testing::ElementsAre("Attempting to read 's3://no/k' failed: The specified "
                                            "bucket does not exist"));
  place_.write_file("v.json", "[1]");
  read_with(
      R"({"source":"getObject","arguments":{"Bucket":"data","Key":"v.json","VersionId":"x"}})");
  EXPECT_THAT(items(), testing::ElementsAre(
                           "Attempting to read 's3://data/v.json' failed: The specified version "
                           "does not exist: buckets here keep no versions."));
}

TEST_F(ItemPagesTest, CausesInAwsWords) {
  place_.write_file("d.csv", "a,a\n1,2\n");
  read_file("d.csv", kCsv);
  EXPECT_THAT(items(), testing::ElementsAre("CSV headers cannot contain duplicates."));
  place_.write_file("n.json", "5");
  read_file("n.json", R"(,"inputType":"JSON")");
  EXPECT_THAT(items(), testing::ElementsAre("Attempting to map over non-iterable node."));
}

// A run must not mix two versions, whether the file is still open or found again after a crash.
TEST_F(ItemPagesTest, FileThatChangesBetweenPagesFailsTheRun) {
  for (const bool restarted : {false, true}) {
    // Longer than what is read ahead, so that an open file is read again.
    place_.write_file("n.csv", numbers(40'000));
    read_file("n.csv", kCsv);
    std::string cursor;
    for (int i = 0; i < 3; ++i) cursor = std::get<PageRead>(page(cursor)).cursor;
    place_.write_file("n.csv", numbers(40'001));
    if (restarted) pages_ = std::make_unique<ItemPages>(*source_);
    ItemPage next = page(cursor);
    while (std::holds_alternative<PageRead>(next) && !std::get<PageRead>(next).last)
      next = page(std::get<PageRead>(next).cursor);
    ASSERT_TRUE(std::holds_alternative<ReadFailed>(next));
    EXPECT_EQ(std::get<ReadFailed>(next).cause,
              "Attempting to read 's3://data/n.csv' failed: it was changed while its items were "
              "being read");
  }
}

// Whether the bytes are the same decides, not what the clock of the file says. Both files are
// larger than those whose ETag is a hash.
TEST_F(ItemPagesTest, FileThatIsTouchedBetweenPagesIsTheSame) {
  const std::string text = numbers(120'000);
  for (const std::string& later : {text, text.substr(0, text.size() - 2) + "X\n"}) {
    for (const bool restarted : {false, true}) {
      place_.write_file("n.csv", text);
      const auto written = std::filesystem::last_write_time(place_.path() / "n.csv");
      read_file("n.csv", kCsv);
      std::string cursor;
      for (int i = 0; i < 3; ++i) cursor = std::get<PageRead>(page(cursor)).cursor;
      place_.write_file("n.csv", later);
      const bool same = later == text;
      std::filesystem::last_write_time(place_.path() / "n.csv",
                                       written + std::chrono::seconds(same ? 1 : 0));
      if (restarted) pages_ = std::make_unique<ItemPages>(*source_);
      size_t read = 3'000;
      ItemPage next = page(cursor);
      for (; std::holds_alternative<PageRead>(next); next = page(std::get<PageRead>(next).cursor)) {
        read += std::get<PageRead>(next).items.size();
        if (std::get<PageRead>(next).last) break;
      }
      EXPECT_EQ(std::holds_alternative<PageRead>(next), same);
      EXPECT_EQ(read == 120'000, same);
    }
  }
}

TEST_F(ItemPagesTest, EndedSourceHashesNoFile) {
  place_.write_file("n.csv", numbers(3));
  read_file("n.csv", kCsv);
  source_->stop();
  EXPECT_THAT(items(), testing::ElementsAre("Attempting to read 's3://data/n.csv' failed: nobody "
                                            "waits for it any more"));
}

TEST_F(ItemPagesTest, CursorOfAnOlderVersionGoesOnInAnArray) {
  place_.write_file("a.json", "[10,20,30]");
  read_file("a.json");
  const auto etag = registry_.find("data")->head("a.json")->attributes.etag;
  const ItemPage next = page("4 " + etag);
  ASSERT_TRUE(std::holds_alternative<PageRead>(next)) << std::get<ReadFailed>(next).cause;
  ASSERT_EQ(std::get<PageRead>(next).items.size(), 2U);
  EXPECT_EQ(std::get<PageRead>(next).items[0].view(), "20");
}

TEST_F(ItemPagesTest, DamagedCursor) {
  place_.write_file("a.json", "[10]");
  read_file("a.json");
  EXPECT_EQ(std::get<ReadFailed>(page("x")).cause, "The stored cursor of the reader is damaged.");
}

TEST_F(ItemPagesTest, ListingOfManyPages) {
  for (int i = 0; i < 1'003; ++i) place_.write_file(fmt::format("p/{:04}", i), "x");
  place_.write_file("q/0", "x");
  read_with(R"({"source":"listObjectsV2","arguments":{"Bucket":"data","Prefix":"p/"}})");
  const auto all = items();
  ASSERT_EQ(all.size(), 1'003U);
  EXPECT_THAT(all[1'002], testing::HasSubstr(R"("Key":"p/1002","Size":1,"StorageClass":)"));
}

TEST_F(ItemPagesTest, FlattenedListing_ReadsEveryObject) {
  for (int i = 0; i < 510; ++i)
    place_.write_file(fmt::format("in/{:04}.csv", i), fmt::format("a\n{}\n{}\n", i, i));
  read_with(
      R"({"source":"listObjectsV2","arguments":{"Bucket":"data","Prefix":"in/"},"inputType":"CSV",
          "transformation":"LOAD_AND_FLATTEN"})");
  const auto all = items();
  ASSERT_EQ(all.size(), 1'020U);
  EXPECT_EQ(all[1'019], R"({"a":"509"})");
}

TEST_F(ItemPagesTest, FlattenedListing_OfArraysAndObjects_KeepsTheirKinds) {
  place_.write_file("f/1.json", "[1]");
  place_.write_file("f/2.json", R"({"k":2})");
  place_.write_file("f/3.json", "[]");
  place_.write_file("f/4.json", R"({"l":3})");
  place_.write_file("f/5.json", "[4]");
  read_with(
      R"({"source":"listObjectsV2","arguments":{"Bucket":"data","Prefix":"f/"},"inputType":"JSON",
          "transformation":"LOAD_AND_FLATTEN"})");
  EXPECT_THAT(items(), testing::ElementsAre("1", R"({"Key":"k","Value":2})",
                                            R"({"Key":"l","Value":3})", "4"));
}

TEST_F(ItemPagesTest, FlattenedListing_OfNothing) {
  read_with(R"({"source":"listObjectsV2","arguments":{"Bucket":"data"},"inputType":"JSONL",
                "transformation":"LOAD_AND_FLATTEN"})");
  EXPECT_THAT(items(), testing::IsEmpty());
}

constexpr const char* kInventory = R"({"sourceBucket":"photos",
  "destinationBucket":"arn:aws:s3:::data","version":"2016-11-30","creationTimestamp":"1",
  "fileFormat":"CSV","fileSchema":"Bucket, Key, Size",
  "files":[{"key":"inv/1.csv"},{"key":"inv/2.csv"}]})";

TEST_F(ItemPagesTest, Inventory) {
  place_.write_file("inv/manifest.json", kInventory);
  place_.write_file("inv/1.csv", "\"photos\",\"a b.jpg\",\"12\"\n\"photos\",\"c\",\"3\"\n");
  place_.write_file("inv/2.csv", "\"photos\",\"d\",\"\"\n");
  read_file("inv/manifest.json", R"(,"manifestType":"S3_INVENTORY")");
  EXPECT_THAT(items(), testing::ElementsAre(R"({"Bucket":"photos","Size":"12","Key":"a b.jpg"})",
                                            R"({"Bucket":"photos","Size":"3","Key":"c"})",
                                            R"({"Bucket":"photos","Size":"","Key":"d"})"));
}

TEST_F(ItemPagesTest, InventoryWhoseManifestChanges) {
  place_.write_file("inv/manifest.json", kInventory);
  place_.write_file("inv/1.csv", numbers(1'500));
  place_.write_file("inv/2.csv", "\"photos\",\"d\",\"\"\n");
  read_file("inv/manifest.json", R"(,"manifestType":"S3_INVENTORY")");
  const std::string cursor = std::get<PageRead>(page("")).cursor;
  place_.write_file("inv/manifest.json", std::string(kInventory) + "\n");
  pages_ = std::make_unique<ItemPages>(*source_);
  EXPECT_EQ(std::get<ReadFailed>(page(cursor)).cause,
            "Attempting to read 's3://data/inv/manifest.json' failed: it was changed while its "
            "items were being read");
}

TEST_F(ItemPagesTest, InventoriesThatAreNone) {
  const auto cause = [&](const std::string& manifest) {
    place_.write_file("inv/manifest.json", manifest);
    read_file("inv/manifest.json", R"(,"manifestType":"S3_INVENTORY")");
    return items()[0];
  };
  EXPECT_THAT(cause("[1"), testing::HasSubstr("it is no inventory's manifest.json: "));
  EXPECT_THAT(cause(R"({"fileFormat":"ORC"})"),
              testing::HasSubstr("fileFormat is 'ORC'; Step Functions reads CSV inventories only"));
  EXPECT_THAT(cause(R"({"fileFormat":"CSV"})"), testing::HasSubstr("has no fileSchema"));
  EXPECT_THAT(cause(R"({"fileFormat":"CSV","fileSchema":"Key"})"),
              testing::HasSubstr("lacks destinationBucket or files"));
  EXPECT_THAT(cause(R"({"fileFormat":"CSV","fileSchema":"Key","destinationBucket":"data",
                        "files":[{}]})"),
              testing::HasSubstr("files[0] of the inventory's manifest.json has no key"));
  EXPECT_EQ(cause(R"({"fileFormat":"CSV","fileSchema":"Key","destinationBucket":"data",
                      "files":[{"key":"gone"}]})"),
            "Attempting to read 's3://data/gone' failed: The specified key does not exist.");
}

// The inventory's own copy of a file may be damaged, or of another day.
TEST_F(ItemPagesTest, InventoryWhoseFilesAreNotWhatItSays) {
  const auto first = [&](const std::string& says) {
    place_.write_file("inv/manifest.json",
                      R"({"fileFormat":"CSV","fileSchema":"n","destinationBucket":"data","files":)"
                      R"([{"key":"inv/1.csv",)" +
                          says + "}]}");
    read_file("inv/manifest.json", R"(,"manifestType":"S3_INVENTORY")");
    return items()[0];
  };
  place_.write_file("inv/1.csv", "\"hello\"\n");
  EXPECT_EQ(first(R"("size":8,"MD5checksum":"d79a2d65dd09b20e3b9cc47a3e7e0c1b")"),
            "Attempting to read 's3://data/inv/1.csv' failed: the MD5 of its bytes is "
            "77f088caf896bc2be55af5cdf8e860ae; expected 'd79a2d65dd09b20e3b9cc47a3e7e0c1b', the "
            "MD5checksum that the inventory's manifest.json says");
  EXPECT_EQ(first(R"("size":9)"),
            "Attempting to read 's3://data/inv/1.csv' failed: it has 8 bytes; expected 9, as the "
            "inventory's manifest.json says");
  EXPECT_EQ(first(R"("size":8,"MD5checksum":"77f088caf896bc2be55af5cdf8e860ae")"),
            R"({"n":"hello"})");
}

TEST_F(ItemPagesTest, FlattenedListing_SaysOfAFileWhyItIsRead) {
  place_.write_file("in/1.csv", "a\n1\n");
  place_.write_file("in/_SUCCESS.csv.gz", "not packed");
  read_with(
      R"({"source":"listObjectsV2","arguments":{"Bucket":"data","Prefix":"in/"},"inputType":"CSV",
          "transformation":"LOAD_AND_FLATTEN"})");
  EXPECT_THAT(items().back(),
              testing::AllOf(testing::HasSubstr("'s3://data/in/_SUCCESS.csv.gz' failed: it is no "
                                                "whole gzip file"),
                             testing::EndsWith("(LOAD_AND_FLATTEN reads every object below the "
                                               "Prefix 'in/' as its InputType)")));
}

TEST_F(ItemPagesTest, AthenaManifest) {
  place_.write_file("m.csv", "s3://data/x/1\r\n\"s3://data/x/2\"\n\n");
  place_.write_file("x/1", "{\"a\":1}\n");
  place_.write_file("x/2", "{\"a\":2}\n{\"a\":3}");
  read_file("m.csv", R"(,"inputType":"JSONL","manifestType":"ATHENA_DATA")");
  EXPECT_THAT(items(), testing::ElementsAre(R"({"a":1})", R"({"a":2})", R"({"a":3})"));
  place_.write_file("m.csv", "s3://data/x/1\nhello\n");
  EXPECT_EQ(items()[0],
            "Attempting to read 's3://data/m.csv' failed: line 2 of the manifest is 'hello', not "
            "the address s3://BUCKET/KEY of a file");
}

TEST(Configuration, ReaderFieldsThatAreNone) {
  const auto error = [](const std::string& more) {
    const auto parsed = maprun::parse_configuration(
        base::Text(R"({"source":"getObject","arguments":{"Bucket":"b","Key":"k"},)" + more + "}"));
    return parsed ? "" : parsed.error().message;
  };
  EXPECT_EQ(error(R"("inputType":"JSON","itemsPointer":"a")"),
            "The ItemReader's field 'ItemsPointer' must be a JSON Pointer, but it is \"a\".");
  EXPECT_EQ(error(R"("inputType":"CSV","csvHeaders":[])"),
            "The ItemReader's field 'CSVHeaders' must be a list of texts, but it is [].");
  EXPECT_EQ(error(R"("inputType":"CSV","csvHeaders":["a",1])"),
            "The ItemReader's field 'CSVHeaders' must be a list of texts, but it is [\"a\",1].");
}

}  // namespace
}  // namespace weft::s3
