// The JSONata conformance suite against the engine: prints `N of M pass` and fails when a case
// outside known_failures.txt fails.
#include "jsonata/suite.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace weft::jsonata {
namespace {

std::filesystem::path suite_folder() {
  const char* shared = std::getenv("WEFT_SHARED");
  if (shared != nullptr) return std::filesystem::path(shared) / "data/jsonata-suite";
  return std::filesystem::path(WEFT_SOURCE_DIR) / "../shared/data/jsonata-suite";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> known_failures() {
  std::set<std::string> ids;
  std::ifstream in(std::filesystem::path(WEFT_SOURCE_DIR) / "tests/jsonata/known_failures.txt");
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') ids.insert(line);
  }
  return ids;
}

int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The inputs shared by cases, parsed once each.
class Datasets {
 public:
  explicit Datasets(std::filesystem::path folder) : folder_(std::move(folder)) {}
  json::Value get(std::string_view name) {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    const auto parsed =
        json::parse_copy(read_file(folder_ / (std::string(name) + ".json")), arena_);
    EXPECT_TRUE(parsed) << name;
    const json::Value value = parsed ? *parsed : json::Value();
    values_.emplace(name, value);
    return value;
  }

 private:
  std::filesystem::path folder_;
  json::Arena arena_;
  std::map<std::string, json::Value, std::less<>> values_;
};

TEST(Suite, VisibleCases_AllButTheKnownFailuresPass) {
  const std::filesystem::path folder = suite_folder();
  if (!std::filesystem::exists(folder / "cases.jsonl")) {
    GTEST_SKIP() << "no suite at " << folder
                 << ": set WEFT_SHARED to the folder that holds data/jsonata-suite";
  }
  Datasets datasets(folder / "datasets");
  const std::set<std::string> known = known_failures();
  const char* only = std::getenv("WEFT_SUITE_ONLY");
  Environment environment;
  environment.now_ms = 1'700'000'000'000;
  environment.clock = steady_ms;
  std::ifstream cases(folder / "cases.jsonl");
  size_t total = 0;
  size_t passed = 0;
  for (std::string line; std::getline(cases, line);) {
    json::Arena arena;
    const auto test_case = json::parse(line, arena);
    ASSERT_TRUE(test_case) << test_case.error().message;
    const std::string id(test_case->find("id").as_string());
    if (only != nullptr && id.find(only) == std::string::npos) continue;
    ++total;
    const CaseOutcome outcome = run_case(
        *test_case, [&](std::string_view name) { return datasets.get(name); }, environment, arena);
    if (outcome.passed) {
      ++passed;
      EXPECT_FALSE(known.contains(id)) << id << " passes now: take it out of known_failures.txt";
    } else {
      EXPECT_TRUE(known.contains(id))
          << id << "\n  " << test_case->find("expr").as_string() << "\n  " << outcome.detail;
    }
  }
  std::cout << passed << " of " << total << " pass\n";
}

}  // namespace
}  // namespace weft::jsonata
