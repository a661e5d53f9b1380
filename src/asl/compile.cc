#include "asl/compile.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/hints.h"
#include "base/limits.h"
#include "json/parse.h"

namespace weft::asl {
namespace {

// The parser AWS uses quotes at most so many characters of the text.
constexpr size_t kQuotedSourceMax = 500;

CompileResult refuse(std::string_view code, std::string message) {
  CompileResult result{.errors = 1};
  result.diagnostics.push_back({.code = std::string(code), .message = std::move(message)});
  return result;
}

// The bare word at the start of `text`.
std::string_view leading_word(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && ((text[size] | 0x20) >= 'a' && (text[size] | 0x20) <= 'z')) {
    ++size;
  }
  return text.substr(0, size);
}

CompileResult refuse_syntax(std::string_view text, const json::ParseError& error) {
  std::string_view word = leading_word(text.substr(std::min(error.offset, text.size())));
  std::string message = error.message;
  size_t column = error.column;
  if (!word.empty()) {
    message = fmt::format(
        "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false')",
        word);
    column += word.size();
  }
  std::string quoted = fmt::format("\"{}\"", text.substr(0, kQuotedSourceMax));
  if (text.size() > kQuotedSourceMax) {
    quoted += fmt::format("[truncated {} chars]", text.size() - kQuotedSourceMax);
  }
  Diagnostic diagnostic{.code = "INVALID_JSON_DESCRIPTION"};
  diagnostic.location =
      fmt::format("[Source: (String){}; line: {}, column: {}]", quoted, error.line, column);
  diagnostic.message = fmt::format("{}\n at {}", message, diagnostic.location);
  diagnostic.line = error.line;
  diagnostic.column = error.column;
  CompileResult result{.errors = 1};
  result.diagnostics.push_back(std::move(diagnostic));
  return result;
}

void compile_machine(Compilation& compilation, const json::Value& machine) {
  const Path root;
  Program& program = compilation.program();
  constexpr std::array<std::string_view, 6> kAllowed = {
      "Comment", "QueryLanguage", "StartAt", "States", "Version", "TimeoutSeconds"};
  check_members(compilation, machine, root, kAllowed);
  if (!machine.find("Comment").is_undefined() && machine.find("Comment").is_string()) {
    program.comment = machine.find("Comment").as_string();
  }
  json::Value language = machine.find("QueryLanguage");
  read_choice(compilation, machine, root, "QueryLanguage", {"JSONPath", "JSONata"});
  if (!language.is_undefined() && language.as_string() != "JSONPath") {
    program.language = QueryLanguage::kJsonata;
  }
  read_choice(compilation, machine, root, "Version", {"1.0"});
  program.timeout_seconds =
      read_integer(compilation, machine, root, "TimeoutSeconds", 1, kSecondsMax - 1);
  compile_block(compilation, machine, root, kNoState, nullptr, compilation.options().express, 0);
}

CompileResult compile_text(base::Text definition, const CompileOptions& options, bool hints) {
  const std::string_view text = definition.view();
  if (text.size() > base::kDefinitionBytesMax) {
    return refuse(kSchemaValidationFailed,
                  fmt::format("Definition has {} bytes, more than the limit of {}", text.size(),
                              base::kDefinitionBytesMax));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return refuse(kSchemaValidationFailed, "Definition must be a valid JSON object");
  }
  auto arena = std::make_unique<json::Arena>();
  auto machine = json::parse_located(text, *arena);
  if (!machine) {
    return refuse_syntax(text, machine.error());
  }
  if (!machine->is_object()) {
    return refuse(kSchemaValidationFailed, "Definition must be a valid JSON object");
  }
  Compilation compilation(definition, options, hints);
  compilation.program().arena = std::move(arena);
  compile_machine(compilation, *machine);
  CompileResult result;
  result.diagnostics = compilation.take_diagnostics();
  result.errors = compilation.errors();
  result.warnings = compilation.warnings();
  if (result.errors == 0) result.program = compilation.take_program();
  return result;
}

}  // namespace

CompileResult compile(base::Text definition, const CompileOptions& options) {
  return compile_text(std::move(definition), options, false);
}

CompileResult compile_with_hints(base::Text definition, const CompileOptions& options) {
  return compile_text(std::move(definition), options, true);
}

base::Error invalid_definition(const std::vector<Diagnostic>& diagnostics) {
  std::string findings;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Diagnostic::Severity::kError) {
      continue;
    }
    findings +=
        fmt::format("{}{}: {}", findings.empty() ? "" : ", ", diagnostic.code, diagnostic.message);
    // A syntax error's message ends with its place already.
    if (!diagnostic.location.empty() && !diagnostic.message.ends_with(diagnostic.location)) {
      findings += " at " + diagnostic.location;
    }
  }
  return {base::ErrorCode::kInvalidDefinition,
          fmt::format("Invalid State Machine Definition: '{}'", findings)};
}

}  // namespace weft::asl
