#include <chrono>
#include <random>

#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "clock/system_clock.h"
#include "json/parse.h"
#include "json/utf8.h"
#include "json/write.h"
#include "jsonata/expression.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// The bytes of an expression that an error speaks of.
struct Place {
  size_t start = 0;
  size_t size = 0;  // 0: the end of the text
};

// The last `token` before `position`, where the reader of the expression stood; the character there
// when the token is not written so.
Place place_of(std::string_view text, size_t position, std::string_view token) {
  const size_t end = json::utf16_to_bytes(text, position);
  if (token == "(end)") return {end, 0};
  if (!token.empty() && token.size() <= end) {
    const size_t start = text.rfind(token, end - token.size());
    if (start != std::string_view::npos) return {start, token.size()};
  }
  size_t start = end - std::min<size_t>(end, 1);
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return {start, end - start};
}

// The line of the expression the error is in, with carets under what it speaks of.
std::string pointed(std::string_view text, size_t position, std::string_view token,
                    const terminal::Terminal& terminal) {
  const auto [start, size] = place_of(text, position, token);
  const size_t newline = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
  const size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(line_start, text.find('\n', line_start) - line_start);
  return terminal::excerpt(line, start - line_start, size, terminal.prose_room() - 2);
}

struct Failure {
  std::string code;
  std::string message;
  size_t position = 0;
  std::string token;
};

int report(const JsonataFlags& flags, const Failure& failure) {
  if (flags.json) {
    json::Arena arena;
    terminal::print_json(aws::Answer(arena)
                             .text("code", failure.code)
                             .text("message", failure.message)
                             .number("position", static_cast<int64_t>(failure.position))
                             .text("token", failure.token)
                             .to_text());
    return 1;
  }
  const terminal::Terminal terminal = terminal::Terminal::of(stderr);
  terminal::say(stderr, fmt::format("weft: {}{}", failure.code.empty() ? "" : failure.code + ": ",
                                    failure.message));
  if (failure.position > 0)
    fmt::print(stderr, "{}", pointed(flags.expression, failure.position, failure.token, terminal));
  return 1;
}

base::Result<json::Value> read_json(const std::string& path, json::Arena& arena) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  auto parsed = json::parse_copy(*text, arena);
  if (!parsed)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not JSON: {}", path, parsed.error().message));
  return *parsed;
}

// The variables of the file `path`; none for "".
base::Result<std::vector<jsonata::Binding>> read_bindings(const std::string& path,
                                                          json::Arena& arena) {
  std::vector<jsonata::Binding> bindings;
  if (path.empty()) return bindings;
  const auto variables = read_json(path, arena);
  if (!variables) return std::unexpected(variables.error());
  if (!variables->is_object())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} must hold an object: variable to value", path));
  for (size_t i = 0; i < variables->size(); ++i)
    bindings.push_back({variables->key(i), variables->member(i)});
  return bindings;
}

}  // namespace

base::Result<int> jsonata_command(const JsonataFlags& flags) {
  if (flags.expression.empty())
    return fail(ErrorCode::kInvalidArgument, "Give an expression, or --cases, or --bench.");
  if (!json::is_utf8(flags.expression))
    return fail(ErrorCode::kInvalidArgument, "The expression is not UTF-8.");
  const auto dialect =
      flags.dialect == "reference" ? jsonata::Dialect::kReference : jsonata::Dialect::kAws;
  const auto expression = jsonata::Expression::compile(flags.expression, dialect);
  if (!expression) {
    return report(flags, {expression.error().code, expression.error().message,
                          expression.error().position, expression.error().token});
  }
  json::Arena arena;
  json::Value input;
  if (!flags.input.empty()) {
    const auto read = read_json(flags.input, arena);
    if (!read) return std::unexpected(read.error());
    input = *read;
  }
  const auto bindings = read_bindings(flags.bindings, arena);
  if (!bindings) return std::unexpected(bindings.error());
  const jsonata::Environment environment{
      .now_ms = clock::unix_ms(), .random_seed = std::random_device()(), .clock = clock::steady_ms};
  jsonata::Budget budget;
  budget.wall = std::chrono::seconds(flags.timeout_seconds);
  if (dialect == jsonata::Dialect::kReference) {
    budget.depth = 0;
    budget.value_bytes = 0;
  }
  const auto value = jsonata::evaluate(**expression, input, *bindings, arena, environment, budget);
  if (!value)
    return report(flags, {value.error().code, value.error().message, value.error().position,
                          value.error().token});
  std::string out;
  if (flags.json) {
    json::write(*value, out);
  } else {
    json::write_pretty(*value, out);
  }
  if (value->is_undefined()) {
    fmt::print(stderr, "The expression yields nothing.\n");
  } else {
    terminal::print_json(out);
  }
  return 0;
}

}  // namespace weft::cli
