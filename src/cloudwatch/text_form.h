#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What a text that is no JSON document looks like: which lines belong together, and how to name
// what nobody can read.

namespace weft::cloudwatch {

// `text` up to its first newline.
std::string_view first_line(std::string_view text);

bool is_blank(std::string_view text);

bool looks_like_base64(std::string_view text);

// Length of the JSON object that `text` begins with, by its braces; 0 when it does not end.
size_t object_length(std::string_view text);

// JSON printed over several lines: the first is "{" or "[" alone, the last begins with the other
// bracket, those between are indented or blank.
bool opens_block(std::string_view line);
struct Block {
  std::string_view text;  // up to the closing bracket, else up to what cannot belong to it
  bool closed = false;
};
// The one that `text` begins with.
Block block_of(std::string_view text);

// The JSON text of a message on a line of a block, `"message": TEXT` or, of a query's results,
// `"value": TEXT`; "" on other lines.
std::string_view message_of_printed_line(std::string_view line);

// Whether `line` is what `aws logs tail --format json` prints before a block: the time and the
// stream.
bool introduces_block(std::string_view line, std::string_view rest);

// The column with log events of CSV text as CloudWatch exports it; npos in `message` when no
// column is called so. `columns` is empty when the text is no such CSV.
struct CsvHeader {
  std::vector<std::string> columns;
  size_t message = std::string_view::npos;
};
CsvHeader csv_header(std::string_view text);

// Why bytes that are no text cannot be read; "" for text.
std::string why_no_text(std::string_view bytes);

// The begin of `text` in quotes, for messages.
std::string quoted_begin(std::string_view text);

}  // namespace weft::cloudwatch
