#include "maprun/json_array.h"

#include <string>

#include <gtest/gtest.h>

namespace weft::maprun {
namespace {

std::vector<std::string> split_in_pieces(const std::string& text, size_t piece_bytes,
                                         size_t max_elements) {
  std::vector<std::string> all;
  size_t offset = 0;
  size_t size = piece_bytes;
  for (int guard = 0; guard < 10'000; ++guard) {
    const bool last = offset + size >= text.size();
    auto piece =
        split_array(std::string_view(text).substr(offset, size), offset == 0, last, max_elements);
    if (!piece) return {"error: " + piece.error().message};
    for (const std::string_view element : piece->elements) all.emplace_back(element);
    if (piece->end) return all;
    if (piece->consumed == 0 || piece->elements.empty())
      size *= 2;  // an element larger than the piece
    offset += offset == 0 && piece->elements.empty() ? 0 : piece->consumed;
  }
  return {"error: no end"};
}

TEST(JsonArray, AnySplitGivesTheSameElements) {
  const std::string text = R"( [1, "a,b]\"", {"x":[1,2,{"y":"}"}]} ,null , [ ], true,"é\\" ] )";
  const std::vector<std::string> whole = split_in_pieces(text, text.size(), 100);
  ASSERT_EQ(whole.size(), 7u);
  EXPECT_EQ(whole[1], R"("a,b]\"")");
  for (size_t bytes = 1; bytes < text.size(); ++bytes) {
    for (const size_t elements : {1u, 2u, 100u})
      EXPECT_EQ(split_in_pieces(text, bytes, elements), whole) << bytes;
  }
}

TEST(JsonArray, EmptyArray) { EXPECT_TRUE(split_in_pieces(" [ ] ", 100, 10).empty()); }

TEST(JsonArray, RefusesWhatIsNoArray) {
  for (const char* text : {"", "{}", "1", "[1", "[1,", "[,1]", "[1}", "[\"a]"}) {
    EXPECT_FALSE(split_array(text, true, true, 10).has_value()) << text;
  }
}

}  // namespace
}  // namespace weft::maprun
