#include "base/hash.h"

#include <gtest/gtest.h>

namespace weft::base {
namespace {

// The vectors of the hash's authors (draft-eastlake-fnv, appendix C).
TEST(Fnv, PublishedTexts_HaveTheirPublishedHashes) {
  EXPECT_EQ(fnv64(""), 0xCBF29CE484222325u);
  EXPECT_EQ(fnv64("a"), 0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(fnv64("foobar"), 0x85944171F73967E8u);
  EXPECT_EQ(fnv32_step(kFnv32Basis, 'a'), 0xE40C292Cu);
}

TEST(Fnv, Continued_IsTheHashOfBothTexts) {
  EXPECT_EQ(fnv64("bar", fnv64("foo")), fnv64("foobar"));
}

}  // namespace
}  // namespace weft::base
