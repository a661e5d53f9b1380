#include "cli/validate.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "integrations/registry.h"
#include "json/write.h"

namespace weft::cli {
namespace {

// Of a longer source line (a definition on one line, a big expression) only the surroundings of the
// place are shown.
constexpr size_t kShownCharacters = 100;
constexpr size_t kShownBefore = 40;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_error(const asl::Diagnostic& diagnostic) {
  return diagnostic.severity == asl::Diagnostic::Severity::kError;
}

std::string_view line_of(std::string_view text, size_t number) {
  size_t start = 0;
  for (size_t line = 1; line < number; ++line) {
    const size_t end = text.find('\n', start);
    if (end == std::string_view::npos) {
      return {};
    }
    start = end + 1;
  }
  std::string_view line = text.substr(start, text.find('\n', start) - start);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

// Byte offset of character number `characters` of `line`.
size_t byte_of(std::string_view line, size_t characters) {
  size_t byte = 0;
  for (size_t seen = 0; byte < line.size(); ++byte) {
    if (!is_continuation(line[byte]) && seen++ == characters) {
      break;
    }
  }
  return byte;
}

// The source line and below it a caret at `column`. Tabs stay tabs in both, so they line up.
std::string source_excerpt(std::string_view text, size_t number, size_t column) {
  std::string_view line = line_of(text, number);
  const size_t caret = column == 0 ? 0 : column - 1;
  const size_t length =
      static_cast<size_t>(std::ranges::count_if(line, [](char c) { return !is_continuation(c); }));
  size_t first = 0;
  if (length > kShownCharacters) {
    first = caret > kShownBefore ? caret - kShownBefore : 0;
  }
  std::string_view shown = line.substr(byte_of(line, first));
  const bool cut = first + kShownCharacters < length;
  if (cut) {
    shown = shown.substr(0, byte_of(shown, kShownCharacters));
  }
  const std::string margin = fmt::format("{:5}", number);
  std::string result = fmt::format("{} | {}{}{}\n{:5} | {}", margin, first > 0 ? "..." : "", shown,
                                   cut ? "..." : "", "", first > 0 ? "   " : "");
  std::string_view before = shown.substr(0, byte_of(shown, caret - first));
  for (char c : before) {
    if (!is_continuation(c)) {
      result += c == '\t' ? '\t' : ' ';
    }
  }
  return result + "^\n";
}

std::string count_of(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::optional<std::string> read_all(const std::string& file) {
  std::ostringstream out;
  if (file == "-") {
    out << std::cin.rdbuf();
    return out.str();
  }
  std::ifstream in(file, std::ios::binary);
  if (!in || !(out << in.rdbuf())) {
    // An empty file reads as no characters, which is no failure.
    return in.is_open() && in.peek() == std::ifstream::traits_type::eof()
               ? std::optional<std::string>("")
               : std::nullopt;
  }
  return out.str();
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  json::write_string(name, out);
  out += ':';
  json::write_string(value, out);
  out += ',';
}

}  // namespace

std::string format_findings(std::string_view file, std::string_view text,
                            const std::vector<asl::Diagnostic>& diagnostics) {
  std::string result;
  for (const asl::Diagnostic& diagnostic : diagnostics) {
    result += file;
    if (diagnostic.line != 0) {
      result += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
    }
    result += fmt::format(": {}: {}: {}", is_error(diagnostic) ? "error" : "warning",
                          diagnostic.code, diagnostic.message);
    if (!diagnostic.location.empty() && !diagnostic.message.ends_with(diagnostic.location)) {
      result += " at " + diagnostic.location;
    }
    result += '\n';
    if (diagnostic.line != 0) {
      result += source_excerpt(text, diagnostic.line, diagnostic.column);
    }
  }
  const auto errors = static_cast<size_t>(std::ranges::count_if(diagnostics, is_error));
  result += fmt::format("{}, {}\n", count_of(errors, "error"),
                        count_of(diagnostics.size() - errors, "warning"));
  return result;
}

std::string findings_json(const std::vector<asl::Diagnostic>& diagnostics) {
  std::string out = fmt::format(R"({{"result":"{}","diagnostics":[)",
                                std::ranges::any_of(diagnostics, is_error) ? "FAIL" : "OK");
  for (const asl::Diagnostic& diagnostic : diagnostics) {
    out += out.ends_with('[') ? "{" : ",{";
    add_member(out, "severity", is_error(diagnostic) ? "ERROR" : "WARNING");
    add_member(out, "code", diagnostic.code);
    add_member(out, "message", diagnostic.message);
    if (!diagnostic.location.empty()) {
      add_member(out, "location", diagnostic.location);
    }
    out += fmt::format(R"("line":{},"column":{}}})", diagnostic.line, diagnostic.column);
  }
  return out + R"(],"truncated":false})";
}

int validate_command(const std::string& file, bool json) {
  std::optional<std::string> text = read_all(file);
  if (!text) {
    fmt::print(stderr, "weft validate: cannot read '{}'\n", file);
    return 1;
  }
  asl::CompileResult result =
      asl::compile(base::Text(*text), {.unavailable = integrations::why_unavailable});
  fmt::print("{}", json ? findings_json(result.diagnostics) + "\n"
                        : format_findings(file, *text, result.diagnostics));
  return result.program ? 0 : 1;
}

}  // namespace weft::cli
