#include <map>

#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "clock/system_clock.h"
#include "json/parse.h"
#include "jsonata/suite.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// The inputs that cases share, each read when a case first names it.
class Datasets {
 public:
  explicit Datasets(std::string folder) : folder_(std::move(folder)) {}

  json::Value get(std::string_view name) {
    const auto known = values_.find(name);
    if (known != values_.end()) return known->second;
    json::Value value;
    const std::string path = fmt::format("{}/{}.json", folder_, name);
    if (const auto text = read_file(path); !text) {
      problem_ = text.error().message;
    } else if (const auto parsed = json::parse_copy(*text, arena_); !parsed) {
      problem_ = fmt::format("{} is not JSON: {}", path, parsed.error().message);
    } else {
      value = *parsed;
    }
    return values_.emplace(name, value).first->second;
  }
  // Why an input could not be read; empty when all could.
  const std::string& problem() const { return problem_; }

 private:
  std::string folder_;
  json::Arena arena_;
  std::map<std::string, json::Value, std::less<>> values_;
  std::string problem_;
};

void print_failed(const json::Value& test_case, const std::string& detail, bool as_json) {
  const std::string_view id = test_case.find("id").as_string();
  const std::string_view expression = test_case.find("expr").as_string();
  if (!as_json) {
    fmt::print("FAILED {}\n  {}\n  {}\n", id, expression, detail);
    return;
  }
  json::Arena arena;
  fmt::print(
      "{}\n",
      aws::Answer(arena).text("id", id).text("expr", expression).text("detail", detail).to_text());
}

}  // namespace

base::Result<int> jsonata_cases(const JsonataFlags& flags) {
  if (flags.dialect == "aws")
    return fail(ErrorCode::kInvalidArgument, "--cases runs in the reference dialect only.");
  const auto text = read_file(flags.cases);
  if (!text) return std::unexpected(text.error());
  Datasets datasets(flags.datasets.empty() ? "." : flags.datasets);
  // A fixed time and seed: cases are the same every time.
  const jsonata::Environment environment{
      .now_ms = 1'700'000'000'000, .random_seed = 1, .clock = clock::steady_ms};
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
    if (!test_case || !test_case->is_object())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: line {} is no JSON object", flags.cases, line));
    const std::string_view id = test_case->find("id").as_string();
    if (id.find(flags.only) == std::string_view::npos) continue;
    const auto outcome = jsonata::run_case(
        *test_case, [&](std::string_view name) { return datasets.get(name); }, environment, arena);
    if (!datasets.problem().empty()) return fail(ErrorCode::kInvalidArgument, datasets.problem());
    ++(outcome.passed ? passed : failed);
    if (!outcome.passed) {
      print_failed(*test_case, outcome.detail, flags.json);
    } else if (!flags.failed_only) {
      fmt::print("passed {}\n", id);
    }
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace weft::cli
