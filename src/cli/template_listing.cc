#include "cli/template_listing.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/answer.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {
namespace {

using definitions::Finding;
using definitions::Place;
using definitions::TemplateFunction;
using definitions::TemplateMachine;

struct CheckedMachine {
  const TemplateMachine* machine;
  DefinitionFindings findings;  // valid: false when there is no definition
};

// What `weft run` stops at: functions that the state machine calls and that cannot run here, unless
// they are `given` otherwise.
void note_what_cannot_run(const TemplateFile& file, const std::set<std::string>& given,
                          CheckedMachine& checked) {
  for (const TemplateFunction& function : file.content.functions) {
    const bool called = checked.findings.needs.functions.contains(function.name);
    if (!function.problem || !called || given.contains(function.name)) continue;
    checked.findings.all.push_back(located(Finding{
        Finding::Severity::kError, place_of(checked.machine->origin),
        fmt::format("weft run does not start '{}': it calls the function '{}', which cannot "
                    "run here ({})",
                    checked.machine->resource, function.resource, function.problem->message)}));
    ++checked.findings.errors;
    checked.findings.valid = false;
  }
}

std::string_view type_of(const TemplateMachine& machine) {
  return machine.express ? "EXPRESS" : "STANDARD";
}

std::string where(const Place& place) {
  return fmt::format("{}:{}:{}", place.source ? place.source->name : "", place.line, place.column);
}

std::string machine_text(const CheckedMachine& checked) {
  const TemplateMachine& machine = *checked.machine;
  std::string out =
      fmt::format("{}: {}, state machine '{}' ({}), {}\n", where(place_of(machine.origin)),
                  machine.resource, machine.name, type_of(machine),
                  !machine.definition               ? "whose definition cannot be had"
                  : machine.definition_file.empty() ? "defined in the template"
                                                    : "defined in " + machine.definition_file);
  for (const auto& [name, value] : machine.substitutions)
    out += fmt::format("    ${{{}}} = {}\n", name, value);
  for (const definitions::Located& finding : checked.findings.all)
    out += format_located(where(place_of(machine.origin)), finding);
  return out;
}

std::string function_text(const TemplateFunction& function) {
  const std::string code = !function.inline_code.empty() ? "code in the template" : function.code;
  return fmt::format("{}: {}, function '{}': {} {} {}{}\n", where(place_of(function.origin)),
                     function.resource, function.name,
                     function.runtime.empty() ? "no runtime" : function.runtime,
                     code.empty() ? "no code" : code, function.handler,
                     function.problem ? " (cannot run here)" : "");
}

std::string others_text(const TemplateFile& file) {
  std::map<std::string, std::vector<std::string>> by_type;
  for (const definitions::OtherResource& other : file.content.others)
    by_type[other.type].push_back(
        fmt::format("{} (line {})", other.resource, place_of(other.origin).line));
  std::string out;
  for (const auto& [type, names] : by_type)
    out += fmt::format("not made here: {}: {}\n", type, fmt::join(names, ", "));
  return out;
}

std::string listing_text(const TemplateFile& file, const std::vector<CheckedMachine>& machines) {
  std::string out;
  size_t valid = 0;
  size_t errors = 0;
  size_t warnings = 0;
  for (const CheckedMachine& checked : machines) {
    out += machine_text(checked);
    valid += checked.findings.valid ? 1 : 0;
    errors += checked.findings.errors;
    warnings += checked.findings.warnings;
  }
  for (const TemplateFunction& function : file.content.functions) out += function_text(function);
  for (const definitions::TemplateBucket& bucket : file.content.buckets)
    out += fmt::format("{}: {}, bucket '{}'\n", where(place_of(bucket.origin)), bucket.resource,
                       bucket.name);
  for (const definitions::TemplateActivity& activity : file.content.activities)
    out += fmt::format("{}: {}, activity '{}'\n", where(place_of(activity.origin)),
                       activity.resource, activity.name);
  out += others_text(file);
  for (const Finding& finding : file.content.findings) {
    out += format_located(file.source->name, located(finding));
    (finding.severity == Finding::Severity::kError ? errors : warnings) += 1;
  }
  return out + fmt::format(
                   "state machines: {}, valid: {}; functions: {}; buckets: {}; activities: {}; "
                   "errors: {}, warnings: {}\n",
                   machines.size(), valid, file.content.functions.size(),
                   file.content.buckets.size(), file.content.activities.size(), errors, warnings);
}

// The same for programs.
class Listing {
 public:
  Listing(const TemplateFile& file, const std::vector<CheckedMachine>& machines)
      : file_(file), machines_(machines) {}

