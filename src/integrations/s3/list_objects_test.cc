#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "integrations/s3/bucket_directory.h"
#include "integrations/s3/temporary_bucket.h"

namespace weft::s3 {
namespace {

std::vector<std::string> keys_of(const ListResult& listed) {
  std::vector<std::string> out;
  for (const auto& object : listed.objects) out.push_back(object.key);
  return out;
}

using Keys = std::vector<std::string>;

TEST(ListObjects, Order_IsThatOfWholeKeys) {
  TemporaryBucket bucket;
  for (const char* key :
       {"a/b", "a.txt", "a-1", "a0", "b/a/c", "b/a.c", "ä", "z", "A", "a/b.c", "b!"})
    bucket.write_file(key, "1");
  EXPECT_EQ(keys_of(*bucket->list({})),
            (Keys{"A", "a-1", "a.txt", "a/b", "a/b.c", "a0", "b!", "b/a.c", "b/a/c", "z", "ä"}));
}

TEST(ListObjects, Delimiter_GroupsFolders) {
  TemporaryBucket bucket;
  for (const char* key : {"a/1", "a/2", "a.txt", "b/c/d", "z"}) bucket.write_file(key, "1");
  std::filesystem::create_directories(bucket.path() / "empty/deep");
  auto listed = bucket->list({.delimiter = "/"});
  EXPECT_EQ(keys_of(*listed), (Keys{"a.txt", "z"}));
  EXPECT_EQ(listed->common_prefixes, (Keys{"a/", "b/"}));
  listed = bucket->list({.prefix = "b/", .delimiter = "/"});
  EXPECT_EQ(listed->common_prefixes, (Keys{"b/c/"}));
  // Without the slash the folder itself is the answer, as `aws s3 ls s3://bucket/a` shows it.
  listed = bucket->list({.prefix = "a", .delimiter = "/"});
  EXPECT_EQ(keys_of(*listed), (Keys{"a.txt"}));
  EXPECT_EQ(listed->common_prefixes, (Keys{"a/"}));
}

TEST(ListObjects, MaxKeys_CountsObjectsAndPrefixes) {
  TemporaryBucket bucket;
  for (const char* key : {"a/1", "b", "c/1", "d"}) bucket.write_file(key, "1");
  auto listed = bucket->list({.delimiter = "/", .max_keys = 3});
  EXPECT_TRUE(listed->truncated);
  EXPECT_EQ(listed->last, "c/");
  listed =
      bucket->list({.delimiter = "/", .after = "c/", .after_hides_prefix = true, .max_keys = 3});
  EXPECT_FALSE(listed->truncated);
  EXPECT_EQ(keys_of(*listed), (Keys{"d"}));
  EXPECT_TRUE(listed->common_prefixes.empty());
  EXPECT_FALSE(bucket->list({.max_keys = 4})->truncated);
  EXPECT_FALSE(bucket->list({.max_keys = 0})->truncated);
}

TEST(ListObjects, StartAfterInsideAFolder_StillShowsItsPrefix) {
  TemporaryBucket bucket;
  for (const char* key : {"a/1", "a/2", "b"}) bucket.write_file(key, "1");
  EXPECT_EQ(bucket->list({.delimiter = "/", .after = "a/1"})->common_prefixes, (Keys{"a/"}));
  EXPECT_TRUE(bucket->list({.delimiter = "/", .after = "a/2"})->common_prefixes.empty());
}

// What S3 would answer, computed the plain way.
ListResult expected(const std::set<std::string>& keys, const ListQuery& query) {
  ListResult out;
  for (const std::string& key : keys) {
    if (!key.starts_with(query.prefix) || key <= query.after) continue;
    size_t found = query.delimiter.empty() ? std::string::npos
                                           : key.find(query.delimiter, query.prefix.size());
    std::string group =
        found == std::string::npos ? "" : key.substr(0, found + query.delimiter.size());
    if (!group.empty() && query.after_hides_prefix && group <= query.after) continue;
    if (!group.empty() && !out.common_prefixes.empty() && out.common_prefixes.back() == group)
      continue;
    if (out.objects.size() + out.common_prefixes.size() == query.max_keys) {
      out.truncated = true;
      break;
    }
    out.last = group.empty() ? key : group;
    if (group.empty()) {
      ObjectInfo info;
      info.key = key;
      out.objects.push_back(info);
    } else {
      out.common_prefixes.push_back(group);
    }
  }
  return out;
}

TEST(ListObjects, RandomBucketsAndQueries_EqualThePlainComputation) {
  std::mt19937 random(7);
  const Keys names = {"a", "b", "a.b", "a-b", "ab", "!", "~", "é", "0"};
  for (int round = 0; round < 30; ++round) {
    TemporaryBucket bucket;
    std::set<std::string> keys;
    for (int i = 0; i < 25; ++i) {
      std::string key = names[random() % names.size()];
      for (unsigned depth = random() % 3; depth > 0; --depth)
        key += "/" + names[random() % names.size()];
      if (random() % 8 == 0) key += "/";
      if (bucket->put(key, "").has_value()) keys.insert(key);
    }
    std::vector<std::string> bounds(keys.begin(), keys.end());
    for (int i = 0; i < 100; ++i) {
      ListQuery query;
      auto piece = [&] {
        std::string key = bounds[random() % bounds.size()];
        return key.substr(0, random() % (key.size() + 1));
      };
      if (random() % 2 == 0) query.prefix = piece();
      if (random() % 2 == 0)
        query.after = random() % 2 == 0 ? piece() : bounds[random() % bounds.size()];
      query.after_hides_prefix = random() % 2 == 0;
      if (random() % 3 != 0) query.delimiter = random() % 4 == 0 ? "b" : "/";
      query.max_keys = 1 + random() % 12;
      auto got = bucket->list(query);
      auto want = expected(keys, query);
      ASSERT_EQ(keys_of(*got), keys_of(want))
          << query.prefix << " | " << query.after << " | " << query.delimiter;
      ASSERT_EQ(got->common_prefixes, want.common_prefixes) << query.prefix << " | " << query.after;
      ASSERT_EQ(got->truncated, want.truncated);
      ASSERT_EQ(got->last, want.last);
    }
  }
}

}  // namespace
}  // namespace weft::s3
