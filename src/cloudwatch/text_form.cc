#include "cloudwatch/text_form.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cloudwatch/csv.h"

namespace weft::cloudwatch {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(kSpaces);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpaces) - start + 1);
}

}  // namespace

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kSpaces) == std::string_view::npos;
}

bool looks_like_base64(std::string_view text) {
  constexpr size_t kShortest = 16;
  const auto belongs = [](char c) {
    return base::is_letter_or_digit(c) || c == '+' || c == '/' || c == '=';
  };
  return text.size() >= kShortest && std::ranges::all_of(text, belongs);
}

size_t object_length(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return 0;
}

bool opens_block(std::string_view line) {
  return (line.starts_with('{') || line.starts_with('[')) && trimmed(line).size() == 1;
}

Block block_of(std::string_view text) {
  size_t at = std::min(first_line(text).size() + 1, text.size());
  while (at < text.size()) {
    const std::string_view line = first_line(text.substr(at));
    if (line.starts_with('}') || line.starts_with(']')) return {text.substr(0, at + 1), true};
    if (!is_blank(line) && !line.starts_with(' ') && !line.starts_with('\t')) break;
    at = std::min(at + line.size() + 1, text.size());
  }
  return {text.substr(0, at), false};
}

std::string_view message_of_printed_line(std::string_view line) {
  line = trimmed(line);
  for (const std::string_view name : {"\"message\": \"", "\"@message\": \"", "\"value\": \""}) {
    if (!line.starts_with(name) || line.find('{') == std::string_view::npos) continue;
    line.remove_prefix(name.size() - 1);
    if (line.ends_with(',')) line.remove_suffix(1);
    return line;
  }
  return {};
}

bool introduces_block(std::string_view line, std::string_view rest) {
  constexpr char kEscape = '\x1B';  // colours
  const bool begins = !line.empty() && ((line[0] >= '0' && line[0] <= '9') || line[0] == kEscape);
  return begins && line.find('{') == std::string_view::npos && opens_block(first_line(rest));
}

CsvHeader csv_header(std::string_view text) {
  constexpr size_t kLongest = 4'096;
  const std::string_view line = first_line(text);
  if (line.size() > kLongest || line.find('{') != std::string_view::npos) return {};
  CsvHeader header;
  CsvRows(line).next(header.columns);
  bool known = false;
  for (size_t i = 0; i < header.columns.size(); ++i) {
    const std::string& column = header.columns[i];
    if (column == "message" || column == "@message") header.message = i;
    known |= column == "message" || column == "timestamp" || column.starts_with('@');
  }
  return known ? header : CsvHeader();
}

std::string why_no_text(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return "it is UTF-16 text, as PowerShell's > writes it: save it as UTF-8";
  }
  if (bytes.starts_with("PK\x03\x04")) return "it is a ZIP archive: unpack it";
  constexpr size_t kBegin = 1'024;
  if (bytes.substr(0, kBegin).find('\0') != std::string_view::npos) {
    return "it is neither text nor gzip";
  }
  return {};
}

std::string quoted_begin(std::string_view text) {
  constexpr size_t kShown = 40;
  text = trimmed(text);
  if (text.size() <= kShown) return fmt::format("'{}'", text);
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8
  return fmt::format("'{}...'", text.substr(0, end));
}

}  // namespace weft::cloudwatch