  std::string text(bool valid) {
    json::ArrayBuilder machines(arena_);
    for (const CheckedMachine& checked : machines_) machines.push(machine(checked));
    json::ArrayBuilder functions(arena_);
    for (const TemplateFunction& one : file_.content.functions) functions.push(function(one));
    json::ArrayBuilder buckets(arena_);
    for (const definitions::TemplateBucket& bucket : file_.content.buckets) {
      aws::Answer answer(arena_);
      answer.text("resource", bucket.resource).text("name", bucket.name);
      buckets.push(placed(answer, place_of(bucket.origin)).finish());
    }
    json::ArrayBuilder activities(arena_);
    for (const definitions::TemplateActivity& activity : file_.content.activities) {
      aws::Answer answer(arena_);
      answer.text("resource", activity.resource).text("name", activity.name);
      activities.push(placed(answer, place_of(activity.origin)).finish());
    }
    json::ArrayBuilder others(arena_);
    for (const definitions::OtherResource& other : file_.content.others) {
      aws::Answer answer(arena_);
      answer.text("resource", other.resource).text("type", other.type);
      others.push(placed(answer, place_of(other.origin)).finish());
    }
    json::ArrayBuilder findings(arena_);
    for (const Finding& one : file_.content.findings) findings.push(finding(located(one)));
    aws::Answer answer(arena_);
    answer.text("template", file_.source->name).text("result", valid ? "OK" : "FAIL");
    answer.value("stateMachines", machines.finish()).value("functions", functions.finish());
    answer.value("buckets", buckets.finish()).value("activities", activities.finish());
    answer.value("otherResources", others.finish());
    return answer.value("findings", findings.finish()).to_text();
  }

 private:
  static aws::Answer& placed(aws::Answer& answer, const Place& place) {
    return answer.number("line", static_cast<int64_t>(place.line))
        .number("column", static_cast<int64_t>(place.column));
  }

  json::Value parsed(const std::string& text) {
    auto value = json::parse_copy(text, arena_);
    return value ? *value : json::Value::null();
  }

  json::Value finding(const definitions::Located& one) {
    return parsed(finding_json(one.diagnostic, one.source ? one.source->name : ""));
  }

  json::Value values(const std::map<std::string, std::string>& all) {
    aws::Answer answer(arena_);
    for (const auto& [name, value] : all) answer.text(name, value);
    return answer.finish();
  }

  json::Value machine(const CheckedMachine& checked) {
    const TemplateMachine& machine = *checked.machine;
    json::ArrayBuilder findings(arena_);
    for (const definitions::Located& one : checked.findings.all) findings.push(finding(one));
    aws::Answer answer(arena_);
    answer.text("resource", machine.resource).text("name", machine.name);
    answer.text("type", type_of(machine)).text_if("definitionFile", machine.definition_file);
    placed(answer, place_of(machine.origin)).value("substitutions", values(machine.substitutions));
    if (machine.definition) answer.text("definition", machine.definition->json->text);
    answer.text("result", checked.findings.valid ? "OK" : "FAIL");
    return answer.value("diagnostics", findings.finish()).finish();
  }

  json::Value function(const TemplateFunction& function) {
    aws::Answer answer(arena_);
    answer.text("resource", function.resource).text("name", function.name);
    answer.text("runtime", function.runtime).text("handler", function.handler);
    answer.text_if("code", function.code).text_if("inlineCode", function.inline_code);
    answer.number("timeoutSeconds", function.timeout_ms.value_or(3'000) / 1000);
    answer.number("memory", function.memory_mb.value_or(128));
    placed(answer, place_of(function.origin)).value("environment", values(function.environment));
    answer.flag("runs", !function.problem.has_value());
    return answer.text_if("problem", function.problem ? function.problem->message : "").finish();
  }

  const TemplateFile& file_;
  const std::vector<CheckedMachine>& machines_;
  json::Arena arena_;
};

}  // namespace

base::Result<int> validate_template(const TemplateFile& file, std::set<std::string> given,
                                    const ValidateFlags& flags) {
  const bool told = !given.empty() || !file.content.functions.empty();
  const std::set<std::string> by_flags = given;
  for (const TemplateFunction& function : file.content.functions) given.insert(function.name);
  std::vector<CheckedMachine> machines;
  for (const TemplateMachine& machine : file.content.machines) {
    if (!flags.resource.empty() && machine.resource != flags.resource) continue;
    machines.push_back({&machine, machine.definition
                                      ? check_definition(*machine.definition, machine.express,
                                                         told ? &given : nullptr)
                                      : DefinitionFindings{}});
    note_what_cannot_run(file, by_flags, machines.back());
  }
  if (machines.empty() && !flags.resource.empty()) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("--resource {}: the template has no such state machine", flags.resource));
  }
  const bool valid =
      std::ranges::all_of(machines, [](const CheckedMachine& one) { return one.findings.valid; }) &&
      std::ranges::none_of(file.content.findings, [](const Finding& finding) {
        return finding.severity == Finding::Severity::kError;
      });
  if (flags.json) {
    terminal::print_json(Listing(file, machines).text(valid));
    return valid ? 0 : 1;
  }
  Needs needs;
  for (CheckedMachine& one : machines) needs.functions.merge(one.findings.needs.functions);
  const std::string note = told ? "" : unchecked_functions_note(needs, given);
  std::istringstream lines(listing_text(file, machines) + note);
  const size_t room = terminal::Terminal::of(stdout).room();
  for (std::string line; std::getline(lines, line);) {
    const std::string shown = terminal::printable(line, terminal::Tabs::kKept);
    fmt::print("{}\n", room < terminal::kUnbounded ? terminal::wrapped(shown, room, 0, 4) : shown);
  }
  return valid ? 0 : 1;
}

}  // namespace weft::cli
