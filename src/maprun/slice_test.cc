#include "maprun/slice.h"

#include <gtest/gtest.h>

namespace weft::maprun {
namespace {

Slice sample() {
  Slice slice;
  slice.first_index = 4'000;
  slice.children = {{base::Text("{\"a\":1}"), 1}, {base::Text("[]"), 3}};
  slice.carry = {base::Text("\"left\"")};
  slice.cursor = "token";
  slice.items_read = 4'005;
  slice.last = true;
  return slice;
}

TEST(Slice, RoundTrip) {
  const auto decoded = decode_slice(encode_slice(sample()));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->first_index, 4'000u);
  ASSERT_EQ(decoded->children.size(), 2u);
  EXPECT_EQ(decoded->children[0].input.view(), "{\"a\":1}");
  EXPECT_EQ(decoded->children[1].items, 3u);
  ASSERT_EQ(decoded->carry.size(), 1u);
  EXPECT_EQ(decoded->carry[0].view(), "\"left\"");
  EXPECT_EQ(decoded->cursor, "token");
  EXPECT_EQ(decoded->items_read, 4'005u);
  EXPECT_TRUE(decoded->last);
}

TEST(Slice, DamagedBytes_AreAnError) {
  const std::string bytes = encode_slice(sample());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_slice(bytes.substr(0, size)).has_value());
  EXPECT_FALSE(decode_slice("not zstd at all").has_value());
}

}  // namespace
}  // namespace weft::maprun
