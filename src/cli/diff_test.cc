#include "cli/diff.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

TEST(Diff, EqualTexts_GiveNothing) { EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n", "f", {}), ""); }

TEST(Diff, Changes_ComeWithThreeLinesOfContext) {
  EXPECT_EQ(
      unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n", "f", {}),
      "--- f\n+++ f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+more\n 6\n 7\n 8\n");
}

TEST(Diff, DistantChanges_AreHunksOfTheirOwn) {
  EXPECT_EQ(
      unified_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n", "f", {}),
      "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

TEST(Diff, InsertionsAndRemovalsAtTheEnds) {
  EXPECT_EQ(unified_diff("", "x\n", "f", {}), "--- f\n+++ f\n@@ -1,0 +1,1 @@\n+x\n");
  EXPECT_EQ(unified_diff("x\ny\n", "y\n", "f", {}), "--- f\n+++ f\n@@ -1,2 +1,1 @@\n-x\n y\n");
}

}  // namespace
}  // namespace weft::cli
