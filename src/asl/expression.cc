#include "asl/expression.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::asl {
namespace {

constexpr std::string_view kInvalid = "INVALID_JSONATA_EXPRESSION";
constexpr std::string_view kUnsupported = "UNSUPPORTED_JSONATA_EXPRESSION";
constexpr std::string_view kOpen = "{%";
constexpr std::string_view kClose = "%}";
constexpr std::string_view kBlanks = " \t\r\n";

// Bytes of `text` before its UTF-16 unit number `units`.
size_t utf16_to_bytes(std::string_view text, size_t units) {
  size_t byte = 0;
  for (size_t unit = 0; byte < text.size() && unit < units;) {
    const auto lead = static_cast<unsigned char>(text[byte]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    byte += length;
    unit += length == 4 ? 2 : 1;
  }
  return std::min(byte, text.size());
}

size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// The definition-time rules about names (AWS page "Transforming data with JSONata"; note jsonata
// section 20).
void check_names(StateContext& context, const jsonata::Expression& expression, const Path& path,
                 size_t start, const ExpressionRules& rules) {
  Compilation& compilation = context.compilation();
  auto refuse = [&](std::string_view needle, std::string message) {
    const size_t found = expression.text().find(needle);
    compilation.error_inside(path, start + (found == std::string::npos ? 0 : found),
                             std::move(message), kUnsupported);
  };
  for (const std::string& name : expression.top_level_names()) {
    refuse(name, fmt::format("Reference to '{}' at the top level is not supported.", name));
  }
  for (const std::string& name : expression.free_variables()) {
    if (name == "$") {
      refuse("$$", "Reference to '$$' is not supported.");
    } else if (name.empty() && expression.top_level_names().empty()) {
      refuse("$", "Reference to '$' at the top level is not supported.");
    } else if (name == "eval") {
      // AWS accepts the definition and fails the state.
      const size_t found = std::min(expression.text().find("$eval"), expression.text().size());
      compilation.error_inside(path, start + found,
                               "The function '$eval' is not available; the state will fail.",
                               kUnsupported, Diagnostic::Severity::kWarning);
    }
  }
  // `$states` as a whole is legal everywhere: it then lacks the members that are not there.
  if (expression.reads_states_member("")) {
    return;
  }
  if (!rules.result && expression.reads_states_member("result")) {
    refuse("$states.result", "Field '$states.result' does not exist.");
  }
  if (!rules.error_output && expression.reads_states_member("errorOutput")) {
    refuse("$states.errorOutput", "Field '$states.errorOutput' does not exist.");
  }
}

}  // namespace

bool looks_like_expression(std::string_view text) {
  return text.starts_with(kOpen) || text.ends_with(kClose);
}

JsonataQuery::Node compile_expression(StateContext& context, std::string_view text,
                                      const Path& path, const std::string& field,
                                      const ExpressionRules& rules) {
  JsonataQuery::Node result{.kind = JsonataQuery::Node::Kind::kExpression, .field = field};
  Compilation& compilation = context.compilation();
  if (!text.starts_with(kOpen) || !text.ends_with(kClose) || text.size() < 4) {
    compilation.error(path, "A JSONata expression must start with '{%' and end with '%}'",
                      kInvalid);
    return result;
  }
  std::string_view inner = text.substr(2, text.size() - 4);
  const size_t blanks = std::min(inner.find_first_not_of(kBlanks), inner.size());
  inner.remove_prefix(blanks);
  inner = inner.substr(0, inner.find_last_not_of(kBlanks) + 1);
  const size_t start = kOpen.size() + blanks;
  result.source = std::string(inner);
  auto expression = jsonata::Expression::compile(inner, jsonata::Dialect::kAws);
  if (!expression) {
    const jsonata::CompileError& error = expression.error();
    // Positions stand after the token; a finding points at the token. "(end)" is a token without
    // characters.
    const size_t token = error.token == "(end)" ? 0 : utf16_length(error.token);
    const size_t units = error.position >= token ? error.position - token : error.position;
    compilation.error_inside(path, start + utf16_to_bytes(inner, units), error.message, kInvalid);
    return result;
  }
  check_names(context, **expression, path, start, rules);
  result.expression = *std::move(expression);
  return result;
}

}  // namespace weft::asl
