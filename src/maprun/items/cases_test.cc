#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/data_cases.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/items/decoder.h"

// The cases of tests/maprun/items.json: a file's text, how it is read, and the items or the error
// that come of it. Each is decoded as a whole, and byte by byte with a new decoder for every item.

namespace weft::maprun::items {
namespace {

struct Decoded {
  std::vector<base::Text> items;
  std::string error;
};

Decoded decode_whole(const Format& format, std::string_view text) {
  Decoded read;
  const auto decoded =
      make_decoder(format)->decode({.text = text, .last = true}, SIZE_MAX / 2, read.items);
  if (!decoded) {
    read.error = decoded.error().message;
  } else if (!decoded->end) {
    read.error = "the decoder did not come to an end";
  }
  return read;
}

Decoded decode_in_pieces(const Format& format, std::string_view text) {
  Decoded read;
  size_t offset = 0;
  size_t seen = 0;
  auto decoder = make_decoder(format);
  for (;;) {
    const size_t before = read.items.size();
    auto decoded = decoder->decode(
        {.text = text.substr(offset, seen - offset), .offset = offset, .last = seen == text.size()},
        1, read.items);
    if (!decoded) {
      read.error = decoded.error().message;
      return read;
    }
    offset += decoded->consumed;
    if (decoded->end) return read;
    const bool more = read.items.size() > before;
    if (more) {
      decoder = make_decoder(format, decoder->state());
    } else if (seen++ == text.size()) {
      read.error = "the decoder did not come to an end";
      return read;
    }
  }
}

Format format_of(json::Value test) {
  Format format;
  const std::string_view type = test.find("type").as_string();
  if (type == "CSV") format.type = Format::Type::kCsv;
  if (type == "JSONL") format.type = Format::Type::kJsonLines;
  if (const json::Value delimiter = test.find("delimiter"); delimiter.is_string())
    format.delimiter = delimiter.as_string()[0];
  const json::Value headers = test.find("headers");
  format.header_in_first_row = headers.is_undefined();
  for (uint32_t i = 0; i < headers.size(); ++i)
    format.csv_header.emplace_back(headers.item(i).as_string());
  format.pointer = test.find("pointer").as_string();
  return format;
}

// U+0001 and "xNN" in a case's text stand for a byte that JSON cannot hold.
std::string bytes_of(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\x01x") {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

void expect(const Decoded& read, json::Value test, const std::string& how) {
  const json::Value error = test.find("error");
  if (error.is_string()) {
    EXPECT_EQ(read.error, error.as_string()) << how;
    return;
  }
  EXPECT_EQ(read.error, "") << how;
  const json::Value items = test.find("items");
  ASSERT_EQ(read.items.size(), items.size()) << how;
  for (uint32_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(read.items[i].view(), items.item(i).as_string()) << how << ", item " << i;
  }
}

void run(const std::string& text) {
  json::Arena arena;
  const auto test = json::parse(text, arena);
  ASSERT_TRUE(test);
  const Format format = format_of(*test);
  const std::string file = bytes_of(test->find("text").as_string());
  expect(decode_whole(format, file), *test, "as a whole");
  expect(decode_in_pieces(format, file), *test, "byte by byte");
}

const bool kRegistered = [] {
  std::ifstream in(WEFT_SOURCE_DIR "/tests/maprun/items.json");
  std::ostringstream text;
  text << in.rdbuf();
  const std::string whole = text.str();
  json::Arena arena;
  const auto cases = json::parse(whole, arena);
  if (!cases) {
    base::register_case("Items", "file", [error = cases.error().message] { FAIL() << error; });
    return false;
  }
  for (uint32_t i = 0; i < cases->size(); ++i) {
    const json::Value test = cases->item(i);
    base::register_case("Items", test.find("name").as_string(),
                        [one = json::to_text(test)] { run(one); });
  }
  return true;
}();

}  // namespace
}  // namespace weft::maprun::items
