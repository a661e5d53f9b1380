#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "json/exact.h"
#include "json/utf8.h"
#include "jsonpath/explain.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/state_path.h"
#include "terminal/text.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// What a flag holds: `@FILE`, the name of a file, or JSON.
base::Result<json::Value> read_document(std::string_view flag, const std::string& value,
                                        json::Arena& arena) {
  if (value.empty()) return json::Value::null();
  const auto named = [&](std::string_view sentence) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", flag, sentence));
  };
  std::error_code error;
  const bool marked = value.starts_with('@');
  const bool in_file = marked || value == "-" || std::filesystem::exists(value, error);
  std::string text = value;
  if (in_file) {
    auto bytes = read_file(marked ? value.substr(1) : value);
    if (!bytes) return named(bytes.error().message);
    text = std::move(*bytes);
  }
  auto parsed = json::parse_exact(arena.copy(text), arena);
  if (parsed) return *parsed;
  if (in_file) return named(fmt::format("{} is not JSON: {}", value, parsed.error().message));
  return named(fmt::format("'{}' is neither the name of a file nor JSON: {}", value,
                           parsed.error().message));
}

// What the paths of the command line see beside the document.
class FileScope : public jsonpath::Scope {
 public:
  FileScope(json::Value context, json::Value variables)
      : context_(context), variables_(variables) {}
  json::Value context() override { return context_; }
  json::Value variable(std::string_view name) override { return variables_.find(name); }
  uint64_t random_bits() override { return (uint64_t{device_()} << 32) | device_(); }

 private:
  json::Value context_;
  json::Value variables_;
  std::random_device device_;
};

struct Failure {
  std::string error;
  std::string message;
  std::optional<size_t> position;  // of a path that is none
  std::optional<jsonpath::Explanation> why{};
  std::string note{};  // a sentence more
};

int report(const JsonpathFlags& flags, const Failure& failure) {
  const auto& why = failure.why;
  if (flags.json) {
    json::Arena arena;
    aws::Answer answer(arena);
    if (!failure.error.empty()) answer.text("error", failure.error);
    answer.text("message", failure.message);
    if (failure.position) answer.number("position", static_cast<int64_t>(*failure.position));
    if (why) {
      answer.text("reached", why->reached)
          .number("nodes", static_cast<int64_t>(why->nodes))
          .text("node", why->node)
          .text("step", why->step);
    }
    answer.text_if("note", failure.note);
    terminal::print_json(answer.to_text());
    return 1;
  }
  terminal::say(stderr, fmt::format("weft: {}{}", failure.error.empty() ? "" : failure.error + ": ",
                                    failure.message));
  if (failure.position) {
    const size_t room = terminal::Terminal::of(stderr).prose_room() - 2;
    fmt::print(stderr, "{}", terminal::excerpt(flags.path, *failure.position, 1, room));
  }
  if (why) {
    fmt::print(
        stderr, "  {} finds {}; {} finds nothing there.\n", terminal::printable(why->reached),
        terminal::printable(why->nodes > 1
                                ? fmt::format("{} nodes, the first {}", why->nodes, why->node)
                                : why->node),
        terminal::printable(why->step));
  }
  if (!failure.note.empty()) terminal::say(stderr, "  " + failure.note);
  return 1;
}

// What helps with text that is no path.
std::string note_of_refused(const JsonpathFlags& flags) {
  if (flags.path.starts_with('$')) return {};
  return "A path begins with $, $$ (the context object) or $name (a variable). Put it in single "
         "quotes: in double quotes a shell puts something else in the place of them.";
}

// What the failure of a path does not say: that it asks for what was not given, or that a field of
// another kind takes it.
std::string note_of(const JsonpathFlags& flags, const jsonpath::StatePath& path,
                    const json::Value& document, FileScope& scope, json::Arena& arena) {
  using Root = jsonpath::StatePath::Root;
  if (path.root() == Root::kContext && flags.context.empty())
    return "$$ is the context object: give one with --context FILE.";
  if (path.root() == Root::kVariable && flags.variables.empty())
    return fmt::format("${} is a variable: give an object of variables with --variables FILE.",
                       path.variable());
  const auto value = path.evaluate(document, scope, arena, jsonpath::OutOfRange::kNull);
  if (!value) return {};
  return fmt::format(
      "In a payload template (\"name.$\") an index outside of its array is no "
      "failure: this gives {} there. Every other field fails.",
      json::to_exact_text(*value));
}

void print_value(const JsonpathFlags& flags, const json::Value& value) {
  std::string out;
  if (flags.json) {
    json::write_exact(value, out);
  } else {
    json::write_exact_pretty(value, out);
  }
  terminal::print_json(out);
}

int run_intrinsic(const JsonpathFlags& flags, const json::Value& document, FileScope& scope,
                  json::Arena& arena) {
  const auto call = jsonpath::Intrinsic::compile(flags.path);
  if (!call)
    return report(flags, {.message = call.error().message, .position = call.error().position});
  const auto value = call->evaluate(document, scope, arena);
  if (!value) return report(flags, {.error = value.error().error, .message = value.error().cause});
  print_value(flags, *value);
  return 0;
}

int run_path(const JsonpathFlags& flags, const json::Value& document, FileScope& scope,
             json::Arena& arena) {
  const auto path = jsonpath::StatePath::compile(flags.path);
  if (!path)
    return report(flags, {.message = path.error().message,
                          .position = path.error().position,
                          .note = note_of_refused(flags)});
  const auto value = path->evaluate(document, scope, arena);
  const bool nothing = value && !path->is_definite() && value->size() == 0;
  if (value && !nothing) {
    print_value(flags, *value);
    return 0;
  }
  const bool absent = nothing || value.error().is_absence();
  const json::Value root = path->root() == jsonpath::StatePath::Root::kContext ? scope.context()
                           : path->root() == jsonpath::StatePath::Root::kVariable
                               ? scope.variable(path->variable())
                               : document;
  std::optional<jsonpath::Explanation> why;
  if (absent && !root.is_null()) why = jsonpath::explain(path->path(), root);
  if (!nothing) {
    std::string note = note_of(flags, *path, document, scope, arena);
    return report(
        flags, {.message = value.error().message, .why = std::move(why), .note = std::move(note)});
  }
  // The value is an empty array, which is no error.
  print_value(flags, *value);
  if (!flags.json) report(flags, {.message = "the path finds nothing", .why = std::move(why)});
  return 0;
}

}  // namespace

base::Result<int> jsonpath_command(const JsonpathFlags& flags) {
  if (flags.path.empty()) return fail(ErrorCode::kInvalidArgument, "Give a path, or --cases.");
  if (!json::is_utf8(flags.path))
    return fail(ErrorCode::kInvalidArgument, "The path is not UTF-8.");
  json::Arena arena;
  const auto document = read_document("--input", flags.input, arena);
  if (!document) return std::unexpected(document.error());
  const auto context = read_document("--context", flags.context, arena);
  if (!context) return std::unexpected(context.error());
  const auto variables = read_document("--variables", flags.variables, arena);
  if (!variables) return std::unexpected(variables.error());
  FileScope scope(*context, *variables);
  return jsonpath::looks_like_intrinsic(flags.path) ? run_intrinsic(flags, *document, scope, arena)
                                                    : run_path(flags, *document, scope, arena);
}

}  // namespace weft::cli
