#include "asl/expression.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "json/utf8.h"
#include "jsonata/function_names.h"

namespace weft::asl {
namespace {

constexpr std::string_view kInvalid = "INVALID_JSONATA_EXPRESSION";
constexpr std::string_view kUnsupported = "UNSUPPORTED_JSONATA_EXPRESSION";
constexpr std::string_view kOpen = "{%";
constexpr std::string_view kClose = "%}";
constexpr std::string_view kBlanks = " \t\r\n";

// Where `$name` stands in an expression, as a whole name; npos when nowhere.
size_t place_of(std::string_view text, std::string_view name) {
  const std::string wanted = fmt::format("${}", name);
  for (size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + 1)) {
    const size_t end = at + wanted.size();
    const bool longer =
        end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                              text[end] == '_' || (text[end] & 0x80) != 0);
    if (!longer) return at;
  }
  return std::string_view::npos;
}

// Whether what stands there is called: "$f(1)", or "1 ~> $f".
bool is_call(std::string_view text, size_t at, size_t size) {
  const size_t after = text.find_first_not_of(kBlanks, at + size);
  if (after != std::string_view::npos && text[after] == '(') return true;
  const std::string_view before = text.substr(0, at);
  const size_t last = before.find_last_not_of(kBlanks);
  return last != std::string_view::npos && before.substr(0, last + 1).ends_with("~>");
}

// Calls `visit(block, at)` for the state's scope and those around it, with the state there that is
// running, until it gives true.
template <typename Visit>
bool any_scope(const StateContext& context, Visit visit) {
  StateId at = context.id;
  for (const BlockContext* block = &context.block; block != nullptr; block = block->outer) {
    if (visit(*block, at)) return true;
    at = block->compilation.program().block(block->id).enclosing_state;
  }
  return false;
}

bool may_read(const StateContext& context, std::string_view name) {
  return any_scope(context, [&](const BlockContext& block, StateId at) {
    return assigned_before(block, name, at);
  });
}

// The variables that this state may read.
std::vector<std::string_view> variables_before(const StateContext& context) {
  std::vector<std::string_view> names;
  any_scope(context, [&](const BlockContext& block, StateId at) {
    for (const auto& [name, states] : block.assigned) {
      if (assigned_before(block, name, at)) names.push_back(name);
    }
    return false;
  });
  return names;
}

// A name that is neither a function nor a variable: AWS accepts it, and the state fails, or gets
// nothing, when it runs.
void warn_of_unknown(StateContext& context, const std::string& name, std::string_view text,
                     const Path& path, size_t start) {
  Compilation& compilation = context.compilation();
  const bool eval = name == "eval";
  if ((!eval && !compilation.hints()) || may_read(context, name)) return;
  const size_t at = compilation.lists(Diagnostic::Severity::kWarning) ? place_of(text, name)
                                                                      : std::string_view::npos;
  const size_t offset = start + (at == std::string_view::npos ? 0 : at);
  const auto meant = [&](std::span<const std::string_view> known) {
    const std::string near = nearest(name, known);
    return near.empty() ? "" : "$" + near;
  };
  if (eval || (at != std::string_view::npos && is_call(text, at, name.size() + 1))) {
    compilation.error_inside(
        path, offset,
        fmt::format("The function '${}' is not available; the state will fail.", name),
        eval ? kUnsupported : "UNKNOWN_FUNCTION", Diagnostic::Severity::kWarning);
    return compilation.hint(meant(jsonata::library_function_names(jsonata::Dialect::kAws)));
  }
  compilation.error_inside(
      path, offset,
      fmt::format("The variable '${}' is not assigned by any state before this one.", name),
      "UNASSIGNED_VARIABLE", Diagnostic::Severity::kWarning);
  if (!compilation.hint_wanted()) return;
  std::vector<std::string_view> variables = variables_before(context);
  variables.emplace_back("states");
  compilation.hint(meant(variables));
}

// The definition-time rules about names (AWS page "Transforming data with JSONata"; note jsonata
// section 20).
void check_names(StateContext& context, const jsonata::Expression& expression, const Path& path,
                 size_t start, const ExpressionRules& rules) {
  Compilation& compilation = context.compilation();
  auto refuse = [&](std::string_view needle, std::string message) {
    const size_t found = compilation.lists(Diagnostic::Severity::kError)
                             ? expression.text().find(needle)
                             : std::string::npos;
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
    } else if (!name.empty() && name != "states") {
      warn_of_unknown(context, name, expression.text(), path, start);
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
    const size_t token = error.token == "(end)" ? 0 : json::utf16_length(error.token);
    const size_t units = error.position >= token ? error.position - token : error.position;
    compilation.error_inside(path, start + json::utf16_to_bytes(inner, units), error.message,
                             kInvalid);
    return result;
  }
  check_names(context, **expression, path, start, rules);
  result.expression = *std::move(expression);
  return result;
}

}  // namespace weft::asl
