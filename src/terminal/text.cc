#include "terminal/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/brief.h"
#include "terminal/character_width.h"

namespace weft::terminal {
namespace {

constexpr char32_t kBad = 0xFFFD;
constexpr std::string_view kReset = "\x1b[0m";

// Takes one character off `text`; malformed bytes one at a time as U+FFFD.
char32_t take_character(std::string_view& text) {
  auto lead = static_cast<uint8_t>(text[0]);
  size_t size = lead < 0x80   ? 1
                : lead < 0xC2 ? 0
                : lead < 0xE0 ? 2
                : lead < 0xF0 ? 3
                : lead < 0xF5 ? 4
                              : 0;
  char32_t value = size <= 1 ? lead : lead & (0x7Fu >> size);
  bool good = size != 0 && size <= text.size();
  for (size_t i = 1; good && i < size; ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    good = (byte & 0xC0) == 0x80;
    value = value << 6 | (byte & 0x3Fu);
  }
  good = good && !(size == 3 && value < 0x800) &&
         !(size == 4 && (value < 0x10000 || value > 0x10FFFF)) &&
         !(value >= 0xD800 && value < 0xE000);
  text.remove_prefix(good ? size : 1);
  return good ? value : kBad;
}

bool changes_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

// Tabs as blanks up to the next multiple of eight columns.
std::string without_tabs(std::string_view text) {
  constexpr size_t kTab = 8;
  std::string out;
  for (size_t column = 0; !text.empty();) {
    const size_t tab = std::min(text.find('\t'), text.size());
    out += text.substr(0, tab);
    column += display_width(text.substr(0, tab));
    text.remove_prefix(tab);
    if (text.empty()) break;
    out.append(kTab - column % kTab, ' ');
    column += kTab - column % kTab;
    text.remove_prefix(1);
  }
  return out;
}

// Bytes that can matter for `width` columns, where every byte takes at most ten.
size_t bytes_for(size_t width) { return 4 * width + 64; }

}  // namespace

std::string_view ansi_of(Style style) {
  constexpr std::string_view kCodes[] = {"",         "\x1b[1m",  "\x1b[2m",  "\x1b[32m",
                                         "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[35m"};
  return kCodes[static_cast<size_t>(style)];
}

std::string printable(std::string_view text, Tabs tabs) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view before = text;
    char32_t c = take_character(text);
    if (c == kBad) {
      out += "\xEF\xBF\xBD";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += tabs == Tabs::kKept ? "\t" : "\\t";
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
    } else if (changes_direction(c) || c == 0x2028 || c == 0x2029) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  const auto plain = [](char c) { return (c >= ' ' && c < '\x7F') || c == '\n' || c == '\t'; };
  while (!json.empty()) {
    const auto end = std::ranges::find_if_not(json, plain);
    const auto size = static_cast<size_t>(end - json.begin());
    out += json.substr(0, size);
    json.remove_prefix(size);
    if (json.empty()) break;
    const std::string_view before = json;
    const char32_t c = take_character(json);
    if (c == kBad) {
      out += "\xEF\xBF\xBD";
    } else if (c == '\r') {
      out += ' ';  // raw it is a blank between values
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || changes_direction(c) || c == 0x2028 ||
               c == 0x2029) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else {
      out += before.substr(0, before.size() - json.size());
    }
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines += printable(text.substr(0, end), Tabs::kKept) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string single_line(std::string_view text) {
  std::string joined;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) {
      joined += c;
    } else if (!joined.empty() && joined.back() != ' ') {
      joined += ' ';
    }
  }
  return printable(joined);
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += columns_of(take_character(text));
  return width;
}

std::string_view first_columns(std::string_view text, size_t width) {
  std::string_view rest = text;
  for (size_t used = 0; !rest.empty();) {
    std::string_view after = rest;
    used += columns_of(take_character(after));
    if (used > width) break;
    rest = after;
  }
  return text.substr(0, text.size() - rest.size());
}

std::string_view last_columns(std::string_view text, size_t width) {
  size_t used = display_width(text);
  while (used > width) used -= columns_of(take_character(text));
  return text;
}

std::string cut(std::string_view text, size_t width) {
  std::string clean = printable(text.substr(0, bytes_for(width)));
  if (display_width(clean) <= width) return clean;
  if (width == 0) return {};
  return std::string(first_columns(clean, width - 1)) + "…";
}

std::string glance(std::string_view payload, std::string_view whole) {
  constexpr size_t kColumns = 500;
  const std::string clean = printable(payload.substr(0, bytes_for(kColumns)));
  if (display_width(clean) <= kColumns) return clean;
  return fmt::format("{}… (all of it: {})", first_columns(clean, kColumns), whole);
}

std::string cut_middle(std::string_view text, size_t width) {
  std::string clean;
  if (text.size() <= 2 * bytes_for(width)) {
    clean = printable(text);
  } else {
    clean = printable(text.substr(0, bytes_for(width))) +
            printable(text.substr(text.size() - bytes_for(width)));
  }
  if (display_width(clean) <= width) return clean;
  if (width == 0) return {};
  const size_t first = (width - 1) / 2;
  return std::string(first_columns(clean, first))
      .append("…")
      .append(last_columns(clean, width - 1 - first));
}

