#include "maprun/result_files.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weft::maprun {
namespace {

using history::ResultFile;
using Kind = ResultFile::Kind;

class Memory : public ResultBucket {
 public:
  base::Result<std::unique_ptr<ResultObject>> create(const std::string& key) override {
    if (key == refused) return base::fail(base::ErrorCode::kIo, "The disk is full");
    return std::make_unique<Object>(*this, key);
  }
  base::Result<void> remove(const std::string& key) override {
    objects.erase(key);
    return {};
  }
  base::Result<std::optional<uint64_t>> size_of(const std::string& key) override {
    const auto found = objects.find(key);
    return found == objects.end() ? std::nullopt : std::optional<uint64_t>(found->second.size());
  }
  std::map<std::string, std::string> objects;
  std::string refused;

 private:
  class Object : public ResultObject {
   public:
    Object(Memory& memory, std::string key) : memory_(memory), key_(std::move(key)) {}
    base::Result<void> append(std::string_view bytes) override {
      bytes_ += bytes;
      return {};
    }
    base::Result<void> finish() override {
      memory_.objects[key_] = bytes_;
      return {};
    }

   private:
    Memory& memory_;
    std::string key_;
    std::string bytes_;
  };
};

TEST(ResultFiles, AFileOfEachKindThatHasRecords) {
  Memory memory;
  ResultFiles files(memory, "p/u", false, 1'000);
  ASSERT_TRUE(files.add(Kind::kFailed, R"({"a":1})"));
  ASSERT_TRUE(files.add(Kind::kSucceeded, "1"));
  ASSERT_TRUE(files.add(Kind::kSucceeded, "2"));
  const auto done = files.finish();
  ASSERT_TRUE(done);
  const std::vector<ResultFile> expected = {{Kind::kSucceeded, "p/u/SUCCEEDED_0.json", 5, 2},
                                            {Kind::kFailed, "p/u/FAILED_0.json", 9, 1}};
  EXPECT_EQ(*done, expected);
  EXPECT_EQ(memory.objects["p/u/SUCCEEDED_0.json"], "[1,2]");
  EXPECT_EQ(memory.objects["p/u/FAILED_0.json"], R"([{"a":1}])");
  EXPECT_EQ(memory.objects.size(), 2u);
}

TEST(ResultFiles, NewFileWhereTheLimitWouldBePassed) {
  for (const bool lines : {false, true}) {
    Memory memory;
    ResultFiles files(memory, "", lines, lines ? 6 : 7);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(files.add(Kind::kSucceeded, fmt::format("{}0", i)));
    const auto done = files.finish();
    ASSERT_TRUE(done);
    ASSERT_EQ(done->size(), 3u);
    for (const ResultFile& file : *done) {
      EXPECT_LE(file.bytes, 7u);
      EXPECT_EQ(memory.objects[file.key].size(), file.bytes);
    }
    EXPECT_EQ(memory.objects[lines ? "SUCCEEDED_1.jsonl" : "SUCCEEDED_1.json"],
              lines ? "20\n30\n" : "[20,30]");
  }
}

TEST(ResultFiles, RecordLargerThanTheLimit_HasAFileOfItsOwn) {
  Memory memory;
  ResultFiles files(memory, "", false, 3);
  ASSERT_TRUE(files.add(Kind::kPending, "\"long\""));
  ASSERT_TRUE(files.add(Kind::kPending, "1"));
  ASSERT_EQ(files.finish()->size(), 2u);
}

TEST(ResultFiles, RefusedObject_IsAnError) {
  Memory memory;
  memory.refused = "f/FAILED_0.json";
  ResultFiles files(memory, "f", false, 100);
  const auto added = files.add(Kind::kFailed, "1");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "The disk is full");
}

TEST(ResultFiles, Manifest) {
  EXPECT_EQ(manifest_text("b", "arn", {}),
            R"({"DestinationBucket":"b","MapRunArn":"arn",)"
            R"("ResultFiles":{"FAILED":[],"PENDING":[],"SUCCEEDED":[]}})");
  EXPECT_EQ(
      manifest_text("b", "arn",
                    {{Kind::kSucceeded, "k0", 1, 1},
                     {Kind::kSucceeded, "k\"1", 22, 1},
                     {Kind::kFailed, "f", 3, 1}}),
      R"({"DestinationBucket":"b","MapRunArn":"arn","ResultFiles":{"FAILED":[{"Key":"f","Size":3}],)"
      R"("PENDING":[],"SUCCEEDED":[{"Key":"k0","Size":1},{"Key":"k\"1","Size":22}]}})");
}

TEST(ResultFiles, JoinedKey) {
  EXPECT_EQ(joined_key("", "u"), "u");
  EXPECT_EQ(joined_key("a", "u"), "a/u");
  EXPECT_EQ(joined_key("a/", "u"), "a/u");
}

}  // namespace
}  // namespace weft::maprun
