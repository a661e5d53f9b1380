#include "cli/validate.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "asl/hints.h"
#include "base/brief.h"
#include "cli/definition_file.h"
#include "cli/project.h"
#include "cli/template_listing.h"
#include "integrations/registry.h"
#include "json/write.h"

namespace weft::cli {
namespace {

// Of a longer source line (a definition on one line, a big expression) only the surroundings of the
// place are shown, in so many columns.
constexpr size_t kShownColumns = 100;
constexpr size_t kShownBefore = 40;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

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

// The source line and below it a caret at `column`. Tabs stay tabs in both, so they line up; on a
// terminal they are shown as such.
std::string source_excerpt(std::string_view text, size_t number, size_t column, size_t width) {
  constexpr std::string_view kMore = "...";
  const std::string_view line = line_of(text, number);
  const size_t caret = byte_of(line, column == 0 ? 0 : column - 1);
  const auto tabs = width < terminal::kUnbounded ? terminal::Tabs::kEscaped : terminal::Tabs::kKept;
  std::string before = terminal::printable(line.substr(0, caret), tabs);
  std::string after = terminal::printable(line.substr(caret), tabs);
  const std::string margin = fmt::format("{:5} | ", number);
  const size_t room = std::min(kShownColumns, width - std::min(width, margin.size()));
  if (terminal::display_width(before) + terminal::display_width(after) > room) {
    const size_t most = std::min(kShownBefore, room / 2);
    if (terminal::display_width(before) > most)
      before = std::string(kMore).append(terminal::last_columns(before, most - kMore.size()));
    const size_t left = room - terminal::display_width(before);
    if (terminal::display_width(after) > left)
      after = std::string(terminal::first_columns(after, left - kMore.size())).append(kMore);
  }
  std::string under = std::string(margin.size() - 2, ' ') + "| ";
  for (std::string_view rest = before; !rest.empty();) {
    const size_t tab = std::min(rest.find('\t'), rest.size());
    under.append(terminal::display_width(rest.substr(0, tab)), ' ');
    if (tab < rest.size()) under += '\t';
    rest.remove_prefix(std::min(tab + 1, rest.size()));
  }
  return fmt::format("{}{}{}\n{}^\n", margin, before, after, under);
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  json::write_string(name, out);
  out += ':';
  json::write_string(value, out);
  out += ',';
}

// The sentence about a finding; of text that is no JSON without the text, which stands below.
std::string finding_text(const asl::Diagnostic& diagnostic) {
  std::string_view message = diagnostic.message;
  std::string_view place = diagnostic.location;
  if (!place.empty() && message.ends_with(place)) {
    message = message.substr(0, message.rfind("\n at "));
    place = {};
  }
  std::string text = is_error(diagnostic) ? "error: " : "warning: ";
  if (!diagnostic.code.empty()) text += diagnostic.code + ": ";
  const size_t hint = std::min(message.rfind(asl::kHintBegins), message.size());
  text += message.substr(0, hint);
  if (!place.empty()) text.append(" at ").append(place);
  text += message.substr(hint);
  return terminal::single_line(terminal::brief(text));
}

// A finding with the line it stands in; `text` is that of the file.
std::string format_finding(std::string_view file, std::string_view text,
                           const asl::Diagnostic& diagnostic, const terminal::Terminal& terminal) {
  std::string place = terminal::single_line(file);
  if (diagnostic.line != 0) place += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  const std::string sentence = place + ": " + finding_text(diagnostic);
  std::string result = terminal::wrapped(sentence, terminal.room(), 0, 4) + '\n';
  if (diagnostic.line != 0)
    result += source_excerpt(text, diagnostic.line, diagnostic.column, terminal.room());
  return result;
}

}  // namespace

bool is_error(const asl::Diagnostic& diagnostic) {
  return diagnostic.severity == asl::Diagnostic::Severity::kError;
}

std::string format_findings(std::string_view file, std::string_view text,
                            const std::vector<asl::Diagnostic>& diagnostics) {
  std::string result;
  for (const asl::Diagnostic& diagnostic : diagnostics) {
    result += format_finding(file, text, diagnostic, {});
  }
  const auto errors = static_cast<size_t>(std::ranges::count_if(diagnostics, is_error));
  result += fmt::format("{}, {}\n", terminal::counted(errors, "error"),
                        terminal::counted(diagnostics.size() - errors, "warning"));
  return result;
}

definitions::Located located(const definitions::Finding& finding) {
  const bool error = finding.severity == definitions::Finding::Severity::kError;
  return {.diagnostic = {.severity = error ? asl::Diagnostic::Severity::kError
                                           : asl::Diagnostic::Severity::kWarning,
                         .message = finding.message,
                         .line = finding.place.line,
                         .column = finding.place.column},
          .source = finding.place.source};
}

DefinitionFindings check_definition(const definitions::Definition& definition, bool express,
                                    const std::set<std::string>* functions) {
  DefinitionFindings findings;
  for (const definitions::Finding& finding : definition.findings) {
    findings.all.push_back(located(finding));
    (is_error(findings.all.back().diagnostic) ? findings.errors : findings.warnings) += 1;
  }
  if (!definition.is_readable()) return findings;
  asl::CompileOptions options{.express = express, .unavailable = integrations::why_unavailable};
  if (functions != nullptr) {
    options.function_problem = [functions](std::string_view called) {
      return function_problem(called, *functions);
    };
  }
  const asl::CompileResult result =
      asl::compile_with_hints(base::Text(definition.json->text), options);
  findings.valid = result.program != nullptr;
  if (findings.valid) findings.needs = needs_of(*result.program);
  findings.errors += result.errors;
  findings.warnings += result.warnings;
  for (definitions::Located& one : definitions::locate(definition, result.diagnostics)) {
    findings.all.push_back(std::move(one));
  }
  return findings;
}

std::string unchecked_functions_note(const Needs& needs, const std::set<std::string>& given) {
  std::vector<std::string> missing;
  std::ranges::set_difference(needs.functions, given, std::back_inserter(missing));
  if (missing.empty()) return {};
  return fmt::format(
      "note: nobody said which functions there are (--function, or weft.toml); it calls {}",
      fmt::join(missing, ", "));
}

std::string format_located(std::string_view file, const definitions::Located& finding,
                           const terminal::Terminal& terminal) {
  return format_finding(finding.source ? std::string_view(finding.source->name) : file,
                        finding.source ? std::string_view(finding.source->text) : "",
                        finding.diagnostic, terminal);
}

std::string format_definition_findings(std::string_view file, const DefinitionFindings& findings,
                                       const terminal::Terminal& terminal) {
  std::string result;
  for (const definitions::Located& finding : findings.all) {
    result += format_located(file, finding, terminal);
  }
  if (findings.is_truncated()) {
    result += fmt::format("The first {} are listed\n", findings.all.size());
  }
  return result + fmt::format("{}, {}\n", terminal::counted(findings.errors, "error"),
                              terminal::counted(findings.warnings, "warning"));
}

std::string finding_json(const asl::Diagnostic& diagnostic, std::string_view file) {
  std::string out = "{";
  add_member(out, "severity", is_error(diagnostic) ? "ERROR" : "WARNING");
  if (!diagnostic.code.empty()) {
    add_member(out, "code", diagnostic.code);
  }
  add_member(out, "message", base::brief(diagnostic.message));
  if (!diagnostic.location.empty()) {
    add_member(out, "location", diagnostic.location);
  }
  if (!file.empty()) {
    add_member(out, "file", file);
  }
  return out + fmt::format(R"("line":{},"column":{}}})", diagnostic.line, diagnostic.column);
}

std::string findings_json(const std::vector<asl::Diagnostic>& diagnostics, bool truncated) {
  std::string out = fmt::format(R"({{"result":"{}","diagnostics":[)",
                                std::ranges::any_of(diagnostics, is_error) ? "FAIL" : "OK");
  for (const asl::Diagnostic& diagnostic : diagnostics) {
    out += (out.ends_with('[') ? "" : ",") + finding_json(diagnostic, "");
  }
  return out + fmt::format(R"(],"truncated":{}}})", truncated);
}

base::Result<int> validate_command(const ValidateFlags& flags) {
  const auto text = read_definition_text(flags.file);
  if (!text) return std::unexpected(text.error());
  auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  const auto source = definitions::file_source(flags.file, *text);
  const auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  const std::set<std::string> given = function_names(*options);
  auto document = read_template_file(source, *substitutions);
  if (document) return validate_template(*document, given, flags);
  if (!flags.resource.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--resource {}: {} is no template", flags.resource, flags.file));
  }
  definitions::Definition definition =
      definitions::read_definition(source, format_of_file(flags.file, *text), *substitutions);
  for (std::string& sentence : definitions::unused_values(*substitutions, definition.names)) {
    definition.findings.push_back({definitions::Finding::Severity::kWarning,
                                   {.source = source, .line = 1, .column = 1},
                                   std::move(sentence)});
  }
  const DefinitionFindings findings =
      check_definition(definition, flags.type == "EXPRESS", given.empty() ? nullptr : &given);
  if (!flags.json) {
    fmt::print("{}",
               format_definition_findings(flags.file, findings, terminal::Terminal::of(stdout)));
    const std::string note = given.empty() ? unchecked_functions_note(findings.needs, given) : "";
    if (!note.empty()) terminal::say(stdout, note);
    return findings.valid ? 0 : 1;
  }
  std::vector<asl::Diagnostic> diagnostics;
  for (const definitions::Located& one : findings.all) diagnostics.push_back(one.diagnostic);
  terminal::print_json(findings_json(diagnostics, findings.is_truncated()));
  return findings.valid ? 0 : 1;
}

}  // namespace weft::cli