std::string fit(std::string_view text, size_t width) {
  std::string out = cut(text, width);
  out.append(width - std::min(width, display_width(out)), ' ');
  return out;
}

std::string wrapped(std::string_view text, size_t width, size_t used, size_t indent) {
  constexpr size_t kRoomMin = 8;
  const size_t whole = std::max(width, indent + kRoomMin) - indent;
  const std::string spaced = without_tabs(text);
  std::string_view rest = spaced;
  std::string out;
  for (size_t room = width - std::min(width, used);;) {
    std::string_view line = first_columns(rest, room);
    if (line.size() == rest.size()) return out += rest;
    const size_t word = line.find_first_not_of(' ');
    const size_t blank = rest[line.size()] == ' ' ? line.size() : line.rfind(' ');
    if (blank != std::string_view::npos && word < blank) {
      line = line.substr(0, blank);
    } else if (room < whole) {
      line = {};  // the next line has more room
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1);
    rest.remove_prefix(line.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) return out;
    out += '\n' + std::string(indent, ' ');
    room = whole;
  }
}

std::string brief(std::string_view text) {
  constexpr size_t kWordMax = 200;
  constexpr size_t kTextMax = 2'000;
  return base::brief(text, kWordMax, kTextMax);
}

std::string excerpt(std::string_view line, size_t at, size_t size, size_t room) {
  constexpr std::string_view kMore = "…";
  at = std::min(at, line.size());
  size = std::min(size, line.size() - at);
  std::string before = printable(line.substr(0, at));
  std::string marked = printable(line.substr(at, size));
  std::string after = printable(line.substr(at + size));
  // Most of the room is for what follows: there it goes wrong.
  const size_t ahead = room / 3;
  if (display_width(before) > ahead && display_width(line) > room)
    before = std::string(kMore).append(last_columns(before, ahead - 1));
  const size_t left = room - std::min(room, display_width(before));
  if (display_width(marked) > left) {
    marked = std::string(first_columns(marked, left - std::min<size_t>(left, 1))).append(kMore);
    after.clear();
  }
  const size_t rest = left - std::min(left, display_width(marked));
  if (display_width(after) > rest)
    after = std::string(first_columns(after, rest - std::min<size_t>(rest, 1))).append(kMore);
  return fmt::format("  {}{}{}\n  {}{}\n", before, marked, after,
                     std::string(display_width(before), ' '),
                     repeated("^", std::max<size_t>(display_width(marked), 1)));
}

std::string lines(std::string_view text, size_t width, size_t used, size_t indent) {
  std::string out;
  while (true) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (end < text.size() && line.ends_with('\r')) line.remove_suffix(1);
    out += wrapped(printable(line, Tabs::kKept), width, used, indent);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (text.empty()) return out;
    (out += '\n').append(indent, ' ');
    used = indent;
  }
}

std::string percent(double share) {
  return share > 0 && share < 0.001 ? "<0.1 %" : fmt::format("{:.1f} %", 100 * share);
}

namespace {

// Where flags begin in a command line, at the blanks before them: what is in quotes holds none.
std::vector<size_t> flags_of(std::string_view command) {
  std::vector<size_t> flags;
  bool quoted = false;
  for (size_t i = 0; i < command.size(); ++i) {
    if (command[i] == '\'') {
      quoted = !quoted;
    } else if (command[i] == '\\' && !quoted) {
      ++i;
    } else if (i > 0 && !quoted && command.substr(i).starts_with(" --")) {
      flags.push_back(i);
    }
  }
  return flags;
}

}  // namespace

std::string command_lines(std::string_view command, size_t width, size_t used) {
  std::string out;
  std::string rest = printable(command);
  while (used + display_width(rest) > width) {
    const std::vector<size_t> flags = flags_of(rest);
    if (flags.empty()) break;
    // The last flag that leaves room for the backslash, else the first.
    size_t flag = flags.front();
    for (const size_t next : flags) {
      if (used + display_width(rest.substr(0, next)) + 2 <= width) flag = next;
    }
    out += rest.substr(0, flag) + " \\\n   ";
    rest.erase(0, flag);
    used = 3;
  }
  return out + rest;
}

std::string rate_text(double per_second) {
  if (per_second <= 0) return "";
  if (per_second < 10) return fmt::format("{:.1f}/s", per_second);
  return grouped(static_cast<uint64_t>(per_second + 0.5)) + "/s";
}

std::string repeated(std::string_view text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

void Painter::put(Style style, std::string_view text) {
  if (text.empty()) return;
  if (color_ && style != current_) {
    if (current_ != Style::kPlain) out_ += kReset;
    out_ += ansi_of(style);
    current_ = style;
  }
  out_ += text;
}

void Painter::end_line() {
  while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  if (current_ != Style::kPlain) out_ += kReset;
  current_ = Style::kPlain;
  out_ += '\n';
}

}  // namespace weft::terminal
