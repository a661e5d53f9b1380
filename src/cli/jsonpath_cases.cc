#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "json/parse.h"
#include "jsonpath/cases.h"

namespace weft::cli {
namespace {

void print_failed_path(const json::Value& test_case, const std::string& detail, bool as_json) {
  const std::string_view id = test_case.find("id").as_string();
  const std::string_view path = test_case.find("path").as_string();
  if (!as_json) {
    fmt::print("FAILED {}\n  {}\n  {}\n", id, path, detail);
    return;
  }
  json::Arena arena;
  fmt::print("{}\n",
             aws::Answer(arena).text("id", id).text("path", path).text("detail", detail).to_text());
}

}  // namespace

base::Result<int> jsonpath_cases(const JsonpathFlags& flags) {
  const auto text = read_file(flags.cases);
  if (!text) return std::unexpected(text.error());
  size_t passed = 0;
  size_t failed = 0;
  json::Arena arena;
  for (size_t at = 0, line = 1; at < text->size(); ++line) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view json_text = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    if (json_text.empty()) continue;
    arena.reset();
    const auto test_case = json::parse(json_text, arena);
    if (!test_case || !test_case->is_object()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("{}: line {} is no JSON object", flags.cases, line));
    }
    const auto outcome = jsonpath::run_case(*test_case, arena);
    ++(outcome.passed ? passed : failed);
    if (!outcome.passed) {
      print_failed_path(*test_case, outcome.detail, flags.json);
    } else if (!flags.failed_only) {
      fmt::print("passed {}\n", test_case->find("id").as_string());
    }
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace weft::cli
