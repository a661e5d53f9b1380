#include "trace/log_level.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "trace/runtime_line.h"

namespace weft::trace {
namespace {

using base::is_letter;
using base::is_upper;

// Where a level stands in a line when it says one.
constexpr size_t kWordsWithin = 120;
constexpr size_t kMembersWithin = 2'000;

constexpr std::array<std::pair<std::string_view, LogLevel>, 13> kLevelNames = {{
    {"trace", LogLevel::kTrace},
    {"debug", LogLevel::kDebug},
    {"info", LogLevel::kInfo},
    {"information", LogLevel::kInfo},
    {"notice", LogLevel::kInfo},
    {"warn", LogLevel::kWarn},
    {"warning", LogLevel::kWarn},
    {"err", LogLevel::kError},
    {"error", LogLevel::kError},
    {"severe", LogLevel::kError},
    {"fatal", LogLevel::kFatal},
    {"critical", LogLevel::kFatal},
    {"panic", LogLevel::kFatal},
}};

constexpr std::array<std::string_view, 4> kMembers = {"\"level\"", "\"severity\"", "\"levelname\"",
                                                      "\"log.level\""};

// The value of a member whose name ends at `at`; "" when it is no string.
std::string_view string_behind(std::string_view text, size_t at) {
  at = text.find_first_not_of(" \t", at);
  if (at == std::string_view::npos || text[at] != ':') return {};
  at = text.find_first_not_of(" \t", at + 1);
  if (at == std::string_view::npos || text[at] != '"') return {};
  const size_t end = text.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view() : text.substr(at + 1, end - at - 1);
}

LogLevel level_of_members(std::string_view text) {
  text = text.substr(0, kMembersWithin);
  for (const std::string_view member : kMembers) {
    const size_t at = text.find(member);
    if (at == std::string_view::npos) continue;
    if (const auto level = parse_log_level(string_behind(text, at + member.size()))) return *level;
  }
  // What runtimes print of a call that failed.
  const bool failure = text.contains("\"errorType\"") && text.contains("\"errorMessage\"");
  return failure ? LogLevel::kError : LogLevel::kUnknown;
}

// What Lambda itself writes of a call that it ended.
bool is_platform_error(std::string_view text) {
  text = text.substr(0, kWordsWithin);
  return text.contains(" Task timed out after ") ||
         (text.starts_with("RequestId: ") && text.contains(" Error: "));
}

// A level in capitals, as a word of its own.
LogLevel level_of_words(std::string_view text) {
  text = text.substr(0, kWordsWithin);
  for (size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    at = end;
    if (!std::ranges::all_of(word, is_upper)) continue;
    // The level of that name is a member's value (.NET); in a text it is a word.
    if (word == "INFORMATION") continue;
    if (const auto level = parse_log_level(word)) return *level;
  }
  return LogLevel::kUnknown;
}

// Of "Level 35", as Python's logging calls a level without a name: that of the next lower name.
std::optional<LogLevel> numbered_level(std::string_view text) {
  constexpr std::string_view kBefore = "Level ";
  if (!text.starts_with(kBefore)) return std::nullopt;
  text.remove_prefix(kBefore.size());
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  constexpr std::array kLevels = {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo,
                                  LogLevel::kWarn,  LogLevel::kError, LogLevel::kFatal};
  return kLevels[static_cast<size_t>(std::clamp(number / 10, 0, 5))];
}

}  // namespace

std::string_view to_string(LogLevel level) {
  constexpr std::array<std::string_view, 7> kShown = {"",     "TRACE", "DEBUG", "INFO",
                                                      "WARN", "ERROR", "FATAL"};
  return kShown[static_cast<size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const auto& [name, level] : kLevelNames) {
    const bool same = std::ranges::equal(text, name, [](char a, char b) {
      return (is_upper(a) ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
    if (same) return level;
  }
  return numbered_level(text);
}

LogLevel level_of(const LogLine& line) {
  if (!line.severity.empty()) {
    // "ERROR", but also "ERROR2", as OpenTelemetry numbers them.
    std::string_view name = line.severity;
    while (!name.empty() && name.back() >= '0' && name.back() <= '9') name.remove_suffix(1);
    return parse_log_level(name).value_or(LogLevel::kUnknown);
  }
  if (const auto logged = parse_runtime_line(line.text)) return logged->level;
  if (is_platform_error(line.text)) return LogLevel::kError;
  return line.text.starts_with('{') ? level_of_members(line.text) : level_of_words(line.text);
}

LogLevel LogLevels::next(const LogLine& line) {
  const std::string_view text = line.text;
  const bool goes_on = line.severity.empty() && line.request_id == call_ &&
                       line.source == source_ &&
                       (text.starts_with(' ') || text.starts_with('\t') ||
                        text.starts_with("Traceback (most recent call last)"));
  if (!goes_on) {
    last_ = level_of(line);
    call_ = line.request_id;
    source_ = line.source;
  }
  return last_;
}

}  // namespace weft::trace
